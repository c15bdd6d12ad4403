/*
 * Sends and receives many datagrams in one system call. Datagrams keep their boundaries: none
 * is split, merged or silently truncated, and an empty one is a datagram like any other.
 */
#ifndef NET_MMSG_H
#define NET_MMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/endpoint.h"

/* Most datagrams that one call receives. */
#define MMSG_MAX 64

struct packet {
	char *data;      /* storage of the caller */
	size_t room;     /* size of data, for receiving */
	size_t len;      /* bytes of the datagram in data */
	bool truncated;  /* received: the datagram was longer than room */
	size_t true_len; /* received: its length, also when truncated */
	unsigned opcode; /* of a message of WebSocket; 0: as the stream sends */
	bool end;        /* received: the end of the connection, see mmsg_enable_end() */
	/* received: the sender; sending: the destination, len 0 on a connected socket */
	struct sockname name;
	/* local address: received: the destination, see mmsg_enable_pktinfo(); sending: the
	 * source, len 0: the kernel chooses. Without a port. */
	struct sockname local;
};

/* Makes mmsg_recv() report the local address of each datagram (ip(7): IP_PKTINFO; RFC 3542:
 * IPV6_RECVPKTINFO). Otherwise a socket bound to all addresses may answer from another address
 * than the one that was asked. Does nothing for sockets other than IP. */
void mmsg_enable_pktinfo(int fd);

/* Makes ICMP errors failures of mmsg_recv() and mmsg_send() on an unconnected socket, as on a
 * connected one (ip(7): IP_RECVERR). Returns false, and does nothing, for sockets other than IP. */
bool mmsg_enable_errors(int fd);

/* Only where mmsg_enable_errors() returned true, since a unix socket takes MSG_ERRQUEUE for an
 * ordinary receive. Reads the next queued ICMP error: returns its errno and sets *ret_name to the destination of
 * the datagram; returns 0 when the queue is empty. After a failure, read until 0: a queued
 * error keeps the descriptor in an error state. A send that failed because of one can be
 * repeated. */
int mmsg_next_error(int fd, struct sockname *ret_name);

/* Receives up to n datagrams, at most MMSG_MAX, without waiting. Returns their number (>= 1),
 * SYS_AGAIN when there is none, or -1. An ICMP error for a sent datagram (ECONNREFUSED,
 * EHOSTUNREACH) also returns -1 with its errno in e->number, and leaves the socket usable. On
 * SOCK_SEQPACKET the end of the connection looks like empty datagrams with packet.end set. */
int mmsg_recv(int fd, struct packet *packets, unsigned n, struct error *e);

/* Makes packet.end distinguish the end of a SOCK_SEQPACKET connection from an empty record:
 * only records get a time stamp from the kernel (SO_TIMESTAMP, socket(7)). On other sockets
 * packet.end means nothing. */
void mmsg_enable_end(int fd);

/* Sends the first of n datagrams, as many as one call accepts, without waiting. Returns their
 * number (>= 1), SYS_AGAIN when there is no room, or -1 with "send: REASON" for the first one
 * ("sendto ADDRESS: REASON" when it has a name). Runs of equal size are sent as one message
 * (UDP_SEGMENT, udp(7)) and arrive as separate datagrams. */
int mmsg_send(int fd, const struct packet *packets, unsigned n, struct error *e);

/* Returns the number of datagrams that the kernel dropped for lack of room since the socket was
 * created (SO_MEMINFO, socket(7)); 0 when the kernel does not report it. */
uint32_t mmsg_dropped(int fd);

#endif

/*
 * Many datagrams in one system call. Each keeps its limits: none is split,
 * merged or cut in silence, and one without a byte is a datagram like any other.
 */
#ifndef NET_MMSG_H
#define NET_MMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/endpoint.h"

/* Datagrams that one call receives at most. */
#define MMSG_MAX 64

struct packet {
	char *data;           /* the caller's */
	size_t room;          /* bytes at data, for receiving */
	size_t len;           /* bytes of the datagram at data */
	bool truncated;       /* received: it was longer than room */
	size_t true_len;      /* received: its length, where it was cut too */
	bool end;             /* received, see mmsg_enable_end(): no record, but the end */
	struct sockname name; /* who sent it; sending: to whom, len 0 on a connected socket */
	struct sockname here; /* to which address of ours, see mmsg_enable_pktinfo();
			       * sending: from which; len 0: the kernel's choice. No port. */
};

/* From now on mmsg_recv says to which of our addresses a datagram came: a socket of
 * all addresses (ip(7): IP_PKTINFO, RFC 3542: IPV6_RECVPKTINFO) otherwise answers
 * from another than the one that was asked. Does nothing for other sockets. */
void mmsg_enable_pktinfo(int fd);

/* From now on an answer of the network to what an unconnected socket has sent is a failure of
 * mmsg_recv and mmsg_send, as it is on a connected one (ip(7): IP_RECVERR). Does nothing for
 * other sockets than those of IP. */
void mmsg_enable_errors(int fd);

/* The next of those answers: its errno, and to whom the datagram went; 0 where there is none.
 * After a failure they have to be read to the last: while one is queued the descriptor counts
 * as failed. What was to be sent when it failed may be sent again, if there was one. */
int mmsg_next_error(int fd, struct sockname *ret_name);

/* Receives up to n datagrams, and no more than MMSG_MAX, without waiting: how
 * many (>= 1), SYS_AGAIN where there is none, or -1. An answer of the network to
 * what was sent (ECONNREFUSED, EHOSTUNREACH) is -1 too, with the number in e, and
 * leaves the socket usable. On a socket with SOCK_SEQPACKET the end of the
 * connection looks like datagrams without a byte, but for packet.end. */
int mmsg_recv(int fd, struct packet *packets, unsigned n, struct error *e);

/* From now on packet.end tells the end of a SOCK_SEQPACKET connection from a record
 * without a byte: the kernel puts a time to records alone (SO_TIMESTAMP, socket(7)).
 * On a socket of another type packet.end means nothing. */
void mmsg_enable_end(int fd);

/* Sends the first of n datagrams, as many as one call takes, without waiting: how
 * many (>= 1), SYS_AGAIN where there is no room, or -1 with "send: REASON" for
 * the first one ("sendto ADDRESS: REASON" where it has a name). Runs of equal
 * size leave as one (UDP_SEGMENT, udp(7)) and still arrive one by one. */
int mmsg_send(int fd, const struct packet *packets, unsigned n, struct error *e);

/* Datagrams that came and were dropped, for want of room, since the socket was
 * made (SO_MEMINFO, socket(7)); 0 where the kernel does not say. */
uint32_t mmsg_dropped(int fd);

#endif

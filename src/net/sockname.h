/*
 * Socket addresses as the kernel takes them, of every family that we speak.
 */
#ifndef NET_SOCKNAME_H
#define NET_SOCKNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct endpoint;
struct error;

/* A socket address with its length; len 0: none. */
struct sockname {
	socklen_t len;
	union {
		struct sockaddr sa;
		struct sockaddr_storage storage;
	};
};

#define SOCKNAME_TEXT_MAX 300

/* "127.0.0.1:80" "[::1]:80" "[fe80::1%eth0]:80" "unix:/path" "unix:@name"
 * "unix:" (unnamed) "vsock:2:80"; v4-mapped is shown as v4. Never fails: an
 * unknown family gives "family N". Returns text. */
const char *sockname_format(const struct sockname *name, char *text, size_t size);

/* The same of one that datagrams come from or go to: the address alone where it has
 * no port, as with raw sockets and ICMP, for which the kernel says 0. */
const char *sockname_format_end(const struct sockname *name, char *text, size_t size);

/* The address alone ("127.0.0.1", "::1", "/path"), without port. */
const char *sockname_host(const struct sockname *name, char *text, size_t size);

/* Port in host order; 0 for families without one. */
uint16_t sockname_port(const struct sockname *name);
/* Of vsock, where ports are larger; 0 for others. */
uint32_t sockname_vsock_port(const struct sockname *name);
void sockname_set_port(struct sockname *name, uint16_t port);

/* A v4-mapped address as the one of IPv4 that it is, as the kernel keeps connections of
 * dual-stack sockets; others as they are. */
struct sockname sockname_unmapped(const struct sockname *name);

/* Family, address and port are the same. */
bool sockname_equal(const struct sockname *a, const struct sockname *b);

/* The address of a unix endpoint; ERROR_USAGE when the path is too long. */
int sockname_unix(const struct endpoint *ep, struct sockname *ret_name, struct error *e);

/* The address of a vsock endpoint. */
void sockname_vsock(const struct endpoint *ep, struct sockname *ret_name);

/* The address of a CAN endpoint; ERROR_NETWORK where there is no such interface. */
int sockname_can(const struct endpoint *ep, struct sockname *ret_name, struct error *e);

/* True for a unix socket that is bound to a file. */
bool sockname_is_path(const struct sockname *name);

#endif

/*
 * Socket addresses of the kernel, of every supported family.
 */
#ifndef NET_SOCKNAME_H
#define NET_SOCKNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct endpoint;
struct error;

/* A socket address with its length; len 0: no address. */
struct sockname {
	socklen_t len;
	union {
		struct sockaddr sa;
		struct sockaddr_storage storage;
	};
};

/* The family of a serial line, which has no socket: the address is a sockaddr_un with the text
 * "tty:/dev/ttyUSB0" as its path. */
#define SOCKNAME_LINE 0x7f01

#define SOCKNAME_TEXT_MAX 300

/* Formats as "127.0.0.1:80" "[::1]:80" "[fe80::1%eth0]:80" "unix:/path" "unix:@name" "unix:"
 * (unnamed) "vsock:2:80" "tty:/dev/ttyUSB0"; a v4-mapped address is shown as IPv4. Never fails: an unknown family
 * is "family N". Returns text. */
const char *sockname_format(const struct sockname *name, char *text, size_t size);

/* Like sockname_format(), but omits port 0: raw sockets and ICMP have no port, and the kernel
 * reports 0. */
const char *sockname_format_short(const struct sockname *name, char *text, size_t size);

/* Formats the address without the port: "127.0.0.1", "::1", "/path". Returns text. */
const char *sockname_host(const struct sockname *name, char *text, size_t size);

/* Returns the port in host order; 0 for families without one. */
uint16_t sockname_port(const struct sockname *name);
/* Returns the port of a vsock address, which has 32 bits; 0 for other families. */
uint32_t sockname_vsock_port(const struct sockname *name);
void sockname_set_port(struct sockname *name, uint16_t port);

/* Converts a v4-mapped address to IPv4, as the kernel lists connections of dual-stack sockets;
 * returns others unchanged. */
struct sockname sockname_unmapped(const struct sockname *name);

/* Returns true when family, address and port are equal. */
bool sockname_equal(const struct sockname *a, const struct sockname *b);

/* Sets *ret_name to the address of a unix endpoint. Returns -1 with ERROR_USAGE when the path
 * is too long. */
int sockname_unix(const struct endpoint *ep, struct sockname *ret_name, struct error *e);

/* Sets *ret_name to the address of a vsock endpoint. */
void sockname_vsock(const struct endpoint *ep, struct sockname *ret_name);

/* Sets *ret_name to the address of a CAN endpoint. Returns -1 with ERROR_NETWORK when there is
 * no such interface. */
int sockname_can(const struct endpoint *ep, struct sockname *ret_name, struct error *e);

/* Sets *ret_name to the name of a line: tty: or pty: and the path. */
void sockname_line(const struct endpoint *ep, struct sockname *ret_name);

/* Returns true for a unix socket that is bound to a path in the file system. */
bool sockname_is_path(const struct sockname *name);

#endif

/*
 * Socket options by name: one table with level, number, type of value and the phase in which to
 * set each option. Used by -o, help, completion and the script methods setsockopt and
 * getsockopt.
 */
#ifndef NET_SOCKOPT_SOCKOPT_H
#define NET_SOCKOPT_SOCKOPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct buf;
struct error;
struct log;

enum sockopt_type {
	SOCKOPT_INT,
	SOCKOPT_SIZE, /* bytes, in the syntax of parse_size() */
	SOCKOPT_BOOL,
	SOCKOPT_SECONDS,      /* a duration; the kernel takes whole seconds */
	SOCKOPT_MSEC,         /* a duration; the kernel takes whole milliseconds */
	SOCKOPT_USEC,         /* a duration; the kernel takes whole microseconds */
	SOCKOPT_TIMEVAL,      /* a duration; the kernel takes struct timeval */
	SOCKOPT_MINUTES,      /* TCP_KEEPALIVE: 1-120 minutes, for TCP_KEEPIDLE and TCP_KEEPINTVL */
	SOCKOPT_LINGER,       /* off, or a duration */
	SOCKOPT_TEXT,         /* a name, such as an interface or congestion control */
	SOCKOPT_BYTES,        /* hex:BYTES */
	SOCKOPT_LONG,         /* 64 bits, in the syntax of parse_size() */
	SOCKOPT_INTS,         /* several ints, separated by commas */
	SOCKOPT_PORTS,        /* LO-HI */
	SOCKOPT_INTERFACE,    /* interface name or index; the kernel takes the index */
	SOCKOPT_INTERFACE_BE, /* the same, in network byte order */
	SOCKOPT_INTERFACE_IP, /* the same or an address, as struct ip_mreqn */
	SOCKOPT_GROUP,        /* [SOURCE@]GROUP[%IF] */
};

/* When an option is set: PHASE_SOCKET before bind(2). */
enum sockopt_phase { PHASE_SOCKET, PHASE_CONNECTED };

enum sockopt_access { SOCKOPT_READ_WRITE, SOCKOPT_READ_ONLY, SOCKOPT_WRITE_ONLY };

struct sockopt {
	const char *name; /* "SO_RCVBUF" */
	int level, number;
	enum sockopt_type type;
	enum sockopt_phase phase;
	enum sockopt_access access;
	const char *help; /* a few words, with the unit */
};

#define SOCKOPT_VALUE_MAX 320 /* struct group_source_req has 264 */

/* NAME=VALUE or LEVEL:NUMBER=INT|hex:BYTES, ready to be set. */
struct sockopt_setting {
	const struct sockopt *opt; /* NULL for LEVEL:NUMBER */
	int level, number;
	enum sockopt_phase phase;
	unsigned char value[SOCKOPT_VALUE_MAX];
	socklen_t len;
};

/* Returns the table, in the order of the manual, and its length in *ret_n. */
const struct sockopt *sockopt_table(size_t *ret_n);

/* Returns the reason why an option of the kernel is not in the table, such as "it is a
 * connect"; NULL for unknown names. */
const char *sockopt_left_out(const char *name);

/* Finds an option by name, in upper or lower case, with or without SO_/TCP_/IP_/IPV6_ when that
 * is unambiguous; NULL when unknown. */
const struct sockopt *sockopt_find(const char *name);

/* Parses a setting. A name alone means 1 for SOCKOPT_BOOL. Returns -1 with ERROR_USAGE, which
 * names the nearest option or the value it takes. */
int sockopt_parse(const char *text, struct sockopt_setting *ret_setting, struct error *e);

/* Sets all settings of this phase, in order. Returns -1 with ERROR_NETWORK "setsockopt NAME:
 * reason". */
int sockopt_apply(int fd, const struct sockopt_setting *settings, size_t n,
    enum sockopt_phase phase, struct error *e);

/* Logs at LOG_TRACE the value that the kernel reports for each setting: "SO_RCVBUF is 8192". */
void sockopt_log(int fd, const struct sockopt_setting *settings, size_t n, const struct log *log);

/* Appends the value in the form that sockopt_parse() accepts. */
int sockopt_read(int fd, const struct sockopt *opt, struct buf *out, struct error *e);

/* setsockopt(2) and getsockopt(2) with an int value. */
int sockopt_set_int(int fd, int level, int number, int value, const char *name, struct error *e);
int sockopt_get_int(int fd, int level, int number, int *ret_value, const char *name,
    struct error *e);

/* Sets TCP_NODELAY, for a relay between two connections: it has small writes of its own, and must
 * not hold one back until the one before is acknowledged. Does nothing for other sockets. */
void sockopt_send_at_once(int fd);

/* Sets SO_OOBINLINE, without which a read leaves out what was sent as urgent. */
void sockopt_keep_urgent(int fd);

#endif

/*
 * Socket options by name: one table gives level, number, type of value and
 * the phase in which the kernel wants it. Serves -o, help, completion, the
 * documents' setsockopt and getsockopt.
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
	SOCKOPT_SIZE, /* bytes; a size as of parse_size */
	SOCKOPT_BOOL,
	SOCKOPT_SECONDS, /* a duration, given to the kernel in whole seconds */
	SOCKOPT_MSEC,    /* ... in milliseconds */
	SOCKOPT_USEC,    /* ... in microseconds */
	SOCKOPT_TIMEVAL, /* ... as struct timeval */
	SOCKOPT_MINUTES, /* the documents' TCP_KEEPALIVE: 1-120, set as TCP_KEEPIDLE+KEEPINTVL seconds */
	SOCKOPT_LINGER,       /* off, or a duration */
	SOCKOPT_TEXT,         /* a name: interface, congestion control */
	SOCKOPT_BYTES,        /* hex:BYTES */
	SOCKOPT_LONG,         /* 64 bits, a size */
	SOCKOPT_INTS,         /* several ints, with commas */
	SOCKOPT_PORTS,        /* LO-HI */
	SOCKOPT_INTERFACE,    /* name or index, given to the kernel as index */
	SOCKOPT_INTERFACE_BE, /* ... in network order */
	SOCKOPT_INTERFACE_IP, /* ... or address, as struct ip_mreqn */
	SOCKOPT_GROUP,        /* [SOURCE@]GROUP[%IF] */
};

/* When an option is set; those of PHASE_SOCKET before bind(2). */
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

/* The table, in the order of the manual; *ret_n entries. */
const struct sockopt *sockopt_table(size_t *ret_n);

/* Why an option of the kernel is not in the table, "it is a connect"; NULL for
 * names that are none. */
const char *sockopt_left_out(const char *name);

/* Upper or lower case, with or without SO_/TCP_/IP_/IPV6_ where that is
 * unambiguous; NULL when unknown. */
const struct sockopt *sockopt_find(const char *name);

/* ERROR_USAGE names the nearest option, or what value it wants. A name alone
 * means 1 for SOCKOPT_BOOL. */
int sockopt_parse(const char *text, struct sockopt_setting *ret_setting, struct error *e);

/* Sets all settings of this phase, in order. ERROR_NETWORK "setsockopt NAME: reason". */
int sockopt_apply(int fd, const struct sockopt_setting *settings, size_t n,
    enum sockopt_phase phase, struct error *e);

/* Says at LOG_TRACE what the kernel gives back for each of them: "SO_RCVBUF is 8192". */
void sockopt_log(int fd, const struct sockopt_setting *settings, size_t n, const struct log *log);

/* Appends the value as a user would write it. */
int sockopt_read(int fd, const struct sockopt *opt, struct buf *out, struct error *e);

/* setsockopt(2)/getsockopt(2) with an int. */
int sockopt_set_int(int fd, int level, int number, int value, const char *name, struct error *e);
int sockopt_get_int(int fd, int level, int number, int *ret_value, const char *name,
    struct error *e);

#endif

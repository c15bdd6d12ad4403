/*
 * Converts values of socket options between text and the form of the kernel. Private to
 * sockopt.
 */
#ifndef NET_SOCKOPT_VALUE_H
#define NET_SOCKOPT_VALUE_H

#include "net/sockopt/sockopt.h"

/* Sets value and len of s, by the type of s->opt; also the level when the value decides it
 * (MCAST_JOIN_GROUP). Returns -1 with ERROR_USAGE. */
int sockopt_value_parse(const char *text, struct sockopt_setting *s, struct error *e);

/* Parse an int, and the digits after "hex:". Return -1 with ERROR_USAGE. */
int sockopt_value_number(const char *text, struct sockopt_setting *s, struct error *e);
int sockopt_value_hex(const char *text, struct sockopt_setting *s, struct error *e);

/* Sets the value of s to n bytes in the form of the kernel. */
void sockopt_value_set(struct sockopt_setting *s, const void *value, size_t n);

/* Returns the size of the buffer for getsockopt(2). */
socklen_t sockopt_value_room(enum sockopt_type type);

/* Appends n bytes from the kernel as text. */
int sockopt_value_format(enum sockopt_type type, const void *value, socklen_t n, struct buf *out,
    struct error *e);

/* group.c: parse interfaces and multicast groups, like sockopt_value_parse(). */
int sockopt_interface_parse(const char *text, struct sockopt_setting *s, struct error *e);
int sockopt_group_parse(const char *text, struct sockopt_setting *s, struct error *e);

#endif

/*
 * Values of socket options, between what a user writes and what the kernel
 * takes. Private to sockopt.
 */
#ifndef NET_SOCKOPT_VALUE_H
#define NET_SOCKOPT_VALUE_H

#include "net/sockopt/sockopt.h"

/* Fills value and len of s by the type of s->opt; the level, too, where the
 * value decides it (MCAST_JOIN_GROUP). ERROR_USAGE. */
int sockopt_value_parse(const char *text, struct sockopt_setting *s, struct error *e);

/* An int, and digits behind "hex:". ERROR_USAGE. */
int sockopt_value_number(const char *text, struct sockopt_setting *s, struct error *e);
int sockopt_value_hex(const char *text, struct sockopt_setting *s, struct error *e);

/* Copies n bytes of value, as the kernel takes them. */
void sockopt_value_set(struct sockopt_setting *s, const void *value, size_t n);

/* What getsockopt(2) is to be given room for. */
socklen_t sockopt_value_room(enum sockopt_type type);

/* Appends n bytes of the kernel's as a user would write them. */
int sockopt_value_format(enum sockopt_type type, const void *value, socklen_t n, struct buf *out,
    struct error *e);

/* group.c: interfaces and multicast groups, as sockopt_value_parse. */
int sockopt_interface_parse(const char *text, struct sockopt_setting *s, struct error *e);
int sockopt_group_parse(const char *text, struct sockopt_setting *s, struct error *e);

#endif

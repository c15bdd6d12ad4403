/*
 * Lists of ports as people write them: numbers, service names and ranges.
 */
#ifndef NET_PORTS_H
#define NET_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

/* Checks a list without resolving its service names. Returns -1 with ERROR_USAGE. */
int ports_check(const char *text, struct error *e);

/* Calls fn for each port of a list of numbers, service names and ranges ("22,http,8000-8010").
 * proto ("tcp", "udp") selects the service. Stops when fn returns other than 0, and returns
 * that. Returns -1 with ERROR_RESOLVE for an unknown service, ERROR_USAGE for a malformed list. */
int ports_each(const char *text, const char *proto, int (*fn)(void *arg, uint16_t port), void *arg,
    struct error *e);

/* Gets the number of a text that names one port. Fails like ports_each(). */
int ports_single(const char *text, const char *proto, uint16_t *ret_port, struct error *e);

/* Returns true when text names exactly one port. */
bool ports_is_single(const char *text);

/* Puts n ports in random order; each order is as likely as the others. Leaves them as they are where
 * the system has no random numbers. */
void ports_shuffle(uint16_t *ports, size_t n);

#endif

/*
 * Names of hosts as DNS has them: one with letters beyond ASCII (a U-label) becomes its A-labels
 * (RFC 5890, 2.3.2.1), so that no other form reaches a name server or a TLS peer. A module with
 * libidn2 converts; it is loaded for such names only.
 */
#ifndef NET_RESOLVE_IDN_H
#define NET_RESOLVE_IDN_H

#include <stdbool.h>
#include <stddef.h>

#include "net/endpoint.h"

struct error;

/* Whether this build or system has the module, without loading it. */
bool idn_exists(void);

/* The n bytes at host, without a NUL. ASCII is copied as it is, and so is what has a colon: an address
 * with its zone. The rest is UTF-8, whatever the locale, and becomes what curl asks for: nontransitional
 * by UTS #46, else transitional. ERROR_USAGE: too long, not UTF-8, not a name, or no module. Loading the
 * module reads files, else nothing waits. */
int idn_to_ascii(const char *host, size_t n, char ret_name[ENDPOINT_HOST_MAX + 1], struct error *e);

#endif

/*
 * Converts internationalized host names to the form of DNS: a name beyond ASCII (a U-label)
 * becomes A-labels (RFC 5890, 2.3.2.1), so that no other form reaches a name server or a TLS
 * peer. A module with libidn2 converts; it is loaded for such names only.
 */
#ifndef NET_RESOLVE_IDN_H
#define NET_RESOLVE_IDN_H

#include <stdbool.h>
#include <stddef.h>

#include "net/endpoint.h"

struct error;

/* Returns true when the module is installed; does not load it. */
bool idn_exists(void);

/* Converts the n bytes at host, which need no NUL. Copies ASCII unchanged, and so anything with
 * a colon: an address with its zone. Other names are UTF-8 in every locale, and are converted
 * like curl does: nontransitional UTS #46, then transitional. Returns -1 with ERROR_USAGE when
 * the name is too long, not UTF-8, no host name, or the module is missing. Never waits, except
 * for reading the module's files. */
int idn_to_ascii(const char *host, size_t n, char ret_name[ENDPOINT_HOST_MAX + 1], struct error *e);

#endif

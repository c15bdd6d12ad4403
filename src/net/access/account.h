/*
 * Users and groups by number or name. A name is looked up in a thread, since its directory may be
 * a server.
 */
#ifndef NET_ACCESS_ACCOUNT_H
#define NET_ACCESS_ACCOUNT_H

#include <stdint.h>

#include "base/deadline.h"

struct error;
struct loop;

enum account_kind { ACCOUNT_USER, ACCOUNT_GROUP };

/* Reads a number or a name, and runs the callbacks of l meanwhile. Returns 0, or -1 with
 * ERROR_USAGE "no user 'NAME'", ERROR_TIMEOUT or ERROR_SIGNAL. */
int account_id(struct loop *l, enum account_kind kind, const char *text, struct deadline until,
    uint32_t *ret_id, struct error *e);

#endif

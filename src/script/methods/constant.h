/*
 * Constants by name: as C writes them (AF_INET, SOCK_STREAM, IPPROTO_TCP_SER) or as options do (inet, stream,
 * tcp_ser), in upper or lower case; or as numbers.
 */
#ifndef SCRIPT_METHODS_CONSTANT_H
#define SCRIPT_METHODS_CONSTANT_H

#include "net/sockopt/symbol.h"

struct interp;
struct value;

/* TCL_OK, or TCL_ERROR with a message that lists the names. */
int constant_get(struct interp *in, enum symbol_kind kind, struct value *v, int *ret_number);

/* Reads flags of send(2) and recv(2), MSG_PEEK, MSG_DONTWAIT, MSG_OOB, MSG_MORE: a list of names, or a number. */
int constant_get_flags(struct interp *in, struct value *v, int *ret_flags);

#endif

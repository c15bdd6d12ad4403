/*
 * The constants of the documents, and their Linux relatives, by name: as whole
 * words (AF_INET, SOCK_STREAM, IPPROTO_TCP_SER) and as the short ones of options
 * (inet, stream, tcp_ser), in any case; or as numbers.
 */
#ifndef SCRIPT_CONSTANT_H
#define SCRIPT_CONSTANT_H

#include "net/sockopt/symbol.h"

struct interp;
struct value;

/* TCL_OK, or TCL_ERROR with what there is. */
int constant_get(struct interp *in, enum symbol_kind kind, struct value *v, int *ret_number);

/* MSG_PEEK, MSG_DONTWAIT, MSG_OOB: a list of names, or a number. */
int constant_get_flags(struct interp *in, struct value *v, int *ret_flags);

#endif

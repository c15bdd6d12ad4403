/*
 * Adds fields to a dictionary that becomes a result.
 */
#ifndef SCRIPT_DICT_PUT_H
#define SCRIPT_DICT_PUT_H

#include <stdint.h>

struct dict;
struct interp;
struct value;

/* Takes v. */
void dict_put(struct interp *in, struct dict *d, const char *name, struct value *v);
void dict_put_int(struct interp *in, struct dict *d, const char *name, int64_t number);
void dict_put_text(struct interp *in, struct dict *d, const char *name, const char *text);

#endif

/* Shared by the subcommands of string. */
#ifndef TCL_VALUE_STRINGS_H
#define TCL_VALUE_STRINGS_H

#include "tcl/eval/eval.h"

struct text {
	const char *p;
	size_t n;
};

static inline struct text
text_of(struct value *v)
{
	struct text t;

	t.p = value_bytes(v, &t.n);
	return t;
}

/* Does the same for a command that reads parts of the text. */
static inline struct text
text_within(struct value *v)
{
	value_forget_real(v);
	return text_of(v);
}

/* -1, 0, 1 */
int strings_compare(struct text a, struct text b, bool nocase);
/* string map */
int strings_map(struct interp *in, void *data, int argc, struct value *const argv[]);

#endif

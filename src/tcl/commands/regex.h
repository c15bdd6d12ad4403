/* Regular expressions; the compiled form is kept with the value of the pattern. */
#ifndef TCL_COMMANDS_REGEX_H
#define TCL_COMMANDS_REGEX_H

#include "tcl/interp.h"

struct list;

void regex_free_value(struct value *v);
/* Sets whether the pattern matches, for switch and lsearch. */
int regex_test(struct interp *in, struct value *pattern, struct value *text, bool nocase,
    bool *ret_found);
/* The groups of the first match, as texts and as pairs of indexes; NULL: no match. */
struct regex_groups {
	struct list *texts, *spans;
};
int regex_groups(struct interp *in, struct value *pattern, struct value *text, bool nocase,
    struct regex_groups *ret);

#endif

/* Comparison of items, for lsort and lsearch. */
#ifndef TCL_COMMANDS_SORT_H
#define TCL_COMMANDS_SORT_H

#include "tcl/eval/eval.h"

enum sort_kind { SORT_ASCII, SORT_INTEGER, SORT_REAL, SORT_DICTIONARY, SORT_COMMAND };

struct sort_how {
	enum sort_kind kind;
	bool decreasing, nocase;
	struct value *command; /* SORT_COMMAND */
};

/* The sort key of an item */
struct sort_key {
	struct value *v;
	union {
		int64_t i;
		double d;
	} as;
};

int sort_prepare(struct interp *in, const struct sort_how *how, struct value *v,
    struct sort_key *ret);
int sort_dictionary(struct value *x, struct value *y);
int sort_order(const struct sort_how *how, const struct sort_key *a, const struct sort_key *b);
int sort_nocase(struct value *a, struct value *b);
/* Checks the indexes of -index. TCL_OK or TCL_ERROR. */
int sort_check_path(struct interp *in, const struct list *path);
/* Returns the part of an item at the indexes of -index, borrowed from the item. */
int sort_part(struct interp *in, struct value *item, struct list *path, struct value **ret);

#endif

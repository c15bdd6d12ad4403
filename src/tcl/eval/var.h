/* Variables: what a name of the frame that runs stands for, links and arrays. */
#ifndef TCL_EVAL_VAR_H
#define TCL_EVAL_VAR_H

#include "tcl/interp.h"
#include "tcl/value/table.h"

enum var_kind { VAR_UNSET, VAR_VALUE, VAR_ARRAY, VAR_LINK };

struct var {
	union {
		struct value *value;
		struct table *array; /* of struct element */
		struct var *link;
	} as;
	unsigned char kind;
	bool element;  /* is part of a struct element */
	bool detached; /* whose array is gone; it lives as long as the links to it */
	unsigned links;
};

struct element {
	struct table_entry entry;
	struct var var;
};

/* What "a(x)" as a name is made of. */
struct name_element {
	struct value *array, *index;
};

/* Frees the form VALUE_ELEMENT. */
void var_free_element(struct value *v);
/* The variable of that name with links followed. NULL with *ret_why set where there is
 * none and it is not to be made. */
enum var_want { VAR_FIND, VAR_MAKE };
struct var *var_lookup(struct interp *in, struct value *name, enum var_want want,
    const char **ret_why);
/* Of an array that is named apart from the element's name. */
struct var *var_element(struct interp *in, struct value *array, struct value *index,
    enum var_want want, const char **ret_why);
/* Whether it is written in the procedure that runs, so that it has a place in each call of it. */
bool var_is_known(struct interp *in, struct value *name);
/* Not following a link at the end: a local variable, for upvar. */
struct var *var_local(struct interp *in, struct value *name);
/* An array by name: its table; NULL where it is none. */
struct table *var_array(struct interp *in, struct value *name);
void var_clear(struct interp *in, struct var *v);
/* Whatever it holds goes, a link included. */
void var_release(struct interp *in, struct var *v);
void var_link(struct var *v, struct var *target);
void var_unlink(struct interp *in, struct var *v);
bool var_unset(struct interp *in, struct value *name, const char **ret_why);
/* Makes it an array: NULL where it is something else. */
struct table *var_make_array(struct interp *in, struct var *v);
struct var *array_slot(struct interp *in, struct table *array, struct value *index,
    enum var_want want);
void array_drop(struct interp *in, struct table *array, struct element *el);
/* Splits "a(x)"; false where it is a scalar's name. */
bool var_split(const char *name, size_t n, size_t *ret_array);

/* Takes v. */
int var_set_value(struct interp *in, struct var *var, struct value *name, struct value *v);
extern const char var_is_array[]; /* a reason why */
extern const char no_namespace[];
int var_fail(struct interp *in, const char *verb, struct value *name, const char *why);
/* The value to be changed in place: a single reference, in the variable; NULL with the error set
 * where it cannot be. Without one it is a new empty value where make is set, else an error. */
struct value **var_change(struct interp *in, struct value *name, bool make);
/* Sets the result to what the variable holds now. */
int var_result(struct interp *in, struct value **slot);

#endif

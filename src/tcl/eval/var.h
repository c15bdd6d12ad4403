/* Variables of the current frame by name, links and arrays. */
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
	bool detached; /* its array is deleted; it lives until its last link is */
	unsigned links;
};

struct element {
	struct table_entry entry;
	struct var var;
};

/* The parts of a name like "a(x)" */
struct name_element {
	struct value *array, *index;
};

/* For struct value_form. */
void var_free_element(struct value *v);
/* Returns the variable of that name; follows links. NULL with *ret_why set where it does not exist (VAR_FIND)
 * or cannot be made. */
enum var_want { VAR_FIND, VAR_MAKE };
struct var *var_lookup(struct interp *in, struct value *name, enum var_want want,
    const char **ret_why);
/* Does the same for an element, with the name of the array and the index. */
struct var *var_element(struct interp *in, struct value *array, struct value *index,
    enum var_want want, const char **ret_why);
/* Returns whether the name is written in the running procedure, so that each call has a slot for it. */
bool var_is_known(struct interp *in, struct value *name);
/* Returns or makes a local variable without following a link, for upvar. */
struct var *var_local(struct interp *in, struct value *name);
/* Returns the table of an array; NULL where the variable is not one. */
struct table *var_array(struct interp *in, struct value *name);
void var_clear(struct interp *in, struct var *v);
/* Frees what the variable holds, also a link. */
void var_release(struct interp *in, struct var *v);
/* Makes v, which is unset, a link to target. */
void var_link(struct var *v, struct var *target);
void var_unlink(struct interp *in, struct var *v);
/* Unsets a variable; false with *ret_why set. */
bool var_unset(struct interp *in, struct value *name, const char **ret_why);
/* Makes the variable an array; NULL where it is set and not an array. */
struct table *var_make_array(struct interp *in, struct var *v);
struct var *array_element(struct interp *in, struct table *array, struct value *index,
    enum var_want want);
void array_remove(struct interp *in, struct table *array, struct element *el);
/* Finds the length of "a" in "a(x)"; false for the name of a scalar. */
bool var_split(const char *name, size_t n, size_t *ret_array);

/* Takes v. */
int var_set_value(struct interp *in, struct var *var, struct value *name, struct value *v);
extern const char var_is_array[]; /* reasons for *ret_why */
extern const char no_namespace[];
/* Fails with: can't VERB "NAME": WHY. */
int var_fail(struct interp *in, const char *verb, struct value *name, const char *why);
/* Returns the slot of a value to change in place, with a single reference; NULL with the error set. An unset
 * variable gets an empty value with make, else it is an error. */
struct value **var_change(struct interp *in, struct value *name, bool make);
/* Sets the result to the value of the variable. */
int var_result(struct interp *in, struct value **slot);

#endif

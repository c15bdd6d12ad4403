/* Lists: arrays of values; to text and from text. */
#ifndef TCL_VALUE_LIST_H
#define TCL_VALUE_LIST_H

#include "tcl/value/form.h"

struct interp;

struct list {
	unsigned refs;
	size_t n, size;
	struct value *items[];
};

/* Makes an empty list with room for n items. */
struct list *list_new(struct heap *h, size_t n);
void list_unref(struct heap *h, struct list *l);
/* Makes a list of keys and values in turn. */
struct list *list_from_dict(struct heap *h, const struct dict *d);
/* For struct value_form. */
void list_free(struct value *v);
void list_print(struct value *v);
/* Takes item. *l must have a single reference, and may move. */
void list_push(struct heap *h, struct list **l, struct value *item);

/* Makes a value. Takes l. */
struct value *value_from_list(struct heap *h, struct list *l);

/* Why a text is not a list, as tclsh says it. */
struct list_error {
	const char *code; /* of -errorcode */
	const char *text; /* %v is the junk, a part of the text */
	const char *junk;
	size_t junk_n;
};

/* Returns the list form, borrowed; NULL with *err set where v is not a list. */
struct list *value_to_list(struct value *v, struct list_error *err);
/* Makes the list of v, which has a single reference, changeable: a single reference, no bytes. Change it
 * before any other use of v. */
struct list **value_list_own(struct value *v);
/* Takes a reference and returns one to a list with a single reference: l or a copy. */
struct list *list_own(struct heap *h, struct list *l);

/* Appends an item as text, quoted where necessary. first: it is the first of a list. */
void list_append_quoted(struct value *out, struct value *item, bool first);

/* Reads the elements of a text one after the other. */
struct list_scan {
	const char *at, *end;
	const char *start; /* the element */
	size_t n;
	bool escapes; /* it has backslashes to substitute */
	struct list_error error;
};

/* Returns false at the end, or on an error, which sets error.code. */
bool list_next(struct list_scan *s);
/* Returns the element with its backslashes substituted. */
struct value *list_element(struct heap *h, const struct list_scan *s);

#endif

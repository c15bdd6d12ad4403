/* Lists: counted arrays of values, their text form and back. */
#ifndef TCL_VALUE_LIST_H
#define TCL_VALUE_LIST_H

#include "tcl/value/value.h"

struct interp;

struct list {
	unsigned refs;
	size_t n, size;
	struct value *items[];
};

/* Empty, with room for n. */
struct list *list_new(struct heap *h, size_t n);
void list_unref(struct heap *h, struct list *l);
/* Keys and values in turn. */
struct list *list_from_dict(struct heap *h, const struct dict *d);
/* The form VALUE_LIST. */
void list_free(struct value *v);
void list_print(struct value *v);
/* Takes the reference of item; *l has a single reference and may move. */
void list_push(struct heap *h, struct list **l, struct value *item);

/* A value of that list, which is taken. */
struct value *value_from_list(struct heap *h, struct list *l);

/* Why text is no list; in tclsh's words. */
struct list_error {
	const char *code; /* of -errorcode */
	const char *text; /* %v stands for the junk, which is part of the list */
	const char *junk;
	size_t junk_n;
};

/* Borrowed: the list form of v; NULL with *err where it has none. */
struct list *value_to_list(struct value *v, struct list_error *err);
/* v has a single reference and is a list: that list with a single reference too, v's bytes
 * dropped. To be changed at once. */
struct list **value_list_own(struct value *v);
/* The number of references of the list is not changed: takes and returns a reference to it. */
struct list *list_own(struct heap *h, struct list *l);

/* Appends one item as text, quoted where need be. first: at the beginning of a list. */
void list_append_quoted(struct value *out, struct value *item, bool first);

/* The elements of a list's text, one after the other. */
struct list_scan {
	const char *at, *end;
	const char *start; /* the element */
	size_t n;
	bool escapes; /* has backslashes to substitute */
	struct list_error error;
};

/* False at the end and on a mistake, which sets error.code. */
bool list_next(struct list_scan *s);
/* The element, its backslashes substituted. */
struct value *list_element(struct heap *h, const struct list_scan *s);

#endif

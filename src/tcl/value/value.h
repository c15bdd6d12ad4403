/* Values of the language: byte strings that may have a second form: an integer, a double, a list, a
 * dictionary or a parsed script. Values are reference-counted. Only the holder of a single reference changes
 * a value in place; changing its form does not change its meaning. Functions that return `struct value *`
 * give the caller a reference, which it drops with value_unref(), unless they say "borrowed". */
#ifndef TCL_VALUE_VALUE_H
#define TCL_VALUE_VALUE_H

#include "tcl/value/heap.h"

/* The second form of a value, besides its bytes. */
enum value_type {
	VALUE_PLAIN,
	VALUE_INT,
	VALUE_DOUBLE,
	VALUE_LIST,
	VALUE_DICT,
	VALUE_SCRIPT,
	VALUE_EXPR,
	VALUE_LAMBDA,
	VALUE_REGEX,
	VALUE_NAME,    /* the name of a variable: layout and slot */
	VALUE_ELEMENT, /* the name of an element of an array */
};

/* The functions of a form: free what `as` refers to; make the bytes of a value without bytes. */
struct value_form {
	void (*free)(struct value *v);
	void (*print)(struct value *v);
};

struct value {
	unsigned refs;
	unsigned char type;
	unsigned short source; /* the index of the file where it is written, in interp.files */
	unsigned line;         /* the line where it begins, from 1; 0: unknown */
	unsigned slot;         /* VALUE_NAME */
	char *bytes;           /* ends with a NUL; NULL while only the second form exists */
	uint32_t len, size;    /* size 0: the bytes are not owned */
	union {
		int64_t number;
		double real;
		struct list *list;
		struct dict *dict;
		struct script *script;
		struct expr *expr;
		struct proc *lambda;
		struct regex *regex;
		struct layout *layout;
		struct name_element *element;
		struct value *next; /* in a list of the heap */
	} as;
	struct heap *heap;
};

/* These make values; out of memory, their bytes are incomplete (heap.h). */
struct value *value_text(struct heap *h, const void *bytes, size_t n);
struct value *value_string(struct heap *h, const char *text);
struct value *value_int(struct heap *h, int64_t number);
struct value *value_double(struct heap *h, double real);
/* Makes a list of n values. References the items. */
struct value *value_list(struct heap *h, size_t n, struct value *const *items);
struct value *value_new(struct heap *h);

/* Returns v. */
static inline struct value *
value_ref(struct value *v)
{
	v->refs++;
	return v;
}

/* Internal: frees a value without references. */
void value_destroy(struct value *v);

/* Accepts NULL. */
static inline void
value_unref(struct value *v)
{
	if (v != NULL && --v->refs == 0)
		value_destroy(v);
}

/* Takes a reference and returns a value with a single one: old itself or a copy. */
struct value *value_own(struct value *old);
struct value *value_copy(struct value *v);

/* Internal: makes the bytes of a value without bytes. */
void value_print(struct value *v);

/* Returns the bytes, borrowed, with a NUL after them. *ret_n (may be NULL) is their number. */
static inline const char *
value_bytes(struct value *v, size_t *ret_n)
{
	if (v->bytes == NULL)
		value_print(v);
	if (ret_n != NULL)
		*ret_n = v->len;
	return v->bytes;
}

bool value_is(struct value *v, const char *text);
bool value_equal(struct value *a, struct value *b);
/* Compares as memcmp(3) does; a prefix comes first. */
int value_compare(struct value *a, struct value *b);

/* These append to a value with a single reference. */
void value_append(struct value *v, const void *bytes, size_t n);
void value_append_string(struct value *v, const char *text);
void value_append_value(struct value *v, struct value *tail);
void value_append_char(struct value *v, char c);
/* Extends a value with a single reference by n bytes, which the caller must write; NULL with a fault where
 * they do not fit. */
char *value_extend(struct value *v, size_t n);

#endif

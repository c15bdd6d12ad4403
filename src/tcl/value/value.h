/*
 * Values of the script language: byte strings that may also be held as an
 * integer, a double, a list, a dictionary or a parsed script. A value is
 * counted, and changed in place only by who holds its single reference; what
 * it stands for never changes otherwise, whatever form it is held in.
 *
 * Functions that return `struct value *` give the caller a reference to drop
 * with value_unref(), unless they say "borrowed".
 */
#ifndef TCL_VALUE_VALUE_H
#define TCL_VALUE_VALUE_H

#include "tcl/value/heap.h"

struct dict;
struct expr;
struct layout;
struct list;
struct name_element;
struct proc;
struct regex;
struct script;

/* What a value is held as besides its bytes. */
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
	VALUE_NAME,    /* of a variable: layout and slot */
	VALUE_ELEMENT, /* of an array */
};

/* What a form that is no number does: frees what `as` refers to; makes the bytes of a value that has none. */
struct value_form {
	void (*free)(struct value *v);
	void (*print)(struct value *v);
};

struct value {
	unsigned refs;
	unsigned char type;
	unsigned short source; /* index of the file it was written in; see interp.h */
	unsigned line;         /* where it begins in the source, from 1; 0 unknown */
	unsigned slot;         /* VALUE_NAME */
	char *bytes;           /* NUL-terminated; NULL while only the other form exists */
	uint32_t len, size;    /* size 0: bytes are not owned */
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
		struct value *next; /* in the heap's chains */
	} as;
	struct heap *heap;
};

struct value *value_text(struct heap *h, const void *bytes, size_t n);
struct value *value_string(struct heap *h, const char *text);
struct value *value_int(struct heap *h, int64_t number);
struct value *value_double(struct heap *h, double real);
/* A list of n values, which are referenced, not taken. */
struct value *value_list(struct heap *h, size_t n, struct value *const *items);
struct value *value_new(struct heap *h);

/* The reference it was given, for `return value_ref(v)`. */
static inline struct value *
value_ref(struct value *v)
{
	v->refs++;
	return v;
}

/* Internal: the last reference is gone. */
void value_destroy(struct value *v);

/* Accepts NULL. */
static inline void
value_unref(struct value *v)
{
	if (v != NULL && --v->refs == 0)
		value_destroy(v);
}

/* Takes the reference `old` and returns a value of the same content with a single reference. */
struct value *value_own(struct value *old);
/* A new value of the same content. */
struct value *value_copy(struct value *v);

/* Internal: makes the bytes of a value that has none. */
void value_print(struct value *v);

/* The bytes, borrowed, NUL-terminated, and in *ret_n (may be NULL) their number. */
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
/* memcmp order, the shorter first: <0, 0, >0. */
int value_compare(struct value *a, struct value *b);

/* For values with a single reference: text at the end. */
void value_append(struct value *v, const void *bytes, size_t n);
void value_append_string(struct value *v, const char *text);
void value_append_value(struct value *v, struct value *tail);
void value_append_char(struct value *v, char c);
/* For values with a single reference: room for n bytes at the end, counted as content
 * and to be filled by the caller; NULL, with the fault noted, where it does not fit. */
char *value_extend(struct value *v, size_t n);

/* Changes the form a value is held in, never what it stands for: drops the other
 * form, having made the bytes. The caller then sets type and as. */
void value_reset_type(struct value *v);
/* A double that was looked into as text is text from then on: tclsh tells by it which -errorcode it gives
 * where an integer was wanted. */
static inline void
value_forget_real(struct value *v)
{
	if (v->type == VALUE_DOUBLE)
		value_reset_type(v);
}
/* For values with a single reference whose other form was changed: drops the bytes. */
void value_drop_bytes(struct value *v);

/* Readers: true on success. The form found is kept for the next time. */
bool value_to_int_slow(struct value *v, int64_t *ret_number);
static inline bool
value_to_int(struct value *v, int64_t *ret_number)
{
	if (v->type != VALUE_INT)
		return value_to_int_slow(v, ret_number);
	*ret_number = v->as.number;
	return true;
}
bool value_to_double(struct value *v, double *ret_real);

#endif

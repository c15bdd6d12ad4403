/*
 * Values of the script language: byte strings that may also be held as an
 * integer, a double, a list, a dictionary or a parsed script. A value is
 * counted, and changed in place only by who holds its single reference; what
 * it stands for never changes otherwise, whatever form it is held in.
 *
 * Functions that return `struct value *` give the caller a reference to drop
 * with value_unref(), unless they say "borrowed". Memory never fails visibly
 * here: what does not fit is left out and the heap notes a fault, which the
 * evaluator turns into an error before the next command sees anything.
 */
#ifndef TCL_VALUE_VALUE_H
#define TCL_VALUE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dict;
struct expr;
struct lambda;
struct layout;
struct list;
struct name_element;
struct regex;
struct script;
struct value;

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

/* The memory of one interpreter; all its values are made from it and end with it. */
struct heap {
	size_t used, limit; /* bytes */
	const char *fault;  /* what has gone wrong since it was last cleared, or NULL */
	long budget;        /* steps until look is asked; 0 with a fault */
	/* NULL, or true where what is going on is to end; it runs no scripts */
	bool (*look)(struct heap *h);
	struct value *unused; /* storage for the next values */
	struct value_block *blocks;
	struct value *dying; /* waiting for their turn to be freed; without recursion */
	bool freeing;
	void *reserve;                      /* given back when the system has no more */
	const char *stack_end;              /* recursion goes no further down than here */
	void (*type_free)(struct value *v); /* frees the types that other rooms own */
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
		struct lambda *lambda;
		struct regex *regex;
		struct layout *layout;
		struct name_element *element;
		struct value *next; /* in the heap's chains */
	} as;
	struct heap *heap;
};

void heap_init(struct heap *h, size_t limit);
/* All values must have been dropped. */
void heap_fini(struct heap *h);
/* Accounted storage; NULL, with the fault noted, where it does not fit. Small
 * requests always fit. Sizes are given back with the storage. */
void *heap_resize(struct heap *h, void *old, size_t old_size, size_t new_size);
void heap_release(struct heap *h, void *storage, size_t size);
/* So many steps of a few nanoseconds have been taken: true where the command is to end, with whatever it has
 * made. For each loop that is as long as somebody wants, and each copy; what is kept is not left unfinished. */
static inline bool
heap_work(struct heap *h, size_t steps)
{
	h->budget -= (long)steps;
	return h->budget < 0 && h->look != NULL && h->look(h);
}
/* The same of bytes that are copied or filled, one piece after the other. */
void heap_copy(struct heap *h, char *to, const char *from, size_t n);
void heap_fill(struct heap *h, char *to, char c, size_t n);
/* True where there is no more stack for a recursion. */
static inline bool
heap_too_deep(const struct heap *h)
{
	return (const char *)__builtin_frame_address(0) <= h->stack_end;
}

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

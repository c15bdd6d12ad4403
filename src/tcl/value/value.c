#include "tcl/value/value.h"

#include <string.h>

#include "tcl/value/dict.h"
#include "tcl/value/list.h"
#include "tcl/value/number.h"

/* Values are allocated in blocks. */
struct value_block {
	struct heap_block head;
	struct value values[170];
};

static char nothing[1];

/* ---- creation and destruction ---- */

static void
add_value_block(struct heap *h)
{
	struct value_block *block = heap_resize(h, NULL, 0, sizeof(*block));

	block->head = (struct heap_block){ h->blocks, sizeof(*block) };
	h->blocks = &block->head;
	for (size_t i = sizeof(block->values) / sizeof(block->values[0]); i > 0; i--) {
		block->values[i - 1].as.next = h->unused;
		h->unused = &block->values[i - 1];
	}
}

struct value *
value_new(struct heap *h)
{
	struct value *v;

	if (h->unused == NULL)
		add_value_block(h);
	v = h->unused;
	h->unused = v->as.next;
	v->refs = 1;
	v->type = VALUE_PLAIN;
	v->source = 0;
	v->line = 0;
	v->bytes = nothing;
	v->len = v->size = 0;
	v->heap = h;
	return v;
}

struct value *
value_text(struct heap *h, const void *bytes, size_t n)
{
	struct value *v = value_new(h);

	value_append(v, bytes, n);
	return v;
}

struct value *
value_string(struct heap *h, const char *text)
{
	return value_text(h, text, strlen(text));
}

struct value *
value_int(struct heap *h, int64_t number)
{
	struct value *v = value_new(h);

	v->bytes = NULL;
	v->type = VALUE_INT;
	v->as.number = number;
	return v;
}

struct value *
value_double(struct heap *h, double real)
{
	struct value *v = value_new(h);

	v->bytes = NULL;
	v->type = VALUE_DOUBLE;
	v->as.real = real;
	return v;
}

static void
free_one(struct value *v)
{
	struct heap *h = v->heap;

	if (v->type > VALUE_DOUBLE)
		h->forms[v->type].free(v);
	if (v->size > 0)
		heap_release(h, v->bytes, v->size);
	v->as.next = h->unused;
	h->unused = v;
}

void
value_destroy(struct value *v)
{
	struct heap *h = v->heap;

	if (v->type <= VALUE_DOUBLE) {
		free_one(v);
		return;
	}
	/* frees nested lists one after the other instead of recursively */
	if (v->size > 0)
		heap_release(h, v->bytes, v->size);
	v->size = 0;
	v->bytes = (char *)h->dying;
	h->dying = v;
	if (h->freeing)
		return;
	h->freeing = true;
	while ((v = h->dying) != NULL) {
		/* the chain is in the freed values: NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		h->dying = (struct value *)(void *)v->bytes;
		free_one(v);
		h->budget--;
	}
	h->freeing = false;
}

void
value_reset_type(struct value *v)
{
	if (v->bytes == NULL)
		value_print(v);
	if (v->type > VALUE_DOUBLE)
		v->heap->forms[v->type].free(v);
	v->type = VALUE_PLAIN;
}

void
value_drop_bytes(struct value *v)
{
	if (v->size > 0)
		heap_release(v->heap, v->bytes, v->size);
	v->bytes = NULL;
	v->len = v->size = 0;
}

struct value *
value_copy(struct value *v)
{
	struct value *copy = value_new(v->heap);

	if (v->bytes != NULL)
		value_append(copy, v->bytes, v->len);
	else
		copy->bytes = NULL;
	copy->source = v->source;
	copy->line = v->line;
	if (v->type > VALUE_DICT)
		return copy;
	copy->type = v->type;
	copy->as = v->as;
	if (v->type == VALUE_LIST)
		v->as.list->refs++;
	else if (v->type == VALUE_DICT)
		dict_ref(v->as.dict);
	return copy;
}

struct value *
value_own(struct value *old)
{
	struct value *copy;

	if (old->refs == 1)
		return old;
	copy = value_copy(old);
	value_unref(old);
	return copy;
}

/* ---- bytes ---- */

void
value_print(struct value *v)
{
	char text[32];
	size_t n;

	if (v->type == VALUE_LIST || v->type == VALUE_DICT) {
		unsigned char type = v->type;
		/* value_append() needs a plain value */
		v->type = VALUE_PLAIN;
		v->bytes = nothing;
		if (heap_too_deep(v->heap))
			heap_fail(v->heap, "too many nested lists");
		else
			v->heap->forms[type].print(v);
		v->type = type;
		return;
	}
	if (v->type == VALUE_INT)
		n = number_print_int(v->as.number, text);
	else
		n = number_print_double(v->as.real, text);
	v->bytes = nothing;
	memcpy(value_extend(v, n), text, n);
}

char *
value_extend(struct value *v, size_t n)
{
	size_t want = v->len + n + 1, size = want;
	char *bytes = v->bytes;

	v->heap->budget -= (long)(n / 16);
	if (want > UINT32_MAX) {
		heap_fail(v->heap, "memory limit exceeded");
		return NULL;
	}
	if (want > v->size) {
		if (v->size > 0)
			size = want + want / (want < 64u << 20 ? 1 : 4);
		if (size > UINT32_MAX)
			size = UINT32_MAX;
		bytes = heap_resize(v->heap, v->size > 0 ? v->bytes : NULL, v->size, size);
		if (bytes == NULL && size > want)
			bytes = heap_resize(v->heap, v->size > 0 ? v->bytes : NULL, v->size,
			    size = want);
		if (bytes == NULL)
			return NULL;
		v->bytes = bytes;
		v->size = (uint32_t)size;
	}
	v->len += (uint32_t)n;
	bytes[v->len] = '\0';
	return bytes + v->len - n;
}

void
value_append(struct value *v, const void *bytes, size_t n)
{
	char *room;

	if (v->bytes == NULL)
		value_print(v);
	if (v->type != VALUE_PLAIN && n > 0)
		value_reset_type(v);
	if (n > 0 && (room = value_extend(v, n)) != NULL)
		memcpy(room, bytes, n);
}

void
value_append_string(struct value *v, const char *text)
{
	value_append(v, text, strlen(text));
}

void
value_append_value(struct value *v, struct value *tail)
{
	size_t n, before;
	const char *bytes = value_bytes(tail, &n);

	if (v == tail) {
		/* value_extend() may move its bytes */
		if (v->type != VALUE_PLAIN)
			value_reset_type(v);
		before = v->len;
		if (n > 0 && value_extend(v, n) != NULL)
			memcpy(v->bytes + before, v->bytes, n);
		return;
	}
	value_append(v, bytes, n);
}

void
value_append_char(struct value *v, char c)
{
	value_append(v, &c, 1);
}

bool
value_is(struct value *v, const char *text)
{
	size_t n;
	const char *bytes = value_bytes(v, &n);

	return n == strlen(text) && memcmp(bytes, text, n) == 0;
}

bool
value_equal(struct value *a, struct value *b)
{
	size_t n, m;
	const char *p, *q;

	if (a == b)
		return true;
	p = value_bytes(a, &n);
	q = value_bytes(b, &m);
	return n == m && memcmp(p, q, n) == 0;
}

int
value_compare(struct value *a, struct value *b)
{
	size_t n, m;
	const char *p = value_bytes(a, &n), *q = value_bytes(b, &m);
	int order = memcmp(p, q, n < m ? n : m);

	return order != 0 ? order : (n > m) - (n < m);
}

/* ---- numbers ---- */

/* Keeps the number as the second form. */
static void
keep_number(struct value *v, const struct number *number)
{
	value_reset_type(v);
	if (number->kind == NUMBER_INT) {
		v->type = VALUE_INT;
		v->as.number = number->i;
	} else {
		v->type = VALUE_DOUBLE;
		v->as.real = number->d;
	}
}

bool
value_to_int_slow(struct value *v, int64_t *ret_number)
{
	struct number number;
	const char *bytes;
	size_t n;

	if (v->type == VALUE_DOUBLE)
		return false;
	bytes = value_bytes(v, &n);
	number = number_parse(bytes, n);
	if (number.kind != NUMBER_INT)
		return false;
	*ret_number = number.i;
	keep_number(v, &number);
	return true;
}

bool
value_to_double(struct value *v, double *ret_real)
{
	struct number number;
	const char *bytes;
	size_t n;

	if (v->type == VALUE_DOUBLE) {
		*ret_real = v->as.real;
		return true;
	}
	if (v->type == VALUE_INT) {
		*ret_real = (double)v->as.number;
		return true;
	}
	bytes = value_bytes(v, &n);
	number = number_parse(bytes, n);
	if (number.kind == NUMBER_NONE || number.kind == NUMBER_OCTAL)
		return false;
	*ret_real = number.kind == NUMBER_INT ? (double)number.i : number.d;
	if (number.kind != NUMBER_BIG)
		keep_number(v, &number);
	return true;
}

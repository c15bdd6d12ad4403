#include "tcl/value/list.h"

#include <string.h>

#include "tcl/value/dict.h"
#include "tcl/value/escape.h"
#include "tcl/value/number.h"

/* ---- arrays ---- */

static size_t
list_bytes(size_t size)
{
	return sizeof(struct list) + size * sizeof(struct value *);
}

struct list *
list_new(struct heap *h, size_t n)
{
	struct list *l = heap_resize(h, NULL, 0, list_bytes(n));

	if (l == NULL) {
		n = 0;
		l = heap_resize(h, NULL, 0, list_bytes(n));
	}
	l->refs = 1;
	l->n = 0;
	l->size = n;
	return l;
}

void
list_unref(struct heap *h, struct list *l)
{
	if (--l->refs > 0)
		return;
	for (size_t i = 0; i < l->n; i++)
		value_unref(l->items[i]);
	heap_release(h, l, list_bytes(l->size));
}

void
list_free(struct value *v)
{
	list_unref(v->heap, v->as.list);
}

void
list_push(struct heap *h, struct list **l, struct value *item)
{
	struct list *old = *l, *bigger;

	if (old->n == old->size) {
		size_t size = old->size < 4 ? 4 : old->size * 2;

		bigger = heap_resize(h, old, list_bytes(old->size), list_bytes(size));
		if (bigger == NULL) {
			value_unref(item);
			return;
		}
		bigger->size = size;
		*l = old = bigger;
	}
	old->items[old->n++] = item;
}

struct list *
list_own(struct heap *h, struct list *l)
{
	struct list *copy;

	if (l->refs == 1)
		return l;
	copy = list_new(h, l->n + l->n / 8 + 4);
	for (size_t i = 0; i < l->n; i++)
		list_push(h, &copy, value_ref(l->items[i]));
	l->refs--;
	return copy;
}

/* ---- values ---- */

struct value *
value_from_list(struct heap *h, struct list *l)
{
	struct value *v = value_new(h);

	if (l->n == 0) {
		list_unref(h, l);
		return v;
	}
	v->bytes = NULL;
	v->type = VALUE_LIST;
	v->as.list = l;
	return v;
}

struct list *
list_from_dict(struct heap *h, const struct dict *d)
{
	struct list *l = list_new(h, d->count * 2);

	for (unsigned i = dict_next(d, 0); i < d->used; i = dict_next(d, i + 1)) {
		list_push(h, &l, value_ref(d->entries[i].key));
		list_push(h, &l, value_ref(d->entries[i].value));
	}
	return l;
}

struct value *
value_list(struct heap *h, size_t n, struct value *const *items)
{
	struct list *l = list_new(h, n);

	for (size_t i = 0; i < n && !heap_work(h, 1); i++)
		list_push(h, &l, value_ref(items[i]));
	return value_from_list(h, l);
}

static bool
fail_scan(struct list_scan *s, const char *code, const char *text)
{
	s->error = (struct list_error){ code, text, s->at, 0 };
	return false;
}

static struct list *
parse_list(struct heap *h, const char *bytes, size_t n, struct list_error *err)
{
	struct list_scan scan = { .at = bytes, .end = bytes + n };
	struct list *l = list_new(h, 4);

	while (list_next(&scan)) {
		list_push(h, &l, list_element(h, &scan));
		if (heap_work(h, 8) && !fail_scan(&scan, "TCL LIMIT STOP", "interrupted"))
			break;
	}
	if (scan.error.code == NULL)
		return l;
	if (err != NULL)
		*err = scan.error;
	list_unref(h, l);
	return NULL;
}

struct list *
value_to_list(struct value *v, struct list_error *err)
{
	struct list *l;
	size_t n;
	const char *bytes;

	if (v->type == VALUE_LIST)
		return v->as.list;
	if (v->type == VALUE_DICT && v->bytes == NULL) {
		l = list_from_dict(v->heap, v->as.dict);
	} else {
		bytes = value_bytes(v, &n);
		l = parse_list(v->heap, bytes, n, err);
	}
	if (l == NULL)
		return NULL;
	if (v->type == VALUE_DICT && v->bytes == NULL) {
		v->heap->forms[VALUE_DICT].free(v);
	} else {
		value_reset_type(v);
	}
	v->type = VALUE_LIST;
	v->as.list = l;
	return l;
}

struct list **
value_list_own(struct value *v)
{
	v->as.list = list_own(v->heap, v->as.list);
	value_drop_bytes(v);
	return &v->as.list;
}

/* ---- quoting ---- */

enum quoting { QUOTE_NONE, QUOTE_BRACES, QUOTE_ESCAPE, QUOTE_MASK };

struct look {
	int depth;
	bool needs, prefers_braces, prefers_escape, wants_escape;
};

/* Examines a byte, or a backslash with the next one; returns the number. */
static size_t
examine(struct look *k, const char *p, size_t n)
{
	size_t taken = 1;

	switch (*p) {
	case '{':
		k->depth++;
		break;
	case '}':
		k->wants_escape |= --k->depth < 0;
		break;
	case ']':
	case '"':
		k->needs = k->prefers_escape = true;
		break;
	case '\\':
		if (n == 1 || p[1] == '\n') {
			k->wants_escape = true;
			return n == 1 ? 1 : 2;
		}
		taken += p[1] == '{' || p[1] == '}' || p[1] == '\\';
		k->needs = k->prefers_braces = true;
		break;
	default:
		if (number_is_blank(*p) || *p == '[' || *p == '$' || *p == ';')
			k->needs = k->prefers_braces = true;
		break;
	}
	return taken;
}

static enum quoting
choose_quoting(const char *p, size_t n, bool first)
{
	struct look k = { .depth = 0 };
	const char *end = p + n, *start = p;

	if (n == 0)
		return QUOTE_BRACES;
	if (*p == '{' || *p == '"')
		k.needs = k.prefers_braces = true;
	if (*p == '#' && first)
		k.prefers_braces = true;
	while (p < end)
		p += examine(&k, p, (size_t)(end - p));
	if (k.wants_escape || k.depth != 0)
		return QUOTE_ESCAPE;
	if (k.needs)
		return k.prefers_escape && !k.prefers_braces ? QUOTE_MASK : QUOTE_BRACES;
	return *start == '#' && first ? QUOTE_BRACES : QUOTE_NONE;
}

static void
append_item_escaped(struct value *out, char c, enum quoting quoting)
{
	static const char specials[] = "\f\n\r\t\v", letters[] = "fnrtv";
	const char *special = c == '\0' ? NULL : strchr(specials, c);
	char text[2] = { '\\', c };

	if (special != NULL)
		text[1] = letters[special - specials];
	if (special != NULL || (c != '\0' && strchr("[]$; \\\"", c) != NULL) ||
	    (quoting == QUOTE_ESCAPE && (c == '{' || c == '}')))
		value_append(out, text, 2);
	else
		value_append_char(out, c);
}

void
list_append_quoted(struct value *out, struct value *item, bool first)
{
	size_t n;
	bool number = item->type == VALUE_INT && item->bytes == NULL;
	const char *p = value_bytes(item, &n);
	enum quoting quoting = number ? QUOTE_NONE : choose_quoting(p, n, first);

	if (quoting == QUOTE_NONE) {
		value_append(out, p, n);
		return;
	}
	if (quoting == QUOTE_BRACES) {
		value_append_char(out, '{');
		value_append(out, p, n);
		value_append_char(out, '}');
		return;
	}
	if (*p == '#' && first)
		value_append_char(out, '\\');
	for (size_t i = 0; i < n; i++)
		append_item_escaped(out, p[i], quoting);
}

void
list_print(struct value *v)
{
	const struct list *l = v->as.list;

	for (size_t i = 0; i < l->n; i++) {
		if (i > 0)
			value_append_char(v, ' ');
		list_append_quoted(v, l->items[i], i == 0);
	}
}

/* ---- text to elements ---- */

/* Checks that white space or the end follows a closing brace or quote. */
static bool
check_behind(struct list_scan *s, const char *text)
{
	const char *p = s->at;

	if (p == s->end || number_is_blank(*p))
		return true;
	while (p < s->end && p < s->at + 20 && !number_is_blank(*p))
		p++;
	fail_scan(s, "TCL VALUE LIST JUNK", text);
	s->error.junk_n = (size_t)(p - s->at);
	return false;
}

static bool
next_braced(struct list_scan *s)
{
	int depth = 1;
	const char *p = s->at + 1;

	s->start = p;
	for (; p < s->end && depth > 0; p++) {
		if (*p == '\\' && p + 1 < s->end)
			p++;
		else if (*p == '{')
			depth++;
		else if (*p == '}')
			depth--;
	}
	if (depth > 0)
		return fail_scan(s, "TCL VALUE LIST BRACE", "unmatched open brace in list");
	s->n = (size_t)(p - s->start) - 1;
	s->at = p;
	return check_behind(s, "list element in braces followed by \"%v\" instead of space");
}

/* Reads up to the closing quote, or, without quotes, to white space. */
static bool
next_plain(struct list_scan *s, bool quoted)
{
	const char *p = s->at + quoted;

	s->start = p;
	while (p < s->end && (quoted ? *p != '"' : !number_is_blank(*p))) {
		if (*p == '\\') {
			size_t taken;
			char c;

			if (!escape_fits(p, (size_t)(s->end - p)))
				return fail_scan(s, "TCL VALUE LIST", escape_too_large);
			s->escapes = true;
			taken = escape_read(p, (size_t)(s->end - p), &c);
			p += taken;
			continue;
		}
		p++;
	}
	if (quoted && p == s->end)
		return fail_scan(s, "TCL VALUE LIST QUOTE", "unmatched open quote in list");
	s->n = (size_t)(p - s->start);
	s->at = p + quoted;
	return !quoted ||
	    check_behind(s, "list element in quotes followed by \"%v\" instead of space");
}

bool
list_next(struct list_scan *s)
{
	while (s->at < s->end && number_is_blank(*s->at))
		s->at++;
	s->escapes = false;
	s->error.code = NULL;
	if (s->at == s->end)
		return false;
	if (*s->at == '{')
		return next_braced(s);
	return next_plain(s, *s->at == '"');
}

struct value *
list_element(struct heap *h, const struct list_scan *s)
{
	struct value *v;
	const char *p = s->start, *end = p + s->n;
	char c;

	if (!s->escapes)
		return value_text(h, s->start, s->n);
	v = value_new(h);
	while (p < end) {
		c = *p;
		if (c == '\\')
			p += escape_read(p, (size_t)(end - p), &c);
		else
			p++;
		value_append_char(v, c);
	}
	return v;
}

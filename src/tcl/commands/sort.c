/* lsort */
#include <string.h>

#include "tcl/commands/commands.h"
#include "tcl/commands/list.h"
#include "tcl/commands/sort.h"
#include "tcl/eval/args.h"
#include "tcl/value/charclass.h"

/* ---- comparison ---- */

static int
ascii_lower(char c)
{
	return (unsigned char)charclass_lower(c);
}

int
sort_nocase(struct value *a, struct value *b)
{
	size_t n, m;
	const char *p = value_bytes(a, &n), *q = value_bytes(b, &m);

	for (size_t i = 0; i < n && i < m; i++) {
		if (ascii_lower(p[i]) != ascii_lower(q[i]))
			return ascii_lower(p[i]) - ascii_lower(q[i]);
	}
	return (n > m) - (n < m);
}

struct cursor {
	const char *at, *end;
};

static size_t
digits(const struct cursor *c)
{
	size_t n = 0;

	while (c->at + n < c->end && c->at[n] >= '0' && c->at[n] <= '9')
		n++;
	return n;
}

static size_t
skip_zeros(struct cursor *c)
{
	size_t n = 0;

	while (c->at + 1 < c->end && *c->at == '0' && c->at[1] >= '0' && c->at[1] <= '9') {
		c->at++;
		n++;
	}
	return n;
}

/* Compares two runs of digits as numbers; *secondary is the difference of leading zeros, which decides last. */
static int
compare_runs(struct cursor *a, struct cursor *b, int *secondary)
{
	size_t zeros_a = skip_zeros(a), zeros_b = skip_zeros(b), n = digits(a), m = digits(b);
	int order;

	if (*secondary == 0)
		*secondary = (zeros_a > zeros_b) - (zeros_a < zeros_b);
	if (n != m)
		return n > m ? 1 : -1;
	order = memcmp(a->at, b->at, n);
	a->at += n;
	b->at += n;
	return order;
}

static bool
is_ascii_upper(char c)
{
	return ascii_lower(c) != (unsigned char)c;
}

int
sort_dictionary(struct value *x, struct value *y)
{
	size_t n, m;
	struct cursor a = { value_bytes(x, &n), NULL }, b = { value_bytes(y, &m), NULL };
	int secondary = 0, order;

	a.end = a.at + n;
	b.end = b.at + m;
	while (a.at < a.end && b.at < b.end) {
		if (digits(&a) > 0 && digits(&b) > 0) {
			order = compare_runs(&a, &b, &secondary);
			if (order != 0)
				return order;
			continue;
		}
		order = ascii_lower(*a.at) - ascii_lower(*b.at);
		if (order != 0)
			return order;
		if (secondary == 0 && *a.at != *b.at)
			secondary = is_ascii_upper(*a.at) ? -1 : is_ascii_upper(*b.at) ? 1 : 0;
		a.at++;
		b.at++;
	}
	if (a.at < a.end || b.at < b.end)
		return a.at < a.end ? 1 : -1;
	return secondary;
}

int
sort_prepare(struct interp *in, const struct sort_how *how, struct value *v, struct sort_key *ret)
{
	const char *bytes;
	size_t n;

	ret->v = v;
	if (how->kind == SORT_INTEGER)
		return args_wide(in, v, &ret->as.i);
	if (how->kind == SORT_REAL)
		return interp_get_double(in, v, &ret->as.d);
	bytes = value_bytes(v, &n);
	ret->as.i = memchr(bytes, '\0', n) != NULL;
	return TCL_OK;
}

/* Compares NUL as tclsh does, whose internal form of NUL has two bytes greater than ASCII. */
static int
compare_nul(struct value *a, struct value *b)
{
	size_t n, m;
	const char *p = value_bytes(a, &n), *q = value_bytes(b, &m);

	for (size_t i = 0; i < n && i < m; i++) {
		int x = p[i] == '\0' ? 0xff : 2 * (unsigned char)p[i],
		    y = q[i] == '\0' ? 0xff : 2 * (unsigned char)q[i];

		if (x != y)
			return x - y;
	}
	return (n > m) - (n < m);
}

int
sort_order(const struct sort_how *how, const struct sort_key *a, const struct sort_key *b)
{
	switch (how->kind) {
	case SORT_INTEGER:
		return (a->as.i > b->as.i) - (a->as.i < b->as.i);
	case SORT_REAL:
		return (a->as.d > b->as.d) - (a->as.d < b->as.d);
	case SORT_DICTIONARY:
		return sort_dictionary(a->v, b->v);
	default:
		if (how->nocase)
			return sort_nocase(a->v, b->v);
		return a->as.i || b->as.i ? compare_nul(a->v, b->v) : value_compare(a->v, b->v);
	}
}

/* Checks that an index from the end is at most 0 and above -(2^31 - 1), and others below 2^31 - 1. */
static int
check_index(struct interp *in, struct value *v)
{
	bool from_end = value_bytes(v, NULL)[0] == 'e';
	int64_t at;

	if (index_get(in, v, 1, &at) != TCL_OK)
		return TCL_ERROR;
	if (from_end ? at <= 0 && at > -INT32_MAX : at >= 0 && at < INT32_MAX)
		return TCL_OK;
	return interp_fail(in, "TCL VALUE INDEXOUTOFRANGE", NULL,
	    "index \"%v\" cannot select an element from any list", v);
}

int
sort_check_path(struct interp *in, const struct list *path)
{
	for (size_t i = 0; i < path->n; i++) {
		if (check_index(in, path->items[i]) != TCL_OK) {
			failure_trace(in, "\n    (-index option item number %d)", (int)i);
			return TCL_ERROR;
		}
	}
	return TCL_OK;
}

int
sort_part(struct interp *in, struct value *item, struct list *path, struct value **ret)
{
	for (size_t i = 0; path != NULL && i < path->n; i++) {
		struct list *l = args_list(in, item);
		int64_t at;

		if (l == NULL || index_get(in, path->items[i], l->n, &at) != TCL_OK)
			return TCL_ERROR;
		if (at < 0 || at >= (int64_t)l->n)
			return interp_fail(in, "TCL OPERATION LSORT INDEXFAILED", NULL,
			    "element %l missing from sublist \"%v\"", at, item);
		item = l->items[at];
	}
	*ret = item;
	return TCL_OK;
}

/* ---- lsort ---- */

struct member {
	struct sort_key key;
	size_t at; /* its index in the list */
};

struct sorting {
	struct interp *in;
	struct sort_how how;
	bool unique, indices;
	int64_t stride;
	struct list *path;
	struct list *list;
	struct member *members, *spare;
	size_t n, groups;
	int code;
};

static int
order_by_command(struct sorting *s, const struct member *a, const struct member *b)
{
	struct interp *in = s->in;
	struct list *prefix = args_list(in, s->how.command), *argv;
	int64_t order = 0;

	if (prefix == NULL) {
		s->code = TCL_ERROR;
		return 0;
	}
	argv = list_new(&in->heap, prefix->n + 2);
	for (size_t i = 0; i < prefix->n; i++)
		list_push(&in->heap, &argv, value_ref(prefix->items[i]));
	list_push(&in->heap, &argv, value_ref(a->key.v));
	list_push(&in->heap, &argv, value_ref(b->key.v));
	s->code = eval_call_traced(in, (int)argv->n, argv->items);
	list_unref(&in->heap, argv);
	if (s->code != TCL_OK) {
		if (s->code == TCL_ERROR)
			failure_trace(in, "\n    (-compare command)");
		return 0;
	}
	if (!value_to_int(in->result, &order))
		s->code = interp_fail(in, "TCL OPERATION LSORT COMPARISONFAILED", NULL,
		    "-compare command returned non-integer result");
	return (order > 0) - (order < 0);
}

static int
order(struct sorting *s, const struct member *a, const struct member *b)
{
	int result;

	if (s->code == TCL_OK && heap_work(&s->in->heap, 4))
		s->code = eval_tick_slow(s->in);
	if (s->code != TCL_OK)
		return 0;
	if (s->how.kind == SORT_COMMAND)
		result = order_by_command(s, a, b);
	else
		result = sort_order(&s->how, &a->key, &b->key);
	return s->how.decreasing ? -result : result;
}

/* Merges the sorted ranges [from, middle) and [middle, to). */
static void
merge(struct sorting *s, size_t from, size_t middle, size_t to)
{
	size_t a = from, b = middle, out = from;

	while (a < middle && b < to) {
		bool left = order(s, &s->members[a], &s->members[b]) <= 0;

		s->spare[out++] = s->members[left ? a++ : b++];
	}
	while (a < middle)
		s->spare[out++] = s->members[a++];
	while (b < to)
		s->spare[out++] = s->members[b++];
	memcpy(s->members + from, s->spare + from, (to - from) * sizeof(*s->members));
}

/* A stable sort with the comparisons of Tcl in their order, which -command sees: merges runs of 1, 2, 4, ...
 * as soon as there are two of a length, and at the end from the last to the first. */
static void
merge_sort(struct sorting *s)
{
	size_t start, size;

	for (size_t n = 1; n <= s->n; n++) {
		for (size = 1; (n & size) == 0; size *= 2)
			merge(s, n - 2 * size, n - size, n);
	}
	start = s->n;
	for (size = 1; size <= s->n; size *= 2) {
		if ((s->n & size) == 0)
			continue;
		if (start < s->n)
			merge(s, start - size, start, s->n);
		start -= size;
	}
}

/* Keeps the last of each run of equal items. */
static void
drop_doubles(struct sorting *s)
{
	size_t to = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (i + 1 < s->n && order(s, &s->members[i], &s->members[i + 1]) == 0)
			continue;
		s->members[to++] = s->members[i];
	}
	s->n = to;
}

static struct value *
sorted(struct sorting *s)
{
	struct heap *h = &s->in->heap;
	struct list *l = list_new(h, s->n);

	for (size_t i = 0; i < s->n; i++) {
		size_t at = s->members[i].at;

		for (size_t k = at; k < at + (size_t)s->stride; k++)
			list_push(h, &l,
			    s->indices ? value_int(h, (int64_t)k) : value_ref(s->list->items[k]));
	}
	return value_from_list(h, l);
}

/* Makes the sort key of member i. */
static int
prepare_member(struct sorting *s, size_t i)
{
	struct list *path = s->path;
	struct value *part = s->list->items[i * (size_t)s->stride];
	int64_t at = 0;

	if (s->stride > 1 && path != NULL && path->n > 0) {
		if (index_get(s->in, path->items[0], (size_t)s->stride, &at) != TCL_OK)
			return TCL_ERROR;
		if (at < 0 || at >= s->stride)
			return interp_fail(s->in, "TCL OPERATION LSORT BADINDEX", NULL,
			    "when used with \"-stride\", the leading \"-index\" value must be "
			    "within the group");
		part = s->list->items[i * (size_t)s->stride + (size_t)at];
		for (size_t k = 1; k < path->n; k++) {
			struct value *one = value_list(&s->in->heap, 1, &path->items[k]);
			int code = sort_part(s->in, part, value_to_list(one, NULL), &part);

			value_unref(one);
			if (code != TCL_OK)
				return code;
		}
	} else if (sort_part(s->in, part, path, &part) != TCL_OK) {
		return TCL_ERROR;
	}
	s->members[i].at = i * (size_t)s->stride;
	return sort_prepare(s->in, &s->how, part, &s->members[i].key);
}

static int
run_sort(struct sorting *s)
{
	size_t size;
	int code = TCL_OK;

	if (s->list->n % (size_t)s->stride != 0)
		return interp_fail(s->in, "TCL OPERATION LSORT BADSTRIDE", NULL,
		    "list size must be a multiple of the stride length");
	s->n = s->list->n / (size_t)s->stride;
	size = s->n * sizeof(*s->members);
	s->members = heap_resize(&s->in->heap, NULL, 0, 2 * size);
	if (s->members == NULL && size > 0)
		return interp_fail(s->in, NULL, NULL, "out of memory");
	s->spare = s->members + s->n;
	s->groups = s->n;
	for (size_t i = 0; i < s->n && code == TCL_OK && !heap_work(&s->in->heap, 8); i++)
		code = prepare_member(s, i);
	if (code == TCL_OK)
		code = eval_tick(s->in);
	if (code == TCL_OK && s->n > 0) {
		merge_sort(s);
		if (s->unique)
			drop_doubles(s);
		code = s->code;
	}
	if (code == TCL_OK)
		interp_set_result(s->in, sorted(s));
	heap_release(&s->in->heap, s->members, 2 * size);
	return code;
}

enum {
	OPT_ASCII,
	OPT_COMMAND,
	OPT_DECREASING,
	OPT_DICTIONARY,
	OPT_INCREASING,
	OPT_INDEX,
	OPT_INDICES,
	OPT_INTEGER,
	OPT_NOCASE,
	OPT_REAL,
	OPT_STRIDE,
	OPT_UNIQUE
};

static int
parse_stride(struct sorting *s, struct value *v)
{
	if (args_int(s->in, v, &s->stride) != TCL_OK)
		return TCL_ERROR;
	if (s->stride < 2)
		return interp_fail(s->in, "TCL OPERATION LSORT BADSTRIDE", NULL,
		    "stride length must be at least 2");
	return TCL_OK;
}

/* Reads an option with a value. */
static int
parse_sort_value(struct sorting *s, int option, int left, struct value *v)
{
	if (left < 1)
		return interp_fail(s->in, "TCL ARGUMENT MISSING", NULL,
		    "\"%s\" option must be followed by %s",
		    option == OPT_COMMAND     ? "-command"
			: option == OPT_INDEX ? "-index"
					      : "-stride",
		    option == OPT_COMMAND     ? "comparison command"
			: option == OPT_INDEX ? "list index"
					      : "stride length");
	if (option == OPT_COMMAND) {
		s->how.kind = SORT_COMMAND;
		s->how.command = v;
		return TCL_OK;
	}
	if (option == OPT_STRIDE)
		return parse_stride(s, v);
	s->path = args_list(s->in, v);
	return s->path == NULL ? TCL_ERROR : sort_check_path(s->in, s->path);
}

static void
parse_sort_flag(struct sorting *s, int option)
{
	static const enum sort_kind kinds[] = { [OPT_ASCII] = SORT_ASCII,
		[OPT_DICTIONARY] = SORT_DICTIONARY,
		[OPT_INTEGER] = SORT_INTEGER,
		[OPT_REAL] = SORT_REAL };

	if (option == OPT_DECREASING || option == OPT_INCREASING)
		s->how.decreasing = option == OPT_DECREASING;
	else if (option == OPT_INDICES)
		s->indices = true;
	else if (option == OPT_NOCASE)
		s->how.nocase = true;
	else if (option == OPT_UNIQUE)
		s->unique = true;
	else
		s->how.kind = kinds[option];
}

static int
cmd_lsort(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const options[] = { "-ascii", "-command", "-decreasing", "-dictionary",
		"-increasing", "-index", "-indices", "-integer", "-nocase", "-real", "-stride",
		"-unique", NULL };
	struct sorting s = { .in = in, .stride = 1 };
	int option, code;

	for (int i = 1; i < argc - 1; i++) {
		if (interp_get_word(in, argv[i], options, "option", &option) != TCL_OK)
			return TCL_ERROR;
		if (option != OPT_COMMAND && option != OPT_INDEX && option != OPT_STRIDE) {
			parse_sort_flag(&s, option);
			continue;
		}
		i++;
		if (parse_sort_value(&s, option, argc - 1 - i, argv[i]) != TCL_OK)
			return TCL_ERROR;
	}
	s.list = args_list(in, argv[argc - 1]);
	if (s.list == NULL)
		return TCL_ERROR;
	s.list->refs++;
	if (s.path != NULL)
		s.path->refs++;
	code = run_sort(&s);
	if (s.path != NULL)
		list_unref(&in->heap, s.path);
	list_unref(&in->heap, s.list);
	return code;
}

const struct interp_command core_sort_commands[] = {
	{ "lsort", cmd_lsort, 1, -1, "?-option value ...? list" },
	{ NULL, NULL, 0, 0, NULL },
};

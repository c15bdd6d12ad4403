/* list lindex llength lrange lreverse lassign linsert lreplace lrepeat concat join split lset */
#include <string.h>

#include "tcl/commands/commands.h"
#include "tcl/commands/list.h"
#include "tcl/eval/args.h"
#include "tcl/eval/eval.h"
#include "tcl/value/number.h"

/* ---- indexes ---- */

static bool
index_number(struct heap *h, const char *p, size_t n, int64_t *ret)
{
	struct value *v = value_text(h, p, n);
	bool ok = n > 0 && value_to_int(v, ret);

	value_unref(v);
	return ok;
}

/* Reads A+B or A-B; A may be end. */
static bool
index_sum(struct heap *h, const char *p, size_t n, int64_t end, int64_t *ret)
{
	int64_t left, right;
	size_t at = 1;

	while (at < n && p[at] != '+' && p[at] != '-')
		at++;
	if (at + 1 >= n || number_is_blank(p[at - 1]) || number_is_blank(p[at + 1]))
		return false;
	if (at == 3 && memcmp(p, "end", 3) == 0)
		left = end;
	else if (!index_number(h, p, at, &left))
		return false;
	if (!index_number(h, p + at + 1, n - at - 1, &right))
		return false;
	if (!number_narrow(&left) || !number_narrow(&right))
		return false;
	*ret = (int32_t)(p[at] == '-' ? left - right : left + right);
	return true;
}

static bool
is_bad_octal(const char *p, size_t n)
{
	if (n > 4 && memcmp(p, "end", 3) == 0) {
		p += 3;
		n -= 3;
	}
	while (n > 0 && (number_is_blank(*p) || *p == '-' || *p == '+')) {
		p++;
		n--;
	}
	if (n > 2 && p[0] == '0' && p[1] == 'o') {
		p++;
		n--;
		return p[1] == '8' || p[1] == '9';
	}
	return number_parse(p, n).kind == NUMBER_OCTAL;
}

int
index_get(struct interp *in, struct value *v, size_t n, int64_t *ret_index)
{
	/* the caller may hold the list, which goes when the value becomes a number */
	struct value *text = v->type == VALUE_LIST ? value_new(&in->heap) : NULL;
	const char *p;
	size_t len;
	int code;

	if (text != NULL) {
		value_append_value(text, v);
		code = index_get(in, text, n, ret_index);
		value_unref(text);
		return code;
	}
	if (value_to_int(v, ret_index) && number_narrow(ret_index))
		return TCL_OK;
	p = value_bytes(v, &len);
	if (len > 0 && len <= 3 && memcmp(p, "end", len) == 0) {
		*ret_index = (int64_t)n - 1;
		return TCL_OK;
	}
	if (index_sum(&in->heap, p, len, (int64_t)n - 1, ret_index))
		return TCL_OK;
	return interp_fail(in, "TCL VALUE INDEX", NULL,
	    "bad index \"%v\": must be integer?[+-]integer? or end?[+-]integer?%s", v,
	    is_bad_octal(p, len) ? " (looks like invalid octal number)" : "");
}

/* ---- making ---- */

static int
cmd_list(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_return(in, value_list(&in->heap, (size_t)argc - 1, argv + 1));
}

static void
trim_blanks(const char **p, size_t *n)
{
	while (*n > 0 && number_is_blank(**p)) {
		++*p;
		--*n;
	}
	while (*n > 0 && number_is_blank((*p)[*n - 1])) {
		/* an escaped space belongs to the last word */
		if (*n > 1 && (*p)[*n - 2] == '\\')
			break;
		--*n;
	}
}

/* Returns whether a list begins with #, which is quoted only as the first of a list. */
static bool
begins_with_hash(struct value *v)
{
	return v->as.list->n > 0 && value_bytes(v->as.list->items[0], NULL)[0] == '#';
}

static bool
all_lists(int n, struct value *const items[])
{
	for (int i = 0; i < n; i++) {
		if (items[i]->bytes != NULL && items[i]->len == 0)
			continue;
		if (items[i]->type != VALUE_LIST || items[i]->bytes != NULL ||
		    begins_with_hash(items[i]))
			return false;
	}
	return n > 0;
}

struct value *
list_concat(struct interp *in, int n, struct value *const items[])
{
	struct value *v = value_new(&in->heap);
	struct list *l;
	size_t len;
	const char *p;

	if (all_lists(n, items)) {
		l = list_new(&in->heap, 8);
		for (int i = 0; i < n; i++) {
			struct list *part = value_to_list(items[i], NULL);

			for (size_t j = 0; j < part->n && !heap_work(&in->heap, 1); j++)
				list_push(&in->heap, &l, value_ref(part->items[j]));
		}
		value_unref(v);
		return value_from_list(&in->heap, l);
	}
	for (int i = 0; i < n; i++) {
		p = value_bytes(items[i], &len);
		trim_blanks(&p, &len);
		if (len == 0)
			continue;
		if (v->len > 0)
			value_append_char(v, ' ');
		value_append(v, p, len);
	}
	return v;
}

static int
cmd_concat(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_return(in, list_concat(in, argc - 1, argv + 1));
}

static int
too_many(struct interp *in)
{
	return interp_fail(in, "TCL MEMORY", NULL,
	    "max length of a Tcl list (%d elements) exceeded", 0x1fffffff - 1);
}

static int
cmd_lrepeat(struct interp *in, void *data, int argc, struct value *const argv[])
{
	int64_t count, total;
	struct list *l;

	if (args_int(in, argv[1], &count) != TCL_OK)
		return TCL_ERROR;
	if (count < 0)
		return interp_fail(in, "TCL OPERATION LREPEAT NEGARG", NULL,
		    "bad count \"%l\": must be integer >= 0", count);
	if (__builtin_mul_overflow(count, argc - 2, &total) || total > 0x1fffffff - 1)
		return too_many(in);
	l = list_new(&in->heap, (size_t)total);
	for (int64_t i = 0; i < total && !heap_work(&in->heap, 1); i++)
		list_push(&in->heap, &l, value_ref(argv[2 + i % (argc - 2)]));
	return interp_return(in, value_from_list(&in->heap, l));
}

/* Splits at each of the separator bytes. */
static void
split_at(struct interp *in, struct list **l, const char *p, size_t n, const char *seps,
    size_t seps_n)
{
	size_t start = 0;

	for (size_t i = 0; i < n && !heap_work(&in->heap, 1 + seps_n / 16); i++) {
		if (memchr(seps, p[i], seps_n) == NULL)
			continue;
		list_push(&in->heap, l, value_text(&in->heap, p + start, i - start));
		start = i + 1;
	}
	list_push(&in->heap, l, value_text(&in->heap, p + start, n - start));
}

static int
cmd_split(struct interp *in, void *data, int argc, struct value *const argv[])
{
	size_t n, seps_n = 4;
	const char *p = value_bytes(argv[1], &n), *seps = " \n\t\r";
	struct list *l = list_new(&in->heap, 8);

	if (argc > 2)
		seps = value_bytes(argv[2], &seps_n);
	if (n > 0 && seps_n > 0)
		split_at(in, &l, p, n, seps, seps_n);
	for (size_t i = 0; seps_n == 0 && i < n && !heap_work(&in->heap, 8); i++)
		list_push(&in->heap, &l, value_text(&in->heap, p + i, 1));
	return interp_return(in, value_from_list(&in->heap, l));
}

static int
cmd_join(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct list *l = args_list(in, argv[1]);
	struct value *v;

	if (l == NULL)
		return TCL_ERROR;
	v = value_new(&in->heap);
	for (size_t i = 0; i < l->n && !heap_work(&in->heap, 2); i++) {
		if (i > 0 && argc == 2)
			value_append_char(v, ' ');
		else if (i > 0)
			value_append_value(v, argv[2]);
		value_append_value(v, l->items[i]);
	}
	return interp_return(in, v);
}

/* ---- reading ---- */

static int
cmd_llength(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct list *l = args_list(in, argv[1]);

	return l == NULL ? TCL_ERROR : interp_return_int(in, (int64_t)l->n);
}

/* Returns a reference to the item at the path; an empty value out of range. */
static int
item_at(struct interp *in, struct value *v, size_t n, struct value *const *path, struct value **ret)
{
	value_ref(v);
	for (size_t i = 0; i < n; i++) {
		struct list *l = args_list(in, v);
		struct value *item;
		int64_t at;

		if (l == NULL || index_get(in, path[i], l->n, &at) != TCL_OK) {
			value_unref(v);
			return TCL_ERROR;
		}
		item = at >= 0 && at < (int64_t)l->n ? l->items[at] : in->empty;
		value_ref(item);
		value_unref(v);
		v = item;
	}
	*ret = v;
	return TCL_OK;
}

/* Returns the path: a single argument may be a list of indexes. */
static struct list *
index_path(struct interp *in, int argc, struct value *const argv[], struct value **ret_holder)
{
	struct list *l;
	int64_t ignored;

	if (argc == 1 && argv[0]->type != VALUE_LIST && value_to_int(argv[0], &ignored))
		*ret_holder = value_list(&in->heap, 1, argv);
	else if (argc == 1)
		*ret_holder = value_ref(argv[0]);
	else
		*ret_holder = value_list(&in->heap, (size_t)argc, argv);
	l = value_to_list(*ret_holder, NULL);
	if (l == NULL) {
		value_unref(*ret_holder);
		*ret_holder = value_list(&in->heap, 1, argv);
		l = value_to_list(*ret_holder, NULL);
	}
	return l;
}

static int
cmd_lindex(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v, *holder;
	struct list *path;
	int code;

	if (argc == 2)
		return interp_return(in, value_ref(argv[1]));
	path = index_path(in, argc - 2, argv + 2, &holder);
	path->refs++;
	code = item_at(in, argv[1], path->n, path->items, &v);
	list_unref(&in->heap, path);
	value_unref(holder);
	return code == TCL_OK ? interp_return(in, v) : code;
}

/* Reads both ends and limits them to a list of n items; first is greater than last where nothing is between. */
static int
get_range(struct interp *in, struct value *first, struct value *last, size_t n, int64_t *ret_first,
    int64_t *ret_last)
{
	if (index_get(in, first, n, ret_first) != TCL_OK ||
	    index_get(in, last, n, ret_last) != TCL_OK)
		return TCL_ERROR;
	if (*ret_first < 0)
		*ret_first = 0;
	if (*ret_last >= (int64_t)n)
		*ret_last = (int64_t)n - 1;
	return TCL_OK;
}

static int
cmd_lrange(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct list *l = args_list(in, argv[1]);
	int64_t first, last;

	if (l == NULL || get_range(in, argv[2], argv[3], l->n, &first, &last) != TCL_OK)
		return TCL_ERROR;
	if (first > last)
		return interp_return(in, value_ref(in->empty));
	return interp_return(in,
	    value_list(&in->heap, (size_t)(last - first + 1), l->items + first));
}

static int
cmd_lreverse(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct list *l = args_list(in, argv[1]), *reversed;

	if (l == NULL)
		return TCL_ERROR;
	if (l->n == 0)
		return interp_return(in, value_ref(argv[1]));
	reversed = list_new(&in->heap, l->n);
	for (size_t i = l->n; i > 0 && !heap_work(&in->heap, 1); i--)
		list_push(&in->heap, &reversed, value_ref(l->items[i - 1]));
	return interp_return(in, value_from_list(&in->heap, reversed));
}

static int
cmd_lassign(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct list *l = args_list(in, argv[1]);
	size_t names = (size_t)argc - 2;
	int code = TCL_OK;

	if (l == NULL)
		return TCL_ERROR;
	l->refs++;
	for (size_t i = 0; i < names && code == TCL_OK; i++)
		code = interp_write(in, argv[2 + i], value_ref(i < l->n ? l->items[i] : in->empty));
	if (code == TCL_OK)
		interp_set_result(in,
		    l->n > names ? value_list(&in->heap, l->n - names, l->items + names)
				 : value_ref(in->empty));
	list_unref(&in->heap, l);
	return code;
}

/* ---- changing ---- */

/* Replaces the items [first, first + cut). */
static int
splice(struct interp *in, struct list *l, size_t first, size_t cut, int n,
    struct value *const fresh[])
{
	struct list *made = list_new(&in->heap, l->n + (size_t)n);

	for (size_t i = 0; i < first && !heap_work(&in->heap, 1); i++)
		list_push(&in->heap, &made, value_ref(l->items[i]));
	for (int i = 0; i < n; i++)
		list_push(&in->heap, &made, value_ref(fresh[i]));
	for (size_t i = first + cut; i < l->n && !heap_work(&in->heap, 1); i++)
		list_push(&in->heap, &made, value_ref(l->items[i]));
	return interp_return(in, value_from_list(&in->heap, made));
}

static int
cmd_linsert(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct list *l = args_list(in, argv[1]);
	int64_t at;

	if (l == NULL || index_get(in, argv[2], l->n + 1, &at) != TCL_OK)
		return TCL_ERROR;
	if (at < 0)
		at = 0;
	if (at > (int64_t)l->n)
		at = (int64_t)l->n;
	return splice(in, l, (size_t)at, 0, argc - 3, argv + 3);
}

/* Returns whether the range is the whole list by literal indexes: tclsh then does not parse the list. */
static bool
is_all(struct interp *in, struct value *first, struct value *last)
{
	int64_t number;
	size_t n;
	const char *bytes = value_bytes(first, &n);
	bool is = n > 0 && bytes[0] != 'e' && ast_is_literal(in->node, first) &&
	    ast_is_literal(in->node, last);

	if (!is || index_get(in, first, 0, &number) != TCL_OK || number > 0)
		return false;
	bytes = value_bytes(last, &n);
	return n > 0 && bytes[0] == 'e' && index_get(in, last, 1, &number) == TCL_OK && number >= 0;
}

static int
cmd_lreplace(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct list *l;
	int64_t first, last;

	if (is_all(in, argv[2], argv[3]))
		return interp_return(in, value_list(&in->heap, (size_t)(argc - 4), argv + 4));
	l = args_list(in, argv[1]);
	if (l == NULL || get_range(in, argv[2], argv[3], l->n, &first, &last) != TCL_OK)
		return TCL_ERROR;
	if (first > (int64_t)l->n)
		first = (int64_t)l->n;
	return splice(in, l, (size_t)first, last < first ? 0 : (size_t)(last - first + 1), argc - 4,
	    argv + 4);
}

/* Sets the item at the path in *slot, a value with a single reference. */
static int
set_item(struct interp *in, struct value **slot, size_t n, struct value *const *path,
    struct value *fresh)
{
	struct list *l, **own;
	struct value *item;
	int64_t at;
	int code;
	bool made;

	if (n == 0) {
		value_unref(*slot);
		*slot = value_ref(fresh);
		return TCL_OK;
	}
	l = args_list(in, *slot);
	if (l == NULL || index_get(in, path[0], l->n, &at) != TCL_OK)
		return TCL_ERROR;
	if (at < 0 || at > (int64_t)l->n)
		return interp_fail(in, "TCL OPERATION LSET BADINDEX", NULL,
		    "list index out of range");
	*slot = value_own(*slot);
	own = value_list_own(*slot);
	made = at == (int64_t)(*own)->n;
	if (made)
		list_push(&in->heap, own, value_new(&in->heap));
	if (at >= (int64_t)(*own)->n)
		return TCL_OK;
	item = (*own)->items[at];
	(*own)->items[at] = value_ref(in->empty);
	code = set_item(in, &item, n - 1, path + 1, fresh);
	value_unref((*own)->items[at]);
	(*own)->items[at] = item;
	if (code != TCL_OK && made)
		value_unref((*own)->items[--(*own)->n]);
	return code;
}

static int
cmd_lset(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v = interp_read(in, argv[1]), *before = NULL, *holder, **slot;
	struct list *path;
	int code;

	if (v == NULL)
		return TCL_ERROR;
	if (v->refs > 1 || v->bytes != NULL)
		before = value_ref(v);
	slot = var_change(in, argv[1], false);
	path = index_path(in, argc - 3, argv + 2, &holder);
	path->refs++;
	code = set_item(in, slot, path->n, path->items, argv[argc - 1]);
	list_unref(&in->heap, path);
	value_unref(holder);
	if (code != TCL_OK && before != NULL) {
		value_unref(*slot);
		*slot = value_ref(before);
	}
	value_unref(before);
	return code == TCL_OK ? var_result(in, slot) : code;
}

const struct interp_command core_list_commands[] = {
	{ "list", cmd_list, 0, -1, "" },
	{ "concat", cmd_concat, 0, -1, "" },
	{ "lrepeat", cmd_lrepeat, 1, -1, "count ?value ...?" },
	{ "split", cmd_split, 1, 2, "string ?splitChars?" },
	{ "join", cmd_join, 1, 2, "list ?joinString?" },
	{ "llength", cmd_llength, 1, 1, "list" },
	{ "lindex", cmd_lindex, 1, -1, "list ?index ...?" },
	{ "lrange", cmd_lrange, 3, 3, "list first last" },
	{ "lreverse", cmd_lreverse, 1, 1, "list" },
	{ "lassign", cmd_lassign, 1, -1, "list ?varName ...?" },
	{ "linsert", cmd_linsert, 2, -1, "list index ?element ...?" },
	{ "lreplace", cmd_lreplace, 3, -1, "list first last ?element ...?" },
	{ "lset", cmd_lset, 2, -1, "listVar ?index? ?index ...? value" },
	{ NULL, NULL, 0, 0, NULL },
};

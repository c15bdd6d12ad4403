/* string */
#include <string.h>

#include "tcl/commands/commands.h"
#include "tcl/commands/list.h"
#include "tcl/eval/args.h"
#include "tcl/value/charclass.h"
#include "tcl/value/glob.h"
#include "tcl/value/strings.h"

/* ---- comparing ---- */

/* string compare, string equal: ?-nocase? ?-length n? a b */
static int
compare_words(struct interp *in, int argc, struct value *const argv[], int *ret_order)
{
	bool nocase = false;
	int64_t length = -1;
	struct text a, b;

	for (int i = 2; i < argc - 2; i++) {
		size_t n = text_of(argv[i]).n;

		if (n > 1 && strncmp(value_bytes(argv[i], NULL), "-nocase", n) == 0) {
			nocase = true;
		} else if (n > 1 && strncmp(value_bytes(argv[i], NULL), "-length", n) == 0) {
			if (i + 1 >= argc - 2)
				return interp_wrong_args(in, 2, argv,
				    "?-nocase? ?-length int? string1 string2");
			if (args_int(in, argv[++i], &length) != TCL_OK)
				return TCL_ERROR;
		} else {
			return interp_fail(in, "TCL LOOKUP INDEX option", argv[i],
			    "bad option \"%v\": must be -nocase or -length", argv[i]);
		}
	}
	a = text_of(argv[argc - 2]);
	b = text_of(argv[argc - 1]);
	if (length >= 0 && a.n > (size_t)length)
		a.n = (size_t)length;
	if (length >= 0 && b.n > (size_t)length)
		b.n = (size_t)length;
	*ret_order = strings_compare(a, b, nocase);
	return TCL_OK;
}

static int
string_compare(struct interp *in, void *data, int argc, struct value *const argv[])
{
	int order = 0;

	if (argc < 4 || argc > 7)
		return interp_wrong_args(in, 2, argv, "?-nocase? ?-length int? string1 string2");
	return compare_words(in, argc, argv, &order) == TCL_OK ? interp_return_int(in, order)
							       : TCL_ERROR;
}

static int
string_equal(struct interp *in, void *data, int argc, struct value *const argv[])
{
	int order = 0;

	if (argc < 4 || argc > 7)
		return interp_wrong_args(in, 2, argv, "?-nocase? ?-length int? string1 string2");
	return compare_words(in, argc, argv, &order) == TCL_OK ? interp_return_int(in, order == 0)
							       : TCL_ERROR;
}

static int
string_match(struct interp *in, void *data, int argc, struct value *const argv[])
{
	size_t n = text_of(argv[2]).n;
	bool nocase = argc == 5;

	if (nocase && (n < 2 || strncmp(value_bytes(argv[2], NULL), "-nocase", n) != 0))
		return interp_fail(in, "TCL LOOKUP INDEX option", argv[2],
		    "bad option \"%v\": must be -nocase", argv[2]);
	return interp_return_int(in, glob_match(argv[argc - 2], argv[argc - 1], nocase));
}

/* ---- searching ---- */

static int
string_first(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct text needle = text_within(argv[2]), hay = text_within(argv[3]);
	int64_t start = 0;
	const char *found;

	if (argc > 4 && index_get(in, argv[4], hay.n, &start) != TCL_OK)
		return TCL_ERROR;
	if (start < 0)
		start = 0;
	if (needle.n == 0 || start >= (int64_t)hay.n)
		return interp_return_int(in, -1);
	found = memmem(hay.p + start, hay.n - (size_t)start, needle.p, needle.n);
	return interp_return_int(in, found == NULL ? -1 : found - hay.p);
}

static int
string_last(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct text needle = text_within(argv[2]), hay = text_within(argv[3]);
	int64_t last = (int64_t)hay.n - 1, at;

	if (argc > 4 && index_get(in, argv[4], hay.n, &last) != TCL_OK)
		return TCL_ERROR;
	if (last >= (int64_t)hay.n)
		last = (int64_t)hay.n - 1;
	at = last + 1 - (int64_t)needle.n;
	if (needle.n == 0)
		at = -1;
	while (at >= 0 && memcmp(hay.p + at, needle.p, needle.n) != 0 &&
	    !heap_work(&in->heap, 1 + needle.n / 16))
		at--;
	return interp_return_int(in, at < 0 ? -1 : at);
}

/* ---- parts ---- */

static int
string_length(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_return_int(in, (int64_t)text_within(argv[2]).n);
}

static int
string_index(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct text t = text_within(argv[2]);
	int64_t at;

	if (index_get(in, argv[3], t.n, &at) != TCL_OK)
		return TCL_ERROR;
	if (at < 0 || at >= (int64_t)t.n)
		return TCL_OK;
	return interp_return_text(in, text_of(argv[2]).p + at, 1);
}

/* Reads both indexes and limits them to the text. */
static int
get_span(struct interp *in, struct value *const bounds[], size_t n, int64_t *ret_first,
    int64_t *ret_last)
{
	if (index_get(in, bounds[0], n, ret_first) != TCL_OK ||
	    index_get(in, bounds[1], n, ret_last) != TCL_OK)
		return TCL_ERROR;
	if (*ret_first < 0)
		*ret_first = 0;
	if (*ret_last >= (int64_t)n)
		*ret_last = (int64_t)n - 1;
	return TCL_OK;
}

static int
string_range(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct text t = text_within(argv[2]);
	int64_t first, last;

	if (get_span(in, argv + 3, t.n, &first, &last) != TCL_OK)
		return TCL_ERROR;
	if (first > last)
		return TCL_OK;
	return interp_return_text(in, text_of(argv[2]).p + first, (size_t)(last - first + 1));
}

static int
string_replace(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct text t = text_within(argv[2]);
	int64_t first, last;
	struct value *v;

	if (index_get(in, argv[3], t.n, &first) != TCL_OK ||
	    index_get(in, argv[4], t.n, &last) != TCL_OK)
		return TCL_ERROR;
	if (last < first || last < 0 || first >= (int64_t)t.n)
		return interp_return(in, value_ref(argv[2]));
	if (first < 0)
		first = 0;
	if (last >= (int64_t)t.n)
		last = (int64_t)t.n - 1;
	t = text_of(argv[2]);
	v = value_text(&in->heap, t.p, (size_t)first);
	if (argc > 5)
		value_append_value(v, argv[5]);
	value_append(v, t.p + last + 1, t.n - (size_t)(last + 1));
	return interp_return(in, v);
}

static int
string_cat(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v = value_new(&in->heap);

	for (int i = 2; i < argc; i++)
		value_append_value(v, argv[i]);
	return interp_return(in, v);
}

static int
string_repeat(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct text t = text_of(argv[2]);
	struct value *v;
	int64_t count;
	size_t total;
	char *room;

	if (args_int(in, argv[3], &count) != TCL_OK)
		return TCL_ERROR;
	if (count == 1)
		return interp_return(in, value_ref(argv[2]));
	if (count <= 0 || t.n == 0)
		return TCL_OK;
	if (__builtin_mul_overflow(t.n, (size_t)count, &total) || total > INT32_MAX)
		return interp_fail(in, "TCL MEMORY", NULL,
		    "result exceeds max size for a Tcl value (%l bytes)", (int64_t)INT32_MAX);
	v = value_new(&in->heap);
	room = value_extend(v, total);
	t = text_of(argv[2]);
	if (room != NULL)
		heap_copy(&in->heap, room, t.p, t.n);
	/* then doubles what there is */
	for (size_t at = t.n, n; room != NULL && at < total; at += n) {
		n = total - at < at ? total - at : at;
		heap_copy(&in->heap, room + at, room, n);
	}
	return interp_return(in, v);
}

static int
string_reverse(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct text t = text_within(argv[2]);
	struct value *v = value_new(&in->heap);
	char *room = value_extend(v, t.n);

	for (size_t i = 0; room != NULL && i < t.n && !heap_work(&in->heap, 1); i++)
		room[i] = t.p[t.n - 1 - i];
	return interp_return(in, v);
}

/* ---- case ---- */

/* string tolower, toupper, totitle */
static int
string_to(struct interp *in, void *data, int argc, struct value *const argv[])
{
	char which = value_bytes(argv[1], NULL)[2];
	char (*first)(char) = which == 'l' ? charclass_lower : charclass_upper;
	char (*rest)(char) = which == 'u' ? charclass_upper : charclass_lower;
	struct text t = text_of(argv[2]);
	int64_t from = 0, to = (int64_t)t.n - 1;
	struct value *v;

	if (argc > 3 && index_get(in, argv[3], t.n, &from) != TCL_OK)
		return TCL_ERROR;
	if (argc > 4 && index_get(in, argv[4], t.n, &to) != TCL_OK)
		return TCL_ERROR;
	if (from < 0)
		from = 0;
	if (argc == 4)
		to = from;
	v = value_text(&in->heap, text_of(argv[2]).p, t.n);
	for (int64_t i = from; i <= to && i < (int64_t)v->len && !heap_work(&in->heap, 1); i++)
		v->bytes[i] = (i == from ? first : rest)(v->bytes[i]);
	return interp_return(in, v);
}

/* ---- trimming and words ---- */

static bool
is_trimmed(char c, const char *set, size_t n)
{
	return set == NULL ? charclass_is(CHARCLASS_SPACE, c) || c == 0 : memchr(set, c, n) != NULL;
}

/* string trim, trimleft, trimright */
static int
string_trim(struct interp *in, void *data, int argc, struct value *const argv[])
{
	/* by the letter after "trim" */
	char side = argv[1]->len > 4 ? value_bytes(argv[1], NULL)[4] : '\0';
	bool left = side != 'r', right = side != 'l';
	struct text t = text_of(argv[2]);
	const char *set = NULL;
	size_t n = 0;

	if (argc > 3)
		set = value_bytes(argv[3], &n);
	while (left && t.n > 0 && is_trimmed(t.p[0], set, n) && !heap_work(&in->heap, 1 + n / 16)) {
		t.p++;
		t.n--;
	}
	while (right && t.n > 0 && is_trimmed(t.p[t.n - 1], set, n) &&
	    !heap_work(&in->heap, 1 + n / 16))
		t.n--;
	return interp_return_text(in, t.p, t.n);
}

/* string wordstart, wordend: a byte that is not in a word is one by itself. */
static int
string_word(struct interp *in, void *data, int argc, struct value *const argv[])
{
	bool end = strchr(value_bytes(argv[1], NULL), 'e') != NULL;
	struct text t = text_of(argv[2]);
	int64_t at, i;

	if (index_get(in, argv[3], t.n, &at) != TCL_OK)
		return TCL_ERROR;
	t = text_of(argv[2]);
	at = at < 0 ? 0 : at;
	if (end ? at >= (int64_t)t.n : at == 0 || t.n < 2)
		return interp_return_int(in, end ? (int64_t)t.n : 0);
	i = at = at >= (int64_t)t.n ? (int64_t)t.n - 1 : at;
	while (i >= 0 && i < (int64_t)t.n && charclass_is(CHARCLASS_WORD, t.p[i]))
		i += end ? 1 : -1;
	return interp_return_int(in, i == at ? at + end : i + !end);
}

static const struct interp_command rows[] = {
	{ "bytelength", string_length, 1, 1, "string" },
	{ "cat", string_cat, 0, -1, "?arg ...?" },
	{ "compare", string_compare, 0, -1, "" },
	{ "equal", string_equal, 0, -1, "" },
	{ "first", string_first, 2, 3, "needleString haystackString ?startIndex?" },
	{ "index", string_index, 2, 2, "string charIndex" },
	{ "is", charclass_string_is, 2, 5, "class ?-strict? ?-failindex var? str" },
	{ "last", string_last, 2, 3, "needleString haystackString ?startIndex?" },
	{ "length", string_length, 1, 1, "string" },
	{ "map", strings_map, 2, 3, "?-nocase? charMap string" },
	{ "match", string_match, 2, 3, "?-nocase? pattern string" },
	{ "range", string_range, 3, 3, "string first last" },
	{ "repeat", string_repeat, 2, 2, "string count" },
	{ "replace", string_replace, 3, 4, "string first last ?string?" },
	{ "reverse", string_reverse, 1, 1, "string" },
	{ "tolower", string_to, 1, 3, "string ?first? ?last?" },
	{ "totitle", string_to, 1, 3, "string ?first? ?last?" },
	{ "toupper", string_to, 1, 3, "string ?first? ?last?" },
	{ "trim", string_trim, 1, 2, "string ?chars?" },
	{ "trimleft", string_trim, 1, 2, "string ?chars?" },
	{ "trimright", string_trim, 1, 2, "string ?chars?" },
	{ "wordend", string_word, 2, 2, "string index" },
	{ "wordstart", string_word, 2, 2, "string index" },
	{ NULL, NULL, 0, 0, NULL },
};

static int
cmd_string(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_run_row(in, data, argc, argv, rows);
}

const struct interp_command core_string_commands[] = {
	{ "string", cmd_string, 0, -1, "subcommand ?arg ...?" },
	{ NULL, NULL, 0, 0, NULL },
};

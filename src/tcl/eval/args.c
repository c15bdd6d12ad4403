#include <string.h>

#include "tcl/eval/args.h"
#include "tcl/eval/eval.h"
#include "tcl/value/number.h"

size_t
args_shown_length(const char *text, size_t n, size_t most)
{
	size_t i, shown = 0;

	for (i = 0; i < n; i++) {
		shown += (unsigned char)text[i] >= 0x80 || text[i] == '\0' ? 2 : 1;
		if (shown > most)
			break;
	}
	return i;
}

static void
fail_list(struct interp *in, const char *code, const char *text, const struct list_error *err)
{
	struct value *junk = value_text(&in->heap, err->junk, err->junk_n);

	interp_fail(in, code, NULL, text, junk);
	value_unref(junk);
}

struct list *
args_list(struct interp *in, struct value *v)
{
	struct list_error err;
	struct list *l = value_to_list(v, &err);

	if (l == NULL)
		fail_list(in, err.code, err.text, &err);
	return l;
}

/* Reports an error of a list as one of a dictionary. */
static void
fail_dict(struct interp *in, const struct list_error *err)
{
	struct value *code = value_string(&in->heap, "TCL VALUE DICTIONARY"),
		     *text = value_string(&in->heap, err->text);
	const char *kind = strstr(err->code, "LIST");
	char *list = strstr(text->bytes, "list");

	value_append_string(code, kind != NULL ? kind + 4 : "");
	if (kind != NULL && list != NULL)
		memcpy(list, (const char[]){ 'd', 'i', 'c', 't' }, 4);
	fail_list(in, code->bytes, text->bytes, err);
	value_unref(code);
	value_unref(text);
}

struct dict *
args_dict(struct interp *in, struct value *v)
{
	struct list_error err;
	struct dict *d = value_to_dict(v, &err);

	if (d == NULL)
		fail_dict(in, &err);
	return d;
}

int
args_fail_expected(struct interp *in, const char *what, struct value *v)
{
	size_t n;
	const char *bytes = value_bytes(v, &n);
	struct value *shown = value_text(&in->heap, bytes, args_shown_length(bytes, n, 50));
	const char *digits = bytes + strspn(bytes, " \t\n\r\v\f"), *end;
	bool octal;

	/* tclsh stops reading after a 0 and digits that are not all octal */
	digits += *digits == '-' || *digits == '+';
	end = digits + strspn(digits, "0123456789");
	octal = what[0] != 'i' && *digits == '0' &&
	    strspn(digits, "01234567") < (size_t)(end - digits) &&
	    (*end == '\0' || strchr(".eE", *end) == NULL);

	interp_fail(in, "TCL VALUE NUMBER", NULL, "expected %s but got \"%v\"%s", what, shown,
	    octal ? " (looks like invalid octal number)" : "");
	value_unref(shown);
	return TCL_ERROR;
}

int
interp_get_list(struct interp *in, struct value *v, size_t *ret_n, struct value *const **ret_items)
{
	struct list *l = args_list(in, v);

	if (l == NULL)
		return TCL_ERROR;
	*ret_n = l->n;
	*ret_items = l->items;
	return TCL_OK;
}

int
interp_get_int(struct interp *in, struct value *v, int64_t *ret_number)
{
	struct number number;
	size_t n;
	const char *bytes;

	if (value_to_int(v, ret_number))
		return TCL_OK;
	bytes = value_bytes(v, &n);
	number = number_parse(bytes, n);
	if (number.kind == NUMBER_BIG)
		return interp_fail(in, "ARITH IOVERFLOW {integer value too large to represent}",
		    NULL, "integer value too large to represent");
	return interp_fail(in, "TCL VALUE INTEGER", NULL, "expected integer but got \"%v\"", v);
}

int
args_wide(struct interp *in, struct value *v, int64_t *ret_number)
{
	bool real = v->type == VALUE_DOUBLE;
	int code = interp_get_int(in, v, ret_number);

	/* a double gets the usual error */
	if (code != TCL_OK && !real && value_is(interp_errorcode(in), "TCL VALUE INTEGER"))
		return args_fail_expected(in, "integer", v);
	return code;
}

int
args_real(struct value *v)
{
	double ignored;

	value_to_double(v, &ignored);
	return TCL_ERROR;
}

int
args_int(struct interp *in, struct value *v, int64_t *ret_number)
{
	int64_t number;

	if (interp_get_int(in, v, &number) != TCL_OK)
		return args_real(v);
	if (!number_narrow(&number))
		return interp_fail(in, "ARITH IOVERFLOW {integer value too large to represent}",
		    NULL, "integer value too large to represent");
	*ret_number = number;
	return TCL_OK;
}

int
interp_get_double(struct interp *in, struct value *v, double *ret_real)
{
	if (value_to_double(v, ret_real)) {
		if (*ret_real == *ret_real)
			return TCL_OK;
		return interp_fail(in, "TCL VALUE DOUBLE NAN", NULL,
		    "floating point value is Not a Number");
	}
	return args_fail_expected(in, "floating-point number", v);
}

int
interp_get_bool(struct interp *in, struct value *v, bool *ret_truth)
{
	double real;
	size_t n;
	const char *bytes;
	int truth;

	if (v->type == VALUE_INT) {
		*ret_truth = v->as.number != 0;
		return TCL_OK;
	}
	bytes = value_bytes(v, &n);
	truth = number_bool_word(bytes, n);
	if (truth == -1 && value_to_double(v, &real))
		truth = real != 0;
	if (truth == -1)
		return args_fail_expected(in, "boolean value", v);
	*ret_truth = truth;
	return TCL_OK;
}

/* ---- tables ---- */

/* A table whose rows begin with a name */
struct names {
	const char *const *first;
	size_t stride; /* in pointers */
};

static const char *
name_at(const struct names *names, size_t i)
{
	return *(const char *const *)(const void *)((const char *)names->first + i * names->stride);
}

/* Returns the index of the word or of its unique prefix; -1: none; -2: several. */
static int
find_in_names(const struct names *names, struct value *v)
{
	size_t n;
	const char *bytes = value_bytes(v, &n), *name;
	int found = -1;

	for (int i = 0; (name = name_at(names, (size_t)i)) != NULL; i++) {
		if (strncmp(name, bytes, n) != 0 || strlen(bytes) != n)
			continue;
		if (name[n] == '\0')
			return i;
		found = found == -1 ? i : -2;
	}
	return found;
}

static void
append_names(struct value *out, const struct names *names)
{
	size_t count = 0;

	while (name_at(names, count) != NULL)
		count++;
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			value_append_string(out,
			    count == 2           ? " or "
				: i == count - 1 ? ", or "
						 : ", ");
		value_append_string(out, name_at(names, i));
	}
}

static int
unknown_name(struct interp *in, const struct names *names, struct value *v, const char *code,
    const char *begin)
{
	struct value *list = value_new(&in->heap);

	append_names(list, names);
	interp_fail(in, code, v, "%s \"%v\": must be %v", begin, v, list);
	value_unref(list);
	return TCL_ERROR;
}

int
args_word(struct interp *in, struct value *v, const char *const *words, const char *what,
    bool exact, int *ret_index)
{
	struct names names = { words, sizeof(*words) };
	int found = find_in_names(&names, v);
	struct value *code, *begin;

	if (exact && (found < 0 || !value_is(v, words[found])))
		found = -1;
	if (found >= 0) {
		*ret_index = found;
		return TCL_OK;
	}
	code = value_string(&in->heap, "TCL LOOKUP INDEX ");
	value_append_string(code, strchr(what, ' ') != NULL ? "{" : "");
	value_append_string(code, what);
	value_append_string(code, strchr(what, ' ') != NULL ? "}" : "");
	begin = value_string(&in->heap, found == -2 ? "ambiguous " : "bad ");
	value_append_string(begin, what);
	unknown_name(in, &names, v, value_bytes(code, NULL), value_bytes(begin, NULL));
	value_unref(code);
	value_unref(begin);
	return TCL_ERROR;
}

int
interp_get_word(struct interp *in, struct value *v, const char *const *words, const char *what,
    int *ret_index)
{
	return args_word(in, v, words, what, false, ret_index);
}

int
args_run_row(struct interp *in, const struct args_rows *how, int argc, struct value *const argv[])
{
	struct names names = { &how->rows->name, sizeof(*how->rows) };
	const struct interp_command *row;
	struct value *prefix[3];
	int found, depth = how->depth, code;

	if (argc <= depth)
		return interp_wrong_args(in, depth, argv, "subcommand ?arg ...?");
	found = find_in_names(&names, argv[depth]);
	if (found >= 0 && how->exact && !value_is(argv[depth], how->rows[found].name))
		found = -1;
	if (found >= 0 && how->rows[found].run == NULL)
		return interp_fail(in, "TCL LOOKUP SUBCOMMAND", argv[depth],
		    "%v %s is not part of the language", argv[depth - 1], how->rows[found].name);
	if (found < 0)
		return unknown_name(in, &names, argv[depth], "TCL LOOKUP SUBCOMMAND",
		    how->exact ? "unknown subcommand" : "unknown or ambiguous subcommand");
	row = &how->rows[found];
	if (argc - depth - 1 >= row->min && (row->max == -1 || argc - depth - 1 <= row->max))
		return row->run(in, how->data, argc, argv);
	for (int i = 0; i < depth; i++)
		prefix[i] = argv[i];
	prefix[depth] = value_string(&in->heap, row->name);
	code = interp_wrong_args(in, depth + 1, prefix, row->usage);
	value_unref(prefix[depth]);
	return code;
}

int
interp_run_row(struct interp *in, void *data, int argc, struct value *const argv[],
    const struct interp_command *rows)
{
	struct args_rows how = { rows, data, 1, false };

	return args_run_row(in, &how, argc, argv);
}

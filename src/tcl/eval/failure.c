#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tcl/eval/eval.h"
#include "tcl/value/number.h"

/* ---- messages ---- */

static void
append_int(struct value *v, int64_t i)
{
	char text[32];
	size_t n = number_print_int(i, text);

	value_append(v, text, n);
}

static void
append_argument(struct value *v, char kind, va_list *ap)
{
	switch (kind) {
	case 'v':
		value_append_value(v, va_arg(*ap, struct value *));
		break;
	case 's':
		value_append_string(v, va_arg(*ap, const char *));
		break;
	case 'd':
		append_int(v, va_arg(*ap, int));
		break;
	case 'l':
		append_int(v, va_arg(*ap, int64_t));
		break;
	case 'c':
		value_append_char(v, (char)va_arg(*ap, int));
		break;
	default:
		value_append_char(v, kind);
		break;
	}
}

static void
format_list(struct value *v, const char *fmt, va_list *ap)
{
	const char *percent;

	while ((percent = strchr(fmt, '%')) != NULL && percent[1] != '\0') {
		value_append(v, fmt, (size_t)(percent - fmt));
		append_argument(v, percent[1], ap);
		fmt = percent + 2;
	}
	value_append_string(v, fmt);
}

void
value_format(struct value *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format_list(v, fmt, &ap);
	va_end(ap);
}

void
failure_reset(struct interp *in)
{
	value_unref(in->errorinfo);
	value_unref(in->errorcode);
	value_unref(in->return_options);
	in->errorinfo = in->errorcode = in->return_options = NULL;
	in->logged = false;
	in->errorline = 1;
}

int
interp_fail(struct interp *in, const char *code, struct value *detail, const char *fmt, ...)
{
	struct value *message = value_new(&in->heap), *list = NULL;
	va_list ap;

	va_start(ap, fmt);
	format_list(message, fmt, &ap);
	va_end(ap);
	if (code != NULL) {
		list = value_string(&in->heap, code);
		if (detail != NULL) {
			value_append_char(list, ' ');
			list_append_quoted(list, detail, false);
		}
	}
	failure_reset(in);
	in->place[0] = '\0';
	in->errorcode = list;
	interp_set_result(in, message);
	return TCL_ERROR;
}

int
interp_fail_with(struct interp *in, struct value *code, struct value *message)
{
	failure_reset(in);
	in->place[0] = '\0';
	in->errorcode = code;
	interp_set_result(in, message);
	return TCL_ERROR;
}

int
failure_set_code(struct interp *in, const char *code)
{
	value_unref(in->errorcode);
	in->errorcode = value_string(&in->heap, code);
	return TCL_ERROR;
}

int
interp_wrong_args(struct interp *in, int n, struct value *const argv[], const char *usage)
{
	struct value *message = value_string(&in->heap, "wrong # args: should be \"");

	for (int i = 0; i < n; i++) {
		if (i > 0)
			value_append_char(message, ' ');
		list_append_quoted(message, argv[i], i == 0);
	}
	if (usage != NULL && usage[0] != '\0')
		value_format(message, n > 0 ? " %s" : "%s", usage);
	value_append_char(message, '"');
	interp_fail(in, "TCL WRONGARGS", NULL, "%v", message);
	value_unref(message);
	return TCL_ERROR;
}

int
failure_unexpected(struct interp *in, int code)
{
	if (code == TCL_BREAK || code == TCL_CONTINUE)
		return interp_fail(in, "TCL RESULT UNEXPECTED", NULL,
		    "invoked \"%s\" outside of a loop", code == TCL_BREAK ? "break" : "continue");
	return interp_fail(in, "TCL UNEXPECTED_RESULT_CODE", NULL, "command returned bad code: %d",
	    code);
}

/* ---- the trace ---- */

void
failure_trace(struct interp *in, const char *fmt, ...)
{
	va_list ap;

	if (in->errorinfo == NULL)
		in->errorinfo = value_copy(in->result);
	in->errorinfo = value_own(in->errorinfo);
	va_start(ap, fmt);
	format_list(in->errorinfo, fmt, &ap);
	va_end(ap);
	in->logged = false;
}

void
failure_set_place(struct interp *in, const struct script *s, const struct node *node)
{
	const char *file = "";

	if (s->source < in->files->n)
		file = value_bytes(in->files->items[s->source], NULL);
	in->place[0] = '\0';
	if (file[0] != '\0')
		snprintf(in->place, sizeof(in->place), "%s:%u", file, node->line);
}

struct value *
interp_errorcode(struct interp *in)
{
	if (in->errorcode == NULL)
		in->errorcode = value_string(&in->heap, "NONE");
	return in->errorcode;
}

struct value *
interp_errorinfo(struct interp *in)
{
	if (in->errorinfo == NULL)
		in->errorinfo = value_copy(in->result);
	return in->errorinfo;
}

int
interp_conclude(struct interp *in, int code)
{
	if (code == TCL_RETURN)
		code = failure_return_code(in);
	if (code == TCL_OK || code == TCL_RETURN)
		return TCL_OK;
	if (code != TCL_ERROR)
		failure_unexpected(in, code);
	if (in->place[0] == '\0' && in->left_source != 0 && in->left_source < in->files->n)
		snprintf(in->place, sizeof(in->place), "%s:%u",
		    value_bytes(in->files->items[in->left_source], NULL), in->left_line);
	return TCL_ERROR;
}

const char *
interp_errorplace(struct interp *in)
{
	return in->place;
}

/* ---- options of return and catch ---- */

static void
set_return_option(struct interp *in, struct dict *d, const char *key, struct value *v)
{
	struct value *name = value_string(&in->heap, key);

	dict_set(&in->heap, d, name, v);
	value_unref(name);
	value_unref(v);
}

struct value *
failure_options(struct interp *in, int code)
{
	struct heap *h = &in->heap;
	struct value *options;
	struct dict *d;
	bool returns = code == TCL_RETURN;

	options = in->return_options != NULL ? value_copy(in->return_options)
					     : value_from_dict(h, dict_new(h));
	value_to_dict(options, NULL);
	d = value_dict_own(options);
	set_return_option(in, d, "-code", value_int(h, returns ? in->return_code : code));
	set_return_option(in, d, "-level", value_int(h, returns ? in->return_level : 0));
	if (code == TCL_ERROR || (returns && in->return_code == TCL_ERROR))
		set_return_option(in, d, "-errorcode", value_ref(interp_errorcode(in)));
	if (code == TCL_ERROR) {
		set_return_option(in, d, "-errorinfo", value_ref(interp_errorinfo(in)));
		set_return_option(in, d, "-errorline", value_int(h, in->errorline));
	}
	return options;
}

int
failure_code_of(struct interp *in, struct value *v, int *ret_code)
{
	static const char *const names[] = { "ok", "error", "return", "break", "continue" };
	int64_t number;

	for (int i = 0; i < 5; i++) {
		if (value_is(v, names[i])) {
			*ret_code = i;
			return TCL_OK;
		}
	}
	if (!value_to_int(v, &number) || !number_narrow(&number))
		return interp_fail(in, "TCL RESULT ILLEGAL_CODE", NULL,
		    "bad completion code \"%v\": must be ok, error, return, break, continue, or an "
		    "integer",
		    v);
	*ret_code = (int)number;
	return TCL_OK;
}

/* Adds an option; -options DICT adds its members. */
static int
merge_options(struct interp *in, struct dict *into, struct value *key, struct value *v)
{
	struct dict *d;

	if (!value_is(key, "-options")) {
		dict_set(&in->heap, into, key, v);
		return TCL_OK;
	}
	d = value_to_dict(v, NULL);
	if (d == NULL)
		return interp_fail(in, "TCL RESULT ILLEGAL_OPTIONS", NULL,
		    "bad -options value: expected dictionary but got \"%v\"", v);
	for (unsigned i = dict_next(d, 0); i < d->used; i = dict_next(d, i + 1))
		dict_set(&in->heap, into, d->entries[i].key, d->entries[i].value);
	return TCL_OK;
}

static struct value *
get_option(struct interp *in, struct dict *d, const char *name)
{
	struct value *key = value_string(&in->heap, name), *v = dict_get(d, key);

	value_unref(key);
	return v;
}

static struct value *
remove_option(struct interp *in, struct dict *d, const char *name)
{
	struct value *key = value_string(&in->heap, name), *v = dict_get(d, key);

	if (v != NULL) {
		value_ref(v);
		dict_remove(d, key);
	}
	value_unref(key);
	return v;
}

static int
remove_code(struct interp *in, struct dict *d, int *ret_code)
{
	struct value *v = remove_option(in, d, "-code");
	int rc = v == NULL ? TCL_OK : failure_code_of(in, v, ret_code);

	value_unref(v);
	return rc;
}

static int
remove_level(struct interp *in, struct dict *d, int64_t *ret_level)
{
	struct value *v = remove_option(in, d, "-level");
	int rc = TCL_OK;

	if (v != NULL && (!value_to_int(v, ret_level) || *ret_level < 0 || *ret_level > INT32_MAX))
		rc = interp_fail(in, "TCL RESULT ILLEGAL_LEVEL", NULL,
		    "bad -level value: expected non-negative integer but got \"%v\"", v);
	value_unref(v);
	return rc;
}

static int
check_errorcode(struct interp *in, struct dict *d, struct value **ret)
{
	*ret = get_option(in, d, "-errorcode");
	if (*ret == NULL || value_to_list(*ret, NULL) != NULL)
		return TCL_OK;
	interp_fail(in, "TCL RESULT ILLEGAL_ERRORCODE", NULL,
	    "bad -errorcode value: expected a list but got \"%v\"", *ret);
	return TCL_ERROR;
}

/* Sets the state of an error that a script makes with return. */
static void
set_error_state(struct interp *in, struct dict *d, struct value *errorcode)
{
	struct value *info = get_option(in, d, "-errorinfo");
	struct value *line = get_option(in, d, "-errorline");
	int64_t number;

	if (errorcode != NULL)
		in->errorcode = value_ref(errorcode);
	if (info != NULL && info->len + (info->bytes == NULL) > 0) {
		in->errorinfo = value_ref(info);
		in->logged = true;
	} else {
		in->place[0] = '\0';
	}
	if (line != NULL && value_to_int(line, &number))
		in->errorline = (unsigned)number;
}

static int
apply_options(struct interp *in, struct dict *d, struct value *result)
{
	struct value *errorcode = NULL;
	int64_t level = 1;
	int code = TCL_OK;

	if (remove_code(in, d, &code) != TCL_OK || remove_level(in, d, &level) != TCL_OK ||
	    check_errorcode(in, d, &errorcode) != TCL_OK)
		return TCL_ERROR;
	if (code == TCL_RETURN) {
		code = TCL_OK;
		level++;
	}
	failure_reset(in);
	if (code == TCL_ERROR)
		set_error_state(in, d, errorcode);
	in->return_code = code;
	in->return_level = (int)level;
	interp_set_result(in, value_ref(result));
	return level == 0 ? code : TCL_RETURN;
}

int
failure_return(struct interp *in, int n, struct value *const words[], struct value *result)
{
	struct value *options = value_from_dict(&in->heap, dict_new(&in->heap));
	int rc = TCL_OK;

	for (int i = 0; i + 1 < n && rc == TCL_OK; i += 2)
		rc = merge_options(in, options->as.dict, words[i], words[i + 1]);
	if (rc == TCL_OK) {
		rc = apply_options(in, options->as.dict, result);
		if (options->as.dict->count > 0 && in->return_options == NULL)
			in->return_options = value_ref(options);
	}
	value_unref(options);
	return rc;
}

void
failure_restore(struct interp *in, struct value *options, struct value *result)
{
	struct value *words[2] = { value_string(&in->heap, "-options"), options };

	failure_return(in, 2, words, result);
	value_unref(words[0]);
}

int
failure_return_code(struct interp *in)
{
	if (--in->return_level > 0)
		return TCL_RETURN;
	/* the trace then also has the caller of the procedure */
	in->logged = false;
	return in->return_code;
}

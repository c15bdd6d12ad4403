/* catch try throw error */
#include "tcl/commands/commands.h"
#include "tcl/eval/args.h"
#include "tcl/eval/eval.h"
#include "tcl/eval/script_body.h"

/* Sets the variables of catch or of a handler; either name may be NULL. */
static int
save_outcome(struct interp *in, int code, struct value *result_name, struct value *options_name)
{
	struct value *result = value_ref(in->result), *options = NULL;
	int rc = TCL_OK;

	if (options_name != NULL)
		options = failure_options(in, code);
	if (result_name != NULL)
		rc = interp_write(in, result_name, value_ref(result));
	if (options_name != NULL && rc == TCL_OK)
		rc = interp_write(in, options_name, value_ref(options));
	value_unref(result);
	value_unref(options);
	return rc;
}

static void
set_globals(struct interp *in)
{
	interp_set_var(in, "::errorInfo", value_ref(interp_errorinfo(in)));
	interp_set_var(in, "::errorCode", value_ref(interp_errorcode(in)));
}

static int
cmd_catch(struct interp *in, void *data, int argc, struct value *const argv[])
{
	int code = argc == 2 || in->unit_locals ? script_body_once(in, argv[1], NULL)
						: script_body_separate(in, argv[1], NULL);
	struct value *info;

	if (in->stop != NULL || in->heap.fault != NULL)
		return code;
	if (code == TCL_ERROR && !in->logged && in->unit_locals)
		failure_trace_command(in);
	if (code == TCL_ERROR)
		set_globals(in);
	info = code == TCL_ERROR && !in->unit_locals ? value_ref(in->errorinfo) : NULL;
	if (save_outcome(in, code, argc > 2 ? argv[2] : NULL, argc > 3 ? argv[3] : NULL) !=
	    TCL_OK) {
		in->errorinfo = info;
		return TCL_ERROR;
	}
	value_unref(info);
	failure_reset(in);
	return interp_return_int(in, code);
}

static int
cmd_error(struct interp *in, void *data, int argc, struct value *const argv[])
{
	failure_reset(in);
	if (argc > 3)
		in->errorcode = value_ref(argv[3]);
	in->logged = argc > 2 && !value_is(argv[2], "");
	if (in->logged)
		in->errorinfo = value_ref(argv[2]);
	interp_set_result(in, value_ref(argv[1]));
	return TCL_ERROR;
}

static int
cmd_throw(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct list *type = args_list(in, argv[1]);

	if (type == NULL)
		return TCL_ERROR;
	if (type->n == 0)
		return interp_fail(in, "TCL OPERATION THROW BADEXCEPTION", NULL,
		    "type must be non-empty list");
	failure_reset(in);
	in->errorcode = value_ref(argv[1]);
	interp_set_result(in, value_ref(argv[2]));
	return TCL_ERROR;
}

/* ---- try ---- */

struct attempt {
	int argc;
	struct value *const *argv;
	struct value *result, *options; /* of the last evaluation */
	int code;
	struct value *finally;
};

static int
bad_prefix(struct interp *in, struct value *prefix)
{
	return interp_fail(in, "TCL OPERATION TRY TRAP EXNFORMAT", NULL,
	    "bad prefix '%v': must be a list", prefix);
}

/* tclsh compiles a try with handlers in procedures only. */
static int
eval_part(struct interp *in, const struct attempt *t, struct value *body)
{
	bool handlers = t->argc > (t->finally != NULL ? 4 : 2);

	return handlers ? script_body_local(in, body, NULL) : script_body_once(in, body, NULL);
}

/* Returns whether a clause, on CODE or trap PATTERN, handles the outcome of the body. */
static int
clause_fits(struct interp *in, const struct attempt *t, struct value *const *clause, bool *ret_fits)
{
	struct list *pattern, *code;
	int wanted;

	*ret_fits = false;
	/* the word may be a prefix */
	if (value_bytes(clause[0], NULL)[0] == 'o') {
		if (failure_code_of(in, clause[1], &wanted) != TCL_OK)
			return TCL_ERROR;
		*ret_fits = wanted == t->code;
		return TCL_OK;
	}
	pattern = value_to_list(clause[1], NULL);
	if (pattern == NULL)
		return bad_prefix(in, clause[1]);
	if (t->code != TCL_ERROR)
		return TCL_OK;
	code = value_to_list(interp_errorcode(in), NULL);
	*ret_fits = code != NULL && pattern->n <= code->n;
	for (size_t i = 0; *ret_fits && i < pattern->n; i++)
		*ret_fits = value_equal(pattern->items[i], code->items[i]);
	return TCL_OK;
}

static int
check_clause(struct interp *in, const struct attempt *t, int at, bool *ret_finally)
{
	static const char *const kinds[] = { "finally", "on", "trap", NULL };
	int kind, left = t->argc - at;
	struct list *names;

	if (interp_get_word(in, t->argv[at], kinds, "handler type", &kind) != TCL_OK)
		return TCL_ERROR;
	*ret_finally = kind == 0;
	if (kind == 0) {
		if (left < 2)
			return interp_fail(in, "TCL OPERATION TRY FINALLY ARGUMENT", NULL,
			    "wrong # args to finally clause: must be \"... finally script\"");
		if (left > 2)
			return interp_fail(in, "TCL OPERATION TRY FINALLY NONTERMINAL", NULL,
			    "finally clause must be last");
		return TCL_OK;
	}
	if (left < 4)
		return interp_fail(in,
		    kind == 1 ? "TCL OPERATION TRY ON ARGUMENT" : "TCL OPERATION TRY TRAP ARGUMENT",
		    NULL,
		    kind == 1
			? "wrong # args to on clause: must be \"... on code variableList script\""
			: "wrong # args to trap clause: must be \"... trap pattern variableList "
			  "script\"");
	if (kind == 1) {
		int code;

		if (failure_code_of(in, t->argv[at + 1], &code) != TCL_OK)
			return TCL_ERROR;
	}
	if (kind == 2 && value_to_list(t->argv[at + 1], NULL) == NULL)
		return bad_prefix(in, t->argv[at + 1]);
	names = args_list(in, t->argv[at + 2]);
	return names == NULL ? TCL_ERROR : TCL_OK;
}

static int
check_clauses(struct interp *in, struct attempt *t)
{
	int at = 2, last = 0;
	bool is_finally;

	while (at < t->argc) {
		if (check_clause(in, t, at, &is_finally) != TCL_OK)
			return TCL_ERROR;
		if (is_finally) {
			t->finally = t->argv[at + 1];
			break;
		}
		last = at;
		at += 4;
	}
	if (last > 0 && value_is(t->argv[last + 3], "-"))
		return interp_fail(in, "TCL OPERATION TRY BADFALLTHROUGH", NULL,
		    "last non-finally clause must not have a body of \"-\"");
	return TCL_OK;
}

static void
save_result(struct interp *in, struct attempt *t, int code)
{
	value_unref(t->result);
	value_unref(t->options);
	t->code = code;
	t->options = failure_options(in, code);
	t->result = value_ref(in->result);
}

/* Keeps an earlier error as -during of a new one. */
static void
add_during(struct interp *in, struct attempt *t, struct value *before)
{
	struct value *key;

	if (t->code != TCL_ERROR)
		return;
	key = value_string(&in->heap, "-during");
	t->options = value_own(t->options);
	dict_set(&in->heap, value_dict_own(t->options), key, before);
	value_unref(key);
}

static int
run_handler(struct interp *in, struct attempt *t, struct value *const *clause, struct value *body)
{
	struct list *names = args_list(in, clause[2]);
	struct value *before = value_ref(t->options);
	int code = save_outcome(in, t->code, names->n > 0 ? names->items[0] : NULL,
	    names->n > 1 ? names->items[1] : NULL);

	if (code == TCL_OK) {
		failure_reset(in);
		code = eval_part(in, t, body);
		if (code == TCL_ERROR && !in->logged)
			failure_trace(in, "\n    (\"try ... %v\" handler line %d)", clause[0],
			    (int)in->errorline);
	}
	save_result(in, t, code);
	add_during(in, t, before);
	value_unref(before);
	return code;
}

static int
run_handlers(struct interp *in, struct attempt *t)
{
	for (int at = 2; at + 3 < t->argc; at += 4) {
		int body = at + 3;
		bool fits;

		if (clause_fits(in, t, t->argv + at, &fits) != TCL_OK)
			return TCL_ERROR;
		if (!fits)
			continue;
		while (value_is(t->argv[body], "-"))
			body += 4;
		return run_handler(in, t, t->argv + at, t->argv[body]);
	}
	return TCL_OK;
}

static int
run_finally(struct interp *in, struct attempt *t)
{
	struct value *before;
	int code;

	failure_reset(in);
	code = eval_part(in, t, t->finally);
	if (code == TCL_OK)
		return TCL_OK;
	if (code == TCL_ERROR && !in->logged)
		failure_trace(in, "\n    (\"try ... finally\" body line %d)", (int)in->errorline);
	before = value_ref(t->options);
	save_result(in, t, code);
	add_during(in, t, before);
	value_unref(before);
	return code;
}

static int
cmd_try(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct attempt t = { .argc = argc, .argv = argv };
	int code;

	if (check_clauses(in, &t) != TCL_OK)
		return TCL_ERROR;
	code = eval_part(in, &t, argv[1]);
	if (code == TCL_ERROR && !in->logged)
		failure_trace(in, "\n    (\"try\" body line %d)", (int)in->errorline);
	if (in->stop != NULL || in->heap.fault != NULL)
		return code;
	save_result(in, &t, code);
	run_handlers(in, &t);
	if (t.finally != NULL && in->stop == NULL)
		run_finally(in, &t);
	if (in->stop == NULL)
		failure_restore(in, t.options, t.result);
	code = in->stop != NULL ? TCL_ERROR : t.code;
	value_unref(t.result);
	value_unref(t.options);
	return code;
}

const struct interp_command core_error_commands[] = {
	{ "catch", cmd_catch, 1, 3, "script ?resultVarName? ?optionVarName?" },
	{ "error", cmd_error, 1, 3, "message ?errorInfo? ?errorCode?" },
	{ "throw", cmd_throw, 2, 2, "type message" },
	{ "try", cmd_try, 1, -1, "body ?handler ...? ?finally script?" },
	{ NULL, NULL, 0, 0, NULL },
};

/* set unset incr append lappend global upvar variable array */
#include <string.h>

#include "tcl/commands/commands.h"
#include "tcl/eval/args.h"
#include "tcl/eval/eval.h"

static int
cmd_set(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct var *var;
	struct value *v;

	if (argc == 3 && (var = var_in_frame(in, argv[1])) != NULL && var->kind == VAR_VALUE) {
		v = var->as.value;
		var->as.value = value_ref(argv[2]);
		value_unref(v);
		eval_set_result(in, value_ref(argv[2]));
		return TCL_OK;
	}
	if (argc == 2) {
		v = interp_read(in, argv[1]);
		return v == NULL ? TCL_ERROR : interp_return(in, value_ref(v));
	}
	if (interp_write(in, argv[1], value_ref(argv[2])) != TCL_OK)
		return TCL_ERROR;
	return interp_return(in, value_ref(argv[2]));
}

static int
cmd_unset(struct interp *in, void *data, int argc, struct value *const argv[])
{
	bool complain = true;
	const char *why;
	int i = 1;

	if (i < argc && value_is(argv[i], "-nocomplain")) {
		complain = false;
		i++;
	}
	if (i < argc && value_is(argv[i], "--"))
		i++;
	for (; i < argc; i++) {
		if (!var_unset(in, argv[i], &why) && complain)
			return var_fail(in, "unset", argv[i], why);
	}
	return TCL_OK;
}

static int
no_increment(struct interp *in, struct value *name, const char *why)
{
	if (why == var_is_array)
		return var_fail(in, "set", name, why);
	var_fail(in, "read", name, why);
	/* not where the procedure has a slot for it */
	if (why == no_namespace || !ast_is_literal(in->node, name) || !var_is_known(in, name))
		failure_trace(in, "\n    (reading value of variable to increment)");
	return TCL_ERROR;
}

/* Returns the variable to increment; NULL with the error set. */
static struct var *
incr_var(struct interp *in, struct value *name)
{
	const char *why = NULL;
	struct var *var = var_in_frame(in, name);

	if (var == NULL || var->kind != VAR_VALUE)
		var = var_lookup(in, name, VAR_MAKE, &why);
	if (var == NULL)
		no_increment(in, name, why);
	return var;
}

/* The fast path of loops: adds 1 to an integer with a single reference. */
static bool
increment_in_place(struct interp *in, struct value *name)
{
	struct value *v = var_cached(in, name);

	if (v == NULL || v->type != VALUE_INT || v->refs != 1 || v->bytes != NULL ||
	    v->as.number == INT64_MAX)
		return false;
	v->as.number++;
	eval_set_result(in, value_ref(v));
	return true;
}

/* Reads both operands of incr. */
static int
read_operands(struct interp *in, const struct var *var, int argc, struct value *const argv[],
    int64_t *number, int64_t *by)
{
	double ignored;

	/* tclsh first rejects what is not a number at all */
	if (var->kind == VAR_VALUE && interp_get_int(in, var->as.value, number) != TCL_OK &&
	    (argc == 2 || !value_to_double(var->as.value, &ignored) ||
		value_to_double(argv[2], &ignored)))
		return args_real(var->as.value);
	if (argc > 2 && interp_get_int(in, argv[2], by) != TCL_OK) {
		failure_trace(in, "\n    (reading increment)");
		return TCL_ERROR;
	}
	if (var->kind == VAR_ARRAY)
		return no_increment(in, argv[1], var_is_array);
	return TCL_OK;
}

static int
cmd_incr(struct interp *in, void *data, int argc, struct value *const argv[])
{
	int64_t by = 1, number = 0;
	struct value *v;
	struct var *var;

	if (argc == 2 && increment_in_place(in, argv[1]))
		return TCL_OK;
	var = incr_var(in, argv[1]);
	if (var == NULL)
		return TCL_ERROR;
	if (read_operands(in, var, argc, argv, &number, &by) != TCL_OK)
		return TCL_ERROR;
	if (var->kind == VAR_UNSET) {
		var->kind = VAR_VALUE;
		var->as.value = value_int(&in->heap, 0);
	}
	if (__builtin_add_overflow(number, by, &number))
		return interp_fail(in, "ARITH IOVERFLOW {integer value too large to represent}",
		    NULL, "integer value too large to represent");
	v = var->as.value;
	if (v->refs == 1 && v->type == VALUE_INT) {
		if (v->bytes != NULL)
			value_drop_bytes(v);
		v->as.number = number;
	} else {
		var->as.value = value_int(&in->heap, number);
		value_unref(v);
	}
	eval_set_result(in, value_ref(var->as.value));
	return TCL_OK;
}

static int
cmd_append(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value **slot;

	if (argc == 2)
		return cmd_set(in, data, argc, argv);
	slot = var_change(in, argv[1], true);
	if (slot == NULL)
		return TCL_ERROR;
	for (int i = 2; i < argc; i++)
		value_append_value(*slot, argv[i]);
	return var_result(in, slot);
}

static int
cmd_lappend(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value **slot;
	struct list **l;

	slot = var_change(in, argv[1], true);
	if (slot == NULL)
		return TCL_ERROR;
	if (args_list(in, *slot) == NULL)
		return argc == 3 && in->unit_locals ? failure_set_code(in, "TCL WRITE VARNAME")
						    : TCL_ERROR;
	if (argc == 2)
		return var_result(in, slot);
	l = value_list_own(*slot);
	for (int i = 2; i < argc; i++)
		list_push(&in->heap, l, value_ref(argv[i]));
	return var_result(in, slot);
}

/* ---- links ---- */

static int
link_to(struct interp *in, struct frame *frame, struct value *target, struct value *local)
{
	struct frame *here = in->frame;
	const char *why;
	struct var *other, *v;
	size_t n, array;
	const char *name = value_bytes(local, &n);

	in->frame = frame;
	other = var_lookup(in, target, VAR_MAKE, &why);
	in->frame = here;
	if (other == NULL)
		return var_fail(in, "access", target, why);
	if (var_split(name, n, &array))
		return interp_fail(in, "TCL UPVAR LOCAL_ELEMENT", NULL,
		    "bad variable name \"%v\": can't create a scalar variable that looks like an "
		    "array element",
		    local);
	v = var_local(in, local);
	if (v == NULL)
		return var_fail(in, "create", local, no_namespace);
	if (v == other)
		return interp_fail(in, "TCL UPVAR SELF", NULL,
		    "can't upvar from variable to itself");
	if (v->kind == VAR_LINK && v->as.link == other)
		return TCL_OK;
	if (v->kind == VAR_LINK)
		var_unlink(in, v);
	if (v->kind != VAR_UNSET)
		return interp_fail(in, "TCL UPVAR EXISTS", NULL, "variable \"%v\" already exists",
		    local);
	var_link(v, other);
	return TCL_OK;
}

static int
cmd_global(struct interp *in, void *data, int argc, struct value *const argv[])
{
	if (in->frame == &in->global)
		return TCL_OK;
	for (int i = 1; i < argc; i++) {
		size_t n, skip = 0;
		const char *name = value_bytes(argv[i], &n);
		struct value *tail;
		int code;

		while (skip < n && name[skip] == ':')
			skip++;
		tail = skip > 1 ? value_text(&in->heap, name + skip, n - skip) : value_ref(argv[i]);
		code = link_to(in, &in->global, tail, tail);
		value_unref(tail);
		if (code != TCL_OK)
			return code;
	}
	return TCL_OK;
}

/* Returns whether tclsh compiles the level, and treats one below 0 as 1. */
static bool
is_compiled_level(struct interp *in, int argc, struct value *const argv[])
{
	int64_t level;
	bool is =
	    in->unit_locals && ast_is_literal(in->node, argv[1]) && value_to_int(argv[1], &level);

	for (int i = 3; is && i < argc; i += 2) {
		size_t n, array;
		const char *name = value_bytes(argv[i], &n);

		is = ast_is_literal(in->node, argv[i]) && !var_split(name, n, &array) &&
		    strstr(name, "::") == NULL;
	}
	return is;
}

static int
cmd_upvar(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char usage[] = "?level? otherVar localVar ?otherVar localVar ...?";
	struct frame *frame = NULL;
	bool given = argc % 2 == 0, used;

	if (argc < 3)
		return interp_wrong_args(in, 1, argv, usage);
	if (frame_of_level(in, given ? argv[1] : NULL, given && !is_compiled_level(in, argc, argv),
		&frame, &used) != TCL_OK)
		return TCL_ERROR;
	for (int i = 1 + given; i + 1 < argc; i += 2) {
		if (link_to(in, frame, argv[i], argv[i + 1]) != TCL_OK)
			return TCL_ERROR;
	}
	return TCL_OK;
}

const struct interp_command core_var_commands[] = {
	{ "set", cmd_set, 1, 2, "varName ?newValue?" },
	{ "unset", cmd_unset, 0, -1, "?-nocomplain? ?--? ?varName varName ...?" },
	{ "incr", cmd_incr, 1, 2, "varName ?increment?" },
	{ "append", cmd_append, 1, -1, "varName ?value ...?" },
	{ "lappend", cmd_lappend, 1, -1, "varName ?value ...?" },
	{ "global", cmd_global, 0, -1, "varName ?varName ...?" },
	{ "upvar", cmd_upvar, 2, -1, "?level? otherVar localVar ?otherVar localVar ...?" },
	{ NULL, NULL, 0, 0, NULL },
};

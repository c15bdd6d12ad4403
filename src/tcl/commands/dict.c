/* dict, except the subcommands of dict_path.c */
#include "tcl/commands/commands.h"
#include "tcl/commands/dict_path.h"
#include "tcl/eval/args.h"
#include "tcl/value/glob.h"

static struct value *
new_dict(struct interp *in)
{
	return value_from_dict(&in->heap, dict_new(&in->heap));
}

static int
unknown_key(struct interp *in, struct value *key)
{
	return interp_fail(in, "TCL LOOKUP DICT", key, "key \"%v\" not known in dictionary", key);
}

struct dict *
dict_get_path(struct interp *in, struct value *v, int n, struct value *const keys[])
{
	struct dict *d = args_dict(in, v);

	for (int i = 0; d != NULL && i < n; i++) {
		v = dict_get(d, keys[i]);
		if (v == NULL) {
			unknown_key(in, keys[i]);
			return NULL;
		}
		d = args_dict(in, v);
	}
	return d;
}

static int
dict_create(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v;

	if (argc % 2 != 0)
		return interp_wrong_args(in, 2, argv, "?key value ...?");
	v = new_dict(in);
	for (int i = 2; i < argc; i += 2)
		dict_set(&in->heap, v->as.dict, argv[i], argv[i + 1]);
	return interp_return(in, v);
}

static int
cmd_dict_get(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct dict *d = dict_get_path(in, argv[2], argc > 3 ? argc - 4 : 0, argv + 3);
	struct value *v;

	if (d == NULL)
		return TCL_ERROR;
	if (argc == 3)
		return interp_return(in, value_from_list(&in->heap, list_from_dict(&in->heap, d)));
	v = dict_get(d, argv[argc - 1]);
	return v == NULL ? unknown_key(in, argv[argc - 1]) : interp_return(in, value_ref(v));
}

static int
dict_exists(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v = argv[2];
	struct dict *d;

	for (int i = 3; i < argc && v != NULL; i++) {
		d = value_to_dict(v, NULL);
		v = d == NULL ? NULL : dict_get(d, argv[i]);
	}
	return interp_return_int(in, v != NULL);
}

/* dict keys, dict values */
static int
dict_keys(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct dict *d = args_dict(in, argv[2]);
	bool values = value_bytes(argv[1], NULL)[0] == 'v';
	struct list *l;

	if (d == NULL)
		return TCL_ERROR;
	l = list_new(&in->heap, d->count);
	for (unsigned i = dict_next(d, 0); i < d->used; i = dict_next(d, i + 1)) {
		struct value *v = values ? d->entries[i].value : d->entries[i].key;

		if (argc == 3 || glob_match(argv[3], v, false))
			list_push(&in->heap, &l, value_ref(v));
	}
	return interp_return(in, value_from_list(&in->heap, l));
}

static int
dict_size(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct dict *d = args_dict(in, argv[2]);

	return d == NULL ? TCL_ERROR : interp_return_int(in, d->count);
}

/* ---- changing ---- */

struct value *
dict_change_path(struct interp *in, struct value *v, int n, struct value *const keys[],
    struct value *fresh)
{
	struct dict *d = args_dict(in, v);
	struct value *inner, **slot;

	if (d == NULL) {
		value_unref(v);
		return NULL;
	}
	v = value_own(v);
	d = value_dict_own(v);
	if (n == 1) {
		if (fresh != NULL)
			dict_set(&in->heap, d, keys[0], fresh);
		else
			dict_remove(d, keys[0]);
		return v;
	}
	slot = dict_slot(d, keys[0]);
	if (slot == NULL && fresh == NULL) {
		unknown_key(in, keys[0]);
		value_unref(v);
		return NULL;
	}
	inner = slot == NULL ? new_dict(in) : value_ref(*slot);
	if (slot != NULL) {
		/* a single reference, to change it in place */
		value_unref(*slot);
		*slot = value_ref(in->empty);
	}
	inner = dict_change_path(in, inner, n - 1, keys + 1, fresh);
	if (inner != NULL)
		dict_set(&in->heap, d, keys[0], inner);
	value_unref(inner);
	if (inner == NULL)
		value_unref(v);
	return inner == NULL ? NULL : v;
}

/* Returns a reference to the value of the variable; an empty value where it is unset. */
static struct value *
copy_dict_var(struct interp *in, struct value *name)
{
	const char *why;
	const struct var *var = var_lookup(in, name, VAR_FIND, &why);

	return var != NULL && var->kind == VAR_VALUE ? value_ref(var->as.value) : new_dict(in);
}

/* Drops the reference of the variable while v changes; put_var() restores it. */
static void
release_var(struct interp *in, struct value *name, struct value *v)
{
	const char *why;
	struct var *var = var_lookup(in, name, VAR_FIND, &why);

	if (var != NULL && var->kind == VAR_VALUE && var->as.value == v) {
		value_unref(v);
		var->as.value = value_ref(in->empty);
	}
}

static int
put_var(struct interp *in, struct value *name, struct value *v)
{
	if (interp_write(in, name, value_ref(v)) != TCL_OK) {
		value_unref(v);
		return TCL_ERROR;
	}
	return interp_return(in, v);
}

/* Changes the variable; on failure it stays as it was. */
static int
change_var(struct interp *in, struct value *name, int n, struct value *const keys[],
    struct value *fresh)
{
	struct value *v = copy_dict_var(in, name);

	if (args_dict(in, v) == NULL) {
		value_unref(v);
		return TCL_ERROR;
	}
	if (n == 1)
		release_var(in, name, v);
	v = dict_change_path(in, v, n, keys, fresh);
	return v == NULL ? TCL_ERROR : put_var(in, name, v);
}

static int
cmd_dict_set(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return change_var(in, argv[2], argc - 4, argv + 3, argv[argc - 1]);
}

static int
dict_unset(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return change_var(in, argv[2], argc - 3, argv + 3, NULL);
}

/* Returns a reference to the value of the key in the variable, or NULL. */
static int
set_key(struct interp *in, struct value *name, struct value *key, struct value *fresh)
{
	int code = change_var(in, name, 1, &key, fresh);

	value_unref(fresh);
	return code;
}

static int
current_value(struct interp *in, struct value *name, struct value *key, struct value **ret)
{
	struct value *v = copy_dict_var(in, name);
	struct dict *d = args_dict(in, v);

	if (d != NULL) {
		*ret = dict_get(d, key);
		if (*ret != NULL)
			value_ref(*ret);
	}
	value_unref(v);
	return d == NULL ? TCL_ERROR : TCL_OK;
}

/* Replaces the value from current() by another until set_key(), so that it can change in place. */
static void
detach_value(struct interp *in, struct value *name, struct value *key, struct value *v)
{
	struct value **var = var_change(in, name, false), **slot = NULL;

	if (var != NULL && (*var)->type == VALUE_DICT)
		slot = dict_slot(value_dict_own(*var), key);
	if (slot != NULL && *slot == v) {
		*slot = value_ref(in->empty);
		value_unref(v);
	}
}

static int
dict_append(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v;

	if (current_value(in, argv[2], argv[3], &v) != TCL_OK)
		return TCL_ERROR;
	if (v == NULL)
		v = value_new(&in->heap);
	else if (argc > 4)
		detach_value(in, argv[2], argv[3], v);
	if (argc > 4)
		v = value_own(v);
	for (int i = 4; i < argc; i++)
		value_append_value(v, argv[i]);
	return set_key(in, argv[2], argv[3], v);
}

static int
dict_lappend(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v;
	struct list **l;

	if (current_value(in, argv[2], argv[3], &v) != TCL_OK)
		return TCL_ERROR;
	v = v == NULL ? value_new(&in->heap) : v;
	if (args_list(in, v) == NULL) {
		value_unref(v);
		return TCL_ERROR;
	}
	if (v->refs > 1)
		detach_value(in, argv[2], argv[3], v);
	v = value_own(v);
	l = value_list_own(v);
	for (int i = 4; i < argc; i++)
		list_push(&in->heap, l, value_ref(argv[i]));
	return set_key(in, argv[2], argv[3], v);
}

static int
dict_incr(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v;
	int64_t number = 0, by = 1;
	int code = TCL_OK;

	if (current_value(in, argv[2], argv[3], &v) != TCL_OK)
		return TCL_ERROR;
	if (v != NULL)
		code = interp_get_int(in, v, &number);
	value_unref(v);
	if (code == TCL_OK && argc > 4 &&
	    (v == NULL ? args_wide : interp_get_int)(in, argv[4], &by) != TCL_OK) {
		failure_trace(in, "\n    (reading increment)");
		return TCL_ERROR;
	}
	if (code != TCL_OK)
		return code;
	if (__builtin_add_overflow(number, by, &number))
		return interp_fail(in, "ARITH IOVERFLOW {integer value too large to represent}",
		    NULL, "integer value too large to represent");
	/* a new value stays as written */
	return set_key(in, argv[2], argv[3],
	    v == NULL && argc > 4 ? value_ref(argv[4]) : value_int(&in->heap, number));
}

static int
dict_merge(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v;
	struct dict *d;

	if (argc == 2)
		return TCL_OK;
	if (args_dict(in, argv[2]) == NULL)
		return TCL_ERROR;
	v = argc == 3 ? value_ref(argv[2]) : value_copy(argv[2]);
	for (int k = 3; k < argc; k++) {
		d = args_dict(in, argv[k]);
		for (unsigned i = d == NULL ? 0 : dict_next(d, 0); d != NULL && i < d->used;
		     i = dict_next(d, i + 1))
			dict_set(&in->heap, value_dict_own(v), d->entries[i].key,
			    d->entries[i].value);
		if (d == NULL) {
			value_unref(v);
			return TCL_ERROR;
		}
	}
	return interp_return(in, v);
}

static int
cmd_dict_remove(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v;

	if (args_dict(in, argv[2]) == NULL)
		return TCL_ERROR;
	v = value_copy(argv[2]);
	for (int i = 3; i < argc; i++) {
		if (dict_get(v->as.dict, argv[i]) != NULL)
			dict_remove(value_dict_own(v), argv[i]);
	}
	value_dict_own(v);
	return interp_return(in, v);
}

static int
dict_replace(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v;

	if (argc % 2 != 1)
		return interp_wrong_args(in, 2, argv, "dictionary ?key value ...?");
	if (args_dict(in, argv[2]) == NULL)
		return TCL_ERROR;
	v = value_copy(argv[2]);
	for (int i = 3; i < argc; i += 2)
		dict_set(&in->heap, value_dict_own(v), argv[i], argv[i + 1]);
	value_dict_own(v);
	return interp_return(in, v);
}

static const struct interp_command rows[] = {
	{ "append", dict_append, 2, -1, "dictVarName key ?value ...?" },
	{ "create", dict_create, 0, -1, "?key value ...?" },
	{ "exists", dict_exists, 2, -1, "dictionary key ?key ...?" },
	{ "filter", dict_filter, 2, -1, "dictionary filterType ?arg ...?" },
	{ "for", dict_for, 3, 3, "{keyVarName valueVarName} dictionary script" },
	{ "get", cmd_dict_get, 1, -1, "dictionary ?key ...?" },
	{ "incr", dict_incr, 2, 3, "dictVarName key ?increment?" },
	{ "info", NULL, 1, 1, "dictionary" },
	{ "keys", dict_keys, 1, 2, "dictionary ?pattern?" },
	{ "lappend", dict_lappend, 2, -1, "dictVarName key ?value ...?" },
	{ "map", dict_map, 3, 3, "{keyVarName valueVarName} dictionary script" },
	{ "merge", dict_merge, 0, -1, "?dictionary ...?" },
	{ "remove", cmd_dict_remove, 1, -1, "dictionary ?key ...?" },
	{ "replace", dict_replace, 1, -1, "dictionary ?key value ...?" },
	{ "set", cmd_dict_set, 3, -1, "dictVarName key ?key ...? value" },
	{ "size", dict_size, 1, 1, "dictionary" },
	{ "unset", dict_unset, 2, -1, "dictVarName key ?key ...?" },
	{ "update", dict_update, 2, -1, "dictVarName key varName ?key varName ...? script" },
	{ "values", dict_keys, 1, 2, "dictionary ?pattern?" },
	{ "with", dict_with, 2, -1, "dictVarName ?key ...? script" },
	{ NULL, NULL, 0, 0, NULL },
};

static int
cmd_dict(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_run_row(in, data, argc, argv, rows);
}

const struct interp_command core_dict_commands[] = {
	{ "dict", cmd_dict, 0, -1, "subcommand ?arg ...?" },
	{ NULL, NULL, 0, 0, NULL },
};

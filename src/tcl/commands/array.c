/* array */
#include "tcl/commands/commands.h"
#include "tcl/commands/regex.h"
#include "tcl/eval/args.h"
#include "tcl/eval/eval.h"
#include "tcl/value/glob.h"

static bool
is_set(const struct table_entry *entry)
{
	return ((const struct element *)entry)->var.kind != VAR_UNSET;
}

static int
array_exists(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_return_int(in, var_array(in, argv[2]) != NULL);
}

static int
array_get(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct table *array = var_array(in, argv[2]);
	struct table_entry *entry = NULL;
	struct list *l;

	if (array == NULL)
		return TCL_OK;
	l = list_new(&in->heap, array->count * 2);
	while ((entry = table_next(array, entry)) != NULL && !heap_work(&in->heap, 16)) {
		if (!is_set(entry) || (argc > 3 && !glob_match(argv[3], entry->key, false)))
			continue;
		list_push(&in->heap, &l, value_ref(entry->key));
		list_push(&in->heap, &l, value_ref(((struct element *)entry)->var.as.value));
	}
	return interp_return(in, value_from_list(&in->heap, l));
}

static int
name_matches(struct interp *in, int mode, struct value *pattern, struct value *key, bool *ret)
{
	*ret = true;
	if (pattern == NULL)
		return TCL_OK;
	if (mode == 2)
		return regex_test(in, pattern, key, false, ret);
	*ret = mode == 0 ? value_equal(pattern, key) : glob_match(pattern, key, false);
	return TCL_OK;
}

static int
array_names(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const modes[] = { "-exact", "-glob", "-regexp", NULL };
	struct table *array = var_array(in, argv[2]);
	struct table_entry *entry = NULL;
	struct list *l;
	int mode = 1;
	bool match;

	if (argc == 5 && interp_get_word(in, argv[3], modes, "option", &mode) != TCL_OK)
		return TCL_ERROR;
	if (array == NULL)
		return TCL_OK;
	l = list_new(&in->heap, array->count);
	while ((entry = table_next(array, entry)) != NULL && !heap_work(&in->heap, 16)) {
		if (name_matches(in, mode, argc > 3 ? argv[argc - 1] : NULL, entry->key, &match) !=
		    TCL_OK) {
			list_unref(&in->heap, l);
			return TCL_ERROR;
		}
		if (is_set(entry) && match)
			list_push(&in->heap, &l, value_ref(entry->key));
	}
	return interp_return(in, value_from_list(&in->heap, l));
}

static int
set_pairs(struct interp *in, struct table *array, struct value *name, const struct list *pairs)
{
	for (size_t i = 0; i + 1 < pairs->n && !heap_work(&in->heap, 16); i += 2) {
		struct var *v = array_element(in, array, pairs->items[i], VAR_MAKE);

		if (var_set_value(in, v, name, value_ref(pairs->items[i + 1])) != TCL_OK)
			return TCL_ERROR;
	}
	return TCL_OK;
}

static int
not_settable(struct interp *in, const char *verb, struct value *name, struct list *pairs,
    struct var *v, const char *why)
{
	if (v == NULL)
		return var_fail(in, verb, name, why);
	if (v->element)
		return interp_fail(in, "TCL LOOKUP VARNAME", name, "can't set \"%v\": %s", name,
		    why);
	if (pairs->n > 0)
		return interp_fail(in, "TCL LOOKUP VARNAME", name, "can't set \"%v(%v)\": %s", name,
		    pairs->items[0], why);
	return interp_fail(in, "TCL WRITE ARRAY", NULL, "can't array set \"%v\": %s", name, why);
}

static int
array_set(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const char *why = "variable isn't array";
	struct var *v = var_lookup(in, argv[2], VAR_MAKE, &why);
	struct table *array = NULL;
	/* in a procedure tclsh makes a link first, unless the list is empty */
	bool linked = in->unit_locals && ast_is_literal(in->node, argv[2]) &&
	    argv[2]->type != VALUE_ELEMENT && !value_is(argv[3], "");
	struct list *pairs;
	int code;

	if (v == NULL || v->element)
		return not_settable(in, linked ? "access" : "set", argv[2], NULL, v, why);
	pairs = args_list(in, argv[3]);
	if (pairs == NULL)
		return TCL_ERROR;
	if (pairs->n % 2 != 0)
		return interp_fail(in, "TCL ARGUMENT FORMAT", NULL,
		    "list must have an even number of elements");
	array = var_make_array(in, v);
	if (array == NULL)
		return not_settable(in, "set", argv[2], pairs, v, why);
	pairs->refs++;
	code = set_pairs(in, array, argv[2], pairs);
	list_unref(&in->heap, pairs);
	return code;
}

static int
array_size(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct table *array = var_array(in, argv[2]);
	struct table_entry *entry = NULL;
	int64_t n = 0;

	while (
	    array != NULL && (entry = table_next(array, entry)) != NULL && !heap_work(&in->heap, 8))
		n += is_set(entry);
	return interp_return_int(in, n);
}

static int
array_unset(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct table *array = var_array(in, argv[2]);
	struct table_entry *entry, *next;
	const char *why;

	if (array == NULL)
		return TCL_OK;
	if (argc == 3) {
		var_unset(in, argv[2], &why);
		return TCL_OK;
	}
	for (entry = table_next(array, NULL); entry != NULL && !heap_work(&in->heap, 16);
	     entry = next) {
		next = table_next(array, entry);
		if (glob_match(argv[3], entry->key, false))
			array_remove(in, array, (struct element *)entry);
	}
	return TCL_OK;
}

static const struct interp_command rows[] = {
	{ "anymore", NULL, 0, 0, "" },
	{ "donesearch", NULL, 0, 0, "" },
	{ "exists", array_exists, 1, 1, "arrayName" },
	{ "get", array_get, 1, 2, "arrayName ?pattern?" },
	{ "names", array_names, 1, 3, "arrayName ?mode? ?pattern?" },
	{ "nextelement", NULL, 0, 0, "" },
	{ "set", array_set, 2, 2, "arrayName list" },
	{ "size", array_size, 1, 1, "arrayName" },
	{ "startsearch", NULL, 0, 0, "" },
	{ "statistics", NULL, 0, 0, "" },
	{ "unset", array_unset, 1, 2, "arrayName ?pattern?" },
	{ NULL, NULL, 0, 0, NULL },
};

static int
cmd_array(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_run_row(in, data, argc, argv, rows);
}

const struct interp_command core_array_commands[] = {
	{ "array", cmd_array, 0, -1, "subcommand ?arg ...?" },
	{ NULL, NULL, 0, 0, NULL },
};

/* dict */
#include "tcl/eval.h"

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

/* The dictionary at the end of the keys; NULL with the error set. */
static struct dict *
walk(struct interp *in, struct value *v, int n, struct value *const keys[])
{
	struct dict *d = dict_want(in, v);

	for (int i = 0; d != NULL && i < n; i++) {
		v = dict_get(d, keys[i]);
		if (v == NULL) {
			unknown_key(in, keys[i]);
			return NULL;
		}
		d = dict_want(in, v);
	}
	return d;
}

static int
dict_create(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v;

	(void)data;
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
	struct dict *d = walk(in, argv[2], argc > 3 ? argc - 4 : 0, argv + 3);
	struct value *v;

	(void)data;
	if (d == NULL)
		return TCL_ERROR;
	if (argc == 3)
		return interp_return(in, value_from_list(&in->heap, dict_to_list(&in->heap, d)));
	v = dict_get(d, argv[argc - 1]);
	return v == NULL ? unknown_key(in, argv[argc - 1]) : interp_return(in, value_ref(v));
}

static int
dict_exists(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v = argv[2];
	struct dict *d;

	(void)data;
	for (int i = 3; i < argc && v != NULL; i++) {
		d = value_to_dict(v, NULL);
		v = d == NULL ? NULL : dict_get(d, argv[i]);
	}
	return interp_return_int(in, v != NULL);
}

/* Keys, values: those that match. */
static int
collect(struct interp *in, int argc, struct value *const argv[], bool values)
{
	struct dict *d = dict_want(in, argv[2]);
	struct list *l;

	if (d == NULL)
		return TCL_ERROR;
	l = list_new(&in->heap, d->count);
	for (unsigned i = dict_at(d, 0); i < d->used; i = dict_at(d, i + 1)) {
		struct value *v = values ? d->entries[i].value : d->entries[i].key;

		if (argc == 3 || glob_match_value(argv[3], v, false))
			list_push(&in->heap, &l, value_ref(v));
	}
	return interp_return(in, value_from_list(&in->heap, l));
}

static int
dict_keys(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	return collect(in, argc, argv, false);
}

static int
dict_values(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	return collect(in, argc, argv, true);
}

static int
dict_size(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct dict *d = dict_want(in, argv[2]);

	(void)data;
	(void)argc;
	return d == NULL ? TCL_ERROR : interp_return_int(in, d->count);
}

/* ---- changing ---- */

/* Sets (fresh) or removes (NULL) at the path in v, which is taken; NULL with the error set. */
static struct value *
change(struct interp *in, struct value *v, int n, struct value *const keys[], struct value *fresh)
{
	struct dict *d = dict_want(in, v);
	struct value *inner, **slot;

	if (d == NULL) {
		value_unref(v);
		return NULL;
	}
	if (fresh == NULL && n == 1 && dict_get(d, keys[0]) == NULL)
		return v;
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
		/* ours alone, so that it is changed in place */
		value_unref(*slot);
		*slot = value_ref(in->empty);
	}
	inner = change(in, inner, n - 1, keys + 1, fresh);
	if (inner != NULL)
		dict_set(&in->heap, d, keys[0], inner);
	value_unref(inner);
	if (inner == NULL)
		value_unref(v);
	return inner == NULL ? NULL : v;
}

/* The dictionary variable's value, owned; a new one where there is none. NULL with the error set. */
static struct value *
take_var(struct interp *in, struct value *name)
{
	const char *why;
	struct var *var = var_lookup(in, name, VAR_FIND, &why);
	struct value *v;

	if (var != NULL && var->kind == VAR_VALUE)
		return value_ref(var->as.value);
	var = var_lookup(in, name, VAR_MAKE, &why);
	v = new_dict(in);
	if (var != NULL && var->kind == VAR_UNSET)
		return v;
	value_unref(v);
	var_fail(in, var == NULL ? "set" : "read", name, var == NULL ? why : var_is_array);
	return NULL;
}

/* Lets go of the variable's reference while v is changed; put_var gives it back. */
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

/* Applies the change to the variable; on failure it is as it was. */
static int
change_var(struct interp *in, struct value *name, int n, struct value *const keys[],
    struct value *fresh)
{
	struct value *v = take_var(in, name);

	if (v == NULL || dict_want(in, v) == NULL) {
		value_unref(v);
		return TCL_ERROR;
	}
	if (n == 1)
		release_var(in, name, v);
	v = change(in, v, n, keys, fresh);
	return v == NULL ? TCL_ERROR : put_var(in, name, v);
}

static int
cmd_dict_set(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	return change_var(in, argv[2], argc - 4, argv + 3, argv[argc - 1]);
}

static int
dict_unset(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	return change_var(in, argv[2], argc - 3, argv + 3, NULL);
}

/* The value of the key in the variable, to be changed: owned, or NULL where there is none. */
static int
set_key(struct interp *in, struct value *name, struct value *key, struct value *fresh)
{
	int code = change_var(in, name, 1, &key, fresh);

	value_unref(fresh);
	return code;
}

static int
current(struct interp *in, struct value *name, struct value *key, struct value **ret)
{
	struct value *v = take_var(in, name);
	struct dict *d = v == NULL ? NULL : dict_want(in, v);

	if (d != NULL) {
		*ret = dict_get(d, key);
		if (*ret != NULL)
			value_ref(*ret);
	}
	value_unref(v);
	return d == NULL ? TCL_ERROR : TCL_OK;
}

static int
dict_append(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v;

	(void)data;
	if (current(in, argv[2], argv[3], &v) != TCL_OK)
		return TCL_ERROR;
	if (v == NULL)
		v = value_new(&in->heap);
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

	(void)data;
	if (current(in, argv[2], argv[3], &v) != TCL_OK)
		return TCL_ERROR;
	v = v == NULL ? value_new(&in->heap) : v;
	if (list_want(in, v) == NULL) {
		value_unref(v);
		return TCL_ERROR;
	}
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

	(void)data;
	if (current(in, argv[2], argv[3], &v) != TCL_OK)
		return TCL_ERROR;
	if (v != NULL)
		code = interp_get_int(in, v, &number);
	value_unref(v);
	if (code == TCL_OK && argc > 4 && interp_get_int(in, argv[4], &by) != TCL_OK) {
		if (v == NULL)
			return TCL_ERROR;
		error_trace(in, "\n    (reading increment)");
		return TCL_ERROR;
	}
	if (code != TCL_OK)
		return code;
	if (__builtin_add_overflow(number, by, &number))
		return interp_fail(in, "ARITH IOVERFLOW {integer value too large to represent}",
		    NULL, "integer value too large to represent");
	return set_key(in, argv[2], argv[3], value_int(&in->heap, number));
}

static int
dict_merge(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v;
	struct dict *d;

	(void)data;
	if (argc == 2)
		return TCL_OK;
	if (dict_want(in, argv[2]) == NULL)
		return TCL_ERROR;
	v = argc == 3 ? value_ref(argv[2]) : value_copy(argv[2]);
	for (int k = 3; k < argc; k++) {
		d = dict_want(in, argv[k]);
		for (unsigned i = d == NULL ? 0 : dict_at(d, 0); d != NULL && i < d->used;
		     i = dict_at(d, i + 1))
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

	(void)data;
	if (dict_want(in, argv[2]) == NULL)
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

	(void)data;
	if (argc % 2 != 1)
		return interp_wrong_args(in, 2, argv, "dictionary ?key value ...?");
	if (dict_want(in, argv[2]) == NULL)
		return TCL_ERROR;
	v = value_copy(argv[2]);
	for (int i = 3; i < argc; i += 2)
		dict_set(&in->heap, value_dict_own(v), argv[i], argv[i + 1]);
	return interp_return(in, v);
}

/* ---- loops ---- */

struct loop {
	struct list *names;
	struct dict *d;
	struct value *body;
	struct value *made; /* of dict map and filter, or NULL */
	bool filter;
	const char *what;
};

static int
set_names(struct interp *in, const struct loop *loop, unsigned i)
{
	if (interp_write(in, loop->names->items[0], value_ref(loop->d->entries[i].key)) != TCL_OK)
		return TCL_ERROR;
	return interp_write(in, loop->names->items[1], value_ref(loop->d->entries[i].value));
}

/* Keeps what a round of map or filter gave. */
static int
keep_round(struct interp *in, struct loop *loop, unsigned i)
{
	struct value *key = loop->d->entries[i].key;
	bool truth = true;

	if (loop->made == NULL)
		return TCL_OK;
	if (loop->filter && interp_get_bool(in, in->result, &truth) != TCL_OK)
		return TCL_ERROR;
	if (truth)
		dict_set(&in->heap, loop->made->as.dict, key,
		    loop->filter ? loop->d->entries[i].value : in->result);
	return TCL_OK;
}

static int
eval_filter(struct interp *in, struct value *body)
{
	int code = eval_body_apart(in, body, NULL);

	if (code == TCL_ERROR)
		error_trace(in, "\n    (\"dict filter\" script line %d)", (int)in->errorline);
	return code;
}

static int
run_loop(struct interp *in, struct loop *loop)
{
	int code = TCL_OK;

	for (unsigned i = dict_at(loop->d, 0); i < loop->d->used; i = dict_at(loop->d, i + 1)) {
		if (set_names(in, loop, i) != TCL_OK)
			return TCL_ERROR;
		code = loop->filter ? eval_filter(in, loop->body)
				    : eval_body_local(in, loop->body, loop->what);
		if (code == TCL_OK)
			code = keep_round(in, loop, i);
		if (eval_attention(in) != TCL_OK)
			return TCL_ERROR;
		if (code == TCL_CONTINUE)
			code = TCL_OK;
		if (code != TCL_OK)
			break;
	}
	return code == TCL_BREAK ? TCL_OK : code;
}

static int
loop_over(struct interp *in, struct value *names, struct value *dictionary, struct value *body,
    struct value *made, bool filter, const char *what)
{
	struct loop loop = { .body = body, .made = made, .filter = filter, .what = what };
	int code;

	loop.names = list_want(in, names);
	if (loop.names == NULL)
		return TCL_ERROR;
	if (loop.names->n != 2)
		return interp_fail(in,
		    filter             ? "TCL SYNTAX dict filter"
			: made != NULL ? "TCL SYNTAX dict map"
				       : "TCL SYNTAX dict for",
		    NULL, "must have exactly two variable names");
	loop.d = dict_want(in, dictionary);
	if (loop.d == NULL)
		return TCL_ERROR;
	loop.names->refs++;
	dict_ref(loop.d);
	code = run_loop(in, &loop);
	list_unref(&in->heap, loop.names);
	dict_unref(&in->heap, loop.d);
	return code;
}

static int
dict_for(struct interp *in, void *data, int argc, struct value *const argv[])
{
	int code = loop_over(in, argv[2], argv[3], argv[4], NULL, false, "dict for");

	(void)data;
	(void)argc;
	return code == TCL_OK ? interp_return(in, value_ref(in->empty)) : code;
}

/* The outcome of a loop that makes a dictionary, which is taken. */
static int
made_dict(struct interp *in, int code, struct value *made)
{
	if (code == TCL_OK)
		return interp_return(in, made);
	value_unref(made);
	return code;
}

static int
dict_map(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *made = new_dict(in);

	(void)data;
	(void)argc;
	return made_dict(in, loop_over(in, argv[2], argv[3], argv[4], made, false, "dict map"),
	    made);
}

static int
filter_glob(struct interp *in, int argc, struct value *const argv[], bool values)
{
	struct dict *d = dict_want(in, argv[2]);
	struct value *made;

	if (d == NULL)
		return TCL_ERROR;
	made = new_dict(in);
	for (unsigned i = dict_at(d, 0); i < d->used; i = dict_at(d, i + 1)) {
		struct value *v = values ? d->entries[i].value : d->entries[i].key;
		bool match = false;

		for (int k = 4; k < argc && !match; k++)
			match = glob_match_value(argv[k], v, false);
		if (match)
			dict_set(&in->heap, made->as.dict, d->entries[i].key, d->entries[i].value);
	}
	return interp_return(in, made);
}

static int
dict_filter(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const kinds[] = { "key", "script", "value", NULL };
	struct value *made;
	int kind;

	(void)data;
	if (interp_get_word(in, argv[3], kinds, "filterType", &kind) != TCL_OK)
		return TCL_ERROR;
	if (kind != 1)
		return filter_glob(in, argc, argv, kind == 2);
	if (argc != 6)
		return interp_wrong_args(in, 2, argv,
		    "dictionary script {keyVarName valueVarName} filterScript");
	made = new_dict(in);
	return made_dict(in, loop_over(in, argv[4], argv[2], argv[5], made, true, "dict filter"),
	    made);
}

/* ---- dict update and with ---- */

/* Variables back into the dictionary variable: pairs of key and name; a variable that is gone takes
 * its key along. */
static int
store_back(struct interp *in, struct value *name, int path_n, struct value *const path[], size_t n,
    struct value *const pairs[])
{
	const char *why;
	struct var *var = var_lookup(in, name, VAR_FIND, &why);
	struct value *v, *inner;
	struct dict *d;

	if (var == NULL || var->kind != VAR_VALUE)
		return TCL_OK;
	v = value_ref(var->as.value);
	d = walk(in, v, path_n, path);
	if (d == NULL) {
		value_unref(v);
		return TCL_ERROR;
	}
	dict_ref(d);
	inner = value_from_dict(&in->heap, d);
	for (size_t i = 0; i + 1 < n; i += 2) {
		struct var *local = var_lookup(in, pairs[i + 1], VAR_FIND, &why);

		if (local != NULL && local->kind == VAR_VALUE)
			dict_set(&in->heap, value_dict_own(inner), pairs[i], local->as.value);
		else
			dict_remove(value_dict_own(inner), pairs[i]);
	}
	if (path_n > 0) {
		v = change(in, v, path_n, path, inner);
		value_unref(inner);
	} else {
		value_unref(v);
		v = inner;
	}
	return v == NULL ? TCL_ERROR : interp_write(in, name, v);
}

/* Runs the body, stores back, and keeps what the body ended with. */
static int
run_and_store(struct interp *in, struct value *body, const char *what, struct value *name,
    int path_n, struct value *const path[], struct list *pairs)
{
	int code = eval_body_local(in, body, NULL);
	struct value *result, *options, *words[2];
	bool logged;

	if (code == TCL_ERROR && !in->logged)
		error_trace(in, "\n    (body of \"%s\")", what);
	logged = in->logged;
	result = value_ref(in->result);
	options = error_options(in, code);
	if (in->stop == NULL &&
	    store_back(in, name, path_n, path, pairs->n, pairs->items) != TCL_OK) {
		code = TCL_ERROR;
	} else if (in->stop == NULL) {
		words[0] = value_string(&in->heap, "-options");
		words[1] = options;
		if (code != TCL_OK)
			error_return(in, 2, words, result);
		in->logged = logged;
		interp_set_result(in, value_ref(result));
		value_unref(words[0]);
	}
	value_unref(options);
	value_unref(result);
	return code;
}

static int
dict_update(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v;
	struct list *pairs;
	struct dict *d;
	int code = TCL_OK;
	const char *why;

	(void)data;
	if (argc < 6 || argc % 2 != 0)
		return interp_wrong_args(in, 2, argv,
		    "dictVarName key varName ?key varName ...? script");
	v = interp_read(in, argv[2]);
	d = v == NULL ? NULL : dict_want(in, v);
	if (d == NULL)
		return TCL_ERROR;
	dict_ref(d);
	pairs = list_new(&in->heap, (size_t)argc);
	for (int i = 3; i + 2 < argc && code == TCL_OK; i += 2) {
		v = dict_get(d, argv[i]);
		list_push(&in->heap, &pairs, value_ref(argv[i]));
		list_push(&in->heap, &pairs, value_ref(argv[i + 1]));
		if (v != NULL)
			code = interp_write(in, argv[i + 1], value_ref(v));
		else
			var_unset(in, argv[i + 1], &why);
	}
	dict_unref(&in->heap, d);
	if (code == TCL_OK)
		code = run_and_store(in, argv[argc - 1], "dict update", argv[2], 0, NULL, pairs);
	list_unref(&in->heap, pairs);
	return code;
}

static int
dict_with(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v = interp_read(in, argv[2]);
	struct dict *d = v == NULL ? NULL : walk(in, v, argc - 4, argv + 3);
	struct list *pairs;
	int code = TCL_OK;

	(void)data;
	if (d == NULL)
		return TCL_ERROR;
	dict_ref(d);
	pairs = list_new(&in->heap, d->count * 2);
	for (unsigned i = dict_at(d, 0); i < d->used && code == TCL_OK; i = dict_at(d, i + 1)) {
		list_push(&in->heap, &pairs, value_ref(d->entries[i].key));
		list_push(&in->heap, &pairs, value_ref(d->entries[i].key));
		code = interp_write(in, d->entries[i].key, value_ref(d->entries[i].value));
	}
	dict_unref(&in->heap, d);
	if (code == TCL_OK)
		code = run_and_store(in, argv[argc - 1], "dict with", argv[2], argc - 4, argv + 3,
		    pairs);
	list_unref(&in->heap, pairs);
	return code;
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
	{ "values", dict_values, 1, 2, "dictionary ?pattern?" },
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

/* dict for, map, filter, update, with */
#include "tcl/commands/dict_path.h"

#include "tcl/eval/args.h"
#include "tcl/eval/script_body.h"
#include "tcl/value/glob.h"

struct loop {
	struct list *names;
	struct dict *d;
	struct value *body;
	struct value *made; /* the result of dict map and dict filter, or NULL */
	bool filter;
	const char *what;
};

static int
set_vars_from_dict(struct interp *in, const struct loop *loop, unsigned i)
{
	if (interp_write(in, loop->names->items[0], value_ref(loop->d->entries[i].key)) != TCL_OK)
		return TCL_ERROR;
	return interp_write(in, loop->names->items[1], value_ref(loop->d->entries[i].value));
}

/* Keeps the result of a round of map or filter. */
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
	int code = script_body_separate(in, body, NULL);

	if (code == TCL_ERROR)
		failure_trace(in, "\n    (\"dict filter\" script line %d)", (int)in->errorline);
	return code;
}

static int
run_dict_loop(struct interp *in, struct loop *loop)
{
	int code = TCL_OK;

	for (unsigned i = dict_next(loop->d, 0); i < loop->d->used; i = dict_next(loop->d, i + 1)) {
		if (set_vars_from_dict(in, loop, i) != TCL_OK)
			return TCL_ERROR;
		code = loop->filter ? eval_filter(in, loop->body)
				    : script_body_local(in, loop->body, loop->what);
		if (code == TCL_OK)
			code = keep_round(in, loop, i);
		if (eval_tick(in) != TCL_OK)
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

	loop.names = args_list(in, names);
	if (loop.names == NULL)
		return TCL_ERROR;
	if (loop.names->n != 2)
		return interp_fail(in,
		    filter             ? "TCL SYNTAX dict filter"
			: made != NULL ? "TCL SYNTAX dict map"
				       : "TCL SYNTAX dict for",
		    NULL, "must have exactly two variable names");
	loop.d = args_dict(in, dictionary);
	if (loop.d == NULL)
		return TCL_ERROR;
	loop.names->refs++;
	dict_ref(loop.d);
	code = run_dict_loop(in, &loop);
	list_unref(&in->heap, loop.names);
	dict_unref(&in->heap, loop.d);
	return code;
}

int
dict_for(struct interp *in, void *data, int argc, struct value *const argv[])
{
	int code = loop_over(in, argv[2], argv[3], argv[4], NULL, false, "dict for");

	return code == TCL_OK ? interp_return(in, value_ref(in->empty)) : code;
}

/* Ends a loop that makes a dictionary. Takes made. */
static int
finish_dict(struct interp *in, int code, struct value *made)
{
	if (code == TCL_OK)
		return interp_return(in, made);
	value_unref(made);
	return code;
}

int
dict_map(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *made = value_from_dict(&in->heap, dict_new(&in->heap));

	return finish_dict(in, loop_over(in, argv[2], argv[3], argv[4], made, false, "dict map"),
	    made);
}

static int
filter_glob(struct interp *in, int argc, struct value *const argv[], bool values)
{
	struct dict *d = args_dict(in, argv[2]);
	struct value *made;

	if (d == NULL)
		return TCL_ERROR;
	made = value_from_dict(&in->heap, dict_new(&in->heap));
	for (unsigned i = dict_next(d, 0); i < d->used; i = dict_next(d, i + 1)) {
		struct value *v = values ? d->entries[i].value : d->entries[i].key;
		bool match = false;

		for (int k = 4; k < argc && !match; k++)
			match = glob_match(argv[k], v, false);
		if (match)
			dict_set(&in->heap, made->as.dict, d->entries[i].key, d->entries[i].value);
	}
	return interp_return(in, made);
}

int
dict_filter(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const kinds[] = { "key", "script", "value", NULL };
	struct value *made;
	int kind;

	if (interp_get_word(in, argv[3], kinds, "filterType", &kind) != TCL_OK)
		return TCL_ERROR;
	if (kind != 1)
		return filter_glob(in, argc, argv, kind == 2);
	if (argc != 6)
		return interp_wrong_args(in, 2, argv,
		    "dictionary script {keyVarName valueVarName} filterScript");
	made = value_from_dict(&in->heap, dict_new(&in->heap));
	return finish_dict(in, loop_over(in, argv[4], argv[2], argv[5], made, true, "dict filter"),
	    made);
}

/* ---- dict update and with ---- */

/* Writes variables back into the dictionary, by pairs of key and name; removes the keys of unset variables. */
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
	v = inner = var->as.value;
	for (int i = 0; (d = args_dict(in, inner)) != NULL && i < path_n; i++) {
		inner = dict_get(d, path[i]);
		if (inner == NULL)
			return TCL_OK;
	}
	if (d == NULL)
		return TCL_ERROR;
	value_ref(v);
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
		v = dict_change_path(in, v, path_n, path, inner);
		value_unref(inner);
	} else {
		value_unref(v);
		v = inner;
	}
	return v == NULL ? TCL_ERROR : interp_write(in, name, v);
}

/* Runs the body, writes the variables back, and restores the result of the body. */
static int
run_and_store(struct interp *in, struct value *body, const char *what, struct value *name,
    int path_n, struct value *const path[], struct list *pairs)
{
	bool known = what[5] == 'u' && var_is_known(in, name);
	struct value *result, *options;
	bool logged;
	int code;

	for (size_t i = 1; known && i < pairs->n; i += 2)
		known = var_is_known(in, pairs->items[i]);
	code = known ? script_body_once(in, body, NULL) : script_body_local(in, body, NULL);

	if (code == TCL_ERROR && !in->logged)
		failure_trace(in, "\n    (body of \"%s\")", what);
	logged = in->logged;
	result = value_ref(in->result);
	options = failure_options(in, code);
	if (in->stop == NULL &&
	    store_back(in, name, path_n, path, pairs->n, pairs->items) != TCL_OK) {
		code = TCL_ERROR;
	} else if (in->stop == NULL) {
		if (code != TCL_OK)
			failure_restore(in, options, result);
		in->logged = logged;
		interp_set_result(in, value_ref(result));
	}
	value_unref(options);
	value_unref(result);
	return code;
}

int
dict_update(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v;
	struct list *pairs;
	struct dict *d;
	int code = TCL_OK;
	const char *why;

	if (argc < 6 || argc % 2 != 0)
		return interp_wrong_args(in, 2, argv,
		    "dictVarName key varName ?key varName ...? script");
	v = interp_read(in, argv[2]);
	d = v == NULL ? NULL : args_dict(in, v);
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

int
dict_with(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v = interp_read(in, argv[2]);
	struct dict *d = v == NULL ? NULL : dict_get_path(in, v, argc - 4, argv + 3);
	struct list *pairs;
	int code = TCL_OK;

	if (d == NULL)
		return TCL_ERROR;
	dict_ref(d);
	pairs = list_new(&in->heap, d->count * 2);
	for (unsigned i = dict_next(d, 0); i < d->used && code == TCL_OK; i = dict_next(d, i + 1)) {
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

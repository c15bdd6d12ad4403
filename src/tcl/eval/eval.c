#include <stdio.h>

#include "tcl/eval/args.h"

#include "tcl/eval/eval.h"

enum { BUDGET = 1000 * EVAL_COMMAND, FEW = SYNTAX_FEW };

/* ---- stopping ---- */

void
interp_stop(struct interp *in, const char *message)
{
	snprintf(in->stop_text, sizeof(in->stop_text), "%s", message);
	in->stop = in->stop_text;
	in->heap.budget = 0;
}

bool
interp_stopped(struct interp *in)
{
	return in->stop != NULL;
}

bool
eval_check_limits(struct heap *h)
{
	struct interp *in = (struct interp *)(void *)h;

	if (h->fault == NULL && in->stop == NULL) {
		h->budget = BUDGET;
		if (in->poll != NULL && in->poll(in, in->poll_data) != 0 && in->stop == NULL)
			interp_stop(in, "interrupted");
	}
	if (h->fault == NULL && in->stop == NULL)
		return false;
	h->budget = 0;
	return true;
}

int
eval_tick_slow(struct interp *in)
{
	if (!eval_check_limits(&in->heap))
		return TCL_OK;
	if (in->heap.fault != NULL)
		interp_stop(in, in->heap.fault);
	in->heap.fault = NULL;
	return interp_fail(in, "TCL LIMIT STOP", NULL, "%s", in->stop);
}

static int
too_deep(struct interp *in)
{
	return interp_fail(in, "TCL LIMIT STACK", NULL,
	    "too many nested evaluations (infinite loop?)");
}

/* ---- words ---- */

static int
eval_parts(struct interp *in, const struct word *w, struct value **ret)
{
	struct value *joined, *part;
	int code;

	if (w->n == 1)
		return eval_word(in, &w->parts[0], ret);
	joined = value_new(&in->heap);
	for (unsigned i = 0; i < w->n; i++) {
		code = eval_word(in, &w->parts[i], &part);
		if (code != TCL_OK) {
			value_unref(joined);
			return code;
		}
		value_append_value(joined, part);
		value_unref(part);
	}
	*ret = joined;
	return TCL_OK;
}

static int
fail_element(struct interp *in, struct value *array, struct value *index, const char *why)
{
	struct value *name = value_copy(array);

	value_append_char(name, '(');
	value_append_value(name, index);
	value_append_char(name, ')');
	var_fail(in, "read", name, why);
	value_unref(name);
	if (in->unit_locals && value_bytes(interp_errorcode(in), NULL)[4] == 'L')
		failure_set_code(in, "TCL LOOKUP VARNAME");
	return TCL_ERROR;
}

static int
eval_element(struct interp *in, const struct word *w, struct value **ret)
{
	struct value *index;
	struct var *v;
	const char *why = NULL;
	int code = eval_parts(in, w, &index);

	if (code != TCL_OK)
		return code;
	v = var_element(in, w->value, index, VAR_FIND, &why);
	if (v != NULL && v->kind == VAR_VALUE)
		*ret = value_ref(v->as.value);
	else
		code = fail_element(in, w->value, index, why);
	value_unref(index);
	return code;
}

struct value *
eval_variable(struct interp *in, struct value *name)
{
	struct value *v = var_cached(in, name);

	if (v != NULL)
		return v;
	v = interp_read(in, name);
	/* in a procedure the variable exists before it is set */
	if (v == NULL && in->unit_locals && value_bytes(interp_errorcode(in), NULL)[4] == 'L')
		failure_set_code(in, "TCL READ VARNAME");
	return v;
}

int
eval_word(struct interp *in, const struct word *w, struct value **ret)
{
	struct value *v;
	int code;

	switch (w->kind) {
	case WORD_LITERAL:
		*ret = value_ref(w->value);
		return TCL_OK;
	case WORD_VAR:
		v = eval_variable(in, w->value);
		if (v == NULL)
			return TCL_ERROR;
		*ret = value_ref(v);
		return TCL_OK;
	case WORD_ELEMENT:
		return eval_element(in, w, ret);
	case WORD_SCRIPT:
		code = eval_script(in, w->script);
		if (code == TCL_OK) {
			*ret = in->result;
			in->result = value_ref(in->empty);
		}
		return code;
	default:
		return eval_parts(in, w, ret);
	}
}

/* ---- commands ---- */

static inline int
call_command(struct interp *in, struct command *c, int argc, struct value *const argv[])
{
	int code;

	if (in->result != in->empty)
		eval_set_result(in, value_ref(in->empty));
	if (argc - 1 < c->row.min || (c->row.max != -1 && argc - 1 > c->row.max))
		return interp_wrong_args(in, 1, argv, c->row.usage);
	c->refs++;
	code = c->row.run(in, c->data, argc, argv);
	/* the result may be incomplete: do not return it */
	if (code == TCL_OK && in->heap.budget <= 0)
		code = eval_tick_slow(in);
	if (--c->refs == 0)
		command_free(in, c);
	return code;
}

int
eval_call(struct interp *in, int argc, struct value *const argv[])
{
	struct command *c = command_find(in, argv[0]);

	if (eval_tick(in) != TCL_OK)
		return TCL_ERROR;
	if (c == NULL)
		return interp_fail(in, "TCL LOOKUP COMMAND", argv[0], "invalid command name \"%v\"",
		    argv[0]);
	return call_command(in, c, argc, argv);
}

static inline int
run_node(struct interp *in, const struct node *node, int argc, struct value *const argv[])
{
	struct node *cache = (struct node *)(uintptr_t)node;

	if (node->epoch != in->epoch) {
		struct command *c = command_find(in, argv[0]);

		if (c == NULL)
			return interp_fail(in, "TCL LOOKUP COMMAND", argv[0],
			    "invalid command name \"%v\"", argv[0]);
		if (!node->named)
			return call_command(in, c, argc, argv);
		cache->command = c;
		cache->epoch = in->epoch;
	}
	return call_command(in, node->command, argc, argv);
}

static void
drop_words(struct value **argv, unsigned n)
{
	while (n > 0)
		value_unref(argv[--n]);
}

/* As eval_word(), with a fast path for literals and scalars. */
static inline int
fetch_word(struct interp *in, const struct word *w, struct value **ret)
{
	struct value *v = w->kind == WORD_LITERAL ? w->value : NULL;

	if (w->kind == WORD_VAR)
		v = var_cached(in, w->value);
	if (v == NULL)
		return eval_word(in, w, ret);
	*ret = value_ref(v);
	return TCL_OK;
}

/* Not inlined, because the array makes the compiler check the stack of the caller. */
__attribute__((noinline)) static int
run_few(struct interp *in, const struct node *node)
{
	struct value *argv[FEW];
	unsigned n;
	int code = TCL_OK;

	for (n = 0; n < node->n && code == TCL_OK; n++)
		code = fetch_word(in, &node->words[n], &argv[n]);
	if (code == TCL_OK)
		code = run_node(in, node, (int)n, argv);
	else
		n--;
	drop_words(argv, n);
	return code;
}

static int
push_word(struct interp *in, const struct word *w, struct list **argv)
{
	struct value *v;
	struct list *items;
	int code = eval_word(in, w, &v);

	if (code != TCL_OK)
		return code;
	if (!w->expand) {
		list_push(&in->heap, argv, v);
		return TCL_OK;
	}
	items = args_list(in, v);
	for (size_t i = 0; items != NULL && i < items->n; i++)
		list_push(&in->heap, argv, value_ref(items->items[i]));
	value_unref(v);
	return items == NULL ? TCL_ERROR : TCL_OK;
}

static int
run_many(struct interp *in, const struct node *node)
{
	struct list *argv = list_new(&in->heap, node->n + FEW);
	int code = TCL_OK;

	for (unsigned i = 0; i < node->n && code == TCL_OK; i++)
		code = push_word(in, &node->words[i], &argv);
	if (code == TCL_OK && argv->n > 0)
		code = run_node(in, node, (int)argv->n, argv->items);
	list_unref(&in->heap, argv);
	return code;
}

static int
eval_node(struct interp *in, const struct node *node)
{
	if (eval_tick(in) != TCL_OK)
		return TCL_ERROR;
	if (node->mistake != NULL)
		return interp_fail(in, NULL, NULL, "%s", node->mistake);
	if (node->argv != NULL)
		return run_node(in, node, (int)node->n, node->argv);
	return node->many ? run_many(in, node) : run_few(in, node);
}

/* ---- scripts ---- */

static void
log_text(struct interp *in, const char *text, size_t n)
{
	bool first = in->errorinfo == NULL;
	size_t shown = args_shown_length(text, n, 150);

	in->logged = true;
	if (first)
		in->errorinfo = value_copy(in->result);
	in->errorinfo = value_own(in->errorinfo);
	value_append_string(in->errorinfo,
	    first ? "\n    while executing\n\"" : "\n    invoked from within\n\"");
	value_append(in->errorinfo, text, shown);
	value_append_string(in->errorinfo, n > shown ? "...\"" : "\"");
}

static void
log_command(struct interp *in, const struct script *s, const struct node *node)
{
	if (in->logged)
		return;
	if (in->errorinfo == NULL || in->place[0] == '\0')
		failure_set_place(in, s, node);
	in->errorline = node->line - in->unit_line + 1;
	log_text(in, node->text, node->len);
}

void
failure_trace_command(struct interp *in)
{
	if (in->node != NULL)
		log_command(in, in->script, in->node);
}

int
eval_call_traced(struct interp *in, int argc, struct value *const argv[])
{
	int code = eval_call(in, argc, argv);
	struct value *words;
	size_t n;
	const char *text;

	if (code != TCL_ERROR || in->logged)
		return code;
	words = value_list(&in->heap, (size_t)argc, argv);
	text = value_bytes(words, &n);
	in->errorline = 1;
	log_text(in, text, n);
	value_unref(words);
	in->logged = false;
	return code;
}

int
eval_script(struct interp *in, struct script *s)
{
	const struct script *outer_script = in->script;
	const struct node *outer_node = in->node;
	int code = TCL_OK;

	if (heap_too_deep(&in->heap))
		return too_deep(in);
	if (s->n == 0) {
		if (in->result != in->empty)
			eval_set_result(in, value_ref(in->empty));
		return TCL_OK;
	}
	in->script = s;
	s->refs++;
	for (unsigned i = 0; i < s->n && code == TCL_OK; i++) {
		in->node = &s->nodes[i];
		code = eval_node(in, in->node);
		if (code == TCL_ERROR)
			log_command(in, s, &s->nodes[i]);
	}
	if (code != TCL_OK && code != TCL_ERROR) {
		in->left_source = s->source;
		in->left_line = in->node->line;
	}
	in->script = outer_script;
	in->node = outer_node;
	ast_script_unref(&in->heap, s);
	return code;
}

struct script *
eval_parse(struct interp *in, struct value *v)
{
	struct script *s;

	if (v->type == VALUE_SCRIPT)
		return v->as.script;
	s = syntax_script(&in->heap, v);
	value_reset_type(v);
	v->type = VALUE_SCRIPT;
	v->as.script = s;
	return s;
}

static int
eval_list(struct interp *in, struct value *v)
{
	struct list *l = v->as.list;
	int code;

	l->refs++;
	code = eval_call_traced(in, (int)l->n, l->items);
	list_unref(&in->heap, l);
	return code;
}

int
eval_unit(struct interp *in, struct value *script, bool locals)
{
	unsigned outer_line = in->unit_line;
	bool outer_locals = in->unit_locals;
	struct script *s;
	int code;

	if (in->depth >= in->max_depth)
		return too_deep(in);
	in->depth++;
	in->unit_locals = locals;
	value_unref(in->return_options);
	in->return_options = NULL;
	value_ref(script);
	if (script->type == VALUE_LIST && script->bytes == NULL && script->as.list->n > 0) {
		in->unit_line = in->node != NULL ? in->node->line : 1;
		code = eval_list(in, script);
	} else {
		s = eval_parse(in, script);
		in->unit_line = s->line;
		code = eval_script(in, s);
	}
	value_unref(script);
	in->unit_line = outer_line;
	in->unit_locals = outer_locals;
	in->depth--;
	return code;
}

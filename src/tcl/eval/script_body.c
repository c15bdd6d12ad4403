#include "tcl/eval/script_body.h"
#include "tcl/eval/eval.h"

void
script_body_open(struct interp *in, struct script_body *b, struct value *v, bool local)
{
	bool ready = v->type == VALUE_LIST && v->bytes == NULL && v->as.list->n > 0;

	b->value = value_ref(v);
	b->compiled = !ready && (!local || in->unit_locals) && ast_is_literal(in->node, v);
	b->script = ready ? NULL : eval_parse(in, v);
	if (b->script != NULL)
		b->script->refs++;
}

void
script_body_close(struct interp *in, struct script_body *b)
{
	if (b->script != NULL)
		ast_script_unref(&in->heap, b->script);
	value_unref(b->value);
}

int
script_body_run(struct interp *in, struct script_body *b, const char *what)
{
	if (b->compiled)
		return eval_script(in, b->script);
	return script_body_separate(in, b->value, what);
}

int
script_body_separate(struct interp *in, struct value *body, const char *what)
{
	int code = eval_unit(in, body, false);

	if (code == TCL_ERROR) {
		if (what != NULL)
			failure_trace(in, "\n    (\"%s\" body line %d)", what, (int)in->errorline);
		in->logged = false;
	}
	return code;
}

int
script_body_once(struct interp *in, struct value *body, const char *what)
{
	if (ast_is_literal(in->node, body))
		return eval_script(in, eval_parse(in, body));
	return script_body_separate(in, body, what);
}

int
script_body_local(struct interp *in, struct value *body, const char *what)
{
	return (in->unit_locals ? script_body_once : script_body_separate)(in, body, what);
}

int
script_body_condition(struct interp *in, struct value *v, bool *ret_truth)
{
	int code = expr_bool(in, v, ret_truth);

	if (code == TCL_ERROR && !ast_is_literal(in->node, v))
		in->logged = false;
	return code;
}

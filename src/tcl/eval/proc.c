#include <string.h>

#include "tcl/commands/commands.h"
#include "tcl/eval/args.h"
#include "tcl/eval/eval.h"

enum { FEW = 12 };

/* ---- making ---- */

void
proc_unref(struct proc *p)
{
	struct heap *h = p->layout->names.heap;

	if (--p->refs > 0)
		return;
	for (unsigned i = 0; i < p->n; i++) {
		value_unref(p->args[i].name);
		value_unref(p->args[i].value);
	}
	heap_release(h, p->args, p->n * sizeof(*p->args));
	value_unref(p->body);
	layout_unref(h, p->layout);
	heap_release(h, p, sizeof(*p));
}

static int
check_name(struct interp *in, struct value *name)
{
	size_t n, array;
	const char *bytes = value_bytes(name, &n);

	if (var_split(bytes, n, &array))
		return interp_fail(in, "TCL OPERATION PROC FORMALARGUMENTFORMAT", NULL,
		    "formal parameter \"%v\" is an array element", name);
	for (size_t i = 0; i + 1 < n; i++) {
		if (bytes[i] == ':' && bytes[i + 1] == ':')
			return interp_fail(in, "TCL OPERATION PROC FORMALARGUMENTFORMAT", NULL,
			    "formal parameter \"%v\" is not a simple name", name);
	}
	return TCL_OK;
}

static int
add_argument(struct interp *in, struct proc *p, struct value *spec)
{
	struct list *parts = args_list(in, spec);
	struct proc_arg *args;

	if (parts == NULL)
		return TCL_ERROR;
	if (parts->n > 2)
		return interp_fail(in, "TCL OPERATION PROC FORMALARGUMENTFORMAT", NULL,
		    "too many fields in argument specifier \"%v\"", spec);
	if (parts->n == 0 || (parts->items[0]->bytes != NULL && parts->items[0]->len == 0))
		return interp_fail(in, "TCL OPERATION PROC FORMALARGUMENTFORMAT", NULL,
		    "argument with no name");
	if (check_name(in, parts->items[0]) != TCL_OK)
		return TCL_ERROR;
	args = heap_resize(&in->heap, p->args, p->n * sizeof(*args), (p->n + 1) * sizeof(*args));
	if (args == NULL)
		return interp_fail(in, NULL, NULL, "out of memory");
	p->args = args;
	/* a copy, since the name will refer to the layout, which belongs to the procedure */
	args[p->n].name = value_copy(parts->items[0]);
	args[p->n].value = parts->n == 2 ? value_ref(parts->items[1]) : NULL;
	layout_slot(&in->heap, p->layout, args[p->n].name);
	p->layout->known |= p->n < 64 ? UINT64_C(1) << p->n : 0;
	p->n++;
	if (parts->n == 1)
		p->least = p->n;
	return TCL_OK;
}

struct proc *
proc_new(struct interp *in, struct value *args, struct value *body)
{
	struct list *specs = args_list(in, args);
	struct proc *p;

	if (specs == NULL)
		return NULL;
	p = heap_resize(&in->heap, NULL, 0, sizeof(*p));
	memset(p, 0, sizeof(*p));
	p->refs = 1;
	p->layout = layout_new(&in->heap);
	p->body = value_copy(body);
	specs->refs++;
	for (size_t i = 0; i < specs->n; i++) {
		if (add_argument(in, p, specs->items[i]) != TCL_OK) {
			list_unref(&in->heap, specs);
			proc_unref(p);
			return NULL;
		}
	}
	list_unref(&in->heap, specs);
	p->varargs = p->n > 0 && value_is(p->args[p->n - 1].name, "args");
	if (p->varargs && p->least == p->n)
		while (p->least > 0 && (p->least == p->n || p->args[p->least - 1].value != NULL))
			p->least--;
	return p;
}

/* ---- calling ---- */

static int
wrong_arguments(struct interp *in, const struct proc *p, int skip, struct value *const argv[])
{
	struct value *usage = value_new(&in->heap), *words[2];
	struct value *lambda = value_string(&in->heap, "lambdaExpr");

	for (unsigned i = 0; i < p->n; i++) {
		if (i > 0)
			value_append_char(usage, ' ');
		if (p->varargs && i == p->n - 1)
			value_append_string(usage, "?arg ...?");
		else
			value_format(usage, p->args[i].value != NULL ? "?%v?" : "%v",
			    p->args[i].name);
	}
	words[0] = argv[0];
	words[1] = lambda;
	interp_wrong_args(in, skip, words, value_bytes(usage, NULL));
	value_unref(usage);
	value_unref(lambda);
	return TCL_ERROR;
}

static void
bind(struct var *v, struct value *value)
{
	v->kind = VAR_VALUE;
	v->as.value = value;
}

/* Puts the arguments into the first slots; false where their number is wrong. */
static bool
bind_arguments(struct interp *in, const struct proc *p, struct frame *f, int argc,
    struct value *const argv[])
{
	unsigned given = (unsigned)argc, named = p->n - p->varargs;

	if (given < p->least || (given > named && !p->varargs))
		return false;
	for (unsigned i = 0; i < named; i++)
		bind(frame_var(in, f, i), value_ref(i < given ? argv[i] : p->args[i].value));
	if (p->varargs)
		bind(frame_var(in, f, named),
		    given > named ? value_list(&in->heap, given - named, argv + named)
				  : value_ref(in->empty));
	return true;
}

/* Adds procedure "f" or lambda term "{x} {...}" to the trace. */
static void
trace_body(struct interp *in, struct value *name, bool lambda)
{
	size_t n;
	const char *bytes = value_bytes(name, &n);
	struct value *cut = value_text(&in->heap, bytes, args_shown_length(bytes, n, 60));

	failure_trace(in, "\n    (%s \"%v%s\" line %d)", lambda ? "lambda term" : "procedure", cut,
	    n > cut->len ? "..." : "", (int)in->errorline);
	value_unref(cut);
}

static int
run_proc_body(struct interp *in, struct proc *p, struct value *name, bool lambda)
{
	int code = eval_unit(in, p->body, true);

	if (code == TCL_RETURN)
		return failure_return_code(in);
	if (code == TCL_BREAK || code == TCL_CONTINUE)
		code = failure_unexpected(in, code);
	if (code == TCL_ERROR)
		trace_body(in, name, lambda);
	return code;
}

static int
run_frame(struct interp *in, struct proc *p, struct frame *f, int skip, int argc,
    struct value *const argv[])
{
	struct frame *caller = in->frame;
	int code;

	f->caller = caller;
	f->level = caller->level + 1;
	f->argc = argc;
	f->argv = argv;
	p->refs++;
	if (bind_arguments(in, p, f, argc - skip, argv + skip)) {
		in->frame = f;
		code = run_proc_body(in, p, argv[skip - 1], skip == 2);
		in->frame = caller;
	} else {
		code = wrong_arguments(in, p, skip, argv);
	}
	frame_fini(in, f);
	proc_unref(p);
	return code;
}

static int
run_large(struct interp *in, struct proc *p, int skip, int argc, struct value *const argv[])
{
	struct var vars[64];
	struct frame f;

	frame_init(&f, p->layout, vars, p->layout->n < 64 ? p->layout->n : 64);
	return run_frame(in, p, &f, skip, argc, argv);
}

int
proc_call(struct interp *in, struct proc *p, int skip, int argc, struct value *const argv[])
{
	struct var vars[FEW];
	struct frame f;
	bool first = !p->called;

	if (in->depth >= in->max_depth || heap_too_deep(&in->heap))
		return interp_fail(in, "TCL LIMIT STACK", NULL,
		    "too many nested evaluations (infinite loop?)");
	if (p->layout->n > FEW)
		return run_large(in, p, skip, argc, argv);
	/* the first call adds the names of its variables to the layout */
	p->called = true;
	frame_init(&f, p->layout, vars, first ? FEW : p->layout->n);
	return run_frame(in, p, &f, skip, argc, argv);
}

/* ---- commands ---- */

static void
destroy_proc(void *data)
{
	proc_unref(data);
}

static int
call_procedure(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return proc_call(in, data, 1, argc, argv);
}

static int
cmd_proc(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const struct interp_command row = { NULL, call_procedure, 0, -1, "" };
	struct proc *p = proc_new(in, argv[2], argv[3]);
	struct value *tail;
	size_t n;
	const char *name = value_bytes(argv[1], &n);

	if (n > 2 && name[0] == ':' && name[1] == ':') {
		name += 2;
		n -= 2;
	}
	if (memmem(name, n, "::", 2) != NULL) {
		if (p != NULL)
			proc_unref(p);
		return interp_fail(in, "TCL VALUE COMMAND", NULL,
		    "can't create procedure \"%v\": unknown namespace", argv[1]);
	}
	tail = value_text(&in->heap, name, n);
	if (p != NULL)
		command_add(in, value_ref(tail), &row, p, destroy_proc)->proc = p;
	else if (!in->logged)
		failure_trace(in, "\n    (creating proc \"%v\")", tail);
	value_unref(tail);
	if (p == NULL)
		return TCL_ERROR;
	return TCL_OK;
}

static struct proc *
lambda_of(struct interp *in, struct value *v)
{
	struct list *parts;
	struct proc *p;
	struct value *name;
	size_t n;

	if (v->type == VALUE_LAMBDA)
		return v->as.lambda;
	parts = value_to_list(v, NULL);
	if (parts == NULL || parts->n < 2 || parts->n > 3) {
		interp_fail(in, "TCL VALUE LAMBDA", NULL,
		    "can't interpret \"%v\" as a lambda expression", v);
		return NULL;
	}
	if (parts->n == 3 && strspn(value_bytes(parts->items[2], &n), ":") < n) {
		name = value_string(&in->heap,
		    value_bytes(parts->items[2], NULL)[0] == ':' ? "" : "::");
		value_append_value(name, parts->items[2]);
		interp_fail(in, "TCL LOOKUP NAMESPACE", name, "namespace \"%v\" not found", name);
		value_unref(name);
		return NULL;
	}
	p = proc_new(in, parts->items[0], parts->items[1]);
	if (p == NULL) {
		failure_trace(in, "\n    (parsing lambda expression \"%v\")", v);
		return NULL;
	}
	value_reset_type(v);
	v->type = VALUE_LAMBDA;
	v->as.lambda = p;
	return p;
}

void
lambda_free(struct value *v)
{
	proc_unref(v->as.lambda);
}

static int
cmd_apply(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct proc *lambda = lambda_of(in, argv[1]);

	if (lambda == NULL)
		return TCL_ERROR;
	return proc_call(in, lambda, 2, argc, argv);
}

static int
cmd_return(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *result = argc % 2 == 0 ? argv[argc - 1] : in->empty;

	if (argc > 2)
		return failure_return(in, argc - 1, argv + 1, result);
	in->return_code = TCL_OK;
	in->return_level = 1;
	if (in->return_options != NULL || in->errorinfo != NULL || in->errorcode != NULL)
		failure_reset(in);
	interp_set_result(in, value_ref(result));
	return TCL_RETURN;
}

const struct interp_command core_proc_commands[] = {
	{ "proc", cmd_proc, 3, 3, "name args body" },
	{ "apply", cmd_apply, 1, -1, "lambdaExpr ?arg ...?" },
	{ "return", cmd_return, 0, -1, "" },
	{ NULL, NULL, 0, 0, NULL },
};

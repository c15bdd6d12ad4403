/* if while for foreach lmap break continue eval uplevel time */
#include <time.h>

#include "tcl/commands/commands.h"
#include "tcl/commands/list.h"
#include "tcl/eval/args.h"
#include "tcl/eval/eval.h"
#include "tcl/eval/script_body.h"
#include "tcl/value/number.h"

/* Returns whether a loop continues after its body ended with this code; if not, *code is that of the loop. */
static bool
continue_loop(int *code)
{
	if (*code == TCL_CONTINUE)
		*code = TCL_OK;
	return *code == TCL_OK;
}

static int
end_loop(struct interp *in, int code)
{
	return code == TCL_OK || code == TCL_BREAK ? interp_return(in, value_ref(in->empty)) : code;
}

static int
no_script(struct interp *in, struct value *after)
{
	return interp_fail(in, "TCL WRONGARGS", NULL,
	    "wrong # args: no script following \"%v\" argument", after);
}

/* Evaluates the words from else on. */
static int
run_else(struct interp *in, int argc, struct value *const argv[], int at)
{
	if (value_is(argv[at], "else")) {
		at++;
		if (at == argc)
			return no_script(in, argv[at - 1]);
	}
	if (at + 1 < argc)
		return interp_fail(in, "TCL WRONGARGS", NULL,
		    "wrong # args: extra words after \"else\" clause in \"if\" command");
	return script_body_once(in, argv[at], NULL);
}

static int
cmd_if(struct interp *in, void *data, int argc, struct value *const argv[])
{
	int at = 1;
	bool truth;

	for (;;) {
		if (at >= argc)
			return interp_fail(in, "TCL WRONGARGS", NULL,
			    "wrong # args: no expression after \"%v\" argument", argv[at - 1]);
		int code = script_body_condition(in, argv[at], &truth);

		if (code != TCL_OK)
			return code;
		if (++at < argc && value_is(argv[at], "then"))
			at++;
		if (at >= argc)
			return no_script(in, argv[at - 1]);
		if (truth)
			return script_body_once(in, argv[at], NULL);
		if (++at == argc)
			return interp_return(in, value_ref(in->empty));
		if (!value_is(argv[at], "elseif"))
			return run_else(in, argc, argv, at);
		at++;
	}
}

static int
cmd_while(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct script_body body;
	bool truth;
	int code;

	script_body_open(in, &body, argv[2], false);
	do {
		code = script_body_condition(in, argv[1], &truth);
		if (code != TCL_OK || !truth)
			break;
		code = script_body_run(in, &body, "while");
		if (eval_tick(in) != TCL_OK)
			code = TCL_ERROR;
	} while (continue_loop(&code));
	script_body_close(in, &body);
	return end_loop(in, code);
}

/* Runs a round; TCL_OK: the next one may begin. */
static int
for_round(struct interp *in, struct value *test, struct script_body *body, struct script_body *next,
    bool *ret_going)
{
	int code = script_body_condition(in, test, ret_going);

	if (code != TCL_OK || !*ret_going)
		return code;
	code = script_body_run(in, body, "for");
	if (eval_tick(in) != TCL_OK)
		return TCL_ERROR;
	if (!continue_loop(&code))
		return code;
	code = script_body_run(in, next, NULL);
	if (code == TCL_ERROR && !in->logged)
		failure_trace(in, "\n    (\"for\" loop-end command)");
	return code;
}

static int
cmd_for(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct script_body body, next;
	bool going = true;
	int code = script_body_once(in, argv[1], NULL);

	if (code != TCL_OK)
		return code;
	script_body_open(in, &body, argv[4], false);
	script_body_open(in, &next, argv[3], false);
	while (code == TCL_OK && going)
		code = for_round(in, argv[2], &body, &next, &going);
	script_body_close(in, &body);
	script_body_close(in, &next);
	return end_loop(in, code);
}

/* ---- foreach ---- */

struct walk {
	struct list *names, *items;
	size_t at;
};

struct walks {
	struct walk few[4], *all;
	int n;
	size_t rounds;
};

static void
walks_fini(struct interp *in, struct walks *w, int pairs)
{
	for (int i = 0; i < w->n; i++) {
		list_unref(&in->heap, w->all[i].names);
		list_unref(&in->heap, w->all[i].items);
	}
	if (w->all != w->few)
		heap_release(&in->heap, w->all, (size_t)pairs * sizeof(*w->all));
}

static int
add_walk(struct interp *in, struct walks *w, struct value *names, struct value *items,
    const char *command)
{
	struct walk *walk = &w->all[w->n];
	size_t rounds;

	walk->names = args_list(in, names);
	if (walk->names == NULL)
		return TCL_ERROR;
	if (walk->names->n == 0)
		return interp_fail(in,
		    command[0] == 'f' ? "TCL OPERATION FOREACH NEEDVARS"
				      : "TCL OPERATION LMAP NEEDVARS",
		    NULL, "%s varlist is empty", command);
	walk->names->refs++;
	walk->items = args_list(in, items);
	if (walk->items == NULL) {
		list_unref(&in->heap, walk->names);
		return TCL_ERROR;
	}
	walk->items->refs++;
	walk->at = 0;
	rounds = (walk->items->n + walk->names->n - 1) / walk->names->n;
	w->rounds = rounds > w->rounds ? rounds : w->rounds;
	w->n++;
	return TCL_OK;
}

static int
set_loop_var(struct interp *in, struct value *name, struct value *v)
{
	struct var *var = var_in_frame(in, name);

	if (var == NULL || var->kind != VAR_VALUE)
		return interp_write(in, name, value_ref(v));
	value_ref(v);
	value_unref(var->as.value);
	var->as.value = v;
	return TCL_OK;
}

static int
set_walk(struct interp *in, struct walk *w, const char *command)
{
	for (size_t i = 0; i < w->names->n; i++) {
		struct value *v = w->at < w->items->n ? w->items->items[w->at] : in->empty;

		w->at++;
		if (set_loop_var(in, w->names->items[i], v) != TCL_OK) {
			failure_trace(in, "\n    (setting %s loop variable \"%v\")", command,
			    w->names->items[i]);
			return TCL_ERROR;
		}
	}
	return TCL_OK;
}

static int
run_round(struct interp *in, struct walks *w, struct script_body *body, const char *command,
    struct list **collect)
{
	int code;

	for (int i = 0; i < w->n; i++) {
		if (set_walk(in, &w->all[i], command) != TCL_OK)
			return TCL_ERROR;
	}
	code = script_body_run(in, body, command);
	if (code == TCL_OK && collect != NULL)
		list_push(&in->heap, collect, value_ref(in->result));
	return eval_tick(in) != TCL_OK ? TCL_ERROR : code;
}

static int
run_rounds(struct interp *in, struct walks *w, struct value *v, const char *command,
    struct list **collect)
{
	struct script_body body;
	int code = TCL_OK;

	script_body_open(in, &body, v, true);
	for (size_t round = 0; round < w->rounds; round++) {
		code = run_round(in, w, &body, command, collect);
		if (!continue_loop(&code))
			break;
	}
	script_body_close(in, &body);
	return code;
}

static int
loop_lists(struct interp *in, int argc, struct value *const argv[], const char *command,
    struct list **collect)
{
	struct walks w = { .rounds = 0 };
	int code = TCL_OK, pairs = argc / 2 - 1;

	w.all = w.few;
	if (pairs > 4)
		w.all = heap_resize(&in->heap, NULL, 0, (size_t)pairs * sizeof(*w.all));
	if (w.all == NULL)
		return interp_fail(in, NULL, NULL, "out of memory");
	for (int i = 0; i < pairs && code == TCL_OK; i++)
		code = add_walk(in, &w, argv[1 + 2 * i], argv[2 + 2 * i], command);
	if (code == TCL_OK)
		code = run_rounds(in, &w, argv[argc - 1], command, collect);
	walks_fini(in, &w, pairs);
	return code;
}

static int
cmd_foreach(struct interp *in, void *data, int argc, struct value *const argv[])
{
	if (argc % 2 != 0)
		return interp_wrong_args(in, 1, argv, "varList list ?varList list ...? command");
	return end_loop(in, loop_lists(in, argc, argv, "foreach", NULL));
}

static int
cmd_lmap(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct list *collected;
	int code;

	if (argc % 2 != 0)
		return interp_wrong_args(in, 1, argv, "varList list ?varList list ...? command");
	collected = list_new(&in->heap, 8);
	code = loop_lists(in, argc, argv, "lmap", &collected);
	if (code == TCL_OK || code == TCL_BREAK)
		return interp_return(in, value_from_list(&in->heap, collected));
	list_unref(&in->heap, collected);
	return code;
}

static int
cmd_break(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return TCL_BREAK;
}

static int
cmd_continue(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return TCL_CONTINUE;
}

/* ---- eval and uplevel ---- */

static int
eval_words(struct interp *in, int n, struct value *const words[], const char *what)
{
	struct value *script = n == 1 ? value_ref(words[0]) : list_concat(in, n, words);
	int code = script_body_separate(in, script, what);

	value_unref(script);
	return code;
}

static int
cmd_eval(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return eval_words(in, argc - 1, argv + 1, "eval");
}

static struct frame *
find_level(struct interp *in, int64_t level)
{
	struct frame *f = in->frame;

	while (f != NULL && f->level != level)
		f = f->caller;
	return f;
}

static int
bad_level(struct interp *in, struct value *v)
{
	if (v == NULL)
		return interp_fail(in, "TCL LOOKUP LEVEL 1", NULL, "bad level \"1\"");
	return interp_fail(in, "TCL LOOKUP LEVEL", v, "bad level \"%v\"", v);
}

/* Returns whether v is a level, with or without "#". */
static bool
is_level(struct interp *in, struct value *v, bool absolute, int64_t *ret_level)
{
	size_t n;
	const char *bytes = value_bytes(v, &n);
	struct value *number = absolute ? value_text(&in->heap, bytes + 1, n - 1) : value_ref(v);
	bool is = value_to_int(number, ret_level) && number_narrow(ret_level) && *ret_level >= 0;

	value_unref(number);
	return is;
}

int
frame_of_level(struct interp *in, struct value *v, bool must, struct frame **ret_frame,
    bool *ret_used)
{
	char first = '\0';
	bool absolute;
	int64_t level = 1;

	if (v != NULL)
		first = value_bytes(v, NULL)[0];
	absolute = first == '#';
	*ret_used = v != NULL && is_level(in, v, absolute, &level);
	if (!*ret_used && (absolute || (first >= '0' && first <= '9')))
		return bad_level(in, v);
	if (!*ret_used && must)
		/* in the global frame tclsh names the default level 1 */
		return bad_level(in, in->frame->level > 0 ? v : NULL);
	if (!*ret_used)
		level = 1;
	*ret_frame = find_level(in, absolute ? level : in->frame->level - level);
	return *ret_frame != NULL ? TCL_OK : bad_level(in, *ret_used ? v : NULL);
}

static int
cmd_uplevel(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct frame *frame = NULL, *here = in->frame;
	bool used;
	int code;

	if (frame_of_level(in, argv[1], false, &frame, &used) != TCL_OK)
		return TCL_ERROR;
	if (used && argc == 2)
		return interp_wrong_args(in, 1, argv, "?level? command ?arg ...?");
	in->frame = frame;
	code = eval_words(in, argc - 1 - used, argv + 1 + used, "uplevel");
	in->frame = here;
	return code;
}

static int64_t
now_nsec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int
cmd_time(struct interp *in, void *data, int argc, struct value *const argv[])
{
	int64_t count = 1, begin = now_nsec(), spent;
	struct value *v;
	int code = TCL_OK;

	if (argc == 3 && args_int(in, argv[2], &count) != TCL_OK)
		return TCL_ERROR;
	for (int64_t i = 0; i < count && code == TCL_OK; i++) {
		code = script_body_separate(in, argv[1], NULL);
		if (eval_tick(in) != TCL_OK)
			return TCL_ERROR;
	}
	if (code != TCL_OK)
		return code;
	spent = (now_nsec() - begin) / 1000;
	v = count <= 1 ? value_int(&in->heap, count <= 0 ? 0 : spent)
		       : value_double(&in->heap, (double)spent / (double)count);
	v = value_own(v);
	value_append_string(v, " microseconds per iteration");
	return interp_return(in, v);
}

const struct interp_command core_control_commands[] = {
	{ "if", cmd_if, 0, -1, "" },
	{ "while", cmd_while, 2, 2, "test command" },
	{ "for", cmd_for, 4, 4, "start test next command" },
	{ "foreach", cmd_foreach, 3, -1, "varList list ?varList list ...? command" },
	{ "lmap", cmd_lmap, 3, -1, "varList list ?varList list ...? command" },
	{ "break", cmd_break, 0, 0, "" },
	{ "continue", cmd_continue, 0, 0, "" },
	{ "eval", cmd_eval, 1, -1, "arg ?arg ...?" },
	{ "uplevel", cmd_uplevel, 1, -1, "?level? command ?arg ...?" },
	{ "time", cmd_time, 1, 2, "command ?count?" },
	{ NULL, NULL, 0, 0, NULL },
};

/* info */

#include "tcl/commands/commands.h"
#include "tcl/eval/args.h"
#include "tcl/eval/eval.h"
#include "tcl/value/glob.h"

static int
info_exists(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const char *why;

	return interp_return_int(in, var_lookup(in, argv[2], VAR_FIND, &why) != NULL);
}

static struct proc *
find_proc(struct interp *in, struct value *name)
{
	struct command *c = command_find(in, name);

	if (c != NULL && c->proc != NULL)
		return c->proc;
	interp_fail(in, "TCL LOOKUP PROCEDURE", name, "\"%v\" isn't a procedure", name);
	return NULL;
}

static int
info_args(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct proc *p = find_proc(in, argv[2]);
	struct list *l;

	if (p == NULL)
		return TCL_ERROR;
	l = list_new(&in->heap, p->n);
	for (unsigned i = 0; i < p->n; i++)
		list_push(&in->heap, &l, value_ref(p->args[i].name));
	return interp_return(in, value_from_list(&in->heap, l));
}

static int
info_body(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct proc *p = find_proc(in, argv[2]);

	return p == NULL ? TCL_ERROR : interp_return(in, value_ref(p->body));
}

static int
info_default(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct proc *p = find_proc(in, argv[2]);

	if (p == NULL)
		return TCL_ERROR;
	for (unsigned i = 0; i < p->n; i++) {
		struct value *v = p->args[i].value;

		if (!value_equal(p->args[i].name, argv[3]))
			continue;
		if (interp_write(in, argv[4], value_ref(v != NULL ? v : in->empty)) != TCL_OK)
			return TCL_ERROR;
		return interp_return_int(in, v != NULL);
	}
	return interp_fail(in, "TCL LOOKUP ARGUMENT", argv[3],
	    "procedure \"%v\" doesn't have an argument \"%v\"", argv[2], argv[3]);
}

/* info commands, info procs */
static int
info_commands(struct interp *in, void *data, int argc, struct value *const argv[])
{
	bool procs = value_bytes(argv[1], NULL)[0] == 'p';
	struct list *l = list_new(&in->heap, 16);
	struct table_entry *entry = NULL;

	while ((entry = table_next(&in->commands, entry)) != NULL) {
		if (procs && ((struct command *)entry)->proc == NULL)
			continue;
		if (argc == 2 || glob_match(argv[2], entry->key, false))
			list_push(&in->heap, &l, value_ref(entry->key));
	}
	return interp_return(in, value_from_list(&in->heap, l));
}

/* info vars, info globals, info locals */
static int
info_vars(struct interp *in, void *data, int argc, struct value *const argv[])
{
	char which = value_bytes(argv[1], NULL)[0];
	struct frame *frame = which == 'g' ? &in->global : in->frame;
	struct list *l = list_new(&in->heap, 16);
	struct table_entry *entry = NULL;

	while ((entry = table_next(&frame->layout->names, entry)) != NULL) {
		struct var *v = frame_var(in, frame, ((struct layout_name *)entry)->slot);

		if (which == 'l' && (v->kind == VAR_LINK || frame == &in->global))
			continue;
		if (v->kind != VAR_UNSET && (argc == 2 || glob_match(argv[2], entry->key, false)))
			list_push(&in->heap, &l, value_ref(entry->key));
	}
	return interp_return(in, value_from_list(&in->heap, l));
}

static int
info_level(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct frame *f = in->frame;
	int64_t level;

	if (argc == 2)
		return interp_return_int(in, f->level);
	if (args_int(in, argv[2], &level) != TCL_OK)
		return TCL_ERROR;
	if (level <= 0)
		level += f->level;
	while (f != NULL && f->level != level)
		f = f->caller;
	if (f == NULL || f->argv == NULL || level <= 0)
		return interp_fail(in, "TCL LOOKUP STACK_LEVEL", argv[2], "bad level \"%v\"",
		    argv[2]);
	return interp_return(in, value_list(&in->heap, (size_t)f->argc, f->argv));
}

static int
info_script(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_return(in, value_string(&in->heap, interp_file(in)));
}

static int
info_complete(struct interp *in, void *data, int argc, struct value *const argv[])
{
	size_t n;
	const char *p = value_bytes(argv[2], &n);

	return interp_return_int(in, interp_is_complete(in, p, n));
}

static int
info_version(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_return(in, value_string(&in->heap, "8.6"));
}

/* The mathematical functions that info functions lists. */
static const struct interp_command rows[] = {
	{ "args", info_args, 1, 1, "procname" },
	{ "body", info_body, 1, 1, "procname" },
	{ "class", NULL, 0, 0, "" },
	{ "cmdcount", NULL, 0, 0, "" },
	{ "commands", info_commands, 0, 1, "?pattern?" },
	{ "complete", info_complete, 1, 1, "command" },
	{ "coroutine", NULL, 0, 0, "" },
	{ "default", info_default, 3, 3, "procname arg varname" },
	{ "errorstack", NULL, 0, 0, "" },
	{ "exists", info_exists, 1, 1, "varName" },
	{ "frame", NULL, 0, 0, "" },
	{ "functions", NULL, 0, 0, "" },
	{ "globals", info_vars, 0, 1, "?pattern?" },
	{ "hostname", NULL, 0, 0, "" },
	{ "level", info_level, 0, 1, "?number?" },
	{ "library", NULL, 0, 0, "" },
	{ "loaded", NULL, 0, 0, "" },
	{ "locals", info_vars, 0, 1, "?pattern?" },
	{ "nameofexecutable", NULL, 0, 0, "" },
	{ "object", NULL, 0, 0, "" },
	{ "patchlevel", NULL, 0, 0, "" },
	{ "procs", info_commands, 0, 1, "?pattern?" },
	{ "script", info_script, 0, 0, "" },
	{ "sharedlibextension", NULL, 0, 0, "" },
	{ "tclversion", info_version, 0, 0, "" },
	{ "vars", info_vars, 0, 1, "?pattern?" },
	{ NULL, NULL, 0, 0, NULL },
};

static int
cmd_info(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_run_row(in, data, argc, argv, rows);
}

const struct interp_command core_info_commands[] = {
	{ "info", cmd_info, 0, -1, "subcommand ?arg ...?" },
	{ NULL, NULL, 0, 0, NULL },
};

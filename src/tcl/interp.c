#include "tcl/interp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tcl/commands/commands.h"
#include "tcl/commands/regex.h"
#include "tcl/eval/eval.h"
#include "tcl/os/channel.h"
#include "tcl/syntax/expr.h"

enum { CALLS = 1000, STACK = 6 << 20 };

/* The stack that C code needs below the deepest call. */
enum { STACK_SPARE = 2 << 20 };

/* ---- creation and destruction ---- */

static const struct value_form forms[] = {
	[VALUE_LIST] = { .free = list_free, .print = list_print },
	[VALUE_DICT] = { .free = dict_free, .print = dict_print },
	[VALUE_SCRIPT] = { .free = ast_free },
	[VALUE_EXPR] = { .free = expr_free },
	[VALUE_LAMBDA] = { .free = lambda_free },
	[VALUE_REGEX] = { .free = regex_free_value },
	[VALUE_NAME] = { .free = layout_free },
	[VALUE_ELEMENT] = { .free = var_free_element },
};

static void
add_core(struct interp *in)
{
	static const struct interp_command *const rooms[] = { core_control_commands,
		core_error_commands, core_var_commands, core_proc_commands, core_list_commands,
		core_sort_commands, core_search_commands, core_dict_commands, core_array_commands,
		core_string_commands, core_format_commands, core_scan_commands,
		core_binary_commands, core_clock_commands, core_info_commands, core_io_commands,
		core_regex_commands, core_switch_commands, core_expr_commands,
		core_channel_commands, core_file_commands, core_exec_commands };

	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		for (const struct interp_command *row = rooms[i]; row->name != NULL; row++)
			interp_add(in, row, NULL, NULL);
	}
}

/* Returns STACK, or half of a smaller stack of the process. */
static size_t
stack_of_process(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) == -1 || limit.rlim_cur >= STACK + STACK_SPARE)
		return STACK;
	return limit.rlim_cur / 2;
}

struct interp *
interp_new(void)
{
	struct interp *in = calloc(1, sizeof(*in));

	if (in == NULL || !heap_init(&in->heap, (size_t)1 << 30)) {
		free(in);
		return NULL;
	}
	in->heap.check = eval_check_limits;
	in->heap.forms = forms;
	in->empty = value_new(&in->heap);
	in->result = value_ref(in->empty);
	frame_init(&in->global, layout_new(&in->heap), in->global_vars, 64);
	in->frame = &in->global;
	in->max_depth = CALLS;
	in->max_stack = stack_of_process();
	in->stdin_fd = -1;
	in->files = list_new(&in->heap, 4);
	list_push(&in->heap, &in->files, value_ref(in->empty));
	in->epoch = in->unit_line = 1;
	table_init(&in->commands, &in->heap);
	add_core(in);
	return in;
}

void
interp_free(struct interp *in)
{
	struct table_entry *entry;
	unsigned at = 0;

	if (in == NULL)
		return;
	(void)interp_close_channels(in);
	while ((entry = table_left(&in->commands, &at)) != NULL)
		command_drop(in, (struct command *)entry);
	table_fini(&in->commands);
	frame_fini(in, &in->global);
	layout_unref(&in->heap, in->global.layout);
	failure_reset(in);
	value_unref(in->result);
	value_unref(in->empty);
	list_unref(&in->heap, in->files);
	heap_fini(&in->heap);
	free(in);
}

struct heap *
interp_heap(struct interp *in)
{
	return &in->heap;
}

void
interp_allow(struct interp *in, unsigned what)
{
	in->allowed = what;
}

void
interp_set_stdin(struct interp *in, int fd)
{
	in->stdin_fd = fd;
}

void
interp_set_env(struct interp *in, char *const *env)
{
	for (; *env != NULL; env++) {
		size_t n = strcspn(*env, "=");
		struct value *name;

		if ((*env)[n] == '\0')
			continue;
		name = value_string(&in->heap, "::env(");
		value_append(name, *env, n);
		value_append_char(name, ')');
		(void)interp_write(in, name, value_string(&in->heap, *env + n + 1));
		value_unref(name);
	}
}

void
interp_set_programs(struct interp *in, char *const *env, int out)
{
	in->program_env = env;
	in->program_out = out;
}

void
interp_set_hooks(struct interp *in, const struct interp_hooks *hooks)
{
	in->hooks = *hooks;
}

void *
interp_owner(const struct interp *in)
{
	return in->hooks.data;
}

void
interp_set_regex(struct interp *in, const struct regex_ops *ops)
{
	in->regex = ops;
}

void
interp_set_poll(struct interp *in, int (*poll)(struct interp *in, void *data), void *data)
{
	in->poll = poll;
	in->poll_data = data;
}

void
interp_limit_depth(struct interp *in, int calls, size_t stack)
{
	in->max_depth = calls;
	in->max_stack = stack;
}

void
interp_limit_memory(struct interp *in, size_t bytes)
{
	in->heap.limit = bytes;
}

void
interp_each_var(struct interp *in, const char *prefix, void (*each)(void *data, const char *name),
    void *data)
{
	struct table_entry *entry = NULL;

	while ((entry = table_next(&in->frame->layout->names, entry)) != NULL) {
		if (strncmp(entry->key->bytes, prefix, strlen(prefix)) == 0 &&
		    frame_var(in, in->frame, ((struct layout_name *)entry)->slot)->kind !=
			VAR_UNSET)
			each(data, entry->key->bytes);
	}
}

/* ---- running ---- */

/* Begins an evaluation from outside; the outermost one sets limits and clears the last error. */
static void
begin_evaluation(struct interp *in)
{
	const char *here = __builtin_frame_address(0);

	if (in->running++ > 0)
		return;
	in->heap.stack_end = here - in->max_stack;
	in->stop = NULL;
	failure_reset(in);
}

static int
end_evaluation(struct interp *in, int code)
{
	/* the last command may have exceeded a limit */
	if (code == TCL_OK && (in->heap.fault != NULL || in->stop != NULL))
		code = eval_tick_slow(in);
	if (--in->running == 0)
		in->stop = NULL;
	return code;
}

static unsigned short
file_index(struct interp *in, const char *file)
{
	if (file == NULL)
		return 0;
	for (size_t i = in->files->n; i > 0; i--) {
		if (value_is(in->files->items[i - 1], file))
			return (unsigned short)(i - 1);
	}
	if (in->files->n >= UINT16_MAX)
		return 0;
	list_push(&in->heap, &in->files, value_string(&in->heap, file));
	return (unsigned short)(in->files->n - 1);
}

int
interp_eval(struct interp *in, const char *text, size_t n, const char *file, unsigned line)
{
	struct value *v = value_text(&in->heap, text, n);
	int code;

	v->source = file_index(in, file);
	v->line = line;
	code = interp_eval_value(in, v);
	value_unref(v);
	return code;
}

int
interp_eval_value(struct interp *in, struct value *script)
{
	begin_evaluation(in);
	return end_evaluation(in, eval_unit(in, script, false));
}

/* What a callback must not change for the evaluation that waits. */
struct state {
	struct frame *frame;
	struct value *result, *errorinfo, *errorcode, *return_options;
	unsigned errorline;
	bool logged;
	int return_code, return_level;
	const struct script *script;
	const struct node *node;
};

static void
save_state(struct interp *in, struct state *s)
{
	*s = (struct state){ in->frame, in->result, in->errorinfo, in->errorcode,
		in->return_options, in->errorline, in->logged, in->return_code, in->return_level,
		in->script, in->node };
	in->frame = &in->global;
	in->result = value_ref(in->empty);
	in->errorinfo = in->errorcode = in->return_options = NULL;
	in->script = NULL;
	in->node = NULL;
}

static void
restore_state(struct interp *in, const struct state *s)
{
	failure_reset(in);
	value_unref(in->result);
	in->frame = s->frame;
	in->result = s->result;
	in->errorinfo = s->errorinfo;
	in->errorcode = s->errorcode;
	in->return_options = s->return_options;
	in->errorline = s->errorline;
	in->logged = s->logged;
	in->return_code = s->return_code;
	in->return_level = s->return_level;
	in->script = s->script;
	in->node = s->node;
}

int
interp_callback(struct interp *in, struct value *script,
    void (*done)(struct interp *in, void *data, int code), void *data)
{
	struct state state;
	int code;

	save_state(in, &state);
	code = interp_conclude(in, interp_eval_value(in, script));
	if (done != NULL)
		done(in, data, code);
	restore_state(in, &state);
	return code;
}

/* A state, and what belongs to its C stack. */
struct interp_state {
	struct state state; /* frame NULL: it runs, and this is unused */
	unsigned unit_line;
	bool unit_locals;
	int depth, running;
	const char *stop, *stack_end;
	size_t max_stack;
};

struct interp_state *
interp_state_new(struct interp *in, size_t stack)
{
	struct interp_state *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->state.frame = &in->global;
	t->state.errorline = 1;
	t->unit_line = 1;
	t->max_stack = stack > 0 ? stack : in->max_stack;
	return t;
}

void
interp_state_free(struct interp *in, struct interp_state *t)
{
	if (t != NULL && t->state.frame != NULL) {
		value_unref(t->state.result);
		value_unref(t->state.errorinfo);
		value_unref(t->state.errorcode);
		value_unref(t->state.return_options);
	}
	free(t);
}

void
interp_state_switch(struct interp *in, struct interp_state *from, struct interp_state *to)
{
	save_state(in, &from->state);
	from->unit_line = in->unit_line;
	from->unit_locals = in->unit_locals;
	from->depth = in->depth;
	from->running = in->running;
	from->stop = in->stop;
	from->stack_end = in->heap.stack_end;
	from->max_stack = in->max_stack;
	restore_state(in, &to->state);
	if (in->result == NULL)
		in->result = value_ref(in->empty);
	in->unit_line = to->unit_line;
	in->unit_locals = to->unit_locals;
	in->depth = to->depth;
	in->running = to->running;
	in->stop = to->stop;
	in->heap.stack_end = to->stack_end;
	in->max_stack = to->max_stack;
	to->state.frame = NULL;
	/* it may have been stopped before it was suspended */
	if (in->stop != NULL)
		in->heap.budget = 0;
}

bool
interp_is_complete(struct interp *in, const char *text, size_t n)
{
	const char *here = __builtin_frame_address(0);

	if (in->running == 0)
		in->heap.stack_end = here - in->max_stack;
	return syntax_is_complete(&in->heap, text, n);
}

size_t
interp_whole_commands(struct interp *in, const char *text, size_t n)
{
	const char *here = __builtin_frame_address(0);

	if (in->running == 0)
		in->heap.stack_end = here - in->max_stack;
	return syntax_whole_commands(&in->heap, text, n);
}

int
interp_expr(struct interp *in, struct value *text)
{
	struct value *v;
	int code;

	begin_evaluation(in);
	code = expr_value(in, text, &v);
	if (code == TCL_OK)
		interp_set_result(in, v);
	return end_evaluation(in, code);
}

int
interp_expr_bool(struct interp *in, struct value *text, bool *ret_truth)
{
	begin_evaluation(in);
	return end_evaluation(in, expr_bool(in, text, ret_truth));
}

struct value *
interp_get_var(struct interp *in, const char *name)
{
	struct value *key = value_string(&in->heap, name);
	const char *why;
	struct var *v = var_lookup(in, key, VAR_FIND, &why);

	value_unref(key);
	return v != NULL && v->kind == VAR_VALUE ? v->as.value : NULL;
}

int
interp_set_var(struct interp *in, const char *name, struct value *v)
{
	struct value *key = value_string(&in->heap, name);
	int code = interp_write(in, key, v);

	value_unref(key);
	return code;
}

/* exec */
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include "tcl/commands/commands.h"
#include "tcl/eval/eval.h"
#include "tcl/os/posix.h"
#include "tcl/os/program.h"

/* ---- words ---- */

/* Returns whether tclsh treats the word as a pipeline or redirection that is not part of the language. */
static bool
is_left_out(struct value *word, bool first)
{
	const char *bytes = value_bytes(word, NULL);

	return value_is(word, "|") || value_is(word, "|&") || bytes[0] == '<' || bytes[0] == '>' ||
	    strncmp(bytes, "2>", 2) == 0 || (first && bytes[0] == '-');
}

/* Returns the word after an operator of n bytes: the rest of the word, or the next one; a reference; NULL
 * with the error set. */
static struct value *
target_of(struct interp *in, int argc, struct value *const argv[], int *at, size_t n)
{
	size_t len;
	const char *bytes = value_bytes(argv[*at], &len);

	if (len > n)
		return value_text(&in->heap, bytes + n, len - n);
	if (++*at < argc)
		return value_ref(argv[*at]);
	interp_fail(in, n == 2 ? "TCL OPERATION EXEC PIPESYNTAX" : "TCL OPERATION EXEC SYNTAX",
	    NULL, "can't specify \"%v\" as last word in command", argv[*at - 1]);
	return NULL;
}

static int
set_redirection(struct interp *in, struct program *p, int argc, struct value *const argv[], int *at)
{
	bool feed = value_bytes(argv[*at], NULL)[0] == '<';
	struct value *target = target_of(in, argc, argv, at, feed ? 2 : 1);
	int code;

	if (target == NULL)
		return TCL_ERROR;
	code = feed ? program_feed(in, p, target) : program_write_to(in, p, target);
	value_unref(target);
	return code;
}

static int
parse_exec_word(struct interp *in, struct program *p, int argc, struct value *const argv[], int *at)
{
	struct value *word = argv[*at];
	const char *bytes = value_bytes(word, NULL);

	if (strncmp(bytes, "<<", 2) == 0 || (bytes[0] == '>' && strchr(">&@", bytes[1]) == NULL) ||
	    value_is(word, ">"))
		return set_redirection(in, p, argc, argv, at);
	if (value_is(word, "2>@1")) {
		p->merge = true;
		return *at + 1 == argc ? TCL_OK
				       : interp_fail(in, "TCL OPERATION EXEC PIPESYNTAX", NULL,
					     "must specify \"2>@1\" as last word in command");
	}
	if (is_left_out(word, *at == 1))
		return interp_fail(in, "TCL LEFTOUT", NULL,
		    "exec: \"%v\" is not part of the language: one program, and <<, >, 2>@1 and &; "
		    "sh -c runs several",
		    word);
	p->argv[p->n++] = (char *)(uintptr_t)bytes;
	return TCL_OK;
}

static int
parse_exec_words(struct interp *in, struct program *p, int argc, struct value *const argv[])
{
	int code = TCL_OK;

	p->background = value_is(argv[argc - 1], "&");
	for (int i = 1; code == TCL_OK && i < argc - p->background; i++)
		code = parse_exec_word(in, p, argc - p->background, argv, &i);
	if (code == TCL_OK && p->n == 0)
		return interp_fail(in, "TCL OPERATION EXEC PIPESYNTAX", NULL,
		    "illegal use of | or |& in command");
	return code;
}

/* ---- the outcome ---- */

static struct value *
code_words(struct interp *in, const char *what, pid_t pid, struct value *third, const char *fourth)
{
	struct value *words[4] = { value_string(&in->heap, what), value_int(&in->heap, pid), third,
		fourth == NULL ? NULL : value_string(&in->heap, fourth) };
	struct value *code = value_list(&in->heap, fourth == NULL ? 3 : 4, words);

	for (size_t i = 0; i < 4; i++)
		value_unref(words[i]);
	return code;
}

/* Sets *code and the message for the exit status; true where it is a plain status. */
static bool
status_error(struct interp *in, pid_t pid, int status, struct value **code, struct value *message)
{
	const char *text, *name;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return false;
	if (WIFEXITED(status)) {
		*code = code_words(in, "CHILDSTATUS", pid,
		    value_int(&in->heap, WEXITSTATUS(status)), NULL);
		return true;
	}
	name = posix_signal(WTERMSIG(status), &text);
	*code = code_words(in, "CHILDKILLED", pid, value_string(&in->heap, name), text);
	value_format(message, "child killed: %s\n", text);
	return false;
}

/* Takes v; returns it without a trailing newline. */
static struct value *
without_newline(struct interp *in, struct value *v)
{
	struct value *cut;

	if (v->len == 0 || v->bytes[v->len - 1] != '\n')
		return v;
	cut = value_text(&in->heap, v->bytes, v->len - 1);
	value_unref(v);
	return cut;
}

/* Takes the output of an ended program: it is the result, or the message of an error. */
static int
set_outcome(struct interp *in, const struct program *p, struct value *printed, struct value *errors)
{
	struct value *code = NULL;
	bool abnormal = status_error(in, p->pid, p->status, &code, printed);

	value_append_value(printed, errors);
	if (abnormal && errors->len == 0)
		value_append_string(printed, "child process exited abnormally");
	printed = without_newline(in, printed);
	if (p->status == 0 && errors->len == 0)
		return interp_return(in, printed);
	failure_reset(in);
	in->errorcode = code;
	interp_set_result(in, printed);
	return TCL_ERROR;
}

static int
run_program(struct interp *in, struct program *p)
{
	struct value *printed, *errors;
	int code = program_start(in, p);

	if (code != TCL_OK || p->background)
		return code == TCL_OK ? interp_return_int(in, p->pid) : code;
	printed = value_new(&in->heap);
	errors = value_new(&in->heap);
	code = program_finish(in, p, printed, errors);
	if (code == TCL_OK)
		code = set_outcome(in, p, value_ref(printed), errors);
	value_unref(printed);
	value_unref(errors);
	return code;
}

static int
cmd_exec(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct program p;
	int code;

	if (!interp_allows(in, INTERP_EXEC, argv[0]) ||
	    program_init(in, &p, (size_t)argc) != TCL_OK)
		return TCL_ERROR;
	code = parse_exec_words(in, &p, argc, argv);
	if (code == TCL_OK)
		code = run_program(in, &p);
	program_fini(in, &p);
	return code;
}

const struct interp_command core_exec_commands[] = {
	{ "exec", cmd_exec, 1, -1, "?-option ...? arg ?arg ...?" },
	{ NULL, NULL, 0, 0, NULL },
};

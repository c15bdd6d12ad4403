/* exec: the words of a pipeline, and what became of it */
#include <string.h>
#include <sys/wait.h>

#include "tcl/channel.h"
#include "tcl/eval.h"
#include "tcl/pipeline.h"
#include "tcl/posix.h"

struct request {
	struct interp *in;
	struct pipeline *line;
	struct value *const *words;
	int n, at;
	bool keep_newline, ignore_stderr, background;
};

/* ---- redirections ---- */

/* Where one of these goes: ">" and its kin, longest first. */
static const struct redirection {
	const char *text;
	unsigned to; /* PIPELINE_* */
	bool append, channel, input, literal;
} redirections[] = {
	{ "2>@1", PIPELINE_ERR, false, false, false, false },
	{ "2>>", PIPELINE_ERR, true, false, false, false },
	{ "2>@", PIPELINE_ERR, false, true, false, false },
	{ "2>", PIPELINE_ERR, false, false, false, false },
	{ ">>&", PIPELINE_OUT | PIPELINE_ERR, true, false, false, false },
	{ ">&@", PIPELINE_OUT | PIPELINE_ERR, false, true, false, false },
	{ ">&", PIPELINE_OUT | PIPELINE_ERR, false, false, false, false },
	{ ">>", PIPELINE_OUT, true, false, false, false },
	{ ">@", PIPELINE_OUT, false, true, false, false },
	{ ">", PIPELINE_OUT, false, false, false, false },
	{ "<<", PIPELINE_IN, false, false, true, true },
	{ "<@", PIPELINE_IN, false, true, true, false },
	{ "<", PIPELINE_IN, false, false, true, false },
};

static const struct redirection *
redirection_of(struct value *word)
{
	const char *bytes = value_bytes(word, NULL);

	for (size_t i = 0; i < sizeof(redirections) / sizeof(redirections[0]); i++) {
		if (strncmp(bytes, redirections[i].text, strlen(redirections[i].text)) == 0)
			return &redirections[i];
	}
	return NULL;
}

/* The rest of the word, or the next one; owned, NULL with the error set. */
static struct value *
target_of(struct request *r, const struct redirection *how)
{
	size_t n, skip = strlen(how->text);
	const char *bytes = value_bytes(r->words[r->at], &n);

	if (n > skip)
		return value_text(&r->in->heap, bytes + skip, n - skip);
	if (++r->at < r->n)
		return value_ref(r->words[r->at]);
	interp_fail(r->in,
	    how->literal ? "TCL OPERATION EXEC PIPESYNTAX" : "TCL OPERATION EXEC SYNTAX", NULL,
	    "can't specify \"%v\" as last word in command", r->words[r->at - 1]);
	return NULL;
}

static int
use_channel(struct request *r, const struct redirection *how, struct value *name)
{
	static const char *const standard[] = { "stdin", "stdout", "stderr" };
	struct channel *ch;

	for (int fd = 0; fd < 3; fd++) {
		if (value_is(name, standard[fd]) && (fd == 0) == how->input) {
			pipeline_lend(r->line, how->to, fd);
			return TCL_OK;
		}
	}
	ch = channel_for(r->in, name, !how->input);
	if (ch == NULL || channel_flush(r->in, ch) != TCL_OK)
		return TCL_ERROR;
	pipeline_lend(r->line, how->to, ch->fd);
	return TCL_OK;
}

static int
redirect(struct request *r, const struct redirection *how)
{
	struct value *target;
	int code;

	if (strcmp(how->text, "2>@1") == 0 && value_is(r->words[r->at], "2>@1")) {
		if (r->at + 1 < r->n)
			return interp_fail(r->in, "TCL OPERATION EXEC PIPESYNTAX", NULL,
			    "must specify \"2>@1\" as last word in command");
		r->line->merge = true;
		return TCL_OK;
	}
	target = target_of(r, how);
	if (target == NULL)
		return TCL_ERROR;
	if (how->literal)
		code = pipeline_feed(r->in, r->line, target);
	else if (how->channel)
		code = use_channel(r, how, target);
	else
		code = pipeline_open(r->in, r->line, how->to, target, how->append);
	value_unref(target);
	return code;
}

/* ---- words ---- */

static int
bad_bar(struct interp *in)
{
	return interp_fail(in, "TCL OPERATION EXEC PIPESYNTAX", NULL,
	    "illegal use of | or |& in command");
}

static int
take_word(struct request *r)
{
	struct value *word = r->words[r->at];
	bool both = value_is(word, "|&");
	const struct redirection *how;

	if (both || value_is(word, "|")) {
		if (r->line->n == 0 || r->line->stages[r->line->n - 1].n == 0 || r->at + 1 == r->n)
			return bad_bar(r->in);
		r->line->stages[r->line->n - 1].both = both;
		return pipeline_stage(r->in, r->line);
	}
	how = redirection_of(word);
	return how != NULL ? redirect(r, how) : pipeline_word(r->in, r->line, word);
}

static int
take_words(struct request *r)
{
	int code = pipeline_stage(r->in, r->line);

	if (value_is(r->words[r->n - 1], "&")) {
		r->background = true;
		r->n--;
	}
	for (; code == TCL_OK && r->at < r->n; r->at++)
		code = take_word(r);
	if (code == TCL_OK && r->line->stages[r->line->n - 1].n == 0)
		return bad_bar(r->in);
	return code;
}

static int
take_options(struct request *r)
{
	static const char *const names[] = { "-ignorestderr", "-keepnewline", "--", NULL };
	int option;

	for (; r->at < r->n && value_bytes(r->words[r->at], NULL)[0] == '-'; r->at++) {
		if (interp_get_word(r->in, r->words[r->at], names, "option", &option) != TCL_OK)
			return TCL_ERROR;
		r->ignore_stderr |= option == 0;
		r->keep_newline |= option == 1;
		if (option == 2) {
			r->at++;
			break;
		}
	}
	if (r->at == r->n)
		return interp_wrong_args(r->in, 1, r->words, "?-option ...? arg ?arg ...?");
	return TCL_OK;
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

/* Notes in *code and message what is wrong with how a program has ended; true for a status alone. */
static bool
judge(struct interp *in, pid_t pid, int status, struct value **code, struct value *message)
{
	const char *text, *name;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return false;
	value_unref(*code);
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

/* v without a newline at its end; v is taken. */
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

/* All have ended: what they printed is the result, or the message of an error; it is taken. */
static int
conclude(struct request *r, struct value *printed, struct value *errors)
{
	struct interp *in = r->in;
	struct value *code = NULL;
	bool failed = errors->len > 0, abnormal = false;

	for (size_t i = 0; i < r->line->n; i++) {
		const struct stage *s = &r->line->stages[i];

		abnormal |= judge(in, s->pid, s->status, &code, printed);
		failed |= s->status != 0;
	}
	value_append_value(printed, errors);
	if (abnormal && errors->len == 0)
		value_append_string(printed, "child process exited abnormally");
	if (!r->keep_newline)
		printed = without_newline(in, printed);
	if (!failed) {
		value_unref(code);
		return interp_return(in, printed);
	}
	failure_reset(in);
	in->errorcode = code;
	interp_set_result(in, printed);
	return TCL_ERROR;
}

static int
give_pids(struct request *r)
{
	struct list *l = list_new(&r->in->heap, r->line->n);

	for (size_t i = 0; i < r->line->n; i++)
		list_push(&r->in->heap, &l, value_int(&r->in->heap, r->line->stages[i].pid));
	return interp_return(r->in, value_from_list(&r->in->heap, l));
}

static int
run(struct request *r)
{
	struct heap *h = &r->in->heap;
	struct value *printed, *errors;
	int code =
	    pipeline_start(r->in, r->line, !r->background, r->ignore_stderr || r->background);

	if (code != TCL_OK || r->background)
		return code == TCL_OK ? give_pids(r) : code;
	printed = value_new(h);
	errors = value_new(h);
	code = pipeline_finish(r->in, r->line, printed, errors);
	if (code == TCL_OK)
		code = conclude(r, value_ref(printed), errors);
	value_unref(printed);
	value_unref(errors);
	return code;
}

static int
cmd_exec(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct pipeline line;
	struct request r = { .in = in, .line = &line, .words = argv, .n = argc, .at = 1 };
	int code;

	(void)data;
	if (!interp_allows(in, INTERP_EXEC, argv[0]) || take_options(&r) != TCL_OK)
		return TCL_ERROR;
	pipeline_init(&line);
	code = take_words(&r);
	if (code == TCL_OK)
		code = run(&r);
	pipeline_fini(in, &line);
	return code;
}

const struct interp_command core_exec_commands[] = {
	{ "exec", cmd_exec, 1, -1, "?-option ...? arg ?arg ...?" },
	{ NULL, NULL, 0, 0, NULL },
};

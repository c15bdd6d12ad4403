/* puts after source exit subst */
#include <string.h>

#include "tcl/commands/commands.h"
#include "tcl/eval/eval.h"
#include "tcl/os/channel.h"

static int
put_file(struct interp *in, struct value *name, const char *bytes, size_t n)
{
	struct channel *ch = channel_for(in, name, true);

	return ch == NULL ? TCL_ERROR : channel_write(in, ch, bytes, n);
}

static int
cmd_puts(struct interp *in, void *data, int argc, struct value *const argv[])
{
	bool newline = true;
	int at = 1, code;
	const char *bytes;
	struct value *line, *channel = NULL;
	size_t n;

	if (argc > 2 && value_is(argv[1], "-nonewline")) {
		newline = false;
		at++;
	}
	if (argc - at > 2)
		return interp_wrong_args(in, 1, argv, "?-nonewline? ?channelId? string");
	if (argc - at == 2)
		channel = argv[at++];
	line = value_copy(argv[at]);
	if (newline)
		value_append_char(line, '\n');
	bytes = value_bytes(line, &n);
	if (channel != NULL && !value_is(channel, "stdout") && !value_is(channel, "stderr"))
		code = put_file(in, channel, bytes, n);
	else
		code = in->hooks.write == NULL
		    ? TCL_OK
		    : in->hooks.write(in, in->hooks.data,
			  channel == NULL ? "stdout" : value_bytes(channel, NULL), bytes, n);
	value_unref(line);
	return code;
}

static int
cmd_after(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const words[] = { "cancel", "idle", "info", NULL };
	int64_t msec;
	int word;
	bool number = value_to_int(argv[1], &msec);

	if (!number && interp_get_word(in, argv[1], words, "argument", &word) != TCL_OK)
		return interp_fail(in, "TCL LOOKUP INDEX argument", argv[1],
		    "bad argument \"%v\": must be cancel, idle, info, or an integer", argv[1]);
	if (!number || argc > 2)
		return interp_fail(in, "TCL LEFTOUT", NULL,
		    "after with a script is not part of the language: after MS waits");
	if (in->hooks.wait == NULL)
		return interp_fail(in, NULL, NULL, "after is not allowed here");
	return in->hooks.wait(in, in->hooks.data, msec < 0 ? 0 : msec);
}

static int
cmd_source(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *text = NULL;
	size_t n;
	const char *bytes, *end;
	int code;

	if (in->hooks.load == NULL)
		return interp_fail(in, NULL, NULL, "source is not allowed here");
	code = in->hooks.load(in, in->hooks.data, argv[1], &text);
	if (code != TCL_OK)
		return code;
	bytes = value_bytes(text, &n);
	end = memchr(bytes, 0x1a, n);
	code = interp_eval(in, bytes, end == NULL ? n : (size_t)(end - bytes),
	    value_bytes(argv[1], NULL), 1);
	value_unref(text);
	if (code == TCL_RETURN)
		return failure_return_code(in);
	if (code == TCL_ERROR)
		failure_trace(in, "\n    (file \"%v\" line %d)", argv[1], (int)in->errorline);
	return code;
}

static int
cmd_exit(struct interp *in, void *data, int argc, struct value *const argv[])
{
	int64_t status = 0;

	if (argc > 1 && interp_get_int(in, argv[1], &status) != TCL_OK)
		return TCL_ERROR;
	if (in->hooks.exit == NULL)
		return interp_fail(in, NULL, NULL, "exit is not allowed here");
	return in->hooks.exit(in, in->hooks.data, (int)status);
}

/* ---- subst ---- */

/* Handles a piece that ended with another code than TCL_OK; false: the substitution ends. */
static bool
subst_piece(struct interp *in, const struct word *w, struct value *out, int *ret_code)
{
	struct value *v;

	*ret_code = eval_word(in, w, &v);
	if (*ret_code == TCL_OK) {
		value_append_value(out, v);
		value_unref(v);
		return true;
	}
	if (*ret_code == TCL_ERROR)
		return false;
	if (*ret_code == TCL_BREAK) {
		*ret_code = TCL_OK;
		return false;
	}
	/* return adds its value, continue nothing */
	if (*ret_code != TCL_CONTINUE)
		value_append_value(out, in->result);
	*ret_code = TCL_OK;
	return true;
}

/* Runs the complete commands of a script before reporting its syntax error. */
static int
run_complete(struct interp *in, const struct parser *p, struct script *s)
{
	bool cut =
	    s != NULL && s->n > 0 && s->nodes[s->n - 1].text + s->nodes[s->n - 1].len == p->end;
	int code = TCL_OK;

	if (s != NULL) {
		s->n -= cut;
		code = eval_script(in, s);
		s->n += cut;
	}
	return code != TCL_OK ? code : interp_fail(in, NULL, NULL, "%s", p->mistake);
}

static int
run_pieces(struct interp *in, struct parser *p, int keep, struct value *out)
{
	struct word w;
	int code = TCL_OK;
	bool going = true;

	while (p->at < p->end && going) {
		if (syntax_piece(p, keep, &w)) {
			going = subst_piece(in, &w, out, &code);
		} else {
			code = run_complete(in, p, w.script);
			going = false;
		}
		ast_word_fini(&in->heap, &w);
	}
	return code;
}

/* compiled: tclsh compiles the text with its script; else errors count lines from its beginning. */
static int
subst(struct interp *in, struct value *text, int keep, bool compiled)
{
	unsigned outer_line = in->unit_line;
	bool outer_locals = in->unit_locals;
	struct value *held = value_ref(text), *out = value_new(&in->heap);
	struct parser p;
	size_t n;
	const char *bytes = value_bytes(text, &n);
	int code;

	syntax_parser(&p, &in->heap, bytes, n);
	if (compiled)
		p.line = text->line;
	else
		in->unit_line = 1;
	in->unit_locals &= compiled;
	code = run_pieces(in, &p, keep, out);
	in->unit_locals = outer_locals;
	in->unit_line = outer_line;
	value_unref(held);
	if (code == TCL_OK)
		return interp_return(in, out);
	value_unref(out);
	return code;
}

static int
cmd_subst(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const options[] = { "-nobackslashes", "-nocommands", "-novariables",
		NULL };
	static const int keeps[] = { KEEP_BACKSLASHES, KEEP_COMMANDS, KEEP_VARIABLES };
	int keep = 0, option, code;
	bool compiled;

	for (int i = 1; i < argc - 1; i++) {
		if (interp_get_word(in, argv[i], options, "option", &option) != TCL_OK)
			return TCL_ERROR;
		keep |= keeps[option];
	}
	compiled = ast_is_literal(in->node, argv[argc - 1]);
	code = subst(in, argv[argc - 1], keep, compiled);
	if (code == TCL_ERROR && !compiled)
		in->logged = false;
	return code;
}

const struct interp_command core_io_commands[] = {
	{ "puts", cmd_puts, 1, 3, "?-nonewline? ?channelId? string" },
	{ "after", cmd_after, 1, -1, "option ?arg ...?" },
	{ "source", cmd_source, 1, 1, "?-encoding name? fileName" },
	{ "exit", cmd_exit, 0, 1, "?returnCode?" },
	{ "subst", cmd_subst, 1, -1, "?-nobackslashes? ?-nocommands? ?-novariables? string" },
	{ NULL, NULL, 0, 0, NULL },
};

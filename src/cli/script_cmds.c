#include <stdlib.h>

#include "base/error.h"
#include "cli/cmd.h"
#include "cli/run.h"
#include "script/script.h"
#include "tcl/interp.h"

/* The words of a command as an argv, which the parser permutes; the bytes stay the
 * values'. NULL with the error set. */
static char **
words_of(struct interp *in, const char *name, int argc, struct value *const argv[])
{
	char **words = calloc((size_t)argc + 1, sizeof(*words));

	if (words == NULL) {
		interp_fail(in, "USOCK internal", NULL, "out of memory");
		return NULL;
	}
	for (int i = 0; i < argc; i++) {
		words[i] = (char *)script_get_text(in, argv[i], name);
		if (words[i] == NULL) {
			free(words);
			return NULL;
		}
	}
	return words;
}

static int
fail_usage(struct interp *in, const struct cmd *cmd, struct error *e)
{
	error_prefix(e, "%s", cmd->name);
	return script_fail(in, e);
}

static int
run_parsed(struct interp *in, const struct cmd *cmd, int argc, char **words, void *values)
{
	struct opt_rest rest;
	struct error e = { 0 };
	int help;

	help = opt_parse_script(cmd, argc, words, values, &rest, &e);
	if (help == 1)
		error_set(&e, ERROR_USAGE, "--help: not in a script; usock help %s", cmd->name);
	else if (help == 0 && rest.program != NULL)
		error_set(&e, ERROR_USAGE,
		    "a program after --: not in a script, which is the program itself");
	else if (help == 0)
		return cmd->script(in, values, &rest);
	return fail_usage(in, cmd, &e);
}

static int
run_cmd(struct interp *in, const struct cmd *cmd, int argc, struct value *const argv[])
{
	char **words = words_of(in, cmd->name, argc, argv);
	void *values;
	int code;

	if (words == NULL)
		return TCL_ERROR;
	values = calloc(1, cmd->size);
	if (values == NULL) {
		free(words);
		return interp_fail(in, "USOCK internal", NULL, "out of memory");
	}
	if (cmd->defaults != NULL)
		cmd->defaults(values);
	code = run_parsed(in, cmd, argc, words, values);
	opt_free(cmd, values);
	free(values);
	free(words);
	return code;
}

static int
run_word(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct cmd *const *cmd = data;

	return run_cmd(in, *cmd, argc, argv);
}

void
script_cmds_add(struct script *sc)
{
	struct interp_command row = { NULL, run_word, 0, -1, "?option ...? ?operand ...?" };

	for (const struct cmd *const *c = commands; *c != NULL; c++) {
		if ((*c)->script == NULL)
			continue;
		row.name = (*c)->name;
		interp_add(script_interp(sc), &row, (void *)c, NULL);
	}
}

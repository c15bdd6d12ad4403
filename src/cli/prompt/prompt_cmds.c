#include "cli/prompt/prompt_cmds.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/core/cmd.h"
#include "cli/prompt/prompt.h"
#include "cli/prompt/prompt_record.h"
#include "script/args.h"
#include "script/context.h"
#include "script/error.h"
#include "tcl/interp.h"

static const char overview[] =
    "  connect 127.0.0.1 25         a socket, which is the current one then; options\n"
    "                               as on the command line: help connect\n"
    "  send \"HELO me\\r\\n\"           to the current socket; or sock1 send ...\n"
    "  expect \"250*\"                wait for something; what came otherwise is an error\n"
    "  readline, recv 100           receive; what was shown is still there\n"
    "  interact                     type to the socket yourself, back with Ctrl-]\n"
    "  use sock2, sockets           the current socket, and all of them\n"
    "  status, close                of the current socket\n"
    "  send \"PASS [getpass]\\r\\n\"    a secret that no file shall have\n"
    "  save FILE                    the session as a script, with what has come\n"
    "  source FILE, clear, exit     run a script, clear the screen, leave\n"
    "\n"
    "Tab completes, Ctrl-C stops a command or abandons a line, Ctrl-D leaves.\n"
    "\n"
    "help script    the language        help methods    what a socket can do\n"
    "help connect   a command           help address, exit, sockopt\n";

static void
print_methods(struct prompt *p)
{
	const struct interp_command *row;

	for (row = script_methods(p->sc, false); row->name != NULL; row++)
		printf("  SOCKET %s %s\n", row->name, row->usage);
}

static bool
print_method(struct prompt *p, const char *name)
{
	const struct interp_command *row;

	for (row = script_methods(p->sc, false); row->name != NULL; row++) {
		if (strcmp(row->name, name) != 0)
			continue;
		printf("usage: SOCKET %s %s\n", row->name, row->usage);
		return true;
	}
	return false;
}

static int
print_help(struct prompt *p, const char *word)
{
	char *words[] = { (char *)word, NULL };
	struct opt_rest rest = { words, 1, NULL };
	const struct cmd *help = cmd_find("help");

	if (word == NULL)
		fputs(overview, stdout);
	else if (strcmp(word, "methods") == 0)
		print_methods(p);
	else if (cmd_find(word) != NULL || !print_method(p, word))
		return help->run(help, NULL, &rest);
	return 0;
}

static int
run_help(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const char *word = argc > 1 ? script_get_text(in, argv[1], "help") : NULL;

	if (argc > 1 && word == NULL)
		return TCL_ERROR;
	(void)print_help(data, word);
	fflush(stdout);
	return interp_return_text(in, "", 0);
}

static int
run_save(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct prompt *p = data;
	const char *path = script_get_text(in, argv[1], "save");
	struct error e = { 0 };

	(void)argc;
	if (path == NULL)
		return TCL_ERROR;
	if (prompt_record_save(p->record, path, &e) == -1)
		return script_fail(in, &e);
	return interp_return_text(in, "", 0);
}

static int
run_clear(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct prompt *p = data;

	(void)argc;
	(void)argv;
	/* without an editor the terminal cannot clear either */
	if (p->editor != NULL)
		fputs("\033[H\033[2J", p->out);
	fflush(p->out);
	return interp_return_text(in, "", 0);
}

void
prompt_cmds_add(struct prompt *p)
{
	static const struct interp_command rows[] = {
		{ "help", run_help, 0, 1, "?topic?" },
		{ "save", run_save, 1, 1, "file" },
		{ "clear", run_clear, 0, 0, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		interp_add(script_interp(p->sc), &rows[i], p, NULL);
}

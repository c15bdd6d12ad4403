#include "cli/prompt/prompt_cmds.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/core/cmd.h"
#include "cli/help/language.h"
#include "cli/help/pages.h"
#include "cli/help/topics.h"
#include "cli/prompt/prompt.h"
#include "cli/prompt/prompt_line.h"
#include "cli/prompt/prompt_record.h"
#include "cli/prompt/prompt_terminal.h"
#include "script/args.h"
#include "script/context.h"
#include "script/error.h"
#include "tcl/interp.h"

static const char overview[] =
    "  connect 127.0.0.1 25         a socket, which is the current one then; options\n"
    "                               as on the command line: help connect\n"
    "  send \"HELO me\\r\\n\"           to the current socket; or sock1 send ...\n"
    "  expect \"250*\"                wait for it; the error says what came instead\n"
    "  readline, recv 100           receive; what was shown is still there\n"
    "  interact                     type to the socket yourself, back with Ctrl-]\n"
    "  use sock2, sockets           the current socket, and all of them\n"
    "  status, close                of the current socket\n"
    "  send \"PASS [getpass]\\r\\n\"    a secret that no file shall have\n"
    "  save FILE                    the session as a script, with what has come\n"
    "  source FILE, clear, quit     run a script, clear the screen, leave\n"
    "\n"
    "Tab completes, Ctrl-C stops a command or abandons a line, Ctrl-D leaves.\n"
    "\n"
    "  help commands                each command\n"
    "  help connect                 one command, with its options\n"
    "  help methods                 what a socket can do\n"
    "  help script                  the language\n"
    "  help address, exit, sockopt  topics\n";

struct help_request {
	struct prompt *prompt;
	const char *word; /* NULL: what there is */
};

static void
write_methods(struct prompt *p, FILE *out)
{
	const struct interp_command *row;

	for (row = script_methods(p->sc, false); row->name != NULL; row++)
		fprintf(out, "  SOCKET %s %s\n", row->name, row->usage);
}

static bool
write_method(struct prompt *p, const char *name, FILE *out)
{
	const struct interp_command *row;

	for (row = script_methods(p->sc, false); row->name != NULL; row++) {
		if (strcmp(row->name, name) != 0)
			continue;
		fprintf(out, "usage: SOCKET %s %s\n", row->name, row->usage);
		return true;
	}
	return false;
}

static int
write_help(void *arg, FILE *out, struct error *e)
{
	const struct help_request *r = arg;
	bool method = false;

	if (r->word == NULL) {
		fputs(overview, out);
	} else if (strcmp(r->word, "methods") == 0) {
		write_methods(r->prompt, out);
	} else if (strcmp(r->word, "commands") == 0) {
		language_print(out);
	} else {
		if (cmd_find(r->word) == NULL)
			method = write_method(r->prompt, r->word, out);
		if (!method || language_find(r->word) != NULL)
			return topics_print(r->word, out, e);
	}
	return 0;
}

static int
run_help(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct help_request r = { .prompt = data };
	struct error e = { 0 };

	if (argc > 1 && (r.word = script_get_text(in, argv[1], "help")) == NULL)
		return TCL_ERROR;
	if (pages_show(write_help, &r, r.prompt->out, &e) == -1)
		return script_fail(in, &e);
	/* Ctrl-C was for the pager */
	loop_clear_interrupt(r.prompt->rt->loop);
	return interp_return_text(in, "", 0);
}

static int
run_quit(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	(void)argc;
	(void)argv;
	return interp_eval(in, "exit", strlen("exit"), NULL, 1);
}

static int
run_save(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct prompt *p = data;
	const char *path = script_get_text(in, argv[1], "save");
	struct error e = { 0 };
	char question[256];

	(void)argc;
	if (path == NULL)
		return TCL_ERROR;
	snprintf(question, sizeof(question), "%.200s exists; replace it? [y/N] ", path);
	if (access(path, F_OK) == 0 && !prompt_line_ask(p, question)) {
		prompt_note(p, "not saved");
		return interp_return_text(in, "", 0);
	}
	if (prompt_record_save(p->record, path, &e) == -1)
		return script_fail(in, &e);
	prompt_note(p, "saved; usock run %s runs it", path);
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
		{ "quit", run_quit, 0, 0, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		interp_add(script_interp(p->sc), &rows[i], p, NULL);
}

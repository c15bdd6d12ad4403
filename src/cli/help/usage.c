#include "cli/help/usage.h"

#include <stdio.h>
#include <string.h>

#include "cli/core/cmd.h"
#include "cli/netcat/foreign_help.h"

enum {
	WIDTH = 79,
	HELP_COLUMN = 30, /* where the help of an option begins */
	OPTION_MAX = 128
};

/* ---- text ---- */

/* Prints text, wrapped at WIDTH, and ends the line. column: where the cursor is; indent: where
 * further lines begin. */
static void
print_wrapped(FILE *out, const char *text, int column, int indent)
{
	bool first = true;
	int len;

	for (; *text != '\0'; text += len + (int)strspn(text + len, " ")) {
		len = (int)strcspn(text, " ");
		if (!first && column + 1 + len > WIDTH) {
			fprintf(out, "\n%*s", indent, "");
			column = indent;
		} else if (!first) {
			column += fprintf(out, " ");
		}
		column += fprintf(out, "%.*s", len, text);
		first = false;
	}
	fprintf(out, "\n");
}

/* Prints a term on the left and words on the right. After a long term the words begin on the
 * next line. */
static void
print_item(FILE *out, const char *term, int column, const char *words)
{
	int used = fprintf(out, "  %s", term);

	if (used + 2 > column) {
		fprintf(out, "\n");
		used = 0;
	}
	fprintf(out, "%*s", column - used, "");
	print_wrapped(out, words, column, column);
}

/* Prints each line of text after two spaces. */
static void
print_indented(FILE *out, const char *text)
{
	size_t len;

	for (; *text != '\0'; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		fprintf(out, "  %.*s\n", (int)len, text);
	}
}

static void
print_paragraphs(FILE *out, const char *text)
{
	size_t len = strlen(text);

	fprintf(out, "\n%s%s", text, len > 0 && text[len - 1] == '\n' ? "" : "\n");
}

/* ---- a command ---- */

/* "-x, --hexdump[=FILE]" */
static const char *
format_option(const struct opt *opt, char *text, size_t size)
{
	bool optional = opt->kind == OPT_OPTIONAL_TEXT;
	char letter[] = "    ", value[OPTION_MAX / 2] = "";

	if (opt->letter != '\0')
		snprintf(letter, sizeof(letter), "-%c, ", opt->letter);
	if (opt->arg != NULL)
		snprintf(value, sizeof(value), optional ? "[=%s]" : " %s", opt->arg);
	snprintf(text, size, "%s--%s%s", letter, opt->name, value);
	return text;
}

static void
print_group(FILE *out, const struct opt_group *group)
{
	char term[OPTION_MAX];

	fprintf(out, "\n%s:\n", group->title);
	for (size_t i = 0; i < group->n; i++)
		print_item(out, format_option(&group->opts[i], term, sizeof(term)), HELP_COLUMN,
		    group->opts[i].help);
}

/* The options of another program; the one for help is the last of every command. */
static void
print_foreign(FILE *out, const struct foreign *f)
{
	char term[FOREIGN_TERM_MAX];

	fprintf(out, "\nOptions of %s:\n", f->command);
	for (size_t i = 0; i < f->n_opts; i++)
		if (f->opts[i].help != NULL && f->opts[i].letter != 'h')
			print_item(out, foreign_help_term(&f->opts[i], term), HELP_COLUMN,
			    f->opts[i].help);
}

void
usage_command(const struct cmd *cmd, FILE *out)
{
	fprintf(out, "usock %s - %s\n\n", cmd->name, cmd->summary);
	fprintf(out, "usage: usock %s%s%s%s\n", cmd->name,
	    cmd->groups[0].opts != NULL ? " [OPTION...]" : "", cmd->operands[0] != '\0' ? " " : "",
	    cmd->operands);
	print_paragraphs(out, cmd->about);
	if (cmd->foreign != NULL)
		print_foreign(out, cmd->foreign);
	for (const struct opt_group *g = cmd->groups; g->opts != NULL; g++)
		print_group(out, g);
	fprintf(out, "\n");
	print_item(out, "-h, --help", HELP_COLUMN, "show this text");
	if (cmd->examples == NULL)
		return;
	fprintf(out, "\nExamples:\n");
	print_indented(out, cmd->examples);
}

/* ---- the program ---- */

enum { COMMAND_COLUMN = 12 };

static const char first_steps[] =
    "\nFirst steps:\n"
    "  echo hello | usock connect HOST PORT       send a line, print the answer\n"
    "  usock connect -z HOST 20-25,80             which of these ports are open\n"
    "  usock connect -z --timeout 30s HOST PORT   wait until a port is open\n"
    "  usock listen PORT > FILE                   receive a file\n"
    "  usock connect HOST PORT < FILE             ... and send it\n"
    "  usock listen -k PORT --forward HOST:PORT   forward a port\n"
    "  usock listen -k PORT -- PROGRAM ARG...     run a program for each client\n"
    "  usock connect tls:HOST:443                 talk TLS\n"
    "  usock status :PORT                         the sockets of a port\n"
    "  usock                                      the prompt\n"
    "\n"
    "`usock COMMAND --help` has the options and examples of a command. The manual\n"
    "page usock-cookbook has recipes for what nc, socat, ncat, expect, openssl\n"
    "s_client and ss are used for.\n";

void
usage_program(FILE *out)
{
	fprintf(out,
	    "usock - sockets from the command line\n\n"
	    "usage: usock COMMAND [OPTION...] [OPERAND...]\n");
	for (const struct cmd *const *c = commands; *c != NULL; c++)
		if (strcmp((*c)->name, "help") == 0)
			fprintf(out,
			    "       usock FILE [ARG...] | -c SCRIPT [ARG...] | < SCRIPT\n"
			    "       usock help %s\n",
			    (*c)->operands);
	fprintf(out, "       usock --version\n\nCommands:\n");
	for (const struct cmd *const *c = commands; *c != NULL; c++)
		print_item(out, (*c)->name, COMMAND_COLUMN, (*c)->summary);
	fputs(first_steps, out);
}

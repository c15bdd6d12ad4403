#include "cli/core/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/confine.h"
#include "base/file.h"
#include "base/parse.h"
#include "cli/core/cmd.h"
#include "cli/core/complete.h"
#include "cli/core/wished.h"
#include "cli/help/pages.h"
#include "cli/netcat/hints.h"
#include "cli/output/report.h"
#include "net/resolve/idn.h"
#include "stream/tls.h"

/* The build defines which event loop it chose; see CMakeLists.txt. */
#ifndef USOCK_LOOP
#define USOCK_LOOP "default"
#endif

/* More than there are commands. */
enum { COMMANDS_MAX = 32 };

/* ---- standard output ---- */

/* The parent must see the same death by SIGPIPE as for any other program. */
static void
raise_sigpipe(void)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigaction(SIGPIPE, &sa, NULL);
	raise(SIGPIPE);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static int
stdout_failed(int errnum)
{
	struct error e;

	if (errnum == EPIPE) {
		raise_sigpipe();
		return 128 + SIGPIPE;
	}
	error_errno(&e, ERROR_LOCAL_IO, errnum, "write standard output");
	return report_error(NULL, &e);
}

/* Some file systems report a failed write only at close. */
static int
close_stdout(int status)
{
	bool failed = ferror(stdout) != 0;
	int failure;

	errno = 0;
	if (fclose(stdout) != 0)
		failed = true;
	/* standard output may have been closed from the start because nobody needs it */
	if (!failed || (errno == EBADF && status != 0))
		return status;
	failure = stdout_failed(errno != 0 ? errno : EIO);
	return status != 0 ? status : failure;
}

#define VERSION_TEXT "usock " USOCK_VERSION "\nfeatures: loop=" USOCK_LOOP " ipv6 unix mptcp"

/* Start-up time is measured with --version, so it does not use stdio. */
static int
print_version(void)
{
	const char *sandbox = confine_means();
	char text[160];
	size_t put;

	snprintf(text, sizeof(text), VERSION_TEXT "%s%s sandbox=%s\n", tls_exists() ? " tls" : "",
	    idn_exists() ? " idn" : "", sandbox[0] != '\0' ? sandbox : "none");

	if (file_write(STDOUT_FILENO, text, strlen(text), &put) == 0)
		return 0;
	return stdout_failed(errno);
}

/* ---- dispatch ---- */

static int
run_parsed(const struct cmd *cmd, int argc, char **argv, void *values, struct error *e)
{
	struct opt_rest rest;
	int help;

	help = opt_parse(cmd, argc, argv, values, &rest, e);
	if (help == 1)
		return pages_show_usage(cmd);
	if (help == 0)
		return cmd->run(cmd, values, &rest);
	error_prefix(e, "%s", cmd->name);
	if (e->hint[0] == '\0')
		error_hint(e, "usock help %s", cmd->name);
	return report_error(NULL, e);
}

/* argv[0] is the command's name. */
static int
run_with_values(const struct cmd *cmd, int argc, char **argv)
{
	void *values;
	struct error e;
	int status;

	if (cmd->run_foreign != NULL)
		return cmd->run_foreign(cmd, argc, argv);
	values = calloc(1, cmd->size != 0 ? cmd->size : 1);
	if (values == NULL) {
		error_set(&e, ERROR_INTERNAL, "%s: out of memory", cmd->name);
		return report_error(NULL, &e);
	}
	if (cmd->defaults != NULL)
		cmd->defaults(values);
	status = run_parsed(cmd, argc, argv, values, &e);
	opt_free(cmd, values);
	free(values);
	return status;
}

static bool
is_port(const char *word)
{
	return word != NULL && word[0] != '\0' && word[strspn(word, "0123456789")] == '\0';
}

struct option_owners {
	const char *name, *command; /* command: that is looked at */
	char text[256];             /* "usock connect --udp, usock listen --udp" */
};

static void
add_option_owner(void *arg, const struct opt_group *group, const struct opt *opt)
{
	struct option_owners *o = arg;
	size_t n = strlen(o->text);

	(void)group;
	if (strcmp(opt->name, o->name) == 0)
		snprintf(o->text + n, sizeof(o->text) - n, "%susock %s --%s", n > 0 ? ", " : "",
		    o->command, opt->name);
}

/* Names the commands that have the option which was written before a command. */
static int
hint_option_owners(struct error *e, const char *word)
{
	struct option_owners o = { .name = word + 2 };

	for (const struct cmd *const *c = commands; *c != NULL; c++) {
		o.command = (*c)->name;
		opt_each(*c, add_option_owner, &o);
	}
	return error_hint(e, "%s", o.text[0] != '\0' ? o.text : "usock help");
}

/* A user of netcat writes no command before the address: suggests the command. */
static void
hint_command(struct error *e, char **argv)
{
	const char *host = argv[1], *port = argv[2];

	for (size_t i = 1; argv[i] != NULL; i++)
		if (hints_for_address(argv[i], true, e) == 1)
			return;
	if (host == NULL)
		return;
	if (strncmp(host, "--", 2) == 0)
		hint_option_owners(e, host);
	else if (host[0] == '-')
		error_hint(e, "%s", hints_for_command(host));
	else if (wished_command(host) != NULL)
		error_hint(e, "%s", wished_command(host));
	else if (is_port(port))
		error_hint(e, "usock connect %.200s %.20s", host, port);
	else if (strchr(host, ':') != NULL)
		error_hint(e, "usock connect %.200s", host);
	else
		error_hint(e, "usock help");
}

static int
unknown_program_option(char **argv)
{
	static const char *const names[] = { "--help", "--version" };
	const char *nearest = parse_nearest(argv[1], names, ARRAY_LEN(names));
	struct error e;

	error_set(&e, ERROR_USAGE, "%.200s: unknown option; those of a command follow its name",
	    argv[1]);
	if (nearest != NULL)
		error_hint(&e, "usock %s", nearest);
	else
		hint_command(&e, argv);
	return report_error(NULL, &e);
}

static int
unknown_command(char **argv)
{
	const char *word = argv[1], *names[COMMANDS_MAX];
	const char *nearest;
	struct error e;
	size_t n;

	if (word[0] == '-')
		return unknown_program_option(argv);
	for (n = 0; n < COMMANDS_MAX && commands[n] != NULL; n++)
		names[n] = commands[n]->name;
	nearest = wished_command(word) == NULL ? parse_nearest(word, names, n) : NULL;
	if (nearest != NULL)
		error_set(&e, ERROR_USAGE, "%.200s: unknown command, did you mean %s?", word,
		    nearest);
	else
		error_set(&e, ERROR_USAGE, "%.200s: unknown command", word);
	hint_command(&e, argv);
	return report_error(NULL, &e);
}

static int
dispatch(int argc, char **argv)
{
	const char *word = argv[1];
	const struct cmd *cmd;
	int named;

	if (argc < 2)
		return run_with_values(cmd_find(isatty(STDIN_FILENO) ? "shell" : "run"), argc,
		    argv);
	cmd = cmd_of_word(word, &named);
	if (cmd != NULL)
		return run_with_values(cmd, argc - named, argv + named);
	if (strcmp(word, "__complete") == 0)
		return complete_main(argc - 2, argv + 2);
	if (strcmp(word, "--help") != 0 && strcmp(word, "-h") != 0)
		return unknown_command(argv);
	return run_with_values(cmd_find("help"), argc - 1, argv + 1);
}

int
cli_main(int argc, char **argv)
{
	/* larger than any help text: the only write is then at the close, whose errno is the
	 * reason */
	static char buffer[64 << 10];
	const struct cmd *link = cmd_of_link(argc > 0 ? argv[0] : NULL);

	if (link != NULL) {
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
		return close_stdout(link->run_foreign(link, argc, argv));
	}
	if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0))
		return print_version();
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	return close_stdout(dispatch(argc, argv));
}

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/core/cmd.h"
#include "cli/help/pages.h"
#include "cli/help/topics.h"
#include "cli/help/usage.h"
#include "cli/output/report.h"

static int help_run(const struct cmd *cmd, void *values, const struct opt_rest *rest);

static const struct opt_group no_groups[] = { { NULL, NULL, 0, 0 } };

const struct cmd cmd_help = {
	.name = "help",
	.summary = "explain a command or a topic",
	.operands = "[COMMAND|exit|address|sockopt|script]",
	.about = "Without an operand: what commands there are. Topics:\n"
		 "  exit     what each exit status means\n"
		 "  address  how hosts, ports and other addresses are written\n"
		 "  sockopt  the socket options that --sockopt knows by name\n"
		 "  script   the commands of scripts\n"
		 "  status   the command, and what each state and its code mean",
	.examples = "usock help connect   # the options of connect, with examples\n"
		    "usock help exit      # what it means that $? is 7",
	.groups = no_groups,
	.run = help_run,
};

static int
print_words(void *arg, FILE *out, struct error *e)
{
	const struct opt_rest *rest = arg;

	if (rest->n_operands == 1)
		return topics_print(rest->operands[0], out, e);
	usage_program(out);
	return 0;
}

static int
help_run(const struct cmd *cmd, void *values, const struct opt_rest *rest)
{
	struct error e;

	(void)values;
	if (rest->n_operands > 1) {
		error_set(&e, ERROR_USAGE, "help: wants one word at most");
		error_hint(&e, "usock help %s", cmd->operands);
		return report_error(NULL, &e);
	}
	if (pages_show(print_words, (void *)rest, stdout, &e) == -1)
		return report_error(NULL, &e);
	return 0;
}

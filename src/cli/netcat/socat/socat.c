#include "cli/netcat/socat/socat.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/core/cmd.h"
#include "cli/help/pages.h"
#include "cli/netcat/foreign.h"
#include "cli/netcat/foreign_help.h"
#include "cli/netcat/socat/socat_line.h"
#include "cli/output/report.h"

#define LOCK "a lock for the command: flock FILE usock ..."

/* socat(1), 1.7.4, in the order of its manual. */
static const struct foreign_opt opts[] = {
	{ .letter = 'V', .help = "usock --version", .refused = "usock --version says which it is" },
	{ .letter = 'h', .help = "this text" },
	{ .letter = 'd', .arg = "[level]", .help = "say what happens: -dd, -ddd" },
	{ .letter = 'D', .help = "log descriptors (nothing here)" },
	{ .letter = 'l',
	    .arg = "y|f|s|p|u|m|h",
	    .help = "where messages go",
	    .differs = "-l: messages go to standard error: 2>FILE" },
	{ .letter = 'v',
	    .help = "show the data on standard error",
	    .differs = "-v: the data is shown in hexadecimal, too" },
	{ .letter = 'x', .help = "the same in hexadecimal" },
	{ .letter = 'r',
	    .arg = "file",
	    .help = "write what flows to the right to a file",
	    .differs = "-r: --transcript FILE has both directions" },
	{ .letter = 'R',
	    .arg = "file",
	    .help = "write what flows to the left to a file",
	    .differs = "-R: --transcript FILE has both directions",
	    .hints = { { FOREIGN_ALL, "--hexdump=FILE keeps the bytes that move" } } },
	{ .letter = 'b', .arg = "size", .help = "size of a block, and of a datagram" },
	{ .letter = 's', .help = "go on after errors (usock does not)" },
	{ .letter = 'S', .arg = "mask", .help = "signals to log (nothing here)" },
	{ .letter = 't',
	    .arg = "timeout",
	    .help = "exit so long after one side has ended (0.5 s; here: when both have)" },
	{ .letter = 'T', .arg = "timeout", .help = "exit when nothing moves for so long" },
	{ .letter = 'u', .help = "from the first address to the second only" },
	{ .letter = 'U', .help = "from the second address to the first only" },
	{ .letter = 'g', .help = "do not check options (nothing here)" },
	{ .letter = 'L',
	    .arg = "lockfile",
	    .help = "a lock (flock(1) does it)",
	    .refused = "-L has no counterpart; " LOCK,
	    .hints = { { FOREIGN_ALL, LOCK } } },
	{ .letter = 'W',
	    .arg = "lockfile",
	    .help = "wait for a lock (flock(1) does it)",
	    .refused = "-W has no counterpart; " LOCK },
	{ .letter = '4', .help = "IPv4, where the addresses do not say it" },
	{ .letter = '6', .help = "IPv6, where the addresses do not say it" },
};

const struct foreign foreign_socat = {
	.command = "socat",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.dash_options = true,
	.status_usage = 2,
};

static int
explain_addresses(const struct foreign_args *args, struct error *e)
{
	struct socat_line l = { .args = args };
	int rc = 0;

	for (int i = 0; i < 2 && rc == 0; i++)
		rc = socat_address_parse(&l.addresses[i], args->operands[i], e);
	if (rc == 0)
		rc = socat_line_make(&l, e);
	if (rc == 0 && usock_line_check(&l.line, e) < 0)
		rc = error_prefix(e, "usock %s", l.line.words[0]);
	if (rc == 0)
		foreign_help_explain(&l.line, args, l.notes, l.n_notes);
	socat_line_fini(&l);
	return rc;
}

static int
run_words(const struct foreign_args *args, struct error *e)
{
	if (!args->explain) {
		error_set(e, ERROR_USAGE, "usock does not run addresses of socat");
		return error_hint(e,
		    "usock socat --explain ADDRESS ADDRESS prints the line that "
		    "does the same");
	}
	if (args->n_operands != 2)
		return error_set(e, ERROR_USAGE, "socat has two addresses, not %d",
		    args->n_operands);
	return explain_addresses(args, e);
}

/* Takes away the values of -lf, -lp and -lm that are words of their own. */
static int
drop_log_values(int argc, char **argv)
{
	int kept = 0;

	for (int i = 0; i < argc; i++) {
		argv[kept++] = argv[i];
		if (i > 0 && strncmp(argv[i], "-l", 2) == 0 && strlen(argv[i]) == 3 &&
		    strchr("fpm", argv[i][2]) != NULL && i + 1 < argc)
			i++;
	}
	argv[kept] = NULL;
	return kept;
}

int
socat_run(const struct cmd *cmd, int argc, char **argv)
{
	struct foreign_args args;
	struct error e;
	int rc;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return pages_show_usage(cmd);
	rc = foreign_parse(&foreign_socat, drop_log_values(argc, argv), argv, &args, &e);
	if (foreign_count(&args, 'h') > 0)
		return pages_show_usage(cmd);
	if (rc == 0)
		rc = run_words(&args, &e);
	if (rc == 0)
		return 0;
	error_prefix(&e, "socat");
	return report_error(NULL, &e);
}

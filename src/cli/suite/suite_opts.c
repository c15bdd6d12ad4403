#include "cli/suite/suite_opts.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "cli/core/inherited.h"

#define AT(field) offsetof(struct suite_opts, field)

const struct opt suite_rows[] = {
	{ .name = "while",
	    .kind = OPT_TEXT,
	    .offset = AT(while_line),
	    .arg = "COMMAND",
	    .reach = REACH_PROGRAM,
	    .help = "serve clients while this shell command runs; exit with its status" },
	{ .name = "once",
	    .kind = OPT_INT,
	    .offset = AT(once),
	    .arg = "N",
	    .min = 1,
	    .max = 1000000,
	    .help = "serve N clients, then exit; with the status of the first that failed" },
	{ .name = "background",
	    .kind = OPT_FLAG,
	    .offset = AT(background),
	    .help = "when listening, print \"ADDRESS PID\" and serve in the background" },
	{ .name = "ready-fd",
	    .kind = OPT_INT,
	    .offset = AT(ready_fd),
	    .arg = "N",
	    .min = 1,
	    .max = INT_MAX,
	    .reach = REACH_FD,
	    .help = "when listening, write the actual address to descriptor N" },
	{ .name = "ready-file",
	    .kind = OPT_TEXT,
	    .offset = AT(ready_file),
	    .arg = "FILE",
	    .complete = "file",
	    .reach = REACH_FILE,
	    .writes = WRITES_FILE,
	    .help = "when listening, write the actual address to FILE" },
	{ .name = "reserve",
	    .kind = OPT_OPTIONAL_TEXT,
	    .offset = AT(reserve),
	    .arg = "N",
	    .help = "print N ports (1) that nobody gets by chance for a minute, and exit" },
	{ .name = "listen-fds",
	    .kind = OPT_OPTIONAL_TEXT,
	    .offset = AT(listen_fds),
	    .arg = "NAME",
	    .help = "become PROGRAM, which gets the listening socket (LISTEN_FDS)" },
};

void
suite_opts_defaults(struct suite_opts *o)
{
	o->ready_fd = -1;
}

bool
suite_opts_keep_open(const struct suite_opts *o)
{
	return o->once != 0 || o->while_line != NULL;
}

/* sd_listen_fds_with_names(3): a colon separates names. */
static int
check_socket_name(const char *name, struct error *e)
{
	if (strlen(name) > 255)
		return error_set(e, ERROR_USAGE, "--listen-fds: a name has at most 255 bytes");
	for (const char *c = name; *c != '\0'; c++)
		if (*c == ':' || (unsigned char)*c < ' ' || *c == 127)
			return error_set(e, ERROR_USAGE,
			    "--listen-fds: '%s' has a colon or a control character", name);
	return 0;
}

int
suite_opts_check(const struct suite_opts *o, const struct opt_rest *rest, struct error *e)
{
	if (o->ready_fd >= 0 && !inherited_has((int)o->ready_fd))
		return error_set(e, ERROR_USAGE, "--ready-fd: descriptor %d is not open",
		    (int)o->ready_fd);
	if (o->listen_fds == NULL)
		return 0;
	if (rest->program == NULL)
		return error_set(e, ERROR_USAGE, "--listen-fds: no program is given");
	return check_socket_name(o->listen_fds, e);
}

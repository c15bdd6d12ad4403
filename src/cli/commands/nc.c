#include "cli/netcat/nc/nc.h"

#include "base/array.h"
#include "cli/core/cmd.h"
#include "cli/netcat/foreign.h"

/* The other program's own options have no long names; these are beside them. */
static const struct opt nc_rows[] = {
	{ .name = "explain",
	    .kind = OPT_FLAG,
	    .help = "print the line of usock that does the same, and what differs" },
	{ .name = "openbsd",
	    .kind = OPT_FLAG,
	    .help = "in front: upstream's letters, with TLS, and not Debian's" },
};

static const struct opt_group nc_groups[] = {
	{ "Beside those of nc", nc_rows, ARRAY_LEN(nc_rows), 0 },
	{ NULL, NULL, 0, 0 },
};

const struct cmd cmd_nc = {
	.name = "nc",
	.summary = "be OpenBSD's nc: its options, messages and statuses",
	.operands = "[HOST] [PORT...]",
	.about = "Does what nc(1) of OpenBSD does, as Debian has it (1.219), so that scripts\n"
		 "written for it run unchanged. A link to usock that is called nc, nc.openbsd or\n"
		 "netcat does the same.",
	.examples = "usock nc -zv localhost 20-25,80        # which ports answer\n"
		    "echo stats | usock nc -N localhost 11211  # ask a server\n"
		    "usock nc --explain -lk 8080            # what it is in usock's words\n"
		    "ln -s \"$(command -v usock)\" ~/bin/nc   # for scripts\n",
	.groups = nc_groups,
	.size = sizeof(bool),
	.links = "nc nc.openbsd netcat",
	.foreign = &foreign_nc,
	.run_foreign = nc_run,
};

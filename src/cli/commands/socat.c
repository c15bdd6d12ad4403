#include "cli/netcat/socat/socat.h"

#include "base/array.h"
#include "cli/core/cmd.h"
#include "cli/netcat/foreign.h"

static const struct opt socat_rows[] = {
	{ .name = "explain",
	    .kind = OPT_FLAG,
	    .help = "print the line of usock that does the same, and what differs" },
};

static const struct opt_group socat_groups[] = {
	{ "Beside those of socat", socat_rows, ARRAY_LEN(socat_rows), 0 },
	{ NULL, NULL, 0, 0 },
};

const struct cmd cmd_socat = {
	.name = "socat",
	.summary = "say what a line of socat is in usock's words",
	.operands = "--explain ADDRESS ADDRESS",
	.about = "Prints the line of usock that does what socat(1) does with two addresses and\n"
		 "their options, or which word has no counterpart. It does not run them.",
	.examples = "usock socat --explain TCP-LISTEN:8080,fork,reuseaddr TCP:localhost:80\n"
		    "usock socat --explain - OPENSSL:example.org:443,cafile=ca.pem\n",
	.groups = socat_groups,
	.size = sizeof(bool),
	.foreign = &foreign_socat,
	.run_foreign = socat_run,
};

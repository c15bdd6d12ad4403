#include "cli/netcat/ncat/ncat.h"

#include "base/array.h"
#include "cli/core/cmd.h"
#include "cli/netcat/foreign.h"

static const struct opt ncat_rows[] = {
	{ .name = "explain",
	    .kind = OPT_FLAG,
	    .help = "print the line of usock that does the same, and what differs" },
};

static const struct opt_group ncat_groups[] = {
	{ "Beside those of ncat", ncat_rows, ARRAY_LEN(ncat_rows), 0 },
	{ NULL, NULL, 0, 0 },
};

const struct cmd cmd_ncat = {
	.name = "ncat",
	.summary = "be ncat: its options, messages and statuses",
	.operands = "[HOST] [PORT]",
	.about = "Does what ncat(1) of the Nmap project does (" NCAT_VERSION "), so that scripts\n"
		 "written for it run unchanged. A link to usock that is called ncat does the same.",
	.examples = "usock ncat -v --ssl example.org 443           # a client of a TLS server\n"
		    "usock ncat -l 8080 --keep-open --exec /bin/cat  # an echo server\n"
		    "usock ncat --explain -l --chat 8080            # what it is in usock's words\n"
		    "ln -s \"$(command -v usock)\" ~/bin/ncat        # for scripts\n",
	.groups = ncat_groups,
	.size = sizeof(bool),
	.links = "ncat",
	.foreign = &foreign_ncat,
	.run_foreign = ncat_run,
};

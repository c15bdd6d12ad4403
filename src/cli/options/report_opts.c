#include "cli/options/report_opts.h"

#include <stddef.h>

#include "cli/output/report.h"

const struct opt report_rows[] = {
	{ .name = "verbose",
	    .letter = 'v',
	    .kind = OPT_COUNT,
	    .offset = offsetof(struct report_opts, verbose),
	    .help = "say what happens and how it ended; -vv: every read and write" },
	{ .name = "quiet",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct report_opts, quiet),
	    .help = "say nothing but errors" },
	{ .name = "json",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct report_opts, json),
	    .help = "records and events as JSON, one object a line" },
	{ .name = "events",
	    .kind = OPT_TEXT,
	    .offset = offsetof(struct report_opts, events),
	    .arg = "FILE|fd:N",
	    .complete = "file",
	    .reach = REACH_FILE_FD,
	    .help = "write the events there, as JSON" },
};

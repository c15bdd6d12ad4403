#include "cli/options/report_opts.h"

#include <stddef.h>

#include "cli/output/report.h"

const struct opt report_rows[] = {
	{ .name = "verbose",
	    .letter = 'v',
	    .kind = OPT_COUNT,
	    .offset = offsetof(struct report_opts, verbose),
	    .help = "report what happens and how it ended; -vv: every read and write" },
	{ .name = "quiet",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct report_opts, quiet),
	    .help = "print nothing but errors" },
	{ .name = "json",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct report_opts, json),
	    .help = "write records and events as JSON, one object per line" },
	{ .name = "events",
	    .kind = OPT_TEXT,
	    .offset = offsetof(struct report_opts, events),
	    .arg = "FILE|fd:N",
	    .complete = "file",
	    .reach = REACH_FILE_FD,
	    .writes = WRITES_FILE,
	    .help = "write the events as JSON to FILE or descriptor N" },
	{ .name = "color",
	    .kind = OPT_CHOICE,
	    .offset = offsetof(struct report_opts, color),
	    .arg = "WHEN",
	    .choices = STYLE_WORDS,
	    .help = STYLE_HELP },
};

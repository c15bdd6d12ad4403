#include "cli/options/allow_opts.h"

#include <stddef.h>

const struct opt allow_rows[] = {
	{ .name = "allow-exec",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct allow_opts, exec),
	    .help = "the script may start programs" },
	{ .name = "allow-files",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct allow_opts, files),
	    .help = "the script may read, write and change files" },
	{ .name = "allow-env",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct allow_opts, env),
	    .help = "the script has the environment, in the array env" },
};

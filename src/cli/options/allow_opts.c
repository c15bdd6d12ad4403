#include "cli/options/allow_opts.h"

#include <stddef.h>

const struct opt allow_rows[] = {
	{ .name = "allow-exec",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct allow_opts, exec),
	    .help = "allow the script to start programs" },
	{ .name = "allow-files",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct allow_opts, files),
	    .help = "allow the script to read, write and change files" },
	{ .name = "allow-env",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct allow_opts, env),
	    .help = "give the script the environment in the array env" },
};

#include "cli/options/server_opts.h"

#include <stddef.h>

#define AT(field) offsetof(struct server_opts, field)

const struct opt server_rows[] = {
	{ .name = "control",
	    .kind = OPT_TEXT,
	    .offset = AT(control),
	    .arg = "PATH",
	    .complete = "file",
	    .reach = REACH_FILE,
	    .help = "take commands on this unix socket: list, kick, stats, drain" },
	{ .name = "drain",
	    .kind = OPT_DURATION,
	    .offset = AT(drain),
	    .arg = "DUR",
	    .help = "on SIGTERM, accept nobody and let the clients end for up to DUR" },
	{ .name = "workers",
	    .kind = OPT_INT,
	    .offset = AT(workers),
	    .arg = "N",
	    .min = 1,
	    .max = WORKERS_MAX,
	    .help = "serve with N processes, which share the port" },
};

void
server_opts_defaults(struct server_opts *o)
{
	o->drain = -1;
}

const char *
server_opts_given(const struct server_opts *o)
{
	if (o->control != NULL)
		return "--control";
	if (o->drain >= 0)
		return "--drain";
	return o->workers != 0 ? "--workers" : NULL;
}

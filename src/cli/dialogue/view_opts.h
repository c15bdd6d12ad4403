/*
 * The options of `usock replay` that show a recording instead of playing it.
 */
#ifndef CLI_DIALOGUE_VIEW_OPTS_H
#define CLI_DIALOGUE_VIEW_OPTS_H

#include <stdbool.h>

#include "cli/options/opt.h"

struct error;

struct view_opts {
	bool show, svg, html, script, stat; /* at most one of them */
	bool hex, scale;
	const char *pcap; /* a file; NULL: not given */
};

enum { N_VIEW = 8 };

extern const struct opt view_rows[N_VIEW];

/* What goes together with each option that shows a recording. */
#define VIEW_COMPANIONS " hex scale pcap timeout verbose quiet json events color"

/* For the options of a command that stand alone. */
#define VIEW_ALONE                                                                                 \
	"show" VIEW_COMPANIONS, "svg" VIEW_COMPANIONS, "html" VIEW_COMPANIONS,                     \
	    "script" VIEW_COMPANIONS, "stat" VIEW_COMPANIONS,                                      \
	    "pcap show svg html script stat" VIEW_COMPANIONS

/* True where one of the options is given. */
bool view_opts_wanted(const struct view_opts *o);

/* ERROR_USAGE where an option goes with none that is given. */
int view_opts_check(const struct view_opts *o, bool json, struct error *e);

#endif

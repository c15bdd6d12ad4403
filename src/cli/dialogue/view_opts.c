#include "cli/dialogue/view_opts.h"

#include <stddef.h>

#include "base/error.h"

#define AT(field) offsetof(struct view_opts, field)

const struct opt view_rows[] = {
	{ .name = "show",
	    .kind = OPT_FLAG,
	    .offset = AT(show),
	    .help = "print the dialogue: times, directions, bytes" },
	{ .name = "hex",
	    .kind = OPT_FLAG,
	    .offset = AT(hex),
	    .help = "with --show: all bytes as a hexdump, not only what is no text" },
	{ .name = "svg",
	    .kind = OPT_FLAG,
	    .offset = AT(svg),
	    .help = "draw the dialogue as a sequence diagram in SVG" },
	{ .name = "html",
	    .kind = OPT_FLAG,
	    .offset = AT(html),
	    .help = "the same in a page of HTML, with all messages; one file, no script" },
	{ .name = "scale",
	    .kind = OPT_FLAG,
	    .offset = AT(scale),
	    .help = "with --svg and --html: draw times to scale" },
	{ .name = "script",
	    .kind = OPT_FLAG,
	    .offset = AT(script),
	    .help = "write the client's side as a script of usock, with expectations" },
	{ .name = "stat",
	    .kind = OPT_FLAG,
	    .offset = AT(stat),
	    .help = "print round-trip and think times, sizes and histograms" },
	{ .name = "pcap",
	    .kind = OPT_TEXT,
	    .offset = AT(pcap),
	    .arg = "FILE",
	    .complete = "file",
	    .reach = REACH_FILE,
	    .writes = WRITES_FILE,
	    .help = "write the dialogue to FILE as packets, for Wireshark" },
};

static bool
prints(const struct view_opts *o)
{
	return o->show || o->svg || o->html || o->script || o->stat;
}

bool
view_opts_wanted(const struct view_opts *o)
{
	return prints(o) || o->pcap != NULL;
}

int
view_opts_check(const struct view_opts *o, bool json, struct error *e)
{
	if (o->hex && (!o->show || json))
		return error_set(e, ERROR_USAGE, "--hex: needs --show%s",
		    json ? " without --json" : "");
	if (o->scale && !o->svg && !o->html)
		return error_set(e, ERROR_USAGE, "--scale: needs --svg or --html");
	if (json && (o->svg || o->html || o->script))
		return error_set(e, ERROR_USAGE, "--json: goes with --show and --stat");
	return 0;
}

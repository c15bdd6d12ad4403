/* clock */
#include <string.h>
#include <time.h>

#include "tcl/commands/commands.h"
#include "tcl/eval/args.h"
#include "tcl/eval/eval.h"

static int64_t
now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* clock seconds, milliseconds, microseconds, and clicks, which are microseconds by default. */
static int
clock_now(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const units[] = { "-milliseconds", "-microseconds", NULL };
	const char *which = value_bytes(argv[1], NULL);
	int unit = which[0] == 'm' && which[2] == 'l' ? 0 : 1;

	if (argc > 2 && interp_get_word(in, argv[2], units, "option", &unit) != TCL_OK)
		return TCL_ERROR;
	return interp_return_int(in,
	    now_usec() /
		(which[0] == 's'    ? 1000000
			: unit == 0 ? 1000
				    : 1));
}

/* ---- clock format ---- */

/* The letters that mean the same to strftime(3) in the C locale; put_letter() writes the others. */
static const char same[] = "aAbBdejHIklmMpPRSTuUVwWyYZGgChn%t";

static void
put_strftime(struct value *out, const char *fmt, const struct tm *tm)
{
	char text[128];
	size_t n;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	n = strftime(text, sizeof(text), fmt, tm);
#pragma GCC diagnostic pop
	value_append(out, text, n);
}

static void
put_letter(struct value *out, char letter, const struct tm *tm, int64_t seconds)
{
	static const struct {
		char letter;
		const char *fmt;
	} longer[] = { { 'c', "%a %b %e %H:%M:%S %Y" }, { 'D', "%m/%d/%Y" }, { 'r', "%I:%M:%S %P" },
		{ 'x', "%m/%d/%Y" }, { 'X', "%H:%M:%S" }, { '+', "%a %b %e %H:%M:%S %Z %Y" },
		{ 'z', "%z" }, { 'N', "%m" } };
	char fmt[3] = { '%', letter, '\0' };

	if (letter == 's') {
		value_format(out, "%l", seconds);
		return;
	}
	if (letter == 'J') {
		value_format(out, "%l", (seconds + tm->tm_gmtoff) / 86400 + 2440588);
		return;
	}
	for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
		if (longer[i].letter == letter) {
			put_strftime(out, longer[i].fmt, tm);
			return;
		}
	}
	if (letter != '\0' && strchr(same, letter) != NULL)
		put_strftime(out, fmt, tm);
	else
		value_append(out, fmt, 2);
}

static void
put_format(struct value *out, const char *p, size_t n, const struct tm *tm, int64_t seconds)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '%' && i + 1 < n)
			put_letter(out, p[++i], tm, seconds);
		else
			value_append_char(out, p[i]);
	}
}

static bool
is_utc(struct value *zone)
{
	return value_is(zone, ":UTC") || value_is(zone, "UTC") || value_is(zone, "GMT") ||
	    value_is(zone, ":GMT");
}

struct format_how {
	struct value *format;
	bool gmt, utc; /* utc: the zone is written UTC */
};

/* Keeps the message. */
static int
bad_option(struct interp *in, struct value *option)
{
	struct value *code = value_string(&in->heap, "CLOCK badOption"),
		     *message = value_ref(in->result);

	value_append_char(code, ' ');
	list_append_quoted(code, option, false);
	return interp_fail_with(in, code, message);
}

static int
parse_clock_options(struct interp *in, int argc, struct value *const argv[], struct format_how *how)
{
	static const char *const options[] = { "-format", "-gmt", "-locale", "-timezone", NULL };
	int option;

	for (int i = 3; i + 1 < argc; i += 2) {
		if (interp_get_word(in, argv[i], options, "option", &option) != TCL_OK)
			return bad_option(in, argv[i]);
		if (option == 0)
			how->format = argv[i + 1];
		else if (option == 1 && interp_get_bool(in, argv[i + 1], &how->gmt) != TCL_OK)
			return TCL_ERROR;
		else if (option == 3 && is_utc(argv[i + 1]))
			how->gmt = how->utc = true;
		else if (option == 3 && !value_is(argv[i + 1], ":localtime"))
			return interp_fail(in, "CLOCK badTimeZone", argv[i + 1],
			    "time zone \"%v\" not found", argv[i + 1]);
	}
	return TCL_OK;
}

static int
clock_format(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char usual[] = "%a %b %d %H:%M:%S %Z %Y";
	struct format_how how = { .gmt = false };
	int64_t seconds;
	time_t when;
	struct tm tm;
	struct value *v;
	const char *fmt = usual;
	size_t n = sizeof(usual) - 1;

	if (argc % 2 != 1 || argc < 3)
		return interp_fail(in, "CLOCK wrongNumArgs", NULL,
		    "wrong # args: should be \"%v %v clockval ?-format string? ?-gmt boolean? "
		    "?-locale LOCALE? "
		    "?-timezone ZONE?\"",
		    argv[0], argv[1]);
	if (parse_clock_options(in, argc, argv, &how) != TCL_OK ||
	    args_wide(in, argv[2], &seconds) != TCL_OK)
		return TCL_ERROR;
	when = (time_t)seconds;
	if ((how.gmt ? gmtime_r(&when, &tm) : localtime_r(&when, &tm)) == NULL)
		return interp_fail(in, "CLOCK dateTooLarge", NULL,
		    "requested date too large to represent");
	if (how.utc)
		tm.tm_zone = "UTC";
	if (how.format != NULL)
		fmt = value_bytes(how.format, &n);
	v = value_new(&in->heap);
	put_format(v, fmt, n, &tm, seconds);
	return interp_return(in, v);
}

static const struct interp_command rows[] = {
	{ "add", NULL, 0, 0, "" },
	{ "clicks", clock_now, 0, 1, "?-switch?" },
	{ "format", clock_format, 0, -1, "" },
	{ "microseconds", clock_now, 0, 0, "" },
	{ "milliseconds", clock_now, 0, 0, "" },
	{ "scan", NULL, 0, 0, "" },
	{ "seconds", clock_now, 0, 0, "" },
	{ NULL, NULL, 0, 0, NULL },
};

static int
cmd_clock(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_run_row(in, data, argc, argv, rows);
}

const struct interp_command core_clock_commands[] = {
	{ "clock", cmd_clock, 0, -1, "subcommand ?arg ...?" },
	{ NULL, NULL, 0, 0, NULL },
};

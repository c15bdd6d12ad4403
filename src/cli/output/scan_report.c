#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/record.h"
#include "cli/output/scan_report.h"
#include "cli/output/table/text_table.h"
#include "cli/output/table/units.h"

#define FLUSH_AT 4096
#define HELD_MAX (16u << 20) /* holds all ports with the longest lines */

struct scan_output {
	struct buf buf;
	struct text_table table;
	struct output_queue *queue;
	bool json, tty, last, open_alone;
	const char *host;
	/* ports; of them those that are open, those with PORT_ERROR, and those that are not printed */
	unsigned reported, open, errors, hidden;
	struct portscan_result first_error;
	struct command_context *rt;
	struct signal_watch usr1;
};

static const struct text_table_column columns[] = {
	{ .title = "ADDRESS", .least = 15 },
	{ .title = "PORT", .right = true, .least = 5 },
	{ .title = "VERDICT", .least = 8 },
	{ .title = "TIME", .right = true, .least = 9, .rank = 1 },
};

/* A unix socket has no port. */
static const struct text_table_column path_columns[] = {
	{ .title = "ADDRESS" },
	{ .title = "VERDICT", .least = 8 },
	{ .title = "TIME", .right = true, .least = 9, .rank = 1 },
};

static bool
has_path(const struct portscan_result *r)
{
	return r->peer.sa.sa_family == AF_UNIX;
}

static const char *
format_port_address(const struct portscan_result *r, char text[SOCKNAME_TEXT_MAX])
{
	return has_path(r) ? sockname_format(&r->peer, text, SOCKNAME_TEXT_MAX)
			   : sockname_host(&r->peer, text, SOCKNAME_TEXT_MAX);
}

static int
append_port_json(struct scan_output *o, const struct portscan_result *r, struct error *e)
{
	char address[SOCKNAME_TEXT_MAX];
	const struct field fields[] = {
		{ .name = "host", .kind = FIELD_TEXT, .text = o->host },
		{ .name = "address", .kind = FIELD_TEXT, .text = format_port_address(r, address) },
		{ .name = "port", .kind = FIELD_INT, .number = r->port },
		{ .name = "verdict", .kind = FIELD_TEXT, .text = port_verdict_word(r->verdict) },
		{ .name = "milliseconds",
		    .kind = FIELD_REAL,
		    .real = (double)r->nsec / (double)NSEC_PER_MSEC },
		{ .name = "reason",
		    .kind = FIELD_TEXT,
		    .text = r->errnum == 0 ? NULL : strerror(r->errnum) },
		{ .kind = FIELD_END },
	};
	struct field without_port[ARRAY_LEN(fields) - 1];

	if (!has_path(r))
		return record_json(&o->buf, fields, e);
	memcpy(without_port, fields, 2 * sizeof *fields);
	memcpy(without_port + 2, fields + 3, (ARRAY_LEN(fields) - 3) * sizeof *fields);
	return record_json(&o->buf, without_port, e);
}

static int
append_row(struct scan_output *o, const struct portscan_result *r, struct error *e)
{
	char address[SOCKNAME_TEXT_MAX], time[UNITS_TEXT_MAX];
	const char *verdict = port_verdict_word(r->verdict);
	struct text_table *t = &o->table;

	if (t->columns == NULL && has_path(r))
		text_table_init(t, path_columns, ARRAY_LEN(path_columns), &t->how);
	else if (t->columns == NULL)
		text_table_init(t, columns, ARRAY_LEN(columns), &t->how);
	if (text_table_add(t, STYLE_PLAIN, format_port_address(r, address), e) < 0 ||
	    (!has_path(r) && text_table_add_number(t, STYLE_PLAIN, r->port, e) < 0) ||
	    text_table_add(t, style_of_word(verdict), verdict, e) < 0 ||
	    text_table_add(t, STYLE_DIM, units_time(r->nsec, time), e) < 0)
		return -1;
	return text_table_print(t, &o->buf, e);
}

static void
report_port(const struct scan_output *o, const struct portscan_result *r)
{
	char address[SOCKNAME_TEXT_MAX], port[16];
	const struct field values[] = {
		EVENT_TEXT(sockname_format(&r->peer, address, sizeof(address))),
		EVENT_TEXT(port),
		EVENT_TEXT(port_verdict_word(r->verdict)),
		EVENT_TEXT(r->errnum != 0 ? strerror(r->errnum) : NULL),
	};

	snprintf(port, sizeof(port), "%u", r->port);
	report_event(&o->rt->report, EVENT_PORT, values);
}

static int
print_result(void *arg, const struct portscan_result *r, struct error *e)
{
	struct scan_output *o = arg;

	o->reported++;
	if (report_has_voice(&o->rt->report)) {
		report_port(o, r);
		return 0;
	}
	if (r->verdict == PORT_ERROR && o->errors++ == 0)
		o->first_error = *r;
	if (o->open_alone && (r->verdict == PORT_CLOSED || r->verdict == PORT_FILTERED)) {
		o->hidden++;
		return 0;
	}
	if ((o->json ? append_port_json(o, r, e) : append_row(o, r, e)) < 0)
		return -1;
	return o->last && (o->tty || o->buf.len >= FLUSH_AT)
	    ? output_queue_flush(o->queue, &o->buf, e)
	    : 0;
}

static int
report_errors(const struct scan_output *o, struct error *e)
{
	char address[SOCKNAME_TEXT_MAX];
	size_t n;

	error_errno(e, ERROR_NETWORK, o->first_error.errnum, "connect %s",
	    sockname_format(&o->first_error.peer, address, sizeof address));
	if (o->errors > 1) {
		n = strlen(e->text);
		snprintf(e->text + n, sizeof e->text - n, " (%u ports in all)", o->errors);
	}
	return -1;
}

/* Reports progress on SIGUSR1. */
static void
report_progress(struct signal_watch *w)
{
	const struct scan_output *o = w->arg;

	report_note(&o->rt->report, "scan %s: %u ports so far", o->host, o->reported);
}

static bool
can_change(const struct error *e)
{
	return e->code == ERROR_NETWORK || e->code == ERROR_RESOLVE;
}

/* Returns 1 where the goal is reached, 0 where it is not, -1. */
static int
scan_once(struct scan_output *o, const struct endpoint *ep, const struct portscan_how *how,
    const struct scan_goal *goal, struct error *e)
{
	buf_consume(&o->buf, o->buf.len);
	o->reported = o->open = o->errors = o->hidden = 0;
	if (portscan(o->rt->loop, ep, how, o->rt->until, print_result, o, &o->open, e) < 0)
		return -1;
	return o->errors == 0 && (goal->all ? o->open == o->reported : o->open > 0);
}

static int
wait_for_next(struct scan_output *o, const struct scan_goal *goal, struct error *e)
{
	const char *what = goal->all ? "not every port is open" : "no port is open";
	struct deadline next = deadline_in(goal->interval);
	const bool never = false;

	log_line(&o->rt->report.log, LOG_VERBOSE, "scan %s: %s: again in %.6g s", o->host, what,
	    (double)goal->interval / (double)NSEC_PER_SEC);
	if (loop_run(o->rt->loop, &never, deadline_min(next, o->rt->until), e) < 0)
		return -1;
	if (deadline_passed(o->rt->until))
		return error_set(e, ERROR_TIMEOUT, "scan %s: timed out (--timeout): %s", o->host,
		    what);
	return 0;
}

/* Scans until the goal is reached or no retry is left. Returns the result of the last
 * scan_once(). */
static int
scan_until(struct scan_output *o, const struct endpoint *ep, const struct portscan_how *how,
    const struct scan_goal *goal, struct error *e)
{
	uint64_t left = goal->retries;
	int rc;

	for (;; left -= left != UINT64_MAX) {
		o->last = left == 0;
		rc = scan_once(o, ep, how, goal, e);
		if (rc == 1 || left == 0 || (rc == -1 && !can_change(e)))
			return rc;
		if (wait_for_next(o, goal, e) < 0)
			return -1;
	}
}

/* Lines that a terminal had no room for were seen by nobody. */
static bool
has_scrolled(const struct scan_output *o)
{
	struct winsize size;

	return o->tty && !o->json && !report_has_voice(&o->rt->report) &&
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
	    o->reported - o->hidden >= size.ws_row;
}

static void
note_scan_totals(const struct scan_output *o)
{
	if (o->hidden > 0)
		report_note(&o->rt->report, "scan %s: %u ports are closed or filtered", o->host,
		    o->hidden);
	else if (has_scrolled(o))
		report_note(&o->rt->report,
		    "scan %s: %u of %u ports are open; --open prints them alone", o->host, o->open,
		    o->reported);
}

int
scan_report(struct command_context *rt, const struct endpoint *ep, const struct portscan_how *how,
    const struct scan_goal *goal, struct error *e)
{
	char host[ENDPOINT_HOST_MAX + ENDPOINT_PORT_MAX + 16];
	struct scan_output o = { .json = rt->report.opts->json,
		.tty = isatty(STDOUT_FILENO),
		.open_alone = goal->open_alone,
		.rt = rt,
		.table.how = { .width = text_table_width_of(STDOUT_FILENO),
		    .color = report_colors_results(&rt->report) },
		.host =
		    ep->kind == ENDPOINT_INET ? ep->host : endpoint_format(ep, host, sizeof host),
		.usr1 = { .signo = SIGUSR1, .fn = report_progress, .arg = &o } };
	int rc;

	if (command_context_results(rt, &o.queue, e) < 0 ||
	    loop_signal_watch(rt->loop, &o.usr1, e) < 0)
		return -1;
	buf_init(&o.buf, HELD_MAX);
	rc = scan_until(&o, ep, how, goal, e);
	loop_signal_unwatch(rt->loop, &o.usr1);
	if (output_queue_flush(o.queue, &o.buf, rc < 0 ? NULL : e) < 0)
		rc = -1;
	if (rc >= 0 && output_queue_drain(o.queue, rt->until, e) < 0)
		rc = -1;
	buf_fini(&o.buf);
	text_table_fini(&o.table);
	if (rc < 0)
		return -1;
	note_scan_totals(&o);
	return o.errors > 0 ? report_errors(&o, e) : !rc;
}

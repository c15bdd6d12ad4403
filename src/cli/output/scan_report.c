#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/record.h"
#include "cli/output/scan_report.h"

#define FLUSH_AT 4096
#define HELD_MAX (16u << 20) /* holds all ports with the longest lines */

struct scan_output {
	struct buf buf;
	struct output_queue *queue;
	bool json, tty, last;
	const char *host;
	unsigned reported, errors; /* ports; of them those with PORT_ERROR */
	struct portscan_result first_error;
	struct command_context *rt;
	struct signal_watch usr1;
};

/* Formats the address with its port; a unix socket has none. */
static int
format_result(struct scan_output *o, const struct portscan_result *r, struct error *e)
{
	bool path = r->peer.sa.sa_family == AF_UNIX;
	char address[SOCKNAME_TEXT_MAX], ms[32];
	const struct field host = { .name = "host", .kind = FIELD_TEXT, .text = o->host };
	const struct field end = { .kind = FIELD_END };
	const struct field name = { .name = "address",
		.kind = FIELD_TEXT,
		.width = -15,
		.text = path ? sockname_format(&r->peer, address, sizeof address)
			     : sockname_host(&r->peer, address, sizeof address) };
	const struct field port = { .name = "port",
		.kind = FIELD_INT,
		.number = r->port,
		.width = 5 };
	const struct field verdict = { .name = "verdict",
		.kind = FIELD_TEXT,
		.width = -8,
		.text = port_verdict_word(r->verdict) };
	const double milliseconds = (double)r->nsec / (double)NSEC_PER_MSEC;
	const struct field real = { .name = "milliseconds",
		.kind = FIELD_REAL,
		.real = milliseconds };
	const struct field column = { .kind = FIELD_TEXT, .width = 9, .text = ms };
	const struct field reason = { .name = "reason",
		.kind = FIELD_TEXT,
		.text = r->errnum == 0 ? NULL : strerror(r->errnum) };
	struct field fields[7];
	size_t n = 0;

	snprintf(ms, sizeof ms, "%.3f", milliseconds);
	if (o->json)
		fields[n++] = host;
	fields[n++] = name;
	if (!path)
		fields[n++] = port;
	fields[n++] = verdict;
	fields[n++] = o->json ? real : column;
	if (o->json)
		fields[n++] = reason;
	fields[n] = end;
	return o->json ? record_json(&o->buf, fields, e) : record_text(&o->buf, fields, e);
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
	if (format_result(o, r, e) < 0)
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
	unsigned open = 0;

	buf_consume(&o->buf, o->buf.len);
	o->reported = o->errors = 0;
	if (portscan(o->rt->loop, ep, how, o->rt->until, print_result, o, &open, e) < 0)
		return -1;
	return o->errors == 0 && (goal->all ? open == o->reported : open > 0);
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

int
scan_report(struct command_context *rt, const struct endpoint *ep, const struct portscan_how *how,
    const struct scan_goal *goal, struct error *e)
{
	char host[ENDPOINT_HOST_MAX + ENDPOINT_PORT_MAX + 16];
	struct scan_output o = { .json = rt->report.opts->json,
		.tty = isatty(STDOUT_FILENO),
		.rt = rt,
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
	if (rc < 0)
		return -1;
	return o.errors > 0 ? report_errors(&o, e) : !rc;
}

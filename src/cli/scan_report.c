#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/rows.h"
#include "cli/scan_report.h"

#define FLUSH_AT 4096

struct out {
	struct buf buf;
	struct output_queue *queue;
	bool json, tty;
	const char *host;
	unsigned errors; /* ports that this host could not ask */
	struct scan_result first_error;
};

static int
flush(struct out *o, struct error *e)
{
	int rc;

	if (o->buf.len == 0)
		return 0;
	rc = output_queue_result(o->queue, buf_head(&o->buf), o->buf.len, e);
	buf_consume(&o->buf, o->buf.len);
	return rc;
}

static int
print_result(void *arg, const struct scan_result *r, struct error *e)
{
	struct out *o = arg;
	char address[SOCKNAME_TEXT_MAX];
	const char *reason = r->errnum == 0 ? NULL : strerror(r->errnum);
	const struct field fields[] = {
		{ .name = "address",
		    .kind = FIELD_TEXT,
		    .width = -15,
		    .text = sockname_host(&r->peer, address, sizeof address) },
		{ .name = "port", .kind = FIELD_INT, .number = r->port, .width = 5 },
		{ .name = "verdict",
		    .kind = FIELD_TEXT,
		    .width = -8,
		    .text = port_verdict_word(r->verdict) },
		{ .name = "milliseconds",
		    .kind = FIELD_REAL,
		    .width = 8,
		    .real = (double)r->nsec / (double)NSEC_PER_MSEC },
		{ .name = "reason", .kind = FIELD_TEXT, .text = reason },
		{ .kind = FIELD_END },
	};
	const struct field host[] = {
		{ .name = "host", .kind = FIELD_TEXT, .text = o->host },
		fields[0],
		fields[1],
		fields[2],
		fields[3],
		fields[4],
		fields[5],
	};
	struct field columns[5];
	char ms[32];

	if (r->verdict == PORT_ERROR && o->errors++ == 0)
		o->first_error = *r;
	snprintf(ms, sizeof ms, "%.3f", (double)r->nsec / (double)NSEC_PER_MSEC);
	memcpy(columns, fields, sizeof columns);
	columns[3] = (struct field){ .kind = FIELD_TEXT, .text = ms, .width = 9 };
	columns[4].kind = FIELD_END;
	if ((o->json ? rows_json(&o->buf, host, e) : rows_text(&o->buf, columns, e)) < 0)
		return -1;
	return o->tty || o->buf.len >= FLUSH_AT ? flush(o, e) : 0;
}

static int
report_errors(const struct out *o, struct error *e)
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

int
scan_report(struct runtime *rt, const struct endpoint *ep, const struct scan_how *how, bool json,
    struct error *e)
{
	struct out o = { .json = json, .tty = isatty(STDOUT_FILENO), .host = ep->host };
	unsigned open = 0;
	int rc;

	if (runtime_results(rt, &o.queue, e) < 0)
		return -1;
	buf_init(&o.buf, 1 << 20);
	rc = scan(rt->loop, ep, how, rt->until, print_result, &o, &open, e);
	if (flush(&o, rc < 0 ? NULL : e) < 0)
		rc = -1;
	if (rc == 0)
		rc = output_queue_drain(o.queue, rt->until, e);
	buf_fini(&o.buf);
	if (rc < 0)
		return -1;
	if (o.errors > 0)
		return report_errors(&o, e);
	return open > 0 ? 0 : 1;
}

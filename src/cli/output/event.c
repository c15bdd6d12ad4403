#include "cli/output/event.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"

enum { LINES_MAX = 16 << 10 };

/*
 * Format of a line: {name} is a field, {name:N} a number with N decimals,
 * {name|word} the field, or the word where the field is absent. A part in [ ]
 * is left out where a field in it is absent; one in [[ ]] stands in brackets.
 */
static const struct event_row {
	const char *name;
	enum log_level level;
	const char *fields[EVENT_FIELDS_MAX];
	const char *lines[2];
} rows[EVENTS] = {
	/* the code that binds the address logs the line */
	[EVENT_LISTENING] = { "listening", LOG_NOTE, { "local", "port" }, { NULL } },
	[EVENT_RESERVED] = { "reserved", LOG_VERBOSE, { "local", "port", "seconds" },
	    { "reserved {local} for {seconds} s" } },
	/* the code that tried several addresses logs the line */
	[EVENT_CONNECTED] = { "connected", LOG_VERBOSE, { "id", "local", "peer" }, { NULL } },
	[EVENT_ACCEPTED] = { "accepted", LOG_VERBOSE, { "id", "local", "peer" },
	    { "accepted {peer} on {local}" } },
	[EVENT_DENIED] = { "denied", LOG_VERBOSE, { "local", "peer", "uid", "gid", "reason" },
	    { "denied {peer}[ uid={uid}][ gid={gid}] on {local}: {reason}" } },
	[EVENT_PROXY] = { "proxy", LOG_VERBOSE, { "proxy", "target" },
	    { "proxy {proxy}: connected to {target}" } },
	[EVENT_PROXIED] = { "proxied", LOG_VERBOSE, { "id", "local", "peer", "proxy" },
	    { "proxied {peer} by {proxy} on {local}" } },
	[EVENT_SELF_SIGNED] = { "self-signed", LOG_NOTE, { "sha256", "pin" },
	    { "tls: self-signed certificate, sha256 {sha256}, pin {pin}" } },
	[EVENT_TLS] = { "tls", LOG_VERBOSE,
	    { "id", "peer", "version", "cipher", "alpn", "server_name", "ktls", "resumed",
		"checked", "subject", "issuer", "names", "not_before", "not_after", "sha256",
		"pin" },
	    { "tls {peer}: {version} {cipher}[ alpn={alpn}][ name={server_name}] ktls={ktls|no} "
	      "resumed={resumed} checked={checked}",
		"[tls {peer}: certificate {subject|} for {names|}, by {issuer|}, valid "
		"{not_before|} to {not_after|}, sha256 {sha256}, pin {pin|}]" } },
#define END_FIELDS                                                                                 \
	{                                                                                          \
		"id", "local", "peer", "end", "sent", "received", "datagrams_sent",                \
		    "datagrams_received", "seconds", "code", "state", "time_wait_left", "exit",    \
		    "messages_sent", "messages_received", "close", "close_reason"                  \
	}
#define END_LINE                                                                                   \
	"end={end}[ sent={sent}][ received={received}][ datagrams-sent={datagrams_sent}]"          \
	"[ datagrams-received={datagrams_received}][ messages-sent={messages_sent}]"               \
	"[ messages-received={messages_received}][ close={close}] seconds={seconds:3}[ "           \
	"state={code}/{state}]"                                                                    \
	"[ left={time_wait_left:1}s][ exit={exit}]"
	[EVENT_END] = { "end", LOG_VERBOSE, END_FIELDS, { "{local} > {peer}: " END_LINE } },
	[EVENT_END_SERVED] = { "end", LOG_VERBOSE, END_FIELDS, { "{peer} > {local}: " END_LINE } },
	[EVENT_DRAINING] = { "draining", LOG_NOTE, { "clients", "seconds" },
	    { "draining: {clients} connected[, for at most {seconds:1} s]" } },
	/* another connection follows this one */
	[EVENT_RECONNECTING] = { "reconnecting", LOG_VERBOSE,
	    { "id", "peer", "end", "unacknowledged", "unsent", "seconds" },
	    { "reconnecting to {peer} in {seconds:3} s: end={end} unacknowledged={unacknowledged} "
	      "unsent={unsent}" } },
	[EVENT_WORKER_DIED] = { "worker-died", LOG_NOTE, { "pid", "signal", "exit", "clients" },
	    { "worker {pid} died[ of signal {signal}][ with status {exit}], clients lost: "
	      "{clients}" } },
	/* they are said in the voice of another program only */
	[EVENT_ATTEMPT] = { "attempt", LOG_VERBOSE, { "peer", "reason" }, { NULL } },
	[EVENT_PORT] = { "port", LOG_VERBOSE, { "peer", "port", "verdict", "reason" }, { NULL } },
	/* report_error() always writes the message and its hint */
	[EVENT_ERROR] = { "error", LOG_NOTE, { "error", "message", "hint" }, { NULL } },
	[EVENT_LOST] = { "lost", LOG_NOTE, { "count" }, { "{count} lines lost" } },
	/* test_report.c chooses the line by the outcome */
	[EVENT_TEST] = { "test", LOG_VERBOSE,
	    { "file", "name", "outcome", "todo", "reason", "message", "at", "end", "left",
		"seconds" },
	    { NULL } },
};

static size_t
n_fields(const struct event_row *row)
{
	size_t n = 0;

	while (n < EVENT_FIELDS_MAX && row->fields[n] != NULL)
		n++;
	return n;
}

size_t
event_name_fields(enum event event, const struct field *values, struct field *ret_fields)
{
	const struct event_row *row = &rows[event];
	size_t n = n_fields(row);

	for (size_t i = 0; i < n; i++) {
		ret_fields[i] = values[i];
		ret_fields[i].name = row->fields[i];
	}
	ret_fields[n] = (struct field){ .kind = FIELD_END };
	return n;
}

int
event_json(struct buf *out, enum event event, const struct field *values, struct error *e)
{
	struct field fields[EVENT_FIELDS_MAX + 2] = {
		{ .name = "event", .kind = FIELD_TEXT, .text = rows[event].name },
	};

	(void)event_name_fields(event, values, fields + 1);
	return record_json(out, fields, e);
}

/* ---- lines ---- */

struct line {
	const struct field *fields;
	struct buf *out;
};

static const struct field *
find_field(const struct line *l, const char *name, size_t n)
{
	for (const struct field *f = l->fields; f->kind != FIELD_END; f++)
		if (strncmp(f->name, name, n) == 0 && f->name[n] == '\0')
			return f;
	return NULL;
}

static void
append_json_field(struct buf *out, const struct field *f, int decimals)
{
	switch (f->kind) {
	case FIELD_TEXT:
		buf_append(out, f->text, strlen(f->text), NULL);
		break;
	case FIELD_INT:
		buf_printf(out, NULL, "%lld", (long long)f->number);
		break;
	case FIELD_REAL:
		buf_printf(out, NULL, "%.*f", decimals, f->real);
		break;
	case FIELD_BOOL:
		buf_printf(out, NULL, "%s", f->number ? "yes" : "no");
		break;
	case FIELD_END:
		break;
	}
}

/* Appends {name}, {name:N} or {name|word}; p is after the brace. Returns false where the field
 * is absent. */
static bool
append_line_field(struct line *l, const char *p, const char *end)
{
	size_t n = strcspn(p, ":|}");
	const struct field *f = find_field(l, p, n);
	const char *more = p + n;

	if (f == NULL || (f->kind == FIELD_TEXT && f->text == NULL)) {
		if (*more == '|')
			buf_append(l->out, more + 1, (size_t)(end - more - 1), NULL);
		return *more == '|';
	}
	append_json_field(l->out, f, *more == ':' ? more[1] - '0' : 6);
	return true;
}

/* Appends the text up to end. Stops and returns false where a field is absent. */
static bool
append_part(struct line *l, const char *p, const char *end)
{
	const char *brace;

	for (; p < end; p = brace + 1) {
		brace = memchr(p, '{', (size_t)(end - p));
		if (brace == NULL)
			brace = end;
		buf_append(l->out, p, (size_t)(brace - p), NULL);
		if (brace == end)
			return true;
		p = brace + 1;
		brace = strchr(p, '}');
		if (!append_line_field(l, p, brace))
			return false;
	}
	return true;
}

void
event_format(struct buf *out, const char *format, const struct field *fields)
{
	struct line l = { fields, out };
	size_t before, n;

	for (const char *p = format; *p != '\0'; p += n) {
		before = out->len;
		if (p[0] == '[' && p[1] == '[') {
			n = strcspn(p, "]") + 2;
			(void)append_part(&l, p + 1, p + n - 1);
		} else if (*p == '[') {
			n = strcspn(p, "]") + 1;
			if (!append_part(&l, p + 1, p + n - 1))
				out->len = before;
		} else {
			n = strcspn(p, "[");
			(void)append_part(&l, p, p + n);
		}
	}
}

void
event_lines(const struct log *log, enum event event, const struct field *values)
{
	const struct event_row *row = &rows[event];
	struct field fields[EVENT_FIELDS_MAX + 1];
	struct buf text;
	const char *made;

	if (!log_on(log, row->level))
		return;
	(void)event_name_fields(event, values, fields);
	buf_init(&text, LINES_MAX);
	for (size_t i = 0; i < 2 && row->lines[i] != NULL; i++) {
		buf_consume(&text, text.len);
		event_format(&text, row->lines[i], fields);
		made = buf_text(&text, NULL);
		if (made != NULL && made[0] != '\0')
			log_line(log, row->level, "%s", made);
	}
	buf_fini(&text);
}

int
event_lost(struct buf *out, bool json, uint64_t count)
{
	const struct field values[] = { EVENT_INT(count) };
	struct field fields[EVENT_FIELDS_MAX + 1];
	size_t before = out->len;

	if (json)
		return event_json(out, EVENT_LOST, values, NULL);
	(void)event_name_fields(EVENT_LOST, values, fields);
	if (buf_append(out, "usock: ", 7, NULL) == 0) {
		event_format(out, rows[EVENT_LOST].lines[0], fields);
		if (buf_append(out, "\n", 1, NULL) == 0)
			return 0;
	}
	out->len = before;
	return -1;
}

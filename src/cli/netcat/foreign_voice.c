#include "cli/netcat/foreign_voice.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/parse.h"
#include "cli/netcat/foreign.h"
#include "net/resolve/resolve.h"

enum { LINE_MAX_BYTES = 4096, EXTRAS_MAX = 20, TEXT_MAX = 1100 };

/* How long a name server may take for the name of a peer. */
#define NAME_PATIENCE (5 * NSEC_PER_SEC)

/* What a line is made of. */
struct saying {
	const struct foreign_voice *v;
	const struct report *report;
	enum event event;
	const struct error *error; /* NULL: of no error */
	/* those of the event, and then those that the line has beyond them */
	struct field fields[EVENT_FIELDS_MAX + EXTRAS_MAX + 1];
	size_t n;
};

/* The texts of fields that are made. They are large: only what a line has is touched. */
struct saying_texts {
	char texts[EXTRAS_MAX][TEXT_MAX];
};

/* ---- the fields ---- */

/* Returns the text of a field of the event, or NULL. */
static const char *
value_of(const struct saying *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->fields[i].name, name) == 0 && s->fields[i].kind == FIELD_TEXT)
			return s->fields[i].text;
	return NULL;
}

/* Splits "127.0.0.1:80" or "[::1]:80". Returns the port, or NULL. */
static const char *
split_address(const char *address, char *host, size_t size)
{
	const char *colon = strrchr(address, ':');
	size_t len = colon != NULL ? (size_t)(colon - address) : strlen(address);
	bool brackets = address[0] == '[' && len > 1 && address[len - 1] == ']';

	snprintf(host, size, "%.*s", (int)(brackets ? len - 2 : len), address + brackets);
	return colon != NULL ? colon + 1 : NULL;
}

static bool
parse_numeric(const char *host, struct sockname *ret_name)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&ret_name->storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ret_name->storage;

	*ret_name = (struct sockname){ 0 };
	if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
		ret_name->sa.sa_family = AF_INET;
		ret_name->len = sizeof(*in);
		return true;
	}
	if (inet_pton(AF_INET6, host, &in6->sin6_addr) != 1)
		return false;
	ret_name->sa.sa_family = AF_INET6;
	ret_name->len = sizeof(*in6);
	return true;
}

/* Writes the host of an address of the event, by its name if it has one. */
static const char *
host_of(const struct saying *s, const char *field, char *text)
{
	const char *address = value_of(s, field);
	struct reversed name;
	struct sockname numeric;

	if (address == NULL)
		return NULL;
	split_address(address, text, TEXT_MAX);
	if (!s->v->numeric && parse_numeric(text, &numeric) &&
	    resolve_reverse(s->report->loop, &numeric, false, deadline_in(NAME_PATIENCE), &name,
		NULL) == 0)
		snprintf(text, TEXT_MAX, "%s", name.host);
	return text;
}

static const char *
port_of(const struct saying *s, const char *field, char *text)
{
	const char *address = value_of(s, field);

	return address != NULL ? split_address(address, text, TEXT_MAX) : NULL;
}

static const char *
make_peer_host(const struct saying *s, char *text)
{
	return host_of(s, "peer", text);
}

static const char *
make_peer_port(const struct saying *s, char *text)
{
	return port_of(s, "peer", text);
}

static const char *
make_local_host(const struct saying *s, char *text)
{
	return host_of(s, "local", text);
}

static const char *
make_local_port(const struct saying *s, char *text)
{
	return port_of(s, "local", text);
}

/* An attempt is one to connect to the proxy. */
static bool
tries_proxy(const struct saying *s)
{
	return s->v->via_host != NULL && s->event == EVENT_ATTEMPT;
}

static const char *
make_host(const struct saying *s, char *text)
{
	(void)text;
	return tries_proxy(s) ? s->v->via_host : s->v->host;
}

static const char *
make_port(const struct saying *s, char *text)
{
	(void)text;
	return tries_proxy(s) ? s->v->via_port : s->v->port;
}

/* The numeric address that was tried, where it says more than the host. */
static const char *
make_tried(const struct saying *s, char *text)
{
	const char *address = value_of(s, "peer");

	if (address == NULL || s->v->numeric || s->v->via_host != NULL || s->v->host == NULL)
		return NULL;
	split_address(address, text, TEXT_MAX);
	return strcmp(text, s->v->host) != 0 ? text : NULL;
}

static const char *
make_service(const struct saying *s, char *text)
{
	const char *port = value_of(s, "port");
	const struct servent *found = NULL;
	uint16_t number;

	(void)text;
	if (!s->v->numeric && parse_port(port != NULL ? port : s->v->port, &number, NULL) == 0)
		/* cppcheck-suppress getservbyportCalled ; there are no threads that call it */
		found = getservbyport(htons(number), s->v->proto);
	return found != NULL ? found->s_name : "*";
}

static const char *
make_reason(const struct saying *s, char *text)
{
	(void)text;
	if (s->error == NULL)
		return NULL;
	if (s->error->origin == ORIGIN_ERRNO)
		return strerror(s->error->number);
	return s->error->origin == ORIGIN_GAI ? gai_strerror(s->error->number) : s->error->text;
}

static const char *
make_message(const struct saying *s, char *text)
{
	(void)text;
	return s->error != NULL ? s->error->text : NULL;
}

/* "CN=x, O=y" as "/CN=x/O=y". */
static const char *
format_path(const char *name, char *text)
{
	size_t n = 0;

	if (name == NULL)
		return NULL;
	text[n++] = '/';
	for (; *name != '\0' && n + 1 < TEXT_MAX; name++) {
		bool part = name[0] == ',' && name[1] == ' ';

		text[n++] = part ? '/' : *name;
		name += part;
	}
	text[n] = '\0';
	return text;
}

static const char *
make_subject_path(const struct saying *s, char *text)
{
	return format_path(value_of(s, "subject"), text);
}

static const char *
make_issuer_path(const struct saying *s, char *text)
{
	return format_path(value_of(s, "issuer"), text);
}

/* "2026-11-30T23:20:00Z" as ctime(3) has it. */
static const char *
format_ctime(const char *date, char *text)
{
	struct tm tm = { 0 };
	time_t when;

	if (date == NULL || strptime(date, "%Y-%m-%dT%H:%M:%SZ", &tm) == NULL)
		return NULL;
	when = timegm(&tm);
	if (localtime_r(&when, &tm) == NULL)
		return NULL;
	strftime(text, TEXT_MAX, "%a %b %e %H:%M:%S %Y", &tm);
	return text;
}

static const char *
make_from(const struct saying *s, char *text)
{
	return format_ctime(value_of(s, "not_before"), text);
}

static const char *
make_until(const struct saying *s, char *text)
{
	return format_ctime(value_of(s, "not_after"), text);
}

static const struct {
	const char *name;
	const char *(*make)(const struct saying *s, char *text);
	size_t offset; /* without make: of the text in struct foreign_voice */
} extras[] = {
	{ "peer_host", make_peer_host, 0 },
	{ "peer_port", make_peer_port, 0 },
	{ "local_host", make_local_host, 0 },
	{ "local_port", make_local_port, 0 },
	{ "host", make_host, 0 },
	{ "port", make_port, 0 },
	{ "tried", make_tried, 0 },
	{ "service", make_service, 0 },
	{ "reason", make_reason, 0 },
	{ "message", make_message, 0 },
	{ "subject_path", make_subject_path, 0 },
	{ "issuer_path", make_issuer_path, 0 },
	{ "from", make_from, 0 },
	{ "until", make_until, 0 },
	{ "proto", NULL, offsetof(struct foreign_voice, proto) },
	{ "idle", NULL, offsetof(struct foreign_voice, idle) },
	{ "via", NULL, offsetof(struct foreign_voice, via_host) },
	{ "via_port", NULL, offsetof(struct foreign_voice, via_port) },
	{ "source", NULL, offsetof(struct foreign_voice, source) },
};

static const char *
make_extra(const struct saying *s, size_t i, struct saying_texts *texts)
{
	if (extras[i].make != NULL)
		return extras[i].make(s, texts->texts[i]);
	return *(const char *const *)(const void *)((const char *)s->v + extras[i].offset);
}

/* True where the line has the field {name}. */
static bool
has_field(const char *line, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = strchr(line, '{'); p != NULL; p = strchr(p + 1, '{'))
		if (strncmp(p + 1, name, len) == 0 && strchr("}|:", p[1 + len]) != NULL)
			return true;
	return false;
}

/* Adds what the line has and the event has not. */
static void
add_extras(struct saying *s, const char *line, struct saying_texts *texts)
{
	for (size_t i = 0; i < ARRAY_LEN(extras); i++) {
		if (!has_field(line, extras[i].name) || value_of(s, extras[i].name) != NULL)
			continue;
		s->fields[s->n] = (struct field){ .name = extras[i].name,
			.kind = FIELD_TEXT,
			.text = make_extra(s, i, texts) };
		s->n++;
	}
	s->fields[s->n].kind = FIELD_END;
}

/* ---- the lines ---- */

/* A line may be several, for a part in [ ] that is more than one. */
static void
report_lines(const struct report *r, char *text)
{
	for (char *end; text != NULL && text[0] != '\0'; text = end) {
		end = strchr(text, '\n');
		if (end != NULL)
			*end++ = '\0';
		report_line(r, text);
	}
}

static void
say_no_memory(const struct report *r, const char *program)
{
	char text[48];

	snprintf(text, sizeof(text), "%s: out of memory", program);
	report_line(r, text);
}

static void
say_line(const struct saying *event, const struct foreign_text *row, const char *line)
{
	struct saying s = *event;
	const char *name = foreign_speaker(s.v->program);
	struct saying_texts texts;
	struct buf out;
	char *text;

	buf_init(&out, LINE_MAX_BYTES);
	add_extras(&s, line, &texts);
	if (row->named)
		(void)buf_printf(&out, NULL, "%s: ", name);
	event_format(&out, line, s.fields);
	text = buf_text(&out, NULL);
	if (text != NULL)
		report_lines(s.report, text);
	else
		say_no_memory(s.report, name);
	buf_fini(&out);
}

static bool
says(const struct saying *s, const struct foreign_text *row, enum event event, const char *verb)
{
	const struct foreign_voice *v = s->v;

	if (row->event != event || (row->when & v->mode) != row->when ||
	    (row->phase != 0 && (row->phase & v->phase) == 0))
		return false;
	if (event == EVENT_ERROR && !row->any_code && row->code != s->error->code)
		return false;
	return row->verb == NULL ||
	    (verb != NULL && strncmp(verb, row->verb, strlen(row->verb)) == 0);
}

/* Says the line of the first row that matches. Returns the row, or NULL. */
static const struct foreign_text *
say(const struct saying *s, enum event event, const char *verb)
{
	const struct foreign_text *row = s->v->program->texts;

	for (; row != NULL && row->event != EVENTS; row++) {
		if (!says(s, row, event, verb))
			continue;
		for (size_t i = 0; i < 2 && row->lines[i] != NULL; i++)
			if (s->v->verbose >= row->verbose)
				say_line(s, row, row->lines[i]);
		if (!row->more)
			return row;
	}
	return NULL;
}

/* What a row of texts may ask for. A port is filtered also where no packet got out. */
static const char *
verb_of(const struct saying *s)
{
	const char *verdict = value_of(s, "verdict"), *reason = value_of(s, "reason");

	if (s->event != EVENT_PORT)
		return value_of(s, "end");
	return strcmp(verdict, "filtered") == 0 && reason != NULL &&
		strcmp(reason, strerror(ETIMEDOUT)) != 0
	    ? "unreachable"
	    : verdict;
}

static void
on_event(const struct report *r, enum event event, const struct field *values)
{
	struct foreign_voice *v = r->opts->voice->arg;
	struct saying s = { .v = v, .report = r, .event = event };

	s.n = event_name_fields(event, values, s.fields);
	if (event == EVENT_LISTENING)
		v->phase = FOREIGN_WAITING;
	if (event == EVENT_CONNECTED || event == EVENT_ACCEPTED)
		v->phase = FOREIGN_RELAYING;
	(void)say(&s, event, verb_of(&s));
}

static void
on_error(const struct report *r, const struct error *e)
{
	struct foreign_voice *v = r->opts->voice->arg;
	struct saying s = { .v = v, .report = r, .event = EVENT_ERROR, .error = e };
	const struct foreign_text *row;

	v->failed = true;
	v->again = v->runs_again != NULL && v->runs_again(v, e);
	if (v->again)
		return;
	row = say(&s, EVENT_ERROR, e->text);
	if (row == NULL)
		return;
	v->status = row->status;
	v->last = row->last;
}

void
foreign_voice_init(struct foreign_voice *v)
{
	v->phase = FOREIGN_OPENING;
	v->status = 0;
	v->failed = v->last = v->again = false;
	v->report = (struct report_voice){ .name = foreign_speaker(v->program),
		.may_lose_reader = v->program->may_lose_reader,
		.event = on_event,
		.error = on_error,
		.arg = v };
}

#include "cli/output/resolve_report.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/record.h"
#include "net/sockopt/symbol.h"

#define OUT_MAX (16 << 20)

enum { SRV_WIDTH = -5, WORD_MAX_BYTES = 16 };

/* Returns the word for a number, or the number itself in text. */
static const char *
word_or_number(enum symbol_kind kind, int number, char text[WORD_MAX_BYTES])
{
	const char *word = symbol_word(kind, number);

	if (word != NULL)
		return word;
	snprintf(text, WORD_MAX_BYTES, "%d", number);
	return text;
}

void
resolve_report_init(struct resolve_report *r, struct output_queue *queue, bool json,
    const char *host, const char *service)
{
	*r = (struct resolve_report){ .queue = queue,
		.json = json,
		.host = host,
		.service = service };
	buf_init(&r->out, OUT_MAX);
}

void
resolve_report_fini(struct resolve_report *r)
{
	buf_fini(&r->out);
}

int
resolve_report_flush(struct resolve_report *r, struct error *e)
{
	return output_queue_flush(r->queue, &r->out, e);
}

/* True for an IPv4-mapped IPv6 address: the family was asked for and is kept. */
static bool
is_mapped(const struct sockname *name)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&name->storage;

	return name->sa.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
}

static const char *
host_text(const struct sockname *name, char text[SOCKNAME_TEXT_MAX])
{
	char host[INET_ADDRSTRLEN];

	if (is_mapped(name))
		snprintf(text, SOCKNAME_TEXT_MAX, "::ffff:%s",
		    sockname_host(name, host, sizeof(host)));
	else
		sockname_host(name, text, SOCKNAME_TEXT_MAX);
	return text;
}

/* Formats the address, with the port where one was asked for. */
static const char *
address_text(const struct resolve_report *r, const struct sockname *name,
    char text[SOCKNAME_TEXT_MAX])
{
	char host[SOCKNAME_TEXT_MAX];

	if (r->service[0] == '\0')
		return host_text(name, text);
	if (is_mapped(name))
		snprintf(text, SOCKNAME_TEXT_MAX, "[%.100s]:%u", host_text(name, host),
		    (unsigned)sockname_port(name));
	else
		sockname_format(name, text, SOCKNAME_TEXT_MAX);
	return text;
}

static void
widen(int *width, const char *text)
{
	int needed = -(int)strlen(text);

	if (needed < *width)
		*width = needed;
}

void
resolve_report_measure(struct resolve_report *r, const struct resolved *list, size_t n)
{
	char text[SOCKNAME_TEXT_MAX];

	for (size_t i = 0; i < n; i++) {
		widen(&r->name_width, list[i].canonname);
		widen(&r->addr_width, address_text(r, &list[i].name, text));
	}
}

/* ---- answers ---- */

static const char *
text_or_none(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static int
answer_json(struct resolve_report *r, const struct field tuple[5], const struct sockname *name,
    const struct field verdict[3], struct error *e)
{
	char host[SOCKNAME_TEXT_MAX];
	struct field fields[13] = {
		{ .name = "host", .kind = FIELD_TEXT, .text = r->host },
		{ .name = "service", .kind = FIELD_TEXT, .text = text_or_none(r->service) },
	};
	size_t n = 2;

	memcpy(fields + n, tuple, 5 * sizeof(*tuple));
	n += 5;
	fields[n++] =
	    (struct field){ .name = "address", .kind = FIELD_TEXT, .text = host_text(name, host) };
	if (r->service[0] != '\0')
		fields[n++] = (struct field){ .name = "port",
			.kind = FIELD_INT,
			.number = sockname_port(name) };
	if (verdict != NULL)
		memcpy(fields + n, verdict, 3 * sizeof(*verdict));
	return record_json(&r->out, fields, e);
}

static int
answer_text(struct resolve_report *r, const struct field tuple[5], const struct field verdict[3],
    double msec, struct error *e)
{
	struct field fields[9] = { { .kind = FIELD_END } };
	char text[32];

	memcpy(fields, tuple, 5 * sizeof(*tuple));
	if (verdict != NULL) {
		memcpy(fields + 5, verdict, 3 * sizeof(*verdict));
		snprintf(text, sizeof(text), "%.3f", msec);
		fields[6] = (struct field){ .kind = FIELD_TEXT, .text = text, .width = 9 };
		if (verdict[2].text == NULL)
			fields[7].kind = FIELD_END;
	}
	return record_text(&r->out, fields, e);
}

int
resolve_report_answer(struct resolve_report *r, const struct resolved *a,
    const struct portscan_result *v, struct error *e)
{
	char family[WORD_MAX_BYTES], type[WORD_MAX_BYTES], proto[WORD_MAX_BYTES];
	char sockaddr[SOCKNAME_TEXT_MAX];
	const struct field tuple[5] = {
		{ .name = "family", .kind = FIELD_TEXT, .width = -5 },
		{ .name = "type", .kind = FIELD_TEXT, .width = -6 },
		{ .name = "proto", .kind = FIELD_TEXT, .width = -3 },
		{ .name = "canonname", .kind = FIELD_TEXT, .width = r->name_width },
		{ .name = "sockaddr", .kind = FIELD_TEXT, .width = r->addr_width },
	};
	struct field fields[5], verdict[3];

	memcpy(fields, tuple, sizeof(fields));
	fields[0].text = word_or_number(SYMBOL_FAMILY, a->family, family);
	fields[1].text = word_or_number(SYMBOL_TYPE, a->type, type);
	fields[2].text = word_or_number(SYMBOL_PROTO, a->proto, proto);
	fields[3].text = text_or_none(a->canonname);
	fields[4].text = address_text(r, &a->name, sockaddr);
	if (v != NULL) {
		double msec = (double)v->nsec / (double)NSEC_PER_MSEC;

		verdict[0] = (struct field){ .name = "verdict",
			.kind = FIELD_TEXT,
			.width = -8,
			.text = port_verdict_word(v->verdict) };
		verdict[1] =
		    (struct field){ .name = "milliseconds", .kind = FIELD_REAL, .real = msec };
		verdict[2] = (struct field){ .name = "reason",
			.kind = FIELD_TEXT,
			.text = v->errnum != 0 ? strerror(v->errnum) : NULL };
		if (!r->json)
			return answer_text(r, fields, verdict, msec, e);
	}
	if (!r->json)
		return answer_text(r, fields, NULL, 0, e);
	return answer_json(r, fields, &a->name, v != NULL ? verdict : NULL, e);
}

/* ---- reverse look-ups and SRV ---- */

int
resolve_report_reverse(struct resolve_report *r, const struct sockname *name,
    const struct reversed *answer, struct error *e)
{
	bool service = r->service[0] != '\0';
	char host[SOCKNAME_TEXT_MAX];
	const struct field text[] = {
		{ .name = "name", .kind = FIELD_TEXT, .text = answer->host },
		{ .name = "service",
		    .kind = service ? FIELD_TEXT : FIELD_END,
		    .text = answer->service },
		{ .kind = FIELD_END },
	};
	const struct field json[] = {
		{ .name = "host", .kind = FIELD_TEXT, .text = r->host },
		{ .name = "address", .kind = FIELD_TEXT, .text = host_text(name, host) },
		text[0],
		text[1],
		{ .name = "port", .kind = FIELD_INT, .number = sockname_port(name) },
		{ .kind = FIELD_END },
	};

	return r->json ? record_json(&r->out, json, e) : record_text(&r->out, text, e);
}

int
resolve_report_srv(struct resolve_report *r, const struct dns_srv *srv, struct error *e)
{
	const struct field fields[] = {
		{ .name = "name", .kind = FIELD_TEXT, .text = r->host },
		{ .name = "priority",
		    .kind = FIELD_INT,
		    .width = SRV_WIDTH,
		    .number = srv->priority },
		{ .name = "weight", .kind = FIELD_INT, .width = SRV_WIDTH, .number = srv->weight },
		{ .name = "port", .kind = FIELD_INT, .width = SRV_WIDTH, .number = srv->port },
		{ .name = "target", .kind = FIELD_TEXT, .text = srv->target },
		{ .kind = FIELD_END },
	};

	/* without the name, which is the same in all rows */
	return r->json ? record_json(&r->out, fields, e) : record_text(&r->out, fields + 1, e);
}

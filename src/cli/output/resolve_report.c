#include "cli/output/resolve_report.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "base/record.h"
#include "cli/output/table/units.h"
#include "net/sockopt/symbol.h"

#define OUT_MAX (16 << 20)

enum { WORD_MAX_BYTES = 16, NAME_COLUMN = 3, ADDRESS_COLUMN = 4 };

static const struct text_table_column columns[] = {
	{ .title = "FAMILY", .least = 5 },
	{ .title = "TYPE", .least = 6 },
	{ .title = "PROTO", .least = 3 },
	{ .title = "CANONNAME", .rank = 2 },
	{ .title = "SOCKADDR" },
	{ .title = "VERDICT", .least = 8 },
	{ .title = "TIME", .right = true, .least = 9, .rank = 1 },
	{ .title = "REASON" },
};

enum { TUPLE_COLUMNS = 5 };

static const struct text_table_column srv_columns[] = {
	{ .title = "PRIORITY", .right = true },
	{ .title = "WEIGHT", .right = true },
	{ .title = "PORT", .right = true },
	{ .title = "TARGET" },
};

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
resolve_report_init(struct resolve_report *r, struct output_queue *queue,
    const struct resolve_report_how *how, const char *host, const char *service)
{
	*r = (struct resolve_report){ .queue = queue,
		.table.how = how->table,
		.json = how->json,
		.host = host,
		.service = service };
	buf_init(&r->out, OUT_MAX);
}

void
resolve_report_fini(struct resolve_report *r)
{
	buf_fini(&r->out);
	text_table_fini(&r->table);
}

int
resolve_report_flush(struct resolve_report *r, struct error *e)
{
	if (r->table.columns != NULL && text_table_print(&r->table, &r->out, e) == -1)
		return -1;
	return output_queue_flush(r->queue, &r->out, e);
}

int
resolve_report_finish(struct resolve_report *r, struct error *e)
{
	if (resolve_report_flush(r, e) == -1)
		return -1;
	if (r->table.columns != NULL &&
	    text_table_note(&r->table, "--json has them", &r->out, e) == -1)
		return -1;
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

void
resolve_report_measure(struct resolve_report *r, const struct resolved *list, size_t n, bool probed)
{
	char text[SOCKNAME_TEXT_MAX];

	text_table_init(&r->table, columns, probed ? ARRAY_LEN(columns) : TUPLE_COLUMNS,
	    &r->table.how);
	for (size_t i = 0; i < n; i++) {
		text_table_widen(&r->table, NAME_COLUMN, list[i].canonname);
		text_table_widen(&r->table, ADDRESS_COLUMN, address_text(r, &list[i].name, text));
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
answer_text(struct resolve_report *r, const struct field tuple[5], const struct portscan_result *v,
    struct error *e)
{
	struct text_table *t = &r->table;
	char time[UNITS_TEXT_MAX];
	const char *verdict;

	for (size_t i = 0; i < TUPLE_COLUMNS; i++)
		if (text_table_add(t, STYLE_PLAIN, tuple[i].text != NULL ? tuple[i].text : "", e) ==
		    -1)
			return -1;
	if (v == NULL)
		return 0;
	verdict = port_verdict_word(v->verdict);
	if (text_table_add(t, style_of_word(verdict), verdict, e) == -1 ||
	    text_table_add(t, STYLE_DIM, units_time(v->nsec, time), e) == -1)
		return -1;
	return text_table_add(t, STYLE_PLAIN, v->errnum != 0 ? strerror(v->errnum) : " ", e);
}

int
resolve_report_answer(struct resolve_report *r, const struct resolved *a,
    const struct portscan_result *v, struct error *e)
{
	char family[WORD_MAX_BYTES], type[WORD_MAX_BYTES], proto[WORD_MAX_BYTES];
	char sockaddr[SOCKNAME_TEXT_MAX];
	const struct field tuple[TUPLE_COLUMNS] = {
		{ "family", FIELD_TEXT, .text = word_or_number(SYMBOL_FAMILY, a->family, family) },
		{ "type", FIELD_TEXT, .text = word_or_number(SYMBOL_TYPE, a->type, type) },
		{ "proto", FIELD_TEXT, .text = word_or_number(SYMBOL_PROTO, a->proto, proto) },
		{ "canonname", FIELD_TEXT, .text = text_or_none(a->canonname) },
		{ "sockaddr", FIELD_TEXT, .text = address_text(r, &a->name, sockaddr) },
	};
	struct field verdict[3];

	if (!r->json)
		return answer_text(r, tuple, v, e);
	if (v == NULL)
		return answer_json(r, tuple, &a->name, NULL, e);
	verdict[0] = (struct field){ "verdict", FIELD_TEXT, .text = port_verdict_word(v->verdict) };
	verdict[1] = (struct field){ "milliseconds", FIELD_REAL,
		.real = (double)v->nsec / (double)NSEC_PER_MSEC };
	verdict[2] = (struct field){ "reason", FIELD_TEXT,
		.text = v->errnum != 0 ? strerror(v->errnum) : NULL };
	return answer_json(r, tuple, &a->name, verdict, e);
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

static int
srv_text(struct resolve_report *r, const struct dns_srv *srv, struct error *e)
{
	struct text_table *t = &r->table;

	if (t->columns == NULL)
		text_table_init(t, srv_columns, ARRAY_LEN(srv_columns), &t->how);
	if (text_table_add_number(t, STYLE_PLAIN, srv->priority, e) == -1 ||
	    text_table_add_number(t, STYLE_PLAIN, srv->weight, e) == -1 ||
	    text_table_add_number(t, STYLE_PLAIN, srv->port, e) == -1)
		return -1;
	return text_table_add(t, STYLE_PLAIN, srv->target, e);
}

int
resolve_report_srv(struct resolve_report *r, const struct dns_srv *srv, struct error *e)
{
	const struct field fields[] = {
		{ "name", FIELD_TEXT, .text = r->host },
		{ "priority", FIELD_INT, .number = srv->priority },
		{ "weight", FIELD_INT, .number = srv->weight },
		{ "port", FIELD_INT, .number = srv->port },
		{ "target", FIELD_TEXT, .text = srv->target },
		{ .kind = FIELD_END },
	};

	/* without the name, which is the same in all rows */
	return r->json ? record_json(&r->out, fields, e) : srv_text(r, srv, e);
}

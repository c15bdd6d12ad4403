#include "cli/status/status_print.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/record.h"
#include "cli/output/output_queue.h"
#include "cli/output/table/units.h"
#include "cli/status/status_info.h"
#include "net/sockopt/symbol.h"
#include "status/tcp_info.h"

enum {
	FLUSH_AT = 1 << 16,
	OUT_MAX = 1 << 24, /* one row with thousands of processes */
	ROW_MAX = 1024     /* the fields of bounded length */
};

void
status_print_init(struct status_print *p)
{
	*p = (struct status_print){ .json = false };
	buf_init(&p->out, OUT_MAX);
}

void
status_print_fini(struct status_print *p)
{
	buf_fini(&p->out);
	text_table_fini(&p->table);
}

int
status_print_finish(struct status_print *p, struct error *e)
{
	if (p->table.cells.len == 0)
		return 0;
	if (text_table_print(&p->table, &p->out, e) == -1)
		return -1;
	return text_table_note(&p->table, "--json has them", &p->out, e);
}

int
status_print_flush(struct status_print *p, bool all, struct error *e)
{
	int rc;

	if (all && status_print_finish(p, e) == -1)
		return -1;
	if (p->out.len == 0 || (!all && p->out.len < FLUSH_AT))
		return 0;
	rc = output_queue_write(STDOUT_FILENO, "standard output", buf_head(&p->out), p->out.len,
	    deadline_never(), e);
	buf_consume(&p->out, p->out.len);
	return rc;
}

/* ---- numbers and addresses: thousands of rows, so without printf ---- */

static char *
put_decimal(char *at, uint64_t number)
{
	char digits[20];
	size_t n = sizeof(digits);

	do {
		digits[--n] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	memcpy(at, digits + n, sizeof(digits) - n);
	return at + (sizeof(digits) - n);
}

static char *
put_text(char *at, const char *text)
{
	while (*text != '\0')
		*at++ = *text++;
	return at;
}

static char *
put_ipv4(char *at, const struct sockname *name)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&name->storage;
	const unsigned char *byte = (const unsigned char *)&in->sin_addr;

	for (int i = 0; i < 4; i++) {
		at = put_decimal(at, byte[i]);
		*at++ = i < 3 ? '.' : ':';
	}
	return put_decimal(at, ntohs(in->sin_port));
}

static size_t
put_name(char *text, const struct sockname *name)
{
	if (name->sa.sa_family == AF_INET)
		return (size_t)(put_ipv4(text, name) - text);
	return strlen(sockname_format(name, text, SOCKNAME_TEXT_MAX));
}

/* False where there is no peer, or none that can be named. */
static bool
has_peer(const struct status_row *row)
{
	if (row->proto == STATUS_UNIX)
		return row->peer_inode != 0;
	return sockname_port(&row->peer) != 0;
}

/* "#7012": what the peers of a unix socket are called. */
static char *
put_inode(char *at, uint64_t inode)
{
	*at++ = '#';
	return put_decimal(at, inode);
}

/* A unix socket with a peer has its own number, too, so that the two can be found. */
size_t
status_print_local(const struct status_row *row, char text[STATUS_NAME_MAX])
{
	const size_t n = put_name(text, &row->local);
	const bool unnamed = n == strlen("unix:");

	if (row->proto != STATUS_UNIX || (!unnamed && !has_peer(row)))
		return n;
	if (unnamed)
		return (size_t)(put_inode(text, row->inode) - text);
	text[n] = ' ';
	return (size_t)(put_inode(text + n + 1, row->inode) - text);
}

size_t
status_print_peer(const struct status_row *row, char text[STATUS_NAME_MAX])
{
	if (!has_peer(row)) {
		text[0] = '*';
		return 1;
	}
	if (row->proto != STATUS_UNIX)
		return put_name(text, &row->peer);
	return (size_t)(put_inode(text, row->peer_inode) - text);
}

/* "59.8" */
static char *
put_seconds(char *at, int64_t ns)
{
	uint64_t tenths = (uint64_t)ns / (NSEC_PER_SEC / 10);

	at = put_decimal(at, tenths / 10);
	*at++ = '.';
	*at++ = (char)('0' + tenths % 10);
	return at;
}

static const struct status_owner *
owners_of(const struct status_print *p, const struct status_row *row, size_t *ret_n)
{
	*ret_n = 0;
	return p->owners == NULL || row->inode == 0
	    ? NULL
	    : status_owners_find(p->owners, row->inode, ret_n);
}

/* ---- columns ---- */

void
status_print_begin(struct status_print *p, const struct text_table_how *how)
{
	static const struct text_table_column columns[] = {
		{ .title = "PROTO", .rank = 5 },
		{ .title = "CODE", .right = true, .rank = 1 },
		{ .title = "STATE" },
		{ .title = "RECV-Q", .right = true, .rank = 3 },
		{ .title = "SEND-Q", .right = true, .rank = 2 },
		{ .title = "LOCAL" },
		{ .title = "PEER" },
		{ .title = "UID", .right = true, .rank = 6 },
		{ .title = "TIMER", .rank = 4 },
		/* it was asked for */
		{ .title = "PROCESS" },
	};

	text_table_init(&p->table, columns, ARRAY_LEN(columns) - (p->owners == NULL), how);
}

/* A socket without an inode is the kernel's alone, as one in TIME_WAIT: its user is not known. */
static bool
has_uid(const struct status_row *row)
{
	return row->proto == STATUS_UNIX || row->inode != 0;
}

static int
add_name_cell(struct status_print *p, const struct status_row *row,
    size_t (*print)(const struct status_row *row, char text[STATUS_NAME_MAX]), struct error *e)
{
	char text[STATUS_NAME_MAX];

	text[print(row, text)] = '\0';
	return text_table_add(&p->table, STYLE_PLAIN, text, e);
}

static int
add_timer_cell(struct status_print *p, const struct status_row *row, struct error *e)
{
	char text[UNITS_TEXT_MAX + 32], time[UNITS_TEXT_MAX];

	if (row->timer == 0)
		return text_table_add(&p->table, STYLE_PLAIN, "", e);
	snprintf(text, sizeof(text), "%s %s", status_timer_name(row->timer),
	    units_time(row->timer_left, time));
	return text_table_add(&p->table, STYLE_PLAIN, text, e);
}

/* "nginx/712,nginx/713" */
static int
add_processes(struct status_print *p, const struct status_row *row, struct error *e)
{
	struct buf text;
	const char *cell;
	size_t n;
	const struct status_owner *o = owners_of(p, row, &n);
	int rc = 0;

	buf_init(&text, OUT_MAX);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = buf_printf(&text, e, "%s%s/%ld", i > 0 ? "," : "", o[i].command,
		    (long)o[i].pid);
	cell = rc == 0 ? buf_text(&text, e) : NULL;
	rc = cell != NULL ? text_table_add(&p->table, STYLE_PLAIN, cell, e) : -1;
	buf_fini(&text);
	return rc;
}

/* A queue that is not empty may be why something stands still. */
static int
add_queue(struct status_print *p, uint64_t bytes, bool queue, struct error *e)
{
	return text_table_add_number(&p->table, queue && bytes > 0 ? STYLE_TITLE : STYLE_PLAIN,
	    bytes, e);
}

static int
add_uid(struct status_print *p, const struct status_row *row, struct error *e)
{
	return has_uid(row) ? text_table_add_number(&p->table, STYLE_DIM, row->uid, e)
			    : text_table_add(&p->table, STYLE_DIM, "", e);
}

static int
append_columns(struct status_print *p, const struct status_row *row, struct error *e)
{
	struct text_table *t = &p->table;
	const char *state = status_state_name(row);
	bool listens = row->code == TCP_CODE_LISTEN;

	if (text_table_add(t, STYLE_DIM, status_proto_name(row->proto), e) == -1 ||
	    text_table_add_number(t, STYLE_PLAIN, (uint64_t)row->code, e) == -1 ||
	    text_table_add(t, style_of_word(state), state, e) == -1 ||
	    add_queue(p, row->rqueue, !listens, e) == -1 ||
	    add_queue(p, row->wqueue, !listens, e) == -1 ||
	    add_name_cell(p, row, status_print_local, e) == -1 ||
	    add_name_cell(p, row, status_print_peer, e) == -1 || add_uid(p, row, e) == -1 ||
	    add_timer_cell(p, row, e) == -1 ||
	    (p->owners != NULL && add_processes(p, row, e) == -1))
		return -1;
	return p->info ? status_info_add(t, row, e) : 0;
}

/* ---- JSON ---- */

static char *
put_member(char *at, const char *name, uint64_t number)
{
	*at++ = ',';
	*at++ = '"';
	at = put_text(at, name);
	*at++ = '"';
	*at++ = ':';
	return put_decimal(at, number);
}

static char *
put_string_member(char *at, const char *name, const char *text)
{
	*at++ = ',';
	*at++ = '"';
	at = put_text(at, name);
	at = put_text(at, "\":\"");
	at = put_text(at, text);
	*at++ = '"';
	return at;
}

static int
append_name_member(struct status_print *p, const char *member, const struct sockname *name,
    struct error *e)
{
	char text[SOCKNAME_TEXT_MAX];
	size_t n = put_name(text, name);

	if (buf_printf(&p->out, e, ",\"%s\":", member) == -1)
		return -1;
	return record_json_string(&p->out, text, n, e);
}

static const char *
family_word(const struct status_row *row)
{
	if (row->proto == STATUS_UNIX)
		return "unix";
	return row->local.sa.sa_family == AF_INET6 ? "ipv6" : "ipv4";
}

static const char *
type_word(int type)
{
	const char *word = symbol_word(SYMBOL_TYPE, type);

	return word != NULL ? word : "unknown";
}

static char *
put_unix_members(char *at, const struct status_row *row)
{
	at = put_string_member(at, "type", type_word(row->type));
	return row->peer_inode != 0 ? put_member(at, "peer_inode", row->peer_inode) : at;
}

static char *
put_timer_members(char *at, const struct status_row *row)
{
	at = put_string_member(at, "timer", status_timer_name(row->timer));
	at = put_seconds(put_text(at, ",\"timer_left\":"), row->timer_left);
	if (row->code == TCP_CODE_TIME_WAIT)
		at = put_seconds(put_text(at, ",\"time_wait_left\":"), row->timer_left);
	return at;
}

static char *
put_members(char *at, const struct status_row *row)
{
	at = put_member(at, "recv_q", row->rqueue);
	at = put_member(at, "send_q", row->wqueue);
	if (has_uid(row))
		at = put_member(at, "uid", row->uid);
	if (row->inode != 0)
		at = put_member(at, "inode", row->inode);
	if (row->interface != 0)
		at = put_member(at, "interface", row->interface);
	if (row->timer != 0)
		at = put_timer_members(at, row);
	return row->proto == STATUS_UNIX ? put_unix_members(at, row) : at;
}

static int
append_json_processes(struct status_print *p, const struct status_row *row, struct error *e)
{
	size_t n;
	const struct status_owner *o = owners_of(p, row, &n);

	if (buf_printf(&p->out, e, ",\"processes\":[") == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (buf_printf(&p->out, e, "%s{\"pid\":%ld,\"command\":", i > 0 ? "," : "",
			(long)o[i].pid) == -1 ||
		    record_json_string(&p->out, o[i].command, strlen(o[i].command), e) == -1 ||
		    buf_append(&p->out, "}", 1, e) == -1)
			return -1;
	return buf_append(&p->out, "]", 1, e);
}

static int
append_json_metrics(struct status_print *p, const struct status_row *row, struct error *e)
{
	struct status_metric metrics[STATUS_METRICS];
	size_t n = status_metrics(row, metrics);

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (buf_printf(&p->out, e, "%s\"%s\":%" PRIu64, i > 0 ? "," : ",\"info\":{",
			metrics[i].name, metrics[i].value) == -1)
			return -1;
	return buf_append(&p->out, "}", 1, e);
}

/* {"proto":"tcp","family":"ipv4","code":4,"state":"ESTABLISHED" */
static int
append_kind(struct status_print *p, const struct status_row *row, struct error *e)
{
	char *start = buf_reserve(&p->out, ROW_MAX, e), *at = start;

	if (start == NULL)
		return -1;
	at = put_text(at, "{\"proto\":\"");
	at = put_text(at, status_proto_name(row->proto));
	*at++ = '"';
	at = put_string_member(at, "family", family_word(row));
	at = put_member(at, "code", (uint64_t)row->code);
	at = put_string_member(at, "state", status_state_name(row));
	buf_added(&p->out, (size_t)(at - start));
	return 0;
}

static int
append_json_row(struct status_print *p, const struct status_row *row, struct error *e)
{
	char *start, *at;

	if (append_kind(p, row, e) == -1 || append_name_member(p, "local", &row->local, e) == -1)
		return -1;
	if (row->proto != STATUS_UNIX && has_peer(row) &&
	    append_name_member(p, "peer", &row->peer, e) == -1)
		return -1;
	start = buf_reserve(&p->out, ROW_MAX, e);
	if (start == NULL)
		return -1;
	at = put_members(start, row);
	buf_added(&p->out, (size_t)(at - start));
	if (p->owners != NULL && append_json_processes(p, row, e) == -1)
		return -1;
	if (p->info && append_json_metrics(p, row, e) == -1)
		return -1;
	return buf_append(&p->out, "}\n", 2, e);
}

int
status_print_row(struct status_print *p, const struct status_row *row, struct error *e)
{
	if (p->code)
		return buf_printf(&p->out, e, "%d\n", row->code);
	return p->json ? append_json_row(p, row, e) : append_columns(p, row, e);
}

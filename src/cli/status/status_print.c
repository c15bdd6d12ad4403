#include "cli/status/status_print.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/error.h"
#include "base/record.h"
#include "cli/output/output_queue.h"
#include "net/sockopt/symbol.h"
#include "status/tcp_info.h"

enum {
	FLUSH_AT = 1 << 16,
	OUT_MAX = 1 << 24, /* one row with thousands of processes */
	ROW_MAX = 1024,    /* the fields of bounded length */
	LOCAL_WIDTH = 24
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
}

int
status_print_flush(struct status_print *p, bool all, struct error *e)
{
	int rc;

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
put_padding(char *at, const char *from, size_t width)
{
	while ((size_t)(at - from) < width)
		*at++ = ' ';
	*at++ = ' ';
	return at;
}

static char *
put_decimal_right(char *at, uint64_t number, size_t width)
{
	char digits[20];
	size_t n = (size_t)(put_decimal(digits, number) - digits);

	for (; width > n; width--)
		*at++ = ' ';
	memcpy(at, digits, n);
	at[n] = ' ';
	return at + n + 1;
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

size_t
status_print_local(const struct status_row *row, char text[SOCKNAME_TEXT_MAX])
{
	return put_name(text, &row->local);
}

/* False where there is no peer, or none that can be named. */
static bool
has_peer(const struct status_row *row)
{
	if (row->proto == STATUS_UNIX)
		return row->peer_inode != 0;
	return sockname_port(&row->peer) != 0;
}

size_t
status_print_peer(const struct status_row *row, char text[SOCKNAME_TEXT_MAX])
{
	if (!has_peer(row)) {
		text[0] = '*';
		return 1;
	}
	if (row->proto != STATUS_UNIX)
		return put_name(text, &row->peer);
	text[0] = '#';
	return (size_t)(put_decimal(text + 1, row->peer_inode) - text);
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

int
status_print_header(struct status_print *p, struct error *e)
{
	return buf_printf(&p->out, e, "%-5s %4s %-11s %7s %7s %-*s %-*s %5s %s%s\n", "PROTO",
	    "CODE", "STATE", "RECV-Q", "SEND-Q", LOCAL_WIDTH, "LOCAL", LOCAL_WIDTH, "PEER", "UID",
	    "TIMER", p->owners != NULL ? "           PROCESS" : "");
}

static char *
put_end_column(char *at, const struct status_row *row,
    size_t (*print)(const struct status_row *row, char text[SOCKNAME_TEXT_MAX]))
{
	return put_padding(at + print(row, at), at, LOCAL_WIDTH);
}

static char *
put_timer_column(char *at, const struct status_row *row)
{
	if (row->timer == 0) {
		*at = '-';
		return at + 1;
	}
	at = put_text(at, status_timer_name(row->timer));
	*at++ = ' ';
	at = put_seconds(at, row->timer_left);
	*at++ = 's';
	return at;
}

static char *
put_columns(char *at, const struct status_row *row)
{
	at = put_padding(put_text(at, status_proto_name(row->proto)), at, 5);
	at = put_decimal_right(at, (uint64_t)row->code, 4);
	at = put_padding(put_text(at, status_state_name(row)), at, 11);
	at = put_decimal_right(at, row->rqueue, 7);
	at = put_decimal_right(at, row->wqueue, 7);
	at = put_end_column(at, row, status_print_local);
	at = put_end_column(at, row, status_print_peer);
	return put_decimal_right(at, row->uid, 5);
}

/* "nginx/712,nginx/713" */
static int
append_processes(struct status_print *p, const struct status_row *row, struct error *e)
{
	size_t n;
	const struct status_owner *o = owners_of(p, row, &n);

	for (size_t i = 0; i < n; i++)
		if (buf_printf(&p->out, e, "%s", i > 0 ? "," : " ") == -1 ||
		    record_escape(&p->out, o[i].command, strlen(o[i].command), e) == -1 ||
		    buf_printf(&p->out, e, "/%ld", (long)o[i].pid) == -1)
			return -1;
	return n == 0 ? buf_append(&p->out, " -", 2, e) : 0;
}

static int
append_metrics(struct status_print *p, const struct status_row *row, struct error *e)
{
	struct status_metric metrics[STATUS_METRICS];
	size_t n = status_metrics(row, metrics);

	if (n == 0)
		return 0;
	if (buf_append(&p->out, "     ", 5, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (buf_printf(&p->out, e, " %s=%" PRIu64, metrics[i].name, metrics[i].value) == -1)
			return -1;
	return buf_append(&p->out, "\n", 1, e);
}

static int
append_columns(struct status_print *p, const struct status_row *row, struct error *e)
{
	char *start = buf_reserve(&p->out, ROW_MAX, e), *timer, *at;

	if (start == NULL)
		return -1;
	timer = put_columns(start, row);
	at = put_timer_column(timer, row);
	if (p->owners != NULL)
		at = put_padding(at, timer, 15);
	else
		*at++ = '\n';
	buf_added(&p->out, (size_t)(at - start));
	if (p->owners != NULL &&
	    (append_processes(p, row, e) == -1 || buf_append(&p->out, "\n", 1, e) == -1))
		return -1;
	return p->info ? append_metrics(p, row, e) : 0;
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
append_json(struct status_print *p, const struct status_row *row, struct error *e)
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
	return p->json ? append_json(p, row, e) : append_columns(p, row, e);
}

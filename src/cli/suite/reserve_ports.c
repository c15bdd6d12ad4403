#include "cli/suite/reserve_ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/parse.h"
#include "cli/options/address_args.h"
#include "cli/output/table/text_table.h"
#include "cli/output/table/units.h"
#include "net/reserve.h"
#include "net/resolve/resolve.h"
#include "net/sys.h"

enum { PORTS_MAX = 1000, ADDRESSES_MAX = 2, LINES_MAX = 1 << 16 };
enum { HOSTS_TEXT_MAX = ADDRESSES_MAX * (SOCKNAME_TEXT_MAX + 2) };

struct addresses {
	struct sockname names[ADDRESSES_MAX];
	size_t n;
};

static int
parse_port_count(const char *text, int64_t *ret_n, struct error *e)
{
	*ret_n = 1;
	if (text[0] == '\0' || parse_int(text, 1, PORTS_MAX, ret_n, e) == 0)
		return 0;
	return error_prefix(e, "--reserve");
}

static int
parse_reserve_host(const struct opt_rest *rest, struct endpoint *ep, struct error *e)
{
	static char any[] = "*:0", *words[] = { any };
	const struct opt_rest none = { .operands = words, .n_operands = 1 };

	if (rest->program != NULL)
		return error_set(e, ERROR_USAGE, "--reserve: a program after -- is given too");
	if (address_args_endpoint(rest->n_operands > 0 ? rest : &none, true, ep, e) < 0)
		return -1;
	if (ep->kind != ENDPOINT_INET)
		return error_set(e, ERROR_USAGE, "--reserve: only for IP addresses");
	if (ep->transport != TRANSPORT_NONE && ep->transport != TRANSPORT_TCP)
		return error_set(e, ERROR_USAGE, "--reserve: only for TCP");
	if (ep->port[0] != '\0' && strcmp(ep->port, "0") != 0)
		return error_set(e, ERROR_USAGE, "--reserve: it chooses the port, but %s is given",
		    ep->port);
	return 0;
}

/* A host that lacks IPv6 has one loopback address. */
static bool
is_bindable(const struct sockname *name)
{
	int fd = sys_socket(name->sa.sa_family, SOCK_STREAM, 0, NULL);
	bool works = fd != -1 && sys_bind(fd, name, NULL) == 0;

	sys_close(fd);
	return works;
}

/* For a host its first address; without one the loopback addresses. */
static int
find_addresses(struct reserve_ports *rp, const struct endpoint *ep, struct addresses *a,
    struct error *e)
{
	bool any = ep->host[0] == '\0';
	const struct resolve_how how = { .family = rp->family, .type = SOCK_STREAM };
	struct resolved *list;
	size_t n;

	if (resolve(rp->rt.loop, ep->host, "", &how, rp->until, &list, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n && a->n < (any ? ADDRESSES_MAX : 1); i++)
		if (!any || n == 1 || is_bindable(&list[i].name))
			a->names[a->n++] = list[i].name;
	free(list);
	return a->n > 0 ? 0 : error_set(e, ERROR_NETWORK, "reserve: no loopback address");
}

/* A terminal is told what the ports are; who runs this in a script wants the ports alone. */
static const struct text_table_column columns[] = {
	{ .title = "PORT", .least = 5 },
	{ .title = "ADDRESS" },
	{ .title = "KEPT FOR", .rank = 1 },
};

static void
begin_table(const struct reserve_ports *rp, const char *hosts, struct text_table *t)
{
	const size_t width = text_table_width_of(STDOUT_FILENO);
	const struct text_table_how how = { .width = width,
		.color = report_colors_results(&rp->rt.report),
		.titles = width > 0 };

	text_table_init(t, columns, width > 0 ? ARRAY_LEN(columns) : 1, &how);
	if (width > 0)
		text_table_widen(t, 1, hosts);
}

/* "127.0.0.1, ::1". Returns text. */
static const char *
join_hosts(const struct addresses *a, char text[HOSTS_TEXT_MAX])
{
	char host[SOCKNAME_TEXT_MAX];
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += (size_t)snprintf(text + n, HOSTS_TEXT_MAX - n, "%s%s", i > 0 ? ", " : "",
		    sockname_host(&a->names[i], host, sizeof(host)));
	return text;
}

static int
add_reserved_port(struct text_table *t, uint16_t port, const char *hosts, struct error *e)
{
	char text[UNITS_TEXT_MAX];

	if (text_table_add_number(t, STYLE_PLAIN, port, e) < 0)
		return -1;
	if (t->n_columns == 1)
		return 0;
	if (text_table_add(t, STYLE_PLAIN, hosts, e) < 0)
		return -1;
	return text_table_add(t, STYLE_DIM, units_time(RESERVE_SECONDS * NSEC_PER_SEC, text), e);
}

/* Prints the port at once: the next one may take a while. */
static int
print_port(struct reserve_ports *rp, const struct addresses *a, uint16_t port, struct text_table *t,
    struct output_queue *out, struct error *e)
{
	struct sockname reserved = a->names[0];
	char text[SOCKNAME_TEXT_MAX], hosts[HOSTS_TEXT_MAX];
	struct buf line;
	int rc;

	sockname_set_port(&reserved, port);
	sockname_format(&reserved, text, sizeof text);
	const struct field values[] = {
		EVENT_TEXT(text),
		EVENT_INT(port),
		EVENT_INT(RESERVE_SECONDS),
	};

	report_event(&rp->rt.report, EVENT_RESERVED, values);
	buf_init(&line, LINES_MAX);
	rc = add_reserved_port(t, port, join_hosts(a, hosts), e);
	if (rc == 0)
		rc = text_table_print(t, &line, e);
	if (rc == 0)
		rc = output_queue_flush(out, &line, e);
	buf_fini(&line);
	return rc;
}

static int
reserve_and_print(struct reserve_ports *rp, const struct addresses *a, int64_t n,
    struct output_queue *out, struct error *e)
{
	struct text_table table;
	char hosts[HOSTS_TEXT_MAX];
	uint16_t port;
	int rc = 0;

	begin_table(rp, join_hosts(a, hosts), &table);
	for (; n > 0 && rc == 0; n--) {
		rc = reserve_port(rp->rt.loop, a->names, a->n, rp->until, &port, e);
		if (rc == 0)
			rc = print_port(rp, a, port, &table, out, e);
	}
	text_table_fini(&table);
	return rc;
}

int
reserve_ports(struct reserve_ports *rp, const struct opt_rest *rest, struct error *e)
{
	struct addresses a = { .n = 0 };
	struct output_queue *out;
	struct endpoint ep;
	int64_t n;

	if (parse_port_count(rp->count, &n, e) < 0 || parse_reserve_host(rest, &ep, e) < 0 ||
	    find_addresses(rp, &ep, &a, e) < 0 || command_context_results(&rp->rt, &out, e) < 0 ||
	    reserve_and_print(rp, &a, n, out, e) < 0)
		return -1;
	return output_queue_drain(out, rp->until, e);
}

#include "cli/suite/reserve_ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/parse.h"
#include "cli/options/address_args.h"
#include "net/reserve.h"
#include "net/resolve/resolve.h"
#include "net/sys.h"

enum { PORTS_MAX = 1000, ADDRESSES_MAX = 2 };

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

static int
print_port(struct reserve_ports *rp, const struct sockname *name, uint16_t port,
    struct output_queue *out, struct error *e)
{
	struct sockname reserved = *name;
	char text[SOCKNAME_TEXT_MAX], line[16];
	int len = snprintf(line, sizeof line, "%u\n", port);

	sockname_set_port(&reserved, port);
	sockname_format(&reserved, text, sizeof text);
	const struct field values[] = {
		EVENT_TEXT(text),
		EVENT_INT(port),
		EVENT_INT(RESERVE_SECONDS),
	};

	report_event(&rp->rt.report, EVENT_RESERVED, values);
	return output_queue_result(out, line, (size_t)len, e);
}

int
reserve_ports(void *arg, const struct opt_rest *rest, struct error *e)
{
	struct reserve_ports *rp = arg;
	struct addresses a = { .n = 0 };
	struct output_queue *out;
	struct endpoint ep;
	uint16_t port;
	int64_t n;

	if (parse_port_count(rp->count, &n, e) < 0 || parse_reserve_host(rest, &ep, e) < 0 ||
	    find_addresses(rp, &ep, &a, e) < 0 || command_context_results(&rp->rt, &out, e) < 0)
		return -1;
	for (; n > 0; n--)
		if (reserve_port(rp->rt.loop, a.names, a.n, rp->until, &port, e) < 0 ||
		    print_port(rp, &a.names[0], port, out, e) < 0)
			return -1;
	return output_queue_drain(out, rp->until, e);
}

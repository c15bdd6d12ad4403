#include "cli/status/status_query.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/error.h"
#include "base/parse.h"
#include "cli/status/status_wait.h"
#include "loop/loop.h"
#include "net/ports.h"
#include "net/resolve/resolve.h"

/* ---- ports ---- */

static int
add_port(void *arg, uint16_t port)
{
	struct status_ports *ports = arg;
	struct status_range *ranges;

	if (ports->n > 0 && ports->ranges[ports->n - 1].hi + 1 == port) {
		ports->ranges[ports->n - 1].hi = port;
		return 0;
	}
	if (ports->n == ports->size) {
		size_t size = ports->size == 0 ? 4 : 2 * ports->size;

		ranges = realloc(ports->ranges, size * sizeof(*ranges));
		if (ranges == NULL)
			return 1;
		ports->ranges = ranges;
		ports->size = size;
	}
	ports->ranges[ports->n++] = (struct status_range){ port, port };
	return 0;
}

static int
parse_port_list(const char *text, bool udp, struct status_ports *ports, struct error *e)
{
	int rc = ports_each(text, udp ? "udp" : "tcp", add_port, ports, e);

	return rc == 1 ? error_set(e, ERROR_INTERNAL, "out of memory") : rc;
}

/* ---- ends ---- */

/* Takes the addresses of the list. */
static int
set_addresses(struct status_end *end, const struct resolved *list, size_t n, struct error *e)
{
	end->addresses = calloc(n, sizeof(*end->addresses));
	if (end->addresses == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < n; i++)
		end->addresses[end->n_addresses++] = sockname_unmapped(&list[i].name);
	return 0;
}

/* Resolving a name sends DNS queries, so it needs a loop to wait in. */
static int
resolve_name(const char *host, const struct resolve_how *how, struct resolved **ret_list,
    size_t *ret_n, struct error *e)
{
	struct loop *loop;
	int rc;

	if (loop_open(&loop, e) == -1)
		return -1;
	rc = resolve(loop, host, "", how, deadline_never(), ret_list, ret_n, e);
	loop_close(loop);
	return rc;
}

static int
parse_host(const char *host, int family, struct status_end *end, struct error *e)
{
	struct resolve_how how = { .family = family, .type = SOCK_STREAM, .numeric = true };
	struct resolved *list;
	size_t n;
	int rc;

	if (host[0] == '\0' || strcmp(host, "*") == 0)
		return 0;
	rc = resolve(NULL, host, "", &how, deadline_never(), &list, &n, NULL);
	how.numeric = false;
	if (rc == -1 && resolve_name(host, &how, &list, &n, e) == -1)
		return -1;
	rc = set_addresses(end, list, n, e);
	free(list);
	return rc;
}

static int
add_proto(struct status_query *q, enum status_proto proto, const char *word, struct error *e)
{
	unsigned bit = 1U << proto;

	if (q->how.filter.protos != 0 && q->how.filter.protos != bit)
		return error_set(e, ERROR_USAGE, "%s: is of no other kind than %s", word,
		    status_proto_name(proto));
	q->how.filter.protos = bit;
	return 0;
}

static int
parse_transport(struct status_query *q, const struct endpoint *ep, const char *word,
    struct error *e)
{
	if (ep->kind == ENDPOINT_UNIX)
		return add_proto(q, STATUS_UNIX, word, e);
	if (ep->kind != ENDPOINT_INET)
		return error_set(e, ERROR_USAGE, "%s: no TCP, UDP or unix address", word);
	if (ep->transport == TRANSPORT_UDP || ep->transport == TRANSPORT_DTLS)
		return add_proto(q, STATUS_UDP, word, e);
	return ep->transport == TRANSPORT_NONE ? 0 : add_proto(q, STATUS_TCP, word, e);
}

static int
parse_end(struct status_query *q, const char *word, struct status_end *end,
    struct status_ports *ports, struct error *e)
{
	struct endpoint ep;

	/* any address, any port */
	if (strcmp(word, "*") == 0)
		return 0;
	if (endpoint_parse(word, NULL, &ep, e) == -1 || parse_transport(q, &ep, word, e) == -1)
		return -1;
	if (ep.kind == ENDPOINT_UNIX)
		return sockname_unix(&ep, &end->path, e);
	if (ep.port[0] != '\0' && strcmp(ep.port, "*") != 0 &&
	    parse_port_list(ep.port, (q->how.filter.protos & 1U << STATUS_UDP) != 0, ports, e) ==
		-1)
		return -1;
	end->ports = ports->ranges;
	end->n_ports = ports->n;
	return parse_host(ep.host, q->how.filter.family, end, e);
}

static int
parse_ends(struct status_query *q, const struct opt_rest *rest, struct error *e)
{
	struct status_filter *f = &q->how.filter;

	if (rest->n_operands > 2)
		return error_set(e, ERROR_USAGE, "unexpected argument '%s'", rest->operands[2]);
	if (rest->n_operands == 0)
		return 0;
	snprintf(q->name, sizeof(q->name), rest->n_operands == 2 ? "%.300s > %.300s" : "%.300s",
	    rest->operands[0], rest->n_operands == 2 ? rest->operands[1] : "");
	if (parse_end(q, rest->operands[0], &f->local, &q->local_ports, e) == -1)
		return -1;
	return rest->n_operands == 1 ? 0
				     : parse_end(q, rest->operands[1], &f->peer, &q->peer_ports, e);
}

/* ---- options ---- */

/* Returns the states of a group word of ss(8); 0: no such word. */
static uint32_t
states_of_group(const char *word, size_t len)
{
	const uint32_t idle = 1U << TCP_CODE_CLOSED | 1U << TCP_CODE_LISTEN;
	const uint32_t small = 1U << TCP_CODE_SYN_RCVD | 1U << TCP_CODE_TIME_WAIT;
	const struct {
		const char *word;
		uint32_t states;
	} groups[] = {
		{ "all", STATUS_ALL_STATES },
		{ "connected", STATUS_ALL_STATES & ~idle },
		{ "synchronized", STATUS_ALL_STATES & ~idle & ~(1U << TCP_CODE_SYN_SENT) },
		{ "bucket", small },
		{ "big", STATUS_ALL_STATES & ~small },
	};

	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (strlen(groups[i].word) == len && strncasecmp(word, groups[i].word, len) == 0)
			return groups[i].states;
	return 0;
}

/* Parses "listen,established". */
static int
parse_states(const char *text, uint32_t *ret_states, struct error *e)
{
	uint32_t states = 0, group;
	size_t len;
	int code;

	for (;; text += len + 1) {
		len = strcspn(text, ",");
		code = status_code_of_name(text, len);
		group = states_of_group(text, len);
		if (code < 0 && group == 0) {
			error_set(e, ERROR_USAGE, "--state: '%.*s' is no state of a socket",
			    len < 64 ? (int)len : 64, text);
			return error_hint(e, "usock help status");
		}
		states |= group != 0 ? group : 1U << code;
		if (text[len] == '\0')
			break;
	}
	*ret_states = states;
	return 0;
}

static unsigned
protos_of(const struct status_opts *o)
{
	return (o->tcp ? 1U << STATUS_TCP : 0) | (o->udp ? 1U << STATUS_UDP : 0) |
	    (o->unix_sockets ? 1U << STATUS_UNIX : 0);
}

int
status_query_read(struct status_query *q, const struct status_opts *o, const struct opt_rest *rest,
    struct error *e)
{
	struct status_filter *f = &q->how.filter;

	f->protos = protos_of(o);
	f->family = o->family;
	f->states = STATUS_ALL_STATES;
	q->how.via = (enum status_via)o->via;
	q->how.info = o->info;
	if (o->state != NULL && parse_states(o->state, &f->states, e) == -1)
		return -1;
	if (o->port != NULL && parse_port_list(o->port, o->udp, &q->ports, e) == -1)
		return error_prefix(e, "--port");
	if (parse_ends(q, rest, e) == -1)
		return -1;
	f->ports = q->ports.ranges;
	f->n_ports = q->ports.n;
	if (f->protos == 0)
		f->protos = 1U << STATUS_TCP;
	q->exact = f->protos == 1U << STATUS_TCP && status_get_pair(f, &q->local, &q->peer);
	return 0;
}

/* Protects other sockets from a forgotten operand. */
static int
check_kill(const struct status_query *q, const struct status_opts *o, struct error *e)
{
	const struct status_filter *f = &q->how.filter;

	if (o->via == STATUS_VIA_PROC)
		return error_set(e, ERROR_USAGE, "--kill: not with --via proc");
	if (o->state == NULL && f->n_ports == 0 && f->local.n_addresses == 0 &&
	    f->local.n_ports == 0 && f->peer.n_addresses == 0 && f->peer.n_ports == 0)
		return error_set(e, ERROR_USAGE,
		    "--kill: of every socket is too many: name an end, --port or --state");
	return 0;
}

static int
check_wait(const struct status_opts *o, const struct status_query *q, struct status_goal *ret_goal,
    struct error *e)
{
	if (o->wait == NULL)
		return o->timeout == DURATION_NONE
		    ? 0
		    : error_set(e, ERROR_USAGE, "--timeout: only with --wait");
	if (q->name[0] == '\0' && q->how.filter.n_ports == 0)
		return error_set(e, ERROR_USAGE,
		    "--wait: for which socket? name an end, or --port");
	return status_goal_parse(o->wait, ret_goal, e);
}

int
status_check_watch(const struct status_opts *o, int64_t *ret_interval, struct error *e)
{
	if (o->watch == NULL || o->watch[0] == '\0')
		return 0;
	if (parse_duration(o->watch, ret_interval, e) == -1)
		return error_prefix(e, "--watch");
	if (*ret_interval < NSEC_PER_MSEC || *ret_interval == DURATION_NONE)
		return error_set(e, ERROR_USAGE, "--watch: '%.64s' is no interval of 1ms or more",
		    o->watch);
	return 0;
}

int
status_query_check(const struct status_query *q, const struct status_opts *o,
    struct status_goal *ret_goal, int64_t *ret_interval, struct error *e)
{
	if (check_wait(o, q, ret_goal, e) == -1 || status_check_watch(o, ret_interval, e) == -1)
		return -1;
	if (o->info && o->via == STATUS_VIA_PROC)
		return error_set(e, ERROR_USAGE, "--info: not with --via proc");
	return o->kill ? check_kill(q, o, e) : 0;
}

void
status_query_fini(struct status_query *q)
{
	free(q->how.filter.local.addresses);
	free(q->how.filter.peer.addresses);
	free(q->local_ports.ranges);
	free(q->peer_ports.ranges);
	free(q->ports.ranges);
}

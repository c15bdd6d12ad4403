#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/commands/script/script_call.h"
#include "cli/core/cmd.h"
#include "cli/core/command_context.h"
#include "cli/options/address_args.h"
#include "cli/options/bind_opts.h"
#include "cli/options/report_opts.h"
#include "cli/output/resolve_report.h"
#include "net/proto.h"
#include "net/resolve/dns_srv.h"
#include "net/resolve/idn.h"
#include "net/resolve/resolve.h"
#include "net/scan/portscan.h"
#include "script/context.h"
#include "script/error.h"
#include "script/methods/address.h"
#include "script/script.h"
#include "tcl/interp.h"
#include "tcl/value/list.h"

enum { TYPE_UNSET = -1, TYPE_STREAM };

struct resolve_opts {
	int family, type;
	const char *proto;
	bool passive, numeric, reverse, srv, probe;
	int64_t connect_timeout, timeout;
	struct report_opts report;
};

#define AT(field) offsetof(struct resolve_opts, field)

static const struct opt question_rows[] = {
	{ .name = "reverse",
	    .kind = OPT_FLAG,
	    .offset = AT(reverse),
	    .help = "ask for the name of an address" },
	{ .name = "srv",
	    .kind = OPT_FLAG,
	    .offset = AT(srv),
	    .help = "ask for SRV records: the hosts that offer the service" },
	{ .name = "probe",
	    .kind = OPT_FLAG,
	    .offset = AT(probe),
	    .help = "connect to each address, and print which ones answer" },
};

static const struct opt answer_rows[] = {
	IP_ROWS(AT(family), "IPv4 only"),
	{ .name = "type",
	    .kind = OPT_CHOICE,
	    .offset = AT(type),
	    .arg = "TYPE",
	    .choices = "stream dgram seqpacket raw",
	    .help = "print answers for this type only: stream, dgram, seqpacket or raw" },
	{ .name = "proto",
	    .kind = OPT_TEXT,
	    .offset = AT(proto),
	    .arg = "NAME|NUM",
	    .complete = "proto",
	    .help = "print answers for this protocol only: tcp, udp, sctp ... or a number" },
	{ .name = "passive",
	    .kind = OPT_FLAG,
	    .offset = AT(passive),
	    .help = "print addresses to listen on: HOST * is every address" },
	{ .name = "numeric",
	    .kind = OPT_FLAG,
	    .offset = AT(numeric),
	    .help = "HOST is an address: do not look anything up" },
};

static const struct opt time_rows[] = {
	{ .name = "timeout",
	    .kind = OPT_DURATION,
	    .offset = AT(timeout),
	    .arg = "DUR",
	    .help = "limit the total time (124)" },
	{ .name = "connect-timeout",
	    .letter = 'w',
	    .kind = OPT_DURATION,
	    .offset = AT(connect_timeout),
	    .arg = "DUR",
	    .help = "with --probe: limit the time for each address (2s)" },
};

#define ROWS(rows) rows, ARRAY_LEN(rows)

static const struct opt_group resolve_groups[] = {
	{ "What to ask", ROWS(question_rows), 0 },
	{ "Which answers", ROWS(answer_rows), 0 },
	{ "Time", ROWS(time_rows), 0 },
	{ "Report", report_rows, N_REPORT, AT(report) },
	{ NULL, NULL, 0, 0 },
};

static const char *const resolve_conflicts[] = {
	REPORT_CONFLICTS,
	"ipv4 ipv6",
	"reverse srv probe passive numeric",
	"srv probe passive numeric ipv4 ipv6 type",
	"probe passive",
	NULL,
};

static void
resolve_defaults(void *values)
{
	struct resolve_opts *o = values;

	o->type = TYPE_UNSET;
	o->connect_timeout = o->timeout = DURATION_NONE;
}

/* One query, as the command line gives it. */
struct resolving {
	struct command_context rt;
	const struct resolve_opts *opts;
	struct resolve_report report;
	char host[ENDPOINT_HOST_MAX + 1], service[ENDPOINT_PORT_MAX + 1];
	int proto; /* 0: not given */
	struct deadline until;
	const struct resolved *list; /* the addresses that are probed */
	struct error probe_error;    /* the first address that could not be probed */
};

/* ---- operands ---- */

static int
parse_query(struct resolving *r, const struct opt_rest *rest, struct error *e)
{
	const char *host, *service;
	size_t len;

	if (rest->n_operands == 0)
		return error_set(e, ERROR_USAGE, "a host is missing");
	if (rest->n_operands > 2)
		return error_set(e, ERROR_USAGE, "unexpected argument '%s'", rest->operands[2]);
	if (address_args_check_empty(rest, e) < 0)
		return -1;
	host = rest->operands[0];
	service = rest->n_operands == 2 ? rest->operands[1] : "";
	len = strlen(host);
	/* an IPv6 address from a URL */
	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (strlen(service) > ENDPOINT_PORT_MAX || (rest->n_operands == 2 && service[0] == '\0'))
		return error_set(e, ERROR_USAGE, "'%.40s' is no service", service);
	memcpy(r->service, service, strlen(service));
	return idn_to_ascii(host, len, r->host, e);
}

/* Makes "_http._tcp.example.org" from "example.org http". */
static int
srv_name(struct resolving *r, struct error *e)
{
	const char *proto = r->opts->proto != NULL ? r->opts->proto : "tcp";
	const char *service = r->service[0] == '_' ? r->service + 1 : r->service;
	char name[sizeof(r->host)];
	int len;

	if (r->host[0] == '_') {
		if (r->service[0] != '\0' || r->opts->proto != NULL)
			return error_set(e, ERROR_USAGE,
			    "--srv: '%s' says already which service and protocol", r->host);
		return 0;
	}
	if (service[0] == '\0' || isdigit((unsigned char)service[0]))
		return error_set(e, ERROR_USAGE,
		    "--srv: wants _SERVICE._PROTO.DOMAIN, or DOMAIN and the name of a service");
	len = snprintf(name, sizeof(name), "_%s._%s.%s", service, proto, r->host);
	if (len < 0 || (size_t)len >= sizeof(name))
		return error_set(e, ERROR_USAGE, "--srv: a name has at most %d bytes",
		    ENDPOINT_HOST_MAX);
	memcpy(r->host, name, sizeof(name));
	return 0;
}

static int
check_query(struct resolving *r, struct error *e)
{
	const struct resolve_opts *o = r->opts;

	if (o->proto != NULL && proto_parse(o->proto, &r->proto, e) < 0)
		return error_prefix(e, "--proto");
	if (o->probe && r->service[0] == '\0')
		return error_set(e, ERROR_USAGE, "--probe: a service or port is needed");
	if (o->probe && o->type != TYPE_UNSET && o->type != TYPE_STREAM)
		return error_set(e, ERROR_USAGE, "--probe: only streams say if a port is open");
	if (o->probe && r->proto != 0 && proto_type(r->proto) != SOCK_STREAM)
		return error_set(e, ERROR_USAGE, "--probe: '%s' is no protocol of streams",
		    o->proto);
	if (!o->probe && o->connect_timeout != DURATION_NONE)
		return error_set(e, ERROR_USAGE, "--connect-timeout: only with --probe");
	return o->srv ? srv_name(r, e) : 0;
}

/* Derives the socket type from the other options; 0: all types. */
static int
query_type(const struct resolving *r)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_RAW };

	if (r->opts->type != TYPE_UNSET)
		return types[r->opts->type];
	if (r->opts->probe)
		return SOCK_STREAM;
	if (r->proto == 0)
		return 0;
	return proto_type(r->proto) != 0 ? proto_type(r->proto) : SOCK_RAW;
}

/* ---- queries ---- */

/* With -v logs how long a query took. */
static void
log_duration(const struct resolving *r, const char *what, size_t n, int64_t since)
{
	log_line(&r->rt.report.log, LOG_VERBOSE, "%s %s: %zu answer%s after %.3f ms", what, r->host,
	    n, n == 1 ? "" : "s", (double)(clock_now() - since) / (double)NSEC_PER_MSEC);
}

static int
print_verdict(void *arg, const struct portscan_result *result, struct error *e)
{
	struct resolving *r = arg;

	if (result->verdict == PORT_ERROR && r->probe_error.number == 0) {
		char address[SOCKNAME_TEXT_MAX];

		error_errno(&r->probe_error, ERROR_NETWORK, result->errnum, "connect %s",
		    sockname_format(&r->list[result->index].name, address, sizeof(address)));
	}
	if (resolve_report_answer(&r->report, &r->list[result->index], result, e) < 0)
		return -1;
	return resolve_report_flush(&r->report, e);
}

/* Returns the exit status, or -1. */
static int
probe_list(struct resolving *r, const struct resolved *list, size_t n, struct error *e)
{
	const struct portscan_how how = { .bind = { .type = SOCK_STREAM, .proto = r->proto },
		.connect_timeout = r->opts->connect_timeout };
	int64_t since = clock_now();
	unsigned open = 0;
	int rc;

	r->list = list;
	rc = portscan_addresses(r->rt.loop, list, n, &how, r->until, print_verdict, r, &open, e);
	if (rc < 0) {
		if (e->code == ERROR_TIMEOUT)
			error_prefix(e, "resolve %s", r->host);
		return -1;
	}
	log_duration(r, "probed", n, since);
	if (r->probe_error.number != 0) {
		*e = r->probe_error;
		return -1;
	}
	return open > 0 ? 0 : 1;
}

static int
print_answers(struct resolving *r, const struct resolved *list, size_t n, struct error *e)
{
	for (size_t i = 0; i < n; i++)
		if (resolve_report_answer(&r->report, &list[i], NULL, e) < 0)
			return -1;
	return 0;
}

/* "host:80" must be two operands here; "unix:/path" is no host at all. */
static void
hint_at_service(const struct resolving *r, struct error *e)
{
	const char *colon = strchr(r->host, ':');

	if (e->code == ERROR_RESOLVE && e->hint[0] == '\0' && colon != NULL &&
	    colon[strcspn(colon, "/")] == '\0' && strchr(colon + 1, ':') == NULL)
		error_hint(e, "the service is an operand of its own: usock resolve %.*s %s",
		    (int)(colon - r->host), r->host, colon[1] != '\0' ? colon + 1 : "SERVICE");
}

static struct resolve_how
resolve_how_of(const struct resolving *r)
{
	return (struct resolve_how){
		.family = r->opts->family,
		.type = query_type(r),
		.proto = r->proto,
		.passive = r->opts->passive,
		.numeric = r->opts->numeric,
		.canonname = true,
		.repeats = !r->opts->probe,
		.log = &r->rt.report.log,
	};
}

static int
query_addresses(struct resolving *r, struct error *e)
{
	const struct resolve_how how = resolve_how_of(r);
	int64_t since = clock_now();
	struct resolved *list;
	size_t n;
	int rc;

	if (resolve(r->rt.loop, r->host, r->service, &how, r->until, &list, &n, e) < 0) {
		hint_at_service(r, e);
		return -1;
	}
	log_duration(r, "resolved", n, since);
	resolve_report_measure(&r->report, list, n, r->opts->probe);
	rc = r->opts->probe ? probe_list(r, list, n, e) : print_answers(r, list, n, e);
	free(list);
	return rc;
}

static int
query_reverse(struct resolving *r, struct error *e)
{
	const struct resolve_how how = { .family = r->opts->family,
		.type = query_type(r) == SOCK_DGRAM ? SOCK_DGRAM : SOCK_STREAM,
		.numeric = true };
	int64_t since = clock_now();
	struct reversed *answer;
	struct resolved *list;
	size_t n;
	int rc;

	if (resolve(r->rt.loop, r->host, r->service, &how, r->until, &list, &n, e) < 0)
		return error_hint(e, "--reverse wants an address");
	answer = calloc(1, sizeof(*answer));
	if (answer == NULL)
		rc = error_set(e, ERROR_INTERNAL, "out of memory");
	else
		rc = resolve_reverse(r->rt.loop, &list[0].name, how.type == SOCK_DGRAM, r->until,
		    answer, e);
	if (rc == 0) {
		log_duration(r, "resolved", 1, since);
		rc = resolve_report_reverse(&r->report, &list[0].name, answer, e);
	}
	free(answer);
	free(list);
	return rc;
}

static int
query_srv(struct resolving *r, struct error *e)
{
	int64_t since = clock_now();
	struct dns_srv *list;
	size_t n;
	int rc = 0;

	if (dns_srv_resolve(r->rt.loop, r->host, r->until, &r->rt.report.log, &list, &n, e) < 0)
		return -1;
	log_duration(r, "resolved", n, since);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = resolve_report_srv(&r->report, &list[i], e);
	free(list);
	return rc;
}

/* ---- the command ---- */

static int
resolve_with(struct resolving *r, const struct opt_rest *rest, struct error *e)
{
	const struct resolve_report_how how = {
		.json = r->opts->report.json,
		.table = { .width = text_table_width_of(STDOUT_FILENO),
		    .color = report_colors_results(&r->rt.report) },
	};
	struct output_queue *queue;
	int status;

	if (parse_query(r, rest, e) < 0 || check_query(r, e) < 0)
		return -1;
	if (command_context_results(&r->rt, &queue, e) < 0)
		return -1;
	resolve_report_init(&r->report, queue, &how, r->host, r->service);
	if (r->opts->srv)
		status = query_srv(r, e);
	else
		status = r->opts->reverse ? query_reverse(r, e) : query_addresses(r, e);
	if (status >= 0 &&
	    (resolve_report_finish(&r->report, e) < 0 ||
		output_queue_drain(queue, r->until, e) < 0))
		status = -1;
	resolve_report_fini(&r->report);
	return status;
}

static int
resolve_run(const struct cmd *cmd, void *values, const struct opt_rest *rest)
{
	const struct resolve_opts *o = values;
	struct resolving r = { .opts = o, .until = deadline_in(o->timeout) };
	struct error e = { 0 };
	int status = command_context_begin(&r.rt, cmd->name, &o->report, r.until, &e);

	if (status == 0)
		status = resolve_with(&r, rest, &e);
	return command_context_end(&r.rt, status, rest, &e);
}

/* ---- in a script ---- */

static const char *const resolve_not_in_script[] = { "probe", "connect-timeout", REPORT_NAMES,
	NULL };

static int
list_addresses(struct interp *in, struct resolving *r, struct list **out, struct error *e)
{
	const struct resolve_how how = resolve_how_of(r);
	struct resolved *list;
	size_t n;

	if (resolve(r->rt.loop, r->host, r->service, &how, r->until, &list, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		list_push(interp_heap(in), out, address_answer_value(in, &list[i]));
	free(list);
	return 0;
}

/* {host service} */
static int
list_names(struct interp *in, struct resolving *r, struct list **out, struct error *e)
{
	const struct resolve_how how = { .family = r->opts->family,
		.type = query_type(r) == SOCK_DGRAM ? SOCK_DGRAM : SOCK_STREAM,
		.numeric = true };
	struct heap *h = interp_heap(in);
	struct reversed answer;
	struct resolved *list;
	size_t n;
	int rc;

	if (resolve(r->rt.loop, r->host, r->service, &how, r->until, &list, &n, e) < 0)
		return error_hint(e, "--reverse wants an address");
	rc = resolve_reverse(r->rt.loop, &list[0].name, how.type == SOCK_DGRAM, r->until, &answer,
	    e);
	free(list);
	if (rc == 0) {
		list_push(h, out, value_string(h, answer.host));
		list_push(h, out, value_string(h, r->service[0] != '\0' ? answer.service : ""));
	}
	return rc;
}

/* {priority weight port target} */
static int
list_srv(struct interp *in, struct resolving *r, struct list **out, struct error *e)
{
	struct heap *h = interp_heap(in);
	struct dns_srv *list;
	size_t n;

	if (dns_srv_resolve(r->rt.loop, r->host, r->until, &r->rt.report.log, &list, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct list *row = list_new(h, 4);

		list_push(h, &row, value_int(h, list[i].priority));
		list_push(h, &row, value_int(h, list[i].weight));
		list_push(h, &row, value_int(h, list[i].port));
		list_push(h, &row, value_string(h, list[i].target));
		list_push(h, out, value_from_list(h, row));
	}
	free(list);
	return 0;
}

static int
resolve_script(struct interp *in, void *values, const struct opt_rest *rest)
{
	const struct script_how *how = script_how(script_of(in));
	struct resolving r = { .opts = values };
	struct list *out = list_new(interp_heap(in), 8);
	struct value *result;
	struct error e = { 0 };
	int rc = -1;

	r.rt.loop = how->loop;
	r.rt.report.log = *how->log;
	r.until = deadline_in(r.opts->timeout);
	if (parse_query(&r, rest, &e) == 0 && check_query(&r, &e) == 0) {
		if (r.opts->srv)
			rc = list_srv(in, &r, &out, &e);
		else
			rc = r.opts->reverse ? list_names(in, &r, &out, &e)
					     : list_addresses(in, &r, &out, &e);
	}
	result = value_from_list(interp_heap(in), out);
	if (rc == 0)
		return interp_return(in, result);
	value_unref(result);
	return script_call_fail(in, values, &e);
}

const struct cmd cmd_resolve = {
	.name = "resolve",
	.summary = "show the addresses of a name in the order they are tried",
	.operands = "HOST [SERVICE]",
	.about = "Asks the resolver of this host for HOST, and prints one line for each answer,\n"
		 "in the order in which a client tries them (RFC 6724), with family, type of\n"
		 "socket, protocol, canonical name and address. SERVICE is a port or a name.\n"
		 "\n"
		 "With --srv, HOST is _SERVICE._PROTO.DOMAIN, or DOMAIN followed by SERVICE: one\n"
		 "line for each record, with priority, weight, port and host, in the order of\n"
		 "RFC 2782. With --reverse, HOST is an address, and its name is printed.",
	.examples =
	    "usock resolve localhost                        # the addresses of a name\n"
	    "usock resolve --type stream example.org https  # what a client would try\n"
	    "usock resolve --probe -w 1s example.org 443    # and which of them answer\n"
	    "usock resolve --reverse 127.0.0.1              # the name of an address\n"
	    "usock resolve --srv example.org xmpp-client    # who offers the service\n"
	    "usock resolve --timeout 2s --json db 5432      # for a script; 124: no answer\n",
	.groups = resolve_groups,
	.conflicts = resolve_conflicts,
	.size = sizeof(struct resolve_opts),
	.defaults = resolve_defaults,
	.run = resolve_run,
	.script = resolve_script,
	.not_in_script = resolve_not_in_script,
};

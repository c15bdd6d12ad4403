#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <linux/can.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/commands/script/script_call.h"
#include "cli/core/cmd.h"
#include "cli/core/command_context.h"
#include "cli/core/inherited.h"
#include "cli/core/session_report.h"
#include "cli/options/address_args.h"
#include "cli/options/bind_opts.h"
#include "cli/options/proxy/proxy_opts.h"
#include "cli/options/report_opts.h"
#include "cli/options/session_opts.h"
#include "cli/options/socket_type.h"
#include "cli/options/target.h"
#include "cli/output/datagram_format.h"
#include "cli/output/progress.h"
#include "net/can/can_text.h"
#include "net/ports.h"
#include "net/resolve/resolve.h"
#include "net/sys.h"
#include "script/context.h"
#include "script/error.h"
#include "script/methods/address.h"
#include "script/script.h"
#include "tcl/interp.h"
#include "tcl/value/list.h"

#define WAIT_UNSET (-1)

struct sendto_opts {
	struct bind_opts bind;
	struct data_opts data;
	struct proxy_opts proxy;
	struct report_opts report;
	int64_t wait, interval, timeout;
	int64_t count;
	struct opt_list to;
	bool connected, print_sender;
};

#define FIELD(name) offsetof(struct sendto_opts, name)

static const struct opt sendto_rows[] = {
	{ .name = "framing",
	    .kind = OPT_TEXT,
	    .offset = FIELD(data.framing),
	    .arg = "HOW",
	    .complete = "framing",
	    .help = "one datagram is: " FRAMING_LIST },
	{ .name = "to",
	    .kind = OPT_LIST,
	    .offset = FIELD(to),
	    .arg = "ADDRESS",
	    .complete = "host",
	    .help = "send to this address instead of the operand; repeatable: to each" },
	{ .name = "wait",
	    .kind = OPT_DURATION,
	    .offset = FIELD(wait),
	    .arg = "DUR",
	    .help = "print replies for DUR (124 if there are none)" },
	{ .name = "print-sender",
	    .kind = OPT_FLAG,
	    .offset = FIELD(print_sender),
	    .help = "write the sender's address before each reply" },
	{ .name = "count",
	    .kind = OPT_INT,
	    .offset = FIELD(count),
	    .arg = "N",
	    .min = 0,
	    .max = INT64_MAX,
	    .help = "send DATA N times; 0: for ever (1)" },
	{ .name = "interval",
	    .kind = OPT_DURATION,
	    .offset = FIELD(interval),
	    .arg = "DUR",
	    .help = "wait for DUR between datagrams" },
	{ .name = "rate",
	    .kind = OPT_SIZE,
	    .offset = FIELD(data.rate),
	    .arg = "SIZE",
	    .min = 1,
	    .help = "limit sending to SIZE bytes per second" },
	{ .name = "connected",
	    .kind = OPT_FLAG,
	    .offset = FIELD(connected),
	    .help = "connect the socket: replies from others are not received" },
	{ .name = "timeout",
	    .kind = OPT_DURATION,
	    .offset = FIELD(timeout),
	    .arg = "DUR",
	    .help = "limit the total time (124)" },
	{ .name = "hexdump",
	    .letter = 'x',
	    .kind = OPT_OPTIONAL_TEXT,
	    .offset = FIELD(data.dumps.hexdump),
	    .arg = "FILE",
	    .complete = "file",
	    .reach = REACH_FILE,
	    .writes = WRITES_DUMP,
	    .help = "dump the data of both directions to standard error or FILE" },
	RECORDING_ROWS(FIELD(data.dumps)),
};

static const struct opt_group sendto_groups[] = {
	{ "Datagrams", sendto_rows, ARRAY_LEN(sendto_rows), 0 },
	{ "Local address and socket", connect_bind_rows, N_CONNECT_BIND, FIELD(bind) },
	{ "Proxies", proxy_rows, N_PROXY_DATAGRAMS, FIELD(proxy) },
	{ "Report", report_rows, N_REPORT, FIELD(report) },
	{ NULL, NULL, 0, 0 },
};

static const char *const sendto_conflicts[] = {
	BIND_CONFLICTS,
	REPORT_CONFLICTS,
	"print-sender json",
	NULL,
};

static void
sendto_defaults(void *values)
{
	struct sendto_opts *o = values;

	bind_opts_defaults(&o->bind);
	data_opts_defaults(&o->data);
	o->wait = WAIT_UNSET;
	o->timeout = DURATION_NONE;
	o->count = 1;
}

struct sending {
	struct command_context rt;
	const struct sendto_opts *opts;
	struct session_how how;
	struct session session;
	struct datagram_format view;
	struct proxy_use proxy;
	struct sockname *to; /* the receivers: n_to with --to, else one */
	size_t n_to;
	struct message_relay_record *records;
	struct canfd_frame *frames; /* DATA, on a CAN bus */
	struct deadline until;
	bool over;
	const struct face *face;
};

struct words {
	char **items;
	size_t n;
};

/* What differs between the command line and a script: where the data comes from, and where
 * replies go. */
struct face {
	/* of the first n operands; NULL: there is nothing to check */
	int (*check_address)(const struct sending *sg, const struct opt_rest *rest, int n,
	    struct error *e);
	int (*use_data)(struct sending *sg, const struct words *data, struct error *e);
	int (*run)(struct sending *sg, const struct endpoint *ep, const struct bind_how *bind,
	    struct error *e);
};

/* ---- the socket ---- */

/* Makes a socket object for fd, which is not connected and so receives from any peer. */
static int
adopt_unconnected(struct sending *sg, const struct bind_how *bind, int fd, struct sock **ret_sock,
    struct error *e)
{
	if (sockopt_apply(fd, bind->settings, bind->n_settings, PHASE_CONNECTED, e) == 0 &&
	    sock_adopt(ret_sock, sg->rt.loop, fd, e) == 0)
		return 0;
	sys_close(fd);
	return -1;
}

/* Opens a socket for the first address that works, which becomes sg->to[0]. */
static int
open_unconnected(struct sending *sg, const struct endpoint *ep, const struct bind_how *bind,
    struct sock **ret_sock, struct error *e)
{
	const struct resolve_how how = { .family = bind->family,
		.type = bind->type,
		.proto = bind->proto };
	struct resolved *list;
	size_t n, i;
	int fd = -1;

	if (resolve(sg->rt.loop, ep->host, ep->port, &how, sg->until, &list, &n, e) < 0)
		return -1;
	for (i = 0; i < n && fd < 0; i++)
		if (connect_socket(sg->rt.loop, bind, list[i].family, &list[i].name, &fd, e) == 0)
			sg->to[0] = list[i].name;
	free(list);
	return fd < 0 ? -1 : adopt_unconnected(sg, bind, fd, ret_sock, e);
}

/* Parses a word of --to; all receivers must be of one kind. */
static int
parse_receiver(const char *word, enum endpoint_kind kind, struct endpoint *ret_ep, struct error *e)
{
	if (endpoint_parse(word, NULL, ret_ep, e) < 0)
		return error_prefix(e, "--to");
	if (ret_ep->kind != kind || (kind != ENDPOINT_INET && kind != ENDPOINT_UNIX))
		return error_set(e, ERROR_USAGE,
		    "--to: '%.200s': several are all hosts, or all unix sockets", word);
	if (kind == ENDPOINT_INET && ret_ep->port[0] != '\0' && !ports_is_single(ret_ep->port))
		return error_set(e, ERROR_USAGE, "--to: '%.200s' is more than one port", word);
	return 0;
}

/* Sets the receiver to its first address. */
static int
resolve_receiver(struct sending *sg, const struct endpoint *ep, const struct bind_how *bind,
    int family, struct sockname *ret_name, struct error *e)
{
	const struct resolve_how how = { .family = family,
		.type = bind->type,
		.proto = bind->proto };
	struct resolved *list;
	size_t n;

	if (ep->kind == ENDPOINT_UNIX)
		return sockname_unix(ep, ret_name, e);
	if (resolve(sg->rt.loop, ep->host, ep->port, &how, sg->until, &list, &n, e) < 0)
		return -1;
	*ret_name = list[0].name;
	free(list);
	return 0;
}

/* Resolves all receivers to addresses of one family; AF_UNSPEC: that of the first receiver. On
 * failure *ret_i is the receiver without such an address. */
static int
resolve_all(struct sending *sg, enum endpoint_kind kind, const struct bind_how *bind, int family,
    size_t *ret_i, struct error *e)
{
	struct endpoint ep;
	size_t *i = ret_i;

	for (*i = 0; *i < sg->n_to; ++*i) {
		if (parse_receiver(sg->opts->to.items[*i], kind, &ep, e) < 0)
			return -1;
		if (ep.port[0] == '\0' && kind == ENDPOINT_INET && bind_how_has_ports(bind))
			return error_set(e, ERROR_USAGE, "--to: '%.200s': the port is missing",
			    sg->opts->to.items[*i]);
		if (resolve_receiver(sg, &ep, bind, family, &sg->to[*i], e) < 0)
			return -1;
		family = kind == ENDPOINT_INET ? sg->to[*i].sa.sa_family : family;
	}
	return 0;
}

/* True where e says that the receiver lacks an address of one family, but it has one of this
 * family. */
static bool
has_other_family(struct sending *sg, const char *word, const struct bind_how *bind, int family,
    const struct error *e)
{
	struct sockname ignored;
	struct endpoint ep;

	return e->code == ERROR_RESOLVE && endpoint_parse(word, NULL, &ep, NULL) == 0 &&
	    resolve_receiver(sg, &ep, bind, family, &ignored, NULL) == 0;
}

/* One socket sends to all, so all receivers need an address of one family: that of the first
 * address of the first receiver, or the other one. */
static int
resolve_receivers(struct sending *sg, enum endpoint_kind kind, const struct bind_how *bind,
    struct error *e)
{
	const char *const *words = (const char *const *)sg->opts->to.items;
	struct error failure = { 0 };
	size_t missing, ignored;
	int family, other;

	if (resolve_all(sg, kind, bind, bind->family, &missing, &failure) == 0)
		return 0;
	family = sg->to[0].sa.sa_family;
	other = family == AF_INET ? AF_INET6 : AF_INET;
	if (bind->family == AF_UNSPEC && kind == ENDPOINT_INET && missing > 0 &&
	    has_other_family(sg, words[missing], bind, other, &failure)) {
		if (resolve_all(sg, kind, bind, other, &ignored, NULL) == 0)
			return 0;
		return error_set(e, ERROR_USAGE,
		    "--to: '%.200s' has no %s address, as '%.200s' has: one socket sends to all",
		    words[missing], family == AF_INET ? "IPv4" : "IPv6", words[0]);
	}
	*e = failure;
	return -1;
}

static int
open_for_several(struct sending *sg, enum endpoint_kind kind, const struct bind_how *bind,
    struct sock **ret_sock, struct error *e)
{
	int fd;

	if (resolve_receivers(sg, kind, bind, e) < 0 ||
	    connect_socket(sg->rt.loop, bind, sg->to[0].sa.sa_family, &sg->to[0], &fd, e) < 0)
		return -1;
	return adopt_unconnected(sg, bind, fd, ret_sock, e);
}

static int
open_sending_socket(struct sending *sg, const struct endpoint *ep, const struct bind_how *bind,
    struct sock **ret_sock, struct error *e)
{
	const struct connect_how how = { .bind = *bind, .connect_timeout = DURATION_NONE };

	sg->to = calloc(sg->n_to + 1, sizeof *sg->to);
	if (sg->to == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	sg->how.packets.to = sg->to;
	sg->how.packets.n_to = sg->n_to > 1 ? (unsigned)sg->n_to : 1;
	if (sg->n_to > 1)
		return open_for_several(sg, ep->kind, bind, ret_sock, e);
	/* other kinds have one peer, and connecting shows whether it exists */
	if (ep->kind == ENDPOINT_INET && !sg->opts->connected && sg->proxy.route.n == 0)
		return open_unconnected(sg, ep, bind, ret_sock, e);
	sg->how.packets.n_to = 0;
	if (ep->kind == ENDPOINT_FD)
		return inherited_adopt(ret_sock, sg->rt.loop, ep->fd, bind, false, e);
	return proxy_use_connect(&sg->proxy, ret_sock, ep, &how, sg->until, e);
}

/* ---- the datagrams ---- */

static void
on_session_end(struct session *s)
{
	struct sending *sg = s->arg;

	sg->over = true;
}

/* Parses DATA as frames of a CAN bus. */
static int
make_frames(struct sending *sg, size_t n, struct error *e)
{
	struct message_relay_record *r = sg->records;
	size_t i;

	sg->frames = calloc(n, sizeof *sg->frames);
	if (sg->frames == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (i = 0; i < n; i++) {
		if (can_text_parse(r[i].data, r[i].len, &sg->frames[i], &r[i].len, e) < 0)
			return -1;
		r[i].data = (const char *)&sg->frames[i];
	}
	return 0;
}

static int
set_data(struct sending *sg, const struct words *data, struct error *e)
{
	size_t i, n = data->n;

	sg->how.in_fd = -1;
	sg->records = calloc(n, sizeof *sg->records);
	if (sg->records == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (i = 0; i < n; i++)
		sg->records[i] =
		    (struct message_relay_record){ data->items[i], strlen(data->items[i]) };
	sg->how.packets.list = sg->records;
	sg->how.packets.n_list = n;
	sg->how.packets.repeat = (uint64_t)sg->opts->count;
	return sg->how.packets.in.kind == FRAMING_CAN ? make_frames(sg, n, e) : 0;
}

static int
set_how(struct sending *sg, const struct endpoint *ep, struct error *e)
{
	const struct time_opts time = { .idle = DURATION_NONE,
		.after_eof = sg->opts->wait,
		.quit_after = -1 };
	const struct sendto_opts *o = sg->opts;

	if (session_opts_how(&time, &o->data, sg->until, &sg->how, e) < 0 ||
	    recording_check(&o->data.dumps, e) < 0 ||
	    command_context_dumps(&sg->rt, &o->data.dumps, DIALOGUE_CLIENT, &sg->how, e) < 0)
		return -1;
	if (endpoint_is_can(ep))
		session_opts_frame_can(&sg->how);
	sg->view.framing = sg->how.packets.out;
	if (sg->view.framing.kind == FRAMING_RAW && o->print_sender)
		sg->view.framing.kind = FRAMING_LINE;
	sg->view.sender = o->print_sender;
	sg->view.json = o->report.json;
	sg->how.packets.show = datagram_format_show;
	sg->how.packets.show_arg = &sg->view;
	sg->how.packets.quiet_fixed = true;
	sg->how.rules.send_only = o->wait == WAIT_UNSET;
	sg->how.delay = o->interval;
	sg->n_to = o->to.n;
	return 0;
}

/* Returns the exit status. That nobody answered is a failure which the session does not know. */
static int
sendto_status(struct sending *sg, const char *address, struct error *e)
{
	const struct session *s = &sg->session;

	if (s->error == NULL && s->end == END_QUIET && s->n_received == 0 &&
	    sg->opts->wait != WAIT_UNSET && s->n_sent > 0)
		return error_set(e, ERROR_TIMEOUT, "wait %s: no reply within %.6g s", address,
		    (double)sg->opts->wait / (double)NSEC_PER_SEC);
	return session_report_status(&sg->rt, s);
}

static int
run_sending(struct sending *sg, struct sock *conn, struct error *e)
{
	command_context_session(&sg->rt, &sg->session, &sg->how, 1, on_session_end, sg);
	session_start(&sg->session, conn);
	return command_context_finish(&sg->rt, &sg->session, &sg->over, sg->until, e);
}

static int
send_and_report(struct sending *sg, const struct endpoint *ep, const struct bind_how *bind,
    struct error *e)
{
	char address[ENDPOINT_HOST_MAX + ENDPOINT_PORT_MAX + 16];
	struct progress progress = { .loop = sg->rt.loop,
		.out = sg->rt.report.messages,
		.session = &sg->session,
		.before = "looking up addresses" };
	struct sock *conn;
	int rc;

	if (progress_start(&progress, e) < 0)
		return -1;
	if (open_sending_socket(sg, ep, bind, &conn, e) < 0) {
		progress_stop(&progress);
		return -1;
	}
	rc = run_sending(sg, conn, e);
	progress_stop(&progress);
	session_report(&sg->rt, &sg->session, true);
	if (rc == 0)
		rc = sendto_status(sg, endpoint_format(ep, address, sizeof address), e);
	session_fini(&sg->session);
	return rc;
}

/* ---- the command ---- */

static int
check_receivers(const struct sendto_opts *o, struct error *e)
{
	if (o->to.n > MESSAGE_RELAY_TO_MAX)
		return error_set(e, ERROR_USAGE, "--to: at most %d", MESSAGE_RELAY_TO_MAX);
	if (o->to.n <= 1 || (!o->connected && o->proxy.proxies.n == 0))
		return 0;
	return error_set(e, ERROR_USAGE, "--%s: not with several --to",
	    o->connected ? "connected" : "proxy");
}

static int
check_sendto(const struct sendto_opts *o, const struct endpoint *ep, const struct bind_how *bind,
    bool has_data, struct error *e)
{
	if (bind->type == SOCK_STREAM)
		return error_set(e, ERROR_USAGE, "a stream has no datagrams: usock connect");
	if (ep->kind == ENDPOINT_INET && ep->port[0] != '\0' && !ports_is_single(ep->port))
		return error_set(e, ERROR_USAGE, "'%s' is more than one port", ep->port);
	if (!has_data && o->count != 1)
		return error_set(e, ERROR_USAGE, "--count: repeats DATA, and there is none");
	if (has_data && o->data.framing != NULL && o->wait == WAIT_UNSET) {
		error_set(e, ERROR_USAGE, "--framing: each DATA is one datagram, as it is");
		return error_hint(e,
		    "without DATA, --framing says what a datagram is on standard input; with "
		    "--wait, how replies are written");
	}
	if (o->print_sender && o->wait == WAIT_UNSET)
		return error_set(e, ERROR_USAGE, "--print-sender: replies need --wait");
	if (check_receivers(o, e) < 0 || session_opts_check(&o->data, ep, bind->type, e) < 0)
		return -1;
	if (ep->transport == TRANSPORT_DTLS)
		return error_set(e, ERROR_USAGE, "dtls: sendto speaks none: usock connect --dtls");
	return 0;
}

/* The default type is datagrams. */
static struct bind_opts
datagram_opts(const struct bind_opts *o, const struct endpoint *ep)
{
	struct bind_opts opts = *o;

	if (opts.type == SOCKET_TYPE_UNSET && opts.proto == NULL && !opts.mptcp &&
	    ep->transport == TRANSPORT_NONE &&
	    (ep->kind == ENDPOINT_INET || ep->kind == ENDPOINT_UNIX))
		opts.udp = true;
	return opts;
}

/* Reads one word, or HOST PORT, as an IPv6 address in one word needs brackets. Returns 1 for
 * such an address without brackets and port, which only a protocol without ports can have; sets
 * e then too. */
static int
parse_host_words(struct opt_rest *part, struct endpoint *ret_ep, struct error *e)
{
	int n = part->n_operands;

	part->n_operands = n > 1 ? 1 : n;
	if (address_args_endpoint(part, false, ret_ep, e) == 0)
		return 0;
	part->n_operands = 2;
	if (n > 1 && address_args_endpoint(part, false, ret_ep, NULL) == 0)
		return 0;
	return n > 0 && endpoint_parse(part->operands[0], "0", ret_ep, NULL) == 0 ? 1 : -1;
}

/* Reads the address at the beginning of the operands. *ret_n is the number of words. The caller
 * frees t after failure too. */
static int
parse_address_operands(const struct sendto_opts *o, const struct opt_rest *rest, struct target *t,
    int *ret_n, struct error *e)
{
	struct opt_rest part = *rest;
	struct error unread = { 0 };
	struct bind_opts bind;
	int rc = parse_host_words(&part, &t->ep, &unread);

	if (rc >= 0) {
		bind = datagram_opts(&o->bind, &t->ep);
		if (target_bind(t, &bind, e) < 0)
			return -1;
	}
	if (rc < 0 || (rc == 1 && bind_how_has_ports(&t->bind))) {
		*e = unread;
		return -1;
	}
	if (t->ep.kind == ENDPOINT_INET && !bind_how_has_ports(&t->bind) &&
	    (rc == 1 || part.n_operands == 2)) {
		t->ep.port[0] = '\0';
		part.n_operands = 1;
	}
	if (t->ep.kind == ENDPOINT_INET && t->ep.port[0] == '\0' && bind_how_has_ports(&t->bind) &&
	    part.n_operands < rest->n_operands) {
		part.n_operands = 2;
		if (address_args_endpoint(&part, false, &t->ep, e) < 0)
			return -1;
	}
	*ret_n = part.n_operands;
	return address_args_check_port(&part, &t->ep, &t->bind, e);
}

/* With --to the address is the first receiver, and all operands are DATA. */
static int
parse_address(const struct sendto_opts *o, const struct opt_rest *rest, struct target *t,
    int *ret_n, struct error *e)
{
	char *first = o->to.n > 0 ? (char *)o->to.items[0] : NULL;
	const struct opt_rest alone = { .operands = &first, .n_operands = 1 };
	int rc = parse_address_operands(o, first != NULL ? &alone : rest, t, ret_n, e);

	*ret_n = first != NULL ? 0 : *ret_n;
	return rc;
}

static int
send_words(struct sending *sg, const struct opt_rest *rest, struct error *e)
{
	struct target t = { .settings = NULL };
	struct words data;
	int n = 0, rc;

	rc = parse_address(sg->opts, rest, &t, &n, e);
	data = (struct words){ rest->operands + n, (size_t)(rest->n_operands - n) };
	if (rc == 0 && sg->face->check_address != NULL)
		rc = sg->face->check_address(sg, rest, n, e);
	if (rc == 0)
		rc = check_sendto(sg->opts, &t.ep, &t.bind, data.n > 0, e);
	if (rc == 0)
		rc = set_how(sg, &t.ep, e);
	if (rc == 0)
		rc = proxy_use_open(&sg->proxy, &sg->opts->proxy, &t.ep, &t.bind, NULL, e);
	if (rc == 0)
		rc = sg->face->use_data(sg, &data, e);
	if (rc == 0)
		rc = sg->face->run(sg, &t.ep, &t.bind, e);
	proxy_use_close(&sg->proxy);
	target_fini(&t);
	free(sg->records);
	free(sg->to);
	free(sg->frames);
	return rc;
}

/* Without DATA the records come from standard input. */
static int
use_operands(struct sending *sg, const struct words *data, struct error *e)
{
	return data->n > 0 ? set_data(sg, data, e) : 0;
}

static int
sendto_run(const struct cmd *cmd, void *values, const struct opt_rest *rest)
{
	static const struct face face = { NULL, use_operands, send_and_report };
	const struct sendto_opts *o = values;
	struct sending sg = { .opts = o,
		.proxy = { .rt = &sg.rt,
		    .connected = o->connected,
		    .handshake_timeout = DURATION_NONE },
		.until = deadline_in(o->timeout),
		.face = &face };
	struct error e = { 0 };
	int status = command_context_begin(&sg.rt, cmd->name, &o->report, sg.until, &e);

	if (status == 0)
		status = send_words(&sg, rest, &e);
	return command_context_end(&sg.rt, status, rest, &e);
}

/* ---- in a script ---- */

/* Options for standard input and output. */
static const char *const sendto_not_in_script[] = { "netns", "framing", "print-sender", "hexdump",
	"record", "record-secrets", "pcap", REPORT_NAMES, NULL };

struct scripted {
	struct sending sending;
	struct interp *in;
	const void *values;
	struct list *replies; /* {bytes {addr port}}, with `truncated` where it was cut */
	bool can;
};

static struct value *
bytes_value(struct scripted *sd, const struct packet *p, struct error *e)
{
	const struct framing framing = { .kind = FRAMING_CAN };
	struct heap *h = interp_heap(sd->in);
	struct value *v = NULL;
	struct buf text;

	if (!sd->can)
		return value_text(h, p->data, p->len);
	buf_init(&text, 4096);
	if (framing_put(&framing, p->data, p->len, &text, e) == 0)
		v = value_text(h, buf_head(&text), text.len - 1);
	buf_fini(&text);
	return v;
}

static int
keep_reply(void *arg, const struct packet *p, struct buf *out, struct error *e)
{
	struct scripted *sd = arg;
	struct heap *h = interp_heap(sd->in);
	struct value *bytes = bytes_value(sd, p, e);
	struct list *reply;

	(void)out;
	if (bytes == NULL)
		return -1;
	reply = list_new(h, 3);
	list_push(h, &reply, bytes);
	list_push(h, &reply, address_value(sd->in, &p->name));
	if (p->truncated)
		list_push(h, &reply, value_string(h, "truncated"));
	list_push(h, &sd->replies, value_from_list(h, reply));
	return 0;
}

/* Sets the error that a session reports: verb, address, reason. */
static int
set_session_failure(struct sending *sg, const char *address, struct error *e)
{
	const struct session *s = &sg->session;

	if (s->error == NULL)
		return sendto_status(sg, address, e) < 0 ? -1 : 0;
	*e = *s->error;
	return s->verb == NULL ? -1 : error_prefix(e, "%s %s", s->verb, address);
}

static int
send_for_script(struct sending *sg, const struct endpoint *ep, const struct bind_how *bind,
    struct error *e)
{
	char address[ENDPOINT_HOST_MAX + ENDPOINT_PORT_MAX + 16];
	struct sock *conn;
	int rc;

	if (open_sending_socket(sg, ep, bind, &conn, e) < 0)
		return -1;
	rc = run_sending(sg, conn, e);
	if (rc == 0)
		rc = set_session_failure(sg, endpoint_format(ep, address, sizeof address), e);
	session_fini(&sg->session);
	return rc;
}

/* Each word is one datagram and may hold any bytes. Keeps the replies. */
static int
use_words(struct sending *sg, const struct words *data, struct error *e)
{
	struct scripted *sd = CONTAINER_OF(sg, struct scripted, sending);
	struct session_how *how = &sg->how;

	how->packets.show = keep_reply;
	how->packets.show_arg = sd;
	how->packets.show_keeps = true;
	how->in_fd = how->out_fd = -1;
	sd->can = how->packets.in.kind == FRAMING_CAN;
	if (data->n == 0)
		return error_set(e, ERROR_USAGE, "DATA is missing");
	if (set_data(sg, data, e) < 0)
		return -1;
	for (size_t i = 0; i < data->n && !sd->can; i++)
		sg->records[i].len = script_call_size(sd->values, data->items[i]);
	return 0;
}

static int
check_address_bytes(const struct sending *sg, const struct opt_rest *rest, int n, struct error *e)
{
	const struct scripted *sd = CONTAINER_OF(sg, struct scripted, sending);

	for (int i = 0; i < n; i++)
		if (script_call_size(sd->values, rest->operands[i]) != strlen(rest->operands[i]))
			return error_set(e, ERROR_USAGE, "a NUL byte has no place in an address");
	return 0;
}

/* Returns the number of datagrams sent; with --wait, the replies. */
static int
sendto_script(struct interp *in, void *values, const struct opt_rest *rest)
{
	static const struct face face = { check_address_bytes, use_words, send_for_script };
	struct scripted sd = { .in = in, .values = values, .sending.face = &face };
	const struct script_how *how = script_how(script_of(in));
	struct sending *sg = &sd.sending;
	struct error e = { 0 };
	struct value *replies;
	int code;

	sg->opts = values;
	sg->proxy = (struct proxy_use){ .rt = &sg->rt,
		.connected = sg->opts->connected,
		.handshake_timeout = DURATION_NONE };
	command_context_borrow(&sg->rt, how->loop, how->log);
	sg->until = deadline_in(sg->opts->timeout);
	sd.replies = list_new(interp_heap(in), 4);
	code = send_words(sg, rest, &e) == 0 ? TCL_OK : script_call_fail(in, values, &e);
	command_context_release(&sg->rt);
	replies = value_from_list(interp_heap(in), sd.replies);
	if (code == TCL_OK && sg->opts->wait == WAIT_UNSET)
		code = interp_return_int(in, (int64_t)sg->session.n_sent);
	else if (code == TCL_OK)
		return interp_return(in, replies);
	value_unref(replies);
	return code;
}

const struct cmd cmd_sendto = {
	.name = "sendto",
	.summary = "send datagrams, and print the replies",
	.operands = "[ADDRESS] [DATA...]",
	.about = "Sends each DATA as one datagram, or, without DATA, each record of standard\n"
		 "input, by default a line. Datagrams are never split, merged or silently\n"
		 "truncated; an empty one ('') is a datagram like any other. DATA that begins\n"
		 "with - stands behind --.\n"
		 "\n"
		 "With --wait, replies of any sender are written to standard output.",
	.examples = "usock sendto 127.0.0.1 4000 hello               # one datagram\n"
		    "usock sendto --wait 1s --print-sender 224.0.0.1:9999 'anybody?'\n"
		    "usock sendto --framing chunk=512 host:4000 < file\n"
		    "usock sendto --count 0 --interval 1s host:4000 beat  # until it is ended\n"
		    "usock sendto --to one:4000 --to two:4000 hello  # to each of them\n"
		    "usock sendto --proxy socks5h://gate:1080 host:4000 hello  # through a proxy\n"
		    "usock sendto unix:/run/systemd/notify READY=1   # a unix socket\n",
	.groups = sendto_groups,
	.conflicts = sendto_conflicts,
	.size = sizeof(struct sendto_opts),
	.defaults = sendto_defaults,
	.run = sendto_run,
	.script = sendto_script,
	.data_operands = true,
	.not_in_script = sendto_not_in_script,
};

/*
 * Schedules of message relays: a stream of records on one side, datagrams on
 * the other. The simulation replaces net/mmsg.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "fake.h"
#include "net/mmsg.h"
#include "net/sys.h"
#include "records.h"
#include "relay/copy/scratch.h"
#include "relay/message_relay.h"
#include "sim.h"

#define SLACK (5 * MSEC)

struct incoming {
	int64_t at;
	unsigned n; /* bytes */
	int error;  /* replaces the datagram: an ICMP error */
};

/* A message socket. */
struct net {
	struct stream stream; /* first */
	int fd;
	struct incoming in[RECORDS];
	unsigned n_in, received;
	int errors; /* reported */
	int first_error;
	unsigned sent; /* records, in order */
	uint64_t sent_bytes;
	int64_t full_until; /* it takes nothing before; NEVER: never again */
	bool device_full;   /* it fails with ENOBUFS, without an event */
	bool closed, shut;
	int64_t last_in, last_out;
};

struct messages {
	struct loop *loop;
	struct scratch scratch;
	struct fake local;
	struct sink output;
	struct net net;
	struct ending_rules rules;
	struct message_relay_how how;
	struct relay *relay;
	struct message_relay_record list[RECORDS];
	struct records records; /* to be sent */
	bool echo, listed, over;
	uint64_t limit;
	int64_t began, ended;
};

static struct messages *m;

/* ---- the socket ---- */

static unsigned
arrived(const struct net *net)
{
	unsigned n = net->received;

	while (n < net->n_in && net->in[n].at <= sim->now)
		n++;
	return n - net->received;
}

static unsigned
net_ready(void *arg)
{
	const struct net *net = arg;

	return (arrived(net) > 0 ? LOOP_READ : 0) |
	    (net->full_until <= sim->now || net->device_full ? LOOP_WRITE : 0);
}

static int64_t
net_next(void *arg)
{
	const struct net *net = arg;
	int64_t at = NEVER;
	unsigned i;

	for (i = net->received; i < net->n_in; i++)
		if (net->in[i].at > sim->now && net->in[i].at < at)
			at = net->in[i].at;
	return net->full_until > sim->now && net->full_until < at ? net->full_until : at;
}

static void
note_error(struct net *net, int number)
{
	net->errors++;
	if (net->first_error == 0)
		net->first_error = number;
	sim->progress++;
}

static int
net_recv(int fd, struct packet *packets, unsigned n, struct error *e)
{
	struct net *net = &m->net;
	unsigned i;

	must(fd == net->fd && !net->closed, "recv after the end");
	sim->now += (int64_t)draw(2000);
	for (i = 0; i < n && arrived(net) > 0; i++) {
		struct incoming *in = &net->in[net->received];
		unsigned j;

		if (in->error != 0 && i > 0)
			break;
		net->received++;
		sim->progress++;
		if (in->error != 0) {
			note_error(net, in->error);
			sim_trace("recv: error %d", in->error);
			return error_errno(e, ERROR_NETWORK, in->error, "recv");
		}
		must(packets[i].room >= in->n, "no room for a datagram");
		for (j = 0; j < in->n; j++)
			packets[i].data[j] = (char)content_at(7, net->received * 100u + j);
		packets[i].len = packets[i].true_len = in->n;
		packets[i].truncated = packets[i].end = false;
		packets[i].name.len = packets[i].local.len = 0;
		net->last_in = sim->now;
		if (one_in(3)) {
			i++;
			break;
		}
	}
	sim_trace("recv: %u datagrams", i);
	return i > 0 ? (int)i : SYS_AGAIN;
}

static void
check_record(const struct net *net, const struct packet *p)
{
	unsigned i = m->records.n > 0 ? net->sent % m->records.n : 0;

	if (m->echo) {
		unsigned j, k, seen = 0;

		/* the record that arrived at this place, not counting errors */
		for (k = 0; k < net->n_in && seen <= net->sent; k++)
			seen += net->in[k].error == 0;
		must(seen == net->sent + 1, "an echo of nothing");
		must(p->len == net->in[k - 1].n, "an echo of another size");
		for (j = 0; j < p->len; j++)
			must((unsigned char)p->data[j] == content_at(7, k * 100u + j),
			    "an echo of other bytes");
		return;
	}
	must(net->sent < m->records.n || m->listed, "a record from nowhere");
	must(p->len == m->records.sizes[i], "record %u has %zu bytes instead of %u", net->sent,
	    p->len, m->records.sizes[i]);
	must(memcmp(p->data, m->records.data[i], p->len) == 0, "record %u is not what was sent",
	    net->sent);
}

static int
net_send(int fd, const struct packet *packets, unsigned n, struct error *e)
{
	struct net *net = &m->net;
	unsigned i;

	must(fd == net->fd && !net->closed && !net->shut, "send after the end");
	must(n > 0, "send of nothing");
	sim->now += (int64_t)draw(2000);
	if (net->full_until > sim->now) {
		sim->progress += net->device_full;
		if (net->device_full)
			return error_errno(e, ERROR_NETWORK, ENOBUFS, "send");
		return SYS_AGAIN;
	}
	if (one_in(200)) {
		note_error(net, EPERM);
		return error_errno(e, ERROR_NETWORK, EPERM, "send");
	}
	n = one_in(2) ? 1 + (unsigned)draw(n) : n;
	for (i = 0; i < n; i++) {
		check_record(net, &packets[i]);
		net->sent++;
		net->sent_bytes += packets[i].len;
	}
	net->last_out = sim->now;
	sim->progress++;
	if (one_in(6)) {
		net->full_until = sim->now + draw_time();
		net->device_full = one_in(3);
	}
	sim_trace("send: %u datagrams", n);
	return (int)n;
}

/* ---- the stream of the socket ---- */

static int
net_shut(struct stream *s, struct error *e)
{
	(void)s, (void)e;
	m->net.shut = true;
	return 0;
}

static int
net_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s, (void)side;
	return m->net.fd;
}

static enum stream_kind
net_kind(const struct stream *s, enum stream_side side)
{
	(void)s, (void)side;
	return STREAM_DGRAM;
}

static const struct sim_batch net_batch = { net_recv, net_send };

static const struct stream_ops net_ops = { .shut = net_shut,
	.raw_fd = net_raw_fd,
	.kind = net_kind };

/* ---- the schedule ---- */

static void
plan_records(void)
{
	struct records *r = &m->records;
	unsigned i;

	records_plan(r, &m->local);
	for (i = 0; i < r->n; i++)
		m->list[i] = (struct message_relay_record){ r->data[i], r->sizes[i] };
	m->local.source.fate = one_in(8) ? FATE_FAIL : FATE_END;
	m->local.source.fate_after = draw_time();
}

static void
plan_net(void)
{
	struct net *net = &m->net;
	int64_t at = sim->now;
	unsigned i;

	sim->batch = &net_batch;
	net->stream.ops = &net_ops;
	net->fd = sim_fd(net_ready, net_next, net);
	net->n_in = (unsigned)draw(RECORDS);
	for (i = 0; i < net->n_in; i++) {
		at += draw_time();
		net->in[i] = (struct incoming){ at, one_in(6) ? 0 : (unsigned)draw(200),
			one_in(25) ? ECONNREFUSED : 0 };
	}
	net->last_in = net->last_out = INT64_MIN;
	if (one_in(12))
		net->full_until = one_in(3) ? NEVER : sim->now + draw_time();
	net->device_full = one_in(3);
}

static void
plan_rules(void)
{
	m->rules = (struct ending_rules){ .after_eof = DURATION_NONE,
		.idle = one_in(6) ? 1 + draw_time() : DURATION_NONE,
		.until = deadline_never(),
		.send_only = !m->echo && one_in(6),
		.half_open = one_in(6) };
	m->how = (struct message_relay_how){ .in.kind = FRAMING_LEN16,
		.out.kind = FRAMING_LEN16,
		.quiet = one_in(8) ? DURATION_NONE : draw_time(),
		.quiet_fixed = one_in(4) };
	m->limit = one_in(6) ? 1 + draw(1000) : UINT64_MAX;
	if (m->listed) {
		m->how.list = m->list;
		m->how.n_list = m->records.n;
		m->how.repeat = 1 + draw(3);
	}
	/* an echo never ends by itself, nor does a relay that waits for replies for ever */
	m->rules.until = deadline_in(SEC + (int64_t)draw(30 * SEC));
}

/* ---- the expected result ---- */

static void
check_output(void)
{
	const struct fake *l = &m->local;
	const struct net *net = &m->net;
	uint64_t bytes = 0;
	unsigned i;

	for (i = 0; i < net->received; i++)
		if (net->in[i].error == 0)
			bytes += net->in[i].n + 2;
	must(l->taken <= bytes, "more was delivered than came");
	/* a time-out may cut off a failure that was decided before */
	if (m->rules.idle != DURATION_NONE && m->relay->error != NULL)
		return;
	if (l->first == FATE_NONE && m->relay->ending.end != END_DEADLINE &&
	    m->relay->ending.end != END_IDLE_TIMEOUT && m->limit == UINT64_MAX && !m->echo)
		must(l->taken == bytes, "%llu of %llu bytes were delivered",
		    (unsigned long long)l->taken, (unsigned long long)bytes);
}

static uint64_t
records_in_all(void)
{
	return m->listed ? m->records.n * m->how.repeat : m->records.n;
}

static void
check_quiet(void)
{
	int64_t since = m->net.last_in > m->began ? m->net.last_in : m->began;

	must(m->how.quiet != DURATION_NONE, "quiet, without a rule");
	must(m->net.sent == records_in_all() || m->limit != UINT64_MAX ||
		m->local.source.fate == FATE_FAIL,
	    "quiet, and %u of %llu records were sent", m->net.sent,
	    (unsigned long long)records_in_all());
	must(m->ended - (m->how.quiet_fixed ? m->began : since) >= m->how.quiet - SLACK,
	    "quiet too early");
}

static void
check_end(void)
{
	const struct relay *r = m->relay;
	enum sock_end end = r->ending.end;
	int64_t moved = m->net.last_in > m->net.last_out ? m->net.last_in : m->net.last_out;

	moved = moved > m->local.source.last ? moved : m->local.source.last;
	moved = moved > m->began ? moved : m->began;
	must(r->n_sent == m->net.sent && r->sent == m->net.sent_bytes, "sent is not what was sent");
	check_output();
	switch (end) {
	case END_QUIET:
		check_quiet();
		break;
	case END_LOCAL_EOF:
		must(m->rules.send_only, "local-eof, without --send-only");
		must(m->net.sent == records_in_all() || m->limit != UINT64_MAX,
		    "records are missing");
		break;
	case END_LIMIT:
		must(r->received >= m->limit, "limit, and it was not reached");
		must(!m->echo || m->net.errors > 0 || r->n_sent == r->n_received,
		    "%llu of %llu echoes were sent", (unsigned long long)r->n_sent,
		    (unsigned long long)r->n_received);
		break;
	case END_REFUSED:
		must(m->net.first_error == ECONNREFUSED, "refused, and nobody said so");
		must(r->error != NULL, "refused without an error");
		break;
	case END_DEADLINE:
		must(m->ended >= m->rules.until.at, "the deadline came too early");
		must(r->error != NULL, "a time-out without an error");
		break;
	case END_IDLE_TIMEOUT:
		must(m->rules.idle != DURATION_NONE && m->ended - moved >= m->rules.idle - SLACK,
		    "idle-timeout, and bytes still moved");
		break;
	case END_STDOUT_CLOSED:
		must(m->local.first == FATE_RESET, "stdout-closed, and it is there");
		break;
	case END_ERROR:
		must(m->net.first_error != 0 || m->local.first != FATE_NONE || m->net.device_full,
		    "a failure that nobody told: %s", r->error->text);
		must(r->error != NULL, "a failure without an error");
		break;
	default:
		sim_fail("an end as %s", sock_end_word(end));
	}
	must(m->net.errors == 0 || r->error != NULL || end == END_LIMIT || m->rules.send_only,
	    "the network's answer is not told: %s", sock_end_word(end));
	must(m->ended <= m->rules.until.at + SLACK, "the deadline was overrun");
}

/* ---- running ---- */

static void
on_done(struct relay *r)
{
	must(!m->over, "done() was called twice");
	m->over = true;
	m->ended = sim->now;
	m->local.closed = m->net.closed = true;
	sim_trace("over: end %s, error %s", sock_end_word(r->ending.end),
	    r->error != NULL ? r->error->text : "none");
}

static void
run(void)
{
	struct relay_how how = { .loop = m->loop,
		.scratch = &m->scratch,
		.rules = &m->rules,
		.local = m->echo ? NULL : &m->local.stream,
		.remote = &m->net.stream,
		.input = !m->echo,
		.limit = m->limit,
		.rate = one_in(10) ? 100 + draw(100000) : 0,
		.delay = one_in(10) ? draw_time() : 0,
		.done = on_done };
	struct error e = { 0 };

	m->began = sim->now;
	if (message_relay_open(&m->relay, &how, &m->how, &e) < 0)
		sim_fail("open: %s", e.text);
	relay_start(m->relay);
	if (!m->over)
		must(sim_run(m->loop, &m->over), "it hangs");
	check_end();
}

static void
plan(void)
{
	m->echo = one_in(6);
	m->listed = !m->echo && one_in(5);
	fake_init(&m->local, "local", 0, 7);
	sink_init(&m->output);
	if (!one_in(6)) {
		m->output.fate = FATE_NONE;
	} else {
		m->output.fate = one_in(2) ? FATE_RESET : FATE_FAIL;
		m->output.fails_after = draw(500);
	}
	m->local.sink = &m->output;
	m->local.unchecked = true;
	plan_records();
	if (m->records.n == 0)
		m->listed = false;
	plan_net();
	plan_rules();
	sim_trace("echo %d listed %d records %u coming %u quiet %lld fixed %d idle %lld limit %lld "
		  "send-only %d",
	    m->echo, m->listed, m->records.n, m->net.n_in, (long long)m->how.quiet,
	    m->how.quiet_fixed, (long long)m->rules.idle, (long long)m->limit, m->rules.send_only);
}

void
sim_messages(void)
{
	struct error e = { 0 };
	jmp_buf outer;

	m = calloc(1, sizeof(*m));
	m->scratch.size = 1 << 20;
	if (loop_open(&m->loop, &e) < 0)
		sim_fail("loop: %s", e.text);
	plan();
	memcpy(&outer, &sim->out, sizeof(outer));
	if (setjmp(sim->out) == 0)
		run();
	memcpy(&sim->out, &outer, sizeof(outer));
	m->local.closed = m->net.closed = false;
	relay_close(m->relay);
	scratch_fini(&m->scratch);
	loop_close(m->loop);
	free(m);
	m = NULL;
	if (sim->failure[0] != '\0')
		longjmp(sim->out, 1);
}

/*
 * Schedules of datagram servers: several peers, what answers them, and a
 * simulated socket that replaces net/mmsg.
 */
#include "peers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "net/sys.h"
#include "stream/fd.h"

enum { PORT = 4000, LOST = 100, EACH_MAX = 65000 };

/* Replaces that of net/sys (--wrap). */
int __wrap_sys_local_name(int fd, struct sockname *ret_name, struct error *e);

struct server *server;

/* ---- names ---- */

static struct sockname
inet_name(const char *host, uint16_t port)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, host, &in.sin_addr);
	memcpy(&name.storage, &in, sizeof(in));
	return name;
}

static struct sockname
unix_name(int n)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockname name = { .len = offsetof(struct sockaddr_un, sun_path) + 3 };

	un.sun_path[1] = 'p';
	un.sun_path[2] = (char)('0' + n);
	memcpy(&name.storage, &un, sizeof(un));
	return name;
}

/* Returns our address that a datagram was sent to: one of an interface, or a broadcast address,
 * from which nothing can be sent. */
static struct sockname
here_name(unsigned here)
{
	static const char *const hosts[] = { "", "10.0.0.1", "10.0.0.2", "10.0.0.255" };

	return here == 0 ? (struct sockname){ .len = 0 } : inet_name(hosts[here], 0);
}

enum { BROADCAST = 3 };

int
__wrap_sys_local_name(int fd, struct sockname *ret_name, struct error *e)
{
	(void)fd, (void)e;
	*ret_name = server->local_name;
	return 0;
}

struct peer *
peer_of(const struct sockname *name)
{
	unsigned i;

	for (i = 0; i < server->n_peers; i++)
		if (server->peers[i].name.len == name->len &&
		    memcmp(&server->peers[i].name.storage, &name->storage, name->len) == 0)
			return &server->peers[i];
	sim_fail("a peer that there is none of");
}

bool
server_answers(void)
{
	return server->how.local != DGRAM_DISCARD &&
	    (server->how.local != DGRAM_STDIO || server->input);
}

/* ---- the model of a datagram ---- */

static void
touch(struct peer *peer)
{
	peer->active = sim->now;
	peer->earliest = peer->latest = server->calls;
}

/* The last batch has been handled. */
static void
end_batch(void)
{
	struct peer *peer;

	for (peer = server->peers; peer < server->peers + server->n_peers; peer++) {
		if (peer->in_batch)
			peer->latest = server->calls;
		peer->in_batch = false;
	}
}

static void
owe(unsigned id)
{
	struct server *v = server;
	const struct peer *peer = &v->peers[v->datagrams[id].peer];

	if (peer->unnamed) {
		v->troubles += !v->unnamed_told;
		v->unnamed_told = true;
		return;
	}
	must(v->n_owed < UNREAD, "the server reads on though it owes %d echoes", UNREAD);
	v->owed[v->n_owed++] = id;
}

/* Adds it as the output shows it. */
static void
show(unsigned id)
{
	const struct datagram *d = &server->datagrams[id];
	char head[3] = { (char)d->peer, (char)(d->n >> 8), (char)d->n };
	size_t j;

	buf_append(&server->shown, head, sizeof(head), NULL);
	for (j = 0; j < d->n; j++) {
		char byte = datagram_byte(id, j);

		buf_append(&server->shown, &byte, 1, NULL);
	}
}

static void
hear(unsigned id)
{
	struct server *v = server;
	const struct datagram *d = &v->datagrams[id];
	struct peer *peer = &v->peers[d->peer];

	if (v->closed)
		return;
	if (peer->own && server_answers()) {
		v->own++;
		return;
	}
	v->last_in = sim->now;
	v->received += d->n + (d->cut ? LOST : 0);
	v->n_received++;
	v->troubles += d->cut;
	peer->heard++;
	touch(peer);
	peer->in_batch = true;
	if (v->how.local == DGRAM_ECHO)
		owe(id);
	else if (v->how.local == DGRAM_STDIO)
		show(id);
	else if (v->how.local == DGRAM_PROGRAM)
		v->log[v->n_log++] = id;
	if (!peer->unnamed) {
		v->last = d->peer;
		v->last_here = d->here;
	}
	v->closed = v->received >= v->limit;
}

/* ---- the socket ---- */

static void
queue_one(unsigned id)
{
	struct server *v = server;

	if (v->n_unread >= v->room && v->datagrams[id].error == 0) {
		sim->dropped++;
		sim_trace("datagram %u is dropped by the kernel", id);
		return;
	}
	if (v->n_unread < UNREAD)
		v->unread[v->n_unread++] = id;
}

/* Moves what has arrived by now to the queue, in order of time. */
static void
admit(void)
{
	struct server *v = server;

	for (;;) {
		bool planned = v->next < v->n_datagrams && v->datagrams[v->next].at <= sim->now;
		bool bounced = v->n_bounced > 0 && v->bounced[0].at <= sim->now;

		if (!planned && !bounced)
			return;
		if (planned && !(bounced && v->bounced[0].at < v->datagrams[v->next].at)) {
			queue_one(v->next++);
			continue;
		}
		queue_one(v->bounced[0].id);
		v->n_bounced--;
		memmove(&v->bounced[0], &v->bounced[1], v->n_bounced * sizeof(v->bounced[0]));
	}
}

static unsigned
socket_ready(void *arg)
{
	const struct server *v = arg;

	admit();
	return (v->n_unread > 0 ? LOOP_READ : 0) |
	    (v->full_until <= sim->now || v->device_full || v->is_unix ? LOOP_WRITE : 0);
}

static int64_t
socket_next(void *arg)
{
	const struct server *v = arg;
	int64_t at = v->full_until > sim->now ? v->full_until : NEVER;

	if (v->next < v->n_datagrams && v->datagrams[v->next].at < at)
		at = v->datagrams[v->next].at;
	return v->n_bounced > 0 && v->bounced[0].at < at ? v->bounced[0].at : at;
}

static void
fill(struct packet *p, unsigned id)
{
	const struct datagram *d = &server->datagrams[id];
	size_t j;

	must(p->room >= d->n, "no room for a datagram");
	for (j = 0; j < d->n; j++)
		p->data[j] = datagram_byte(id, j);
	p->len = d->n;
	p->truncated = d->cut;
	p->true_len = d->n + (d->cut ? LOST : 0);
	p->end = false;
	p->name = server->peers[d->peer].name;
	p->local = here_name(d->here);
}

static void
drop_unread(unsigned n)
{
	server->n_unread -= n;
	memmove(&server->unread[0], &server->unread[n], server->n_unread * sizeof(unsigned));
}

static int
socket_recv(int fd, struct packet *packets, unsigned n, struct error *e)
{
	struct server *v = server;
	unsigned i, max;

	must(fd == v->fd && !v->over, "recv after the end");
	/* this bounds memory */
	must(v->how.local != DGRAM_STDIO || v->local.taken == v->shown.len,
	    "the server reads on though its output takes nothing");
	sim->now += (int64_t)draw(2000);
	admit();
	end_batch();
	v->calls++;
	v->batch_at = v->n_log;
	if (v->n_unread > 0 && v->datagrams[v->unread[0]].error != 0) {
		int number = v->datagrams[v->unread[0]].error;

		drop_unread(1);
		v->troubles++;
		sim->progress++;
		return error_errno(e, ERROR_NETWORK, number, "recv");
	}
	max = n < v->n_unread ? n : v->n_unread;
	max = max > 1 && one_in(3) ? 1 + (unsigned)draw(max - 1) : max;
	for (i = 0; i < max && v->datagrams[v->unread[i]].error == 0; i++) {
		fill(&packets[i], v->unread[i]);
		hear(v->unread[i]);
		sim_trace("recv: datagram %u of peer %u, %zu bytes", v->unread[i],
		    v->datagrams[v->unread[i]].peer, packets[i].len);
	}
	drop_unread(i);
	sim->progress += i;
	return i > 0 ? (int)i : SYS_AGAIN;
}

/* ---- sent datagrams ---- */

/* Checks that it leaves from the address that was used, unless nothing can. */
static bool
is_from(const struct packet *p, unsigned here)
{
	const struct sockname name = here_name(here);

	return p->local.len == 0 ? here == 0 || here == BROADCAST
				 : sockname_equal(&p->local, &name);
}

/* Removes the first echo that is owed, skipping those that may be left out. */
static void
take_echo(const struct peer *peer, const struct packet *p, bool sent)
{
	struct server *v = server;
	unsigned i = 0, id;

	for (; i < v->n_owed; i++) {
		const struct datagram *d = &v->datagrams[v->owed[i]];

		/* empty ones are all alike, except for our address */
		if (&v->peers[d->peer] == peer && d->n == p->len &&
		    (d->n > 0 || is_from(p, d->here)) &&
		    (d->n == 0 || p->data[0] == datagram_byte(v->owed[i], 0)))
			break;
		v->round += v->peers[d->peer].bounces;
		v->maybe_refused += !v->peers[d->peer].bounces;
	}
	must(i < v->n_owed, "an echo of nothing");
	id = v->owed[i];
	for (size_t j = 0; j < p->len; j++)
		must(p->data[j] == datagram_byte(id, j), "an echo of other bytes");
	must(is_from(p, v->datagrams[id].here), "an answer from another address");
	v->n_owed -= i + 1;
	memmove(&v->owed[0], &v->owed[i + 1], v->n_owed * sizeof(v->owed[0]));
	if (!sent || !peer->bounces || v->n_bounced == UNREAD)
		return;
	v->bounced[v->n_bounced].at = sim->now + 1 + (int64_t)draw(100000);
	v->bounced[v->n_bounced].id = id;
	if (v->n_bounced > 0 && v->bounced[v->n_bounced].at < v->bounced[v->n_bounced - 1].at)
		v->bounced[v->n_bounced].at = v->bounced[v->n_bounced - 1].at;
	v->n_bounced++;
}

static void
take_input(const struct peer *peer, const struct packet *p)
{
	struct server *v = server;
	const struct records *r = &v->records;

	must(peer == &v->peers[v->last], "a record to another than who was heard last");
	must(is_from(p, v->last_here), "an answer from another address");
	must(v->n_input < r->n, "a record from nowhere");
	must(v->sent < v->limit, "a record after the limit");
	must(p->len == r->sizes[v->n_input] && memcmp(p->data, r->data[v->n_input], p->len) == 0,
	    "record %u is not what was to be sent", v->n_input);
	v->n_input++;
}

/* No peer gets a record of the file before the one in front of it. */
static void
take_file(struct peer *peer, const struct packet *p)
{
	unsigned r;

	must(p->len > 0 && p->data[0] >= 'a' && p->data[0] < 'a' + FILE_RECORDS,
	    "not a record of the file");
	r = (unsigned)(p->data[0] - 'a');
	must(p->len == 1 + 7 * (size_t)r, "record %u of the file has %zu bytes", r, p->len);
	peer->got[r]++;
	must(r == 0 || peer->got[r] <= peer->got[r - 1], "a record of the file too early");
}

/* This one was sent, or failed. */
static void
take(const struct packet *p, bool sent)
{
	struct server *v = server;
	struct peer *peer = peer_of(&p->name);

	must(server_answers(), "an answer where nobody gives one");
	must(!peer->own, "an answer to our own address");
	switch (v->how.local) {
	case DGRAM_ECHO:
		take_echo(peer, p, sent);
		break;
	case DGRAM_STDIO:
		take_input(peer, p);
		break;
	case DGRAM_FILE:
		take_file(peer, p);
		break;
	default:
		programs_sent(peer, p);
		break;
	}
	v->refused.data = NULL;
	if (!sent)
		return;
	touch(peer);
	v->sent += p->len;
	v->n_sent++;
	v->last_out = sim->now;
	sim_trace("send: %zu bytes to peer %d", p->len, (int)(peer - v->peers));
}

static bool
is_same(const struct packet *a, const struct packet *b)
{
	return a->data == b->data && a->len == b->len && sockname_equal(&a->name, &b->name);
}

static int
no_room(const struct packet *p, struct error *e)
{
	struct server *v = server;

	v->was_full = true;
	sim_trace("send: no room for %zu bytes", p->len);
	if (v->refused.data == NULL || !is_same(p, &v->refused)) {
		v->refused = *p;
		v->refused_since = sim->now;
		sim->progress++;
	}
	sim->progress += v->device_full || v->is_unix;
	return v->device_full ? error_errno(e, ERROR_NETWORK, ENOBUFS, "send") : SYS_AGAIN;
}

/* Returns 0, or why this one cannot be sent. */
static int
fault_of(const struct packet *p)
{
	const struct peer *peer = peer_of(&p->name);
	const struct sockname broadcast = here_name(BROADCAST);

	if (p->local.len != 0 && sockname_equal(&p->local, &broadcast))
		return EINVAL;
	if (peer->unnamed)
		return EINVAL;
	return peer->unreachable ? EHOSTUNREACH : 0;
}

static int
socket_send(int fd, const struct packet *packets, unsigned n, struct error *e)
{
	struct server *v = server;
	int fault = fault_of(packets);
	unsigned i;

	must(fd == v->fd && !v->over, "send after the end");
	must(n > 0, "send of nothing");
	sim->now += (int64_t)draw(2000);
	v->calls++;
	if (v->full_until > sim->now)
		return no_room(packets, e);
	sim->progress++;
	if (fault != 0) {
		/* after a failure of our address it is sent again from any */
		if (packets->local.len == 0 || fault != EINVAL) {
			v->troubles++;
			take(packets, false);
		}
		return error_errno(e, ERROR_NETWORK, fault, "send");
	}
	n = one_in(2) ? 1 + (unsigned)draw(n) : n;
	for (i = 0; i < n && fault_of(&packets[i]) == 0; i++)
		take(&packets[i], true);
	/* a loop continues until it is stopped */
	if (!v->bounces && one_in(8)) {
		v->full_until = one_in(20) ? NEVER : sim->now + draw_time();
		v->device_full = one_in(3);
	}
	return (int)i;
}

static const struct sim_batch socket_batch = { socket_recv, socket_send };

static int
socket_shut(struct stream *s, struct error *e)
{
	(void)s, (void)e;
	sim_fail("a datagram socket is half-closed");
}

static int
socket_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s, (void)side;
	return server->fd;
}

static enum stream_kind
socket_kind(const struct stream *s, enum stream_side side)
{
	(void)s, (void)side;
	return STREAM_DGRAM;
}

static const struct stream_ops socket_ops = { .shut = socket_shut,
	.raw_fd = socket_raw_fd,
	.kind = socket_kind };

/* ---- callbacks of the server ---- */

static int
on_record(struct udp_server *sv, const struct sender *s, const struct packet *p, struct buf *out,
    struct error *e)
{
	const struct peer *peer = peer_of(&s->name);
	char head[3] = { (char)(peer - server->peers), (char)(p->len >> 8), (char)p->len };

	(void)sv;
	if (buf_append(out, head, sizeof(head), e) < 0)
		return -1;
	return buf_append(out, p->data, p->len, e);
}

static void
on_started(struct udp_server *sv, const struct sender *s)
{
	struct peer *peer = peer_of(&s->name);
	size_t max = sv->how->max_senders;

	peer->n_known++;
	peer->started++;
	server->started++;
	must(peer->heard > 0, "a sender that nothing came from");
	must(++server->known <= (max != 0 ? max : 1000), "more senders than may be");
	must(server->how.keep_open || server->how.local < DGRAM_PROGRAM || server->started == 1,
	    "a second sender was served");
}

/* The one silent for longest is forgotten. */
static void
check_forgotten(const struct peer *peer)
{
	const struct server *v = server;
	unsigned i;

	must(v->known == v->how.max_senders, "a sender is forgotten, and there is room");
	for (i = 0; i < v->n_peers && !peer->in_batch; i++)
		must(v->peers[i].n_known == 0 || v->peers[i].in_batch ||
			v->peers[i].latest >= peer->earliest,
		    "another sender was silent for longer than the one that is forgotten");
}

static void
check_idle(const struct peer *peer)
{
	const struct server *v = server;

	must(v->idle != DURATION_NONE, "idle-timeout, without a rule");
	/* unknown if a peer has several senders, or datagrams of it were refused */
	if (peer->started == 1 && v->sv->refused == 0)
		must(sim->now - peer->active >= v->idle - SLACK, "idle-timeout too early");
}

static void
on_ended(struct udp_server *sv, const struct sender *s)
{
	struct server *v = server;
	struct peer *peer = peer_of(&s->name);

	(void)sv;
	sim_trace("peer %d: %s", (int)(peer - v->peers), sock_end_word(s->end));
	if (s->end == END_LIMIT && !v->closed)
		check_forgotten(peer);
	if (s->end == END_IDLE_TIMEOUT && v->how.keep_open)
		check_idle(peer);
	if (v->how.local == DGRAM_PROGRAM)
		programs_ended(peer, s->end);
	peer->served += s->end == END_LOCAL_EOF && v->how.local == DGRAM_FILE;
	must(s->in_flight == 0 || v->over || relay_is_over(&v->sv->relay),
	    "a sender is forgotten while something to it is held");
	peer->n_known--;
	v->known--;
	v->ended++;
	v->sum_received += s->received;
	v->sum_sent += s->sent;
	v->sum_n_received += s->received_datagrams;
	v->sum_n_sent += s->sent_datagrams;
}

static void
on_trouble(struct udp_server *sv, const struct error *e)
{
	struct server *v = server;

	(void)sv;
	v->told++;
	sim_trace("trouble: %s", e->text);
	if (strstr(e->text, "takes no more datagrams") == NULL)
		return;
	must(v->refused.data != NULL, "given up, and there was room");
	must(sim->now - v->refused_since >= SEC - SLACK, "given up after %lld ms",
	    (long long)((sim->now - v->refused_since) / MSEC));
	v->troubles++;
	take(&v->refused, false);
	sim->progress++;
}

static void
on_shown(struct fake *f, const char *data, size_t n)
{
	must(f->taken + n <= server->shown.len, "more was delivered than came");
	must(memcmp(buf_head(&server->shown) + f->taken, data, n) == 0,
	    "what is delivered at byte %llu is not what came", (unsigned long long)f->taken);
}

static void
on_done(struct relay *r)
{
	(void)r;
	must(!server->over, "done() was called twice");
	server->over = true;
	server->over_at = sim->now;
	sim_trace("over: %s, %s", sock_end_word(r->ending.end),
	    r->error != NULL ? r->error->text : "no error");
}

static void
stop(void *arg)
{
	struct server *v = arg;

	if (v->over)
		return;
	v->stopped = true;
	relay_stop(&v->sv->relay, END_SIGNAL);
	on_done(&v->sv->relay);
}

/* ---- the schedule ---- */

static void
plan_peers(void)
{
	struct server *v = server;
	unsigned i;

	v->is_unix = one_in(3);
	v->any = !v->is_unix && one_in(2);
	v->local_name =
	    v->is_unix ? unix_name(9) : inet_name(v->any ? "0.0.0.0" : "10.0.0.1", PORT);
	v->n_peers = 1 + (unsigned)draw(PEERS);
	v->bounces = one_in(40);
	for (i = 0; i < v->n_peers; i++) {
		struct peer *peer = &v->peers[i];

		peer->name =
		    v->is_unix ? unix_name((int)i) : inet_name("10.0.0.9", (uint16_t)(5000 + i));
		peer->unreachable = one_in(8);
		peer->bounces = v->bounces && one_in(2) && !peer->unreachable;
	}
	if (v->is_unix && one_in(3)) {
		v->peers[0].unnamed = true;
		v->peers[0].bounces = false;
		v->peers[0].name.len = sizeof(sa_family_t);
	}
	if (v->n_peers > 1 && one_in(4)) {
		v->peers[1] = (struct peer){ .own = true, .name = v->local_name };
		/* for a socket bound to all addresses: from the address it was sent to, or from
		 * this host */
		if (v->any)
			v->peers[1].name = inet_name(one_in(2) ? "10.0.0.1" : "127.0.0.3", PORT);
	}
}

static void
plan_datagrams(void)
{
	struct server *v = server;
	int64_t at = sim->now;
	unsigned i;

	v->n_datagrams = (unsigned)draw(DATAGRAMS + 1);
	for (i = 0; i < v->n_datagrams; i++) {
		struct datagram *d = &v->datagrams[i];

		at += one_in(2) ? 0 : draw_time();
		*d = (struct datagram){ .at = at, .peer = (unsigned)draw(v->n_peers) };
		d->n = one_in(40) ? draw(EACH_MAX) : one_in(6) ? 0 : draw(200);
		d->error = one_in(30) ? ECONNREFUSED : 0;
		d->cut = one_in(40);
		d->here = v->any ? (v->peers[d->peer].own ? 1 : (unsigned)draw(4)) : 0;
	}
	v->room = one_in(10) ? 1 + (unsigned)draw(4) : UNREAD;
	if (one_in(12))
		v->full_until = one_in(4) ? NEVER : sim->now + draw_time();
	v->device_full = one_in(3);
}

/* Records with a letter and a length of their own, shared by all schedules. */
static const char *
file_path(void)
{
	static char path[40];
	char data[200];
	size_t at = 0;
	int fd, r;

	if (path[0] != '\0')
		return path;
	for (r = 0; r < FILE_RECORDS; r++) {
		size_t n = 1 + 7 * (size_t)r;

		data[at++] = 0;
		data[at++] = (char)n;
		memset(data + at, 'a' + r, n);
		at += n;
	}
	fd = memfd_create("records", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, at) != (ssize_t)at)
		sim_fail("no file for the server");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

static void
plan_how(void)
{
	struct server *v = server;
	enum dgram_local local = (enum dgram_local)draw(5);

	v->input = local == DGRAM_STDIO && one_in(2);
	v->how = (struct udp_server_how){ .local = local,
		.keep_open = !one_in(3),
		.framing.kind = local == DGRAM_PROGRAM && one_in(3) ? FRAMING_WHOLE : FRAMING_LEN16,
		.env_fn = programs_env,
		.file = file_path(),
		.max_senders = one_in(3) ? 1 + draw(4) : 0,
		.quiet = one_in(6) ? DURATION_NONE : draw_time(),
		.record = on_record,
		.started = on_started,
		.ended = on_ended,
		.on_error = on_trouble };
	v->idle = one_in(4) ? MSEC + draw_time() : DURATION_NONE;
	v->rules = (struct ending_rules){ .after_eof = DURATION_NONE,
		.idle = v->idle,
		.accept = one_in(6) ? 1 + draw_time() : DURATION_NONE,
		.until = one_in(2) ? deadline_in(SEC + (int64_t)draw(30 * SEC)) : deadline_never(),
		.send_only = v->input && one_in(6) };
	v->limit = one_in(6) ? 1 + draw(1000) : UINT64_MAX;
	v->rate = one_in(8) ? 100 + draw(100000) : 0;
	v->delay = one_in(8) ? draw_time() : 0;
	if (deadline_is_never(v->rules.until)) {
		v->stops = sim->now + (int64_t)draw(30 * SEC);
		sim_at(v->stops, stop, v);
	}
}

static void
plan_local(void)
{
	struct server *v = server;
	struct source *s = &v->local.source;

	fake_init(&v->local, "local", 0, 0);
	sink_init(&v->output);
	if (one_in(8)) {
		v->output.fate = one_in(2) ? FATE_RESET : FATE_FAIL;
		v->output.fails_after = draw(500);
	}
	v->local.sink = &v->output;
	v->local.unchecked = true;
	v->local.takes = on_shown;
	records_plan(&v->records, &v->local);
	s->fate = one_in(8) ? FATE_FAIL : FATE_END;
	s->fate_after = draw_time();
}

static void
plan(void)
{
	struct server *v = server;

	plan_peers();
	plan_datagrams();
	plan_how();
	plan_local();
	sim->batch = &socket_batch;
	v->stream.ops = &socket_ops;
	v->fd = sim_fd(socket_ready, socket_next, v);
	buf_init(&v->shown, SIZE_MAX / 2);
	sim_trace(
	    "near %d keep-open %d unix %d any %d input %d max %zu framing %d idle %lld quiet %lld "
	    "limit %lld",
	    v->how.local, v->how.keep_open, v->is_unix, v->any, v->input, v->how.max_senders,
	    v->how.framing.kind, (long long)v->idle, (long long)v->how.quiet, (long long)v->limit);
}

/* ---- running ---- */

static void
run(void)
{
	struct server *v = server;
	struct error e = { 0 };
	struct relay_how how = { .loop = v->loop,
		.rules = &v->rules,
		.remote = &v->stream,
		.input = v->input,
		.limit = v->limit,
		.rate = v->rate,
		.delay = v->delay,
		.done = on_done };

	how.local = &v->local.stream;
	if (v->how.local != DGRAM_STDIO && fd_stream_null(&how.local, &e) < 0)
		sim_fail("null: %s", e.text);
	v->began = sim->now;
	v->last_in = v->last_out = INT64_MIN;
	if (udp_server_open(&v->sv, &how, &v->how, &e) < 0)
		sim_fail("open: %s", e.text);
	relay_start(&v->sv->relay);
	if (!v->over)
		must(sim_run(v->loop, &v->over), "it hangs");
	peers_check();
}

static void
release(void)
{
	struct server *v = server;
	struct stream *local = v->sv != NULL ? v->sv->relay.how.local : NULL;

	v->over = true;
	if (v->sv != NULL)
		relay_close(&v->sv->relay);
	if (local != &v->local.stream)
		stream_close(local);
	programs_fini();
	buf_fini(&v->shown);
	loop_close(v->loop);
	free(v);
	server = NULL;
}

void
sim_peers(void)
{
	struct error e = { 0 };
	jmp_buf outer;

	server = calloc(1, sizeof(*server));
	if (loop_open(&server->loop, &e) < 0)
		sim_fail("loop: %s", e.text);
	plan();
	memcpy(&outer, &sim->out, sizeof(outer));
	if (setjmp(sim->out) == 0)
		run();
	if (setjmp(sim->out) == 0)
		release();
	memcpy(&sim->out, &outer, sizeof(outer));
	if (sim->failure[0] != '\0')
		longjmp(sim->out, 1);
}

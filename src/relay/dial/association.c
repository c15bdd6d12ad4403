#include "relay/dial/association.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/log.h"
#include "net/access/access.h"
#include "net/mmsg.h"
#include "net/sys.h"
#include "relay/copy/scratch.h"
#include "relay/dial/datagram_flow.h"
#include "relay/relay_ops.h"
#include "stream/negotiate/proxy/socks_datagram.h"
#include "stream/stream.h"

enum {
	BATCH = 16,      /* datagrams before others get their turn */
	ROOM = 64 << 10, /* the longest datagram */
	BUDGET = 8       /* batches of one turn */
};

/* What the client sent before its connection ended is read for at most this long after. */
#define DRAIN_TIME NSEC_PER_SEC

/* Why datagrams are dropped. */
enum drop {
	DROP_STRANGER, /* from another address than the client's */
	DROP_HEADER,   /* without a header, or a fragment */
	DROP_DENIED,
	DROP_UNREACHED,
	DROP_ROOM,
	DROPS
};

struct association;

struct target {
	struct association *association;
	struct target *next; /* the one that was silent for longer */
	struct proxy_target name;
	struct endpoint endpoint;
	struct connect_how connect;
	struct datagram_flow flow;
	bool ready;
};

struct association {
	struct relay relay;
	struct association_how how;
	int fd;
	struct watch watch;
	bool readable;
	struct deadline drain;  /* passed: the connection has not ended, or all has been read */
	struct target *targets; /* the one that moved last is the first */
	unsigned n_targets;
	uint64_t dropped[DROPS];
};

static struct association *
association_of(const struct relay *r)
{
	return CONTAINER_OF(r, struct association, relay);
}

static bool
is_from_client(const struct association *a, const struct sockname *from)
{
	struct sockname name = sockname_unmapped(from), client = a->how.client;

	if (sockname_port(&client) == 0)
		sockname_set_port(&client, sockname_port(&name));
	return sockname_equal(&name, &client);
}

/* ---- targets ---- */

static struct target **
find_target(struct association *a, const struct proxy_target *name)
{
	struct target **at = &a->targets;

	while (*at != NULL &&
	    ((*at)->name.port != name->port || strcmp((*at)->name.host, name->host) != 0))
		at = &(*at)->next;
	return at;
}

static void
free_target(struct target **at, enum drop why)
{
	struct target *t = *at;

	if (t == NULL)
		return;
	*at = t->next;
	t->association->n_targets--;
	datagram_flow_stop(&t->flow);
	t->association->dropped[why] += t->flow.dropped;
	free(t);
}

/* Makes it the last that will have to make room. */
static struct target *
move_to_front(struct association *a, struct target **at)
{
	struct target *t = *at;

	*at = t->next;
	t->next = a->targets;
	a->targets = t;
	return t;
}

static void
on_target_ready(struct datagram_flow *f)
{
	struct target *t = f->arg;

	t->ready = true;
	relay_wake(&t->association->relay);
}

/* A list may name the target as the client does, or any of its addresses. */
static bool
may_send_to(void *arg, const struct sockname *peer)
{
	const struct target *t = arg;
	const struct access_subject subject = { .name = peer, .host = t->name.host, .fd = -1 };

	return access_check(t->association->how.targets, &subject) == ACCESS_ALLOWED;
}

static void
start_target(struct association *a, struct target *t)
{
	t->endpoint.kind = ENDPOINT_INET;
	snprintf(t->endpoint.host, sizeof(t->endpoint.host), "%s", t->name.host);
	snprintf(t->endpoint.port, sizeof(t->endpoint.port), "%u", t->name.port);
	t->connect = *a->how.connect;
	t->connect.bind.type = SOCK_DGRAM;
	t->connect.may_connect = may_send_to;
	t->connect.may_connect_arg = t;
	t->flow = (struct datagram_flow){ .loop = a->how.loop,
		.log = a->how.log,
		.how = { .endpoint = &t->endpoint, .connect = &t->connect },
		.until = a->how.until,
		.shortage = a->how.shortage,
		.ready = on_target_ready,
		.arg = t };
	datagram_flow_start(&t->flow);
}

/* Returns the target with this name, or NULL without memory. */
static struct target *
use_target(struct association *a, const struct proxy_target *name)
{
	struct target **at = find_target(a, name), *t;

	if (*at != NULL)
		return move_to_front(a, at);
	if (a->n_targets == ASSOCIATION_TARGETS) {
		for (at = &a->targets; (*at)->next != NULL; at = &(*at)->next)
			;
		free_target(at, DROP_ROOM);
	}
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	t->association = a;
	t->name = *name;
	t->next = a->targets;
	a->targets = t;
	a->n_targets++;
	start_target(a, t);
	return t;
}

/* ---- from the client ---- */

/* A name that is denied is not looked up. */
static bool
is_name_denied(const struct association *a, const struct proxy_target *name)
{
	const struct access_subject subject = { .host = name->host, .fd = -1 };

	return access_check(a->how.targets, &subject) == ACCESS_DENIED;
}

static void
send_to_target(struct association *a, const struct proxy_target *name, const char *data, size_t n)
{
	struct target *t;

	if (is_name_denied(a, name)) {
		a->dropped[DROP_DENIED]++;
		return;
	}
	t = name->port != 0 ? use_target(a, name) : NULL;
	if (t == NULL) {
		a->dropped[DROP_UNREACHED]++;
		return;
	}
	/* the lists may have changed since it was connected to */
	if (t->flow.connected && !may_send_to(t, &t->flow.dial.peer)) {
		a->dropped[DROP_DENIED]++;
		return;
	}
	datagram_flow_send(&t->flow, data, n);
}

static void
on_client_datagram(struct association *a, const struct packet *p)
{
	struct proxy_target name;
	const char *why;
	size_t header;

	if (!is_from_client(a, &p->name)) {
		a->dropped[DROP_STRANGER]++;
		return;
	}
	header = socks_datagram_parse(&name, p->data, p->len, &why);
	if (header == 0) {
		a->dropped[DROP_HEADER]++;
		return;
	}
	if (sockname_port(&a->how.client) == 0)
		sockname_set_port(&a->how.client, sockname_port(&p->name));
	a->relay.received += p->len - header;
	a->relay.n_received++;
	ending_received(&a->relay.ending, a->relay.now);
	send_to_target(a, &name, p->data + header, p->len - header);
}

static unsigned
split_room(struct association *a, size_t before, struct packet packets[BATCH])
{
	struct error e;
	char *block = scratch_get(a->relay.how.scratch, &e);
	size_t each = ROOM;

	if (block == NULL)
		return 0;
	for (unsigned i = 0; i < BATCH; i++)
		packets[i] =
		    (struct packet){ .data = block + i * each + before, .room = each - before };
	return a->relay.how.scratch->size / each < BATCH
	    ? (unsigned)(a->relay.how.scratch->size / each)
	    : BATCH;
}

static bool
receive_from_client(struct association *a)
{
	struct packet packets[BATCH];
	unsigned room = a->readable ? split_room(a, 0, packets) : 0;
	int n = room > 0 ? mmsg_recv(a->fd, packets, room, NULL) : 0;

	if (n < (int)room)
		a->readable = false;
	for (int i = 0; i < n; i++)
		on_client_datagram(a, &packets[i]);
	return n > 0;
}

/* ---- to the client ---- */

/* Returns the length of the header for what comes from this target. */
static size_t
put_header(const struct target *t, unsigned char ret_header[SOCKS_DATAGRAM_HEADER_MAX])
{
	struct proxy_target from = { .address = sockname_unmapped(&t->flow.dial.peer),
		.port = sockname_port(&t->flow.dial.peer) };

	return socks_datagram_put(&from, ret_header);
}

/* In front of p->data there is room for the n bytes of the header. */
static void
send_to_client(struct association *a, const struct packet *p, const unsigned char *header, size_t n)
{
	struct packet out = { .data = p->data - n, .len = p->len + n, .name = a->how.client };

	memcpy(out.data, header, n);
	if (p->truncated || mmsg_send(a->fd, &out, 1, NULL) != 1) {
		a->dropped[DROP_ROOM]++;
		return;
	}
	a->relay.sent += p->len;
	a->relay.n_sent++;
	ending_sent(&a->relay.ending, a->relay.now);
}

/* A target that refuses or cannot be reached is forgotten: the next datagram tries again. */
static void
target_failed(struct association *a, struct target *t, const struct error *e)
{
	log_line(a->how.log, LOG_VERBOSE, "association: %s", e->text);
	free_target(find_target(a, &t->name),
	    e->code == ERROR_PROXY ? DROP_DENIED : DROP_UNREACHED);
}

/* Returns true if more may come at once. */
static bool
receive_from_target(struct association *a, struct target *t)
{
	unsigned char header[SOCKS_DATAGRAM_HEADER_MAX];
	size_t n_header = put_header(t, header);
	struct packet packets[BATCH];
	unsigned room = split_room(a, n_header, packets);
	struct error e = { 0 };
	int n = datagram_flow_receive(&t->flow, packets, room, &e);

	for (int i = 0; i < n; i++)
		send_to_client(a, &packets[i], header, n_header);
	if (n < 0) {
		target_failed(a, t, &e);
		return false;
	}
	t->ready = n > 0;
	if (n == 0 && datagram_flow_wait(&t->flow, true, &e) < 0)
		target_failed(a, t, &e);
	return n > 0;
}

static bool
receive_from_targets(struct association *a)
{
	struct target *t, *next;
	bool more = false;

	for (t = a->targets; t != NULL; t = next) {
		next = t->next;
		if (t->ready)
			more = receive_from_target(a, t) || more;
	}
	return more;
}

/* ---- the connection ---- */

/* What a client says there has no meaning. */
static void
read_connection(struct association *a)
{
	struct relay *r = &a->relay;
	struct error e = { 0 };
	char data[256];
	ssize_t n = 1;

	if (r->ending.receive != ENDING_OPEN || relay_is_blocked(r, RELAY_REMOTE_IN))
		return;
	for (int i = 0; i < BATCH && n > 0; i++)
		n = stream_read(r->how.remote, data, sizeof(data), &e);
	if (n == 0) {
		a->readable = true;
		a->drain = deadline_after(r->now, DRAIN_TIME);
		relay_event(r, ENDING_PEER_ENDED);
	} else if (n == -1)
		relay_failed(r, RELAY_REMOTE_IN, &e);
	else if (n < -1)
		relay_block(r, RELAY_REMOTE_IN);
}

/* What the client sent before it ended is still relayed, however many turns it takes. */
static bool
is_drained(const struct association *a)
{
	return !a->readable || deadline_is_due(a->drain, a->relay.now);
}

static bool
association_run(struct relay *r)
{
	struct association *a = association_of(r);
	bool more = true;

	read_connection(a);
	for (int i = 0; i < BUDGET && more && !relay_is_over(r); i++) {
		more = receive_from_client(a);
		more = receive_from_targets(a) || more;
	}
	if (r->received >= r->how.limit || r->sent >= r->how.limit)
		relay_event(r, ENDING_RECEIVE_LIMIT);
	if (r->ending.receive == ENDING_DRAINING && is_drained(a))
		relay_event(r, ENDING_DELIVERED);
	return false;
}

static struct deadline
association_wants(const struct relay *r, unsigned events[RELAY_SLOTS])
{
	const struct association *a = association_of(r);

	if (r->ending.receive == ENDING_OPEN)
		events[RELAY_REMOTE_IN] |= LOOP_READ;
	else if (a->readable)
		return deadline_in(0);
	for (const struct target *t = a->targets; t != NULL; t = t->next)
		if (t->ready)
			return deadline_in(0);
	return deadline_never();
}

static void
association_drop(struct relay *r, unsigned actions)
{
	(void)r, (void)actions;
}

static const char *
drop_reason(int drop)
{
	switch (drop) {
	case DROP_STRANGER:
		return "they came from another address than the client's";
	case DROP_HEADER:
		return "they had no header of SOCKS5, or were fragments";
	case DROP_DENIED:
		return "the target is not allowed";
	case DROP_UNREACHED:
		return "the target cannot be reached";
	default:
		return "there was no room for them, or they are too long";
	}
}

static void
report_drops(const struct association *a)
{
	char client[SOCKNAME_TEXT_MAX];

	for (int i = 0; i < DROPS; i++)
		if (a->dropped[i] > 0)
			log_line(a->how.log, LOG_NOTE,
			    "association of %s: %llu datagram%s dropped: %s",
			    sockname_format_short(&a->how.client, client, sizeof(client)),
			    (unsigned long long)a->dropped[i], a->dropped[i] == 1 ? "" : "s",
			    drop_reason(i));
}

static void
association_conclude(struct relay *r)
{
	struct association *a = association_of(r);

	while (a->targets != NULL)
		free_target(&a->targets, DROP_ROOM);
	loop_unwatch(a->how.loop, &a->watch);
	report_drops(a);
}

static void
association_fini(struct relay *r)
{
	sys_close(association_of(r)->fd);
}

static const struct relay_ops association_ops = {
	.size = sizeof(struct association),
	.run = association_run,
	.wants = association_wants,
	.drop = association_drop,
	.conclude = association_conclude,
	.fini = association_fini,
};

/* ---- open ---- */

static bool
is_inet(const struct sockname *name)
{
	return name->len > 0 && (name->sa.sa_family == AF_INET || name->sa.sa_family == AF_INET6);
}

int
association_listen(struct association_socket *ret_socket, const struct association_how *how,
    struct error *e)
{
	struct sockname name = sockname_unmapped(&how->local);
	int fd;

	if (!is_inet(&name) || !is_inet(&how->client))
		return error_set(e, ERROR_NETWORK,
		    "the client has no address that datagrams could come from");
	sockname_set_port(&name, 0);
	fd = sys_socket(name.sa.sa_family, SOCK_DGRAM, 0, e);
	if (fd < 0)
		return -1;
	if (sys_bind(fd, &name, e) < 0 || sys_local_name(fd, &name, e) < 0) {
		sys_close(fd);
		return -1;
	}
	*ret_socket = (struct association_socket){ .fd = fd, .name = name };
	return 0;
}

static void
on_client_readable(struct watch *w, unsigned ready)
{
	struct association *a = w->arg;

	(void)ready;
	a->readable = true;
	relay_wake(&a->relay);
}

int
association_open(struct relay **ret_relay, const struct relay_how *relay_how,
    const struct association_how *how, struct association_socket *socket, struct error *e)
{
	struct relay_how own = *relay_how;
	struct association *a;

	own.input = false;
	if ((a = relay_new(&association_ops, &own, e)) == NULL)
		return -1;
	a->how = *how;
	a->fd = socket->fd;
	a->readable = true;
	a->watch = (struct watch){ .fd = a->fd, .fn = on_client_readable, .arg = a };
	if (loop_watch(how->loop, &a->watch, LOOP_READ, e) < 0) {
		a->fd = -1;
		relay_close(&a->relay);
		return -1;
	}
	socket->fd = -1;
	*ret_relay = &a->relay;
	return 0;
}

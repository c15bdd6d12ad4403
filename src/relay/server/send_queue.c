#include <errno.h>
#include <netinet/in.h>

#include "base/error.h"
#include "net/sys.h"
#include "relay/server/peer_table.h"
#include "relay/server/send_queue.h"

bool
send_queue_is_busy(const struct send_queue *o)
{
	return o->at < o->n;
}

static void
add_length_hint(const struct packet *p, struct error *e)
{
	int family = p->name.sa.sa_family;

	if (e->number == EMSGSIZE && (family == AF_INET || family == AF_INET6))
		error_hint(e, "%zu bytes; a UDP datagram holds at most %d", p->len,
		    family == AF_INET ||
			    IN6_IS_ADDR_V4MAPPED(
				&((const struct sockaddr_in6 *)(const void *)&p->name.storage)
				     ->sin6_addr)
			? 65507
			: 65527);
}

static void
finish_packets(struct send_queue *o, unsigned n, const struct error *e)
{
	for (; n > 0; n--, o->at++) {
		struct sender *s = o->to[o->at];

		s->in_flight--;
		if (e == NULL)
			o->sent(o, s, &o->packets[o->at]);
		else
			o->failed(o, s, e);
	}
	o->again = deadline_never();
	full_queue_reset(&o->full);
}

/* An address of ours that cannot be a source, such as a broadcast address. Lets the kernel
 * choose. */
static bool
retry_from_anywhere(struct packet *p, const struct error *e)
{
	if (p->local.len == 0 || (e->number != EINVAL && e->number != EADDRNOTAVAIL))
		return false;
	p->local.len = 0;
	return true;
}

/* Gives up a receiver that takes nothing for too long, since the others wait for it. Returns true
 * if the next can be tried. */
static bool
on_no_room(struct send_queue *o, bool event, int64_t now)
{
	char text[SOCKNAME_TEXT_MAX];
	struct error e;

	if (!full_queue_may_retry(&o->full, now)) {
		error_set(&e, ERROR_TIMEOUT, "sendto %s: timed out: it takes no more datagrams",
		    sockname_format_short(&o->packets[o->at].name, text, sizeof text));
		finish_packets(o, 1, &e);
		return true;
	}
	o->again = event ? deadline_never() : deadline_after(now, FULL_QUEUE_PAUSE);
	return false;
}

/* Returns true if the next can be tried. */
static bool
send_step(struct send_queue *o, int64_t now)
{
	struct packet *p = &o->packets[o->at];
	struct error e = { 0 };
	int sent = mmsg_send(o->fd, p, o->n - o->at, &e);

	if (sent > 0) {
		finish_packets(o, (unsigned)sent, NULL);
	} else if (sent == SYS_AGAIN || sys_queue_is_full(e.number)) {
		return on_no_room(o, sent == SYS_AGAIN && !o->polled, now);
	} else if (!retry_from_anywhere(p, &e)) {
		add_length_hint(p, &e);
		finish_packets(o, 1, &e);
	}
	return true;
}

void
send_queue_init(struct send_queue *o)
{
	o->again = deadline_never();
	full_queue_reset(&o->full);
}

void
send_queue_add(struct send_queue *o, struct sender *s, char *data, size_t n)
{
	struct packet *p = &o->packets[o->n];

	p->data = data;
	p->len = n;
	p->name = s->name;
	p->local = s->local;
	o->to[o->n++] = s;
	s->in_flight++;
}

void
send_queue_send(struct send_queue *o, int64_t now)
{
	bool more = true;

	while (more && send_queue_is_busy(o))
		more = send_step(o, now);
	if (more)
		o->n = o->at = 0;
}

struct deadline
send_queue_next(const struct send_queue *o)
{
	return send_queue_is_busy(o) ? deadline_min(o->again, o->full.broken_at) : deadline_never();
}

bool
send_queue_wants(const struct send_queue *o)
{
	return send_queue_is_busy(o) && deadline_is_never(o->again);
}

void
send_queue_drop(struct send_queue *o)
{
	for (; o->at < o->n; o->at++)
		o->to[o->at]->in_flight--;
	o->n = o->at = 0;
	send_queue_init(o);
}

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/error.h"
#include "net/ktls.h"
#include "net/sys.h"
#include "relay/lingering_close.h"

#define TICK (20 * NSEC_PER_MSEC)
#define PATIENCE NSEC_PER_SEC
#define CHUNK 65536
#define READS 16

static int
queued_bytes(int fd)
{
	int n = 0;

	return ioctl(fd, SIOCOUTQ, &n) == 0 ? n : 0;
}

bool
lingering_close_needed(int fd)
{
	int proto = 0, unread = 0;
	socklen_t len = sizeof proto;

	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &proto, &len) < 0 || proto != IPPROTO_TCP)
		return false;
	if (ioctl(fd, SIOCINQ, &unread) == 0 && unread > 0)
		return true;
	return queued_bytes(fd) > 0;
}

bool
lingering_close_was_reset(int fd)
{
	int number = 0;
	socklen_t len = sizeof number;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len) == 0 &&
	    (number == ECONNRESET || number == EPIPE);
}

/* Bytes that the peer has not acknowledged; our end counts as one of them. */
static bool
holds_bytes(const struct lingering_close *g)
{
	return g->queued > 1;
}

static void
finish(struct lingering_close *g)
{
	lingering_close_stop(g);
	g->done(g);
}

/* Of TLS in the kernel recv(2) gives data alone, and would stop at a ticket or an alert. */
static ssize_t
read_some(int fd, char *data, size_t size)
{
	ssize_t n = recv(fd, data, size, MSG_TRUNC | MSG_DONTWAIT);
	unsigned char kind = 0;

	if (n >= 0 || errno != EIO)
		return n;
	n = ktls_recv(fd, data, size, &kind, NULL);
	return n == 0 && kind != 0 ? 1 : n;
}

/* Bytes, 0 at the end of the peer's side, -1 where the connection is over, SYS_AGAIN. */
static ssize_t
read_away(const struct lingering_close *g)
{
	char data[CHUNK]; /* TCP's own bytes are not written to it */
	ssize_t n = 1;
	int i;

	for (i = 0; i < READS && n > 0; i++)
		n = read_some(g->fd, data, sizeof data);
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? SYS_AGAIN : n;
}

/* A peer that has ended its side may still acknowledge. */
static void
on_ready(struct watch *w, unsigned ready)
{
	struct lingering_close *g = w->arg;
	ssize_t n = read_away(g);

	(void)ready;
	if (n == 0 && holds_bytes(g)) {
		loop_unwatch(g->loop, &g->watch);
	} else if (n == 0 || n == -1) {
		g->reset = n == -1 && holds_bytes(g);
		finish(g);
	}
}

/* The peer acknowledges: as long as that goes on, so do we. */
static void
on_tick(struct timer *t)
{
	struct lingering_close *g = t->arg;
	int queued = queued_bytes(g->fd);
	struct error e;

	if (lingering_close_was_reset(g->fd)) {
		g->reset = holds_bytes(g);
		finish(g);
		return;
	}
	if (queued < g->queued)
		g->patience = deadline_in(PATIENCE);
	g->queued = queued;
	if ((queued == 0 && !g->for_peer) || deadline_passed(g->patience) ||
	    loop_timer_set(g->loop, t, deadline_in(TICK), &e) < 0)
		finish(g);
}

void
lingering_close_start(struct lingering_close *g)
{
	struct error e;

	(void)shutdown(g->fd, SHUT_WR);
	g->watch.fd = g->fd;
	g->watch.fn = on_ready;
	g->watch.arg = g;
	g->timer.fn = on_tick;
	g->timer.arg = g;
	g->queued = queued_bytes(g->fd);
	g->patience = deadline_in(PATIENCE);
	/* what cannot be waited for is not waited for: the timer ends it */
	if (loop_watch(g->loop, &g->watch, LOOP_READ, &e) < 0)
		g->for_peer = false;
	loop_timer_set(g->loop, &g->timer, deadline_in(NSEC_PER_MSEC), &e);
}

void
lingering_close_stop(struct lingering_close *g)
{
	if (g->done == NULL)
		return;
	loop_unwatch(g->loop, &g->watch);
	loop_timer_stop(g->loop, &g->timer);
}

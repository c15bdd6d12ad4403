#include "stream/negotiate/lingering_close.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "net/ktls/ktls.h"
#include "net/sys.h"
#include "net/tty/tty_modes.h"
#include "stream/negotiate/negotiation.h"
#include "stream/stream.h"

/* Acknowledgements are polled for: first after FIRST_TICK, which is enough for a nearby peer, then
 * every TICK. */
#define TICK (20 * NSEC_PER_MSEC)
#define FIRST_TICK NSEC_PER_MSEC
/* The most that one step reads and discards, so that other streams on the loop get their turn. */
enum { CHUNK = 64 << 10, READS = 16 };

struct lingering {
	struct negotiation base;
	bool for_peer, shut, ended;
	bool *ret_reset;
	int queued; /* unacknowledged bytes; our FIN counts as one */
	struct deadline until, tick;
};

static int
queued_bytes(int fd)
{
	int n = 0;

	if (isatty(fd))
		return tty_modes_unsent(fd);
	return ioctl(fd, SIOCOUTQ, &n) == 0 ? n : 0;
}

bool
lingering_close_needed(int fd)
{
	int unread = 0;

	if (sys_proto(fd) != IPPROTO_TCP)
		return isatty(fd) && queued_bytes(fd) > 0;
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

/* When the kernel decrypts TLS, plain reads return data only and fail at a ticket or an alert. */
static ssize_t
read_bottom(struct stream *bottom, char *data, size_t size)
{
	struct error e = { 0 };
	ssize_t n = stream_read(bottom, data, size, &e);
	unsigned char kind = 0;

	if (n != -1 || e.origin != ORIGIN_ERRNO || e.number != EIO)
		return n;
	n = ktls_recv(stream_raw_fd(bottom, STREAM_IN), data, size, &kind, NULL);
	return n == 0 && kind != 0 ? 1 : n;
}

static ssize_t
discard_input(struct stream *bottom)
{
	char data[CHUNK];
	ssize_t n = 1;
	int i;

	for (i = 0; i < READS && n > 0; i++)
		n = read_bottom(bottom, data, sizeof data);
	return n;
}

static int
finish_close(const struct lingering *c, bool reset)
{
	if (c->ret_reset != NULL)
		*c->ret_reset = reset && c->queued > 1;
	return 0;
}

/* Flushes what is queued, then sends our end. */
static int
start_close(struct lingering *c, struct stream *top, struct stream *bottom)
{
	int rc = stream_flush(top, NULL);

	if (rc == 0)
		rc = stream_shut(bottom, NULL);
	if (rc < 0)
		return rc;
	c->shut = true;
	c->queued = queued_bytes(stream_raw_fd(bottom, STREAM_OUT));
	c->tick = deadline_in(FIRST_TICK);
	return 0;
}

/* Extends the deadline when the peer has acknowledged something. */
static void
update_deadline(struct lingering *c, int fd)
{
	int queued = queued_bytes(fd);

	if (queued < c->queued)
		c->until = deadline_in(NEGOTIATION_LINGER);
	c->queued = queued;
	c->tick = deadline_in(TICK);
}

static int
close_step(struct negotiation *n, struct stream **top, struct error *e)
{
	struct lingering *c = CONTAINER_OF(n, struct lingering, base);
	struct stream *bottom = stream_bottom(*top);
	int fd = stream_raw_fd(bottom, STREAM_OUT), rc = 0;
	ssize_t got;

	(void)e;
	if (!c->shut)
		rc = start_close(c, *top, bottom);
	if (rc < -1 && !deadline_passed(c->until))
		return rc;
	if (rc == -1)
		return finish_close(c, true);
	got = c->ended ? 0 : discard_input(bottom);
	c->ended = got == 0;
	if (got == -1)
		return finish_close(c, true);
	if (deadline_passed(c->tick)) {
		if (lingering_close_was_reset(fd))
			return finish_close(c, true);
		update_deadline(c, fd);
	}
	/* a peer that has ended its direction may still acknowledge */
	if (deadline_passed(c->until) || (c->ended && c->queued <= 1) ||
	    (c->queued == 0 && !c->for_peer))
		return finish_close(c, false);
	return c->ended ? NEGOTIATION_WANT_TIME : STREAM_WANT_READ;
}

static struct deadline
close_retry_at(const struct negotiation *n, const struct stream *top)
{
	const struct lingering *c = (const struct lingering *)n;

	(void)top;
	return c->shut && c->queued > 0 ? deadline_min(c->until, c->tick) : c->until;
}

static const struct negotiation_ops ops = {
	.name = "close",
	.unfinished = "the connection is not closed",
	.step = close_step,
	.retry_at = close_retry_at,
};

int
lingering_close(struct negotiation **ret_first, bool for_peer, bool *ret_reset, struct error *e)
{
	struct lingering *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	c->base.ops = &ops;
	c->for_peer = for_peer;
	c->ret_reset = ret_reset;
	c->until = deadline_in(NEGOTIATION_LINGER);
	*ret_first = &c->base;
	return 0;
}

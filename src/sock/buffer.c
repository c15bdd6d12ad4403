#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/error.h"
#include "sock/impl.h"
#include "sock/wait.h"
#include "stream/stream.h"

/* The most that one receive asks for. */
#define PIECE ((size_t)64 * 1024)

static int
check_buffer(const struct sock *s, size_t max, struct error *e)
{
	if (s->fd == -1)
		return sock_fail_closed("recv", e);
	if (sock_is_receiving(s))
		return error_errno(e, ERROR_NETWORK, EBUSY,
		    "recv: another call waits on this socket");
	if (s->in.len >= max)
		return error_errno(e, ERROR_NETWORK, ENOBUFS, "recv: %zu bytes are held",
		    s->in.len);
	return 0;
}

/* Returns 1, 0 at the end, -1 or STREAM_WANT_*. */
static int
fill_once(struct sock *s, size_t max, struct error *e)
{
	size_t room = max - s->in.len;
	ssize_t got;

	got = sock_buffer_fill_once(s, room < PIECE ? room : PIECE, e);
	/* an empty datagram is not the end */
	if (got == 0 && s->type == SOCK_DGRAM)
		return STREAM_WANT_READ;
	return got > 0 ? 1 : (int)got;
}

/* Tries each socket in turn. Returns the result of the first that is ready, with its index, or
 * STREAM_WANT_READ with the events that each waits for. */
static int
try_each(struct sock_want *wants, size_t n, size_t max, size_t *ret_index, struct error *e)
{
	int rc;

	for (size_t i = 0; i < n; i++) {
		*ret_index = i;
		if (check_buffer(wants[i].sock, max, e) == -1)
			return -1;
		rc = fill_once(wants[i].sock, max, e);
		if (rc >= -1)
			return rc;
		wants[i].events = rc == STREAM_WANT_READ ? LOOP_READ : LOOP_WRITE;
	}
	*ret_index = n;
	return STREAM_WANT_READ;
}

static int
fill_any(struct sock_want *wants, size_t n, size_t max, struct deadline until, size_t *ret_index,
    struct error *e)
{
	int rc;

	for (bool waited = false; (rc = try_each(wants, n, max, ret_index, e)) < -1;
	     waited = true) {
		/* empty datagrams end a wait without giving anything */
		if (waited && deadline_passed(until))
			return error_errno(e, ERROR_TIMEOUT, ETIMEDOUT, "recv");
		if (sock_wait_any(wants, n, until, "recv", e) == -1)
			return -1;
	}
	return rc;
}

int
sock_buffer_fill(struct sock *s, size_t max, struct deadline until, struct error *e)
{
	struct sock_want want = { .sock = s };
	const struct wait_limit p = { .until = until };
	struct error unasked;
	size_t index;

	if (e == NULL)
		e = &unasked;
	if (s->fd != -1 && s->in.len < max && sock_skip_recv(s, &p) &&
	    sock_wait(s, LOOP_READ, &p, "recv", e) == -1)
		return -1;
	return fill_any(&want, 1, max, until, &index, e);
}

int
sock_buffer_fill_any(struct sock *const *socks, size_t n, size_t max, struct deadline until,
    size_t *ret_index, struct error *e)
{
	struct sock_want *wants = calloc(n, sizeof(*wants));
	struct error unasked;
	int rc;

	*ret_index = n;
	if (e == NULL)
		e = &unasked;
	if (wants == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < n; i++)
		wants[i].sock = socks[i];
	rc = fill_any(wants, n, max, until, ret_index, e);
	free(wants);
	return rc;
}

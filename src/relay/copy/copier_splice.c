#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/loop.h"
#include "net/sys.h"
#include "relay/copy/copier.h"
#include "relay/copy/scratch.h"

#define CHUNK (1u << 20)

/* Falls back to copying, since the kernel does not support this pair. */
static enum direction_result
demote(struct direction *d, size_t max, struct error *e)
{
	d->copier = &copier_copy;
	return copier_copy.move(d, max, e);
}

/* EBADF is a file opened in the other mode; copying will tell which end. */
static bool
is_unsupported(int errnum)
{
	return errnum == EINVAL || errnum == ENOSYS || errnum == EOPNOTSUPP || errnum == EPERM ||
	    errnum == EBADF;
}

static enum direction_result
count_moved(struct direction *d, ssize_t n)
{
	if (n == 0) {
		direction_end_source(d);
		return DIRECTION_ENDED;
	}
	d->in += (uint64_t)n;
	d->out += (uint64_t)n;
	return DIRECTION_MOVED;
}

/* Reports the failure here, since the kernel reports it only once; errno tells which end failed. */
static enum direction_result
fail_side(struct direction *d, const char *call, bool sink, enum error_code code, struct error *e)
{
	d->sink_failed = sink;
	error_errno(e, code, errno, "%s", call);
	return DIRECTION_FAILED;
}

/* ---- file to socket ---- */

/* Limits max to the rest of the file. If asked for more, older kernels delay the last piece
 * (MSG_MORE), and kernel TLS keeps it. */
static size_t
rest_of_file(int fd, size_t max)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	struct stat st;

	if (at < 0 || fstat(fd, &st) < 0 || st.st_size <= at)
		return max;
	return (uint64_t)(st.st_size - at) < max ? (size_t)(st.st_size - at) : max;
}

static enum direction_result
sendfile_move(struct direction *d, size_t max, struct error *e)
{
	int in = stream_raw_fd(d->from, STREAM_IN), out = stream_raw_fd(d->to, STREAM_OUT);
	size_t size = rest_of_file(in, max < CHUNK ? max : CHUNK);
	ssize_t n;

	do
		n = sendfile(out, in, NULL, size);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return count_moved(d, n);
	if (errno == EAGAIN)
		return direction_block(d, d->to, STREAM_WANT_WRITE);
	if (is_unsupported(errno))
		return demote(d, max, e);
	if (errno == EIO || errno == EISDIR || errno == ENOMEM)
		return fail_side(d, "read", false, ERROR_LOCAL_IO, e);
	return fail_side(d, "send", true, ERROR_NETWORK, e);
}

static const struct copier copier_sendfile = { "sendfile", sendfile_move };

/* ---- socket to pipe ---- */

static enum direction_result
splice_move(struct direction *d, size_t max, struct error *e)
{
	int in = stream_raw_fd(d->from, STREAM_IN), out = stream_raw_fd(d->to, STREAM_OUT);
	ssize_t n;

	do
		n = splice(in, NULL, out, NULL, max < CHUNK ? max : CHUNK,
		    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	while (n < 0 && errno == EINTR);
	if (n >= 16384)
		copier_grow_pipe(d->to, STREAM_OUT, &d->sink_grown);
	if (n > 0)
		return count_moved(d, n);
	/* it does not pass urgent data, for which it says that this is the end, or that nothing is there */
	if (n == 0)
		return demote(d, max, e);
	if (errno == EAGAIN && sys_is_ready(out, POLLOUT) <= 0)
		return direction_block(d, d->to, STREAM_WANT_WRITE);
	if (errno == EAGAIN)
		return sockatmark(in) == 1 ? demote(d, max, e)
					   : direction_block(d, d->from, STREAM_WANT_READ);
	if (is_unsupported(errno))
		return demote(d, max, e);
	if (errno == EPIPE)
		return fail_side(d, "write stdout", true, ERROR_LOCAL_IO, e);
	return fail_side(d, "recv", false, ERROR_NETWORK, e);
}

static const struct copier copier_splice = { "splice", splice_move };

/* ---- socket to nothing ---- */

static enum direction_result
discard_move(struct direction *d, size_t max, struct error *e)
{
	/* not written to, but valgrind cannot know */
	char *data = direction_scratch(d, &max, e);
	ssize_t n;

	if (data == NULL)
		return DIRECTION_FAILED;
	do
		n = recv(stream_raw_fd(d->from, STREAM_IN), data, max, MSG_TRUNC | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n >= 0) {
		direction_note_dry(d, (size_t)n, max);
		return count_moved(d, n);
	}
	if (errno == EAGAIN)
		return direction_block(d, d->from, STREAM_WANT_READ);
	return fail_side(d, "recv", false, ERROR_NETWORK, e);
}

/* TCP drops the bytes unread (MSG_TRUNC, tcp(7)). */
static const struct copier copier_discard = { "discard", discard_move };

/* An inherited socket may be blocking, and then these calls would block. */
static bool
is_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & O_NONBLOCK);
}

/* From a pipe, reading and writing is faster: docs/decisions/001-copy-by-default.md. */
const struct copier *
copier_in_kernel(const struct direction *d)
{
	enum stream_kind from = stream_kind(d->from, STREAM_IN);
	enum stream_kind to = stream_kind(d->to, STREAM_OUT);

	if (from == STREAM_FILE && to == STREAM_SOCKET &&
	    is_nonblocking(stream_raw_fd(d->to, STREAM_OUT)))
		return &copier_sendfile;
	if (from == STREAM_SOCKET && to == STREAM_PIPE &&
	    is_nonblocking(stream_raw_fd(d->from, STREAM_IN)))
		return &copier_splice;
	if (from == STREAM_SOCKET && to == STREAM_NULL &&
	    sys_proto(stream_raw_fd(d->from, STREAM_IN)) == IPPROTO_TCP)
		return &copier_discard;
	return NULL;
}

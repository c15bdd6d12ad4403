#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "base/file.h"
#include "net/sys.h"
#include "stream/fd.h"
#include "stream/terminal.h"

struct fd_stream {
	struct stream base;
	int in, out;
	int in_wait; /* polled instead of in, if in is a terminal that may belong to another job */
	enum stream_kind in_kind, out_kind;
	bool owned;         /* close closes both descriptors */
	bool close_on_shut; /* shut closes out */
	bool shut;
	bool early;     /* a FIFO that may have no writer yet: only a hangup is its end */
	bool no_nowait; /* this kernel has no RWF_NOWAIT for pipes */
};

/* Short writes, so that a stopped terminal cannot block us. */
#define TTY_CHUNK 1024

static struct fd_stream *
fd_stream_of(const struct stream *s)
{
	return CONTAINER_OF(s, struct fd_stream, base);
}

static bool
is_null_device(const struct stat *st)
{
	struct stat null;

	return S_ISCHR(st->st_mode) && stat("/dev/null", &null) == 0 && null.st_rdev == st->st_rdev;
}

static enum stream_kind
socket_kind(int fd)
{
	int type = sys_type(fd);

	return type == -1 || type == SOCK_STREAM ? STREAM_SOCKET : STREAM_DGRAM;
}

/* Datagrams have no end of stream, and a shutdown would stop others who share the socket from
 * sending. */
static bool
has_half_close(const struct fd_stream *f)
{
	return f->out_kind == STREAM_SOCKET ||
	    (f->out_kind == STREAM_DGRAM && sys_type(f->out) == SOCK_SEQPACKET);
}

enum stream_kind
fd_kind(int fd)
{
	struct stat st;

	if (fd < 0)
		return STREAM_NULL;
	if (fstat(fd, &st) < 0)
		return STREAM_OTHER;
	if (S_ISREG(st.st_mode))
		return STREAM_FILE;
	if (S_ISFIFO(st.st_mode))
		return STREAM_PIPE;
	if (S_ISSOCK(st.st_mode))
		return socket_kind(fd);
	if (is_null_device(&st))
		return STREAM_NULL;
	return isatty(fd) ? STREAM_TTY : STREAM_OTHER;
}

/* ---- sockets that we own ---- */

static ssize_t
socket_read(struct stream *s, void *data, size_t n, struct error *e)
{
	ssize_t got = sys_recv(fd_stream_of(s)->in, data, n, 0, e);

	return got == SYS_AGAIN ? STREAM_WANT_READ : got;
}

static ssize_t
socket_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	ssize_t put = sys_send(fd_stream_of(s)->out, data, n, 0, e);

	return put == SYS_AGAIN ? STREAM_WANT_WRITE : put;
}

static int
socket_shut(struct stream *s, struct error *e)
{
	struct fd_stream *f = fd_stream_of(s);

	if (f->shut)
		return 0;
	f->shut = true;
	return sys_shutdown(f->out, SHUT_WR, e);
}

/* Discards what has already arrived. If a unix socket is closed with unread data, the peer gets a
 * reset instead of an end. */
static void
socket_stop_reading(struct stream *s)
{
	char data[4096];

	if (shutdown(fd_stream_of(s)->in, SHUT_RD) < 0)
		return;
	while (sys_recv(fd_stream_of(s)->in, data, sizeof data, 0, NULL) > 0)
		continue;
}

static void
fd_close(struct stream *s)
{
	struct fd_stream *f = fd_stream_of(s);
	int saved = errno;

	if (f->owned) {
		sys_close(f->in);
		if (f->out != f->in)
			sys_close(f->out);
	}
	free(f);
	errno = saved;
}

static int
fd_raw(const struct stream *s, enum stream_side side)
{
	return side == STREAM_IN ? fd_stream_of(s)->in_wait : fd_stream_of(s)->out;
}

static enum stream_kind
fd_kind_of(const struct stream *s, enum stream_side side)
{
	return side == STREAM_IN ? fd_stream_of(s)->in_kind : fd_stream_of(s)->out_kind;
}

#define FD_OPS(reads, writes, shuts, stops_reading)                                                \
	{                                                                                          \
		.read = reads, .write = writes, .shut = shuts, .stop_reading = stops_reading,      \
		.close = fd_close, .raw_fd = fd_raw, .kind = fd_kind_of                            \
	}

static const struct stream_ops socket_ops =
    FD_OPS(socket_read, socket_write, socket_shut, socket_stop_reading);

static struct fd_stream *
new_stream(const struct stream_ops *ops, int in, int out, struct error *e)
{
	struct fd_stream *f = calloc(1, sizeof *f);

	if (f == NULL) {
		error_set(e, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	f->base.ops = ops;
	f->in = f->in_wait = in;
	f->out = out;
	return f;
}

void
fd_stream_give(struct stream *s, int fd)
{
	struct fd_stream *f = fd_stream_of(s);

	f->in = f->in_wait = f->out = fd;
	f->in_kind = f->out_kind = socket_kind(fd);
}

int
fd_stream_socket(struct stream **ret_stream, int fd, struct error *e)
{
	struct fd_stream *f = new_stream(&socket_ops, fd, fd, e);

	if (f == NULL)
		return -1;
	f->owned = true;
	if (fd >= 0)
		fd_stream_give(&f->base, fd);
	*ret_stream = &f->base;
	return 0;
}

/* ---- descriptors shared with other processes ---- */

/* Returns false with errno set, to EAGAIN if the call would block. */
static bool
check_ready(int fd, short events)
{
	int ready = sys_is_ready(fd, events);

	if (ready == 0)
		errno = EAGAIN;
	return ready > 0;
}

static ssize_t
read_if_ready(int fd, void *data, size_t n)
{
	return check_ready(fd, POLLIN) ? read(fd, data, n) : -1;
}

static ssize_t
write_if_ready(int fd, const void *data, size_t n)
{
	return check_ready(fd, POLLOUT) ? write(fd, data, n) : -1;
}

/* Reads or writes a pipe without blocking, whatever its O_NONBLOCK says. Sets no_nowait if the
 * kernel does not support that for pipes. */
static ssize_t
pipe_nowait(struct fd_stream *f, bool out, void *data, size_t n)
{
#ifdef RWF_NOWAIT
	struct iovec iov = { .iov_base = data, .iov_len = n };
	ssize_t done;

	if (f->no_nowait)
		return -1;
	done = out ? pwritev2(f->out, &iov, 1, -1, RWF_NOWAIT)
		   : preadv2(f->in, &iov, 1, -1, RWF_NOWAIT);
	f->no_nowait = done < 0 && (errno == EOPNOTSUPP || errno == ENOSYS);
	return done;
#else
	(void)out, (void)data, (void)n;
	f->no_nowait = true;
	return -1;
#endif
}

static ssize_t
pipe_read(struct fd_stream *f, void *data, size_t n)
{
	ssize_t got = pipe_nowait(f, false, data, n);

	return f->no_nowait ? read_if_ready(f->in, data, n) : got;
}

/* Returns how many bytes the pipe takes without blocking the writer. */
static size_t
pipe_room(int fd)
{
	int held = 0;
	long size = PIPE_BUF;

#ifdef F_GETPIPE_SZ
	size = fcntl(fd, F_GETPIPE_SZ);
#endif
	if (ioctl(fd, FIONREAD, &held) < 0 || size - held < PIPE_BUF)
		return PIPE_BUF;
	return (size_t)(size - held);
}

static ssize_t
pipe_write(struct fd_stream *f, const void *data, size_t n)
{
	ssize_t put = pipe_nowait(f, true, (void *)data, n);
	size_t room;

	if (!f->no_nowait)
		return put;
	room = pipe_room(f->out);
	return write_if_ready(f->out, data, n < room ? n : room);
}

static ssize_t
read_nowait(struct fd_stream *f, void *data, size_t n)
{
	switch (f->in_kind) {
	case STREAM_PIPE:
		return pipe_read(f, data, n);
	case STREAM_SOCKET:
	case STREAM_DGRAM:
		return recv(f->in, data, n, MSG_DONTWAIT);
	case STREAM_FILE:
	case STREAM_NULL:
		return read(f->in, data, n);
	default:
		return read_if_ready(f->in, data, n);
	}
}

static ssize_t
write_nowait(struct fd_stream *f, const void *data, size_t n)
{
	switch (f->out_kind) {
	case STREAM_PIPE:
		return pipe_write(f, data, n);
	case STREAM_SOCKET:
	case STREAM_DGRAM:
		return send(f->out, data, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	case STREAM_FILE:
	case STREAM_NULL:
		return write(f->out, data, n);
	default:
		return write_if_ready(f->out, data, n < TTY_CHUNK ? n : TTY_CHUNK);
	}
}

static ssize_t
explain_read_errno(const struct fd_stream *f, struct error *e)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return STREAM_WANT_READ;
	/* another job has just taken the terminal, or its other side is gone */
	if (errno == EIO && f->in_kind == STREAM_TTY)
		return terminal_may_read(f->in) ? 0 : STREAM_WANT_READ;
	return error_errno(e, ERROR_LOCAL_IO, errno, "%s", f->in == 0 ? "read stdin" : "read");
}

static ssize_t
stdio_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct fd_stream *f = fd_stream_of(s);
	ssize_t got;

	if (f->in < 0)
		return 0;
	if (f->in_wait != f->in && !terminal_may_read(f->in)) {
		terminal_recheck();
		return STREAM_WANT_READ;
	}
	do
		got = read_nowait(f, data, n);
	while (got < 0 && errno == EINTR);
	if (got == 0 && f->early && !sys_is_ready(f->in, POLLIN))
		return STREAM_WANT_READ;
	return got >= 0 ? got : explain_read_errno(f, e);
}

static ssize_t
stdio_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct fd_stream *f = fd_stream_of(s);
	ssize_t put;

	if (f->out < 0)
		return (ssize_t)n;
	do
		put = write_nowait(f, data, n);
	while (put < 0 && errno == EINTR);
	if (put >= 0)
		return put;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return STREAM_WANT_WRITE;
	return error_errno(e, ERROR_LOCAL_IO, errno, "%s", f->out == 1 ? "write stdout" : "write");
}

/* Keeps descriptors 0 to 2 occupied, so that no later descriptor becomes "stdout". */
static int
close_out(struct fd_stream *f, struct error *e)
{
	int fd = f->out, rc;

	f->out = -1;
	f->out_kind = STREAM_NULL;
	rc = close(fd);
	if (rc < 0 && errno != EINTR)
		return error_errno(e, ERROR_LOCAL_IO, errno, "%s",
		    fd == 1 ? "close stdout" : "close");
	if (fd <= 2)
		(void)open("/dev/null", O_RDONLY);
	return 0;
}

static int
stdio_shut(struct stream *s, struct error *e)
{
	struct fd_stream *f = fd_stream_of(s);

	if (f->shut || !f->close_on_shut || f->out < 0)
		return 0;
	f->shut = true;
	if (has_half_close(f))
		(void)shutdown(f->out, SHUT_WR);
	return close_out(f, e);
}

static const struct stream_ops stdio_ops = FD_OPS(stdio_read, stdio_write, stdio_shut, NULL);

int
fd_stream_stdio(struct stream **ret_stream, int in_fd, int out_fd, bool close_on_shut,
    struct error *e)
{
	struct fd_stream *f = new_stream(&stdio_ops, in_fd, out_fd, e);

	if (f == NULL)
		return -1;
	f->in_kind = fd_kind(in_fd);
	if (f->in_kind == STREAM_TTY)
		f->in_wait = terminal_wait_fd(in_fd);
	f->out_kind = fd_kind(out_fd);
	/* a read-only descriptor has to be written to, so that the write fails */
	if (out_fd >= 0 && (fcntl(out_fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		f->out_kind = STREAM_OTHER;
	f->close_on_shut = close_on_shut;
	*ret_stream = &f->base;
	return 0;
}

int
fd_stream_file(struct stream **ret_stream, const char *path, bool fifo, struct error *e)
{
	int fd = file_open(path, O_RDONLY, 0, e);
	struct fd_stream *f;

	if (fd < 0)
		return -1;
	if (!fifo && fd_kind(fd) == STREAM_PIPE) {
		close(fd);
		return error_set(e, ERROR_LOCAL_IO, "open %s: it is a FIFO", path);
	}
	if (fd_stream_stdio(ret_stream, fd, -1, false, e) < 0) {
		close(fd);
		return -1;
	}
	f = fd_stream_of(*ret_stream);
	f->owned = true;
	f->early = f->in_kind == STREAM_PIPE;
	return 0;
}

/* ---- the null stream ---- */

static ssize_t
null_read(struct stream *s, void *data, size_t n, struct error *e)
{
	(void)s, (void)data, (void)n, (void)e;
	return STREAM_WANT_READ;
}

static const struct stream_ops null_ops = FD_OPS(null_read, stdio_write, stdio_shut, NULL);

int
fd_stream_null(struct stream **ret_stream, struct error *e)
{
	struct fd_stream *f = new_stream(&null_ops, -1, -1, e);

	if (f == NULL)
		return -1;
	f->in_kind = f->out_kind = STREAM_NULL;
	*ret_stream = &f->base;
	return 0;
}

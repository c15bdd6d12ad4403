#include "stream/serial/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "net/endpoint.h"
#include "net/sys.h"
#include "net/tty/tty_modes.h"
#include "stream/pty.h"
#include "stream/terminal.h"

struct serial {
	struct stream base;
	int fd;
	bool is_device;          /* restore the modes */
	struct tty_modes before; /* of a device */
	struct serial_link *link;
	int slave; /* of the link: while we have it open, its end is none; -1: not */
};

struct serial_link {
	int master, events;
	char slave[PTY_PATH_MAX];
	char path[sizeof(((struct endpoint *)NULL)->path)];
};

static struct serial *
serial_of(const struct stream *s)
{
	return CONTAINER_OF(s, struct serial, base);
}

/* ---- the stream ---- */

/* A device that is unplugged, and a master without a slave, fail with EIO. */
static bool
is_hangup(int number)
{
	return number == EIO || number == ENXIO || number == ENODEV;
}

static ssize_t
serial_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct error why;
	ssize_t got = sys_read(serial_of(s)->fd, data, n, &why);

	if (got >= 0)
		return got;
	if (got == SYS_AGAIN)
		return STREAM_WANT_READ;
	if (is_hangup(why.number))
		return 0;
	return error_errno(e, ERROR_NETWORK, why.number, "recv");
}

static ssize_t
serial_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct error why;
	ssize_t put = sys_write(serial_of(s)->fd, data, n, &why);

	if (put > 0)
		return put;
	if (put == 0 || put == SYS_AGAIN)
		return STREAM_WANT_WRITE;
	return error_errno(e, ERROR_NETWORK, why.number, "send");
}

static int
serial_shut(struct stream *s, struct error *e)
{
	(void)s, (void)e;
	return 0;
}

/* close(2) would wait for unsent bytes, 30 seconds if the flow is stopped. */
static void
release_device(const struct serial *l)
{
	if (tty_modes_unsent(l->fd) > 0)
		(void)tcflush(l->fd, TCOFLUSH);
	tty_modes_restore(l->fd, &l->before);
	(void)ioctl(l->fd, TIOCNXCL);
}

static void
serial_close(struct stream *s)
{
	struct serial *l = serial_of(s);
	int saved = errno;

	if (l->is_device)
		release_device(l);
	serial_link_close(l->link);
	sys_close(l->slave);
	sys_close(l->fd);
	free(l);
	errno = saved;
}

static int
serial_raw(const struct stream *s, enum stream_side side)
{
	(void)side;
	return serial_of(s)->fd;
}

static enum stream_kind
serial_kind(const struct stream *s, enum stream_side side)
{
	(void)s, (void)side;
	return STREAM_OTHER;
}

static const struct stream_ops serial_ops = { .read = serial_read,
	.write = serial_write,
	.shut = serial_shut,
	.close = serial_close,
	.raw_fd = serial_raw,
	.kind = serial_kind };

static struct serial *
new_serial(struct error *e)
{
	struct serial *l = calloc(1, sizeof *l);

	if (l == NULL) {
		error_set(e, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	l->base.ops = &serial_ops;
	l->fd = l->slave = -1;
	return l;
}

/* ---- devices ---- */

/* flock(2) also keeps out root, whom TIOCEXCL does not. */
static int
take_device(struct serial *l, const struct endpoint *ep, struct error *e)
{
	if (!isatty(l->fd))
		return error_errno(e, ERROR_NETWORK, ENOTTY, "it is no terminal device");
	if (terminal_is_controlling(l->fd))
		return error_set(e, ERROR_NETWORK, "it is the terminal that usock runs on");
	if (flock(l->fd, LOCK_EX | LOCK_NB) < 0)
		return error_errno(e, ERROR_NETWORK, errno == EWOULDBLOCK ? EBUSY : errno,
		    "another program has it");
	if (tty_modes_set(l->fd, &ep->line, &l->before, e) < 0)
		return -1;
	(void)ioctl(l->fd, TIOCEXCL);
	l->is_device = true;
	return 0;
}

/* The text is the reason alone. */
static int
fail_errno(int number, struct error *e)
{
	error_set(e, ERROR_NETWORK, "%s", strerror(number));
	if (e != NULL) {
		e->origin = ORIGIN_ERRNO;
		e->number = number;
	}
	return -1;
}

/* Without O_NONBLOCK, open(2) waits for a carrier, and for the other end of a FIFO. */
static int
open_device(struct serial *l, const struct endpoint *ep, struct error *e)
{
	l->fd = open(ep->path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (l->fd < 0)
		return fail_errno(errno, e);
	return take_device(l, ep, e);
}

/* ---- links ---- */

/* What a usock that was killed left behind is replaced: a link to a terminal that is gone. */
static bool
is_stale(const char *path)
{
	const char pts[] = "/dev/pts/";
	char target[PTY_PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	return strncmp(target, pts, sizeof(pts) - 1) == 0 && access(path, F_OK) < 0;
}

static int
make_link(struct serial_link *k, const char *path, struct error *e)
{
	int rc = symlink(k->slave, path), number = errno;

	if (rc < 0 && number == EEXIST && is_stale(path) && unlink(path) == 0) {
		rc = symlink(k->slave, path);
		number = errno;
	}
	if (rc < 0)
		return error_errno(e, ERROR_NETWORK, number, "make the link");
	memcpy(k->path, path, strlen(path) + 1);
	return 0;
}

static void
remove_link(const struct serial_link *k)
{
	char target[PTY_PATH_MAX];
	ssize_t n = readlink(k->path, target, sizeof(target));

	if (n == (ssize_t)strlen(k->slave) && memcmp(target, k->slave, (size_t)n) == 0)
		unlink(k->path);
}

static int
set_up_link(struct serial_link *k, const struct endpoint *ep, struct error *e)
{
	struct tty_modes before;

	if ((k->master = pty_open_master(k->slave, e)) < 0 ||
	    tty_modes_set(k->master, &ep->line, &before, e) < 0)
		return -1;
	k->events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (k->events < 0 || inotify_add_watch(k->events, k->slave, IN_OPEN) < 0)
		return error_errno(e, ERROR_INTERNAL, errno, "watch its terminal");
	return make_link(k, ep->path, e);
}

int
serial_link_open(struct serial_link **ret_link, const struct endpoint *ep, struct error *e)
{
	struct serial_link *k = calloc(1, sizeof *k);

	if (k == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	k->master = k->events = -1;
	if (set_up_link(k, ep, e) < 0) {
		serial_link_close(k);
		return -1;
	}
	*ret_link = k;
	return 0;
}

int
serial_link_fd(const struct serial_link *k)
{
	return k->events;
}

/* Who has closed it again may have left bytes. */
static bool
has_opener(const struct serial_link *k)
{
	struct pollfd p = { .fd = k->master, .events = POLLIN };

	return poll(&p, 1, 0) >= 0 && (p.revents & (POLLIN | POLLHUP)) != POLLHUP;
}

int
serial_link_accept(struct serial_link *k, struct stream **ret_stream, struct error *e)
{
	char events[sizeof(struct inotify_event) * 16];
	struct serial *l;
	bool opened = false;

	while (sys_read(k->events, events, sizeof(events), NULL) > 0)
		opened = true;
	if (!opened || !has_opener(k))
		return 0;
	if ((l = new_serial(e)) == NULL)
		return -1;
	l->fd = fcntl(k->master, F_DUPFD_CLOEXEC, 0);
	if (l->fd < 0) {
		error_errno(e, ERROR_NETWORK, errno, "accept");
		free(l);
		return -1;
	}
	*ret_stream = &l->base;
	return 1;
}

void
serial_link_close(struct serial_link *k)
{
	if (k == NULL)
		return;
	if (k->path[0] != '\0')
		remove_link(k);
	sys_close(k->events);
	sys_close(k->master);
	free(k);
}

static int
open_link(struct serial *l, const struct endpoint *ep, struct error *e)
{
	if (serial_link_open(&l->link, ep, e) < 0)
		return -1;
	l->slave = open(l->link->slave, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	l->fd = fcntl(l->link->master, F_DUPFD_CLOEXEC, 0);
	return l->slave >= 0 && l->fd >= 0
	    ? 0
	    : error_errno(e, ERROR_NETWORK, errno, "open its terminal");
}

int
serial_stream(struct stream **ret_stream, const struct endpoint *ep, struct error *e)
{
	struct serial *l = new_serial(e);
	int rc;

	if (l == NULL)
		return -1;
	rc = ep->kind == ENDPOINT_PTY ? open_link(l, ep, e) : open_device(l, ep, e);
	if (rc < 0) {
		stream_close(&l->base);
		return -1;
	}
	*ret_stream = &l->base;
	return 0;
}

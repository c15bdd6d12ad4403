#include "stream/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "net/sys.h"

struct pty {
	struct stream base;
	int fd;
	struct pty *next, **prev;
	unsigned ends; /* end-of-file characters still to be written */
	bool shut, program_gone;
	bool mid_line; /* the last byte written did not end a line */
};

static struct pty *
pty_of(const struct stream *s)
{
	return CONTAINER_OF(s, struct pty, base);
}

static ssize_t
master_read(struct stream *s, void *data, size_t n, struct error *e)
{
	const struct pty *p = pty_of(s);
	struct error why;
	ssize_t got = sys_read(p->fd, data, n, &why);

	if (got >= 0)
		return got;
	if (got == SYS_AGAIN)
		return p->program_gone ? 0 : STREAM_WANT_READ;
	/* nobody has the slave open, and everything is read */
	if (why.number == EIO)
		return 0;
	return error_errno(e, ERROR_LOCAL_IO, why.number, "read the program's terminal");
}

static ssize_t
master_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct pty *p = pty_of(s);
	struct error why;
	ssize_t put = sys_write(p->fd, data, n, &why);

	if (put > 0)
		p->mid_line = ((const char *)data)[put - 1] != '\n';
	if (put > 0)
		return put;
	if (put == 0 || put == SYS_AGAIN)
		return STREAM_WANT_WRITE;
	return error_errno(e, ERROR_LOCAL_IO, why.number == EIO ? EPIPE : why.number,
	    "write the program's terminal");
}

/* Returns the end-of-file character, or -1 where the program reads no lines. */
static int
eof_character(int fd)
{
	struct termios modes;

	if (tcgetattr(fd, &modes) < 0 || (modes.c_lflag & ICANON) == 0 ||
	    modes.c_cc[VEOF] == _POSIX_VDISABLE)
		return -1;
	return modes.c_cc[VEOF];
}

/* In the middle of a line, the first end-of-file character only passes that line on. */
static int
master_shut(struct stream *s, struct error *e)
{
	struct pty *p = pty_of(s);
	int eof = eof_character(p->fd);
	char c = (char)eof;
	ssize_t put;

	(void)e;
	if (!p->shut)
		p->ends = p->mid_line ? 2 : 1;
	p->shut = true;
	while (eof >= 0 && p->ends > 0) {
		put = sys_write(p->fd, &c, 1, NULL);
		if (put == SYS_AGAIN)
			return STREAM_WANT_WRITE;
		p->ends = put < 0 ? 0 : p->ends - 1;
	}
	return 0;
}

static void
master_close(struct stream *s)
{
	struct pty *p = pty_of(s);
	int saved = errno;

	*p->prev = p->next;
	if (p->next != NULL)
		p->next->prev = p->prev;
	sys_close(p->fd);
	free(p);
	errno = saved;
}

static int
master_raw(const struct stream *s, enum stream_side side)
{
	(void)side;
	return pty_of(s)->fd;
}

static enum stream_kind
master_kind(const struct stream *s, enum stream_side side)
{
	(void)s, (void)side;
	return STREAM_OTHER;
}

static const struct stream_ops master_ops = { .read = master_read,
	.write = master_write,
	.shut = master_shut,
	.close = master_close,
	.raw_fd = master_raw,
	.kind = master_kind };

static void
set_size(int fd, const struct pty_group *group)
{
	const struct winsize size = { .ws_row = group->rows, .ws_col = group->columns };

	(void)ioctl(fd, TIOCSWINSZ, &size);
}

int
pty_open_master(char *path, struct error *e)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return error_errno(e, ERROR_INTERNAL, errno, "open a pseudo-terminal");
	if (grantpt(fd) < 0 || unlockpt(fd) < 0 || ptsname_r(fd, path, PTY_PATH_MAX) != 0) {
		error_errno(e, ERROR_INTERNAL, errno, "unlock a pseudo-terminal");
		sys_close(fd);
		return -1;
	}
	return fd;
}

static void
add_to_group(struct pty *p, struct pty_group *group)
{
	p->prev = &group->list;
	p->next = group->list;
	group->list = p;
	if (p->next != NULL)
		p->next->prev = &p->next;
}

int
pty_stream(struct stream **ret_stream, struct pty_group *group, char *path, struct error *e)
{
	struct pty *p = calloc(1, sizeof *p);

	if (p == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if ((p->fd = pty_open_master(path, e)) < 0) {
		free(p);
		return -1;
	}
	set_size(p->fd, group);
	p->base.ops = &master_ops;
	add_to_group(p, group);
	*ret_stream = &p->base;
	return 0;
}

void
pty_program_gone(struct stream *s)
{
	pty_of(s)->program_gone = true;
}

void
pty_group_resize(struct pty_group *group, unsigned short rows, unsigned short columns)
{
	group->rows = rows;
	group->columns = columns;
	for (const struct pty *p = group->list; p != NULL; p = p->next)
		set_size(p->fd, group);
}

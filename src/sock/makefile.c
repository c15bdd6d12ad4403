#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sock/impl.h"
#include "sock/wait.h"

/* The socket has the buffers, so methods and file objects may be mixed. */
struct sock_file {
	struct sock *sock;
	bool reads, writes;
};

int
sock_makefile(struct sock *s, const char *mode, struct sock_file **ret_file, struct error *e)
{
	bool both = strcmp(mode, "rwb") == 0;
	struct sock_file *f;

	if (s->fd == -1)
		return sock_fail_closed("makefile", e);
	if (!both && strcmp(mode, "rb") != 0 && strcmp(mode, "wb") != 0)
		return error_set(e, ERROR_USAGE, "makefile: '%s' is not a mode (rb, wb, rwb)",
		    mode);
	f = malloc(sizeof(*f));
	if (f == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	f->sock = s;
	f->reads = both || mode[0] == 'r';
	f->writes = both || mode[0] == 'w';
	s->files++;
	*ret_file = f;
	return 0;
}

static int
check_file_mode(bool allowed, const char *verb, struct error *e)
{
	if (allowed)
		return 0;
	return error_errno(e, ERROR_USAGE, EBADF, "%s: not of this file object's mode", verb);
}

ssize_t
sock_file_read(struct sock_file *f, void *data, size_t n, size_t *ret_held, struct error *e)
{
	if (check_file_mode(f->reads, "read", e) == -1)
		return -1;
	return sock_read(f->sock, data, n, ret_held, e);
}

int
sock_file_readall(struct sock_file *f, struct buf *out, struct error *e)
{
	if (check_file_mode(f->reads, "read", e) == -1)
		return -1;
	return sock_readall(f->sock, out, e);
}

int
sock_file_readline(struct sock_file *f, struct buf *out, size_t max, struct error *e)
{
	if (check_file_mode(f->reads, "readline", e) == -1)
		return -1;
	return sock_readline(f->sock, out, max, e);
}

ssize_t
sock_file_write(struct sock_file *f, const void *data, size_t n, size_t *ret_sent, struct error *e)
{
	if (check_file_mode(f->writes, "write", e) == -1)
		return -1;
	return sock_write(f->sock, data, n, ret_sent, e);
}

int
sock_file_close(struct sock_file *f, struct error *e)
{
	struct sock *s;

	if (f == NULL)
		return 0;
	s = f->sock;
	free(f);
	return sock_drop_file(s, e);
}

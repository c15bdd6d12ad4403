#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "sock/impl.h"
#include "sock/unix_path.h"

/* A unix path that this process created. */
struct own_path {
	pid_t owner; /* a forked child shares the descriptor, but does not own the path */
	dev_t dev;
	ino_t ino;
	char text[];
};

int
sock_path_keep(struct sock *s, const char *path, struct error *e)
{
	size_t size = strlen(path) + 1;
	struct stat st;

	if (lstat(path, &st) < 0)
		return error_errno(e, ERROR_LOCAL_IO, errno, "%s", path);
	s->path = malloc(sizeof(*s->path) + size);
	if (s->path == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	s->path->owner = getpid();
	s->path->dev = st.st_dev;
	s->path->ino = st.st_ino;
	memcpy(s->path->text, path, size);
	return 0;
}

int
sock_path_keep_source(struct sock *s, struct error *e)
{
	struct sockname local;

	sock_local(s, &local);
	if (!sockname_is_path(&local))
		return 0;
	return sock_path_keep(s, ((const struct sockaddr_un *)&local.storage)->sun_path, e);
}

/* Another server may have created its own socket at this path. */
void
sock_path_remove(struct sock *s)
{
	struct own_path *path = s->path;
	struct stat st;

	if (path == NULL)
		return;
	if (path->owner == getpid() && lstat(path->text, &st) == 0 && st.st_dev == path->dev &&
	    st.st_ino == path->ino)
		unlink(path->text);
	free(path);
	s->path = NULL;
}

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/parse.h"
#include "status/owners.h"

struct status_owners {
	struct status_owner *list; /* sorted by inode, then pid */
	size_t n, size;
};

static int
out_of_memory(struct error *e)
{
	return error_set(e, ERROR_INTERNAL, "out of memory");
}

static int
add_owner(struct status_owners *o, const struct status_owner *owner, struct error *e)
{
	struct status_owner *list;
	size_t size;

	if (o->n == o->size) {
		size = o->size == 0 ? 1024 : 2 * o->size;
		list = realloc(o->list, size * sizeof(*list));
		if (list == NULL)
			return out_of_memory(e);
		o->list = list;
		o->size = size;
	}
	o->list[o->n++] = *owner;
	return 0;
}

/* Returns N of "socket:[N]"; 0 for other links. */
static uint64_t
inode_of_link(char *link, size_t len)
{
	static const char prefix[] = "socket:[";
	int64_t inode;

	if (len < sizeof(prefix) || strncmp(link, prefix, sizeof(prefix) - 1) != 0 ||
	    link[len - 1] != ']')
		return 0;
	link[len - 1] = '\0';
	return parse_int(link + sizeof(prefix) - 1, 1, INT64_MAX, &inode, NULL) == 0
	    ? (uint64_t)inode
	    : 0;
}

/* A hidden or ended process has no owners to report. Any other error means that the list is
 * incomplete. */
static int
check_read_error(const char *name, struct error *e)
{
	switch (errno) {
	case ENOENT:
	case ESRCH:
	case EACCES:
	case EPERM:
		return 0;
	default:
		return error_errno(e, ERROR_LOCAL_IO, errno, "read /proc/%s", name);
	}
}

static int
read_command(int dir, const char *name, struct status_owner *owner, struct error *e)
{
	int fd = openat(dir, "comm", O_RDONLY | O_CLOEXEC), rc = 0;
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, owner->command, sizeof(owner->command) - 1)) < 0 &&
	    errno == EINTR)
		continue;
	if (n < 0)
		rc = check_read_error(name, e);
	owner->command[n > 0 ? n : 0] = '\0';
	owner->command[strcspn(owner->command, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
	return rc;
}

static int
read_fds(struct status_owners *o, const char *name, DIR *fds, struct status_owner *owner,
    struct error *e)
{
	const struct dirent *entry;
	char link[64];

	/* cppcheck-suppress readdirCalled ; no other thread uses this stream (readdir(3)) */
	while ((errno = 0, entry = readdir(fds)) != NULL) {
		ssize_t n;

		if (entry->d_name[0] == '.')
			continue;
		n = readlinkat(dirfd(fds), entry->d_name, link, sizeof(link) - 1);
		if (n < 0 && check_read_error(name, e) == -1)
			return -1;
		if (n <= 0)
			continue;
		link[n] = '\0';
		owner->inode = inode_of_link(link, (size_t)n);
		if (owner->inode != 0 && add_owner(o, owner, e) == -1)
			return -1;
	}
	return errno != 0 ? check_read_error(name, e) : 0;
}

/* Returns 0 with NULL when the descriptors are hidden, -1 on failure. */
static int
open_fds(int dir, const char *name, DIR **ret_fds, struct error *e)
{
	int fd = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret_fds = NULL;
	if (fd < 0)
		return check_read_error(name, e);
	*ret_fds = fdopendir(fd);
	if (*ret_fds != NULL)
		return 0;
	error_errno(e, ERROR_LOCAL_IO, errno, "read /proc/%s/fd", name);
	close(fd);
	return -1;
}

/* Adds the sockets of a process; none when it ends meanwhile or belongs to another user. */
static int
read_process(struct status_owners *o, int proc, const char *name, struct error *e)
{
	struct status_owner owner = { .inode = 0 };
	int64_t pid;
	DIR *fds = NULL;
	int dir, rc;

	if (parse_int(name, 1, INT_MAX, &pid, NULL) != 0)
		return 0;
	owner.pid = (pid_t)pid;
	dir = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return check_read_error(name, e);
	rc = open_fds(dir, name, &fds, e);
	if (fds != NULL) {
		rc = read_command(dir, name, &owner, e);
		if (rc == 0)
			rc = read_fds(o, name, fds, &owner, e);
		closedir(fds);
	}
	close(dir);
	return rc;
}

static int
compare_owners(const void *one, const void *other)
{
	const struct status_owner *a = one, *b = other;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return (a->pid > b->pid) - (a->pid < b->pid);
}

/* Sorts the list and removes duplicates: a process may have several descriptors of one socket. */
static void
sort_unique(struct status_owners *o)
{
	size_t kept = 0;

	if (o->n > 0)
		qsort(o->list, o->n, sizeof(*o->list), compare_owners);
	for (size_t i = 0; i < o->n; i++)
		if (kept == 0 || compare_owners(&o->list[kept - 1], &o->list[i]) != 0)
			o->list[kept++] = o->list[i];
	o->n = kept;
}

int
status_owners_open(struct status_owners **ret_owners, struct error *e)
{
	struct status_owners *o = calloc(1, sizeof(*o));
	const struct dirent *entry;
	DIR *proc;
	int rc = 0;

	if (o == NULL)
		return out_of_memory(e);
	proc = opendir("/proc");
	if (proc == NULL) {
		free(o);
		return error_errno(e, ERROR_LOCAL_IO, errno, "open /proc");
	}
	/* cppcheck-suppress readdirCalled */
	while (rc == 0 && (errno = 0, entry = readdir(proc)) != NULL)
		rc = read_process(o, dirfd(proc), entry->d_name, e);
	if (rc == 0 && errno != 0)
		rc = error_errno(e, ERROR_LOCAL_IO, errno, "read /proc");
	closedir(proc);
	if (rc == -1) {
		status_owners_close(o);
		return -1;
	}
	sort_unique(o);
	*ret_owners = o;
	return 0;
}

void
status_owners_close(struct status_owners *o)
{
	if (o == NULL)
		return;
	free(o->list);
	free(o);
}

const struct status_owner *
status_owners_find(const struct status_owners *o, uint64_t inode, size_t *ret_n)
{
	size_t lo = 0, hi = o->n, end;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (o->list[mid].inode < inode)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (end = lo; end < o->n && o->list[end].inode == inode; end++)
		continue;
	*ret_n = end - lo;
	return o->list + lo;
}

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/parse.h"
#include "status/owners.h"

/* Returns true when one of the descriptors is the socket. */
static bool
has_socket(DIR *fds, const char *link_text)
{
	const struct dirent *entry;
	char link[64];

	/* cppcheck-suppress readdirCalled ; no other thread uses this stream (readdir(3)) */
	while ((entry = readdir(fds)) != NULL) {
		ssize_t n = readlinkat(dirfd(fds), entry->d_name, link, sizeof(link) - 1);

		if (n < 0)
			continue;
		link[n] = '\0';
		if (strcmp(link, link_text) == 0)
			return true;
	}
	return false;
}

/* Returns false also for a process of another user, whose descriptors are hidden. */
static bool
process_holds(const char *pid, const char *link_text)
{
	char path[NAME_MAX + 16];
	DIR *fds;
	bool found;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	fds = opendir(path);
	if (fds == NULL)
		return false;
	found = has_socket(fds, link_text);
	closedir(fds);
	return found;
}

static void
read_command_of(int64_t pid, char *ret_command, size_t size)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%" PRId64 "/comm", pid);
	snprintf(ret_command, size, "?");
	f = fopen(path, "re");
	if (f == NULL)
		return;
	if (size <= INT_MAX && fgets(ret_command, (int)size, f) != NULL)
		ret_command[strcspn(ret_command, "\n")] = '\0';
	fclose(f);
}

int
status_holder(uint64_t inode, pid_t *ret_pid, char *ret_command, size_t size)
{
	const struct dirent *entry;
	char link_text[64];
	int64_t pid;
	DIR *proc;
	int found = 0;

	/* a socket without a process (TIME_WAIT, a connection request) has no inode */
	if (inode == 0 || (proc = opendir("/proc")) == NULL)
		return 0;
	snprintf(link_text, sizeof(link_text), "socket:[%" PRIu64 "]", inode);
	/* cppcheck-suppress readdirCalled */
	while (found == 0 && (entry = readdir(proc)) != NULL) {
		if (parse_int(entry->d_name, 1, INT_MAX, &pid, NULL) != 0 ||
		    !process_holds(entry->d_name, link_text))
			continue;
		*ret_pid = (pid_t)pid;
		read_command_of(pid, ret_command, size);
		found = 1;
	}
	closedir(proc);
	return found;
}

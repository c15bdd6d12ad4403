/*
 * The kernel's part of what a script may not do: once confined, the process cannot get out of it,
 * so that a fault in the interpreter is no way to files or programs. The language refuses first
 * and says which option is missing; what is refused here is a fault of ours, or an attack.
 *
 * What is left: reading files, since certificates, modules, the resolver's files and the name
 * service come by names known late; sockets of all kinds; making a unix socket at a new path, and
 * removing a path, which is how its owner takes such a socket away again.
 */
#ifndef BASE_CONFINE_H
#define BASE_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

struct confine_how {
	bool files; /* forbid to write, make, change and rename files, and to change their rights */
	bool programs; /* forbid to run programs */
	/* Files that stay writable, with files; they must be there. */
	const char *const *writable;
	size_t n_writable;
	/* Paths that a sanitizer's reports begin with, where one is linked in. */
	const char *const *reports;
	size_t n_reports;
};

/* What this kernel can do, in few words for people: "landlock7 seccomp", "" where nothing. */
const char *confine_means(void);

/* Confines this thread and what it starts, from now on, as far as the kernel can. True where all
 * that was asked for is in force. Where the kernel writes a core that was asked for stays writable
 * to it alone; a build that counts lines at its end is not confined. */
bool confine(const struct confine_how *how);

#endif

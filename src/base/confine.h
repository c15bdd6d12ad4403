/*
 * Kernel confinement of scripts. A confined process cannot leave its confinement, so a fault in
 * the interpreter opens no way to files or programs. The interpreter refuses first and names
 * the missing option; what the kernel refuses is a bug of ours or an attack.
 *
 * Still allowed: reading files, since certificates, modules, resolver files and the name
 * service are opened late under names not known before; sockets of all kinds; creating a unix
 * socket at a new path; removing a path, which is how the owner removes such a socket.
 */
#ifndef BASE_CONFINE_H
#define BASE_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

struct confine_how {
	/* forbid to write, create, rename and modify files, and to change their permissions */
	bool files;
	bool programs; /* forbid to run programs */
	/* Files that stay writable while `files` is set; they must exist. */
	const char *const *writable;
	size_t n_writable;
	/* Path prefixes of the reports of a linked sanitizer. */
	const char *const *reports;
	size_t n_reports;
};

/* Names what this kernel supports, for people: "landlock7+seccomp"; "" when nothing. The text
 * is valid until the next call. */
const char *confine_means(void);

/* Confines this thread and its future children as far as the kernel can. Returns true when
 * everything requested is in force. When core dumps are enabled, the kernel can
 * still write one. A coverage build is not confined, because it writes its counts at exit. */
bool confine(const struct confine_how *how);

#endif

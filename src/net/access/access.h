/*
 * Who may connect, or be connected to: a list of those who may (allow), and a list of those who may
 * not (deny). Deny wins. Where allow is given, all others are denied.
 *
 * An entry is what access_entry_parse() takes, or @FILE: a file with entries that are separated by white
 * space, where # begins a comment up to the end of the line. The name of a host stands for the addresses that it has when the lists are loaded. In
 * lists of targets it stands for that name, as a client asks for it, and *.DOMAIN for all names
 * below.
 */
#ifndef NET_ACCESS_ACCESS_H
#define NET_ACCESS_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"

struct access;
struct error;
struct file_wait;
struct loop;
struct sockname;

struct access_list {
	const char *const *entries;
	size_t n;
	const char *option; /* the prefix of messages: "--allow" */
};

/* Entries and strings are the caller's, and outlive the lists. */
struct access_how {
	struct access_list allow, deny;
	bool targets; /* names are those that clients ask for */
	struct loop *loop;
	const struct file_wait *wait; /* as in struct file_source */
};

/* Loads the lists, and runs the callbacks of the loop meanwhile. ERROR_USAGE for an entry that does
 * not parse ("--allow: FILE:7: ..."), ERROR_RESOLVE for a name without an address, ERROR_LOCAL_IO for
 * a file, ERROR_TIMEOUT, ERROR_SIGNAL. */
int access_open(struct access **ret_access, const struct access_how *how, struct deadline until,
    struct error *e);

/* Loads the lists again: files are read, and names are looked up. After a failure the lists are
 * those of before. */
int access_reload(struct access *a, struct deadline until, struct error *e);

/* Accepts NULL. */
void access_close(struct access *a);

/* What the entries of the command line are about. Those of files do not count. */
bool access_names_accounts(const struct access *a);  /* uid: or gid: */
bool access_names_addresses(const struct access *a); /* an address, or a host */

/* Whom to look up. */
struct access_subject {
	const struct sockname *name; /* the address; NULL: none */
	const char *host;            /* the name that was asked for; NULL: none */
	int fd;                      /* of a unix socket, for users and groups; -1: none */
};

enum access_verdict { ACCESS_ALLOWED, ACCESS_DENIED, ACCESS_NOT_ALLOWED };

/* Users and groups are those of the process that connected the unix socket (SO_PEERCRED), with its
 * supplementary groups. A NULL list allows all. */
enum access_verdict access_check(const struct access *a, const struct access_subject *subject);

#endif

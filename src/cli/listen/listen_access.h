/*
 * Who may come to usock listen: the lists of --allow and --deny.
 */
#ifndef CLI_LISTEN_LISTEN_ACCESS_H
#define CLI_LISTEN_LISTEN_ACCESS_H

#include "base/file.h"
#include "cli/options/access_opts.h"
#include "relay/server/access_gate.h"

struct command_context;
struct endpoint;
struct error;

/* How long a reload of lists may take: names may have to be looked up. */
#define LISTEN_RELOAD_PATIENCE (5 * NSEC_PER_SEC)

struct listen_access {
	/* set by the caller, the rest zeroed */
	struct command_context *rt;
	const struct access_opts *opts;
	/* for the server: clients are asked about here */
	struct access_gate gate;
	/* private */
	struct file_wait wait;
	struct access *lists; /* NULL: everybody may come */
};

/* Loads the lists, until --timeout. ERROR_USAGE for an entry that does not parse, and as
 * access_open(). Call listen_access_close() after a failure too. */
int listen_access_open(struct listen_access *la, struct error *e);
void listen_access_close(struct listen_access *la);

/* ERROR_USAGE for lists that cannot match anybody on such a socket. */
int listen_access_check(const struct listen_access *la, const struct endpoint *ep, int type,
    struct error *e);

/* Loads the lists again, within five seconds. After a failure the lists are those of before. */
int listen_access_reload(struct listen_access *la, struct error *e);

/* Writes how many clients, or datagrams, were denied, where any were. */
void listen_access_report(const struct listen_access *la, const char *what);

#endif

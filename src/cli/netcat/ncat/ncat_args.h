/*
 * A command line of ncat: what was given, and what it asks for.
 */
#ifndef CLI_NETCAT_NCAT_NCAT_ARGS_H
#define CLI_NETCAT_NCAT_NCAT_ARGS_H

#include <stdbool.h>

#include "cli/netcat/foreign.h"
#include "cli/netcat/foreign_voice.h"
#include "cli/netcat/ncat/ncat_proxy.h"
#include "cli/netcat/ncat/ncat_route.h"
#include "cli/netcat/ncat/ncat_words.h"

struct ncat {
	struct foreign_args args;
	const char *host, *port; /* NULL: not given */
	unsigned mode;           /* FOREIGN_CONNECT ..., from ncat_args_mode() */
	struct foreign_voice voice;
	struct ncat_proxy proxy;
	struct ncat_words words; /* of --exec */
	struct ncat_route route;
	char idle[24]; /* of -i, in milliseconds; "": none */
};

/* True where an option is among the args. */
#define NAMED(nc, name) (foreign_count_name(&(nc)->args, (name)) > 0)
#define GIVEN(nc, letter) (foreign_count(&(nc)->args, (letter)) > 0)

/* Returns the mode that the options make. */
unsigned ncat_args_mode(const struct ncat *nc);

/* Of the mode. */
bool ncat_args_listens(const struct ncat *nc);
bool ncat_args_is_unix(const struct ncat *nc);
bool ncat_args_is_datagrams(const struct ncat *nc);

/* Of the mode and the options. */
bool ncat_args_is_proxy(const struct ncat *nc); /* a server that is one */
bool ncat_args_brokers(const struct ncat *nc);
bool ncat_args_has_program(const struct ncat *nc);
bool ncat_args_is_tls(const struct ncat *nc);
bool ncat_args_probes(const struct ncat *nc); /* -z, with a handshake */

/* Returns the port that was given, or the usual one. */
const char *ncat_args_port(const struct ncat *nc);

#endif

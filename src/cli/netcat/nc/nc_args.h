/*
 * A command line of nc: what was given, and what it asks for.
 */
#ifndef CLI_NETCAT_NC_NC_ARGS_H
#define CLI_NETCAT_NC_NC_ARGS_H

#include <stdbool.h>

#include "cli/netcat/foreign.h"
#include "cli/netcat/foreign_voice.h"

enum { NC_SECRET_MAX = 256 };

/* The values of -T: type of service, and with --openbsd of TLS. */
struct nc_tls {
	const char *tos, *ciphers, *protocols; /* NULL: not given */
	const char *versions;                  /* protocols in usock's words; NULL: all */
	bool no_verify, no_name, client_cert;
	char text[160]; /* of a fault */
};

struct nc {
	struct foreign_args args;
	const char *host; /* NULL: not given */
	char **ports;     /* ends with NULL; NULL: not given */
	bool several;     /* ports are connected to, one after the other */
	unsigned mode;    /* FOREIGN_CONNECT ..., from nc_args_mode() */
	struct foreign_voice voice;
	char proxy_host[256];
	const char *proxy_port;
	char login[3 * NC_SECRET_MAX + 2]; /* of the proxy, for a URL: "USER:PASSWORD@" */
	char key_file[64];                 /* with the key of -S */
	struct nc_tls tls;
};

/* True where an option is among the args. */
#define GIVEN(nc, letter) (foreign_count(&(nc)->args, (letter)) > 0)

/* Returns the mode that the options make. */
unsigned nc_args_mode(const struct nc *nc);

/* Of -4 and -6 only the last one is left as given. */
void nc_args_settle_family(struct nc *nc);

/* Takes host and ports from the operands and options. Returns false where they are wrong. */
bool nc_args_take_operands(struct nc *nc);

/* Of the mode and the options. */
bool nc_args_is_unix(const struct nc *nc);
bool nc_args_listens(const struct nc *nc);
bool nc_args_is_datagrams(const struct nc *nc);
bool nc_args_is_tls(const struct nc *nc);
bool nc_args_relays(const struct nc *nc); /* else ports are tested, or the socket passed on */

/* Returns the proxy's scheme, or NULL for a protocol that there is not. */
const char *nc_args_proxy_scheme(const struct nc *nc);

#endif

/*
 * The proxies of ncat: --proxy, --proxy-type, --proxy-auth and --proxy-dns, for a client that goes
 * through one and a server that is one.
 */
#ifndef CLI_NETCAT_NCAT_PROXY_H
#define CLI_NETCAT_NCAT_PROXY_H

#include <stdbool.h>

struct foreign_args;
struct usock_line;

struct ncat_proxy {
	const char *scheme; /* of usock */
	bool is_remote;     /* the proxy looks up the host, which is a name */
	/* of the proxy that looks up a host which has no address here (--proxy-dns both); NULL: not */
	const char *other_scheme;
	char host[256];
	const char *port;
	char login[1540];    /* for a URL: "USER:PASSWORD@" */
	char users_file[64]; /* with the login of clients; "": none is asked for */
	char text[512];      /* of a fault */
};

/* Takes the options. Returns what is wrong, without QUITTING, or NULL. The text is valid as long as
 * p. */
const char *ncat_proxy_parse(struct ncat_proxy *p, const struct foreign_args *args, bool listens);

/* Append the words for a client and for a server. */
void ncat_proxy_add_client(const struct ncat_proxy *p, struct usock_line *line);
void ncat_proxy_add_server(const struct ncat_proxy *p, struct usock_line *line);

#endif

/*
 * The options of a server that connects its clients to others.
 */
#ifndef CLI_LISTEN_SERVICE_FORWARD_OPTS_H
#define CLI_LISTEN_SERVICE_FORWARD_OPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"
#include "cli/options/opt.h"

struct error;

struct forward_opts {
	struct opt_list forward; /* addresses */
	struct opt_list allow_target, deny_target;
	const char *proxy_users; /* file; NULL: not given */
	int proxy_server;        /* index of the choice; -1: not given */
	int proxy_auth;          /* the same */
	bool plain_methods;
	int64_t connect; /* -1: not given */
};

/* A target that does not answer is given up after this, unless an option says otherwise. */
#define FORWARD_CONNECT_TIMEOUT (10 * NSEC_PER_SEC)

enum { N_FORWARD = 8 };

enum { PROXY_SERVER_HTTP, PROXY_SERVER_SOCKS };
enum { PROXY_AUTH_ANY, PROXY_AUTH_BASIC, PROXY_AUTH_DIGEST };

extern const struct opt forward_rows[N_FORWARD];

/* The long names of forward_rows, for a command's not_in_script. */
#define FORWARD_NAMES                                                                              \
	"forward", "proxy-server", "proxy-users", "proxy-auth", "plain-methods", "allow-target",   \
	    "deny-target", "connect-timeout"

void forward_opts_defaults(struct forward_opts *o);

/* ERROR_USAGE for an option whose service is not asked for. */
int forward_opts_check(const struct forward_opts *o, struct error *e);

#endif

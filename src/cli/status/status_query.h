/*
 * What `usock status` was asked for: operands and options as a filter of the
 * socket table.
 */
#ifndef CLI_STATUS_STATUS_QUERY_H
#define CLI_STATUS_STATUS_QUERY_H

#include <stdbool.h>

#include "cli/options/opt.h"
#include "status/table.h"

struct status_opts {
	int family;
	bool tcp, udp, unix_sockets;
	const char *state, *port, *netns;
	int via;
	bool process, info, code, count, json, no_header, kill;
	int sort;
	const char *watch, *wait;
	int64_t timeout;
};

/* Ports that something was limited to. */
struct status_ports {
	struct status_range *ranges;
	size_t n, size;
};

struct status_query {
	struct status_how how;
	bool exact;                  /* one TCP connection, both ends given */
	struct sockname local, peer; /* of that */
	char name[640];              /* "LOCAL > PEER" as written, for messages; "" without */
	struct status_ports local_ports, peer_ports, ports;
};

/* Names of hosts are resolved. query is zeroed before, and freed after, whatever the
 * result. ERROR_USAGE, ERROR_RESOLVE. */
int status_query_read(struct status_query *q, const struct status_opts *o,
    const struct opt_rest *rest, struct error *e);

/* What goes together with what; *ret_goal of --wait, *ret_interval of --watch where that
 * says one. ERROR_USAGE. */
struct status_goal;
int status_query_check(const struct status_query *q, const struct status_opts *o,
    struct status_goal *ret_goal, int64_t *ret_interval, struct error *e);

void status_query_fini(struct status_query *q);

#endif

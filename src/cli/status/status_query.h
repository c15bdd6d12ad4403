/*
 * The query of `usock status`: makes operands and options a filter of the
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
	int sort, color;
	const char *watch, *wait;
	int64_t timeout;
};

/* Ports that the query is limited to. */
struct status_ports {
	struct status_range *ranges;
	size_t n, size;
};

struct status_query {
	struct status_how how;
	bool exact;                  /* the query names one TCP connection by both its addresses */
	struct sockname local, peer; /* its addresses */
	char name[640];              /* "LOCAL > PEER" as typed, for messages; may be "" */
	struct status_ports local_ports, peer_ports, ports;
};

/* Reads the query; resolves host names. The caller zeroes q before and frees it after, also on
 * failure. ERROR_USAGE, ERROR_RESOLVE. */
int status_query_read(struct status_query *q, const struct status_opts *o,
    const struct opt_rest *rest, struct error *e);

/* Checks which options can be combined. Sets *ret_goal from --wait, and *ret_interval where
 * --watch has one. ERROR_USAGE. */
struct status_goal;
int status_query_check(const struct status_query *q, const struct status_opts *o,
    struct status_goal *ret_goal, int64_t *ret_interval, struct error *e);

/* Sets *ret_interval where --watch has one. ERROR_USAGE. */
int status_check_watch(const struct status_opts *o, int64_t *ret_interval, struct error *e);

void status_query_fini(struct status_query *q);

#endif

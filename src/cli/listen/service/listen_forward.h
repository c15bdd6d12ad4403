/*
 * The service --forward: each client is connected to an address.
 */
#ifndef CLI_LISTEN_SERVICE_LISTEN_FORWARD_H
#define CLI_LISTEN_SERVICE_LISTEN_FORWARD_H

struct error;
struct forward;
struct listen_server;

/* The operations of a struct listen_service. */
int listen_forward_set_up(struct listen_server *sv, struct error *e);
void listen_forward_fini(struct listen_server *sv);

/* ERROR_USAGE if a target does not carry what a listener of this type does: datagrams go to
 * datagrams, streams to streams. */
int listen_forward_check(const struct listen_server *sv, int type, struct error *e);

/* Returns the targets, or NULL without --forward. */
struct forward *listen_forward_targets(const struct listen_server *sv);

#endif

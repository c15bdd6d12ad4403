/*
 * The service --forward: each client is connected to an address.
 */
#ifndef CLI_LISTEN_SERVICE_LISTEN_FORWARD_H
#define CLI_LISTEN_SERVICE_LISTEN_FORWARD_H

struct error;
struct listen_server;

/* The operations of a struct listen_service. */
int listen_forward_set_up(struct listen_server *sv, struct error *e);
void listen_forward_fini(struct listen_server *sv);

#endif

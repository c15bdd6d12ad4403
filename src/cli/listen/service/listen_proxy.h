/*
 * The service --proxy-server: each client is connected where it asks to.
 */
#ifndef CLI_LISTEN_SERVICE_LISTEN_PROXY_H
#define CLI_LISTEN_SERVICE_LISTEN_PROXY_H

struct error;
struct listen_server;

/* The operations of a struct listen_service. */
int listen_proxy_set_up(struct listen_server *sv, struct error *e);
void listen_proxy_fini(struct listen_server *sv);

#endif

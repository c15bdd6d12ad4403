/*
 * The services --broadcast-input, where all clients get standard input,
 * --broker, where each gets what the others send, and --chat, where these are
 * lines of users with names.
 */
#ifndef CLI_LISTEN_SERVICE_LISTEN_BROADCAST_H
#define CLI_LISTEN_SERVICE_LISTEN_BROADCAST_H

struct error;
struct listen_server;

/* The operations of a struct listen_service. */
int listen_broadcast_set_up(struct listen_server *sv, struct error *e);
int listen_broadcast_open(struct listen_server *sv, struct error *e);
void listen_broadcast_close(struct listen_server *sv);
int listen_broker_set_up(struct listen_server *sv, struct error *e);
int listen_broker_open(struct listen_server *sv, struct error *e);
int listen_chat_set_up(struct listen_server *sv, struct error *e);
int listen_chat_open(struct listen_server *sv, struct error *e);

#endif

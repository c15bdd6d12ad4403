/*
 * usock replay as a server: clients get recorded connections (cli/replay).
 */
#ifndef CLI_LISTEN_SERVICE_LISTEN_REPLAY_H
#define CLI_LISTEN_SERVICE_LISTEN_REPLAY_H

struct error;
struct listen_server;
struct session;

/* For the table of services. */
int listen_replay_set_up(struct listen_server *sv, struct error *e);
int listen_replay_open(struct listen_server *sv, struct error *e);
int listen_replay_ended(struct listen_server *sv, const struct session *s);
void listen_replay_close(struct listen_server *sv);

/* ERROR_USAGE where the recording is of sockets of another type. */
int listen_replay_check(const struct listen_server *sv, int type, struct error *e);

#endif

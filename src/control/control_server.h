/*
 * The control socket of a server: accepts connections that send commands. With 32 of them, the one
 * that has been silent for longest makes room for the next, so that nobody is locked out.
 */
#ifndef CONTROL_CONTROL_SERVER_H
#define CONTROL_CONTROL_SERVER_H

#include "control/control_conn.h"
#include "relay/server/acceptor.h"

struct control_client_conn;
struct log;

struct control_server {
	/* set by the caller, the rest zeroed */
	struct loop *loop;
	const struct log *log;
	struct control_target target;
	/* private */
	struct sock *listener;
	struct acceptor acceptor;
	struct control_client_conn *conns;
	unsigned n_conns;
};

struct control_server_how {
	const char *path;  /* of a unix socket, created with mode 0600 */
	bool unlink_stale; /* as in struct listen_how */
};

/* Creates the socket. The mark of control_path_is() is on its path, which is removed at the end.
 * Returns -1 with the errors of sock_open_listening(). */
int control_server_open(struct control_server *s, const struct control_server_how *how,
    struct error *e);

/* Accepts a zeroed s. */
void control_server_close(struct control_server *s);

/* Returns true if path is a control socket. It does not connect, as another server would take that
 * for a client: a control socket has the sticky bit, which has no other meaning for sockets. */
bool control_path_is(const char *path);

#endif

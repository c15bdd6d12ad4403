#include "control/control_server.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/error.h"
#include "base/log.h"
#include "sock/sock.h"

enum { CONNS_MAX = 32, PATH_MODE = 0600 };

struct control_client_conn {
	struct control_conn conn;
	struct control_server *server;
	struct control_client_conn *next;
};

bool
control_path_is(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISSOCK(st.st_mode) && (st.st_mode & S_ISVTX) != 0;
}

/* ---- connections ---- */

static void
remove_conn(struct control_client_conn *cc)
{
	struct control_server *s = cc->server;
	struct control_client_conn **at = &s->conns;

	while (*at != cc)
		at = &(*at)->next;
	*at = cc->next;
	s->n_conns--;
	control_conn_close(&cc->conn);
	free(cc);
	acceptor_released(&s->acceptor);
}

static void
on_conn_ended(struct control_conn *c)
{
	remove_conn(CONTAINER_OF(c, struct control_client_conn, conn));
}

/* Not one whose command is being executed, by a callback that may run the loop. */
static struct control_client_conn *
most_silent(const struct control_server *s)
{
	struct control_client_conn *cc, *found = NULL;

	for (cc = s->conns; cc != NULL; cc = cc->next)
		if (cc->conn.reply == NULL &&
		    (found == NULL || cc->conn.last_active < found->conn.last_active))
			found = cc;
	return found;
}

/* Returns false if there is none that could be closed. */
static bool
make_room(struct control_server *s)
{
	struct control_client_conn *cc = s->n_conns == CONNS_MAX ? most_silent(s) : NULL;

	if (cc != NULL)
		remove_conn(cc);
	return s->n_conns < CONNS_MAX;
}

static void
on_conn(struct acceptor *a, struct sock *sock, unsigned long id)
{
	struct control_server *s = a->arg;
	struct control_client_conn *cc = make_room(s) ? calloc(1, sizeof *cc) : NULL;

	(void)id;
	if (cc == NULL) {
		sock_free(sock);
		acceptor_released(a);
		return;
	}
	cc->server = s;
	cc->next = s->conns;
	s->conns = cc;
	s->n_conns++;
	cc->conn.loop = s->loop;
	cc->conn.sock = sock;
	cc->conn.target = &s->target;
	cc->conn.ended = on_conn_ended;
	if (control_conn_start(&cc->conn, NULL) < 0)
		remove_conn(cc);
}

/* ---- the socket ---- */

/* There is no limit of clients, so nobody is refused. */
static void
on_conn_refused(struct acceptor *a, struct sock *sock, unsigned long id)
{
	(void)a;
	(void)id;
	sock_free(sock);
}

/* The server serves its clients all the same. */
static void
on_listener_gone(struct acceptor *a, const struct error *e)
{
	log_line(a->log, LOG_NOTE, "control socket: %s", e->text);
}

static int
open_control_path(struct control_server *s, const struct control_server_how *how, struct error *e)
{
	const struct listen_how lh = {
		.backlog = -1,
		.mode = PATH_MODE,
		.unlink_stale = how->unlink_stale,
		.bind = { .type = SOCK_STREAM },
	};
	struct endpoint ep = { .kind = ENDPOINT_UNIX, .path_len = strlen(how->path) };

	if (ep.path_len == 0 || ep.path_len >= sizeof ep.path)
		return error_set(e, ERROR_USAGE, "'%s' is not a path of 1 to %zu bytes", how->path,
		    sizeof ep.path - 1);
	memcpy(ep.path, how->path, ep.path_len);
	return sock_open_listening(&s->listener, s->loop, &ep, &lh, deadline_never(), s->log, e);
}

int
control_server_open(struct control_server *s, const struct control_server_how *how, struct error *e)
{
	if (open_control_path(s, how, e) < 0)
		return -1;
	/* where the system refuses the bit, `usock status` takes it for another server's socket */
	(void)chmod(how->path, PATH_MODE | S_ISVTX);
	s->acceptor.loop = s->loop;
	s->acceptor.log = s->log;
	s->acceptor.source = client_source_of(s->listener);
	s->acceptor.spare = 0;
	s->acceptor.client = on_conn;
	s->acceptor.refused = on_conn_refused;
	s->acceptor.gone = on_listener_gone;
	s->acceptor.arg = s;
	if (acceptor_start(&s->acceptor, e) == 0)
		return 0;
	control_server_close(s);
	return -1;
}

void
control_server_close(struct control_server *s)
{
	struct control_client_conn *cc, *next;

	if (s->listener == NULL)
		return;
	acceptor_stop(&s->acceptor);
	for (cc = s->conns; cc != NULL; cc = next) {
		next = cc->next;
		remove_conn(cc);
	}
	sock_free(s->listener);
	s->listener = NULL;
}

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "sock/impl.h"
#include "sock/names.h"
#include "status/table.h"

const char *
sock_end_word(enum sock_end end)
{
	static const char *const words[] = {
#define X(end, word) [end] = word,
		SOCK_ENDS(X)
#undef X
	};

	return words[end];
}

enum sock_end
sock_end(const struct sock *s)
{
	return s->end;
}

void
sock_set_end(struct sock *s, enum sock_end end)
{
	if (s->end == END_NONE || end == END_NONE)
		s->end = end;
}

bool
sock_is_listening(const struct sock *s)
{
	int listens = 0;
	socklen_t len = sizeof(listens);

	return getsockopt(s->fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens;
}

/* Returns the closest code for a socket without a TCP state. */
static int
stateless_code(const struct sock *s, const struct sockname *peer)
{
	if (sock_is_listening(s))
		return TCP_CODE_LISTEN;
	return peer->len > 0 ? TCP_CODE_ESTABLISHED : TCP_CODE_CLOSED;
}

/* Returns the state of the descriptor. */
static int
descriptor_code(const struct sock *s, const struct sockname *peer)
{
	unsigned char state; /* the first member of struct tcp_info on every system */
	socklen_t len = sizeof(state);

	if (getsockopt(s->fd, IPPROTO_TCP, TCP_INFO, &state, &len) < 0)
		return stateless_code(s, peer);
	return status_code_of_linux(state);
}

static bool
is_tcp(const struct sock *s)
{
	return s->type == SOCK_STREAM && (s->family == AF_INET || s->family == AF_INET6);
}

/* Looks the 4-tuple up in the kernel's table. The descriptor says CLOSED while the connection is in
 * TIME_WAIT, and after close there is none. */
static int
look_up_closed(struct sock_status *st, struct error *e)
{
	struct status_row row;
	int rc = status_lookup(&st->local, &st->peer, &row, e);

	if (rc != 1)
		return rc;
	st->kernel_code = row.code;
	if (row.code == TCP_CODE_TIME_WAIT)
		st->time_wait_left = row.timer_left;
	return 0;
}

int
sock_status(struct sock *s, struct sock_status *ret_status, struct error *e)
{
	struct sock_status *st = ret_status;
	int rc = 0;

	memset(st, 0, sizeof(*st));
	sock_local(s, &st->local);
	sock_kernel_peer(s, &st->peer);
	st->kernel_code = s->fd == -1 ? TCP_CODE_CLOSED : descriptor_code(s, &st->peer);
	if (st->kernel_code == TCP_CODE_CLOSED && is_tcp(s) && st->local.len > 0 &&
	    st->peer.len > 0)
		rc = look_up_closed(st, e);
	st->code = s->fd == -1 ? TCP_CODE_RELEASED : st->kernel_code;
	st->name = status_code_name(st->kernel_code);
	return rc;
}

int
sock_getsocketsta(struct sock *s)
{
	struct sock_status st;

	if (s->fd == -1)
		return TCP_CODE_RELEASED;
	sock_status(s, &st, NULL);
	return st.code;
}

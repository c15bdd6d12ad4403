#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/loop.h"
#include "net/accept.h"
#include "net/connect.h"
#include "net/sys.h"
#include "relay/server/dtls_acceptor.h"
#include "sock/sock.h"
#include "stream/fd.h"
#include "stream/tls.h"
#include "test.h"

/* A listener, and a client that sends hellos on demand. */
struct stage {
	struct loop *loop;
	struct bind_how bind;
	struct dtls_acceptor acceptor;
	struct client_source source;
	struct tls *client_tls;
	int client; /* the client's socket */
	unsigned failures;
	struct error failure;
};

static struct error error;

static void
on_failed(void *arg, const struct error *e)
{
	struct stage *st = arg;

	st->failures++;
	st->failure = *e;
}

static bool
open_listener(struct stage *st)
{
	const struct tls_how how = { .role = TLS_SERVER, .self_signed = true, .datagrams = true };
	struct dtls_acceptor *d = &st->acceptor;

	d->bind = &st->bind;
	d->failed = on_failed;
	d->arg = st;
	return check_int(sock_open(&d->listener, st->loop, AF_INET, SOCK_DGRAM, 0, SOCK_QUECPYTHON,
			     &error),
		   0) &&
	    check_int(sock_bind_host(d->listener, "127.0.0.1", "0", &error), 0) &&
	    check_int(tls_open(&d->tls, &how, &error), 0) &&
	    check_int(dtls_acceptor_open(d, &error), 0);
}

static bool
stage_open(struct stage *st)
{
	const struct tls_how how = { .insecure = true, .datagrams = true };
	struct sockname name;

	*st = (struct stage){ .bind = { .type = SOCK_DGRAM } };
	if (!check_int(loop_open(&st->loop, &error), 0) || !open_listener(st) ||
	    !check_int(tls_open(&st->client_tls, &how, &error), 0))
		return false;
	st->source = dtls_acceptor_source(&st->acceptor);
	sock_local(st->acceptor.listener, &name);
	st->client = sys_socket(AF_INET, SOCK_DGRAM, 0, &error);
	return check_int(sys_connect(st->client, &name, &error), 0);
}

static void
stage_close(struct stage *st)
{
	close(st->client);
	tls_close(st->client_tls);
	tls_close(st->acceptor.tls);
	dtls_acceptor_close(&st->acceptor);
	sock_free(st->acceptor.listener);
	loop_close(st->loop);
}

/* The client sends a hello, is asked for a cookie, and sends another hello. Returns what the source
 * makes of it: 0 with a connection, or -1. */
static int
come(struct stage *st, struct sock **ret_conn)
{
	unsigned before = st->failures;
	struct stream *lower, *s;
	int rc = -1, i;

	check_int(fd_stream_socket(&lower, dup(st->client), &error), 0);
	check_int(tls_stream(&s, st->client_tls, lower, "localhost", &error), 0);
	for (i = 0; i < 10 && rc == -1 && st->failures == before; i++) {
		check_int(tls_handshake(s, &error), STREAM_WANT_READ);
		rc = st->source.take(st->source.arg, ret_conn, &error);
		if (rc == -1 && error.number != EAGAIN)
			break;
	}
	stream_close(s);
	return rc;
}

/* Empties the listener, so that the next hello arrives there again. */
static void
leave(struct stage *st, struct sock *conn)
{
	struct sock *other;
	char data[100];

	check_int(st->source.take(st->source.arg, &other, &error), -1);
	check_int(error.number, EAGAIN);
	sock_free(conn);
	while (recv(st->client, data, sizeof(data), MSG_DONTWAIT) >= 0)
		continue;
}

TEST("a client that proves its address gets a socket of its own, and may connect again")
{
	struct sockname peer, client;
	struct stage st;
	struct sock *conn;

	require(stage_open(&st));
	check_int(sys_local_name(st.client, &client, &error), 0);
	for (int i = 0; i < 3; i++) {
		require(check_int(come(&st, &conn), 0));
		sock_peer(conn, &peer);
		check(sockname_equal(&peer, &client));
		check(st.acceptor.hello.len > 0);
		leave(&st, conn);
	}
	check_int(st.failures, 0);
	stage_close(&st);
}

TEST("a failure of one client is reported, and does not end the listener")
{
	struct stage st;
	struct sock *conn;

	require(stage_open(&st));
	st.bind.interface = "no-such-device";
	check_int(come(&st, &conn), -1);
	check_int(error.number, EAGAIN);
	check_int(st.failures, 1);
	check_int(st.failure.number, ENODEV);
	st.bind.interface = NULL;
	require(check_int(come(&st, &conn), 0));
	check_int(st.failures, 1);
	leave(&st, conn);
	stage_close(&st);
}

TEST("a shortage concerns the listener: no client has failed")
{
	struct rlimit limit, none;
	struct stage st;
	struct sock *conn;

	require(stage_open(&st));
	check_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	/* the client's own descriptor is the last one available */
	none.rlim_cur = (rlim_t)st.client + 2;
	check_int(setrlimit(RLIMIT_NOFILE, &none), 0);
	check_int(come(&st, &conn), -1);
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
	check_int(error.number, EMFILE);
	check_int(accept_verdict_of(&error), ACCEPT_SHORTAGE);
	check_int(st.failures, 0);
	require(check_int(come(&st, &conn), 0));
	leave(&st, conn);
	stage_close(&st);
}

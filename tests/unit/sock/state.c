#include <netinet/tcp.h>
#include <string.h>

#include "sock_test.h"
#include "status/table.h"

/* Sockets that a row brings into its state; s is the one that is in it. */
struct scene {
	struct sock *listener, *filler;
	struct pair p;
	struct sock *s;
};

static void
scene_end(struct scene *c)
{
	/* by resets, so that nothing is left in TIME_WAIT */
	if (c->p.a != NULL)
		sock_abort(c->p.a);
	if (c->p.b != NULL)
		sock_abort(c->p.b);
	pair_free(&c->p);
	sock_free(c->filler);
	sock_free(c->listener);
}

static void
make_closed(struct scene *c)
{
	c->s = c->p.a = fresh(SOCK_STREAM);
}

static void
make_listen(struct scene *c)
{
	c->s = c->listener = listening(1);
}

/* While the listener's queue is full no SYN is answered. */
static void
make_syn_sent(struct scene *c)
{
	struct sockname name;

	c->listener = listening(0);
	name = name_of(c->listener);
	c->filler = fresh(SOCK_STREAM);
	check_int(sock_connect(c->filler, &name, &error), 0);
	c->s = c->p.a = fresh(SOCK_STREAM);
	sock_setblocking(c->s, false, &error);
	check_fails(sock_connect(c->s, &name, &error), EINPROGRESS);
}

static void
make_established(struct scene *c)
{
	pair_open(&c->p);
	c->s = c->p.a;
}

static void
make_fin_wait_1(struct scene *c)
{
	pair_open(&c->p);
	c->s = c->p.a;
	fill_up(c->p.a);
	check_int(sock_shutdown(c->p.a, SHUT_WR, &error), 0);
}

static void
make_fin_wait_2(struct scene *c)
{
	pair_open(&c->p);
	c->s = c->p.a;
	check_int(sock_shutdown(c->p.a, SHUT_WR, &error), 0);
}

static void
make_close_wait(struct scene *c)
{
	make_fin_wait_2(c);
	c->s = c->p.b;
}

static void
make_closing(struct scene *c)
{
	pair_open(&c->p);
	c->s = c->p.a;
	fill_up(c->p.a);
	fill_up(c->p.b);
	check_int(sock_shutdown(c->p.a, SHUT_WR, &error), 0);
	check_int(sock_shutdown(c->p.b, SHUT_WR, &error), 0);
	drain(c->p.a);
}

static void
make_last_ack(struct scene *c)
{
	pair_open(&c->p);
	c->s = c->p.b;
	check_int(sock_shutdown(c->p.a, SHUT_WR, &error), 0);
	require(reaches(c->p.b, TCP_CODE_CLOSE_WAIT));
	fill_up(c->p.b);
	check_int(sock_shutdown(c->p.b, SHUT_WR, &error), 0);
}

/* The descriptor stays open: TCP_INFO says CLOSED, the kernel's table has the state. */
static void
make_time_wait(struct scene *c)
{
	pair_open(&c->p);
	c->s = c->p.a;
	check_int(sock_shutdown(c->p.a, SHUT_WR, &error), 0);
	require(reaches(c->p.b, TCP_CODE_CLOSE_WAIT));
	check_int(sock_shutdown(c->p.b, SHUT_WR, &error), 0);
	drain(c->p.a);
}

static const struct state_row {
	int code;
	const char *name;
	void (*make)(struct scene *c);
} states[] = {
	{ 0, "CLOSED", make_closed },
	{ 1, "LISTEN", make_listen },
	{ 2, "SYN_SENT", make_syn_sent },
	{ 4, "ESTABLISHED", make_established },
	{ 5, "FIN_WAIT_1", make_fin_wait_1 },
	{ 6, "FIN_WAIT_2", make_fin_wait_2 },
	{ 7, "CLOSE_WAIT", make_close_wait },
	{ 8, "CLOSING", make_closing },
	{ 9, "LAST_ACK", make_last_ack },
	{ 10, "TIME_WAIT", make_time_wait },
};

static bool
check_state(const struct state_row *r)
{
	struct scene c = { .listener = NULL };
	struct sock_status st;
	bool ok;

	r->make(&c);
	ok = reaches(c.s, r->code) && check_int(sock_getsocketsta(c.s), r->code) &&
	    check_int(sock_status(c.s, &st, &error), 0) && check_int(st.code, r->code) &&
	    check_str(st.name, r->name) &&
	    check_int(st.time_wait_left > 0, r->code == TCP_CODE_TIME_WAIT);
	sock_close(c.s, NULL);
	ok &= check_int(sock_getsocketsta(c.s), -1);
	scene_end(&c);
	return ok;
}

TEST("getsocketsta gives the documents' code in every state a descriptor can have, -1 after close")
{
	require(begin());
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		row(check_state(&states[i]), states[i].name);
	end();
}

/* No descriptor has this state: the kernel makes one after the handshake. */
TEST("a connection that a listener defers is SYN_RCVD under its 4-tuple")
{
	struct sock *listener, *s;
	struct sockname server, client;
	struct deadline until = deadline_in(PATIENCE);
	struct status_row found = { .code = -1 };

	require(begin());
	listener = bound(SOCK_STREAM);
	check_int(sock_setsockopt_int(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, 30, &error), 0);
	check_int(sock_listen(listener, 1, &error), 0);
	server = name_of(listener);
	s = fresh(SOCK_STREAM);
	check_int(sock_connect(s, &server, &error), 0);
	client = name_of(s);
	while (status_lookup(&server, &client, &found, &error) != 1 && !deadline_passed(until))
		turn();
	check_int(found.code, TCP_CODE_SYN_RCVD);
	check_str(status_code_name(found.code), "SYN_RCVD");
	sock_free(s);
	sock_free(listener);
	end();
}

TEST("after close the state is still known by the 4-tuple, from FIN_WAIT_2 to TIME_WAIT")
{
	struct sock_status st;
	struct sockname local, peer;
	struct pair p;

	require(begin() && pair_open(&p));
	local = name_of(p.a);
	sock_peer(p.a, &peer);
	sock_close(p.a, NULL);
	require(reaches(p.a, TCP_CODE_FIN_WAIT_2));
	sock_close(p.b, NULL);
	require(reaches(p.a, TCP_CODE_TIME_WAIT));
	check_int(sock_status(p.a, &st, &error), 0);
	check_int(st.code, -1);
	check_str(st.name, "TIME_WAIT");
	check(sockname_equal(&st.local, &local) && sockname_equal(&st.peer, &peer));
	check(st.time_wait_left > 50 * NSEC_PER_SEC && st.time_wait_left <= 60 * NSEC_PER_SEC);
	check_int(sock_status(p.b, &st, &error), 0);
	check_int(st.kernel_code, 0);
	check_int(sock_getsocketsta(p.a), -1);
	pair_free(&p);
	end();
}

TEST("a connection that was reset is CLOSED, though its listener still listens there")
{
	struct sock *listener, *conn = NULL;
	struct pair p = { NULL, NULL };
	struct sock_status st;
	struct sockname name;

	require(begin());
	listener = listening(1);
	name = name_of(listener);
	p.a = fresh(SOCK_STREAM);
	check_int(sock_connect(p.a, &name, &error), 0);
	require(check_int(sock_accept(listener, &conn, NULL, &error), 0));
	sock_abort(conn);
	check_int(sock_status(conn, &st, &error), 0);
	check_int(st.code, -1);
	check_int(st.kernel_code, 0);
	check_str(st.name, "CLOSED");
	check(reaches(p.a, 0));
	sock_free(conn);
	sock_free(listener);
	pair_free(&p);
	end();
}

TEST("TIME_WAIT is found on a dual-stack socket that served an IPv4 client")
{
	const struct endpoint any = { .kind = ENDPOINT_INET, .port = "0" };
	const struct listen_how how = { .backlog = 1 };
	struct sock *listener, *conn = NULL, *s;
	struct sockname name;
	char data[1];

	require(begin());
	require(check_int(
	    sock_open_listening(&listener, loop, &any, &how, deadline_in(PATIENCE), NULL, &error),
	    0));
	name = name_of(listener);
	if (name.sa.sa_family != AF_INET6) {
		sock_free(listener);
		end();
		skip("no IPv6 here");
	}
	name = loopback(sockname_port(&name));
	s = fresh(SOCK_STREAM);
	check_int(sock_connect(s, &name, &error), 0);
	require(check_int(sock_accept(listener, &conn, NULL, &error), 0));
	sock_close(conn, NULL);
	check_int(sock_recv(s, data, 1, 0, &error), 0);
	sock_free(s);
	check(reaches(conn, TCP_CODE_TIME_WAIT));
	sock_free(conn);
	sock_free(listener);
	end();
}

TEST("sockets without a TCP state have the closest one")
{
	struct sockname name = { .len = sizeof(sa_family_t) };
	struct sock *s;
	struct pair p;

	require(begin() && udp_pair_open(&p));
	check_int(sock_getsocketsta(p.a), TCP_CODE_ESTABLISHED);
	check_int(sock_getsocketsta(p.b), TCP_CODE_CLOSED);
	sock_close(p.a, NULL);
	check_int(sock_getsocketsta(p.a), -1);
	pair_free(&p);

	name.sa.sa_family = AF_UNIX;
	check_int(sock_open(&s, loop, AF_UNIX, SOCK_STREAM, 0, SOCK_QUECPYTHON, &error), 0);
	check_int(sock_getsocketsta(s), TCP_CODE_CLOSED);
	check_int(sock_bind(s, &name, &error), 0);
	check_int(sock_listen(s, 1, &error), 0);
	check_int(sock_getsocketsta(s), TCP_CODE_LISTEN);
	sock_free(s);
	end();
}

/* "TCP RST seen by poll": the watch fires while data is unread. */
struct seen {
	struct watch watch;
	unsigned ready;
	bool done;
};

static void
note_ready(struct watch *w, unsigned ready)
{
	struct seen *seen = w->arg;

	seen->ready = ready;
	seen->done = true;
}

TEST("a reset wakes the loop with hang-up while data is readable, then 104, then close")
{
	struct seen seen = { .watch = { .fn = note_ready, .arg = &seen } };
	struct pair p;
	char data[8];

	require(begin() && pair_open(&p));
	send_text(p.a, "abc");
	require(arrived(p.b, 3));
	sock_abort(p.a);
	require(reaches(p.b, 0));
	seen.watch.fd = sock_fileno(p.b);
	check_int(loop_watch(loop, &seen.watch, LOOP_READ, &error), 0);
	check_int(loop_run(loop, &seen.done, deadline_in(PATIENCE), &error), 1);
	loop_unwatch(loop, &seen.watch);
	check_int(seen.ready, LOOP_READ | LOOP_HANGUP);
	check_int(sock_recv(p.b, data, sizeof(data), 0, &error), 3);
	check_fails(sock_recv(p.b, data, sizeof(data), 0, &error), ECONNRESET);
	sock_close(p.b, NULL);
	check_fails(sock_recv(p.b, data, sizeof(data), 0, &error), EBADF);
	pair_free(&p);
	end();
}

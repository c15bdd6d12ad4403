#include "relay/greet.h"

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "net/sys.h"
#include "sock/sock.h"
#include "stream/tls.h"

#define ROOM (64u << 10)
/* Datagrams of strangers before others on the loop get their turn. */
#define BUDGET 256
/* More datagrams do not fit into a receive buffer as systems have it. */
#define GREETED_MAX 1024

int
greet_open(struct greeter *g, struct error *e)
{
	g->room = malloc(ROOM);
	g->greeted = calloc(GREETED_MAX, sizeof(*g->greeted));
	if (g->room == NULL || g->greeted == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	/* a socket of all addresses has to answer from the one that was asked */
	batch_ask_here(sock_fileno(g->listener));
	return 0;
}

void
greet_close(struct greeter *g)
{
	free(g->room);
	free(g->greeted);
	g->room = NULL;
	g->greeted = NULL;
}

/* What comes from a client once it has its own socket goes there. A second hello that is found here
 * had come before that: taken for another client's it would get a socket too, which would take the
 * first one's datagrams. */
static bool
is_greeted(const struct greeter *g, const struct sockname *name)
{
	unsigned n = g->n_greeted < GREETED_MAX ? g->n_greeted : GREETED_MAX;

	for (unsigned i = 0; i < n; i++)
		if (sockname_equal(&g->greeted[i], name))
			return true;
	return false;
}

/* What does not go is asked for again. */
static void
answer(const struct greeter *g, char *data, size_t n)
{
	const struct packet p = { .data = data,
		.len = n,
		.name = g->hello.name,
		.here = g->hello.here };

	batch_send(sock_fileno(g->listener), &p, 1, NULL);
}

/* 1: a client; 0: not this one; SYS_AGAIN, -1. */
static int
greet_next(struct greeter *g, struct error *e)
{
	unsigned char data[TLS_ANSWER_MAX];
	size_t n;
	int rc;

	g->hello = (struct packet){ .data = g->room, .room = ROOM };
	rc = batch_recv(sock_fileno(g->listener), &g->hello, 1, e);
	if (rc == SYS_AGAIN)
		g->n_greeted = 0;
	if (rc < 0)
		return rc;
	if (is_greeted(g, &g->hello.name))
		return 0;
	if (tls_greet(g->tls, &g->hello.name, g->hello.data, g->hello.len, data, &n))
		return 1;
	if (n > 0)
		answer(g, (char *)data, n);
	return 0;
}

int
greet_accept(struct greeter *g, struct sock **ret_conn, struct error *e)
{
	int rc = 0, i;

	for (i = 0; i < BUDGET && rc == 0; i++)
		rc = greet_next(g, e);
	if (rc == 0 || rc == SYS_AGAIN)
		return error_errno(e, ERROR_NETWORK, EAGAIN, "accept");
	if (rc < 0)
		return -1;
	if (sock_apart(g->listener, &g->hello.name, &g->hello.here, ret_conn, e) < 0)
		return -1;
	g->greeted[g->n_greeted++ % GREETED_MAX] = g->hello.name;
	return 0;
}

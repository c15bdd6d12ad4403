#include "relay/server/dtls_acceptor.h"

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "net/accept.h"
#include "net/sys.h"
#include "net/udp_accept.h"
#include "sock/sock.h"
#include "stream/dtls.h"

#define ROOM (64u << 10)
/* Datagrams without a client before others on the loop get their turn. */
#define BUDGET 256
/* More datagrams than a usual receive buffer holds. */
#define ACCEPTED_MAX 1024

int
dtls_acceptor_open(struct dtls_acceptor *d, struct error *e)
{
	d->room = malloc(ROOM);
	d->accepted = calloc(ACCEPTED_MAX, sizeof(*d->accepted));
	if (d->room == NULL || d->accepted == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	/* a socket bound to all addresses has to answer from the one that was used */
	mmsg_enable_pktinfo(sock_fileno(d->listener));
	return 0;
}

void
dtls_acceptor_close(struct dtls_acceptor *d)
{
	free(d->room);
	free(d->accepted);
	d->room = NULL;
	d->accepted = NULL;
}

/* Once a client has its own socket, its datagrams arrive there. A second hello found here arrived
 * before. If it made another socket, that would take the first one's datagrams. */
static bool
is_accepted(const struct dtls_acceptor *d, const struct sockname *name)
{
	unsigned n = d->n_accepted < ACCEPTED_MAX ? d->n_accepted : ACCEPTED_MAX;

	for (unsigned i = 0; i < n; i++)
		if (sockname_equal(&d->accepted[i], name))
			return true;
	return false;
}

/* A lost answer is asked for again. */
static void
send_answer(const struct dtls_acceptor *d, char *data, size_t n)
{
	const struct packet p = { .data = data,
		.len = n,
		.name = d->hello.name,
		.local = d->hello.local };

	mmsg_send(sock_fileno(d->listener), &p, 1, NULL);
}

/* Returns 1 if hello begins a client, 0 if it does not, SYS_AGAIN or -1. */
static int
next_hello(struct dtls_acceptor *d, struct error *e)
{
	unsigned char data[TLS_ANSWER_MAX];
	size_t n;
	int rc;

	d->hello = (struct packet){ .data = d->room, .room = ROOM };
	rc = mmsg_recv(sock_fileno(d->listener), &d->hello, 1, e);
	if (rc == SYS_AGAIN)
		d->n_accepted = 0;
	if (rc < 0)
		return rc;
	if (is_accepted(d, &d->hello.name)) {
		if (d->late != NULL)
			d->late(d->arg, &d->hello);
		return 0;
	}
	if (d->lets_in != NULL && !d->lets_in(d->arg, &d->hello.name))
		return 0;
	if (d->tls == NULL)
		return 1;
	if (tls_verify_cookie(d->tls, &d->hello.name, d->hello.data, d->hello.len, data, &n))
		return 1;
	if (n > 0)
		send_answer(d, (char *)data, n);
	return 0;
}

static int
open_client(struct dtls_acceptor *d, struct sock **ret_conn, struct error *e)
{
	const struct udp_accept_how how = { .peer = &d->hello.name,
		.local = &d->hello.local,
		.bind = d->bind };

	if (sock_udp_accept(d->listener, &how, ret_conn, e) < 0)
		return -1;
	d->accepted[d->n_accepted++ % ACCEPTED_MAX] = d->hello.name;
	return 1;
}

/* A failure other than a shortage concerns one client: the kernel's answers about a stranger's
 * address must not end the listener. The client will repeat its hello. */
static int
open_failed(struct dtls_acceptor *d, const struct error *err, struct error *e)
{
	if (accept_verdict_of(err) != ACCEPT_SHORTAGE) {
		d->failed(d->arg, err);
		return 0;
	}
	*e = *err;
	return -1;
}

/* Returns 1 with a client, 0 without one, SYS_AGAIN or -1. */
static int
try_accept(struct dtls_acceptor *d, struct sock **ret_conn, struct error *e)
{
	struct error err = { 0 };
	int rc = next_hello(d, &err);

	if (rc < 0) {
		*e = err;
		return rc;
	}
	if (rc == 0)
		return 0;
	rc = open_client(d, ret_conn, &err);
	return rc < 0 ? open_failed(d, &err, e) : rc;
}

static int
take_client(void *arg, struct sock **ret_conn, struct error *e)
{
	struct dtls_acceptor *d = arg;
	int rc = 0, i;

	for (i = 0; i < BUDGET && rc == 0; i++)
		rc = try_accept(d, ret_conn, e);
	if (rc == 0 || rc == SYS_AGAIN)
		return error_errno(e, ERROR_NETWORK, EAGAIN, "accept");
	return rc < 0 ? -1 : 0;
}

void
dtls_acceptor_drain(struct dtls_acceptor *d)
{
	for (int i = 0; i < BUDGET && next_hello(d, NULL) >= 0; i++)
		continue;
}

struct client_source
dtls_acceptor_source(struct dtls_acceptor *d)
{
	return (struct client_source){
		.fd = sock_fileno(d->listener),
		.take = take_client,
		.has_spare = client_source_has_spare,
		.arg = d,
	};
}

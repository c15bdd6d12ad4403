#include "net/reserve.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/error.h"
#include "loop/loop.h"
#include "net/sys.h"

/* A port that is free on one address may be in use on another: so many are tried. */
enum { TRIES = 64 };

/* The three sockets of a connection of this process with itself. */
struct reservation {
	struct loop *loop;
	struct deadline until;
	struct sockname name; /* of the listener */
	int listener, client, served;
};

static int
open_bound(const struct sockname *name, int reuse, struct error *e)
{
	int fd = sys_socket(name->sa.sa_family, SOCK_STREAM, 0, e);

	if (fd == -1)
		return -1;
	/* the socket in TIME_WAIT has the flag, which lets others that have it bind the port */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse) == 0 &&
	    sys_bind(fd, name, e) == 0)
		return fd;
	sys_close(fd);
	return -1;
}

static int
open_reserving_listener(struct reservation *r, struct error *e)
{
	r->listener = open_bound(&r->name, 1, e);
	if (r->listener == -1 || sys_listen(r->listener, 1, e) == -1)
		return -1;
	return sys_local_name(r->listener, &r->name, e);
}

static int
wait_for(struct reservation *r, int fd, unsigned events, struct error *e)
{
	int rc = loop_wait(r->loop, fd, events, r->until, e);

	if (rc == 0)
		return error_set(e, ERROR_TIMEOUT, "timed out");
	return rc > 0 ? 0 : -1;
}

static int
connect_client(struct reservation *r, struct error *e)
{
	int rc;

	r->client = sys_socket(r->name.sa.sa_family, SOCK_STREAM, 0, e);
	if (r->client == -1)
		return -1;
	rc = sys_connect(r->client, &r->name, e);
	if (rc != SYS_AGAIN)
		return rc;
	if (wait_for(r, r->client, LOOP_WRITE, e) == -1)
		return -1;
	return sys_connected(r->client, &r->name, e);
}

static int
accept_own_client(struct reservation *r, struct error *e)
{
	struct sockname peer;

	do {
		if (wait_for(r, r->listener, LOOP_READ, e) == -1)
			return -1;
		r->served = sys_accept(r->listener, &peer, e);
	} while (r->served == SYS_AGAIN);
	return r->served < 0 ? -1 : 0;
}

/* The side that closes first gets TIME_WAIT (RFC 9293, 3.6). */
static int
end_connection(struct reservation *r, struct error *e)
{
	char byte;

	sys_close(r->served);
	r->served = -1;
	if (wait_for(r, r->client, LOOP_READ, e) == -1)
		return -1;
	return sys_recv(r->client, &byte, 1, 0, e) < 0 ? -1 : 0;
}

static void
close_reservation(struct reservation *r)
{
	sys_close(r->client);
	sys_close(r->served);
	sys_close(r->listener);
}

static int
reserve_address(struct reservation *r, struct error *e)
{
	r->listener = r->client = r->served = -1;
	if (open_reserving_listener(r, e) == 0 && connect_client(r, e) == 0 &&
	    accept_own_client(r, e) == 0 && end_connection(r, e) == 0) {
		close_reservation(r);
		return 0;
	}
	close_reservation(r);
	return -1;
}

/* A kernel may keep no TIME_WAIT: net.ipv4.tcp_max_tw_buckets. */
static int
check_reserved(const struct sockname *name, struct error *e)
{
	struct error why = { 0 };
	int fd = open_bound(name, 0, &why);

	if (fd == -1 && why.number == EADDRINUSE)
		return 0;
	sys_close(fd);
	error_set(e, ERROR_NETWORK, "no TIME_WAIT remains, so the port is not reserved");
	return error_hint(e, "net.ipv4.tcp_max_tw_buckets limits their number");
}

static int
report_address(const struct sockname *name, struct error *e)
{
	char text[SOCKNAME_TEXT_MAX];

	return error_prefix(e, "reserve %s", sockname_format_short(name, text, sizeof text));
}

/* Returns 1 where the port is in use on one of the other addresses. */
static int
reserve_all(struct reservation *r, const struct sockname *names, size_t n, uint16_t *ret_port,
    struct error *e)
{
	uint16_t port = 0;

	for (size_t i = 0; i < n; i++) {
		r->name = names[i];
		sockname_set_port(&r->name, port);
		if (reserve_address(r, e) == -1) {
			if (i > 0 && e->origin == ORIGIN_ERRNO && e->number == EADDRINUSE)
				return 1;
			return report_address(&r->name, e);
		}
		port = sockname_port(&r->name);
		if (check_reserved(&r->name, e) == -1)
			return report_address(&r->name, e);
	}
	*ret_port = port;
	return 0;
}

int
reserve_port(struct loop *l, const struct sockname *names, size_t n, struct deadline until,
    uint16_t *ret_port, struct error *e)
{
	struct reservation r = { .loop = l, .until = until };
	struct error err = { 0 };
	int rc = 1;

	for (int i = 0; rc == 1 && i < TRIES; i++)
		rc = reserve_all(&r, names, n, ret_port, &err);
	if (rc == 0)
		return 0;
	if (e != NULL)
		*e = err;
	return rc == 1 ? report_address(&names[0], e) : -1;
}

#include <errno.h>

#include "base/deadline.h"
#include "base/error.h"
#include "sock/addr_in_use.h"
#include "status/owners.h"
#include "status/table.h"

/* Which sockets use a port. */
struct holders {
	bool held;
	struct status_row holder;
	int64_t time_wait; /* nanoseconds until the last one leaves TIME_WAIT; 0: none */
};

/* A listener explains more than a connection. */
static int
add_row(void *arg, const struct status_row *row)
{
	struct holders *h = arg;

	if (row->code == TCP_CODE_TIME_WAIT) {
		if (row->timer_left > h->time_wait)
			h->time_wait = row->timer_left;
	} else if (!h->held || row->code == TCP_CODE_LISTEN) {
		h->held = true;
		h->holder = *row;
	}
	return 0;
}

/* A socket that is bound, but neither listens nor is connected, is in a table of its own, since
 * Linux 6.8. */
static void
find_bound(uint16_t port, struct holders *h)
{
	const struct status_range range = { port, port };
	const struct status_how how = {
		.filter = {
			.protos = 1U << STATUS_TCP,
			.states = 1U << TCP_CODE_CLOSED,
			.local = { .ports = &range, .n_ports = 1 },
		},
	};

	(void)status_each(&how, add_row, h, NULL, NULL);
}

static void
explain_holder(uint16_t port, const struct status_row *holder, struct error *e)
{
	char command[64];
	pid_t pid;

	if (holder->inode == 0)
		error_hint(e, "port %u is held by a connection in %s", (unsigned)port,
		    status_code_name(holder->code));
	else if (status_holder(holder->inode, &pid, command, sizeof(command)) == 1)
		error_hint(e, "port %u is held by %s, pid %ld", (unsigned)port, command, (long)pid);
	else
		error_hint(e, "port %u is held by a process of user %lu", (unsigned)port,
		    (unsigned long)holder->uid);
}

static void
explain_time_wait(const struct clash *clash, int64_t left, struct error *e)
{
	long seconds = (long)((left + NSEC_PER_SEC - 1) / NSEC_PER_SEC);

	/* SO_REUSEADDR works only if both sockets have it. EADDRNOTAVAIL means that a client
	 * wants the same 4-tuple again, which no option allows. */
	if (e->number == EADDRNOTAVAIL)
		error_hint(e, "TIME_WAIT for %ld s more", seconds);
	else if (clash->reuse)
		error_hint(e, "TIME_WAIT for %ld s more, of a socket without SO_REUSEADDR",
		    seconds);
	else
		error_hint(e, "TIME_WAIT for %ld s more; %s if the socket before had it too",
		    seconds, clash->remedy);
}

void
sock_explain_addr_in_use(const struct clash *clash, struct error *e)
{
	struct holders h = { .held = false };

	if (e == NULL || e->origin != ORIGIN_ERRNO || e->hint[0] != '\0')
		return;
	if (e->number != EADDRINUSE && e->number != EADDRNOTAVAIL)
		return;
	if (status_by_port(clash->port, add_row, &h, NULL) == -1)
		return;
	if (!h.held && h.time_wait == 0)
		find_bound(clash->port, &h);
	if (h.held && e->number == EADDRINUSE)
		explain_holder(clash->port, &h.holder, e);
	else if (h.time_wait > 0)
		explain_time_wait(clash, h.time_wait, e);
	else if (h.held)
		explain_holder(clash->port, &h.holder, e);
	else if (e->number == EADDRINUSE && clash->port != 0)
		error_hint(e,
		    "port %u is held by a socket that does not listen, which this kernel does not "
		    "show",
		    (unsigned)clash->port);
}

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "relay/greet.h"
#include "relay/serve.h"

/* Clients accepted before others on the loop get their turn. */
#define BATCH 64
/* Out of descriptors: the time until some may be free. */
#define RETRY (100 * NSEC_PER_MSEC)
/* A shortage that lasts is told once. */
#define QUIET (10 * NSEC_PER_SEC)
#define SPARE_MAX 4

static bool
is_full(const struct serve *sv)
{
	return sv->max_clients != 0 && sv->active >= sv->max_clients;
}

static int
listen_on(struct serve *sv, bool on)
{
	struct error e = { 0 };

	if (loop_watch(sv->loop, &sv->watch, on ? LOOP_READ : 0, &e) < 0) {
		sv->trouble(sv, &e);
		return -1;
	}
	return 0;
}

static bool
is_shortage(int errnum)
{
	return errnum == EMFILE || errnum == ENFILE || errnum == ENOBUFS || errnum == ENOMEM;
}

/* Tries again after a while, or when a client has gone. */
static void
wait_for_room(struct serve *sv, const char *reason)
{
	struct error ignored;

	if (deadline_passed(sv->told))
		log_line(sv->log, LOG_NOTE, "%s: the next client waits (%u connected)", reason,
		    sv->active);
	sv->told = deadline_in(QUIET);
	listen_on(sv, false);
	loop_timer_set(sv->loop, &sv->retry, deadline_in(RETRY), &ignored);
}

static void
accept_failed(struct serve *sv, const struct error *e)
{
	if (is_shortage(e->number))
		wait_for_room(sv, e->text);
	else
		sv->trouble(sv, e);
}

/* Numbers are given out from below, so there is room while they are low. */
static bool
has_spare(const struct serve *sv, int fd)
{
	int spare[SPARE_MAX];
	struct rlimit limit;
	unsigned n;
	bool enough;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || (rlim_t)fd + 64 < limit.rlim_cur)
		return true;
	for (n = 0; n < sv->spare && n < SPARE_MAX; n++)
		if ((spare[n] = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0)
			break;
	enough = n == sv->spare;
	while (n > 0)
		close(spare[--n]);
	return enough;
}

static void
start_client(struct serve *sv, struct sock *conn)
{
	if (!has_spare(sv, sock_fileno(conn))) {
		sv->waiting = conn;
		wait_for_room(sv, "accept: Too many open files");
		return;
	}
	sv->active++;
	sv->client(sv, conn, ++sv->served);
}

static int
take_client(struct serve *sv, struct sock **ret_conn, struct error *e)
{
	if (sv->greeter != NULL)
		return greet_accept(sv->greeter, ret_conn, e);
	return sock_accept(sv->listener, ret_conn, NULL, e);
}

/* True while there may be more. */
static bool
accept_one(struct serve *sv)
{
	struct error e = { 0 };
	struct sock *conn;

	if (take_client(sv, &conn, &e) < 0) {
		if (e.number != EAGAIN)
			accept_failed(sv, &e);
		return false;
	}
	if (is_full(sv))
		sv->refused(sv, conn, ++sv->served);
	else
		start_client(sv, conn);
	return sv->waiting == NULL;
}

static void
on_listener(struct watch *w, unsigned ready)
{
	struct serve *sv = w->arg;
	int i;

	(void)ready;
	for (i = 0; i < BATCH && (sv->refuse || !is_full(sv)); i++)
		if (!accept_one(sv))
			break;
	if (is_full(sv) && !sv->refuse)
		listen_on(sv, false);
}

static void
on_retry(struct timer *t)
{
	struct serve *sv = t->arg;
	struct sock *conn = sv->waiting;

	sv->waiting = NULL;
	if (conn != NULL)
		start_client(sv, conn);
	if (sv->waiting == NULL && !is_full(sv))
		listen_on(sv, true);
}

int
serve_start(struct serve *sv, struct error *e)
{
	sv->watch.fd = sock_fileno(sv->listener);
	sv->watch.fn = on_listener;
	sv->watch.arg = sv;
	sv->retry.fn = on_retry;
	sv->retry.arg = sv;
	if (sock_settimeout(sv->listener, 0, e) < 0)
		return -1;
	return loop_watch(sv->loop, &sv->watch, LOOP_READ, e);
}

void
serve_released(struct serve *sv)
{
	sv->active--;
	if (sv->watch.events == 0 && !is_full(sv) && sv->retry.slot == 0 &&
	    sock_fileno(sv->listener) >= 0)
		listen_on(sv, true);
}

void
serve_stop(struct serve *sv)
{
	loop_unwatch(sv->loop, &sv->watch);
	loop_timer_stop(sv->loop, &sv->retry);
	sock_free(sv->waiting);
	sv->waiting = NULL;
}

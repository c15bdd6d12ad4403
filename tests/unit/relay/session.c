#include "relay/session.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "relay/copy/scratch.h"
#include "sock/sock.h"
#include "stream/negotiate/proxy_header/negotiate_proxy_header.h"
#include "test.h"

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);

/* Copies of an error find no memory. */
static bool refused;

void *
__wrap_malloc(size_t n)
{
	return refused && n == sizeof(struct error) ? NULL : __real_malloc(n);
}

/* A client whose peer is the test. */
struct stage {
	struct loop *loop;
	struct session session;
	struct session_how how;
	struct scratch scratch;
	struct log log;
	int peer;
	bool over;
};

static void
on_session_done(struct session *s)
{
	struct stage *st = s->arg;

	st->over = true;
}

static int
accept_header(void *arg, const struct proxy_header *h, struct error *e)
{
	(void)arg, (void)h, (void)e;
	return 0;
}

static void
stage_run(struct stage *st, const char *sent)
{
	struct error e = { 0 };
	struct sock *conn;
	int fds[2];

	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	check_int(write(fds[1], sent, strlen(sent)), (int)strlen(sent));
	st->peer = fds[1];
	check_int(loop_open(&st->loop, &e), 0);
	check_int(sock_adopt(&conn, st->loop, fds[0], &e), 0);
	st->how.handshake_timeout = 20 * NSEC_PER_SEC;
	st->how.rules.until = deadline_never();
	st->how.rules.after_eof = st->how.rules.accept = DURATION_NONE;
	st->how.max_bytes = UINT64_MAX;
	st->scratch.size = 64 << 10;
	st->session = (struct session){ .loop = st->loop,
		.log = &st->log,
		.scratch = &st->scratch,
		.how = &st->how,
		.id = 1,
		.done = on_session_done,
		.arg = st };
	session_start(&st->session, conn);
	if (!st->over)
		check_int(loop_run(st->loop, &st->over, deadline_in(20 * NSEC_PER_SEC), &e), 1);
}

static void
stage_close(struct stage *st)
{
	session_fini(&st->session);
	scratch_fini(&st->scratch);
	loop_close(st->loop);
	close(st->peer);
}

TEST("a negotiation that fails is a failure, also where there is no memory for its reason")
{
	struct stage st = { .how = { .local = SESSION_DISCARD } };

	st.how.plan.header.on_header = accept_header;
	stage_run(&st, "no header of a proxy\r\n");
	check(st.session.error != NULL && st.session.error->code == ERROR_NETWORK);
	stage_close(&st);

	st = (struct stage){ .how = { .local = SESSION_DISCARD } };
	st.how.plan.header.on_header = accept_header;
	refused = true;
	stage_run(&st, "no header of a proxy\r\n");
	refused = false;
	check(st.session.error != NULL);
	check_str(st.session.error->text, "out of memory");
	check_int(st.session.end, END_ERROR);
	stage_close(&st);
}

TEST("a relay that fails is a failure, also where there is no memory for its reason")
{
	struct stage st = { .how = { .local = SESSION_DISCARD } };

	st.how.rules.idle = NSEC_PER_MSEC;
	refused = true;
	stage_run(&st, "");
	refused = false;
	check_int(st.session.end, END_IDLE_TIMEOUT);
	check(st.session.error != NULL);
	check_str(st.session.error->text, "out of memory");
	stage_close(&st);
}

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "relay/server/peer_table.h"
#include "relay/server/send_queue.h"
#include "test.h"

#define SEC NSEC_PER_SEC

/* A queue on a unix socket, to receivers with abstract names. */
struct stage {
	struct send_queue queue;
	struct sender to[2];
	int receivers[2];
	unsigned sent, failed;
	char reason[1024];
};

static void
on_sent(struct send_queue *o, struct sender *s, const struct packet *p)
{
	(void)s;
	(void)p;
	((struct stage *)o->arg)->sent++;
}

static void
on_failed(struct send_queue *o, struct sender *s, const struct error *e)
{
	struct stage *st = o->arg;

	(void)s;
	st->failed++;
	snprintf(st->reason, sizeof(st->reason), "%s", e->text);
}

static void
stage_open(struct stage *st)
{
	sa_family_t autobind = AF_UNIX;
	int i;

	memset(st, 0, sizeof(*st));
	send_queue_init(&st->queue);
	st->queue.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	st->queue.polled = true;
	st->queue.sent = on_sent;
	st->queue.failed = on_failed;
	st->queue.arg = st;
	for (i = 0; i < 2; i++) {
		struct sockname *name = &st->to[i].name;

		st->receivers[i] = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		check_int(bind(st->receivers[i], (struct sockaddr *)&autobind, sizeof(autobind)),
		    0);
		name->len = sizeof(name->storage);
		check_int(getsockname(st->receivers[i], &name->sa, &name->len), 0);
	}
}

static void
stage_close(struct stage *st)
{
	close(st->queue.fd);
	close(st->receivers[0]);
	close(st->receivers[1]);
}

static void
add(struct stage *st, int i, unsigned n)
{
	static char data[] = "data";

	for (; n > 0; n--)
		send_queue_add(&st->queue, &st->to[i], data, 4);
}

/* Sends until the first receiver takes no more. */
static void
fill_at(struct stage *st, int64_t now)
{
	int i;

	for (i = 0; i < 100 && !send_queue_is_busy(&st->queue); i++) {
		add(st, 0, MMSG_MAX);
		send_queue_send(&st->queue, now);
	}
	check(send_queue_is_busy(&st->queue));
}

static void
fill(struct stage *st)
{
	fill_at(st, SEC);
}

TEST("a batch is sent at once if there is room, each datagram to its receiver")
{
	struct stage st;
	char data[10];

	stage_open(&st);
	check(!send_queue_is_busy(&st.queue));
	add(&st, 0, 1);
	add(&st, 1, 2);
	check_int(st.to[1].in_flight, 2);
	send_queue_send(&st.queue, SEC);
	check(!send_queue_is_busy(&st.queue));
	check_int(st.sent, 3);
	check_int(st.to[0].in_flight, 0);
	check_int(st.to[1].in_flight, 0);
	check(deadline_is_never(send_queue_next(&st.queue)));
	check(!send_queue_wants(&st.queue));
	check_int(recv(st.receivers[1], data, sizeof(data), 0), 4);
	check_int(recv(st.receivers[1], data, sizeof(data), 0), 4);
	check_int(recv(st.receivers[1], data, sizeof(data), 0), -1);
	stage_close(&st);
}

TEST("a full receiver without an event is retried a millisecond later")
{
	struct stage st;
	char data[10];
	unsigned sent;

	stage_open(&st);
	fill(&st);
	sent = st.sent;
	check(!send_queue_wants(&st.queue));
	check_int(send_queue_next(&st.queue).at, SEC + NSEC_PER_MSEC);
	while (recv(st.receivers[0], data, sizeof(data), 0) > 0)
		;
	send_queue_send(&st.queue, SEC + NSEC_PER_MSEC);
	check(st.sent > sent);
	check_int(st.failed, 0);
	/* full again much later, it has its second again */
	while (send_queue_is_busy(&st.queue)) {
		require(recv(st.receivers[0], data, sizeof(data), 0) > 0);
		send_queue_send(&st.queue, SEC + NSEC_PER_MSEC);
	}
	fill_at(&st, 20 * SEC);
	send_queue_send(&st.queue, 21 * SEC - 1);
	check_int(st.failed, 0);
	stage_close(&st);
}

TEST("a receiver with an event is waited for, and no longer than a second")
{
	struct stage st;

	stage_open(&st);
	st.queue.polled = false;
	fill(&st);
	check(send_queue_wants(&st.queue));
	check_int(send_queue_next(&st.queue).at, 2 * SEC);
	stage_close(&st);
}

TEST("a receiver that takes nothing for a second is given up, and the others get theirs")
{
	struct stage st;
	char data[10];

	stage_open(&st);
	fill(&st);
	send_queue_drop(&st.queue);
	check_int(st.to[0].in_flight, 0);
	add(&st, 0, 1);
	add(&st, 1, 1);
	st.sent = 0;
	send_queue_send(&st.queue, 10 * SEC);
	send_queue_send(&st.queue, 11 * SEC - 1);
	check_int(st.failed, 0);
	check_int(st.sent, 0);
	send_queue_send(&st.queue, 11 * SEC);
	check_int(st.failed, 1);
	check(strstr(st.reason, "timed out: it takes no more datagrams") != NULL);
	check_int(st.sent, 1);
	check_int(recv(st.receivers[1], data, sizeof(data), 0), 4);
	check(!send_queue_is_busy(&st.queue));
	stage_close(&st);
}

TEST("a datagram that cannot be sent is reported, and the next are sent")
{
	struct stage st;

	stage_open(&st);
	close(st.receivers[0]);
	add(&st, 0, 1);
	add(&st, 1, 1);
	send_queue_send(&st.queue, SEC);
	check_int(st.failed, 1);
	check_int(st.sent, 1);
	check_int(st.to[0].in_flight, 0);
	st.receivers[0] = dup(st.receivers[1]);
	stage_close(&st);
}

TEST("dropped datagrams no longer count as in flight")
{
	struct stage st;

	stage_open(&st);
	add(&st, 0, 3);
	send_queue_drop(&st.queue);
	check(!send_queue_is_busy(&st.queue));
	check_int(st.to[0].in_flight, 0);
	check_int(st.sent, 0);
	stage_close(&st);
}

TEST("a datagram to an address that cannot be a source is answered from another")
{
	struct sockaddr_in here = { .sin_family = AF_INET }, to = here;
	socklen_t len = sizeof(to);
	struct stage st;
	char data[10];

	stage_open(&st);
	close(st.queue.fd);
	close(st.receivers[0]);
	st.queue.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	st.receivers[0] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	here.sin_addr.s_addr = htonl(INADDR_BROADCAST);
	check_int(bind(st.receivers[0], (struct sockaddr *)&to, sizeof(to)), 0);
	check_int(getsockname(st.receivers[0], (struct sockaddr *)&to, &len), 0);
	memcpy(&st.to[0].name.storage, &to, sizeof(to));
	memcpy(&st.to[0].local.storage, &here, sizeof(here));
	st.to[0].name.len = st.to[0].local.len = sizeof(to);
	add(&st, 0, 1);
	send_queue_send(&st.queue, SEC);
	check_str(st.reason, "");
	check_int(st.failed, 0);
	check_int(st.sent, 1);
	check_int(recv(st.receivers[0], data, sizeof(data), 0), 4);
	stage_close(&st);
}

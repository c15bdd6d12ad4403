#include "control/worker_pool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "control/control_channel.h"
#include "control/control_conn.h"
#include "loop/loop_child.h"
#include "sock/sock.h"

/* A worker that has not lived for this long is replaced this much later. */
#define SHORT_LIFE NSEC_PER_SEC

struct worker {
	struct worker_pool *pool;
	struct child_watch child; /* pid 0: it does not run */
	struct control_channel channel;
	struct timer later;
	int64_t started;
	bool wanted; /* to be started by worker_pool_start() */
};

/* ---- questions ---- */

struct worker_question {
	struct worker_pool *pool;
	struct control_reply *reply; /* NULL: nobody waits for the answer */
	unsigned pending;
	bool succeeded; /* one worker, at least */
	struct error failure;
	struct worker_question *next;
	struct control_ask asks[];
};

static void
remove_question(struct worker_question *q)
{
	struct worker_question **at = &q->pool->questions;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	free(q);
}

static void
answered_by_one(struct worker_question *q)
{
	struct control_reply *r = q->reply;
	bool failed = q->failure.text[0] != '\0';

	if (--q->pending > 0)
		return;
	if (r != NULL && r->request.verb == CONTROL_KICK && q->succeeded)
		failed = false;
	if (r != NULL)
		control_reply_finish(r, failed ? &q->failure : NULL);
	remove_question(q);
}

static void
on_line(struct control_ask *a, char *line)
{
	struct worker_question *q = a->arg;
	struct control_answer *answer;

	if (q->reply == NULL)
		return;
	answer = &q->reply->answer;
	if (q->reply->request.verb == CONTROL_STATS)
		(void)control_answer_add(answer, line);
	else if (buf_printf(&answer->rows, NULL, "%s\n", line) < 0)
		error_set(&q->failure, ERROR_INTERNAL, "out of memory");
}

/* A worker that dies has no clients, and nothing to say. */
static void
on_worker_answer(struct control_ask *a, const char *failure)
{
	struct worker_question *q = a->arg;

	if (failure == NULL)
		q->succeeded = true;
	else if (failure != control_channel_gone)
		error_set(&q->failure, ERROR_NETWORK, "%s", failure);
	answered_by_one(q);
}

static struct worker_question *
new_question(struct worker_pool *p, struct control_reply *r)
{
	struct worker_question *q = calloc(1, sizeof(*q) + p->n * sizeof(q->asks[0]));

	if (q == NULL)
		return NULL;
	q->pool = p;
	q->reply = r;
	q->pending = 1;
	q->next = p->questions;
	p->questions = q;
	return q;
}

static void
ask_workers(struct worker_question *q, const struct control_request *rq)
{
	struct worker_pool *p = q->pool;

	for (unsigned i = 0; i < p->n; i++) {
		if (p->workers[i].child.pid == 0)
			continue;
		q->pending++;
		q->asks[i] =
		    (struct control_ask){ .line = on_line, .done = on_worker_answer, .arg = q };
		control_channel_ask(&p->workers[i].channel, rq, &q->asks[i]);
	}
	answered_by_one(q);
}

void
worker_pool_tell(struct worker_pool *p, const struct control_request *rq)
{
	struct worker_question *q = new_question(p, NULL);

	if (q != NULL)
		ask_workers(q, rq);
}

void
worker_pool_answer(struct worker_pool *p, struct control_reply *r)
{
	struct worker_question *q = new_question(p, r);
	struct control_request rq = r->request;
	struct error e;

	if (q == NULL) {
		error_set(&e, ERROR_INTERNAL, "out of memory");
		control_reply_finish(r, &e);
		return;
	}
	rq.no_header = true;
	/* counts are added up */
	rq.json = rq.json && rq.verb == CONTROL_LIST;
	ask_workers(q, &rq);
}

/* ---- processes ---- */

int
worker_pool_open(struct worker_pool *p, struct error *e)
{
	p->workers = calloc(p->n, sizeof(*p->workers));
	if (p->workers == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (unsigned i = 0; i < p->n; i++) {
		p->workers[i].pool = p;
		p->workers[i].wanted = true;
	}
	return 0;
}

static void
want_again(struct worker *w)
{
	w->wanted = true;
	w->pool->due = true;
}

static void
on_later(struct timer *t)
{
	want_again(t->arg);
}

static void
replace(struct worker *w)
{
	struct deadline at = deadline_after(w->started, SHORT_LIFE);

	w->later = (struct timer){ .fn = on_later, .arg = w };
	if (clock_now() - w->started >= SHORT_LIFE)
		at = deadline_in(SHORT_LIFE / 100);
	if (loop_timer_set(w->pool->loop, &w->later, at, NULL) < 0)
		want_again(w);
}

static void
on_child(struct child_watch *c, int status)
{
	struct worker *w = c->arg;
	struct worker_pool *p = w->pool;
	pid_t pid = c->pid;

	c->pid = 0;
	p->running--;
	control_channel_close(&w->channel);
	if (p->ended(p->arg, (unsigned)(w - p->workers), pid, status) && !p->ending)
		replace(w);
	else
		p->retired++;
	if (p->running == 0 && (p->ending || p->retired == p->n))
		p->due = true;
}

/* Releases what belongs to the parent. */
static int
become_worker(struct worker_pool *p, struct error *e)
{
	int rc = loop_after_fork(p->loop, e);
	struct worker_question *q, *next;

	for (q = p->questions; q != NULL; q = next) {
		next = q->next;
		if (q->reply != NULL)
			control_reply_forget(q->reply);
		free(q);
	}
	p->questions = NULL;
	for (unsigned i = 0; i < p->n; i++)
		control_channel_forget(&p->workers[i].channel);
	worker_pool_close(p);
	return rc < 0 ? -1 : 1;
}

static int
adopt_channel(struct worker *w, int fd, struct error *e)
{
	w->channel = (struct control_channel){ .loop = w->pool->loop };
	if (sock_adopt(&w->channel.sock, w->pool->loop, fd, e) < 0) {
		close(fd);
		return -1;
	}
	return control_channel_start(&w->channel, e);
}

/* Returns as worker_pool_start(). */
static int
start_worker(struct worker *w, struct worker_start *ret_start, struct error *e)
{
	struct worker_pool *p = w->pool;
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
		return error_errno(e, ERROR_LOCAL_IO, errno, "socketpair");
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		*ret_start = (struct worker_start){ (unsigned)(w - p->workers), fds[1] };
		return become_worker(p, e);
	}
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return error_errno(e, ERROR_INTERNAL, errno, "fork");
	}
	w->wanted = false;
	w->started = clock_now();
	w->child = (struct child_watch){ .pid = pid, .fn = on_child, .arg = w };
	p->running++;
	loop_child_watch(p->loop, &w->child);
	return adopt_channel(w, fds[0], e);
}

int
worker_pool_start(struct worker_pool *p, struct worker_start *ret_start, struct error *e)
{
	int rc = 0;

	p->due = false;
	for (unsigned i = 0; i < p->n && rc == 0; i++)
		if (p->workers[i].wanted && !p->ending)
			rc = start_worker(&p->workers[i], ret_start, e);
	return rc;
}

void
worker_pool_signal(const struct worker_pool *p, int signo)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->workers[i].child.pid > 0)
			kill(p->workers[i].child.pid, signo);
}

void
worker_pool_end(struct worker_pool *p)
{
	for (unsigned i = 0; i < p->n; i++)
		control_channel_close(&p->workers[i].channel);
}

void
worker_pool_close(struct worker_pool *p)
{
	for (unsigned i = 0; p->workers != NULL && i < p->n; i++) {
		loop_timer_stop(p->loop, &p->workers[i].later);
		loop_child_unwatch(p->loop, &p->workers[i].child);
		control_channel_close(&p->workers[i].channel);
	}
	free(p->workers);
	p->workers = NULL;
}

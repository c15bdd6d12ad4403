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
	bool silent; /* it did not answer in time, and has not answered since */
};

/* ---- questions ---- */

/* What one worker was asked. */
struct worker_ask {
	struct control_ask ask;
	struct worker_question *question;
	struct worker *worker;
	bool missing; /* its answer */
};

struct worker_question {
	struct worker_pool *pool;
	struct control_reply *reply; /* NULL: nobody waits for the answer */
	unsigned pending;
	bool succeeded; /* one worker, at least */
	struct error failure;
	struct timer late;
	struct worker_question *next;
	struct worker_ask asks[]; /* by the index of the worker */
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

/* Adds what is known of the workers that have not answered, and names them. */
static void
note_silent(struct worker_question *q)
{
	struct worker_pool *p = q->pool;
	char names[128] = "";
	size_t at = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < p->n; i++) {
		if (!q->asks[i].missing)
			continue;
		p->workers[i].silent = true;
		if (p->silent != NULL)
			p->silent(p->arg, i, q->reply);
		if (at < sizeof(names))
			at += (size_t)snprintf(names + at, sizeof(names) - at, "%s %ld",
			    n > 0 ? "," : "", (long)p->workers[i].child.pid);
		n++;
	}
	if (n == 0)
		return;
	q->reply->answer.partial = true;
	error_set(&q->failure, ERROR_NETWORK, "worker%s%s %s not answer", n == 1 ? "" : "s", names,
	    n == 1 ? "does" : "do");
}

static void
finish_question(struct worker_question *q)
{
	struct control_reply *r = q->reply;
	bool failed;

	loop_timer_stop(q->pool->loop, &q->late);
	if (r == NULL)
		return;
	note_silent(q);
	failed = q->failure.text[0] != '\0';
	if (r->request.verb == CONTROL_KICK && !r->request.all && q->succeeded)
		failed = false;
	q->reply = NULL;
	control_reply_finish(r, failed ? &q->failure : NULL);
}

static void
on_late(struct timer *t)
{
	finish_question(t->arg);
}

static void
answered_by_one(struct worker_question *q)
{
	if (--q->pending > 0)
		return;
	finish_question(q);
	remove_question(q);
}

static struct worker_question *
question_of(const struct control_ask *a)
{
	const struct worker_ask *wa = a->arg;

	return wa->question;
}

static void
on_line(struct control_ask *a, char *line)
{
	struct worker_question *q = question_of(a);
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
	struct worker_ask *wa = a->arg;
	struct worker_question *q = wa->question;

	wa->missing = wa->worker->silent = false;
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
	q->late = (struct timer){ .fn = on_late, .arg = q };
	q->reply = r;
	q->pending = 1;
	q->next = p->questions;
	p->questions = q;
	return q;
}

/* A silent one may keep what it is to do, and need not be asked again what it does not tell. */
static bool
is_in_vain(const struct worker *w, enum control_verb verb)
{
	return w->silent && (verb == CONTROL_LIST || verb == CONTROL_STATS);
}

static void
ask_worker(struct worker_question *q, struct worker *w, const struct control_request *rq)
{
	struct worker_ask *wa = &q->asks[w - q->pool->workers];

	wa->missing = true;
	if (is_in_vain(w, rq->verb))
		return;
	wa->ask = (struct control_ask){ .line = on_line, .done = on_worker_answer, .arg = wa };
	wa->question = q;
	wa->worker = w;
	q->pending++;
	control_channel_ask(&w->channel, rq, &wa->ask);
}

static void
ask_workers(struct worker_question *q, const struct control_request *rq)
{
	struct worker_pool *p = q->pool;

	for (unsigned i = 0; i < p->n; i++)
		if (p->workers[i].child.pid != 0)
			ask_worker(q, &p->workers[i], rq);
	if (q->reply != NULL)
		(void)loop_timer_set(p->loop, &q->late, deadline_in(WORKER_PATIENCE), NULL);
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
		loop_timer_stop(p->loop, &q->late);
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
	w->wanted = w->silent = false;
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
	for (unsigned i = 0; p->workers != NULL && i < p->n; i++)
		if (p->workers[i].child.pid > 0)
			kill(p->workers[i].child.pid, signo);
}

void
worker_pool_end(struct worker_pool *p)
{
	for (unsigned i = 0; p->workers != NULL && i < p->n; i++)
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

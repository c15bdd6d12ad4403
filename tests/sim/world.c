#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "loop/loop_kernel.h"
#include "sim.h"

/* Wake-ups in a row without a change. */
#define SPIN 64
#define STEPS_MAX 300000
/* No schedule lasts longer. */
#define HORIZON (INT64_C(100000) * SEC)

struct sim *sim;

/* ---- random numbers ---- */

static uint64_t
next_random(void)
{
	uint64_t z = sim->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint64_t
draw(uint64_t max)
{
	return max == 0 ? 0 : next_random() % max;
}

bool
one_in(uint64_t n)
{
	return draw(n) == 0;
}

size_t
draw_size(void)
{
	if (one_in(60))
		return 20000 + draw(120000);
	return one_in(5) ? 500 + draw(4000) : 1 + draw(40);
}

int64_t
draw_time(void)
{
	switch (draw(6)) {
	case 0:
		return 0;
	case 1:
		return (int64_t)draw(3 * SEC);
	case 2:
		return (int64_t)draw(700 * MSEC);
	default:
		return (int64_t)draw(5 * MSEC);
	}
}

/* ---- descriptors and time ---- */

int64_t
clock_now(void)
{
	return sim->now;
}

int
sim_fd(unsigned (*ready)(void *arg), int64_t (*next)(void *arg), void *arg)
{
	sim->fds[sim->n_fds] = (struct sim_fd){ ready, next, arg };
	return SIM_FD + sim->n_fds++;
}

void
sim_at(int64_t at, void (*fn)(void *arg), void *arg)
{
	sim->actions[sim->n_actions++] = (struct sim_action){ at, fn, arg };
}

void
sim_trace(const char *fmt, ...)
{
	va_list ap;

	if (!sim->trace)
		return;
	printf("%12.6f ", (double)sim->now / 1e9);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

_Noreturn void
sim_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	/* the first failure counts */
	if (sim->failure[0] == '\0')
		vsnprintf(sim->failure, sizeof(sim->failure), fmt, ap);
	va_end(ap);
	sim_trace("FAILED: %s", sim->failure);
	longjmp(sim->out, 1);
}

/* ---- the loop's kernel ---- */

struct loop_kernel {
	int unused;
};

struct loop_kernel *
loop_kernel_open(void)
{
	return calloc(1, sizeof(struct loop_kernel));
}

void
loop_kernel_close(struct loop_kernel *k)
{
	free(k);
}

int
loop_kernel_want(struct loop_kernel *k, struct watch *w, unsigned events)
{
	int i;

	(void)k;
	for (i = 0; i < sim->n_watches && sim->watches[i] != w; i++)
		;
	if (events != 0 && (w->fd < SIM_FD || w->fd >= SIM_FD + sim->n_fds))
		return EBADF;
	w->registered = events;
	if (events != 0 && i == sim->n_watches) {
		must(i < SIM_FDS, "too many watches");
		sim->watches[sim->n_watches++] = w;
	}
	if (events == 0 && i < sim->n_watches)
		sim->watches[i] = sim->watches[--sim->n_watches];
	return 0;
}

static int
collect(struct loop_ready *ready)
{
	int n = 0, i, j;

	for (i = 0; i < sim->n_watches; i++) {
		struct watch *w = sim->watches[i];
		const struct sim_fd *fd = &sim->fds[w->fd - SIM_FD];
		unsigned events = fd->ready(fd->arg) & (w->registered | LOOP_HANGUP);

		if (events == 0)
			continue;
		sim_trace("ready: descriptor %d, events %u", w->fd - SIM_FD, events);
		ready[n++] = (struct loop_ready){ w, events };
	}
	/* in any order, and not all of them at once */
	for (i = n - 1; i > 0; i--) {
		struct loop_ready other = ready[i];

		j = (int)draw((uint64_t)i + 1);
		ready[i] = ready[j];
		ready[j] = other;
	}
	return n > 1 && one_in(3) ? 1 + (int)draw((uint64_t)n - 1) : n;
}

static bool
run_actions(void)
{
	bool ran = false;
	int i;

	for (i = 0; i < sim->n_actions; i++) {
		struct sim_action a = sim->actions[i];

		if (a.at > sim->now)
			continue;
		sim->actions[i--] = sim->actions[--sim->n_actions];
		a.fn(a.arg);
		ran = true;
	}
	return ran;
}

static int64_t
next_change(void)
{
	int64_t at = NEVER;
	int i;

	for (i = 0; i < sim->n_fds; i++) {
		int64_t next = sim->fds[i].next(sim->fds[i].arg);

		if (next > sim->now && next < at)
			at = next;
	}
	for (i = 0; i < sim->n_actions; i++)
		if (sim->actions[i].at < at)
			at = sim->actions[i].at;
	return at;
}

static void
look_for_spin(int64_t before)
{
	if (sim->progress != sim->seen_progress || sim->now != before) {
		sim->seen_progress = sim->progress;
		sim->idle_turns = 0;
		return;
	}
	must(++sim->idle_turns < SPIN, "%d turns without progress", SPIN);
}

int
loop_kernel_wait(struct loop_kernel *k, struct loop_ready *ready, int timeout_ms)
{
	int64_t began = sim->now, at, until;
	int n;

	(void)k;
	until = timeout_ms < 0 ? NEVER : sim->now + timeout_ms * MSEC;
	for (;;) {
		must(++sim->steps < STEPS_MAX, "%d steps, and no end", STEPS_MAX);
		if (run_actions())
			sim->progress++;
		n = collect(ready);
		if (n > 0 || until <= sim->now)
			break;
		at = next_change();
		at = at < until ? at : until;
		if (at == NEVER) {
			sim_trace("nothing will happen any more");
			sim->deadlock = true;
			loop_interrupt(sim->loop, SIGTERM);
			break;
		}
		must(at < HORIZON, "it does not end");
		sim->now = at;
	}
	look_for_spin(began);
	sim->now += (int64_t)draw(3000);
	return n;
}

bool
sim_run(struct loop *l, const bool *done)
{
	struct error e = { 0 };

	sim->loop = l;
	if (loop_run(l, done, deadline_never(), &e) < 0 && !sim->deadlock)
		sim_fail("loop: %s", e.text);
	loop_clear_interrupt(l);
	return *done;
}

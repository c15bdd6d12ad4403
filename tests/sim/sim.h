/*
 * Simulates the kernel of the loop: virtual time, and descriptors that follow a
 * plan drawn from a seed. Everything above is the program's own code. A seed is
 * a schedule, and replays it.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"
#include "loop/loop.h"

#define MSEC NSEC_PER_MSEC
#define SEC NSEC_PER_SEC
#define NEVER INT64_MAX

/* Simulated descriptors; real ones are lower. */
enum { SIM_FD = 100000, SIM_FDS = 128 };

struct sim_fd {
	/* Returns the current LOOP_* events; returns when they may change by themselves, or
	 * NEVER. */
	unsigned (*ready)(void *arg);
	int64_t (*next)(void *arg);
	void *arg;
};

struct error;
struct packet;

/* Replaces net/mmsg. */
struct sim_batch {
	int (*recv)(int fd, struct packet *packets, unsigned n, struct error *e);
	int (*send)(int fd, const struct packet *packets, unsigned n, struct error *e);
};

struct sim_action {
	int64_t at;
	void (*fn)(void *arg);
	void *arg;
};

struct sim {
	uint64_t seed, random;
	int64_t now;
	bool trace;
	uint64_t progress; /* counts every change */
	struct sim_fd fds[SIM_FDS];
	int n_fds;
	struct sim_action actions[16];
	int n_actions;
	const struct sim_batch *batch;
	uint32_t dropped; /* datagrams that the kernel dropped */
	/* of the kernel */
	struct loop *loop;
	struct watch *watches[SIM_FDS];
	int n_watches;
	uint64_t seen_progress;
	int idle_turns, steps;
	bool deadlock; /* nothing will ever happen */
	/* the result */
	char failure[400];
	jmp_buf out; /* to the end of the schedule, at the first failure */
};

/* The current simulation. */
extern struct sim *sim;

/* Returns 0 <= n < max, or 0 for max 0. */
uint64_t draw(uint64_t max);
/* Returns true once in n. */
bool one_in(uint64_t n);
/* Returns a small, medium or large size. */
size_t draw_size(void);
/* Returns a duration: none, short or long. */
int64_t draw_time(void);

/* Makes a descriptor. */
int sim_fd(unsigned (*ready)(void *arg), int64_t (*next)(void *arg), void *arg);
void sim_at(int64_t at, void (*fn)(void *arg), void *arg);
void sim_trace(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Ends the schedule with a failure. */
_Noreturn void sim_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
#define must(condition, ...)                                                                       \
	do {                                                                                       \
		if (!(condition))                                                                  \
			sim_fail(__VA_ARGS__);                                                     \
	} while (0)

/* Runs the loop until *done. Returns false if nothing more can happen. */
bool sim_run(struct loop *l, const bool *done);

/* The kinds of schedules: each runs one and checks it. */
void sim_bytes(void);
void sim_limits(void);
void sim_messages(void);
void sim_negotiations(void);
void sim_acceptor(void);
void sim_peers(void);
void sim_proxies(void);
void sim_websocket(void);

#endif

/*
 * A simulation of the loop's kernel: virtual time, and descriptors that follow a plan drawn
 * from a seed. Everything above it is the program's own code. One schedule is one seed; what
 * it finds is replayed with the same one.
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

/* Descriptors of the simulation; real ones are below. */
enum { SIM_FD = 100000, SIM_FDS = 128 };

struct sim_fd {
	/* LOOP_* that are so now; when that may change next by itself, NEVER. */
	unsigned (*ready)(void *arg);
	int64_t (*next)(void *arg);
	void *arg;
};

struct error;
struct packet;

/* What stands for net/mmsg. */
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
	uint64_t progress; /* counts whatever has changed */
	struct sim_fd fds[SIM_FDS];
	int n_fds;
	struct sim_action actions[16];
	int n_actions;
	const struct sim_batch *batch;
	uint32_t dropped; /* datagrams that the kernel had no room for */
	/* of the kernel */
	struct loop *loop;
	struct watch *watches[SIM_FDS];
	int n_watches;
	uint64_t seen_progress;
	int idle_turns, steps;
	bool deadlock; /* nothing will ever happen */
	/* the verdict */
	char failure[400];
	jmp_buf out; /* left at the first failure */
};

/* The one that runs. */
extern struct sim *sim;

/* 0 <= n < max; max 0 gives 0. */
uint64_t draw(uint64_t max);
/* Once in n. */
bool one_in(uint64_t n);
/* A size that is small, middling or large. */
size_t draw_size(void);
/* A duration that is nothing, short or long. */
int64_t draw_time(void);

/* A new descriptor. */
int sim_fd(unsigned (*ready)(void *arg), int64_t (*next)(void *arg), void *arg);
void sim_at(int64_t at, void (*fn)(void *arg), void *arg);
void sim_trace(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The schedule has shown a fault: it ends here. */
_Noreturn void sim_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
#define must(condition, ...)                                                                       \
	do {                                                                                       \
		if (!(condition))                                                                  \
			sim_fail(__VA_ARGS__);                                                     \
	} while (0)

/* Runs the loop until *done, or until nothing more can happen (false). */
bool sim_run(struct loop *l, const bool *done);

/* The kinds of schedules: each runs one and checks it. */
void sim_bytes(void);
void sim_messages(void);
void sim_negotiations(void);
void sim_acceptor(void);
void sim_peers(void);

#endif

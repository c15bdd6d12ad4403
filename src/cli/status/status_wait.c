#include "cli/status/status_wait.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/error.h"
#include "base/parse.h"
#include "loop/loop.h"

/* The kernel reports when a socket is destroyed, but not when its state changes, so the table is
 * polled. The pause between two polls keeps the cost below 2 % of a processor. With a large
 * table it costs more: the longest pause limits the delay. */
#define SHARE 60
#define SHORTEST_REST (5 * NSEC_PER_MSEC)
#define LONGEST_REST (12 * NSEC_PER_MSEC)

enum { ANY_STATE = -2 };

int
status_goal_parse(const char *text, struct status_goal *ret_goal, struct error *e)
{
	size_t len = strcspn(text, "<=");
	const char *count = text + len;
	struct status_goal goal = { .count = 1 };

	if (strcmp(text, "gone") == 0 || strcmp(text, "closed") == 0) {
		*ret_goal = (struct status_goal){ .code = ANY_STATE, .at_most = true };
		return 0;
	}
	goal.code = status_code_of_name(text, len);
	goal.at_most = strncmp(count, "<=", 2) == 0;
	count += goal.at_most ? 1 : 0;
	if (goal.code < 0 || (*count != '=' && *count != '\0'))
		return error_set(e, ERROR_USAGE,
		    "--wait: '%.64s' is no state, nor listening, gone, STATE=N or STATE<=N", text);
	if (*count == '=' && parse_int(count + 1, 0, INT32_MAX, &goal.count, e) == -1)
		return error_prefix(e, "--wait");
	goal.at_most = goal.at_most || goal.count == 0;
	*ret_goal = goal;
	return 0;
}

/* ---- polling ---- */

struct wait {
	struct status_how how;
	struct status_goal goal;
	int64_t left;  /* rows still to be counted */
	int64_t spent; /* processor time at the start of the last pause */
};

static int
count_row(void *arg, const struct status_row *row)
{
	struct wait *w = arg;

	(void)row;
	return --w->left == 0;
}

static int64_t
processor_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* Returns 1 where the goal is reached, 0 where it is not. */
static int
poll_table(struct wait *w, struct error *e)
{
	int rc;

	w->left = w->goal.count + w->goal.at_most;
	rc = status_each(&w->how, count_row, w, NULL, e);
	if (rc == -1)
		return -1;
	return w->goal.at_most ? w->left > 0 : w->left == 0;
}

/* ---- waiting ---- */

/* A listener on the wildcard address also serves the address that was asked for. Makes end a copy
 * of what it was, with those of both families. */
static int
add_wildcards(struct status_end *end, struct error *e)
{
	const size_t n = end->n_addresses;
	struct sockname *all = calloc(n + 2, sizeof(*all));

	if (all == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < n; i++)
		all[i] = end->addresses[i];
	all[n].len = sizeof(struct sockaddr_in);
	all[n].sa.sa_family = AF_INET;
	all[n + 1].len = sizeof(struct sockaddr_in6);
	all[n + 1].sa.sa_family = AF_INET6;
	end->addresses = all;
	end->n_addresses = n == 0 ? 0 : n + 2;
	return 0;
}

/* Counts all processor time since the last pause: waking up costs as much as a poll. */
static struct deadline
next_poll(struct wait *w)
{
	int64_t spent = processor_time(), rest = (spent - w->spent) * (SHARE - 1);

	w->spent = spent;
	if (rest > LONGEST_REST)
		rest = LONGEST_REST;
	return deadline_in(rest > SHORTEST_REST ? rest : SHORTEST_REST);
}

/* Waits until the next poll. */
static int
pause_polling(struct loop *l, int ends, struct wait *w, struct deadline until, struct error *e)
{
	struct deadline next = deadline_min(next_poll(w), until);
	const bool never = false;
	int rc;

	if (ends < 0)
		return loop_run(l, &never, next, e) == -1 ? -1 : 0;
	do {
		rc = loop_wait(l, ends, LOOP_READ, next, e);
	} while (rc > 0 && !status_destroyed_read(ends, &w->how.filter));
	return rc == -1 ? -1 : 0;
}

static int
wait_until(struct loop *l, int ends, struct wait *w, struct deadline until, struct error *e)
{
	int rc;

	while ((rc = poll_table(w, e)) == 0) {
		if (deadline_passed(until))
			return error_set(e, ERROR_TIMEOUT, "timed out (--timeout)");
		if (pause_polling(l, ends, w, until, e) == -1)
			return -1;
	}
	return rc == -1 ? -1 : 0;
}

int
status_wait(struct loop *l, const struct status_query *q, const struct status_goal *goal,
    int64_t timeout, struct error *e)
{
	struct wait w = { .how = q->how, .goal = *goal, .spent = processor_time() };
	struct deadline until = deadline_in(timeout);
	int ends, rc;

	if (goal->code != ANY_STATE)
		w.how.filter.states = 1U << goal->code;
	if (goal->code == TCP_CODE_LISTEN && add_wildcards(&w.how.filter.local, e) < 0)
		return -1;
	ends = q->how.via == STATUS_VIA_PROC ? -1 : status_destroyed_open(NULL);
	rc = wait_until(l, ends, &w, until, e);
	if (ends >= 0)
		close(ends);
	if (goal->code == TCP_CODE_LISTEN)
		free(w.how.filter.local.addresses);
	return rc;
}

/* Waits for a race of happy_eyeballs, as connector does on the loop. */
#ifndef TESTS_UNIT_NET_RACE_H
#define TESTS_UNIT_NET_RACE_H

#include "base/error.h"
#include "loop/loop.h"
#include "net/connect/happy_eyeballs.h"

static void
race_decided(void *arg)
{
	*(bool *)arg = true;
}

static int
race_run(struct loop *l, const struct sockname *peers, size_t n, struct happy_eyeballs_how *how,
    struct deadline until, int *ret_fd, struct sockname *ret_peer, struct error *e)
{
	struct happy_eyeballs *race = NULL;
	bool decided = false;
	int rc;

	how->done = race_decided;
	how->arg = &decided;
	rc = happy_eyeballs_start(&race, l, peers, n, how, e);
	if (rc == 0)
		rc = loop_run(l, &decided, until, e);
	if (rc == 0)
		rc = happy_eyeballs_timed_out(race, until.at, e);
	else if (rc > 0)
		rc = happy_eyeballs_result(race, ret_fd, ret_peer, e);
	happy_eyeballs_close(race);
	return rc;
}

#endif

#include "test.h"

#include "base/deadline.h"
#include "base/error.h"
#include "cli/suite/once.h"

static struct loop *l;
static bool over;

static void
start(struct once *o, unsigned clients, int64_t accept_timeout)
{
	over = false;
	require(loop_open(&l, NULL) == 0);
	*o = (struct once){ .loop = l,
		.clients = clients,
		.accept_timeout = accept_timeout,
		.over = &over };
	once_start(o);
}

TEST("the last client completes the number, and no earlier one")
{
	struct once o;

	start(&o, 3, DURATION_NONE);
	check(!once_client(&o));
	check(!once_client(&o));
	check(!o.complete);
	check(once_client(&o));
	check(o.complete);
	check_int(once_stop(&o, "", NULL), 0);
	loop_close(l);
}

TEST("without a number no client is the last")
{
	struct once o;

	start(&o, 0, 0);
	check(!once_client(&o));
	check(!o.complete);
	check_int(once_stop(&o, "", NULL), 0);
	loop_close(l);
}

TEST("the status is that of the first failure")
{
	struct once o;

	start(&o, 4, DURATION_NONE);
	once_ended(&o, 0);
	check_int(o.status, 0);
	once_ended(&o, 5);
	once_ended(&o, 7);
	once_ended(&o, 0);
	check_int(o.status, 5);
	loop_close(l);
}

TEST("a client that does not come in time ends the server")
{
	struct error e = { 0 };
	struct once o;

	start(&o, 2, 1);
	once_client(&o);
	check_int(loop_run(l, &over, deadline_in(10 * NSEC_PER_SEC), &e), 1);
	check_int(once_stop(&o, "1.2.3.4:5", &e), -1);
	check_int(e.code, ERROR_TIMEOUT);
	check_str(e.text, "accept 1.2.3.4:5: timed out: 1 of 2 clients came");
	loop_close(l);
}

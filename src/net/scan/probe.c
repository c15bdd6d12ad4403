#include "net/scan/probe.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "loop/loop.h"
#include "net/sys.h"

#define PROBE_TIMEOUT (2 * NSEC_PER_SEC)

struct item {
	struct probes *probes;
	struct watch watch;
	struct timer timer;
	const struct sockname *name;
	struct probe_result result;
	int64_t started;
	bool over;
};

struct probes {
	struct loop *l;
	const struct probe_how *how;
	struct item *items;
	size_t n, next, told, busy, open;
	int (*fn)(void *arg, const struct probe_result *result, struct error *e);
	void *arg;
	bool done, failed;
	struct error error;
};

static void
item_close(struct item *i)
{
	loop_timer_stop(i->probes->l, &i->timer);
	if (i->watch.fd < 0)
		return;
	loop_unwatch(i->probes->l, &i->watch);
	sys_close(i->watch.fd);
	i->watch.fd = -1;
}

static void
item_judge(struct item *i, int errnum)
{
	struct probe_result *r = &i->result;

	r->nsec = clock_now() - i->started;
	r->errnum = errnum;
	r->verdict = port_verdict(errnum);
	i->over = true;
	i->probes->open += errnum == 0;
	item_close(i);
}

/* A connection to a port of this host can meet its own port: nobody is there. */
static bool
met_itself(const struct item *i)
{
	struct sockname local;

	return sys_local_name(i->watch.fd, &local, NULL) == 0 && sockname_equal(&local, i->name);
}

static void
item_connected(struct item *i, int rc, const struct error *e)
{
	int errnum = rc == 0 ? 0 : e->number;

	if (rc == 0 && met_itself(i))
		errnum = ECONNREFUSED;
	item_judge(i, errnum);
}

/* True where those under way hold what this one lacks. */
static bool
has_to_wait(const struct probes *p, int errnum)
{
	return sys_cause(errnum) == SYS_CAUSE_SHORTAGE && p->busy > 0;
}

/* 1 where it is under way, 0 where it is over, SYS_AGAIN where it has to wait for
 * one of the others, -1. */
static int
item_start(struct item *i, struct error *e)
{
	struct probes *p = i->probes;
	int64_t timeout = p->how->timeout != DURATION_NONE ? p->how->timeout : PROBE_TIMEOUT;
	struct error failure = { .number = EAFNOSUPPORT };
	int rc;

	i->started = clock_now();
	i->watch.fd = sys_socket(i->name->sa.sa_family, p->how->type, p->how->proto, &failure);
	rc = i->watch.fd >= 0 ? sys_connect(i->watch.fd, i->name, &failure) : -1;
	if (rc == -1 && has_to_wait(p, failure.number)) {
		item_close(i);
		return SYS_AGAIN;
	}
	if (rc != SYS_AGAIN) {
		item_connected(i, rc, &failure);
		return 0;
	}
	if (loop_watch(p->l, &i->watch, LOOP_WRITE, e) != 0 ||
	    loop_timer_set(p->l, &i->timer, deadline_in(timeout), e) != 0)
		return -1;
	p->busy++;
	return 1;
}

static void
probes_tell(struct probes *p)
{
	while (p->told < p->n && p->items[p->told].over && !p->done)
		if (p->fn(p->arg, &p->items[p->told++].result, &p->error) != 0)
			p->failed = p->done = true;
	if (p->told == p->n)
		p->done = true;
}

static void
probes_go(struct probes *p)
{
	int rc = 0;

	while (p->next < p->n && rc >= 0) {
		rc = item_start(&p->items[p->next], &p->error);
		if (rc >= 0)
			p->next++;
	}
	if (rc == -1)
		p->failed = p->done = true;
	probes_tell(p);
}

static void
item_ready(struct watch *w, unsigned ready)
{
	struct item *i = w->arg;
	struct error e = { .number = 0 };
	int rc = sys_connected(w->fd, i->name, &e);

	(void)ready;
	i->probes->busy--;
	item_connected(i, rc, &e);
	probes_go(i->probes);
}

static void
item_silent(struct timer *t)
{
	struct item *i = t->arg;

	i->probes->busy--;
	item_judge(i, ETIMEDOUT);
	probes_go(i->probes);
}

static int
probes_run(struct probes *p)
{
	int rc;

	probes_go(p);
	rc = p->done ? 1 : loop_run(p->l, &p->done, p->how->until, &p->error);
	if (rc == 1)
		return p->failed ? -1 : 0;
	if (rc == 0)
		error_set(&p->error, ERROR_TIMEOUT, "probe: timed out after %zu of %zu addresses",
		    p->told, p->n);
	return -1;
}

int
probe(struct loop *l, const struct resolved *list, size_t n, const struct probe_how *how,
    int (*fn)(void *arg, const struct probe_result *result, struct error *e), void *arg,
    size_t *ret_open, struct error *e)
{
	struct probes p = { .l = l, .how = how, .n = n, .fn = fn, .arg = arg };
	int rc;

	p.items = calloc(n + 1, sizeof(*p.items));
	if (p.items == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < n; i++) {
		struct item *item = &p.items[i];

		item->probes = &p;
		item->name = &list[i].name;
		item->result.index = i;
		item->watch = (struct watch){ .fd = -1, .fn = item_ready, .arg = item };
		item->timer = (struct timer){ .fn = item_silent, .arg = item };
	}
	rc = probes_run(&p);
	for (size_t i = 0; i < n; i++)
		item_close(&p.items[i]);
	free(p.items);
	if (rc == 0)
		*ret_open = p.open;
	else if (e != NULL)
		*e = p.error;
	return rc;
}

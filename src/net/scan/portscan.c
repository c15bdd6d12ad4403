#include "net/scan/portscan.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/error.h"
#include "loop/loop.h"
#include "net/bind.h"
#include "net/ports.h"
#include "net/resolve/resolve.h"
#include "net/sys.h"

#define PARALLEL_MAX 512
#define PORT_TIMEOUT (2 * NSEC_PER_SEC)
#define DATAGRAM_TIMEOUT (3 * NSEC_PER_SEC)
#define DATAGRAM_INTERVAL NSEC_PER_SEC
#define SPARE_FDS 32                     /* left for the rest of the program */
#define STARTS_A_TURN 64                 /* then the loop runs other callbacks */
#define SHORT_DELAY (10 * NSEC_PER_MSEC) /* before an attempt after a shortage is repeated */
#define NO_ADDRESS USHRT_MAX

/* The result of a port; small, because there may be 65536. */
struct outcome {
	int64_t nsec;
	int errnum;
	unsigned char verdict; /* enum port_verdict */
	bool over;
	unsigned short address; /* index of the address that gave the verdict */
};

/* A connection attempt. */
struct probe {
	struct scan *scan;
	struct watch watch;
	struct timer timer;
	size_t item;    /* index of the port, or of the address with `each` */
	size_t address; /* index of the current address */
	int64_t started;
	struct deadline until; /* of datagrams */
	struct probe *next_free;
};

struct address {
	struct sockname name;
	bool unusable; /* this host cannot create a socket for it */
};

struct scan {
	struct loop *l;
	const struct portscan_how *how;
	struct bind_source source;
	struct address *addresses;
	size_t n_addresses, usable;
	bool each; /* an item is an address with its own port, not a port of all addresses */
	uint16_t *ports;
	struct outcome *outcomes;
	size_t n, size;  /* ports */
	size_t next;     /* next to start */
	size_t reported; /* next to report */
	struct probe *probes, *free;
	size_t n_probes, busy, limit;
	struct timer pace;
	bool pausing;
	int (*fn)(void *arg, const struct portscan_result *result, struct error *e);
	void *arg;
	unsigned open;
	bool done, failed;
	struct error error;
};

static void scan_advance(struct scan *s);

const char *
port_verdict_word(enum port_verdict verdict)
{
	/* in the order of the enum */
	static const char *const words[] = { "open", "open|filtered", "closed", "filtered",
		"error" };

	return words[verdict];
}

enum port_verdict
port_verdict(int errnum)
{
	if (errnum == 0)
		return PORT_OPEN;
	if (errnum == ECONNREFUSED)
		return PORT_CLOSED;
	switch (sys_cause(errnum)) {
	case SYS_CAUSE_PEER:
	case SYS_CAUSE_NETWORK:
		return PORT_FILTERED;
	default:
		return PORT_ERROR;
	}
}

/* ---- one port ---- */

static void
probe_close(struct probe *p)
{
	loop_timer_stop(p->scan->l, &p->timer);
	if (p->watch.fd < 0)
		return;
	loop_unwatch(p->scan->l, &p->watch);
	sys_close(p->watch.fd);
	p->watch.fd = -1;
}

static void
probe_free(struct probe *p)
{
	struct scan *s = p->scan;

	probe_close(p);
	p->next_free = s->free;
	s->free = p;
	s->busy--;
}

/* A missing path means that nobody listens; a full queue of a unix socket is no answer. */
static enum port_verdict
verdict_at(const struct sockname *peer, int errnum)
{
	if (peer->sa.sa_family == AF_UNIX && errnum == ENOENT)
		return PORT_CLOSED;
	if (peer->sa.sa_family == AF_UNIX && errnum == EAGAIN)
		return PORT_FILTERED;
	return port_verdict(errnum);
}

/* Returns the index after the last address to try for this item. */
static size_t
addresses_end(const struct probe *p)
{
	return p->scan->each ? p->item + 1 : p->scan->n_addresses;
}

/* Records the verdict on the current address. The best of all addresses is that of the port. */
static void
probe_conclude(struct probe *p, enum port_verdict verdict, int errnum)
{
	struct outcome *o = &p->scan->outcomes[p->item];

	if (o->address == NO_ADDRESS || verdict < o->verdict) {
		o->verdict = (unsigned char)verdict;
		o->errnum = errnum;
		o->nsec = clock_now() - p->started;
		o->address = (unsigned short)p->address;
	}
	probe_close(p);
	p->address = verdict <= PORT_UNANSWERED ? addresses_end(p) : p->address + 1;
}

/* Records the result of the current address: 0, an errno, or ETIMEDOUT when it did not answer. */
static void
probe_record(struct probe *p, int errnum)
{
	probe_conclude(p, verdict_at(&p->scan->addresses[p->address].name, errnum), errnum);
}

static struct sockname
probe_peer(const struct probe *p)
{
	struct sockname peer = p->scan->addresses[p->address].name;

	if (!p->scan->each)
		sockname_set_port(&peer, p->scan->ports[p->item]);
	return peer;
}

static int
probe_result(struct probe *p, const struct sockname *peer, int rc, const struct error *e)
{
	if (rc == 0 && bind_is_self_connect(&p->scan->source, p->watch.fd, peer))
		return ECONNREFUSED;
	return rc == 0 ? 0 : e->number;
}

static int
probe_wait(struct probe *p, struct error *e)
{
	int64_t timeout = p->scan->how->connect_timeout;

	if (timeout == DURATION_NONE)
		timeout = PORT_TIMEOUT;
	if (loop_watch(p->scan->l, &p->watch, LOOP_WRITE, e) != 0)
		return -1;
	return loop_timer_set(p->scan->l, &p->timer, deadline_in(timeout), e);
}

/* ---- datagrams ---- */

static bool
sends_datagrams(const struct scan *s)
{
	return s->how->bind.type == SOCK_DGRAM;
}

/* Sends a byte. A refusal of one before is an error of this one. Returns 0, or the errno. */
static int
send_byte(struct probe *p)
{
	struct error e;

	if (sys_send(p->watch.fd, "X", 1, 0, &e) >= 0 || e.number == EAGAIN)
		return 0;
	return e.number;
}

/* Sends the next byte, or concludes that nobody has refused one. */
static void
on_datagram_time(struct probe *p)
{
	int errnum = send_byte(p);

	if (errnum != 0)
		probe_record(p, errnum);
	else if (deadline_passed(p->until))
		probe_conclude(p, PORT_UNANSWERED, 0);
	else
		(void)loop_timer_set(p->scan->l, &p->timer,
		    deadline_min(p->until, deadline_in(DATAGRAM_INTERVAL)), NULL);
}

/* An answer, or a refusal. */
static void
on_datagram(struct probe *p)
{
	struct error e;
	char byte;
	ssize_t got = sys_recv(p->watch.fd, &byte, 1, 0, &e);

	if (got >= 0)
		probe_record(p, 0);
	else if (got != SYS_AGAIN)
		probe_record(p, e.number);
}

/* Sends the first bytes on a connected socket. Returns 1 when the attempt is in progress, 0 when it
 * has ended, -1. */
static int
probe_datagrams(struct probe *p, struct error *e)
{
	int64_t timeout = p->scan->how->connect_timeout;
	int errnum = send_byte(p);

	if (errnum == 0)
		errnum = send_byte(p);
	if (errnum != 0) {
		probe_record(p, errnum);
		return 0;
	}
	p->until = deadline_in(timeout == DURATION_NONE ? DATAGRAM_TIMEOUT : timeout);
	if (loop_watch(p->scan->l, &p->watch, LOOP_READ, e) != 0 ||
	    loop_timer_set(p->scan->l, &p->timer,
		deadline_min(p->until, deadline_in(DATAGRAM_INTERVAL)), e) != 0)
		return -1;
	return 1;
}

/* ---- attempts ---- */

/* Returns true when other attempts hold the resource that p lacks: p->timer repeats the
 * attempt, and fewer attempts run in parallel from now on. */
static bool
probe_postponed(struct probe *p, int errnum)
{
	struct scan *s = p->scan;

	if (sys_cause(errnum) != SYS_CAUSE_SHORTAGE || s->busy <= 1)
		return false;
	probe_close(p);
	s->limit = s->busy - 1;
	return loop_timer_set(s->l, &p->timer, deadline_in(SHORT_DELAY), NULL) == 0;
}

/* Connects to the current address. Returns 1 when the attempt is in progress, 0 when it has
 * ended, -1 when no socket can be created. */
static int
probe_connect(struct probe *p, struct error *e)
{
	struct sockname peer = probe_peer(p);
	unsigned port = 0;
	int rc;

	if (bind_source_socket(&p->scan->source, peer.sa.sa_family, &peer, &port, &p->watch.fd,
		e) != 0)
		return -1;
	p->started = clock_now();
	rc = bind_connect(p->watch.fd, &peer, e);
	if (rc == SYS_AGAIN)
		return probe_wait(p, e) == 0 ? 1 : -1;
	if (rc == -1 && probe_postponed(p, e->number))
		return 1;
	if (rc == 0 && sends_datagrams(p->scan))
		return probe_datagrams(p, e);
	probe_record(p, probe_result(p, &peer, rc, e));
	return 0;
}

/* Handles a missing socket for the current address: postpones the attempt, skips the address,
 * or fails the whole scan. Returns like probe_connect(). */
static int
probe_no_socket(struct probe *p, const struct error *e)
{
	struct scan *s = p->scan;

	if (probe_postponed(p, e->number))
		return 1;
	if (s->each) {
		probe_record(p, e->number != 0 ? e->number : EAFNOSUPPORT);
		return 0;
	}
	probe_close(p);
	/* "no address of this family" is the less useful reason */
	if (s->usable == s->n_addresses || e->number != 0)
		s->error = *e;
	if (s->usable == 1) {
		s->failed = s->done = true;
		return -1;
	}
	s->addresses[p->address].unusable = true;
	s->usable--;
	return 0;
}

/* Tries one address after the other until an attempt is in progress, the port is open or all
 * have ended. */
static void
probe_advance(struct probe *p)
{
	struct scan *s = p->scan;
	struct error e;

	while (p->address < addresses_end(p) && !s->done) {
		int rc = 0;

		if (s->addresses[p->address].unusable)
			p->address++;
		else
			rc = probe_connect(p, &e);
		if (rc == -1)
			rc = probe_no_socket(p, &e);
		if (rc == 1)
			return;
	}
	s->outcomes[p->item].over = true;
	s->open += s->outcomes[p->item].verdict <= PORT_UNANSWERED;
	probe_free(p);
}

static void
on_writable(struct watch *w, unsigned ready)
{
	struct probe *p = w->arg;
	struct sockname peer = probe_peer(p);
	struct error e;
	int rc;

	(void)ready;
	if (sends_datagrams(p->scan)) {
		on_datagram(p);
	} else {
		rc = sys_connected(w->fd, &peer, &e);
		probe_record(p, probe_result(p, &peer, rc, &e));
	}
	if (p->watch.fd >= 0)
		return;
	probe_advance(p);
	scan_advance(p->scan);
}

static void
on_probe_timer(struct timer *t)
{
	struct probe *p = t->arg;

	/* otherwise it was postponed */
	if (p->watch.fd >= 0 && sends_datagrams(p->scan))
		on_datagram_time(p);
	else if (p->watch.fd >= 0)
		probe_record(p, ETIMEDOUT);
	if (p->watch.fd >= 0)
		return;
	probe_advance(p);
	scan_advance(p->scan);
}

static void
probe_start(struct scan *s)
{
	struct probe *p = s->free;

	s->free = p->next_free;
	s->busy++;
	p->item = s->next++;
	p->address = s->each ? p->item : 0;
	probe_advance(p);
}

/* ---- all ports ---- */

static void
scan_report(struct scan *s)
{
	while (s->reported < s->next && s->outcomes[s->reported].over && !s->done) {
		const struct outcome *o = &s->outcomes[s->reported];
		struct portscan_result result = {
			.index = s->reported,
			.verdict = (enum port_verdict)o->verdict,
			.nsec = o->nsec,
			.peer = s->addresses[o->address].name,
			.errnum = o->errnum,
		};

		if (!s->each)
			sockname_set_port(&result.peer, s->ports[s->reported]);
		result.port = sockname_port(&result.peer);
		s->reported++;
		if (s->fn(s->arg, &result, &s->error) != 0)
			s->failed = s->done = true;
	}
	if (s->reported == s->n)
		s->done = true;
}

static void
scan_pause(struct scan *s, int64_t delay)
{
	if (loop_timer_set(s->l, &s->pace, deadline_in(delay), &s->error) == 0)
		s->pausing = true;
	else
		s->failed = s->done = true;
}

/* Starts as many attempts as allowed, and reports the results known so far. */
static void
scan_advance(struct scan *s)
{
	unsigned starts = 0;

	while (s->next < s->n && s->busy < s->limit && !s->pausing && !s->done) {
		probe_start(s);
		starts++;
		if (s->how->delay > 0)
			scan_pause(s, s->how->delay);
		else if (starts == STARTS_A_TURN)
			scan_pause(s, 0);
	}
	scan_report(s);
}

static void
on_pace_timer(struct timer *t)
{
	struct scan *s = t->arg;

	s->pausing = false;
	scan_advance(s);
}

static int
add_port(void *arg, uint16_t port)
{
	struct scan *s = arg;

	if (s->n == s->size) {
		size_t size = s->size != 0 ? 2 * s->size : 64;
		uint16_t *ports = realloc(s->ports, size * sizeof(*ports));

		if (ports == NULL)
			return error_set(&s->error, ERROR_INTERNAL, "out of memory");
		s->ports = ports;
		s->size = size;
	}
	s->ports[s->n++] = port;
	return 0;
}

static int
resolve_addresses(struct scan *s, const struct endpoint *ep, struct deadline until)
{
	struct resolve_how rh = { .family = s->how->bind.family, .type = SOCK_STREAM };
	struct resolved *list;
	size_t n, i;

	if (resolve(s->l, ep->host, "", &rh, until, &list, &n, &s->error) != 0)
		return -1;
	if (n >= NO_ADDRESS)
		n = NO_ADDRESS - 1;
	s->addresses = calloc(n, sizeof(*s->addresses));
	for (i = 0; s->addresses != NULL && i < n; i++)
		s->addresses[i].name = list[i].name;
	free(list);
	s->n_addresses = s->usable = n;
	return s->addresses != NULL ? 0 : error_set(&s->error, ERROR_INTERNAL, "out of memory");
}

/* Returns the number of parallel attempts: as requested, and as the limit on descriptors allows. */
static size_t
parallel_limit(const struct scan *s)
{
	size_t limit = s->how->parallel != 0 ? s->how->parallel : PARALLEL_MAX;
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur != RLIM_INFINITY) {
		size_t fds = r.rlim_cur > SPARE_FDS ? (size_t)r.rlim_cur - SPARE_FDS : 1;

		if (limit > fds)
			limit = fds;
	}
	return limit < s->n ? limit : s->n;
}

static int
make_probes(struct scan *s)
{
	size_t i;

	s->n_probes = s->limit = parallel_limit(s);
	s->outcomes = calloc(s->n, sizeof(*s->outcomes));
	/* last: scan_fini() closes each of them */
	s->probes = s->outcomes != NULL ? calloc(s->n_probes, sizeof(*s->probes)) : NULL;
	if (s->probes == NULL)
		return error_set(&s->error, ERROR_INTERNAL, "out of memory");
	for (i = 0; i < s->n; i++)
		s->outcomes[i].address = NO_ADDRESS;
	for (i = 0; i < s->n_probes; i++) {
		struct probe *p = &s->probes[i];

		p->scan = s;
		p->watch = (struct watch){ .fd = -1, .fn = on_writable, .arg = p };
		p->timer = (struct timer){ .fn = on_probe_timer, .arg = p };
		p->next_free = s->free;
		s->free = p;
	}
	return 0;
}

/* A unix socket has one address and no port. */
static int
prepare_unix(struct scan *s, const struct endpoint *ep, struct deadline until)
{
	s->addresses = calloc(1, sizeof(*s->addresses));
	if (s->addresses == NULL || add_port(s, 0) != 0)
		return error_set(&s->error, ERROR_INTERNAL, "out of memory");
	s->n_addresses = s->usable = 1;
	if (sockname_unix(ep, &s->addresses[0].name, &s->error) != 0 ||
	    bind_source_open(&s->source, s->l, &s->how->bind, AF_UNIX, until, NULL, &s->error) != 0)
		return -1;
	return make_probes(s);
}

static int
scan_prepare(struct scan *s, const struct endpoint *ep, struct deadline until)
{
	const struct bind_how *bind = &s->how->bind;

	if (ep->kind == ENDPOINT_UNIX && (bind->type == 0 || bind->type == SOCK_STREAM))
		return prepare_unix(s, ep, until);
	if (ep->kind != ENDPOINT_INET || ep->port[0] == '\0')
		return error_set(&s->error, ERROR_USAGE, "scan: a host and ports are needed");
	if (bind->type != 0 && bind->type != SOCK_STREAM && bind->type != SOCK_DGRAM)
		return error_set(&s->error, ERROR_USAGE,
		    "scan: only streams and datagrams have ports");
	if (ports_each(ep->port, sends_datagrams(s) ? "udp" : "tcp", add_port, s, &s->error) != 0)
		return -1;
	if (s->how->shuffle)
		ports_shuffle(s->ports, s->n);
	if (bind_source_open(&s->source, s->l, bind, AF_UNSPEC, until, NULL, &s->error) != 0)
		return -1;
	if (resolve_addresses(s, ep, until) != 0)
		return -1;
	return make_probes(s);
}

static int
scan_run(struct scan *s, const char *what, struct deadline until)
{
	int rc;

	scan_advance(s);
	rc = s->done ? 1 : loop_run(s->l, &s->done, until, &s->error);
	if (rc == 1)
		return s->failed ? -1 : 0;
	if (rc == 0) {
		error_set(&s->error, ERROR_TIMEOUT, "%s: timed out after %zu of %zu %s", what,
		    s->reported, s->n, s->each ? "addresses" : "ports");
		s->error.origin = ORIGIN_ERRNO;
		s->error.number = ETIMEDOUT;
	}
	return -1;
}

static void
scan_fini(struct scan *s)
{
	size_t i;

	loop_timer_stop(s->l, &s->pace);
	for (i = 0; s->probes != NULL && i < s->n_probes; i++)
		probe_close(&s->probes[i]);
	bind_source_close(&s->source);
	free(s->probes);
	free(s->outcomes);
	free(s->addresses);
	free(s->ports);
}

static int
scan_finish(struct scan *s, int rc, unsigned *ret_open, struct error *e)
{
	scan_fini(s);
	if (rc == 0)
		*ret_open = s->open;
	else if (e != NULL)
		*e = s->error;
	return rc;
}

int
portscan(struct loop *l, const struct endpoint *ep, const struct portscan_how *how,
    struct deadline until,
    int (*fn)(void *arg, const struct portscan_result *result, struct error *e), void *arg,
    unsigned *ret_open, struct error *e)
{
	struct scan s = { .l = l, .how = how, .fn = fn, .arg = arg };
	char what[ENDPOINT_HOST_MAX + 8];
	int rc;

	s.pace = (struct timer){ .fn = on_pace_timer, .arg = &s };
	snprintf(what, sizeof(what), "scan %s", ep->host);
	rc = scan_prepare(&s, ep, until);
	if (rc == 0)
		rc = scan_run(&s, what, until);
	return scan_finish(&s, rc, ret_open, e);
}

static int
prepare_each(struct scan *s, const struct resolved *list, size_t n, struct deadline until)
{
	s->each = true;
	s->n = s->n_addresses = s->usable = n < NO_ADDRESS ? n : NO_ADDRESS - 1;
	s->addresses = calloc(s->n + 1, sizeof(*s->addresses));
	if (s->addresses == NULL)
		return error_set(&s->error, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < s->n; i++)
		s->addresses[i].name = list[i].name;
	if (bind_source_open(&s->source, s->l, &s->how->bind, AF_UNSPEC, until, NULL, &s->error) !=
	    0)
		return -1;
	return make_probes(s);
}

int
portscan_addresses(struct loop *l, const struct resolved *list, size_t n,
    const struct portscan_how *how, struct deadline until,
    int (*fn)(void *arg, const struct portscan_result *result, struct error *e), void *arg,
    unsigned *ret_open, struct error *e)
{
	struct scan s = { .l = l, .how = how, .fn = fn, .arg = arg };
	int rc;

	s.pace = (struct timer){ .fn = on_pace_timer, .arg = &s };
	rc = prepare_each(&s, list, n, until);
	if (rc == 0)
		rc = scan_run(&s, "probe", until);
	return scan_finish(&s, rc, ret_open, e);
}

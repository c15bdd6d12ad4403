#include "net/resolve/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/log.h"
#include "loop/worker.h"
#include "net/ports.h"
#include "net/resolve/idn.h"

#define LABEL_MAX 63 /* RFC 1035, 2.3.4 */

/* A call of getaddrinfo(3) and its result. */
struct resolve_job {
	struct worker worker;             /* must be first */
	char host[ENDPOINT_HOST_MAX + 1]; /* "" without a host */
	char port[ENDPOINT_PORT_MAX + 1];
	struct addrinfo hints;
	int gai;    /* result of getaddrinfo() */
	int errnum; /* errno after it, for EAI_SYSTEM */
	struct addrinfo *list;
};

static void
job_free(struct worker *a)
{
	struct resolve_job *job = CONTAINER_OF(a, struct resolve_job, worker);

	if (job->list != NULL)
		freeaddrinfo(job->list);
	free(job);
}

static void
job_run_blocking(struct resolve_job *job)
{
	const char *host = job->host[0] != '\0' ? job->host : NULL;

	job->list = NULL;
	job->gai = getaddrinfo(host, job->port, &job->hints, &job->list);
	job->errnum = errno;
	if (job->gai != 0)
		job->list = NULL;
}

static void
job_main(struct worker *a)
{
	job_run_blocking((struct resolve_job *)a);
}

/* getaddrinfo(3) knows few socket types and rejects a port for raw sockets. The address is the
 * same for all types, so ask for one of the two common ones. */
static int
hinted_type(const struct resolve_how *how)
{
	if (how->type == 0 && how->proto == 0)
		return 0;
	return how->type == SOCK_DGRAM || how->proto == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
}

static int
job_new(const char *host, const char *port, const struct resolve_how *how,
    struct resolve_job **ret_job, struct error *e)
{
	char name[ENDPOINT_HOST_MAX + 1];
	struct resolve_job *job = NULL;

	if (idn_to_ascii(host, strlen(host), name, e) < 0)
		return -1;
	if (strcmp(name, "*") == 0)
		name[0] = '\0';
	if (port[0] == '\0')
		port = "0";
	/* getaddrinfo() takes 65536 and -1 modulo 65536. */
	if (!ports_is_single(port) || strlen(port) > ENDPOINT_PORT_MAX)
		return error_set(e, ERROR_USAGE,
		    "port '%.200s' is neither a number (0-65535) nor a service name", port);
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	worker_init(&job->worker, job_main, job_free);
	memcpy(job->host, name, sizeof(name));
	snprintf(job->port, sizeof(job->port), "%s", port);
	job->hints.ai_family = how->family;
	job->hints.ai_socktype = hinted_type(how);
	job->hints.ai_flags = (how->passive ? AI_PASSIVE : 0) |
	    (how->canonname && name[0] != '\0' ? AI_CANONNAME : 0);
	*ret_job = job;
	return 0;
}

/* Adds a hint when the name is invalid, which is then the likely reason of any failure. */
static void
add_name_hint(const char *host, struct error *e)
{
	size_t len;

	for (; *host != '\0'; host += len + (host[len] == '.')) {
		len = strcspn(host, ".");
		if (len == 0 && host[1] != '\0') {
			error_hint(e, "a part of the name is empty");
			return;
		}
		if (len > LABEL_MAX) {
			error_hint(e,
			    "a part of the name has %zu bytes, and %d at most are possible", len,
			    LABEL_MAX);
			return;
		}
	}
}

/* Reports a failure of getaddrinfo() or getnameinfo(); errnum is the errno after it. */
static int
report_gai_error(int gai, int errnum, const char *host, struct error *e)
{
	if (gai != EAI_SYSTEM)
		return error_gai(e, gai, "resolve %s", host);
	error_set(e, ERROR_RESOLVE, "resolve %s: %s (EAI_SYSTEM, %d)", host, strerror(errnum), gai);
	if (e != NULL) {
		e->origin = ORIGIN_ERRNO;
		e->number = errnum;
	}
	return -1;
}

static int
report_job_error(const struct resolve_job *job, struct error *e)
{
	const char *host = job->host[0] != '\0' ? job->host : "*";

	if (job->gai == EAI_SERVICE) {
		error_gai(e, job->gai, "resolve %s port %s", host, job->port);
		return error_hint(e, "a port is a number, or the name of a service: services(5)");
	}
	report_gai_error(job->gai, job->errnum, host, e);
	if (e != NULL && strchr(host, ':') == NULL)
		add_name_hint(host, e);
	return -1;
}

/* Runs the worker. Returns -1 when its results must not be read. `what` is for messages. */
static int
run_worker(struct worker *a, const char *what, struct loop *l, struct deadline until,
    struct error *e)
{
	int rc = worker_run(a, l, until, e);

	if (rc == 0)
		return error_set(e, ERROR_TIMEOUT, "resolve %s: timed out", what);
	if (rc < 0 && e != NULL && e->code == ERROR_RESOLVE)
		error_prefix(e, "resolve %s", what);
	return rc < 0 ? -1 : 0;
}

static struct resolved
resolved_from(const struct addrinfo *ai, const struct resolve_how *how)
{
	struct resolved r = { .family = ai->ai_family };

	r.type = how->type != 0 ? how->type : ai->ai_socktype;
	r.proto = how->proto;
	if (how->proto == 0 && r.type == ai->ai_socktype)
		r.proto = ai->ai_protocol;
	if (ai->ai_canonname != NULL)
		snprintf(r.canonname, sizeof(r.canonname), "%s", ai->ai_canonname);
	memcpy(&r.name.storage, ai->ai_addr, ai->ai_addrlen);
	r.name.len = ai->ai_addrlen;
	return r;
}

/* getaddrinfo() returns an address twice that is in /etc/hosts twice. */
static bool
is_duplicate(const struct resolved *list, size_t n, const struct resolved *r)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i].type == r->type && list[i].proto == r->proto &&
		    sockname_equal(&list[i].name, &r->name))
			return true;
	return false;
}

static int
job_collect(const struct resolve_job *job, const struct resolve_how *how,
    struct resolved **ret_list, size_t *ret_n, struct error *e)
{
	const struct addrinfo *ai;
	struct resolved *list;
	size_t n = 0;

	for (ai = job->list; ai != NULL; ai = ai->ai_next)
		n++;
	list = calloc(n, sizeof(*list));
	if (list == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	n = 0;
	for (ai = job->list; ai != NULL; ai = ai->ai_next) {
		list[n] = resolved_from(ai, how);
		if (how->repeats || !is_duplicate(list, n, &list[n]))
			n++;
	}
	*ret_list = list;
	*ret_n = n;
	return 0;
}

/* ---- a look-up ---- */

/* Tries without a server. Returns true if that is the answer: no host name has a colon, so a
 * malformed IPv6 address is not sent to a name server. */
static bool
job_run_numeric(struct resolve_job *job, const struct resolve_how *how)
{
	int flags = job->hints.ai_flags;

	job->hints.ai_flags = flags | AI_NUMERICHOST;
	job_run_blocking(job);
	job->hints.ai_flags = flags;
	return job->gai != EAI_NONAME || how->numeric || job->host[0] == '\0' ||
	    strchr(job->host, ':') != NULL;
}

static void
release_job(struct resolve_call *r)
{
	if (r->job != NULL)
		worker_release(&r->job->worker);
	r->job = NULL;
}

/* Stores the results. Returns 1, or -1 with r->error. */
static int
conclude(struct resolve_call *r)
{
	const struct resolve_job *job = r->job;
	int rc = job->gai == 0 ? job_collect(job, &r->how, &r->list, &r->n, &r->error)
			       : report_job_error(job, &r->error);

	release_job(r);
	return rc == 0 ? 1 : -1;
}

static void
on_answer(struct worker_call *c)
{
	struct resolve_call *r = c->arg;

	log_line(r->how.log, LOG_VERBOSE, "name service answered for %s after %.3f ms",
	    r->job->host, (double)(clock_now() - r->started) / (double)NSEC_PER_MSEC);
	conclude(r);
	r->done(r);
}

int
resolve_start(struct resolve_call *r, const char *host, const char *port)
{
	if (job_new(host, port, &r->how, &r->job, &r->error) < 0)
		return -1;
	if (job_run_numeric(r->job, &r->how))
		return conclude(r);
	r->started = clock_now();
	r->call = (struct worker_call){ .worker = &r->job->worker,
		.loop = r->loop,
		.done = on_answer,
		.arg = r };
	if (worker_start(&r->call, &r->error) == 0)
		return 0;
	if (r->error.code == ERROR_RESOLVE)
		error_prefix(&r->error, "resolve %s", r->job->host);
	release_job(r);
	return -1;
}

void
resolve_cancel(struct resolve_call *r)
{
	worker_cancel(&r->call);
	release_job(r);
}

void
resolve_time_out(struct resolve_call *r)
{
	char host[sizeof(r->job->host)];

	/* the thread owns the job from now on */
	memcpy(host, r->job->host, sizeof(host));
	resolve_cancel(r);
	error_set(&r->error, ERROR_TIMEOUT, "resolve %s: timed out", host);
}

static void
set_answered(struct resolve_call *r)
{
	*(bool *)r->arg = true;
}

int
resolve(struct loop *l, const char *host, const char *port, const struct resolve_how *how,
    struct deadline until, struct resolved **ret_list, size_t *ret_n, struct error *e)
{
	bool answered = false;
	struct resolve_call r = { .loop = l, .how = *how, .done = set_answered, .arg = &answered };
	int rc = resolve_start(&r, host, port);

	if (rc == 0) {
		rc = loop_run(l, &answered, until, &r.error);
		if (rc == 0)
			resolve_time_out(&r);
		else if (rc < 0)
			resolve_cancel(&r);
	}
	if (r.list == NULL) {
		if (e != NULL)
			*e = r.error;
		return -1;
	}
	*ret_list = r.list;
	*ret_n = r.n;
	return 0;
}

/* ---- names of addresses ---- */

/* A call of getnameinfo(3) and its result. */
struct reverse {
	struct worker worker;
	struct sockname name;
	int flags;
	int gai, errnum;
	struct reversed answer;
};

static void
reverse_free(struct worker *a)
{
	free(a);
}

static void
reverse_main(struct worker *a)
{
	struct reverse *r = CONTAINER_OF(a, struct reverse, worker);

	r->gai = getnameinfo(&r->name.sa, r->name.len, r->answer.host, sizeof(r->answer.host),
	    r->answer.service, sizeof(r->answer.service), r->flags);
	r->errnum = errno;
}

int
resolve_reverse(struct loop *l, const struct sockname *name, bool datagrams, struct deadline until,
    struct reversed *ret_reversed, struct error *e)
{
	struct reverse *r = calloc(1, sizeof(*r));
	char text[SOCKNAME_TEXT_MAX];
	int rc;

	if (r == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	worker_init(&r->worker, reverse_main, reverse_free);
	r->name = *name;
	r->flags = NI_NAMEREQD | (datagrams ? NI_DGRAM : 0);
	sockname_host(name, text, sizeof(text));
	rc = run_worker(&r->worker, text, l, until, e);
	if (rc == 0 && r->gai != 0)
		rc = report_gai_error(r->gai, r->errnum, text, e);
	else if (rc == 0)
		*ret_reversed = r->answer;
	worker_release(&r->worker);
	return rc;
}

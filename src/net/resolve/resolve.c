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
struct job {
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
	struct job *job = CONTAINER_OF(a, struct job, worker);

	if (job->list != NULL)
		freeaddrinfo(job->list);
	free(job);
}

static void
job_run_blocking(struct job *job)
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
	job_run_blocking((struct job *)a);
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
job_new(const char *host, const char *port, const struct resolve_how *how, struct job **ret_job,
    struct error *e)
{
	char name[ENDPOINT_HOST_MAX + 1];
	struct job *job = NULL;

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
report_job_error(const struct job *job, struct error *e)
{
	const char *host = job->host[0] != '\0' ? job->host : "*";

	if (job->gai == EAI_SERVICE)
		return error_gai(e, job->gai, "resolve %s port %s", host, job->port);
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

static int
job_run_in_thread(struct job *job, struct loop *l, const struct resolve_how *how,
    struct deadline until, struct error *e)
{
	char host[sizeof(job->host)];
	int64_t before = clock_now();

	memcpy(host, job->host, sizeof(host));
	if (run_worker(&job->worker, host, l, until, e) < 0)
		return -1;
	log_line(how->log, LOG_VERBOSE, "name service answered for %s after %.3f ms", host,
	    (double)(clock_now() - before) / (double)NSEC_PER_MSEC);
	return 0;
}

/* Tries without a server first. No host name has a colon, so a malformed IPv6 address is not
 * sent to a name server. */
static int
job_run(struct job *job, struct loop *l, const struct resolve_how *how, struct deadline until,
    struct error *e)
{
	int flags = job->hints.ai_flags;

	job->hints.ai_flags = flags | AI_NUMERICHOST;
	job_run_blocking(job);
	if (job->gai == EAI_NONAME && !how->numeric && job->host[0] != '\0' &&
	    strchr(job->host, ':') == NULL) {
		job->hints.ai_flags = flags;
		if (job_run_in_thread(job, l, how, until, e) < 0)
			return -1;
	}
	return job->gai == 0 ? 0 : report_job_error(job, e);
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
job_collect(const struct job *job, const struct resolve_how *how, struct resolved **ret_list,
    size_t *ret_n, struct error *e)
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

int
resolve(struct loop *l, const char *host, const char *port, const struct resolve_how *how,
    struct deadline until, struct resolved **ret_list, size_t *ret_n, struct error *e)
{
	struct job *job = NULL;
	int rc;

	if (job_new(host, port, how, &job, e) < 0)
		return -1;
	rc = job_run(job, l, how, until, e);
	if (rc == 0)
		rc = job_collect(job, how, ret_list, ret_n, e);
	worker_release(&job->worker);
	return rc;
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

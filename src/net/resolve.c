#include "net/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/loop.h"
#include "net/sys.h"

/* glibc's resolver and its modules need some 70 KiB; the default of 8 MiB is a
 * lot to leave behind for a name server that never answers. */
#define STACK_SIZE (256 * 1024)

/* A question to getaddrinfo(3) and its answer. Caller and helper thread own it
 * together, as neither knows which of them is the last to need it. */
struct job {
	char host[ENDPOINT_HOST_MAX + 1]; /* "" for none */
	char port[ENDPOINT_PORT_MAX + 1];
	struct addrinfo hints;
	int gai;    /* what getaddrinfo returned */
	int errnum; /* errno at that time, for EAI_SYSTEM */
	struct addrinfo *list;
	int done_fd; /* write end of a pipe: closing it reports the answer */
	atomic_int owners;
};

static void
job_release(struct job *job)
{
	if (atomic_fetch_sub(&job->owners, 1) > 1)
		return;
	if (job->list != NULL)
		freeaddrinfo(job->list);
	free(job);
}

static void
job_ask(struct job *job)
{
	const char *host = job->host[0] != '\0' ? job->host : NULL;

	job->list = NULL;
	job->gai = getaddrinfo(host, job->port, &job->hints, &job->list);
	job->errnum = errno;
	if (job->gai != 0)
		job->list = NULL;
}

static void *
job_main(void *arg)
{
	struct job *job = arg;

	job_ask(job);
	close(job->done_fd);
	job_release(job);
	return NULL;
}

/* As pthread_create(3): 0 or an error number. The thread gets no signals, they
 * are for the loop. */
static int
job_start(struct job *job, pthread_t *ret_thread)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int errnum = pthread_attr_init(&attr);

	if (errnum != 0)
		return errnum;
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	atomic_fetch_add(&job->owners, 1);
	errnum = pthread_create(ret_thread, &attr, job_main, job);
	if (errnum != 0)
		atomic_fetch_sub(&job->owners, 1);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return errnum;
}

/* Asks in a thread. After a failure the job is the thread's, and its fields
 * must not be read. */
static int
job_ask_aside(struct job *job, struct loop *l, struct deadline until, struct error *e)
{
	char host[sizeof(job->host)];
	pthread_t thread;
	int fds[2], errnum, ready;

	memcpy(host, job->host, sizeof(host));
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_errno(e, ERROR_RESOLVE, errno, "resolve %s: pipe", host);
	job->done_fd = fds[1];
	errnum = job_start(job, &thread);
	if (errnum != 0) {
		close(fds[0]);
		close(fds[1]);
		return error_errno(e, ERROR_RESOLVE, errnum, "resolve %s: thread", host);
	}
	ready = loop_wait(l, fds[0], LOOP_READ, until, e);
	close(fds[0]);
	if (ready > 0) {
		pthread_join(thread, NULL);
		return 0;
	}
	pthread_detach(thread);
	if (ready == 0)
		return error_set(e, ERROR_TIMEOUT, "resolve %s: timed out", host);
	return -1;
}

/* getaddrinfo(3) knows few types and refuses raw sockets a port; an address is
 * the same for all of them, so it is asked for one of the two common ones. */
static int
asked_type(const struct resolve_how *how)
{
	if (how->type == 0 && how->proto == 0)
		return 0;
	return how->type == SOCK_DGRAM || how->proto == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
}

static int
job_new(const char *host, const char *port, const struct resolve_how *how, struct job **ret_job,
    struct error *e)
{
	struct job *job = NULL;

	if (strcmp(host, "*") == 0)
		host = "";
	if (port[0] == '\0')
		port = "0";
	if (strlen(host) > ENDPOINT_HOST_MAX)
		return error_set(e, ERROR_USAGE, "resolve %.40s...: a name has at most %d bytes",
		    host, ENDPOINT_HOST_MAX);
	/* getaddrinfo takes 65536 and -1 modulo 65536. */
	if (!port_is_single(port) || strlen(port) > ENDPOINT_PORT_MAX)
		return error_set(e, ERROR_USAGE,
		    "port '%.200s' is neither a number (0-65535) nor a service name", port);
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	atomic_init(&job->owners, 1);
	snprintf(job->host, sizeof(job->host), "%s", host);
	snprintf(job->port, sizeof(job->port), "%s", port);
	job->hints.ai_family = how->family;
	job->hints.ai_socktype = asked_type(how);
	job->hints.ai_flags = (how->passive ? AI_PASSIVE : 0) |
	    (how->canonname && host[0] != '\0' ? AI_CANONNAME : 0);
	*ret_job = job;
	return 0;
}

static int
job_failed(const struct job *job, struct error *e)
{
	const char *host = job->host[0] != '\0' ? job->host : "*";

	if (job->gai == EAI_SYSTEM)
		return error_errno(e, ERROR_RESOLVE, job->errnum, "resolve %s", host);
	if (job->gai == EAI_SERVICE)
		return error_gai(e, job->gai, "resolve %s port %s", host, job->port);
	return error_gai(e, job->gai, "resolve %s", host);
}

/* Without a server where that is possible. A colon is in no name: an IPv6
 * address that is wrong must not go out as a question. */
static int
job_run(struct job *job, struct loop *l, const struct resolve_how *how, struct deadline until,
    struct error *e)
{
	job->hints.ai_flags |= AI_NUMERICHOST;
	job_ask(job);
	if (job->gai == EAI_NONAME && !how->numeric && job->host[0] != '\0' &&
	    strchr(job->host, ':') == NULL) {
		job->hints.ai_flags &= ~AI_NUMERICHOST;
		if (job_ask_aside(job, l, until, e) < 0)
			return -1;
	}
	return job->gai == 0 ? 0 : job_failed(job, e);
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

/* An address that is in /etc/hosts twice is answered twice. */
static bool
is_known(const struct resolved *list, size_t n, const struct resolved *r)
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
		if (!is_known(list, n, &list[n]))
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
	job_release(job);
	return rc;
}

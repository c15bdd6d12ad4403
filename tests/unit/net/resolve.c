#include "net/resolve/resolve.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/error.h"
#include "loop/loop.h"
#include "test.h"

/*
 * getaddrinfo() of libc, except for hosts under .test: slow.test is answered when `may_answer`
 * is posted, twice.test has each address twice.
 */

#define FAKE_FLAG 0x40000000 /* marks our own addrinfo in ai_flags */

static sem_t may_answer, was_freed;
static sigset_t mask_seen;
static int asked; /* calls that could have queried a server */

static struct addrinfo *
fake_address(const char *address, struct addrinfo *next)
{
	struct addrinfo *ai = calloc(1, sizeof(*ai) + sizeof(struct sockaddr_in));
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)(ai + 1);

	in->sin_family = AF_INET;
	in->sin_port = htons(80);
	in->sin_addr.s_addr = inet_addr(address);
	ai->ai_flags = FAKE_FLAG;
	ai->ai_family = AF_INET;
	ai->ai_socktype = SOCK_STREAM;
	ai->ai_protocol = IPPROTO_TCP;
	ai->ai_addr = (struct sockaddr *)in;
	ai->ai_addrlen = sizeof(*in);
	ai->ai_next = next;
	return ai;
}

static int
fake_answer(const char *host, struct addrinfo **list)
{
	if (strcmp(host, "system.test") == 0) {
		errno = EMFILE;
		return EAI_SYSTEM;
	}
	if (strcmp(host, "slow.test") == 0) {
		pthread_sigmask(SIG_SETMASK, NULL, &mask_seen);
		while (sem_wait(&may_answer) < 0)
			continue;
		*list = fake_address("192.0.2.1", NULL);
		return 0;
	}
	if (strcmp(host, "twice.test") == 0) {
		*list = fake_address("192.0.2.2",
		    fake_address("192.0.2.1",
			fake_address("192.0.2.2", fake_address("192.0.2.1", NULL))));
		return 0;
	}
	return EAI_NONAME;
}

int
getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
    struct addrinfo **list)
{
	static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	const char *dot = host != NULL ? strrchr(host, '.') : NULL;

	if (!(hints->ai_flags & AI_NUMERICHOST))
		asked++;
	if (dot != NULL && strcmp(dot, ".test") == 0 && !(hints->ai_flags & AI_NUMERICHOST))
		return fake_answer(host, list);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(host, service, hints, list);
}

/* Answers for 192.0.2.9 when `may_answer` is posted. */
int
getnameinfo(const struct sockaddr *sa, socklen_t len, char *host, socklen_t host_len, char *service,
    socklen_t service_len, int flags)
{
	static int (
	    *real)(const struct sockaddr *, socklen_t, char *, socklen_t, char *, socklen_t, int);
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "getnameinfo");
	if (!(flags & NI_NAMEREQD) || sa->sa_family != AF_INET)
		return real(sa, len, host, host_len, service, service_len, flags);
	switch (ntohl(in->sin_addr.s_addr)) {
	case 0xc0000209:
		while (sem_wait(&may_answer) < 0)
			continue;
		sem_post(&was_freed);
		break;
	case 0xc0000201:
		break;
	default:
		return EAI_NONAME;
	}
	snprintf(host, host_len, "nine.test");
	snprintf(service, service_len, "%s", flags & NI_DGRAM ? "of-udp" : "of-tcp");
	return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
	static void (*real)(struct addrinfo *);
	struct addrinfo *next;

	if (!(list->ai_flags & FAKE_FLAG)) {
		if (real == NULL)
			*(void **)&real = dlsym(RTLD_NEXT, "freeaddrinfo");
		real(list);
		return;
	}
	for (; list != NULL; list = next) {
		next = list->ai_next;
		free(list);
	}
	sem_post(&was_freed);
}

static struct loop *loop;
static struct error error;
static struct resolved *list;
static size_t n;

__attribute__((constructor)) static void
semaphores_init(void)
{
	sem_init(&may_answer, 0, 0);
	sem_init(&was_freed, 0, 0);
}

/* Returns all results as "ADDRESS/TYPE/PROTO", separated by blanks. */
static const char *
answers(void)
{
	static char text[2048];
	char name[SOCKNAME_TEXT_MAX];
	size_t i, at = 0;

	text[0] = '\0';
	for (i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s/%d/%d", i > 0 ? " " : "",
		    sockname_format(&list[i].name, name, sizeof(name)), list[i].type,
		    list[i].proto);
	free(list);
	list = NULL;
	return text;
}

static int
ask_until(const char *host, const char *port, struct resolve_how how, struct deadline until)
{
	int rc = -1;

	list = NULL;
	n = 0;
	asked = 0;
	memset(&error, 0, sizeof(error));
	if (check_int(loop_open(&loop, &error), 0))
		rc = resolve(loop, host, port, &how, until, &list, &n, &error);
	loop_close(loop);
	return rc;
}

static int
ask(const char *host, const char *port, struct resolve_how how)
{
	return ask_until(host, port, how, deadline_in(30 * NSEC_PER_SEC));
}

static const struct resolve_how stream = { .type = SOCK_STREAM };

TEST("numeric hosts are resolved at once, without a server")
{
	check_int(ask_until("127.0.0.1", "80", stream, deadline_in(0)), 0);
	check_str(answers(), "127.0.0.1:80/1/6");
	check_int(ask_until("::1", "65535", stream, deadline_in(0)), 0);
	check_str(answers(), "[::1]:65535/1/6");
	check_int(
	    ask_until("192.0.2.1", "", (struct resolve_how){ .type = SOCK_DGRAM }, deadline_in(0)),
	    0);
	check_str(answers(), "192.0.2.1:0/2/17");
	check_int(asked, 0);
}

TEST("without a type the result has every type")
{
	check_int(ask("127.0.0.1", "7", (struct resolve_how){ 0 }), 0);
	check_str(answers(), "127.0.0.1:7/1/6 127.0.0.1:7/2/17 127.0.0.1:7/3/0");
}

TEST("types and protocols that getaddrinfo refuses are resolved too")
{
	check_int(ask("127.0.0.1", "7", (struct resolve_how){ .type = SOCK_RAW, .proto = 1 }), 0);
	check_str(answers(), "127.0.0.1:7/3/1");
	check_int(ask("127.0.0.1", "7",
		      (struct resolve_how){ .type = SOCK_STREAM, .proto = IPPROTO_MPTCP }),
	    0);
	check_str(answers(), "127.0.0.1:7/1/262");
	check_int(ask("127.0.0.1", "7", (struct resolve_how){ .type = SOCK_SEQPACKET }), 0);
	check_str(answers(), "127.0.0.1:7/5/0");
	check_int(ask("127.0.0.1", "7", (struct resolve_how){ .proto = IPPROTO_UDP }), 0);
	check_str(answers(), "127.0.0.1:7/2/17");
}

TEST("an empty host is loopback, or any address for bind")
{
	struct resolve_how v4 = { .family = AF_INET, .type = SOCK_STREAM };
	struct resolve_how v6 = { .family = AF_INET6, .type = SOCK_STREAM, .passive = true };

	check_int(ask("", "80", v4), 0);
	check_str(answers(), "127.0.0.1:80/1/6");
	check_int(ask("*", "", v6), 0);
	check_str(answers(), "[::]:0/1/6");
	v4.passive = v4.canonname = true;
	check_int(ask("*", "80", v4), 0);
	check_str(answers(), "0.0.0.0:80/1/6");
}

TEST("the canonical name is returned on request")
{
	struct resolve_how how = { .type = SOCK_STREAM, .canonname = true };

	check_int(ask("127.0.0.1", "80", how), 0);
	require(n == 1);
	check_str(list[0].canonname, "127.0.0.1");
	check_int(list[0].family, AF_INET);
	free(list);
	how.canonname = false;
	check_int(ask("127.0.0.1", "80", how), 0);
	require(n == 1);
	check_str(list[0].canonname, "");
	free(list);
}

TEST("a failure has the text, name and number of getaddrinfo")
{
	check_int(ask("nosuch.test", "80", stream), -1);
	check_int(error.code, ERROR_RESOLVE);
	check_int(error.origin, ORIGIN_GAI);
	check_int(error.number, EAI_NONAME);
	check_str(error.text, "resolve nosuch.test: Name or service not known (EAI_NONAME, -2)");
	check_int(asked, 1);
}

TEST("with numeric set no server is queried")
{
	struct resolve_how how = { .type = SOCK_STREAM, .numeric = true };

	check_int(ask("twice.test", "80", how), -1);
	check_int(error.number, EAI_NONAME);
	check_int(asked, 0);
}

TEST("a malformed IPv6 address is never sent to a server")
{
	check_int(ask("fe80::1%nosuch", "80", stream), -1);
	check_int(error.code, ERROR_RESOLVE);
	check_int(ask("1:2:3", "80", stream), -1);
	check_int(asked, 0);
}

TEST("an address of the other family is an error")
{
	check_int(ask("127.0.0.1", "80", (struct resolve_how){ .family = AF_INET6 }), -1);
	check_int(error.code, ERROR_RESOLVE);
	check_int(asked, 0);
}

TEST("a failure of the system has its errno")
{
	check_int(ask("system.test", "80", stream), -1);
	check_int(error.code, ERROR_RESOLVE);
	check_int(error.origin, ORIGIN_ERRNO);
	check_int(error.number, EMFILE);
	check_str(error.text, "resolve system.test: Too many open files (EAI_SYSTEM, -11)");
}

TEST("a shortage of descriptors is a failure, not a hang")
{
	struct rlimit before, none;

	require(loop_open(&loop, &error) == 0);
	require(getrlimit(RLIMIT_NOFILE, &before) == 0);
	none = before;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	check_int(resolve(loop, "twice.test", "80", &stream, deadline_never(), &list, &n, &error),
	    -1);
	setrlimit(RLIMIT_NOFILE, &before);
	loop_close(loop);
	check_int(error.code, ERROR_RESOLVE);
	check_int(error.number, EMFILE);
	check_str(error.text, "resolve twice.test: pipe: Too many open files");
}

TEST("an unknown service is named with its host")
{
	check_int(ask("twice.test", "no-such-service", stream), -1);
	check_int(error.number, EAI_SERVICE);
	check(strstr(error.text, "resolve twice.test port no-such-service: ") == error.text);
	check_int(asked, 0);
}

TEST("an invalid port is a usage error and does not wrap")
{
	static const char *const wrong[] = { "65536", "-1", "080", "80x", "1,2", "1-2" };
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		check_int(ask("127.0.0.1", wrong[i], stream), -1);
		check_int(error.code, ERROR_USAGE);
	}
	check_str(error.text, "port '1-2' is neither a number (0-65535) nor a service name");
}

TEST("a host name that is too long is a usage error")
{
	char host[300];

	memset(host, 'a', sizeof(host));
	host[256] = '\0';
	check_int(ask(host, "80", stream), -1);
	check_int(error.code, ERROR_USAGE);
}

TEST("the order is that of getaddrinfo, and duplicates are dropped")
{
	check_int(ask("twice.test", "80", stream), 0);
	check_str(answers(), "192.0.2.2:80/1/6 192.0.2.1:80/1/6");
	sem_wait(&was_freed);
}

TEST("a server that does not answer is a time-out, and its late answer is harmless")
{
	check_int(ask_until("slow.test", "80", stream, deadline_in(20 * NSEC_PER_MSEC)), -1);
	check_int(error.code, ERROR_TIMEOUT);
	check_str(error.text, "resolve slow.test: timed out");
	sem_post(&may_answer);
	sem_wait(&was_freed);
}

static void
answer_now(struct timer *t)
{
	(void)t;
	sem_post(&may_answer);
}

TEST("callbacks run while a name is resolved, and signals stay with the loop")
{
	struct timer timer = { .fn = answer_now };
	sigset_t before, after;

	pthread_sigmask(SIG_SETMASK, NULL, &before);
	require(loop_open(&loop, &error) == 0);
	check_int(loop_timer_set(loop, &timer, deadline_in(NSEC_PER_MSEC), &error), 0);
	check_int(resolve(loop, "slow.test", "80", &stream, deadline_never(), &list, &n, &error),
	    0);
	check_str(answers(), "192.0.2.1:80/1/6");
	loop_close(loop);
	sem_wait(&was_freed);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	check(sigismember(&mask_seen, SIGINT) && sigismember(&mask_seen, SIGCHLD));
	check(!sigismember(&before, SIGINT) && !sigismember(&after, SIGINT));
}

TEST("an interrupt ends the wait for a name")
{
	require(loop_open(&loop, &error) == 0);
	loop_interrupt(loop, SIGINT);
	check_int(resolve(loop, "slow.test", "80", &stream, deadline_never(), &list, &n, &error),
	    -1);
	check_int(error.code, ERROR_SIGNAL);
	check_int(error.number, SIGINT);
	check_int(resolve(loop, "127.0.0.1", "80", &stream, deadline_never(), &list, &n, &error),
	    0);
	check_str(answers(), "127.0.0.1:80/1/6");
	loop_close(loop);
	sem_post(&may_answer);
	sem_wait(&was_freed);
}

TEST("duplicates are kept on request")
{
	check_int(
	    ask("twice.test", "80", (struct resolve_how){ .type = SOCK_STREAM, .repeats = true }),
	    0);
	check_str(answers(), "192.0.2.2:80/1/6 192.0.2.1:80/1/6 192.0.2.2:80/1/6 192.0.2.1:80/1/6");
	sem_wait(&was_freed);
}

/* ---- failures ---- */

static const char *
hint_for(const char *host)
{
	check_int(ask(host, "80", stream), -1);
	check_int(error.code, ERROR_RESOLVE);
	return error.hint;
}

TEST("the hint names the fault of a name")
{
	check_str(hint_for("a..test"), "a part of the name is empty");
	check_str(hint_for(".test"), "a part of the name is empty");
	check_str(hint_for("nosuch.test"), "");
	check_str(hint_for("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test"),
	    "a part of the name has 64 bytes, and 63 at most are possible");
	check_str(hint_for("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test"),
	    "");
}

/* ---- names of addresses ---- */

static struct reversed reversed;

static int
reverse(uint32_t address, bool datagrams, struct deadline until)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&name.storage;
	int rc;

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(address);
	memset(&error, 0, sizeof(error));
	memset(&reversed, 0, sizeof(reversed));
	if (loop_open(&loop, &error) != 0)
		abort();
	rc = resolve_reverse(loop, &name, datagrams, until, &reversed, &error);
	loop_close(loop);
	return rc;
}

TEST("an address is resolved to its name, and its port to the service of its protocol")
{
	check_int(reverse(0xc0000201, false, deadline_never()), 0);
	check_str(reversed.host, "nine.test");
	check_str(reversed.service, "of-tcp");
	check_int(reverse(0xc0000201, true, deadline_never()), 0);
	check_str(reversed.service, "of-udp");
}

TEST("an address without a name is EAI_NONAME")
{
	check_int(reverse(0xc0000202, false, deadline_never()), -1);
	check_int(error.code, ERROR_RESOLVE);
	check_int(error.number, EAI_NONAME);
	check_str(error.text, "resolve 192.0.2.2: Name or service not known (EAI_NONAME, -2)");
	check_str(reversed.host, "");
}

TEST("a server that does not answer for an address in time is a time-out")
{
	check_int(reverse(0xc0000209, false, deadline_in(20 * NSEC_PER_MSEC)), -1);
	check_int(error.code, ERROR_TIMEOUT);
	check_str(error.text, "resolve 192.0.2.9: timed out");
	sem_post(&may_answer);
	sem_wait(&was_freed);
}

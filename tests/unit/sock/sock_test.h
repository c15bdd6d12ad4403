/*
 * Shared by the tests of src/sock: a loop, sockets of every kind over loopback,
 * checks of errno and time.
 */
#ifndef UNIT_SOCK_SOCK_TEST_H
#define UNIT_SOCK_SOCK_TEST_H

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/deadline.h"
#include "base/error.h"
#include "loop/loop.h"
#include "sock/sock.h"
#include "test.h"

#define MSEC NSEC_PER_MSEC
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Longer than any answer over loopback takes: only a broken test waits for it. */
#define PATIENCE (10 * NSEC_PER_SEC)

static struct loop *loop;
static struct error error;

/* Checks that the call fails with this errno. */
#define check_fails(call, errnum)                                                                  \
	(error.number = 0, test_fails((call), (errnum), __FILE__, __LINE__, #call))

static inline bool
test_fails(intmax_t rc, int errnum, const char *file, int line, const char *text)
{
	return test_int(rc, -1, file, line, text) &&
	    test_int(error.number, errnum, file, line, text);
}

/* Checks that the call fails with ERROR_USAGE. */
#define check_usage(call)                                                                          \
	(error.code = ERROR_INTERNAL, check_int((call), -1), check_int(error.code, ERROR_USAGE))

/* Reports which row of a table failed. */
static inline bool
row(bool ok, const char *what)
{
	if (!ok)
		printf("#   row: %s\n", what);
	return ok;
}

/* Checks that at least `least` has passed since `before`, and not much more. */
static inline bool
check_took(int64_t before, int64_t least)
{
	int64_t took = clock_now() - before;

	return check(took >= least) && check(took < least + 400 * MSEC);
}

static inline struct sockname
loopback(uint16_t port)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&name.storage;

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in->sin_port = htons(port);
	return name;
}

static inline bool
begin(void)
{
	return check_int(loop_open(&loop, &error), 0);
}

static inline void
end(void)
{
	loop_close(loop);
	loop = NULL;
}

/* Returns a blocking socket with a time-out, or NULL after a failed check. */
static inline struct sock *
fresh(int type)
{
	struct sock *s = NULL;

	check_int(sock_open(&s, loop, AF_INET, type, 0, SOCK_QUECPYTHON, &error), 0);
	if (s != NULL)
		check_int(sock_settimeout(s, PATIENCE, &error), 0);
	return s;
}

static inline struct sock *
bound(int type)
{
	const struct sockname any = loopback(0);
	struct sock *s = fresh(type);

	check_int(sock_bind(s, &any, &error), 0);
	return s;
}

static inline struct sock *
listening(int backlog)
{
	struct sock *s = bound(SOCK_STREAM);

	check_int(sock_listen(s, backlog, &error), 0);
	return s;
}

static inline struct sockname
name_of(const struct sock *s)
{
	struct sockname name;

	sock_local(s, &name);
	return name;
}

/* A connection: a connected, b was accepted. */
struct pair {
	struct sock *a, *b;
};

static inline bool
pair_open(struct pair *p)
{
	struct sock *listener = listening(1);
	struct sockname name = name_of(listener);

	*p = (struct pair){ .a = fresh(SOCK_STREAM) };
	check_int(sock_connect(p->a, &name, &error), 0);
	check_int(sock_accept(listener, &p->b, NULL, &error), 0);
	sock_free(listener);
	return check(p->b != NULL) && check_int(sock_settimeout(p->b, PATIENCE, &error), 0);
}

static inline void
pair_free(struct pair *p)
{
	sock_free(p->a);
	sock_free(p->b);
}

/* Two UDP sockets; a is connected to b. */
static inline bool
udp_pair_open(struct pair *p)
{
	struct sockname name;

	*p = (struct pair){ .a = bound(SOCK_DGRAM), .b = bound(SOCK_DGRAM) };
	name = name_of(p->b);
	return check_int(sock_connect(p->a, &name, &error), 0);
}

static inline bool
send_text(struct sock *s, const char *text)
{
	return check_int(sock_sendall(s, text, strlen(text), NULL, &error), 0);
}

/* Waits until n bytes have arrived, without consuming them. */
static inline bool
arrived(struct sock *s, size_t n)
{
	struct deadline until = deadline_in(PATIENCE);
	char data[256];

	while (sock_recv(s, data, sizeof(data), MSG_PEEK, &error) < (ssize_t)n) {
		if (!check(!deadline_passed(until)))
			return false;
	}
	return true;
}

/* Lets callbacks and the kernel work for a millisecond. */
static inline void
turn(void)
{
	const bool never = false;

	check_int(loop_run(loop, &never, deadline_in(MSEC), &error), 0);
}

/* Waits until the kernel reports this state for s, open or closed. */
static inline bool
reaches(struct sock *s, int code)
{
	struct deadline until = deadline_in(PATIENCE);
	struct sock_status st;

	while (check_int(sock_status(s, &st, &error), 0) && st.kernel_code != code) {
		if (deadline_passed(until))
			return check_int(st.kernel_code, code);
		turn();
	}
	return st.kernel_code == code;
}

/* Fills the connection from s on. Returns how much was sent. */
static inline size_t
fill_up(struct sock *s)
{
	static char data[256 * 1024];
	size_t total = 0;
	ssize_t n;

	for (int quiet = 0; quiet < 5; quiet++) {
		while ((n = sock_send(s, data, sizeof(data), MSG_DONTWAIT, &error)) > 0) {
			total += (size_t)n;
			quiet = 0;
		}
		turn();
	}
	return total;
}

/* Reads until the end, or until nothing more arrives. */
static inline size_t
drain(struct sock *s)
{
	static char data[256 * 1024];
	size_t total = 0;
	ssize_t n = 1;

	for (int quiet = 0; quiet < 5 && n != 0; quiet++) {
		while ((n = sock_recv(s, data, sizeof(data), MSG_DONTWAIT, &error)) > 0) {
			total += (size_t)n;
			quiet = 0;
		}
		turn();
	}
	return total;
}

/* Runs a function once, later, from the loop. */
struct later {
	struct timer timer;
	void (*fn)(void *arg);
	void *arg;
};

static inline void
later_run(struct timer *t)
{
	struct later *later = (struct later *)(void *)t;

	later->fn(later->arg);
}

static inline void
later_start(struct later *later, int64_t after, void (*fn)(void *arg), void *arg)
{
	*later = (struct later){ .timer = { .fn = later_run }, .fn = fn, .arg = arg };
	check_int(loop_timer_set(loop, &later->timer, deadline_in(after), &error), 0);
}

#endif

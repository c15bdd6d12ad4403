#include "net/scan/portscan.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/loop.h"
#include "net/resolve/resolve.h"
#include "net/sys.h"
#include "test.h"

#define MSEC NSEC_PER_MSEC

static struct loop *loop;
static struct error error;

/* socket(2) replaced: fails while this is set. */
static bool no_sockets;

int
socket(int family, int type, int proto)
{
	if (!no_sockets)
		return (int)syscall(SYS_socket, family, type, proto);
	errno = EMFILE;
	return -1;
}

/* Returns a listener on a port of 127.0.0.1; with backlog -1 a socket that is bound only. */
static int
server(int backlog, struct sockname *name)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)(void *)&in, sizeof(in)) != 0)
		abort();
	if (backlog >= 0 && listen(fd, backlog) != 0)
		abort();
	if (sys_local_name(fd, name, NULL) != 0)
		abort();
	return fd;
}

/* Returns a listener whose queue is full: a connect(2) never ends. */
static int
silent_server(struct sockname *name, int *ret_filler)
{
	int fd = server(0, name);

	*ret_filler = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(*ret_filler, &name->sa, name->len) != 0)
		abort();
	return fd;
}

struct results {
	char text[1024]; /* "INDEX VERDICT " of each */
	struct portscan_result last;
	size_t stop_at;
};

static int
add_result(void *arg, const struct portscan_result *result, struct error *e)
{
	struct results *r = arg;
	size_t n = strlen(r->text);

	snprintf(r->text + n, sizeof(r->text) - n, "%zu %s ", result->index,
	    port_verdict_word(result->verdict));
	r->last = *result;
	if (r->stop_at != 0 && result->index + 1 == r->stop_at)
		return error_set(e, ERROR_LOCAL_IO, "enough");
	return 0;
}

struct patience {
	int64_t timeout; /* per address */
	struct deadline until;
};

static int
run(const struct sockname *names, size_t n, struct patience how, struct results *r, unsigned *open)
{
	const struct portscan_how scan_how = { .bind = { .type = SOCK_STREAM },
		.connect_timeout = how.timeout };
	static struct resolved list[64];
	int rc;

	for (size_t i = 0; i < n; i++)
		list[i].name = names[i];
	memset(&error, 0, sizeof(error));
	if (loop_open(&loop, NULL) != 0)
		abort();
	rc = portscan_addresses(loop, list, n, &scan_how, how.until, add_result, r, open, &error);
	loop_close(loop);
	return rc;
}

static struct patience
patient(int64_t timeout)
{
	return (struct patience){ .timeout = timeout, .until = deadline_in(20 * NSEC_PER_SEC) };
}

TEST("verdicts are in the order of the addresses, even when the first is silent")
{
	struct sockname names[3];
	struct results r = { .text = "" };
	int filler, silent = silent_server(&names[0], &filler);
	int listener = server(5, &names[1]), bound = server(-1, &names[2]);
	unsigned open = 0;

	check_int(run(names, 3, patient(100 * MSEC), &r, &open), 0);
	check_str(r.text, "0 filtered 1 open 2 closed ");
	check_int((long long)open, 1);
	check_int(r.last.errnum, ECONNREFUSED);
	close(silent);
	close(filler);
	close(listener);
	close(bound);
}

TEST("a shortage that no attempt of the scan can end is the verdict, without a wait")
{
	struct sockname names[2];
	struct results r = { .text = "" };
	int bound = server(-1, &names[0]);
	unsigned open = 0;

	names[1] = names[0];
	no_sockets = true;
	check_int(run(names, 2, patient(100 * MSEC), &r, &open), 0);
	no_sockets = false;
	check_str(r.text, "0 error 1 error ");
	check_int(r.last.errnum, EMFILE);
	close(bound);
}

TEST("a silent address takes its time-out and no longer")
{
	struct sockname names[10];
	struct results r = { .text = "" };
	int filler, silent = silent_server(&names[0], &filler);
	int64_t before = clock_now();
	unsigned open = 7;

	for (size_t i = 1; i < 10; i++)
		names[i] = names[0];
	check_int(run(names, 10, patient(150 * MSEC), &r, &open), 0);
	check(clock_now() - before < 1400 * MSEC);
	check(r.last.nsec >= 150 * MSEC);
	check_int(r.last.errnum, ETIMEDOUT);
	check_int((long long)open, 0);
	close(silent);
	close(filler);
}

TEST("the deadline of a scan is a time-out, and known verdicts were reported")
{
	struct sockname names[2];
	struct results r = { .text = "" };
	struct patience how = { .timeout = DURATION_NONE, .until = deadline_in(60 * MSEC) };
	int filler, listener = server(5, &names[0]), silent = silent_server(&names[1], &filler);
	unsigned open = 7;

	check_int(run(names, 2, how, &r, &open), -1);
	check_int(error.code, ERROR_TIMEOUT);
	check_str(error.text, "probe: timed out after 1 of 2 addresses");
	check_str(r.text, "0 open ");
	check_int((long long)open, 7);
	close(silent);
	close(filler);
	close(listener);
}

TEST("a callback that fails ends the scan")
{
	struct sockname names[2];
	struct results r = { .stop_at = 1 };
	int a = server(-1, &names[0]), b = server(-1, &names[1]);
	unsigned open = 7;

	check_int(run(names, 2, patient(DURATION_NONE), &r, &open), -1);
	check_str(error.text, "enough");
	check_str(r.text, "0 closed ");
	close(a);
	close(b);
}

TEST("an address that this host cannot connect to is an error, with the reason")
{
	struct sockname names[2] = { { .len = sizeof(struct sockaddr_in) - 1 } };
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&names[0].storage;
	struct results r = { .text = "" };
	int listener = server(5, &names[1]);
	unsigned open = 0;

	/* too short: EINVAL, whatever the routes */
	in->sin_family = AF_INET;
	in->sin_port = htons(80);
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check_int(run(names, 1, patient(NSEC_PER_SEC), &r, &open), 0);
	check_str(r.text, "0 error ");
	check_int(r.last.errnum, EINVAL);
	check_int(run(names, 2, patient(NSEC_PER_SEC), &r, &open), 0);
	check_int((long long)open, 1);
	close(listener);
}

TEST("an address of a family that this host lacks is filtered, with the reason")
{
	struct sockname name = { .len = sizeof(struct sockaddr_in) };
	struct results r = { .text = "" };
	unsigned open = 7;

	name.storage.ss_family = AF_MAX - 1;
	check_int(run(&name, 1, patient(NSEC_PER_SEC), &r, &open), 0);
	check_str(r.text, "0 filtered ");
	check_int(r.last.errnum, EAFNOSUPPORT);
	check_int((long long)open, 0);
}

TEST("a scan needs fewer descriptors than addresses")
{
	struct sockname names[40];
	struct results r = { .text = "" };
	struct rlimit before, few;
	int filler, silent = silent_server(&names[0], &filler), next;
	unsigned open = 7;

	for (size_t i = 1; i < 40; i++)
		names[i] = names[0];
	require(getrlimit(RLIMIT_NOFILE, &before) == 0);
	next = dup(0);
	close(next);
	few = before;
	few.rlim_cur = (rlim_t)next + 14;
	setrlimit(RLIMIT_NOFILE, &few);
	check_int(run(names, 40, patient(20 * MSEC), &r, &open), 0);
	setrlimit(RLIMIT_NOFILE, &before);
	check(strstr(r.text, "39 filtered ") != NULL);
	check_int(r.last.errnum, ETIMEDOUT);
	close(silent);
	close(filler);
}

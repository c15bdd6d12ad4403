#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "stream/process.h"
#include "test.h"

static struct error error;

/* Runs a program until its end. Stores its output, returns its status. */
static int
run(const struct process_how *how, const char *input, struct buf *out)
{
	struct stream *s;
	char data[1000];
	ssize_t n;
	pid_t pid;
	int status;

	buf_init(out, 1 << 20);
	if (!check_int(process_stream(&s, how, &pid, &error), 0))
		return -1;
	if (input != NULL)
		check_int(stream_write(s, input, strlen(input), &error), strlen(input));
	check_int(stream_shut(s, &error), 0);
	while ((n = stream_read(s, data, sizeof(data), &error)) != 0) {
		struct pollfd p = { .fd = stream_raw_fd(s, STREAM_IN), .events = POLLIN };

		if (n > 0)
			buf_append(out, data, (size_t)n, &error);
		else if (!check_int(n, STREAM_WANT_READ) || !check(poll(&p, 1, 10000) == 1))
			break;
	}
	stream_close(s);
	check_int(waitpid(pid, &status, 0), pid);
	return status;
}

static void
check_output(const struct process_how *how, const char *input, const char *want)
{
	struct buf out;

	check_int(run(how, input, &out), 0);
	check_mem(buf_head(&out), out.len, want, strlen(want));
	buf_fini(&out);
}

TEST("a program reads what is written, sees the end at shut, and its output is read")
{
	const char *const argv[] = { "cat", NULL };

	check_output(&(struct process_how){ .argv = argv }, "a\nb\n", "a\nb\n");
	check_output(&(struct process_how){ .shell_line = "read x; echo \"got $x\"" }, "a\n",
	    "got a\n");
}

TEST("its environment is ours, with added variables replacing ours")
{
	char added[] = "ADDED=1", replaced[] = "REPLACED=new";
	char *const env[] = { added, replaced, NULL };

	setenv("REPLACED", "old", 1);
	setenv("KEPT", "yes", 1);
	check_output(
	    &(struct process_how){ .shell_line = "echo $ADDED $REPLACED $KEPT", .env = env }, NULL,
	    "1 new yes\n");
}

TEST("standard error is ours, or goes to the socket too")
{
	check_output(&(struct process_how){ .shell_line = "echo out; echo err >&2",
			 .stderr_to_stdout = true },
	    NULL, "out\nerr\n");
}

TEST("a program has only the descriptors 0, 1 and 2, whatever we inherited")
{
	int inherited = open("/dev/null", O_RDONLY), high;

	require(check(inherited >= 0));
	high = fcntl(inherited, F_DUPFD, 200);
	check_int(fcntl(high, F_GETFD), 0);
	/* ls opens the folder with the first free descriptor */
	check_output(&(struct process_how){ .shell_line = "exec ls /proc/self/fd" }, NULL,
	    "0\n1\n2\n3\n");
	check(fcntl(high, F_GETFD) != -1);
	close(high);
	close(inherited);
}

TEST("a program starts with no signal ignored or blocked")
{
	/* no shell, as some start programs with no signal blocked; only the last digits, as the C
	 * library uses signals 32 and 33 */
	const char *const argv[] = { "sed", "-nE", "s/^(SigBlk|SigIgn).*(.{7})$/\\1 \\2/p",
		"/proc/self/status", NULL };
	sigset_t blocked, before;

	signal(SIGINT, SIG_IGN);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	check_output(&(struct process_how){ .argv = argv }, NULL,
	    "SigBlk 0000000\nSigIgn 0000000\n");
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGINT, SIG_DFL);
}

TEST("its limit of descriptors is the requested one, and ours stays")
{
	check_output(&(struct process_how){ .shell_line = "ulimit -n", .descriptors = 77 }, NULL,
	    "77\n");
	check(sysconf(_SC_OPEN_MAX) > 77);
}

TEST("a program that cannot be started is reported at once, with a shell's exit status")
{
	const char *const missing[] = { "/nonexistent/program", NULL };
	const char *const folder[] = { "/", NULL };
	struct stream *s;
	pid_t pid;
	int before = open("/dev/null", O_RDONLY | O_CLOEXEC), after;

	close(before);
	check_int(process_stream(&s, &(struct process_how){ .argv = missing }, &pid, &error), -1);
	check_int(error.code, ERROR_NOT_FOUND);
	check_str(error.text, "exec /nonexistent/program: No such file or directory");
	check_int(process_stream(&s, &(struct process_how){ .argv = folder }, &pid, &error), -1);
	check_int(error.code, ERROR_NOT_EXECUTABLE);
	/* nothing stays open */
	after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	check_int(after, before);
	close(after);
}

TEST("a program that gets a connection itself finds it blocking, and it stays ours")
{
	int pair[2], status;
	char data[10];
	pid_t pid;

	require(
	    check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0));
	require(
	    check_int(process_start(&(struct process_how){ .shell_line = "read x; echo \"$x!\"" },
			  pair[0], true, &pid, &error),
		0));
	check_int(fcntl(pair[0], F_GETFL) & O_NONBLOCK, 0);
	check_int(write(pair[1], "hi\n", 3), 3);
	check_int(waitpid(pid, &status, 0), pid);
	check_int(status, 0);
	check_int(read(pair[1], data, sizeof(data)), 4);
	check_mem(data, 4, "hi!\n", 4);
	close(pair[0]);
	close(pair[1]);
}

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "stream/process.h"
#include "stream/pty.h"
#include "test.h"

static struct error error;
static struct pty_group group;

/* Reads until n bytes have come, the end, or 10 s. Returns the bytes read. */
static size_t
read_some(struct stream *s, char *data, size_t n)
{
	size_t at = 0;

	while (at < n) {
		struct pollfd p = { .fd = stream_raw_fd(s, STREAM_IN), .events = POLLIN };
		ssize_t got = stream_read(s, data + at, n - at, &error);

		if (got > 0)
			at += (size_t)got;
		else if (got != STREAM_WANT_READ || poll(&p, 1, 10000) != 1)
			break;
	}
	return at;
}

TEST("a terminal has the size of its group, and follows it")
{
	char path[PTY_PATH_MAX];
	struct winsize size;
	struct stream *s;
	int slave;

	group = (struct pty_group){ .rows = 33, .columns = 44 };
	require(pty_stream(&s, &group, path, &error) == 0);
	slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	require(slave >= 0);
	check_int(ioctl(slave, TIOCGWINSZ, &size), 0);
	check_int(size.ws_row, 33);
	check_int(size.ws_col, 44);
	pty_group_resize(&group, 10, 20);
	check_int(ioctl(slave, TIOCGWINSZ, &size), 0);
	check_int(size.ws_row, 10);
	check_int(size.ws_col, 20);
	close(slave);
	stream_close(s);
	check(group.list == NULL);
	pty_group_resize(&group, 1, 1);
}

TEST("the end comes after everything that was written, when nobody has the terminal open")
{
	char path[PTY_PATH_MAX], data[100];
	struct stream *s;
	int slave;

	group = (struct pty_group){ .rows = 24, .columns = 80 };
	require(pty_stream(&s, &group, path, &error) == 0);
	slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	require(slave >= 0);
	check_int(stream_read(s, data, sizeof(data), &error), STREAM_WANT_READ);
	check_int(write(slave, "last\n", 5), 5);
	close(slave);
	check_mem(data, read_some(s, data, sizeof(data)), "last\r\n", 6);
	check_int(stream_read(s, data, sizeof(data), &error), 0);
	stream_close(s);
}

TEST("when the program has exited, the end comes although the terminal is open")
{
	char path[PTY_PATH_MAX], data[100];
	struct stream *s;
	int slave;

	group = (struct pty_group){ .rows = 24, .columns = 80 };
	require(pty_stream(&s, &group, path, &error) == 0);
	slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	require(slave >= 0);
	check_int(write(slave, "x", 1), 1);
	pty_program_gone(s);
	check_mem(data, read_some(s, data, sizeof(data)), "x", 1);
	check_int(stream_read(s, data, sizeof(data), &error), 0);
	close(slave);
	stream_close(s);
}

TEST("a program on a terminal sees the end of file at shut, and SIGHUP at close")
{
	const struct process_how cat = { .shell_line = "stty -echo -opost; echo r; cat; echo over",
		.terminal = &group };
	const struct process_how deaf = { .shell_line = "echo r; exec sleep 1000",
		.terminal = &group };
	char data[100];
	struct stream *s;
	int status;
	pid_t pid;

	group = (struct pty_group){ .rows = 24, .columns = 80 };
	require(process_stream(&s, &cat, &pid, &error) == 0);
	check_mem(data, read_some(s, data, 2), "r\n", 2);
	check_int(stream_write(s, "half", 4, &error), 4);
	check_int(stream_shut(s, &error), 0);
	check_mem(data, read_some(s, data, sizeof(data)), "halfover\n", 9);
	stream_close(s);
	check_int(waitpid(pid, &status, 0), pid);
	check_int(status, 0);
	require(process_stream(&s, &deaf, &pid, &error) == 0);
	check_mem(data, read_some(s, data, 3), "r\r\n", 3);
	stream_close(s);
	check_int(waitpid(pid, &status, 0), pid);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
}

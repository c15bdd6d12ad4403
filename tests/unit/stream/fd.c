#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "stream/fd.h"
#include "test.h"

static struct error error;

/* A stream whose input and output are pipes; the test holds their other ends. */
struct pipes {
	int in[2], out[2];
	struct stream *s;
};

static bool
pipes_open(struct pipes *p, bool close_on_shut)
{
	signal(SIGPIPE, SIG_IGN);
	return check_int(pipe2(p->in, O_CLOEXEC), 0) && check_int(pipe2(p->out, O_CLOEXEC), 0) &&
	    check_int(fd_stream_stdio(&p->s, p->in[0], p->out[1], close_on_shut, &error), 0);
}

static void
pipes_close(struct pipes *p)
{
	stream_close(p->s);
	for (int i = 0; i < 2; i++) {
		close(p->in[i]);
		close(p->out[i]);
	}
}

TEST("reading an empty pipe and writing to a full one do not block, and leave its flags")
{
	static char data[1 << 16];
	struct pipes p;
	ssize_t put = 0, total = 0;

	require(pipes_open(&p, false));
	check_int(stream_read(p.s, data, sizeof(data), &error), STREAM_WANT_READ);
	while ((put = stream_write(p.s, data, sizeof(data), &error)) > 0)
		total += put;
	check_int(put, STREAM_WANT_WRITE);
	check(total >= 4096);
	check_int(stream_flush(p.s, &error), 0);
	check_int(fcntl(p.in[0], F_GETFL) & O_NONBLOCK, 0);
	check_int(fcntl(p.out[1], F_GETFL) & O_NONBLOCK, 0);
	pipes_close(&p);
}

TEST("a pipe gives its bytes, then its end again and again")
{
	struct pipes p;
	char data[10];

	require(pipes_open(&p, false));
	check_int(write(p.in[1], "abc", 3), 3);
	check_int(stream_read(p.s, data, sizeof(data), &error), 3);
	check_mem(data, 3, "abc", 3);
	close(p.in[1]);
	check_int(stream_read(p.s, data, sizeof(data), &error), 0);
	check_int(stream_read(p.s, data, sizeof(data), &error), 0);
	p.in[1] = -1;
	pipes_close(&p);
}

TEST("a reader of the pipe sees the end at shut, and a pipe that nobody reads is EPIPE")
{
	struct pipes p;
	char byte;

	require(pipes_open(&p, true));
	check_int(stream_shut(p.s, &error), 0);
	check_int(read(p.out[0], &byte, 1), 0);
	check_int(stream_shut(p.s, &error), 0);
	/* closed: nobody could get it */
	check_int(stream_write(p.s, "x", 1, &error), 1);
	p.out[1] = -1;
	pipes_close(&p);

	require(pipes_open(&p, false));
	close(p.out[0]);
	check_int(stream_write(p.s, "x", 1, &error), -1);
	check_int(error.code, ERROR_LOCAL_IO);
	check_int(error.number, EPIPE);
	p.out[0] = -1;
	pipes_close(&p);
}

TEST("shut leaves an output open that others share")
{
	struct pipes p;
	char byte;

	require(pipes_open(&p, false));
	check_int(stream_shut(p.s, &error), 0);
	check_int(stream_write(p.s, "x", 1, &error), 1);
	check_int(read(p.out[0], &byte, 1), 1);
	pipes_close(&p);
}

static void
check_shut_reaches_peer(int type)
{
	struct stream *s;
	int pair[2], other;
	char data[10];

	require(check_int(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair), 0));
	other = dup(pair[0]);
	require(check_int(fd_stream_stdio(&s, -1, pair[0], true, &error), 0));
	check_int(stream_write(s, "last", 4, &error), 4);
	check_int(stream_shut(s, &error), 0);
	check_int(read(pair[1], data, sizeof(data)), 4);
	check_int(recv(pair[1], data, sizeof(data), MSG_DONTWAIT), 0);
	/* the other direction continues */
	check_int(write(pair[1], "more", 4), 4);
	check_int(read(other, data, sizeof(data)), 4);
	stream_close(s);
	close(other);
	close(pair[1]);
}

TEST("shut of an output that is a socket reaches its peer, though others have that socket too")
{
	check_shut_reaches_peer(SOCK_STREAM);
	check_shut_reaches_peer(SOCK_SEQPACKET);
}

TEST("shut of a datagram output leaves the socket to others who share it")
{
	struct stream *s;
	int pair[2], other;

	require(check_int(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0));
	other = dup(pair[0]);
	require(check_int(fd_stream_stdio(&s, -1, pair[0], true, &error), 0));
	check_int(stream_shut(s, &error), 0);
	check_int(send(other, "more", 4, MSG_NOSIGNAL), 4);
	stream_close(s);
	close(other);
	close(pair[1]);
}

TEST("a socket of ours is written until it is full, half-closed once and closed with the stream")
{
	static char data[1 << 16];
	struct stream *s;
	int pair[2];
	ssize_t n;

	require(
	    check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0));
	require(check_int(fd_stream_socket(&s, pair[0], &error), 0));
	check_int(stream_kind(s, STREAM_OUT), STREAM_SOCKET);
	check_int(stream_read(s, data, sizeof(data), &error), STREAM_WANT_READ);
	while ((n = stream_write(s, data, sizeof(data), &error)) > 0)
		;
	check_int(n, STREAM_WANT_WRITE);
	check_int(stream_shut(s, &error), 0);
	check_int(stream_shut(s, &error), 0);
	while ((n = read(pair[1], data, sizeof(data))) > 0)
		;
	check_int(n, 0);
	stream_close(s);
	check_int(fcntl(pair[0], F_GETFD), -1);
	close(pair[1]);
}

/* ---- signals ---- */

static volatile sig_atomic_t signals;

static void
count_signal(int signo)
{
	(void)signo;
	signals++;
}

/* Interrupts calls with a timer signal without SA_RESTART. */
static void
ring(long usec)
{
	const struct itimerspec every = { { 0, usec * 1000 }, { 0, usec * 1000 } };
	static timer_t timer;
	static bool made;
	struct sigaction action = { .sa_handler = count_signal };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };

	sigaction(SIGALRM, &action, NULL);
	if (!made)
		timer_create(CLOCK_MONOTONIC, &event, &timer);
	made = true;
	timer_settime(timer, 0, &every, NULL);
}

TEST("a signal is neither an end nor a failure, nor does it make a descriptor ready")
{
	struct pipes p;
	char byte;

	require(pipes_open(&p, false));
	ring(50);
	for (unsigned i = 0; i < 100000 || signals < 20; i++) {
		ssize_t got = stream_read(p.s, &byte, 1, &error);

		if (got != STREAM_WANT_READ && !check_int(got, STREAM_WANT_READ))
			break;
	}
	ring(0);
	pipes_close(&p);
}

/* ---- kinds ---- */

TEST("the kind of a descriptor is recognised")
{
	int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), null = open("/dev/null", O_RDWR);
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC), pair[2], pipe_fds[2];
	int dgram = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	require(check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0));
	require(check_int(pipe2(pipe_fds, O_CLOEXEC), 0));
	check_int(fd_kind(file), STREAM_FILE);
	check_int(fd_kind(null), STREAM_NULL);
	check_int(fd_kind(zero), STREAM_OTHER);
	check_int(fd_kind(pair[0]), STREAM_SOCKET);
	check_int(fd_kind(dgram), STREAM_DGRAM);
	check_int(fd_kind(pipe_fds[0]), STREAM_PIPE);
	check_int(fd_kind(-1), STREAM_NULL);
	close(file), close(null), close(zero), close(dgram);
	close(pair[0]), close(pair[1]), close(pipe_fds[0]), close(pipe_fds[1]);
}

TEST("a file is read to its end and discards writes, and a folder is refused")
{
	struct stream *s;
	char path[TEST_PATH_MAX], data[10];
	int fd;

	test_path(path, "stream_fd.XXXXXX");
	fd = mkstemp(path);
	check_int(write(fd, "text", 4), 4);
	close(fd);
	require(check_int(fd_stream_file(&s, path, false, &error), 0));
	check_int(stream_read(s, data, sizeof(data), &error), 4);
	check_int(stream_read(s, data, sizeof(data), &error), 0);
	check_int(stream_write(s, "x", 1, &error), 1);
	stream_close(s);
	unlink(path);
	check_int(fd_stream_file(&s, path, false, &error), -1);
	check_int(error.number, ENOENT);
	check_int(fd_stream_file(&s, "/", false, &error), -1);
	check_int(error.number, EISDIR);
}

TEST("the null stream reads nothing, not even an end, and discards writes")
{
	struct stream *s;
	char byte;

	require(check_int(fd_stream_null(&s, &error), 0));
	check_int(stream_read(s, &byte, 1, &error), STREAM_WANT_READ);
	check_int(stream_write(s, "abc", 3, &error), 3);
	check_int(stream_shut(s, &error), 0);
	check_int(stream_raw_fd(s, STREAM_IN), -1);
	check_int(stream_pending(s), 0);
	stream_close(s);
}

TEST("a FIFO that nobody has opened for writing yet is waited for, and has ended when its writers "
     "have")
{
	char path[TEST_PATH_MAX], data[10];
	struct stream *s;
	int writer;

	test_path(path, "stream_fd.fifo");
	unlink(path);
	require(check_int(mkfifo(path, 0600), 0));
	check_int(fd_stream_file(&s, path, false, &error), -1);
	require(check_int(fd_stream_file(&s, path, true, &error), 0));
	check_int(stream_read(s, data, sizeof(data), &error), STREAM_WANT_READ);
	writer = open(path, O_WRONLY | O_CLOEXEC);
	check_int(stream_read(s, data, sizeof(data), &error), STREAM_WANT_READ);
	check_int(write(writer, "text", 4), 4);
	close(writer);
	check_int(stream_read(s, data, sizeof(data), &error), 4);
	check_int(stream_read(s, data, sizeof(data), &error), 0);
	stream_close(s);
	unlink(path);
}

TEST("a stopped terminal gets short writes, and does not block")
{
	static char data[1 << 20];
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
	struct stream *s;
	ssize_t put;

	require(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	require(check(slave >= 0));
	require(check_int(fd_stream_stdio(&s, -1, slave, false, &error), 0));
	/* ends a wait that nothing else would */
	alarm(20);
	while ((put = stream_write(s, data, sizeof(data), &error)) > 0)
		check(put <= 4096);
	alarm(0);
	check_int(put, STREAM_WANT_WRITE);
	stream_close(s);
	close(slave);
	close(master);
}

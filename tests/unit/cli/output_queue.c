#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/output/output_queue.h"
#include "test.h"

/* Longer than any test waits unless something is broken. */
#define PATIENCE (20 * NSEC_PER_SEC)

/* A pipe of the smallest size that the queue writes to, and what was read from it. */
struct bench {
	struct loop *loop;
	struct output_queue *list, *queue;
	int fd, reader;
	struct buf got;
	struct watch watch;
	size_t per_turn; /* limit of each read; 0: none */
};

static bool
bench_init(struct bench *b)
{
	int ends[2];

	memset(b, 0, sizeof(*b));
	signal(SIGPIPE, SIG_IGN);
	buf_init(&b->got, SIZE_MAX / 2);
	if (loop_open(&b->loop, NULL) == -1 || pipe2(ends, O_CLOEXEC) == -1 ||
	    fcntl(ends[1], F_SETPIPE_SZ, 4096) == -1)
		return false;
	b->reader = ends[0];
	b->fd = ends[1];
	return output_queue_open(&b->list, b->loop, b->fd, true, "the pipe", &b->queue, NULL) == 0;
}

static void
bench_fini(struct bench *b)
{
	loop_unwatch(b->loop, &b->watch);
	output_queue_close_all(&b->list);
	if (b->reader != -1)
		close(b->reader);
	buf_fini(&b->got);
	loop_close(b->loop);
}

/* Reads what is there without blocking; false at the end. */
static bool
read_some(struct bench *b, size_t most)
{
	int there = 0;
	ssize_t got;

	if (ioctl(b->reader, FIONREAD, &there) == -1 || there == 0)
		return true;
	got = read(b->reader, buf_reserve(&b->got, most, NULL), most);
	if (got > 0)
		buf_added(&b->got, (size_t)got);
	return got != 0;
}

static void
on_readable(struct watch *w, unsigned ready)
{
	struct bench *b = w->arg;

	(void)ready;
	read_some(b, b->per_turn);
}

/* Reads the pipe from now on while the loop runs. */
static void
start_reading(struct bench *b, size_t per_turn)
{
	b->per_turn = per_turn;
	b->watch = (struct watch){ .fd = b->reader, .fn = on_readable, .arg = b };
	loop_watch(b->loop, &b->watch, LOOP_READ, NULL);
}

/* Returns what is still in the pipe when the queue is empty. */
static const char *
read_rest(struct bench *b)
{
	int there = 0;

	while (ioctl(b->reader, FIONREAD, &there) == 0 && there > 0)
		read_some(b, 4096);
	return b->got.len > 0 ? buf_text(&b->got, NULL) : "";
}

/* Enqueues "N xxx...\n", 100 bytes with its newline. */
static void
enqueue_line(struct bench *b, enum output_form form, int number)
{
	char line[101];

	snprintf(line, sizeof(line), "%d %.*s\n", number, 98, "");
	memset(line, 'x', 99);
	line[99] = '\n';
	line[snprintf(line, sizeof(line), "%08d", number)] = ' ';
	output_queue_enqueue(b->queue, form, line, 100);
}

/* Reads "NNNNNNNN xxx\n"; -1 where the line is not whole. */
static int
line_number(const char *line)
{
	int number;

	if (strlen(line) < 100 || line[99] != '\n' || strspn(line, "0123456789") != 8 ||
	    strspn(line + 9, "x") != 90)
		return -1;
	number = (int)strtol(line, NULL, 10);
	return number;
}

static int
flush(struct bench *b, int64_t patience)
{
	struct error e = { 0 };

	return output_queue_flush_all(b->list, patience, deadline_in(PATIENCE), &e);
}

TEST("a record is written at once where there is room")
{
	struct bench b;

	require(bench_init(&b));
	output_queue_enqueue(b.queue, OUTPUT_TEXT, "one\n", 4);
	check(b.queue->empty);
	check_str(read_rest(&b), "one\n");
	bench_fini(&b);
}

TEST("a line that is drawn is erased by the next one, and by a record")
{
	struct bench b;

	require(bench_init(&b));
	output_queue_draw(b.queue, "abc", 3);
	output_queue_draw(b.queue, "d", 1);
	output_queue_enqueue(b.queue, OUTPUT_TEXT, "one\n", 4);
	output_queue_enqueue(b.queue, OUTPUT_TEXT, "two\n", 4);
	check_str(read_rest(&b), "abc\r   \rd\r \rone\ntwo\n");
	bench_fini(&b);
}

TEST("what a full pipe does not take waits, and is written in order when it is read")
{
	struct bench b;
	const char *text;
	int i;

	require(bench_init(&b));
	for (i = 0; i < 1000; i++)
		enqueue_line(&b, OUTPUT_TEXT, i);
	check(!b.queue->empty);
	start_reading(&b, 4096);
	check_int(loop_run(b.loop, &b.queue->empty, deadline_in(PATIENCE), NULL), 1);
	/* a writable descriptor that is still watched would keep the loop busy */
	check_int(b.queue->watch.fd, -1);
	text = read_rest(&b);
	check_int((intmax_t)strlen(text), 100000);
	for (i = 0; i < 1000; i++)
		require(line_number(text + (size_t)i * 100) == i);
	check_int((intmax_t)b.queue->dropped, 0);
	bench_fini(&b);
}

TEST("a record does not overtake those that wait, though there is room for it now")
{
	struct bench b;
	const char *text;
	int i;

	require(bench_init(&b));
	for (i = 0; i < 100; i++)
		enqueue_line(&b, OUTPUT_TEXT, i);
	read_some(&b, 65536);
	enqueue_line(&b, OUTPUT_TEXT, 100);
	start_reading(&b, 4096);
	check_int(flush(&b, PATIENCE), 0);
	text = read_rest(&b);
	for (i = 0; i <= 100; i++)
		require(line_number(text + (size_t)i * 100) == i);
	bench_fini(&b);
}

TEST("the descriptor is not made non-blocking")
{
	struct bench b;
	int i;

	require(bench_init(&b));
	for (i = 0; i < 100; i++)
		enqueue_line(&b, OUTPUT_TEXT, i);
	check_int(fcntl(b.fd, F_GETFL) & O_NONBLOCK, 0);
	bench_fini(&b);
}

TEST("nor is one that is non-blocking already short of records")
{
	struct bench b;
	int i;

	require(bench_init(&b));
	fcntl(b.fd, F_SETFL, O_WRONLY | O_NONBLOCK);
	for (i = 0; i < 1000; i++)
		enqueue_line(&b, OUTPUT_TEXT, i);
	start_reading(&b, 4096);
	check_int(flush(&b, PATIENCE), 0);
	check_int((intmax_t)strlen(read_rest(&b)), 100000);
	bench_fini(&b);
}

/* Enqueues lines from 0 on until this many are lost; returns how many were queued. */
static int
overfill(struct bench *b, enum output_form form, int lost)
{
	int i = 0, kept;

	while (b->queue->dropped == 0)
		enqueue_line(b, form, i++);
	kept = i - 1;
	while (b->queue->dropped < (uint64_t)lost)
		enqueue_line(b, form, i++);
	return kept;
}

TEST("at most a mebibyte waits")
{
	struct bench b;
	int kept;

	require(bench_init(&b));
	kept = overfill(&b, OUTPUT_TEXT, 50);
	check(kept * 100 <= OUTPUT_QUEUE_MAX + 4096);
	check(kept * 100 > OUTPUT_QUEUE_MAX - 4096);
	check((b.queue->queued.len) <= OUTPUT_QUEUE_MAX);
	bench_fini(&b);
}

/* After the count, lines are whole again. */
static void
check_lost(enum output_form form, const char *count)
{
	struct bench b;
	const char *text, *at;
	int kept, i;

	require(bench_init(&b));
	kept = overfill(&b, form, 50);
	start_reading(&b, 4096);
	/* the reader is late but reads */
	check_int(loop_run(b.loop, &b.queue->empty, deadline_in(PATIENCE), NULL), 1);
	for (i = 0; i < 10; i++)
		enqueue_line(&b, form, 1000000 + i);
	check_int(flush(&b, PATIENCE), 0);
	text = read_rest(&b);
	for (i = 0; i < kept; i++)
		require(line_number(text + (size_t)i * 100) == i);
	at = text + (size_t)kept * 100;
	require(strncmp(at, count, strlen(count)) == 0);
	at += strlen(count);
	for (i = 0; i < 10; i++)
		check_int(line_number(at + (size_t)i * 100), 1000000 + i);
	check_str(at + (size_t)1000, "");
	check_int((intmax_t)b.queue->dropped, 50);
	bench_fini(&b);
}

TEST("a late reader of events finds the number of lost ones at that place")
{
	check_lost(OUTPUT_JSON, "{\"event\":\"lost\",\"count\":50}\n");
}

TEST("a late reader of lines finds the number of lost ones at that place")
{
	check_lost(OUTPUT_TEXT, "usock: 50 lines lost\n");
}

TEST("lines and events that are lost of the same pipe are counted apart")
{
	struct bench b;
	const char *text;
	int kept;

	require(bench_init(&b));
	kept = overfill(&b, OUTPUT_TEXT, 3);
	enqueue_line(&b, OUTPUT_JSON, 0);
	enqueue_line(&b, OUTPUT_JSON, 0);
	start_reading(&b, 4096);
	check_int(flush(&b, PATIENCE), 0);
	text = read_rest(&b);
	check_str(text + (size_t)kept * 100,
	    "usock: 3 lines lost\n{\"event\":\"lost\",\"count\":2}\n");
	bench_fini(&b);
}

TEST("a record of several lines is lost as several")
{
	struct bench b;
	int i;

	require(bench_init(&b));
	for (i = 0; b.queue->dropped == 0; i++)
		enqueue_line(&b, OUTPUT_TEXT, i);
	output_queue_enqueue(b.queue, OUTPUT_TEXT, "a\nb\nc\n", 6);
	check_int((intmax_t)b.queue->dropped, 4);
	bench_fini(&b);
}

static void
on_slow_reader(struct timer *t)
{
	struct bench *b = t->arg;

	read_some(b, 16384);
	loop_timer_set(b->loop, t, deadline_in(20 * NSEC_PER_MSEC), NULL);
}

TEST("the end waits for a consumer that is slow, but reads")
{
	struct bench b;
	struct timer slow = { .fn = on_slow_reader, .arg = &b };
	int64_t began, patience = 300 * NSEC_PER_MSEC;
	int i;

	require(bench_init(&b));
	for (i = 0; i < 2000; i++)
		enqueue_line(&b, OUTPUT_TEXT, i);
	/* 50 pieces, one each 20 ms: in total longer than the consumer may pause */
	loop_timer_set(b.loop, &slow, deadline_in(0), NULL);
	began = clock_now();
	check_int(flush(&b, patience), 0);
	check(clock_now() - began > patience);
	check_int((intmax_t)strlen(read_rest(&b)), 200000);
	check_int((intmax_t)b.queue->dropped, 0);
	loop_timer_stop(b.loop, &slow);
	bench_fini(&b);
}

TEST("the end abandons a consumer that reads nothing, and counts what is dropped")
{
	struct bench b;
	int64_t began;
	int i;

	require(bench_init(&b));
	for (i = 0; i < 1000; i++)
		enqueue_line(&b, OUTPUT_TEXT, i);
	began = clock_now();
	check_int(flush(&b, 100 * NSEC_PER_MSEC), 0);
	check(clock_now() - began >= 100 * NSEC_PER_MSEC);
	check(b.queue->dropped >= 950 && b.queue->dropped <= 970);
	check(b.queue->empty);
	bench_fini(&b);
}

TEST("the end does not wait for two consumers in turn")
{
	struct bench b, other;
	int64_t began;
	int i;

	require(bench_init(&b) && bench_init(&other));
	require(output_queue_open(&b.list, b.loop, other.fd, false, "another", &other.queue,
		    NULL) == 0);
	for (i = 0; i < 1000; i++) {
		enqueue_line(&b, OUTPUT_TEXT, i);
		enqueue_line(&other, OUTPUT_TEXT, i);
	}
	began = clock_now();
	check_int(flush(&b, 500 * NSEC_PER_MSEC), 0);
	check(clock_now() - began < 900 * NSEC_PER_MSEC);
	bench_fini(&b);
	bench_fini(&other);
}

TEST("a deadline ends the wait at the end, whoever reads")
{
	struct bench b;
	struct error e = { 0 };
	int64_t began = clock_now();
	int i;

	require(bench_init(&b));
	for (i = 0; i < 1000; i++)
		enqueue_line(&b, OUTPUT_TEXT, i);
	check_int(output_queue_flush_all(b.list, PATIENCE, deadline_in(50 * NSEC_PER_MSEC), &e), 0);
	check(clock_now() - began < PATIENCE / 2);
	bench_fini(&b);
}

TEST("a signal ends the wait at the end")
{
	struct bench b;
	struct error e = { 0 };
	int i;

	require(bench_init(&b));
	for (i = 0; i < 1000; i++)
		enqueue_line(&b, OUTPUT_TEXT, i);
	loop_interrupt(b.loop, SIGTERM);
	check_int(output_queue_flush_all(b.list, PATIENCE, deadline_in(PATIENCE), &e), -1);
	check_int(e.code, ERROR_SIGNAL);
	check_int(e.number, SIGTERM);
	check(b.queue->empty);
	bench_fini(&b);
}

TEST("a consumer that has gone gets nothing more, and nothing is kept for it")
{
	struct bench b;
	int i;

	require(bench_init(&b));
	for (i = 0; i < 100; i++)
		enqueue_line(&b, OUTPUT_TEXT, i);
	close(b.reader);
	b.reader = -1;
	check_int(loop_run(b.loop, &b.queue->empty, deadline_in(PATIENCE), NULL), 1);
	check_int(b.queue->failure, EPIPE);
	enqueue_line(&b, OUTPUT_TEXT, 100);
	check(b.queue->empty);
	check_int((intmax_t)b.queue->queued.len, 0);
	bench_fini(&b);
}

TEST("a result for a consumer that has gone is a failure")
{
	struct bench b;
	struct error e = { 0 };

	require(bench_init(&b));
	close(b.reader);
	b.reader = -1;
	check_int(output_queue_result(b.queue, "row\n", 4, &e), -1);
	check_int(e.code, ERROR_LOCAL_IO);
	check_int(e.number, EPIPE);
	check_str(e.text, "write the pipe: Broken pipe");
	bench_fini(&b);
}

TEST("results are kept beyond the bound, and waited for")
{
	struct bench b;
	char *data = malloc(3 << 20);
	struct error e = { 0 };

	require(data != NULL && bench_init(&b));
	memset(data, 'r', 3 << 20);
	check_int(output_queue_result(b.queue, data, 3 << 20, &e), 0);
	check_int(output_queue_drain(b.queue, deadline_in(50 * NSEC_PER_MSEC), &e), -1);
	check_int(e.code, ERROR_TIMEOUT);
	start_reading(&b, 65536);
	check_int(output_queue_drain(b.queue, deadline_in(PATIENCE), &e), 0);
	read_rest(&b);
	check_int((intmax_t)b.got.len, 3 << 20);
	check_int((intmax_t)b.queue->dropped, 0);
	free(data);
	bench_fini(&b);
}

TEST("a consumer that goes away while a result is waited for is a failure")
{
	struct bench b;
	static char data[100000];
	struct error e = { 0 };

	require(bench_init(&b));
	check_int(output_queue_result(b.queue, data, sizeof(data), &e), 0);
	close(b.reader);
	b.reader = -1;
	check_int(output_queue_drain(b.queue, deadline_in(PATIENCE), &e), -1);
	check_int(e.number, EPIPE);
	bench_fini(&b);
}

TEST("a signal ends the wait for results")
{
	struct bench b;
	static char data[100000];
	struct error e = { 0 };

	require(bench_init(&b));
	memset(data, 'r', sizeof(data));
	check_int(output_queue_result(b.queue, data, sizeof(data), &e), 0);
	loop_interrupt(b.loop, SIGINT);
	check_int(output_queue_drain(b.queue, deadline_in(PATIENCE), &e), -1);
	check_int(e.code, ERROR_SIGNAL);
	bench_fini(&b);
}

static void
on_alarm(int signo)
{
	(void)signo;
}

TEST("signals that interrupt a write lose nothing of it")
{
	const struct itimerval often = { { 0, 200 }, { 0, 200 } }, never = { { 0, 0 }, { 0, 0 } };
	struct sigaction sa = { .sa_handler = on_alarm }, old;
	struct bench b;
	int i;

	require(bench_init(&b));
	sigaction(SIGALRM, &sa, &old);
	setitimer(ITIMER_REAL, &often, NULL);
	start_reading(&b, 100);
	for (i = 0; i < 3000; i++)
		enqueue_line(&b, OUTPUT_TEXT, i);
	check_int(flush(&b, PATIENCE), 0);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &old, NULL);
	check_int((intmax_t)strlen(read_rest(&b)), 300000);
	bench_fini(&b);
}

TEST("a record that a socket takes in parts is whole")
{
	struct bench b;
	int ends[2], size = 4096;
	static char record[200000], got[200000];
	size_t n = 0;
	ssize_t part = 1;

	require(bench_init(&b));
	require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	require(
	    output_queue_open(&b.list, b.loop, ends[1], true, "the socket", &b.queue, NULL) == 0);
	for (n = 0; n < sizeof(record); n++)
		record[n] = (char)('a' + n % 26);
	record[sizeof(record) - 1] = '\n';
	output_queue_enqueue(b.queue, OUTPUT_TEXT, record, sizeof(record));
	check(!b.queue->empty);
	for (n = 0; n < sizeof(got) && part > 0; n += part > 0 ? (size_t)part : 0) {
		bool no = false;

		part = read(ends[0], got + n, sizeof(got) - n);
		loop_run(b.loop, &no, deadline_in(0), NULL);
	}
	check_mem(got, n, record, sizeof(record));
	close(ends[0]);
	bench_fini(&b);
}

TEST("two descriptors of one pipe share a queue, so that the order is kept")
{
	struct bench b;
	struct output_queue *second;
	int copy;

	require(bench_init(&b));
	copy = dup(b.fd);
	check_int(output_queue_open(&b.list, b.loop, copy, true, "the copy", &second, NULL), 0);
	check(second == b.queue);
	/* the queue closed it */
	check_int(fcntl(copy, F_GETFD), -1);
	bench_fini(&b);
}

TEST("lines of a full pipe are written in pieces that end with a line")
{
	struct bench b;
	char piece[8192];
	ssize_t got;
	int i;

	require(bench_init(&b));
	for (i = 0; i < 200; i++)
		enqueue_line(&b, OUTPUT_TEXT, i);
	/* the pipe holds one piece now; the next ones follow as it is read */
	for (i = 0; i < 4; i++) {
		bool no = false;

		got = read(b.reader, piece, sizeof(piece));
		check(got > 0 && got % 100 == 0);
		loop_run(b.loop, &no, deadline_in(0), NULL);
	}
	bench_fini(&b);
}

TEST("without a loop a descriptor that is non-blocking and full is waited for")
{
	struct bench b;
	struct error e = { 0 };
	char line[4096];
	pid_t child;
	int i, status;

	require(bench_init(&b));
	memset(line, 'x', sizeof(line));
	fcntl(b.fd, F_SETFL, O_WRONLY | O_NONBLOCK);
	child = fork();
	if (child == 0) {
		size_t n = 0;
		ssize_t got;

		while (n < 10 * sizeof(line) && (got = read(b.reader, line, 1000)) > 0)
			n += (size_t)got;
		_exit(n == 10 * sizeof(line) ? 0 : 1);
	}
	for (i = 0; i < 10; i++)
		check_int(
		    output_queue_write(b.fd, "x", line, sizeof(line), deadline_in(PATIENCE), &e),
		    0);
	check_int(waitpid(child, &status, 0), child);
	check_int(status, 0);
	for (i = 0; i < 1; i++)
		check_int(output_queue_write(b.fd, "x", line, sizeof(line), deadline_in(0), &e), 0);
	check_int(output_queue_write(b.fd, "x", line, sizeof(line), deadline_in(0), &e), -1);
	check_int(e.code, ERROR_TIMEOUT);
	bench_fini(&b);
}

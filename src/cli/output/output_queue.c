#include "cli/output/output_queue.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/output/event.h"
#include "cli/output/style.h"
#include "stream/fd.h"
#include "stream/stream.h"

enum { DRAWN_MAX = 400, ERASURE_MAX = DRAWN_MAX + 4 };

/* ---- life ---- */

/* Regular files never block, so their order is kept without a common queue. */
static bool
is_same_file(const struct output_queue *q, int fd, const struct stat *st)
{
	if (q->fd == fd)
		return true;
	/* where fstat(2) gives no identity, treat the two as different */
	if (st->st_nlink == 0 && st->st_ino == 0)
		return false;
	return !S_ISREG(st->st_mode) && q->device == st->st_dev && q->inode == st->st_ino;
}

static struct output_queue *
find_queue(struct output_queue *list, int fd, const struct stat *st)
{
	while (list != NULL && !is_same_file(list, fd, st))
		list = list->next;
	return list;
}

static int
new_queue(struct output_queue **list, int fd, const struct stat *st, struct error *e)
{
	struct output_queue *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if (fd_stream_stdio(&q->stream, -1, fd, false, e) == -1) {
		free(q);
		return -1;
	}
	q->fd = fd;
	q->empty = true;
	q->device = st->st_dev;
	q->inode = st->st_ino;
	q->watch.fd = -1;
	q->last_read = clock_now();
	buf_init(&q->queued, SIZE_MAX / 2);
	q->next = *list;
	*list = q;
	return 0;
}

int
output_queue_open(struct output_queue **list, struct loop *l, int fd, bool owned, const char *name,
    struct output_queue **ret_queue, struct error *e)
{
	struct stat st = { 0 };
	struct output_queue *q;

	/* a bad descriptor is reported by the first write */
	(void)fstat(fd, &st);
	q = find_queue(*list, fd, &st);
	if (q != NULL || new_queue(list, fd, &st, e) == -1) {
		if (owned)
			close(fd);
		*ret_queue = q;
		return q != NULL ? 0 : -1;
	}
	q = *list;
	q->owned = owned;
	q->loop = l;
	q->name = name;
	*ret_queue = q;
	return 0;
}

/* ---- waiting for room ---- */

static void on_writable(struct watch *w, unsigned ready);

static void
stop_waiting(struct output_queue *q)
{
	if (q->watch.fd == -1)
		return;
	loop_unwatch(q->loop, &q->watch);
	q->watch = (struct watch){ .fd = -1 };
}

/* Where watching fails, the next record tries again. */
static void
start_waiting(struct output_queue *q)
{
	if (q->watch.fd != -1)
		return;
	q->watch.fd = q->fd;
	q->watch.fn = on_writable;
	q->watch.arg = q;
	if (loop_watch(q->loop, &q->watch, LOOP_WRITE, NULL) == -1)
		stop_waiting(q);
}

static void
free_queue(struct output_queue *q)
{
	stop_waiting(q);
	stream_close(q->stream);
	if (q->owned)
		close(q->fd);
	buf_fini(&q->queued);
	free(q);
}

void
output_queue_close(struct output_queue **list, struct output_queue *q)
{
	struct output_queue **at = list;

	if (q->failure != 0 || !q->empty) {
		q->name = "an earlier file";
		return;
	}
	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	free_queue(q);
}

void
output_queue_close_all(struct output_queue **list)
{
	struct output_queue *q;

	while ((q = *list) != NULL) {
		*list = q->next;
		free_queue(q);
	}
}

void
output_queue_forget_all(struct output_queue *list)
{
	for (struct output_queue *q = list; q != NULL; q = q->next) {
		stop_waiting(q);
		buf_consume(&q->queued, q->queued.len);
		q->lost[OUTPUT_TEXT] = q->lost[OUTPUT_JSON] = q->dropped = 0;
		q->empty = true;
	}
}

/* ---- lost records ---- */

static uint64_t
count_record_lines(const char *data, size_t n)
{
	const char *end = data + n, *at = data;
	uint64_t lines = 0;

	while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		lines++;
		at++;
	}
	return lines;
}

static void
count_dropped(struct output_queue *q, enum output_form form, const char *data, size_t n)
{
	uint64_t lines = count_record_lines(data, n);

	q->lost[form] += lines;
	q->dropped += lines;
}

static bool
is_losing(const struct output_queue *q)
{
	return q->lost[OUTPUT_TEXT] > 0 || q->lost[OUTPUT_JSON] > 0;
}

/* Appends the counts, after the records that came before the lost ones. */
static void
append_counts(struct output_queue *q)
{
	for (int form = 0; form < OUTPUT_FORMS; form++) {
		if (q->lost[form] == 0)
			continue;
		if (event_lost(&q->queued, form == OUTPUT_JSON, q->lost[form]) == 0)
			q->lost[form] = 0;
	}
}

/* ---- writing ---- */

/* Discards the queue: everything that follows has no reader. */
static void
close_on_error(struct output_queue *q, int failure)
{
	q->failure = failure != 0 ? failure : EIO;
	buf_fini(&q->queued);
	q->empty = true;
	stop_waiting(q);
}

/* Returns the size of the longest run of whole lines that a pipe takes atomically, so that the
 * lines of several processes do not mix. */
static size_t
next_piece(const struct output_queue *q)
{
	const char *head = buf_head(&q->queued), *end;

	if (q->queued.len <= PIPE_BUF)
		return q->queued.len;
	end = memrchr(head, '\n', PIPE_BUF);
	if (end == NULL)
		end = memchr(head, '\n', q->queued.len);
	return end == NULL ? q->queued.len : (size_t)(end - head) + 1;
}

/* Returns how many bytes were written; fewer than n where there is no room, or where writing
 * failed. */
static size_t
write_unqueued(struct output_queue *q, const char *data, size_t n)
{
	struct error e = { 0 };
	size_t done = 0;
	ssize_t put;

	while (done < n) {
		put = stream_write(q->stream, data + done, n - done, &e);
		if (put == STREAM_WANT_WRITE)
			break;
		if (put < 0) {
			close_on_error(q, e.number);
			break;
		}
		done += (size_t)put;
	}
	return done;
}

static void
write_queue(struct output_queue *q)
{
	size_t piece, put;

	while (q->queued.len > 0) {
		piece = next_piece(q);
		put = write_unqueued(q, buf_head(&q->queued), piece);
		if (q->failure != 0)
			return;
		if (put > 0)
			q->last_read = clock_now();
		buf_consume(&q->queued, put);
		if (is_losing(q) && q->queued.len <= OUTPUT_QUEUE_MAX / 2)
			append_counts(q);
		if (put < piece) {
			start_waiting(q);
			return;
		}
	}
	q->empty = true;
	stop_waiting(q);
}

static void
on_writable(struct watch *w, unsigned ready)
{
	(void)ready;
	write_queue(w->arg);
}

/* Formats what erases the line that is drawn, and forgets it. A dumb terminal gets blanks. Returns the
 * length. */
static size_t
format_erasure(struct output_queue *q, char text[ERASURE_MAX])
{
	size_t drawn = q->drawn;
	int n = 0;

	q->drawn = 0;
	if (drawn > 0 && style_has_sequences(q->fd))
		n = snprintf(text, ERASURE_MAX, "\r\033[K");
	else if (drawn > 0)
		n = snprintf(text, ERASURE_MAX, "\r%*s\r",
		    (int)(drawn < DRAWN_MAX ? drawn : DRAWN_MAX), "");
	return (size_t)n;
}

void
output_queue_draw(struct output_queue *q, const char *line, size_t columns)
{
	char text[ERASURE_MAX];
	struct buf out;

	if (!q->empty || q->failure != 0)
		return;
	buf_init(&out, ERASURE_MAX + 4 * DRAWN_MAX);
	if (buf_append(&out, text, format_erasure(q, text), NULL) == 0 &&
	    buf_append(&out, line, strlen(line), NULL) == 0)
		output_queue_enqueue(q, OUTPUT_TEXT, buf_head(&out), out.len);
	buf_fini(&out);
	q->drawn = columns;
}

/* Writes the bytes, and queues those that were not taken. */
static int
write_or_queue(struct output_queue *q, const char *data, size_t n, struct error *e)
{
	size_t put;

	if (!q->empty && q->watch.fd == -1)
		write_queue(q);
	put = q->empty ? write_unqueued(q, data, n) : 0;
	if (put == n || q->failure != 0)
		return 0;
	if (buf_append(&q->queued, data + put, n - put, e) == -1)
		return -1;
	q->empty = false;
	start_waiting(q);
	return 0;
}

static int
enqueue(struct output_queue *q, const char *data, size_t n, struct error *e)
{
	char erasure[ERASURE_MAX];

	if (q->drawn > 0 && write_or_queue(q, erasure, format_erasure(q, erasure), e) == -1)
		return -1;
	return write_or_queue(q, data, n, e);
}

void
output_queue_enqueue(struct output_queue *q, enum output_form form, const char *data, size_t n)
{
	if (q->failure != 0)
		return;
	if (is_losing(q) || (!q->empty && q->queued.len + n > OUTPUT_QUEUE_MAX) ||
	    enqueue(q, data, n, NULL) == -1)
		count_dropped(q, form, data, n);
}

static int
set_write_error(const struct output_queue *q, struct error *e)
{
	return error_errno(e, ERROR_LOCAL_IO, q->failure, "write %s", q->name);
}

int
output_queue_result(struct output_queue *q, const void *data, size_t n, struct error *e)
{
	if (q->failure == 0 && enqueue(q, data, n, e) == -1)
		return -1;
	return q->failure == 0 ? 0 : set_write_error(q, e);
}

int
output_queue_flush(struct output_queue *q, struct buf *out, struct error *e)
{
	int rc = out->len == 0 ? 0 : output_queue_result(q, buf_head(out), out->len, e);

	buf_consume(out, out->len);
	return rc;
}

int
output_queue_drain(struct output_queue *q, struct deadline until, struct error *e)
{
	int rc = q->empty ? 1 : loop_run(q->loop, &q->empty, until, e);

	if (rc == 0)
		return error_set(e, ERROR_TIMEOUT, "write %s: timed out", q->name);
	if (rc == -1)
		return -1;
	return q->failure == 0 ? 0 : set_write_error(q, e);
}

/* ---- the end ---- */

static void
abandon_queue(struct output_queue *q)
{
	q->dropped += count_record_lines(buf_head(&q->queued), q->queued.len);
	buf_fini(&q->queued);
	q->empty = true;
	stop_waiting(q);
}

/* Waits until the queue is empty, the consumer reads nothing for patience nanoseconds, or until. */
static int
flush_queue(struct output_queue *q, int64_t patience, struct deadline until, struct error *e)
{
	struct deadline last;
	int rc = 1;

	append_counts(q);
	if (q->queued.len > 0) {
		q->empty = false;
		write_queue(q);
	}
	do {
		last = deadline_min(until, (struct deadline){ q->last_read + patience });
		rc = q->empty ? 1 : loop_run(q->loop, &q->empty, last, e);
	} while (rc == 0 && !deadline_passed(until) && q->last_read + patience > clock_now());
	return rc == -1 ? -1 : 0;
}

int
output_queue_flush_all(struct output_queue *list, int64_t patience, struct deadline until,
    struct error *e)
{
	struct output_queue *q;
	int rc = 0;

	for (q = list; q != NULL; q = q->next)
		q->last_read = clock_now();
	for (q = list; q != NULL; q = q->next) {
		if (rc == 0)
			rc = flush_queue(q, patience, until, e);
		if (!q->empty)
			abandon_queue(q);
	}
	return rc;
}

/* ---- without a loop ---- */

/* Blocks: for a descriptor that was inherited non-blocking and is full. */
static int
wait_for_room(int fd, const char *name, struct deadline until, struct error *e)
{
	struct loop *l;
	int rc;

	if (loop_open(&l, e) == -1)
		return -1;
	rc = loop_wait(l, fd, LOOP_WRITE, until, e);
	loop_close(l);
	if (rc == 0)
		return error_set(e, ERROR_TIMEOUT, "write %s: timed out", name);
	return rc == -1 ? -1 : 0;
}

int
output_queue_write(int fd, const char *name, const char *data, size_t n, struct deadline until,
    struct error *e)
{
	size_t put;
	int rc = 0;

	while (n > 0 && rc == 0) {
		rc = file_write(fd, data, n, &put);
		data += put;
		n -= put;
		if (rc == -1 && errno == EAGAIN)
			rc = wait_for_room(fd, name, until, e);
		else if (rc == -1)
			(void)error_errno(e, ERROR_LOCAL_IO, errno, "write %s", name);
	}
	return rc;
}

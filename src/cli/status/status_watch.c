#include "cli/status/status_watch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/deadline.h"
#include "base/error.h"
#include "cli/core/command_context.h"
#include "cli/output/progress.h"
#include "cli/status/status_print.h"
#include "loop/loop.h"
#include "status/tcp_info.h"
#include "stream/terminal.h"

enum {
	HISTORY = 16,
	TRACKS_MAX = 1000, /* rows that are tracked; nobody can read more */
	LOCAL_WIDTH = 21,
	FIXED_WIDTH = 82, /* width of a line without its two graphs */
	LINE_BYTES = 1024
};

/* The history of one socket. */
struct track {
	struct status_row row;
	bool seen, known; /* seen: in this sample; known: in an earlier one */
	uint64_t bytes;   /* total of both directions */
	double rate;      /* bytes a second; negative: unknown */
	double rates[HISTORY], queues[HISTORY];
};

struct watcher {
	struct status_how how;
	const char *name;
	struct loop *loop;
	struct output_queue *queue; /* of standard output */
	struct track *tracks;
	size_t n, more; /* more: number of rows that are not tracked */
	int64_t started, last, interval;
	bool tty, plain, entered, failed;
	struct buf out;
	struct timer timer;
	struct signal_watch winch, tstp;
	struct watch keys;
	struct termios modes; /* original modes of the terminal, where has_keys is true */
	bool has_keys, keyed; /* keyed: the terminal is in the modes for reading keys */
	bool done;
	struct error *e;
};

/* ---- rows over time ---- */

static struct track *
find_track(struct watcher *w, const struct status_row *row)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct status_row *known = &w->tracks[i].row;

		if (memcmp(known->cookie, row->cookie, sizeof(row->cookie)) == 0 &&
		    known->inode == row->inode && sockname_equal(&known->local, &row->local) &&
		    sockname_equal(&known->peer, &row->peer))
			return &w->tracks[i];
	}
	return NULL;
}

static uint64_t
total_bytes(const struct status_row *row, bool *ret_known)
{
	struct status_metric metrics[STATUS_METRICS];
	size_t n = status_metrics(row, metrics);
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		if (strcmp(metrics[i].name, "acked_bytes") == 0 ||
		    strcmp(metrics[i].name, "received_bytes") == 0)
			bytes += metrics[i].value;
	*ret_known = n > 0;
	return bytes;
}

static void
push_history(double history[HISTORY], double value)
{
	memmove(history, history + 1, (HISTORY - 1) * sizeof(*history));
	history[HISTORY - 1] = value;
}

static void
update_track(struct track *t, const struct status_row *row, double span)
{
	bool counted;
	uint64_t bytes = total_bytes(row, &counted);

	t->rate = -1;
	if (t->known && counted && span > 0)
		t->rate = bytes >= t->bytes ? (double)(bytes - t->bytes) / span : 0;
	push_history(t->rates, t->rate > 0 ? t->rate : 0);
	/* the second number of a listener is its backlog, not a queue */
	push_history(t->queues, row->rqueue + (row->code == TCP_CODE_LISTEN ? 0.0 : row->wqueue));
	t->row = *row;
	t->row.info = NULL;
	t->bytes = bytes;
	t->seen = true;
}

static int
track_row(void *arg, const struct status_row *row)
{
	struct watcher *w = arg;
	struct track *t = find_track(w, row);

	if (t == NULL && w->n == TRACKS_MAX) {
		w->more++;
		return 0;
	}
	if (t == NULL) {
		t = &w->tracks[w->n++];
		*t = (struct track){ .seen = false };
	}
	update_track(t, row, (double)(clock_now() - w->last) / (double)NSEC_PER_SEC);
	return 0;
}

static void
remove_unseen(struct watcher *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->n; i++)
		if (w->tracks[i].seen)
			w->tracks[kept++] = w->tracks[i];
	w->n = kept;
}

static int
sample_table(struct watcher *w)
{
	for (size_t i = 0; i < w->n; i++) {
		w->tracks[i].known = true;
		w->tracks[i].seen = false;
	}
	w->more = 0;
	if (status_each(&w->how, track_row, w, NULL, w->e) == -1)
		return -1;
	w->last = clock_now();
	remove_unseen(w);
	return 0;
}

/* ---- lines ---- */

static const char *
format_rate(double bytes, char text[32])
{
	static const char units[] = { ' ', 'K', 'M', 'G', 'T' };
	size_t u = 0;

	if (bytes < 0)
		return "-";
	for (; bytes >= 1024 && u + 1 < sizeof(units); u++)
		bytes /= 1024;
	if (u == 0)
		snprintf(text, 32, "%.0f/s", bytes);
	else
		snprintf(text, 32, "%.1f%c/s", bytes, units[u]);
	return text;
}

/* Draws the newest `width` values, each as one block or digit, relative to the largest. */
static size_t
draw_graph(const struct watcher *w, const double history[HISTORY], size_t width, char *text)
{
	size_t len = 0;
	double top = 1;

	for (size_t i = HISTORY - width; i < HISTORY; i++)
		if (history[i] > top)
			top = history[i];
	for (size_t i = HISTORY - width; i < HISTORY; i++) {
		int level = (int)(history[i] * 7 / top);

		if (!w->plain) {
			memcpy(text + len, "\xe2\x96", 2);
			len += 2;
		}
		text[len++] = (char)((w->plain ? '0' : 0x81) + level);
	}
	text[len] = '\0';
	return len;
}

static void
screen_size(const struct watcher *w, size_t *ret_rows, size_t *ret_columns)
{
	struct winsize size;

	*ret_rows = SIZE_MAX;
	*ret_columns = FIXED_WIDTH + 2 * HISTORY;
	if (!w->tty || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return;
	*ret_rows = size.ws_row;
	*ret_columns = size.ws_col;
}

/* Appends line, cut at the width of the screen so that it does not wrap. Continuation bytes of
 * UTF-8 take no column. */
static int
append_clipped(struct watcher *w, const char *line, size_t columns)
{
	size_t n = 0, used = 0;

	for (; line[n] != '\0'; n++) {
		if (((unsigned char)line[n] & 0xc0) != 0x80 && used++ == columns)
			break;
	}
	if (buf_append(&w->out, line, n, w->e) == -1)
		return -1;
	return buf_printf(&w->out, w->e, w->tty ? "\033[K\r\n" : "\n");
}

static size_t
graph_width(size_t columns)
{
	size_t width = columns > FIXED_WIDTH ? (columns - FIXED_WIDTH) / 2 : 0;

	if (width < 4)
		return 4;
	return width < HISTORY ? width : HISTORY;
}

static int
append_track(struct watcher *w, const struct track *t, size_t columns)
{
	char local[SOCKNAME_TEXT_MAX], peer[SOCKNAME_TEXT_MAX], line[LINE_BYTES], rate[32];
	char rates[4 * HISTORY], queues[4 * HISTORY], stamp[32] = "";
	size_t width = graph_width(columns);

	local[status_print_local(&t->row, local)] = '\0';
	peer[status_print_peer(&t->row, peer)] = '\0';
	draw_graph(w, t->rates, width, rates);
	draw_graph(w, t->queues, width, queues);
	if (!w->tty)
		snprintf(stamp, sizeof(stamp), "%8.1f ",
		    (double)(w->last - w->started) / (double)NSEC_PER_SEC);
	snprintf(line, sizeof(line), "%s%-11s %-*s %-*s %10s %s %6lu %6lu %s", stamp,
	    status_state_name(&t->row), LOCAL_WIDTH, local, LOCAL_WIDTH, peer,
	    format_rate(t->rate, rate), rates, (unsigned long)t->row.rqueue,
	    (unsigned long)t->row.wqueue, queues);
	return append_clipped(w, line, columns + strlen(stamp));
}

static int
append_titles(struct watcher *w, size_t columns)
{
	int width = (int)graph_width(columns);
	char line[LINE_BYTES];

	snprintf(line, sizeof(line), "%s%zu sockets, %.0f s", w->name, w->n + w->more,
	    (double)(w->last - w->started) / (double)NSEC_PER_SEC);
	if (append_clipped(w, line, columns) == -1)
		return -1;
	snprintf(line, sizeof(line), "%-11s %-*s %-*s %9s %-*s %-*s %6s %6s", "STATE", LOCAL_WIDTH,
	    "LOCAL", LOCAL_WIDTH, "PEER", "RATE", width, "", width, "QUEUE", "RECV-Q", "SEND-Q");
	return append_clipped(w, line, columns);
}

/* Appends a screen: two lines above the rows, and one for the number of rows that do not fit. */
static int
append_screen(struct watcher *w)
{
	size_t rows, columns, shown;
	char line[64];

	screen_size(w, &rows, &columns);
	shown = rows > 4 ? rows - 4 : 1;
	if (shown > w->n)
		shown = w->n;
	if (w->tty &&
	    (buf_printf(&w->out, w->e, "\033[H") == -1 || append_titles(w, columns) == -1))
		return -1;
	for (size_t i = 0; i < shown; i++)
		if (append_track(w, &w->tracks[i], columns) == -1)
			return -1;
	if (shown < w->n + w->more) {
		snprintf(line, sizeof(line), "and %zu more", w->n + w->more - shown);
		if (append_clipped(w, line, columns) == -1)
			return -1;
	}
	return w->tty ? buf_printf(&w->out, w->e, "\033[J") : 0;
}

/* ---- output ---- */

static void
end_with_failure(struct watcher *w)
{
	w->failed = w->done = true;
}

static void
draw_screen(struct watcher *w)
{
	/* a reader that has not read the last screen gets the next one */
	if (!w->queue->empty)
		return;
	if (append_screen(w) == -1 || output_queue_flush(w->queue, &w->out, w->e) == -1)
		end_with_failure(w);
}

/* enter: keys are read as they are typed, without echo; else the original modes. */
static void
switch_keys(struct watcher *w, bool enter)
{
	struct termios modes = w->modes;

	if (!w->has_keys || w->keyed == enter || !terminal_may_read(STDIN_FILENO))
		return;
	w->keyed = enter;
	if (enter) {
		modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		modes.c_cc[VMIN] = 1;
		modes.c_cc[VTIME] = 0;
	}
	tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
}

/* enter: the alternate screen without a cursor; else the normal screen. */
static void
switch_screen(struct watcher *w, bool enter)
{
	static const char in[] = "\033[?1049h\033[?25l", out[] = "\033[?25h\033[?1049l";
	const char *text = enter ? in : out;

	if (!w->tty || w->entered == enter)
		return;
	w->entered = output_queue_result(w->queue, text, strlen(text), NULL) == 0 && enter;
	switch_keys(w, enter);
}

static void
take_sample(struct watcher *w)
{
	/* the process may have come to the foreground */
	switch_keys(w, w->entered);
	/* do not take a sample that nobody sees */
	if (!w->queue->empty)
		return;
	if (sample_table(w) == -1)
		end_with_failure(w);
	else
		draw_screen(w);
}

static void
on_timer(struct timer *t)
{
	struct watcher *w = t->arg;

	take_sample(w);
	if (!w->done && loop_timer_set(w->loop, t, deadline_in(w->interval), w->e) == -1)
		end_with_failure(w);
}

static void
on_winch(struct signal_watch *s)
{
	draw_screen(s->arg);
}

/* Ctrl-Z: restores the shell's screen while the process is stopped. */
static void
on_tstp(struct signal_watch *s)
{
	struct watcher *w = s->arg;

	switch_screen(w, false);
	raise(SIGSTOP);
	switch_screen(w, true);
	draw_screen(w);
}

static void
on_key(struct watch *keys, unsigned ready)
{
	struct watcher *w = keys->arg;
	char typed[16];
	ssize_t n;

	(void)ready;
	if (!terminal_may_read(STDIN_FILENO)) {
		terminal_recheck();
		return;
	}
	n = read(STDIN_FILENO, typed, sizeof(typed));
	if (n > 0 && memchr(typed, 'q', (size_t)n) != NULL)
		w->done = true;
	else if (n == 0)
		loop_unwatch(w->loop, keys);
}

/* Watches standard input, which may be no terminal. While another job is in the foreground, the
 * keys are for that job. */
static int
watch_keys(struct watcher *w)
{
	if (!w->tty || tcgetattr(STDIN_FILENO, &w->modes) < 0)
		return 0;
	w->has_keys = true;
	w->keys = (struct watch){ .fd = terminal_wait_fd(STDIN_FILENO), .fn = on_key, .arg = w };
	return loop_watch(w->loop, &w->keys, LOOP_READ, w->e);
}

static bool
knows_escapes(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

static int
watch_screen_signals(struct watcher *w)
{
	if (!w->tty)
		return 0;
	w->winch = (struct signal_watch){ .signo = SIGWINCH, .fn = on_winch, .arg = w };
	w->tstp = (struct signal_watch){ .signo = SIGTSTP, .fn = on_tstp, .arg = w };
	if (loop_signal_watch(w->loop, &w->winch, w->e) == -1)
		return -1;
	return loop_signal_watch(w->loop, &w->tstp, w->e);
}

static int
watch_until_end(struct watcher *w)
{
	if (watch_screen_signals(w) == -1 || watch_keys(w) == -1)
		return -1;
	switch_screen(w, true);
	w->timer = (struct timer){ .fn = on_timer, .arg = w };
	take_sample(w);
	if (w->failed || loop_timer_set(w->loop, &w->timer, deadline_in(w->interval), w->e) == -1)
		return -1;
	return loop_run(w->loop, &w->done, deadline_never(), w->e) == -1 || w->failed ? -1 : 0;
}

static void
restore_terminal(struct watcher *w)
{
	switch_screen(w, false);
	loop_timer_stop(w->loop, &w->timer);
	if (w->has_keys)
		loop_unwatch(w->loop, &w->keys);
	if (w->winch.active)
		loop_signal_unwatch(w->loop, &w->winch);
	if (w->tstp.active)
		loop_signal_unwatch(w->loop, &w->tstp);
	free(w->tracks);
	buf_fini(&w->out);
}

int
status_watch(struct command_context *rt, const struct status_query *q, int64_t interval,
    struct error *e)
{
	struct watcher w = { .how = q->how, .loop = rt->loop, .interval = interval, .e = e };
	char name[sizeof(q->name) + 2] = "";
	int rc;

	if (q->name[0] != '\0')
		snprintf(name, sizeof(name), "%s: ", q->name);
	w.name = name;
	w.how.info = w.how.via != STATUS_VIA_PROC;
	w.started = w.last = clock_now();
	if (command_context_results(rt, &w.queue, e) == -1)
		return -1;
	w.tty = knows_escapes();
	w.plain = !progress_shows_blocks();
	buf_init(&w.out, 1 << 20);
	w.tracks = calloc(TRACKS_MAX, sizeof(*w.tracks));
	if (w.tracks == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	command_context_watch_terminal(rt);
	rc = watch_until_end(&w);
	restore_terminal(&w);
	return rc;
}

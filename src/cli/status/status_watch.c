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
#include "cli/status/status_graphs.h"
#include "cli/status/status_tracks.h"
#include "loop/loop.h"
#include "stream/terminal.h"

struct watcher {
	struct status_how how;
	const char *name;
	struct loop *loop;
	struct output_queue *queue;   /* of standard output */
	struct status_graphs *graphs; /* of the one connection; NULL: there may be several */
	struct status_tracks tracks;
	int64_t started, last, interval;
	bool tty, plain, color, entered, failed;
	struct buf out;
	struct timer timer;
	struct signal_watch winch, tstp;
	struct watch keys;
	struct termios modes; /* original modes of the terminal, where has_keys is true */
	bool has_keys, keyed; /* keyed: the terminal is in the modes for reading keys */
	bool done;
	struct error *e;
};

/* ---- samples ---- */

static int
add_row(void *arg, const struct status_row *row)
{
	struct watcher *w = arg;
	const double seconds = (double)(clock_now() - w->last) / (double)NSEC_PER_SEC;

	if (w->graphs != NULL)
		status_graphs_add(w->graphs, row, seconds);
	status_tracks_add(&w->tracks, row, seconds);
	return 0;
}

static int
sample_table(struct watcher *w)
{
	status_tracks_begin(&w->tracks);
	if (status_each(&w->how, add_row, w, NULL, w->e) == -1)
		return -1;
	w->last = clock_now();
	status_tracks_end(&w->tracks);
	return 0;
}

static double
elapsed_seconds(const struct watcher *w)
{
	return (double)(w->last - w->started) / (double)NSEC_PER_SEC;
}

/* ---- lines ---- */

static void
screen_size(size_t *ret_rows, size_t *ret_columns)
{
	struct winsize size;

	*ret_rows = 24;
	*ret_columns = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return;
	*ret_rows = size.ws_row;
	*ret_columns = size.ws_col;
}

/* Returns the length of the control sequence at the start of line, "\033[1m"; 0: there is none. */
static size_t
sequence_length(const char *line)
{
	return line[0] == '\033' ? strcspn(line, "m") + 1 : 0;
}

/* Appends a line of n bytes, cut at the width of the screen so that it does not wrap. Control sequences
 * and continuation bytes of UTF-8 take no column. */
static int
append_clipped(struct watcher *w, const char *line, size_t n, size_t columns)
{
	size_t used = 0, at = 0, sequence;

	for (; at<n; at += sequence> 0 ? sequence : 1) {
		sequence = sequence_length(line + at);
		if (sequence == 0 && ((unsigned char)line[at] & 0xc0) != 0x80 && used++ == columns)
			break;
	}
	if (buf_append(&w->out, line, at < n ? at : n, w->e) == -1)
		return -1;
	return buf_printf(&w->out, w->e, "%s\033[K\r\n", at < n && w->color ? "\033[m" : "");
}

static int
append_line(struct watcher *w, const char *line, size_t columns)
{
	return append_clipped(w, line, strlen(line), columns);
}

static int
append_lines(struct watcher *w, const struct buf *text, size_t columns)
{
	const char *at = text->len > 0 ? buf_head(text) : "", *end = at + text->len, *newline;

	for (; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (append_clipped(w, at, (size_t)(newline - at), columns) == -1)
			return -1;
	}
	return 0;
}

/* Appends the screen of one connection. */
static int
append_graphs(struct watcher *w)
{
	char line[STATUS_GRAPH_LINE_MAX];
	size_t rows, columns;

	screen_size(&rows, &columns);
	if (buf_printf(&w->out, w->e, "\033[H") == -1 || append_line(w, w->name, columns) == -1)
		return -1;
	snprintf(line, sizeof(line), "%s, %.0f s",
	    w->tracks.n > 0 ? status_state_name(&w->tracks.list[0].row) : "gone",
	    elapsed_seconds(w));
	if (append_line(w, line, columns) == -1)
		return -1;
	for (int i = 0; i < STATUS_GRAPHS; i++) {
		status_graphs_line(w->graphs, (enum status_graph)i, columns, w->plain, line);
		if (append_line(w, line, columns) == -1)
			return -1;
	}
	return buf_printf(&w->out, w->e, "\033[J");
}

static size_t
count_lines(const struct buf *text)
{
	const char *at = text->len > 0 ? buf_head(text) : "";
	size_t n = 0;

	for (size_t i = 0; i < text->len; i++)
		n += at[i] == '\n';
	return n;
}

/* Prints the table of as many tracks as `lines` have room for, at least one. Returns their number. */
static size_t
print_fitting(struct watcher *w, size_t lines, size_t columns, struct buf *table)
{
	const struct status_tracks_how how = { .columns = columns,
		.color = w->color,
		.plain = w->plain };
	size_t shown = w->tracks.n < lines ? w->tracks.n : lines, used, fitting;

	/* the titles and the note of columns that are left out take lines, too */
	for (;;) {
		buf_consume(table, table->len);
		if (status_tracks_print(&w->tracks, shown, &how, table, w->e) == -1) {
			w->failed = true;
			return 0;
		}
		used = count_lines(table);
		if (used <= lines || shown <= 1)
			return shown;
		/* a row has several lines on a narrow screen */
		fitting = shown * lines / used;
		shown = fitting > 0 ? fitting : 1;
	}
}

/* Appends a screen: a line above the table, and one for the number of rows that do not fit. */
static int
append_table(struct watcher *w, size_t rows, size_t columns)
{
	const size_t all = w->tracks.n + w->tracks.more;
	struct buf table;
	size_t shown;
	char line[sizeof(((struct status_query *)NULL)->name) + 64];
	int rc;

	buf_init(&table, 1 << 20);
	snprintf(line, sizeof(line), "%s%zu socket%s, %.0f s", w->name, all, all == 1 ? "" : "s",
	    elapsed_seconds(w));
	shown = print_fitting(w, rows > 4 ? rows - 3 : 1, columns, &table);
	rc = w->failed || append_line(w, line, columns) == -1 ||
		append_lines(w, &table, columns) == -1
	    ? -1
	    : 0;
	buf_fini(&table);
	if (rc == 0 && shown < all) {
		snprintf(line, sizeof(line), "and %zu more", all - shown);
		rc = append_line(w, line, columns);
	}
	return rc;
}

static int
append_screen(struct watcher *w)
{
	const struct status_tracks_how lines = { .lines = true,
		.columns = text_table_width_of(STDOUT_FILENO),
		.color = w->color,
		.plain = w->plain,
		.elapsed = elapsed_seconds(w) };
	size_t rows, columns;

	if (!w->tty && status_tracks_print(&w->tracks, w->tracks.n, &lines, &w->out, w->e) == -1)
		return -1;
	if (!w->tty)
		return w->tracks.more == 0
		    ? 0
		    : buf_printf(&w->out, w->e, "and %zu more\n", w->tracks.more);
	screen_size(&rows, &columns);
	if (buf_printf(&w->out, w->e, "\033[H") == -1 || append_table(w, rows, columns) == -1)
		return -1;
	return buf_printf(&w->out, w->e, "\033[J");
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
	if ((w->graphs != NULL ? append_graphs(w) : append_screen(w)) == -1 ||
	    output_queue_flush(w->queue, &w->out, w->e) == -1)
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
	status_tracks_fini(&w->tracks);
	free(w->graphs);
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
	w.tty = style_has_sequences(STDOUT_FILENO);
	w.plain = !progress_shows_blocks();
	buf_init(&w.out, 1 << 20);
	w.color = report_colors_results(&rt->report);
	if (status_tracks_init(&w.tracks, e) == -1)
		return -1;
	if (w.tty && q->exact && (w.graphs = calloc(1, sizeof(*w.graphs))) == NULL) {
		status_tracks_fini(&w.tracks);
		return error_set(e, ERROR_INTERNAL, "out of memory");
	}
	command_context_watch_terminal(rt);
	rc = watch_until_end(&w);
	restore_terminal(&w);
	return rc;
}

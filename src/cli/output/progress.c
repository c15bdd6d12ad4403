#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/output/output_queue.h"
#include "cli/output/progress.h"
#include "relay/session.h"

#define REDRAW (100 * NSEC_PER_MSEC)
#define BAR_WIDTH 20

static const char *
format_size(double bytes, char *text, size_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t u = 0;

	while (bytes >= 1024 && u < 4) {
		bytes /= 1024;
		u++;
	}
	snprintf(text, size, u == 0 ? "%.0f %s" : "%.1f %s", bytes, units[u]);
	return text;
}

/* Draws one block for each past interval, or one digit where blocks cannot be shown. */
static void
format_sparkline(const struct progress *p, char *text, size_t size)
{
	double top = 1;
	size_t len = 0;
	int i, level;

	for (i = 0; i < PROGRESS_HISTORY; i++)
		if (p->history[i] > top)
			top = p->history[i];
	text[0] = '\0';
	for (i = 0; i < PROGRESS_HISTORY && len + 4 < size; i++) {
		level = (int)(p->history[i] * 7 / top);
		if (p->plain)
			len += (size_t)snprintf(text + len, size - len, "%d", level);
		else
			len += (size_t)snprintf(text + len, size - len, "\xe2\x96%c", 0x81 + level);
	}
}

static void
format_bar(const struct progress *p, uint64_t sent, char *text, size_t size)
{
	int filled, left;
	char marks[BAR_WIDTH + 1];

	text[0] = '\0';
	if (p->total == 0)
		return;
	/* --crlf makes more bytes of line ends */
	if (sent > p->total)
		sent = p->total;
	filled = (int)((double)sent / (double)p->total * BAR_WIDTH);
	memset(marks, ' ', BAR_WIDTH);
	memset(marks, '=', (size_t)filled);
	marks[BAR_WIDTH] = '\0';
	left = p->sent_rate > 0 ? (int)((double)(p->total - sent) / p->sent_rate + 0.5) : -1;
	if (left < 0)
		snprintf(text, size, " [%s] %3.0f%%", marks,
		    100.0 * (double)sent / (double)p->total);
	else
		snprintf(text, size, " [%s] %3.0f%% %d:%02d left", marks,
		    100.0 * (double)sent / (double)p->total, left / 60, left % 60);
}

/* Returns the columns of the terminal; elsewhere a line has no limit. */
static size_t
line_width(const struct progress *p)
{
	struct winsize size;

	if (!p->tty)
		return SIZE_MAX;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return 79;
	return size.ws_col - 1u;
}

static void
append_count(char *text, size_t size, const char *what, uint64_t bytes, const char *kind,
    double rate)
{
	char amount[32], speed[32];
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%s %s (%s%s/s) ", what,
	    format_size((double)bytes, amount, sizeof amount), kind,
	    format_size(rate, speed, sizeof speed));
}

/* Leaves out parts until the line fits, the least important first: a direction without traffic,
 * the graph, then the bar. */
static void
format_progress(const struct progress *p, char *text, size_t size)
{
	char graph[PROGRESS_HISTORY * 4 + 1], done[80];
	size_t width = line_width(p), len;

	text[0] = '\0';
	if (p->last_sent > 0 || p->last_received == 0)
		append_count(text, size, "sent", p->last_sent, "", p->sent_rate);
	if (p->last_received > 0)
		append_count(text, size, "received", p->last_received, "", p->received_rate);
	len = strlen(text);
	snprintf(text + len, size - len, "%.1f s",
	    (double)(p->last - p->started) / (double)NSEC_PER_SEC);
	format_bar(p, p->last_sent, done, sizeof done);
	format_sparkline(p, graph, sizeof graph);
	len = strlen(text) + strlen(done);
	if (len <= width)
		snprintf(text + strlen(text), size - strlen(text), "%s", done);
	if (len + 1 + PROGRESS_HISTORY <= width)
		snprintf(text + strlen(text), size - strlen(text), " %s", graph);
	if (strlen(text) > width && len > width)
		text[width] = '\0';
}

static void
update_rates(struct progress *p)
{
	uint64_t sent = 0, received = 0;
	int64_t now = clock_now();
	double span = (double)(now - p->last) / (double)NSEC_PER_SEC;

	if (p->session->sock != NULL)
		session_bytes(p->session, &sent, &received);
	if (span > 0.001) {
		p->sent_rate = (double)(sent - p->last_sent) / span;
		p->received_rate = (double)(received - p->last_received) / span;
	}
	memmove(p->history, p->history + 1, sizeof p->history - sizeof p->history[0]);
	p->history[PROGRESS_HISTORY - 1] = p->sent_rate + p->received_rate;
	p->last_sent = sent;
	p->last_received = received;
	p->last = now;
}

/* A redrawn line is useful only at once: it is left out while other output is queued. */
static void
redraw_line(struct progress *p)
{
	char text[400], out[420];
	int n;

	update_rates(p);
	if (!p->out->empty)
		return;
	format_progress(p, text, sizeof text);
	n = snprintf(out, sizeof out, "\r\033[K%s", text);
	output_queue_enqueue(p->out, OUTPUT_TEXT, out, (size_t)n);
	p->drawn = true;
}

/* Formats the total, the time and the average rate. */
static void
format_summary(const struct progress *p, char *text, size_t size)
{
	int64_t nsec = p->session->nsec > 0 ? p->session->nsec : p->last - p->started;
	double seconds = (double)nsec / (double)NSEC_PER_SEC;
	double per_second = seconds > 0 ? 1 / seconds : 0;
	size_t len;

	text[0] = '\0';
	if (p->last_sent > 0 || p->last_received == 0)
		append_count(text, size, "sent", p->last_sent, "average ",
		    (double)p->last_sent * per_second);
	if (p->last_received > 0)
		append_count(text, size, "received", p->last_received, "average ",
		    (double)p->last_received * per_second);
	len = strlen(text);
	snprintf(text + len, size - len, "in %.1f s", seconds);
}

static void
print_line(struct progress *p, const char *before,
    void (*write_line)(const struct progress *p, char *text, size_t size))
{
	char text[400], out[420];
	int n;

	update_rates(p);
	write_line(p, text, sizeof text);
	n = snprintf(out, sizeof out, "%s%s\n", before, text);
	output_queue_enqueue(p->out, OUTPUT_TEXT, out, (size_t)n);
	p->drawn = false;
}

static void
print_waiting(const struct progress *p)
{
	char text[200];
	int n = snprintf(text, sizeof text, "usock: %s, %.1f s\n", p->before,
	    (double)(clock_now() - p->started) / (double)NSEC_PER_SEC);

	output_queue_enqueue(p->out, OUTPUT_TEXT, text, (size_t)n);
}

static void
on_timer(struct timer *t)
{
	struct progress *p = t->arg;
	struct error ignored;

	if (p->tty)
		redraw_line(p);
	else
		print_line(p, "", format_progress);
	loop_timer_set(p->loop, t, deadline_in(p->tty ? REDRAW : NSEC_PER_SEC), &ignored);
}

static void
on_usr1(struct signal_watch *w)
{
	struct progress *p = w->arg;

	if (p->session->sock == NULL)
		print_waiting(p);
	else
		print_line(p, "", format_progress);
}

bool
progress_shows_blocks(void)
{
	const char *term = getenv("TERM");

	if (getenv("NO_COLOR") != NULL || term == NULL || strcmp(term, "dumb") == 0)
		return false;
	return setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void
find_total(struct progress *p)
{
	struct stat st;

	if (p->source != NULL) {
		if (stat(p->source, &st) == 0 && S_ISREG(st.st_mode))
			p->total = (uint64_t)st.st_size;
	} else if (fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode)) {
		p->total = (uint64_t)(st.st_size - lseek(STDIN_FILENO, 0, SEEK_CUR));
	}
}

int
progress_start(struct progress *p, struct error *e)
{
	p->started = p->last = clock_now();
	p->usr1.signo = SIGUSR1;
	p->usr1.fn = on_usr1;
	p->usr1.arg = p;
	p->timer.fn = on_timer;
	p->timer.arg = p;
	if (loop_signal_watch(p->loop, &p->usr1, e) < 0)
		return -1;
	p->plain = true;
	if (!p->draw)
		return 0;
	p->tty = isatty(STDERR_FILENO);
	p->plain = !progress_shows_blocks();
	find_total(p);
	return loop_timer_set(p->loop, &p->timer, deadline_in(p->tty ? REDRAW : NSEC_PER_SEC), e);
}

void
progress_stop(struct progress *p)
{
	if (!p->usr1.active)
		return;
	loop_signal_unwatch(p->loop, &p->usr1);
	loop_timer_stop(p->loop, &p->timer);
	if (!p->draw || p->session->sock == NULL)
		return;
	print_line(p, p->tty ? "\r\033[K" : "", format_summary);
}

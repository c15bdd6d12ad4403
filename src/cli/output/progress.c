#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/output/output_queue.h"
#include "cli/output/progress.h"
#include "cli/output/style.h"
#include "cli/output/table/text_table.h"
#include "cli/output/table/units.h"
#include "relay/session.h"

#define REDRAW (100 * NSEC_PER_MSEC)

enum { BAR_WIDTH = 20, BAR_LEAST = 8, TEXT_SIZE = 400 };

/* What a line shows. */
struct parts {
	bool rates, seconds, graph;
	int bar;  /* its width */
	bool one; /* only the direction whose size is known */
};

/* From the most to the least: the first line that fits is shown. */
static const struct parts choices[] = {
	{ true, true, true, BAR_WIDTH, false },
	{ true, true, false, BAR_WIDTH, false },
	{ true, true, false, BAR_LEAST, false },
	{ true, true, false, 0, false },
	{ false, true, false, 0, false },
	{ false, false, false, 0, false },
	{ false, false, false, 0, true },
};

/* ---- parts of a line ---- */

static void __attribute__((format(printf, 2, 3)))
append(char text[TEXT_SIZE], const char *format, ...)
{
	size_t len = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + len, TEXT_SIZE - len, format, args);
	va_end(args);
}

/* Appends one block for each past interval, or one digit where blocks cannot be shown. */
static void
append_sparkline(const struct progress *p, char text[TEXT_SIZE])
{
	double top = 1;
	int i, level;

	for (i = 0; i < PROGRESS_HISTORY; i++)
		if (p->history[i] > top)
			top = p->history[i];
	append(text, " ");
	for (i = 0; i < PROGRESS_HISTORY; i++) {
		level = (int)(p->history[i] * 7 / top);
		if (p->plain)
			append(text, "%d", level);
		else
			append(text, "\xe2\x96%c", 0x81 + level);
	}
}

/* "0:07 left", "2:05:00 left"; nothing where it takes more than four days. */
static void
append_left(double seconds, char text[TEXT_SIZE])
{
	const int left = seconds < 4 * 24 * 3600 ? (int)seconds : -1;

	if (left >= 3600)
		append(text, " %d:%02d:%02d left", left / 3600, left / 60 % 60, left % 60);
	else if (left >= 0)
		append(text, " %d:%02d left", left / 60, left % 60);
}

static void
append_bar(const struct progress *p, int width, char text[TEXT_SIZE])
{
	/* --crlf makes more bytes of line ends */
	uint64_t sent = p->last_sent < p->total ? p->last_sent : p->total;
	double done = (double)sent / (double)p->total;
	int filled = (int)(done * width);

	if (width > 0)
		append(text, " [%.*s%*s]", filled, "====================", width - filled, "");
	append(text, " %*.0f%%", width > 0 ? 3 : 1, 100.0 * done);
	if (p->sent_rate > 0)
		append_left((double)(p->total - sent) / p->sent_rate + 0.5, text);
}

/* rate is negative where it is left out. */
static void
append_count(char text[TEXT_SIZE], const char *what, uint64_t bytes, const char *kind, double rate)
{
	char amount[UNITS_TEXT_MAX], speed[UNITS_TEXT_MAX];

	append(text, "%s %s", what, units_size((double)bytes, amount));
	if (rate >= 0)
		append(text, " (%s%s)", kind, units_rate(rate, speed));
}

/* ---- lines ---- */

/* Returns the columns of the terminal; elsewhere a line has no limit. */
static size_t
line_width(const struct progress *p)
{
	const size_t width = p->tty ? text_table_width_of(STDERR_FILENO) : 0;

	return width > 0 ? width : SIZE_MAX;
}

/* Blocks are three bytes. */
static size_t
columns_taken(const char *text)
{
	size_t columns = 0;

	for (; *text != '\0'; text++)
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	return columns;
}

static void
format_parts(const struct progress *p, const struct parts *parts, char text[TEXT_SIZE])
{
	const bool sized = p->total > 0, sent = sized || p->last_sent > 0 || p->last_received == 0;

	text[0] = '\0';
	if (sent)
		append_count(text, "sent", p->last_sent, "", parts->rates ? p->sent_rate : -1);
	if (p->last_received > 0 && !(parts->one && sized))
		append_count(text, sent ? " received" : "received", p->last_received, "",
		    parts->rates ? p->received_rate : -1);
	if (parts->seconds)
		append(text, " %.1f s", (double)(p->last - p->started) / (double)NSEC_PER_SEC);
	if (p->total > 0)
		append_bar(p, parts->bar, text);
	if (parts->graph)
		append_sparkline(p, text);
}

/* The last column stays free for the cursor. A direction without traffic is left out. */
static void
format_progress(const struct progress *p, char text[TEXT_SIZE])
{
	const size_t width = line_width(p) - 1;
	size_t i = 0;

	do
		format_parts(p, &choices[i], text);
	while (columns_taken(text) > width && ++i < ARRAY_LEN(choices));
	/* no blocks are left in it */
	if (columns_taken(text) > width)
		text[width] = '\0';
}

/* The rates that are shown are those of about the last second: they and the time left would flicker. */
static void
update_rates(struct progress *p)
{
	uint64_t sent = 0, received = 0;
	int64_t now = clock_now();
	double span = (double)(now - p->last) / (double)NSEC_PER_SEC;
	double all = (double)(now - p->started) / (double)NSEC_PER_SEC;
	double part = span / (all < 1 ? all : 1), rates[2] = { 0, 0 };

	if (p->session->sock != NULL)
		session_bytes(p->session, &sent, &received);
	if (part > 1)
		part = 1;
	if (span > 0.001) {
		rates[0] = (double)(sent - p->last_sent) / span;
		rates[1] = (double)(received - p->last_received) / span;
		p->sent_rate += (rates[0] - p->sent_rate) * part;
		p->received_rate += (rates[1] - p->received_rate) * part;
	}
	memmove(p->history, p->history + 1, sizeof p->history - sizeof p->history[0]);
	p->history[PROGRESS_HISTORY - 1] = rates[0] + rates[1];
	p->last_sent = sent;
	p->last_received = received;
	p->last = now;
}

/* A redrawn line is useful only at once: it is left out while other output is queued. */
static void
redraw_line(struct progress *p)
{
	char text[TEXT_SIZE];

	update_rates(p);
	format_progress(p, text);
	output_queue_draw(p->out, text, columns_taken(text));
}

/* Appends a part behind a blank, or on a new line where it does not fit. */
static void
append_fitting(const struct progress *p, char text[TEXT_SIZE], const char *part)
{
	const char *line = strrchr(text, '\n');
	const size_t used = strlen(line != NULL ? line + 1 : text);

	if (used > 0)
		append(text, used + 1 + strlen(part) > line_width(p) ? "\n" : " ");
	append(text, "%s", part);
}

/* Formats the total, the time and the average rate. */
static void
format_summary(const struct progress *p, char text[TEXT_SIZE])
{
	int64_t nsec = p->session->nsec > 0 ? p->session->nsec : p->last - p->started;
	double seconds = (double)nsec / (double)NSEC_PER_SEC;
	double per_second = seconds > 0 ? 1 / seconds : 0;
	char part[TEXT_SIZE] = "";

	text[0] = '\0';
	if (p->last_sent > 0 || p->last_received == 0) {
		append_count(part, "sent", p->last_sent, "average ",
		    (double)p->last_sent * per_second);
		append_fitting(p, text, part);
	}
	if (p->last_received > 0) {
		part[0] = '\0';
		append_count(part, "received", p->last_received, "average ",
		    (double)p->last_received * per_second);
		append_fitting(p, text, part);
	}
	snprintf(part, sizeof part, "in %.1f s", seconds);
	append_fitting(p, text, part);
}

static void
print_line(struct progress *p, void (*format)(const struct progress *p, char text[TEXT_SIZE]))
{
	char text[TEXT_SIZE], out[TEXT_SIZE + 2];
	int n;

	update_rates(p);
	format(p, text);
	n = snprintf(out, sizeof out, "%s\n", text);
	output_queue_enqueue(p->out, OUTPUT_TEXT, out, (size_t)n);
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
		print_line(p, format_progress);
	loop_timer_set(p->loop, t, deadline_in(p->tty ? REDRAW : NSEC_PER_SEC), &ignored);
}

static void
on_usr1(struct signal_watch *w)
{
	struct progress *p = w->arg;

	if (p->session->sock == NULL)
		print_waiting(p);
	else
		print_line(p, format_progress);
}

bool
progress_shows_blocks(void)
{
	const char *term = getenv("TERM");

	if (term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0)
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
	print_line(p, format_summary);
}

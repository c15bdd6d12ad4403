#include "cli/help/pages.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/wait_status.h"
#include "cli/help/reflow.h"
#include "cli/help/usage.h"
#include "cli/output/report.h"

enum { TEXT_MAX = 1 << 20 };

static const char default_pager[] =
    "if command -v less >/dev/null 2>&1; then exec less -FRX; else exec cat; fi";

struct screen {
	size_t rows, columns; /* 0: no terminal */
};

static struct screen
screen_of(FILE *out)
{
	struct winsize size = { .ws_col = 0 };

	if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) == -1)
		return (struct screen){ 0, 0 };
	return (struct screen){ size.ws_row, size.ws_col };
}

/* Returns the text, malloc'ed; NULL with the error. */
static char *
make_text(int (*fn)(void *arg, FILE *out, struct error *e), void *arg, struct error *e)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	int rc;

	if (out == NULL) {
		error_set(e, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	rc = fn(arg, out, e);
	if (fclose(out) != 0 && rc == 0)
		rc = error_set(e, ERROR_INTERNAL, "out of memory");
	if (rc == 0)
		return text;
	free(text);
	return NULL;
}

static size_t
longest_line(const char *text)
{
	size_t longest = 0, n;

	for (; *text != '\0'; text += n + (text[n] != '\0')) {
		n = strcspn(text, "\n");
		if (n > longest)
			longest = n;
	}
	return longest;
}

static int
fit_text(const char *text, const struct screen *s, struct buf *ret_text, struct error *e)
{
	buf_init(ret_text, TEXT_MAX);
	if (s->columns == 0 || longest_line(text) <= s->columns)
		return buf_append(ret_text, text, strlen(text), e);
	return reflow(ret_text, text, s->columns, e);
}

static size_t
count_lines(const struct buf *text)
{
	size_t lines = 0;

	for (size_t i = 0; i < text->len; i++)
		lines += buf_head(text)[i] == '\n';
	return lines;
}

/* ---- the pager ---- */

static const char *
pager_command(void)
{
	const char *ours = getenv("USOCK_PAGER"), *usual = getenv("PAGER");

	if (ours != NULL)
		return ours;
	return usual != NULL ? usual : default_pager;
}

/* A dumb terminal cannot show pages, and a program in the background cannot read keys. */
static bool
may_page(FILE *terminal)
{
	const char *kind = getenv("TERM");
	pid_t group = tcgetpgrp(fileno(terminal));

	return pager_command()[0] != '\0' && kind != NULL && kind[0] != '\0' &&
	    strcmp(kind, "dumb") != 0 && (group == -1 || group == getpgrp());
}

/* The keys that end a program are for the pager, which may leave before it has read everything. */
enum { N_SIGNALS = 3 };
static const int pager_signals[N_SIGNALS] = { SIGINT, SIGQUIT, SIGPIPE };

/* As the shell says it. */
static bool
is_not_run(int status)
{
	return status == -1 || wait_status_code(status) == 126 || wait_status_code(status) == 127;
}

/* Returns false where the pager does not run: then nobody has seen the text. */
static bool
write_to_pager(const struct buf *text)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction before[N_SIGNALS];
	/* a command of the user's, with options: NOLINTNEXTLINE(cert-env33-c) */
	FILE *to = popen(pager_command(), "w");
	int status;

	if (to == NULL)
		return false;
	for (size_t i = 0; i < N_SIGNALS; i++)
		sigaction(pager_signals[i], &ignore, &before[i]);
	fwrite(buf_head(text), 1, text->len, to);
	status = pclose(to);
	for (size_t i = 0; i < N_SIGNALS; i++)
		sigaction(pager_signals[i], &before[i], NULL);
	return !is_not_run(status);
}

static int
print_text(const char *text, FILE *to, struct error *e)
{
	const struct screen s = screen_of(to);
	struct buf fitted;
	int rc = fit_text(text, &s, &fitted, e);
	bool paged = rc == 0 && s.rows > 0 && count_lines(&fitted) >= s.rows && may_page(to) &&
	    fflush(to) == 0 && write_to_pager(&fitted);

	if (rc == 0 && !paged)
		fwrite(buf_head(&fitted), 1, fitted.len, to);
	buf_fini(&fitted);
	return rc;
}

int
pages_show(int (*fn)(void *arg, FILE *out, struct error *e), void *arg, FILE *to, struct error *e)
{
	char *text = make_text(fn, arg, e);
	int rc;

	if (text == NULL)
		return -1;
	rc = print_text(text, to, e);
	free(text);
	return rc;
}

static int
write_usage(void *arg, FILE *out, struct error *e)
{
	(void)e;
	if (arg != NULL)
		usage_command(arg, out);
	else
		usage_program(out);
	return 0;
}

int
pages_show_usage(const struct cmd *cmd)
{
	struct error e;

	return pages_show(write_usage, (void *)cmd, stdout, &e) == -1 ? report_error(NULL, &e) : 0;
}

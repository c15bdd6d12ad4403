#include "cli/help/pages.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "cli/help/reflow.h"

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

static bool
write_to_pager(const struct buf *text)
{
	const char *pager = getenv("PAGER");
	FILE *to;

	if (pager != NULL && pager[0] == '\0')
		return false;
	/* a command of the user's, with options: NOLINTNEXTLINE(cert-env33-c) */
	to = popen(pager != NULL ? pager : default_pager, "w");
	if (to == NULL)
		return false;
	fwrite(buf_head(text), 1, text->len, to);
	(void)pclose(to);
	return true;
}

static int
print_text(const char *text, FILE *to, bool page, struct error *e)
{
	const struct screen s = screen_of(to);
	struct buf fitted;
	int rc = fit_text(text, &s, &fitted, e);

	if (rc == 0 && fitted.len > 0 &&
	    (!page || s.rows == 0 || count_lines(&fitted) < s.rows || !write_to_pager(&fitted)))
		fwrite(buf_head(&fitted), 1, fitted.len, to);
	buf_fini(&fitted);
	return rc;
}

static int
make_and_print(int (*fn)(void *arg, FILE *out, struct error *e), void *arg, FILE *to, bool page,
    struct error *e)
{
	char *text = make_text(fn, arg, e);
	int rc;

	if (text == NULL)
		return -1;
	rc = print_text(text, to, page, e);
	free(text);
	return rc;
}

int
pages_print(int (*fn)(void *arg, FILE *out, struct error *e), void *arg, struct error *e)
{
	return make_and_print(fn, arg, stdout, false, e);
}

int
pages_show(int (*fn)(void *arg, FILE *out, struct error *e), void *arg, FILE *terminal,
    struct error *e)
{
	return make_and_print(fn, arg, terminal, true, e);
}

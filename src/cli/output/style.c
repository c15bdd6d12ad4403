#include "cli/output/style.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"

static const char *const sequences[STYLES] = {
	[STYLE_PLAIN] = "",
	[STYLE_GOOD] = "\033[32m",
	[STYLE_BAD] = "\033[1;31m",
	[STYLE_UNSURE] = "\033[35m",
	[STYLE_NOTE] = "\033[36m",
	[STYLE_DIM] = "\033[2m",
	[STYLE_TITLE] = "\033[1m",
	[STYLE_SENT] = "\033[36m",
	[STYLE_RECEIVED] = "\033[32m",
};

static const struct {
	const char *word;
	enum style style;
} word_styles[] = {
	{ "open", STYLE_GOOD },
	{ "closed", STYLE_BAD },
	{ "filtered", STYLE_UNSURE },
	{ "open|filtered", STYLE_UNSURE },
	{ "error", STYLE_BAD },
	{ "LISTEN", STYLE_NOTE },
	{ "ESTABLISHED", STYLE_GOOD },
	{ "CLOSED", STYLE_DIM },
	{ "TIME_WAIT", STYLE_DIM },
	{ "SYN_SENT", STYLE_UNSURE },
	{ "SYN_RCVD", STYLE_UNSURE },
	{ "FIN_WAIT_1", STYLE_UNSURE },
	{ "FIN_WAIT_2", STYLE_UNSURE },
	{ "CLOSE_WAIT", STYLE_UNSURE },
	{ "CLOSING", STYLE_UNSURE },
	{ "LAST_ACK", STYLE_UNSURE },
};

static bool
has_value_in_env(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0';
}

bool
style_has_sequences(int fd)
{
	const char *term = getenv("TERM");

	return term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0 && isatty(fd);
}

bool
style_wanted(enum style_when when, int fd)
{
	const char *force;

	if (when != STYLE_AUTO)
		return when == STYLE_ALWAYS;
	if (has_value_in_env("NO_COLOR"))
		return false;
	force = getenv("CLICOLOR_FORCE");
	if (force != NULL && force[0] != '\0' && strcmp(force, "0") != 0)
		return true;
	return style_has_sequences(fd);
}

const char *
style_on(bool color, enum style style)
{
	return color ? sequences[style] : "";
}

const char *
style_off(bool color, enum style style)
{
	return color && style != STYLE_PLAIN ? "\033[m" : "";
}

int
style_append(struct buf *out, bool color, enum style style, const char *text, size_t n,
    struct error *e)
{
	if (!color || style == STYLE_PLAIN)
		return buf_append(out, text, n, e);
	return buf_printf(out, e, "%s%.*s%s", style_on(color, style), (int)n, text,
	    style_off(color, style));
}

static enum style
style_of_mark(char mark)
{
	if (mark == '>')
		return STYLE_SENT;
	return mark == '<' ? STYLE_RECEIVED : STYLE_PLAIN;
}

int
style_append_directions(struct buf *out, bool color, const char *text, size_t n, struct error *e)
{
	const char *end = text + n, *stop;

	for (; text < end; text = stop) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = lf != NULL ? lf : end;

		stop = lf != NULL ? lf + 1 : end;
		if (style_append(out, color, style_of_mark(*text), text, (size_t)(line_end - text),
			e) == -1 ||
		    buf_append(out, line_end, (size_t)(stop - line_end), e) == -1)
			return -1;
	}
	return 0;
}

enum style
style_of_word(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(word_styles); i++)
		if (strcmp(word_styles[i].word, word) == 0)
			return word_styles[i].style;
	return STYLE_PLAIN;
}

#include "net/tty/tty_line.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/parse.h"

/* Longer than any word. */
enum { WORD_MAX = 16 };

static const struct word {
	const char *word;
	size_t offset;
} flags[] = {
	{ "crtscts", offsetof(struct tty_line, rtscts) },
	{ "xonxoff", offsetof(struct tty_line, xonxoff) },
	{ "clocal", offsetof(struct tty_line, no_carrier) },
};

static bool *
flag_of(struct tty_line *line, const struct word *w)
{
	return (bool *)((char *)line + w->offset);
}

static int
set_once(bool was_set, const char *word, struct error *e)
{
	return was_set ? error_set(e, ERROR_USAGE, "'%s' is one too many", word) : 0;
}

static int
parse_speed(const char *word, struct tty_line *line, struct error *e)
{
	int64_t speed;

	if (parse_int(word, 1, UINT32_MAX, &speed, e) < 0)
		return -1;
	if (set_once(line->speed != 0, word, e) < 0)
		return -1;
	line->speed = (uint32_t)speed;
	return 0;
}

static bool
is_frame(const char *word)
{
	return strlen(word) == 3 && word[0] >= '5' && word[0] <= '8' &&
	    strchr("neo", word[1]) != NULL && (word[2] == '1' || word[2] == '2');
}

static int
parse_word(const char *word, struct tty_line *line, struct error *e)
{
	if (is_frame(word)) {
		if (set_once(line->bits != 0, word, e) < 0)
			return -1;
		line->bits = (uint8_t)(word[0] - '0');
		line->parity = word[1];
		line->stops = (uint8_t)(word[2] - '0');
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		if (strcmp(word, flags[i].word) != 0)
			continue;
		if (set_once(*flag_of(line, &flags[i]), word, e) < 0)
			return -1;
		*flag_of(line, &flags[i]) = true;
		return 0;
	}
	if (word[0] >= '0' && word[0] <= '9')
		return parse_speed(word, line, e);
	return error_set(e, ERROR_USAGE,
	    "'%s' is neither a speed nor one of: 8n1 7e1 ... crtscts xonxoff clocal", word);
}

int
tty_line_parse(const char *text, struct tty_line *ret_line, struct error *e)
{
	struct tty_line line = { 0 };
	char word[WORD_MAX];
	size_t n;

	for (;; text += n + 1) {
		n = strcspn(text, ",");
		if (n == 0 || n >= sizeof(word))
			return error_set(e, ERROR_USAGE,
			    n == 0 ? "a word is missing" : "'%.20s...' is no setting of a line",
			    text);
		memcpy(word, text, n);
		word[n] = '\0';
		if (parse_word(word, &line, e) < 0)
			return -1;
		if (text[n] == '\0')
			break;
	}
	*ret_line = line;
	return 0;
}

const char *
tty_line_format(const struct tty_line *line, char *text, size_t size)
{
	char speed[12] = "", frame[16] = "";

	if (line->speed != 0)
		snprintf(speed, sizeof(speed), ",%u", (unsigned)line->speed);
	if (line->bits != 0)
		snprintf(frame, sizeof(frame), ",%u%c%u", line->bits, line->parity, line->stops);
	snprintf(text, size, "%s%s%s%s%s", speed, frame, line->rtscts ? ",crtscts" : "",
	    line->xonxoff ? ",xonxoff" : "", line->no_carrier ? ",clocal" : "");
	return text;
}

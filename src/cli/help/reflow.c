#include "cli/help/reflow.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

enum {
	FULL_LINE =
	    55, /* a line of a paragraph that is at least this long goes on in the next one */
	LEAST_BESIDE = 24, /* columns that words need beside their term */
	DEEP = 10,         /* further to the right are words that had the right half of the line */
	BELOW = 4,         /* where words below their term begin, behind the term's indent */
	TERM = 2           /* the indent of a term, and that of its further lines behind it */
};

static const char usage[] = "usage: ";

/* Writes words one after the other, and breaks lines. */
struct flow {
	struct buf *out;
	size_t width, column;
	size_t indent; /* of further lines */
	size_t below;  /* the indent of words below the last term */
	bool begun;    /* the next word is not the first of its line or column */
	bool failed;
	struct error *e;
};

static void
put(struct flow *f, const char *text, size_t n)
{
	if (!f->failed && buf_append(f->out, text, n, f->e) == -1)
		f->failed = true;
	f->column += n;
}

static void
put_blanks(struct flow *f, size_t n)
{
	while (n-- > 0)
		put(f, " ", 1);
}

static void
break_line(struct flow *f)
{
	if (!f->failed && buf_append(f->out, "\n", 1, f->e) == -1)
		f->failed = true;
	f->column = 0;
	f->begun = false;
}

/* Words behind n blanks. */
static void
put_column(struct flow *f, size_t n)
{
	put_blanks(f, n);
	f->begun = false;
}

/* A long word moves to the left where it fits then. */
static size_t
indent_for(const struct flow *f, size_t length)
{
	if (f->indent + length <= f->width)
		return f->indent;
	return f->width > length ? f->width - length : 0;
}

static void
put_words(struct flow *f, const char *text, size_t n)
{
	const char *end = text + n, *word;

	for (word = text; word < end; word = text) {
		size_t length;

		while (word < end && *word == ' ')
			word++;
		for (text = word; text < end && *text != ' ';)
			text++;
		length = (size_t)(text - word);
		if (length == 0)
			return;
		if (f->begun && f->column + 1 + length > f->width)
			break_line(f);
		if (f->column == 0)
			put_blanks(f, indent_for(f, length));
		else if (f->begun)
			put(f, " ", 1);
		put(f, word, length);
		f->begun = true;
	}
}

static size_t
length_of_line(const char *line)
{
	return strcspn(line, "\n");
}

static const char *
line_after(const char *line)
{
	line += length_of_line(line);
	return *line == '\n' ? line + 1 : line;
}

static size_t
indent_of(const char *line)
{
	return strspn(line, " ");
}

/* Long options without a letter begin where those with one do: "  -4, --ipv4", "      --tcp". */
static size_t
indent_below(const char *term, size_t indent)
{
	const bool letter = term[0] == '-' && term[1] != '\0' && strncmp(term + 2, ", ", 2) == 0;

	return indent + BELOW + (letter ? strlen("-4, ") : 0);
}

/* Returns where the words beside a term begin; 0: the line has no term. */
static size_t
words_column(const char *line)
{
	size_t n = length_of_line(line), indent = indent_of(line);

	if (indent == 0)
		return 0;
	for (size_t i = indent; i + 2 < n; i++)
		if (line[i] == ' ' && line[i + 1] == ' ')
			return i + strspn(line + i, " ");
	return 0;
}

/* Returns the line after the item. */
static const char *
put_item(struct flow *f, const char *line, size_t column)
{
	size_t indent = indent_of(line), term = column;
	bool beside = f->width >= column + LEAST_BESIDE;

	while (term > 0 && line[term - 1] == ' ')
		term--;
	f->indent = indent + TERM;
	f->below = indent_below(line + indent, indent);
	put_blanks(f, indent);
	put_words(f, line + indent, term - indent);
	f->indent = beside ? column : f->below;
	if (beside)
		put_column(f, column - term);
	else
		break_line(f);
	put_words(f, line + column, length_of_line(line) - column);
	for (line = line_after(line); indent_of(line) == column && line[column] != '\n';
	     line = line_after(line))
		put_words(f, line, length_of_line(line));
	break_line(f);
	return line;
}

/* Lines that are indented so far that little room is left flow together, with less indent. */
static const char *
put_deep_lines(struct flow *f, const char *line, size_t indent)
{
	f->indent = f->below;
	do {
		put_words(f, line, length_of_line(line));
		line = line_after(line);
	} while (indent_of(line) == indent && line[indent] != '\n' && line[indent] != '\0');
	break_line(f);
	return line;
}

static const char *
put_paragraph(struct flow *f, const char *line)
{
	size_t indent = indent_of(line), n, done = 0;

	/* words below their term */
	if (indent > DEEP && indent + LEAST_BESIDE > f->width)
		return put_deep_lines(f, line, indent);
	f->indent = indent;
	put_blanks(f, indent);
	if (strncmp(line, usage, strlen(usage)) == 0) {
		f->indent = done = strlen(usage);
		put(f, usage, done);
	} else if (indent == TERM) {
		f->indent += TERM;
	}
	f->below = indent_below(line + indent, indent);
	for (;;) {
		n = length_of_line(line);
		put_words(f, line + done, n - done);
		done = 0;
		line = line_after(line);
		if (n < FULL_LINE || indent > 0 || *line == '\n' || *line == '\0' || *line == ' ')
			break;
	}
	break_line(f);
	return line;
}

int
reflow(struct buf *out, const char *text, size_t width, struct error *e)
{
	struct flow f = { .out = out, .width = width, .below = DEEP, .e = e };
	size_t column;

	while (*text != '\0' && !f.failed) {
		column = words_column(text);
		if (column > 0)
			text = put_item(&f, text, column);
		else
			text = put_paragraph(&f, text);
	}
	return f.failed ? -1 : 0;
}

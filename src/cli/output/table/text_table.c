#include "cli/output/table/text_table.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/record.h"

enum {
	CELLS_MAX = 1 << 30,
	GAP = 2,    /* between two columns, where there is room */
	INDENT = 2, /* of a row's further lines */
	LINE_MARK =
	    1, /* in front of a line of text_table_add_line(); else the style of the cell follows */
	STYLE_BASE = 2
};

/* Which columns are shown, and how. */
struct layout {
	bool shown[TEXT_TABLE_COLUMNS_MAX];
	bool breaks[TEXT_TABLE_COLUMNS_MAX]; /* the column begins a further line */
	size_t gap;
	size_t last; /* the last column that is shown */
};

void
text_table_init(struct text_table *t, const struct text_table_column *columns, size_t n,
    const struct text_table_how *how)
{
	*t = (struct text_table){ .how = *how, .columns = columns, .n_columns = n };
	buf_init(&t->cells, CELLS_MAX);
	for (size_t i = 0; i < n; i++) {
		t->widths[i] = columns[i].least;
		if (how->titles)
			text_table_widen(t, i, columns[i].title);
	}
}

void
text_table_fini(struct text_table *t)
{
	buf_fini(&t->cells);
}

size_t
text_table_width_of(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) == -1)
		return 0;
	return size.ws_col > 0 ? size.ws_col : 80;
}

/* ---- cells ---- */

/* The number of columns on the screen: continuation bytes of UTF-8 take none. */
static size_t
width_of_text(const char *text, size_t n)
{
	size_t width = 0;

	for (size_t i = 0; i < n; i++)
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
	return width;
}

/* A cell is the mark, the text and a NUL. */
static int
append_marked(struct text_table *t, char mark, const char *text, size_t n, struct error *e)
{
	char *at = buf_reserve(&t->cells, n + 2, e);

	if (at == NULL)
		return -1;
	at[0] = mark;
	memcpy(at + 1, text, n);
	at[n + 1] = '\0';
	buf_added(&t->cells, n + 2);
	return 0;
}

void
text_table_widen(struct text_table *t, size_t column, const char *text)
{
	size_t width = width_of_text(text, strlen(text));

	if (width > t->longest[column] && strcmp(text, " ") != 0)
		t->longest[column] = width;
	if (width > t->widths[column])
		t->widths[column] = width;
}

static bool
is_printable_ascii(const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return *text == '\0';
}

static int
add_cell(struct text_table *t, enum style style, const char *text, struct error *e)
{
	if (append_marked(t, (char)(STYLE_BASE + (int)style), text, strlen(text), e) == -1)
		return -1;
	text_table_widen(t, t->next, text);
	t->next = (t->next + 1) % t->n_columns;
	return 0;
}

int
text_table_add(struct text_table *t, enum style style, const char *text, struct error *e)
{
	struct buf escaped;
	int rc = -1;

	if (is_printable_ascii(text))
		return add_cell(t, style, text[0] != '\0' ? text : "-", e);
	buf_init(&escaped, CELLS_MAX);
	if (record_escape_text(&escaped, text, strlen(text), e) == 0 &&
	    buf_text(&escaped, e) != NULL)
		rc = add_cell(t, style, buf_head(&escaped), e);
	buf_fini(&escaped);
	return rc;
}

int
text_table_add_number(struct text_table *t, enum style style, uint64_t number, struct error *e)
{
	char digits[24], *at = digits + sizeof(digits);

	/* thousands of rows: without printf */
	*--at = '\0';
	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	return add_cell(t, style, at, e);
}

int
text_table_add_line(struct text_table *t, const char *line, struct error *e)
{
	return append_marked(t, LINE_MARK, line, strlen(line), e);
}

/* ---- layout ---- */

static size_t
total_width(const struct text_table *t, const struct layout *l)
{
	size_t total = 0;

	for (size_t i = 0; i < t->n_columns; i++)
		if (l->shown[i])
			total += t->widths[i] + (total > 0 ? l->gap : 0);
	return total;
}

/* Returns false where no further column may be left out. */
static bool
leave_out_column(const struct text_table *t, struct layout *l)
{
	size_t least = t->n_columns;

	for (size_t i = 0; i < t->n_columns; i++)
		if (l->shown[i] && t->columns[i].rank > 0 &&
		    (least == t->n_columns || t->columns[i].rank > t->columns[least].rank))
			least = i;
	if (least == t->n_columns)
		return false;
	l->shown[least] = false;
	return true;
}

/* No terminal breaks a cell: it begins a further line of its row where it does not fit. Returns the
 * number of lines. */
static size_t
break_rows(const struct text_table *t, struct layout *l)
{
	size_t used = 0, lines = 1;

	for (size_t i = 0; i < t->n_columns; i++) {
		/* blanks behind the last cell of a line are not printed */
		const size_t needed = t->columns[i].right ? t->widths[i] : t->longest[i];

		if (!l->shown[i])
			continue;
		l->breaks[i] = used > 0 && needed > 0 && used + l->gap + needed > t->how.width;
		used = l->breaks[i] ? INDENT + t->widths[i]
				    : used + (used > 0 ? l->gap : 0) + t->widths[i];
		lines += l->breaks[i];
	}
	return lines;
}

/* Returns the number of lines of a row that has only what is always shown. */
static size_t
least_lines(const struct text_table *t, struct layout l)
{
	for (size_t i = 0; i < t->n_columns; i++)
		l.shown[i] = t->columns[i].rank == 0;
	return break_rows(t, &l);
}

static struct layout
layout_of(const struct text_table *t)
{
	/* programs get one blank */
	struct layout l = { .gap = t->how.width > 0 ? GAP : 1 };
	size_t least;

	for (size_t i = 0; i < t->n_columns; i++)
		l.shown[i] = true;
	if (t->how.width > 0 && total_width(t, &l) > t->how.width) {
		l.gap = 1;
		least = least_lines(t, l);
		while (break_rows(t, &l) > least && leave_out_column(t, &l))
			continue;
	}
	for (size_t i = 0; i < t->n_columns; i++)
		if (l.shown[i])
			l.last = i;
	return l;
}

/* ---- printing ---- */

static int
append_padding(struct buf *out, size_t n, struct error *e)
{
	char *at = buf_reserve(out, n, e);

	if (at == NULL)
		return -1;
	memset(at, ' ', n);
	buf_added(out, n);
	return 0;
}

/* An empty last cell leaves no blanks at the end, and no further line. */
static int
end_line(struct buf *out, struct error *e)
{
	while (out->len > 0 && buf_head(out)[out->len - 1] == ' ')
		out->len--;
	if (out->len > 0 && buf_head(out)[out->len - 1] == '\n')
		return 0;
	return buf_append(out, "\n", 1, e);
}

static int
print_cell(const struct text_table *t, const struct layout *l, size_t i, enum style style,
    const char *text, struct buf *out, struct error *e)
{
	size_t n = strlen(text), width = width_of_text(text, n);
	size_t padding = t->widths[i] > width ? t->widths[i] - width : 0;
	bool right = t->columns[i].right;

	if (!l->shown[i])
		return 0;
	if (l->breaks[i] && (end_line(out, e) == -1 || append_padding(out, INDENT, e) == -1))
		return -1;
	if (right && append_padding(out, padding, e) == -1)
		return -1;
	if (style_append(out, t->how.color, style, text, n, e) == -1)
		return -1;
	if (i == l->last)
		return end_line(out, e);
	return append_padding(out, (right ? 0 : padding) + l->gap, e);
}

static int
print_titles(struct text_table *t, const struct layout *l, struct buf *out, struct error *e)
{
	if (!t->how.titles || t->titled)
		return 0;
	t->titled = true;
	for (size_t i = 0; i < t->n_columns; i++)
		if (print_cell(t, l, i, STYLE_TITLE, t->columns[i].title, out, e) == -1)
			return -1;
	return 0;
}

int
text_table_print(struct text_table *t, struct buf *out, struct error *e)
{
	const struct layout l = layout_of(t);
	const char *at = t->cells.len > 0 ? buf_head(&t->cells) : "", *end = at + t->cells.len;
	size_t i = 0;
	int rc = print_titles(t, &l, out, e);

	for (; at < end && rc == 0; at += strlen(at) + 1) {
		if (*at == LINE_MARK) {
			rc = buf_printf(out, e, "%s\n", at + 1);
			continue;
		}
		rc = print_cell(t, &l, i, (enum style)(*at - STYLE_BASE), at + 1, out, e);
		i = (i + 1) % t->n_columns;
	}
	buf_consume(&t->cells, t->cells.len);
	return rc;
}

/* Appends a word of the note, on a new line where it does not fit. */
static int
append_note_word(const struct text_table *t, size_t *used, const char *word, struct buf *out,
    struct error *e)
{
	size_t n = strlen(word);
	bool breaks = *used > 0 && t->how.width > 0 && *used + 1 + n > t->how.width;
	const char *before = breaks ? "\n" : *used > 0 ? " " : "";

	*used = breaks ? n : *used + strlen(before) + n;
	return buf_printf(out, e, "%s%s", before, word);
}

int
text_table_note(const struct text_table *t, const char *more, struct buf *out, struct error *e)
{
	const struct layout l = layout_of(t);
	size_t used = 0, left = 0, done = 0;
	char word[64];
	bool color = t->how.color;
	int rc;

	for (size_t i = 0; i < t->n_columns; i++)
		left += !l.shown[i];
	if (left == 0)
		return 0;
	rc = buf_printf(out, e, "%s", style_on(color, STYLE_DIM));
	if (rc == 0)
		rc = append_note_word(t, &used, "left out:", out, e);
	for (size_t i = 0; i < t->n_columns && rc == 0; i++) {
		if (l.shown[i])
			continue;
		snprintf(word, sizeof(word), "%s%s", t->columns[i].title,
		    ++done < left ? "," : ";");
		rc = append_note_word(t, &used, word, out, e);
	}
	if (rc == 0)
		rc = append_note_word(t, &used, more, out, e);
	return rc == 0 ? buf_printf(out, e, "%s\n", style_off(color, STYLE_DIM)) : -1;
}

#include "cli/prompt/prompt_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEPT = 1000, FILE_LINES = 2 * KEPT, WORDS_MAX = 2000, HINT_MAX = 128, LIST_GAP = 2 };

struct editor {
	struct editor_how how;
	EditLine *el;
	HistoryW *history;
	size_t file_lines; /* lines in the history file */
	wchar_t *prompt;   /* as last drawn */
	char *line;
	mbstate_t state; /* of an incomplete multibyte character */
	bool interrupted;
	bool hinted; /* a hint is behind the cursor */
};

/* ---- texts ---- */

/* Converts text to wide characters of the locale; malloc'ed. */
static wchar_t *
to_wide(const char *text)
{
	size_t n = strlen(text), used, at = 0;
	wchar_t *w = calloc(n + 1, sizeof(*w));
	mbstate_t state = { 0 };

	for (size_t i = 0; w != NULL && i < n; i += used) {
		used = mbrtowc(&w[at], text + i, n - i, &state);
		if (used == 0 || used > n - i) {
			w[at] = L'?';
			used = 1;
			state = (mbstate_t){ 0 };
		}
		at++;
	}
	return w;
}

/* Converts n wide characters back; malloc'ed. */
static char *
to_multibyte(const wchar_t *w, size_t n)
{
	char *text = calloc(n + 1, MB_CUR_MAX), *at = text;
	mbstate_t state = { 0 };

	for (size_t i = 0; at != NULL && i < n; i++) {
		size_t used = wcrtomb(at, w[i], &state);

		if (used == (size_t)-1)
			state = (mbstate_t){ 0 };
		else
			at += used;
	}
	return text;
}

static struct editor *
editor_of(EditLine *el)
{
	void *ed = NULL;

	el_wget(el, EL_CLIENTDATA, &ed);
	return ed;
}

/* ---- the screen ---- */

static wchar_t *
prompt_of(EditLine *el)
{
	static wchar_t none[] = L"> ";
	struct editor *ed = editor_of(el);

	free(ed->prompt);
	ed->prompt = to_wide(ed->how.prompt(ed->how.arg));
	return ed->prompt != NULL ? ed->prompt : none;
}

static struct winsize
size_of(const struct editor *ed)
{
	struct winsize size;

	if (ioctl(fileno(ed->how.out), TIOCGWINSZ, &size) == -1 || size.ws_col == 0)
		return (struct winsize){ .ws_row = 24, .ws_col = 80 };
	return size;
}

static size_t
columns_of(const struct editor *ed)
{
	return size_of(ed).ws_col;
}

/* Returns the column after n characters that begin at column at, counted across rows. */
static size_t
column_after(size_t at, size_t columns, const wchar_t *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int width = wcwidth(w[i]);

		if (w[i] == EDITOR_ESCAPE[0]) {
			/* the bytes between two of them take no room */
			for (i++; i < n && w[i] != EDITOR_ESCAPE[0]; i++)
				continue;
			continue;
		}
		if (w[i] == L'\n') {
			at += columns - at % columns;
			continue;
		}
		if (width < 0)
			width = 2;
		/* a wide character is not split between rows */
		if (at % columns + (size_t)width > columns)
			at += columns - at % columns;
		at += (size_t)width;
	}
	return at;
}

/* Erases the prompt and the line; the cursor ends where they began. */
static void
erase_line(struct editor *ed)
{
	const LineInfoW *line = el_wline(ed->el);
	size_t columns = columns_of(ed), at = 0;

	if (ed->prompt != NULL)
		at = column_after(0, columns, ed->prompt, wcslen(ed->prompt));
	at = column_after(at, columns, line->buffer, (size_t)(line->cursor - line->buffer));
	if (at >= columns)
		fprintf(ed->how.out, "\033[%zuA", at / columns);
	fputs("\r\033[J", ed->how.out);
}

static void
redraw_prompt(struct editor *ed)
{
	fflush(ed->how.out);
	el_wset(ed->el, EL_REFRESH);
}

/* Writes CR LF: while editing, the terminal does not translate a line feed. */
static void
write_lines(struct editor *ed, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\n')
			fputc('\r', ed->how.out);
		fputc(text[i], ed->how.out);
	}
}

static void
edit_show(struct editor *ed, const char *text, size_t n)
{
	ed->hinted = false;
	erase_line(ed);
	write_lines(ed, text, n);
	redraw_prompt(ed);
}

static void
edit_pause(struct editor *ed)
{
	fputs("\r\n", ed->how.out);
	fflush(ed->how.out);
	el_wset(ed->el, EL_PREP_TERM, 0);
}

static void
edit_resume(struct editor *ed)
{
	el_wset(ed->el, EL_PREP_TERM, 1);
	redraw_prompt(ed);
}

static void
edit_resize(struct editor *ed)
{
	erase_line(ed);
	el_resize(ed->el);
	redraw_prompt(ed);
}

/* ---- hints ---- */

/* Draws what may follow behind the cursor. libedit does not know of it: it is erased before the next
 * key is handled. */
static void
draw_hint(struct editor *ed)
{
	const LineInfoW *info = el_wline(ed->el);
	size_t columns = columns_of(ed), at = 0, n;
	char text[HINT_MAX], *line;

	if (ed->how.hint == NULL || ed->prompt == NULL || info->cursor != info->lastchar)
		return;
	line = to_multibyte(info->buffer, (size_t)(info->cursor - info->buffer));
	n = line != NULL ? ed->how.hint(ed->how.arg, line, text, sizeof(text)) : 0;
	free(line);
	if (n == 0)
		return;
	at = column_after(0, columns, ed->prompt, wcslen(ed->prompt));
	at = column_after(at, columns, info->buffer, (size_t)(info->cursor - info->buffer));
	/* it must not reach the next row */
	if (at % columns + n + 1 >= columns)
		return;
	fprintf(ed->how.out, "\0337%s%s%s\0338", ed->how.hint_on, text, ed->how.hint_off);
	fflush(ed->how.out);
	ed->hinted = true;
}

static void
erase_hint(struct editor *ed)
{
	if (!ed->hinted)
		return;
	ed->hinted = false;
	fputs("\033[K", ed->how.out);
	fflush(ed->how.out);
}

/* ---- characters ---- */

/* Returns 1 where the character is complete; 0 where more bytes are needed or the bytes are
 * invalid. */
static int
decode_byte(struct editor *ed, char byte, wchar_t *ret_char)
{
	size_t used = mbrtowc(ret_char, &byte, 1, &ed->state);

	if (used == (size_t)-1)
		ed->state = (mbstate_t){ 0 };
	if (used == 0)
		*ret_char = L'\0';
	return used == 0 || used == 1;
}

static int
read_char(EditLine *el, wchar_t *ret_char)
{
	struct editor *ed = editor_of(el);
	enum editor_wait ready;
	ssize_t got;
	char byte;

	draw_hint(ed);
	do {
		ready = ed->how.wait(ed->how.arg);
		erase_hint(ed);
		ed->interrupted = ready == EDITOR_INTERRUPTED;
		if (ready == EDITOR_OVER)
			return 0;
		if (ready == EDITOR_INTERRUPTED) {
			errno = ECANCELED;
			return -1;
		}
		got = read(STDIN_FILENO, &byte, 1);
		if (got == 0 || (got == -1 && errno != EINTR && errno != EAGAIN))
			return 0;
	} while (got == -1 || !decode_byte(ed, byte, ret_char));
	return 1;
}

/* ---- completion ---- */

struct words {
	char **items;
	size_t n;
};

static void
add_completion(void *arg, const char *word)
{
	struct words *words = arg;

	if (words->n == WORDS_MAX)
		return;
	words->items[words->n] = strdup(word);
	if (words->items[words->n] != NULL)
		words->n++;
}

static int
compare_completions(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
sort_words(struct words *words)
{
	size_t kept = 0;

	qsort(words->items, words->n, sizeof(*words->items), compare_completions);
	for (size_t i = 0; i < words->n; i++) {
		if (kept > 0 && strcmp(words->items[kept - 1], words->items[i]) == 0)
			free(words->items[i]);
		else
			words->items[kept++] = words->items[i];
	}
	words->n = kept;
}

static size_t
common_length(const struct words *words)
{
	const char *first = words->items[0];
	size_t length = strlen(first);

	for (size_t i = 1; i < words->n; i++)
		for (size_t at = 0; at < length; at++)
			if (words->items[i][at] != first[at])
				length = at;
	/* do not split a character */
	while (length > 0 && ((unsigned char)first[length] & 0xc0) == 0x80)
		length--;
	return length;
}

/* Returns the width of the longest word, and of the gap behind it. */
static size_t
width_of_words(const struct words *words)
{
	size_t width = 1, length;

	for (size_t i = 0; i < words->n; i++) {
		length = strlen(words->items[i]) + LIST_GAP;
		width = length > width ? length : width;
	}
	return width;
}

/* Lists the words above the line, down as many columns as fit. What the screen has no room for is
 * counted. */
static void
list_words(struct editor *ed, const struct words *words)
{
	const struct winsize size = size_of(ed);
	const size_t width = width_of_words(words);
	/* no blanks are behind the last column */
	const size_t fitting = (size.ws_col + LIST_GAP) / width,
		     columns = fitting > 0 ? fitting : 1;
	/* the line that is edited, and that of the number left */
	const size_t room = size.ws_row > 3 ? size.ws_row - 2u : 1;
	const size_t all = (words->n + columns - 1) / columns, rows = all < room ? all : room;
	const size_t shown = rows * columns < words->n ? rows * columns : words->n;

	fputs("\r\n", ed->how.out);
	for (size_t row = 0; row < rows; row++)
		for (size_t i = row; i < shown; i += rows)
			fprintf(ed->how.out, "%-*s%s", i + rows < shown ? (int)width : 0,
			    words->items[i], i + rows < shown ? "" : "\r\n");
	if (shown < words->n)
		fprintf(ed->how.out, "and %zu more: type another letter\r\n", words->n - shown);
	redraw_prompt(ed);
}

/* Inserts the common prefix of all words, and a space after a single one. */
static void
insert_common(struct editor *ed, const struct words *words, size_t typed)
{
	const char *first = words->items[0];
	size_t length = common_length(words);
	bool whole = words->n == 1 && length > 0 && strchr("/=:", first[length - 1]) == NULL;
	char *text;
	wchar_t *w;

	if (length < typed)
		return;
	text = calloc(length - typed + 2, 1);
	if (text == NULL)
		return;
	memcpy(text, first + typed, length - typed);
	if (whole)
		text[length - typed] = ' ';
	w = to_wide(text);
	if (w != NULL)
		el_winsertstr(ed->el, w);
	free(w);
	free(text);
}

static unsigned char
complete(EditLine *el, int key)
{
	struct editor *ed = editor_of(el);
	const LineInfoW *info = el_wline(el);
	char *line = to_multibyte(info->buffer, (size_t)(info->cursor - info->buffer));
	struct words words = { calloc(WORDS_MAX, sizeof(char *)), 0 };
	unsigned char result = CC_REFRESH_BEEP;
	size_t typed;

	(void)key;
	if (line != NULL && words.items != NULL) {
		typed = ed->how.complete(ed->how.arg, line, add_completion, &words);
		sort_words(&words);
		if (words.n > 0) {
			result = CC_REFRESH;
			if (words.n > 1 && common_length(&words) <= typed)
				list_words(ed, &words);
			else
				insert_common(ed, &words, typed);
		}
	}
	for (size_t i = 0; i < words.n; i++)
		free(words.items[i]);
	free(words.items);
	free(line);
	return result;
}

/* ---- history ---- */

static size_t
count_file_lines(const char *path)
{
	FILE *f = fopen(path, "re");
	size_t lines = 0;
	int c;

	if (f == NULL)
		return 0;
	while ((c = getc(f)) != EOF)
		lines += c == '\n';
	fclose(f);
	return lines;
}

static void
load_history(struct editor *ed)
{
	const char *path = ed->how.history;
	HistEventW event;

	history_w(ed->history, &event, H_SETSIZE, KEPT);
	history_w(ed->history, &event, H_SETUNIQUE, 1);
	if (path == NULL)
		return;
	ed->file_lines = count_file_lines(path);
	if (ed->file_lines > 0)
		history_w(ed->history, &event, H_LOAD, path);
}

/* Writes the line in libedit's format: bytes that are not plain letters are octal. */
static void
write_history_line(FILE *f, const char *line)
{
	for (const char *c = line; *c != '\0'; c++) {
		if (*c <= ' ' || *c >= 0x7f || *c == '\\')
			fprintf(f, "\\%03o", (unsigned char)*c);
		else
			fputc(*c, f);
	}
	fputc('\n', f);
}

/* Appends a single line, so that several prompts keep each other's lines. */
static void
append_history(struct editor *ed, const char *line)
{
	int fd = open(ed->how.history, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
	FILE *f = fd == -1 ? NULL : fdopen(fd, "a");
	struct stat st;

	if (f == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	if (fstat(fd, &st) == 0 && st.st_size == 0)
		fputs("_HiStOrY_V2_\n", f);
	write_history_line(f, line);
	fclose(f);
	ed->file_lines++;
}

static void
edit_remember(struct editor *ed, const char *line)
{
	HistEventW event;
	wchar_t *w = to_wide(line);

	if (w != NULL)
		history_w(ed->history, &event, H_ENTER, w);
	free(w);
	if (ed->how.history != NULL)
		append_history(ed, line);
}

static void
edit_each_line(struct editor *ed, void (*fn)(void *arg, const char *line), void *arg)
{
	HistEventW event;

	for (int rc = history_w(ed->history, &event, H_FIRST); rc != -1;
	     rc = history_w(ed->history, &event, H_NEXT)) {
		char *line = to_multibyte(event.str, wcslen(event.str));

		if (line != NULL)
			fn(arg, line);
		free(line);
	}
}

/* ---- life ---- */

static int
edit_line(struct editor *ed, const char **ret_line, size_t *ret_n)
{
	int n = 0;
	const wchar_t *w;

	ed->interrupted = false;
	ed->state = (mbstate_t){ 0 };
	w = el_wgets(ed->el, &n);
	if (ed->interrupted) {
		fputs("^C\n", ed->how.out);
		fflush(ed->how.out);
		el_reset(ed->el);
		return EDITOR_ABANDONED;
	}
	if (w == NULL || n <= 0)
		return EDITOR_END;
	free(ed->line);
	ed->line = to_multibyte(w, (size_t)n);
	if (ed->line == NULL)
		return EDITOR_END;
	*ret_n = strlen(ed->line);
	while (*ret_n > 0 && strchr("\r\n", ed->line[*ret_n - 1]) != NULL)
		ed->line[--*ret_n] = '\0';
	*ret_line = ed->line;
	return EDITOR_LINE;
}

static void
configure_editor(struct editor *ed)
{
	EditLine *el = ed->el;

	el_wset(el, EL_CLIENTDATA, ed);
	el_wset(el, EL_PROMPT_ESC, prompt_of, (int)EDITOR_ESCAPE[0]);
	el_wset(el, EL_EDITOR, L"emacs");
	/* libedit would send the signal to the whole process group */
	el_wset(el, EL_SIGNAL, 0);
	el_wset(el, EL_HIST, history_w, ed->history);
	el_wset(el, EL_ADDFN, L"usock-complete", L"Complete the word", complete);
	el_wset(el, EL_BIND, L"^I", L"usock-complete", NULL);
	el_wset(el, EL_BIND, L"^R", L"em-inc-search-prev", NULL);
	el_source(el, NULL);
	el_wset(el, EL_GETCFN, read_char);
}

static void
edit_close(struct editor *ed)
{
	HistEventW event;

	if (ed == NULL)
		return;
	if (ed->how.history != NULL && ed->file_lines > FILE_LINES)
		history_w(ed->history, &event, H_SAVE, ed->how.history);
	if (ed->el != NULL)
		el_end(ed->el);
	if (ed->history != NULL)
		history_wend(ed->history);
	free(ed->prompt);
	free(ed->line);
	free(ed);
}

static struct editor *
edit_open(const struct editor_how *how)
{
	struct editor *ed = calloc(1, sizeof(*ed));

	if (ed == NULL)
		return NULL;
	ed->how = *how;
	ed->history = history_winit();
	ed->el = ed->history == NULL ? NULL : el_init("usock", stdin, how->out, stderr);
	if (ed->el == NULL) {
		edit_close(ed);
		return NULL;
	}
	load_history(ed);
	configure_editor(ed);
	return ed;
}

extern const struct editor_ops usock_module_prompt;

MODULE_EXPORT const struct editor_ops usock_module_prompt = {
	.head = { EDITOR_ABI, "libedit" },
	.open = edit_open,
	.line = edit_line,
	.show = edit_show,
	.pause = edit_pause,
	.resume = edit_resume,
	.resize = edit_resize,
	.remember = edit_remember,
	.each_line = edit_each_line,
	.close = edit_close,
};

#include "cli/prompt/prompt_syntax.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/help/language.h"
#include "cli/prompt/prompt.h"
#include "tcl/interp.h"

enum { DEPTH_MAX = 1000 };

/* ---- what is open ---- */

struct nesting {
	char open[DEPTH_MAX];
	size_t n;
	bool word; /* the next character begins a word */
};

static char
innermost(const struct nesting *s)
{
	return s->n > 0 ? s->open[s->n - 1] : '[';
}

static void
push(struct nesting *s, char c)
{
	if (s->n < DEPTH_MAX)
		s->open[s->n++] = c;
}

static void
pop(struct nesting *s)
{
	if (s->n > 0)
		s->n--;
}

/* Within braces only braces count. */
static void
scan_in_braces(struct nesting *s, char c)
{
	if (c == '{')
		push(s, c);
	else if (c == '}')
		pop(s);
}

static void
scan_in_quotes(struct nesting *s, char c)
{
	if (c == '[')
		push(s, c);
	else if (c == '"')
		pop(s);
}

static void
scan_in_script(struct nesting *s, char c)
{
	if (c == '[' || (s->word && (c == '{' || c == '"')))
		push(s, c);
	else if (c == ']')
		pop(s);
}

static void
scan_char(struct nesting *s, char c)
{
	char in = innermost(s);
	size_t before = s->n;

	if (in == '{')
		scan_in_braces(s, c);
	else if (in == '"')
		scan_in_quotes(s, c);
	else
		scan_in_script(s, c);
	s->word = strchr(" \t\n;", c) != NULL || (s->n > before && c == '[');
}

void
prompt_syntax_open(const char *text, size_t n, char ret_open[PROMPT_OPEN_MAX])
{
	struct nesting s = { .n = 0, .word = true };
	size_t from;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\\')
			i++;
		else if (text[i] != '\0')
			scan_char(&s, text[i]);
	}
	from = s.n >= PROMPT_OPEN_MAX ? s.n - (PROMPT_OPEN_MAX - 1) : 0;
	memcpy(ret_open, s.open + from, s.n - from);
	ret_open[s.n - from] = '\0';
}

/* ---- words ---- */

size_t
prompt_syntax_start(const char *line)
{
	size_t start = 0;
	bool quoted = false;

	for (size_t i = 0; line[i] != '\0'; i++) {
		if (line[i] == '\\' && line[i + 1] != '\0')
			i++;
		else if (line[i] == '"')
			quoted = !quoted;
		else if (line[i] == '[' || (!quoted && strchr(";{\n", line[i]) != NULL))
			start = i + 1;
	}
	return start;
}

struct search {
	const char *name;
	size_t n;
	struct handle *found;
};

static void
compare_handle(void *arg, struct handle *h)
{
	struct search *s = arg;

	if (strlen(h->name) == s->n && strncmp(h->name, s->name, s->n) == 0)
		s->found = h;
}

struct handle *
prompt_syntax_handle(const struct prompt *p, const char *name, size_t n)
{
	struct search s = { name, n, NULL };

	handles_each(p->sc, compare_handle, &s);
	return s.found;
}

/* ---- what comes next ---- */

/* The words of the command at the cursor. */
struct words {
	const char *first, *second; /* not terminated */
	size_t first_n, second_n;
	size_t n;
	bool within; /* the cursor is in a word, not behind a blank */
};

static struct words
read_command_words(const char *line)
{
	const char *at = line + prompt_syntax_start(line);
	struct words w = { .n = 0 };

	for (at += strspn(at, " \t"); *at != '\0'; at += strspn(at, " \t")) {
		size_t n = strcspn(at, " \t");

		if (w.n == 0) {
			w.first = at;
			w.first_n = n;
		} else if (w.n == 1) {
			w.second = at;
			w.second_n = n;
		}
		w.n++;
		at += n;
		w.within = *at == '\0';
	}
	return w;
}

/* Returns what is left of usage after n arguments: "bytes address ?flags?" after 1 is "address
 * ?flags?". Nothing is known behind an argument that may be left out. */
static const char *
usage_after(const char *usage, size_t n)
{
	for (; n > 0 && *usage != '\0'; n--) {
		size_t word = strcspn(usage, " ");

		if (strchr("?[{", usage[0]) != NULL)
			return "";
		usage += word + strspn(usage + word, " ");
	}
	return usage;
}

static const char *
usage_of_method(const struct prompt *p, const char *name, size_t n)
{
	const struct interp_command *row;

	for (row = script_methods(p->sc, false); row->name != NULL; row++)
		if (strlen(row->name) == n && strncmp(row->name, name, n) == 0)
			return row->usage;
	return NULL;
}

static const char *
usage_of_command(const struct prompt *p, const char *name, size_t n)
{
	char word[64];
	const struct language_line *line;

	snprintf(word, sizeof(word), "%.*s", (int)(n < sizeof(word) ? n : 0), name);
	line = language_find(word);
	/* drip is a method of the current socket */
	return line != NULL ? line->usage : usage_of_method(p, name, n);
}

size_t
prompt_syntax_hint(const struct prompt *p, const char *line, char *text, size_t size)
{
	const struct words w = read_command_words(line);
	bool socket = w.n > 1 && prompt_syntax_handle(p, w.first, w.first_n) != NULL;
	size_t before = (socket ? 2 : 1) + (w.within ? 1 : 0);
	const char *usage;
	int n;

	/* a word that is being typed has its completions */
	if (w.n < before || w.within)
		return 0;
	usage = socket ? usage_of_method(p, w.second, w.second_n)
		       : usage_of_command(p, w.first, w.first_n);
	if (usage == NULL)
		return 0;
	n = snprintf(text, size, "%s", usage_after(usage, w.n - before));
	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

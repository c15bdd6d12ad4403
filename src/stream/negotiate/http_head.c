#include "stream/negotiate/http_head.h"

#include <string.h>
#include <strings.h>

#include "base/parse.h"

/* RFC 9110, 5.6.2. */
static bool
is_token_char(char c)
{
	return parse_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct http_text
trimmed(const char *at, size_t n)
{
	while (n > 0 && is_blank(*at)) {
		at++;
		n--;
	}
	while (n > 0 && is_blank(at[n - 1]))
		n--;
	return (struct http_text){ at, n };
}

/* Takes the next line of rest, without its end, which may be a bare LF (RFC 9112, 2.2). */
static bool
next_head_line(struct http_text *rest, struct http_text *ret_line)
{
	const char *end = rest->n > 0 ? memchr(rest->at, '\n', rest->n) : NULL;
	size_t n;

	if (end == NULL)
		return false;
	n = (size_t)(end - rest->at);
	*ret_line = (struct http_text){ rest->at, n > 0 && end[-1] == '\r' ? n - 1 : n };
	rest->at += n + 1;
	rest->n -= n + 1;
	return true;
}

size_t
http_head_length(const char *data, size_t n)
{
	struct http_text rest = { data, n }, line;

	while (next_head_line(&rest, &line))
		if (line.n == 0)
			return n - rest.n;
	return 0;
}

static bool
has_control(const struct http_text *line)
{
	size_t i;

	for (i = 0; i < line->n; i++)
		if (((unsigned char)line->at[i] < ' ' && line->at[i] != '\t') ||
		    line->at[i] == 0x7f)
			return true;
	return false;
}

/* Splits a line at its colon. Returns NULL, or what is wrong. */
static const char *
split_field(const struct http_text *line, struct http_text *ret_name, struct http_text *ret_value)
{
	size_t n = 0;

	if (is_blank(line->at[0]))
		return "a field is continued on the next line";
	while (n < line->n && is_token_char(line->at[n]))
		n++;
	if (n == 0 || n == line->n || line->at[n] != ':')
		return "a line is no field";
	*ret_name = (struct http_text){ line->at, n };
	*ret_value = trimmed(line->at + n + 1, line->n - n - 1);
	return NULL;
}

const char *
http_head_parse(struct http_head *ret_head, const char *data, size_t n)
{
	struct http_text rest = { data, n }, line, name, value;
	const char *why = NULL;

	if (!next_head_line(&rest, &ret_head->start) || has_control(&ret_head->start))
		return "the first line has control characters";
	ret_head->fields = rest;
	while (why == NULL && next_head_line(&rest, &line) && line.n > 0)
		why = has_control(&line) ? "a field has control characters"
					 : split_field(&line, &name, &value);
	return why;
}

static bool
is_word(const struct http_text *t, const char *word)
{
	return t->n == strlen(word) && strncasecmp(t->at, word, t->n) == 0;
}

bool
http_text_is(const struct http_text *t, const char *text)
{
	return t->n == strlen(text) && memcmp(t->at, text, t->n) == 0;
}

bool
http_head_field(const struct http_head *h, const char *name, unsigned i,
    struct http_text *ret_value)
{
	struct http_text rest = h->fields, line, field;

	while (next_head_line(&rest, &line) && line.n > 0)
		if (split_field(&line, &field, ret_value) == NULL && is_word(&field, name) &&
		    i-- == 0)
			return true;
	return false;
}

bool
http_head_next_word(struct http_text *list, struct http_text *ret_word)
{
	while (list->n > 0) {
		const char *comma = memchr(list->at, ',', list->n);
		size_t n = comma != NULL ? (size_t)(comma - list->at) : list->n;

		*ret_word = trimmed(list->at, n);
		n += comma != NULL;
		list->at += n;
		list->n -= n;
		if (ret_word->n > 0)
			return true;
	}
	return false;
}

bool
http_head_lists(const struct http_head *h, const char *name, const char *word)
{
	struct http_text list, item;
	unsigned i;

	for (i = 0; http_head_field(h, name, i, &list); i++)
		while (http_head_next_word(&list, &item))
			if (is_word(&item, word))
				return true;
	return false;
}

/* HTTP/1.x, x being one digit. */
static bool
is_version(const char *text)
{
	return memcmp(text, "HTTP/1.", 7) == 0 && parse_is_digit(text[7]);
}

unsigned
http_head_status(const struct http_head *h)
{
	const char *at = h->start.at;

	if (h->start.n < 12 || !is_version(at) || at[8] != ' ' || at[9] < '1' || at[9] > '9' ||
	    !parse_is_digit(at[10]) || !parse_is_digit(at[11]) ||
	    (h->start.n > 12 && at[12] != ' '))
		return 0;
	return (unsigned)(at[9] - '0') * 100 + (unsigned)(at[10] - '0') * 10 +
	    (unsigned)(at[11] - '0');
}

bool
http_head_request(const struct http_head *h, struct http_text *ret_method,
    struct http_text *ret_target)
{
	const char *at = h->start.at, *end = at + h->start.n;
	const char *first = memchr(at, ' ', h->start.n);
	const char *last = h->start.n > 9 ? end - 9 : NULL;

	if (first == NULL || last == NULL || last <= first || *last != ' ' ||
	    !is_version(last + 1) || last[8] == '0')
		return false;
	*ret_method = (struct http_text){ at, (size_t)(first - at) };
	*ret_target = (struct http_text){ first + 1, (size_t)(last - first) - 1 };
	return ret_method->n > 0 && ret_target->n > 0 &&
	    memchr(ret_target->at, ' ', ret_target->n) == NULL;
}

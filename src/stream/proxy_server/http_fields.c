#include "stream/proxy_server/http_fields.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/buf.h"

/* Fields that say where the body ends stay, even if Connection names them. */
static const char *const kept[] = { "Transfer-Encoding", "Content-Length" };

static bool
is_in_list(struct http_text t, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(words[i]) == t.n && strncasecmp(t.at, words[i], t.n) == 0)
			return true;
	return false;
}

static bool
is_named_by_connection(const struct http_head *h, struct http_text name)
{
	char word[64];

	if (name.n >= sizeof(word) || is_in_list(name, kept, ARRAY_LEN(kept)))
		return false;
	snprintf(word, sizeof(word), "%.*s", (int)name.n, name.at);
	return http_head_lists(h, "Connection", word);
}

/* Cuts a line off *rest, with its end. */
static struct http_text
cut_field_line(struct http_text *rest)
{
	const char *at = memchr(rest->at, '\n', rest->n);
	struct http_text line = { rest->at, at != NULL ? (size_t)(at - rest->at) + 1 : rest->n };

	*rest = (struct http_text){ rest->at + line.n, rest->n - line.n };
	while (line.n > 0 && (line.at[line.n - 1] == '\n' || line.at[line.n - 1] == '\r'))
		line.n--;
	return line;
}

size_t
http_fields_count(const struct http_head *h)
{
	struct http_text rest = h->fields;
	size_t n = 0;

	while (rest.n > 0 && cut_field_line(&rest).n > 0)
		n++;
	return n;
}

int
http_fields_pass_on(const struct http_head *h, const char *const *dropped, size_t n_dropped,
    struct buf *out, struct error *e)
{
	struct http_text rest = h->fields, line;

	while (rest.n > 0 && (line = cut_field_line(&rest)).n > 0) {
		const char *colon = memchr(line.at, ':', line.n);
		struct http_text name = { line.at,
			colon != NULL ? (size_t)(colon - line.at) : line.n };

		if (is_in_list(name, dropped, n_dropped) || is_named_by_connection(h, name))
			continue;
		if (buf_append(out, line.at, line.n, e) < 0 || buf_append(out, "\r\n", 2, e) < 0)
			return -1;
	}
	return 0;
}

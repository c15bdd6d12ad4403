#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/codec/hexdump.h"
#include "base/error.h"
#include "base/record.h"
#include "relay/filter/filter.h"

/* Longer than a read where each byte is escaped. */
#define LINE_BYTES_MAX ((size_t)64 << 20)

int
filters_add(struct filter **filters, struct filter *t)
{
	if (t == NULL)
		return -1;
	while (*filters != NULL)
		filters = &(*filters)->next;
	t->next = NULL;
	*filters = t;
	return 0;
}

bool
dumps_any(const struct dumps *d)
{
	return d->hex.fn != NULL || d->plain.fn != NULL;
}

int
filters_add_dumps(struct filter **sent, struct filter **received, const struct dumps *d,
    struct error *e)
{
	const struct dump *hex = &d->hex, *plain = &d->plain;

	if (hex->fn != NULL &&
	    (filters_add(sent, filter_dump('>', hex, e)) < 0 ||
		filters_add(received, filter_dump('<', hex, e)) < 0))
		return -1;
	if (plain->fn != NULL && d->lines)
		return filters_add(sent, filter_lines('>', plain, e)) < 0 ||
			filters_add(received, filter_lines('<', plain, e)) < 0
		    ? -1
		    : 0;
	if (plain->fn != NULL &&
	    (filters_add(sent, filter_dump('\0', plain, e)) < 0 ||
		filters_add(received, filter_dump('\0', plain, e)) < 0))
		return -1;
	return 0;
}

/* The output of one filter is the input of the next; the last one writes to out. */
int
filters_run(struct filter *filters, const char *data, size_t n, struct buf *out, struct error *e)
{
	struct buf between;
	int rc;

	if (filters->next == NULL)
		return filters->run(filters, data, n, out, e);
	buf_init(&between, out->max);
	rc = filters->run(filters, data, n, &between, e);
	if (rc == 0 && between.len > 0)
		rc = filters_run(filters->next, buf_head(&between), between.len, out, e);
	buf_fini(&between);
	return rc;
}

int
filters_finish(struct filter *filters, struct buf *out, struct error *e)
{
	struct buf rest;
	int rc = 0;

	if (filters == NULL)
		return 0;
	buf_init(&rest, out->max);
	if (filters->finish != NULL)
		rc = filters->finish(filters, &rest, e);
	if (rc == 0 && rest.len > 0)
		rc = filters->next != NULL
		    ? filters_run(filters->next, buf_head(&rest), rest.len, out, e)
		    : buf_append(out, buf_head(&rest), rest.len, e);
	buf_fini(&rest);
	return rc == 0 ? filters_finish(filters->next, out, e) : -1;
}

void
filters_close(struct filter *filters)
{
	struct filter *next;

	for (; filters != NULL; filters = next) {
		next = filters->next;
		if (filters->close != NULL)
			filters->close(filters);
		else
			free(filters);
	}
}

static void *
new_filter(size_t size, struct error *e)
{
	void *t = calloc(1, size);

	if (t == NULL)
		error_set(e, ERROR_INTERNAL, "out of memory");
	return t;
}

/* ---- nothing ---- */

static int
drop_run(struct filter *t, const char *data, size_t n, struct buf *out, struct error *e)
{
	(void)t, (void)data, (void)n, (void)out, (void)e;
	return 0;
}

struct filter *
filter_drop(struct error *e)
{
	struct filter *t = new_filter(sizeof *t, e);

	if (t != NULL)
		t->run = drop_run;
	return t;
}

/* ---- CR LF ---- */

struct crlf {
	struct filter filter;
	char last; /* the last byte of the previous read */
};

static int
crlf_run(struct filter *t, const char *data, size_t n, struct buf *out, struct error *e)
{
	struct crlf *c = CONTAINER_OF(t, struct crlf, filter);
	const char *end = data + n, *from = data, *lf;

	for (; (lf = memchr(from, '\n', (size_t)(end - from))) != NULL; from = lf + 1) {
		char before = lf > data ? lf[-1] : c->last;

		if (buf_append(out, from, (size_t)(lf - from), e) < 0)
			return -1;
		if (buf_append(out, before == '\r' ? "\n" : "\r\n", before == '\r' ? 1 : 2, e) < 0)
			return -1;
	}
	if (n > 0)
		c->last = end[-1];
	return buf_append(out, from, (size_t)(end - from), e);
}

struct filter *
filter_crlf(struct error *e)
{
	struct crlf *c = new_filter(sizeof *c, e);

	if (c == NULL)
		return NULL;
	c->filter.run = crlf_run;
	return &c->filter;
}

/* ---- dumps ---- */

struct dumper {
	struct filter filter;
	char mark;
	unsigned long long offset;
	struct dump to;
};

static void
hex_line(const struct dumper *h, const char *data, size_t n)
{
	char line[2 + HEXDUMP_LINE_MAX + 1] = { h->mark, ' ' };
	size_t len = 2 + hexdump_line(line + 2, h->offset, data, n, h->to.per_line);

	line[len++] = '\n';
	h->to.fn(h->to.arg, line, len);
}

static int
dump_run(struct filter *t, const char *data, size_t n, struct buf *out, struct error *e)
{
	struct dumper *h = CONTAINER_OF(t, struct dumper, filter);
	size_t done, part;

	if (h->mark == '\0' && n > 0)
		h->to.fn(h->to.arg, data, n);
	for (done = 0; h->mark != '\0' && done < n; done += part) {
		part = n - done < h->to.per_line ? n - done : h->to.per_line;
		hex_line(h, data + done, part);
		h->offset += part;
	}
	return buf_append(out, data, n, e);
}

struct filter *
filter_dump(char mark, const struct dump *to, struct error *e)
{
	struct dumper *h = new_filter(sizeof *h, e);

	if (h == NULL)
		return NULL;
	h->filter.run = dump_run;
	h->mark = mark;
	h->to = *to;
	if (h->to.per_line == 0)
		h->to.per_line = HEXDUMP_BYTES;
	return &h->filter;
}

static int
show_line(const struct dumper *h, const char *line, size_t n, struct error *e)
{
	const char begin[2] = { h->mark, ' ' };
	struct buf text;
	int rc;

	n -= n > 0 && line[n - 1] == '\r';
	buf_init(&text, LINE_BYTES_MAX);
	rc = buf_append(&text, begin, sizeof(begin), e);
	if (rc == 0)
		rc = record_escape_text(&text, line, n, e);
	if (rc == 0)
		rc = buf_append(&text, "\n", 1, e);
	if (rc == 0)
		h->to.fn(h->to.arg, buf_head(&text), text.len);
	buf_fini(&text);
	return rc;
}

static int
lines_run(struct filter *t, const char *data, size_t n, struct buf *out, struct error *e)
{
	const struct dumper *h = CONTAINER_OF(t, struct dumper, filter);
	const char *end = data + n, *stop;

	for (const char *line = data; line < end; line = stop + 1) {
		stop = memchr(line, '\n', (size_t)(end - line));
		stop = stop != NULL ? stop : end;
		if (show_line(h, line, (size_t)(stop - line), e) < 0)
			return -1;
	}
	return buf_append(out, data, n, e);
}

struct filter *
filter_lines(char mark, const struct dump *to, struct error *e)
{
	struct filter *t = filter_dump(mark, to, e);

	if (t != NULL)
		t->run = lines_run;
	return t;
}

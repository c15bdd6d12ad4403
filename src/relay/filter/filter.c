#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "relay/filter/filter.h"

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
	    (filters_add(sent, filter_dump('>', hex->fn, hex->arg, e)) < 0 ||
		filters_add(received, filter_dump('<', hex->fn, hex->arg, e)) < 0))
		return -1;
	if (plain->fn != NULL &&
	    (filters_add(sent, filter_dump('\0', plain->fn, plain->arg, e)) < 0 ||
		filters_add(received, filter_dump('\0', plain->fn, plain->arg, e)) < 0))
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
	void (*fn)(void *arg, const char *text, size_t n);
	void *arg;
};

#define PER_LINE 16

static void
hex_line(const struct dumper *h, const unsigned char *data, size_t n)
{
	char line[128], ascii[PER_LINE + 1];
	size_t i;
	int len = snprintf(line, sizeof line, "%c %08llx ", h->mark, h->offset);

	for (i = 0; i < PER_LINE; i++) {
		const char *gap = i == PER_LINE / 2 ? "  " : " ";

		if (i < n) {
			len += snprintf(line + len, sizeof line - (size_t)len, "%s%02x", gap,
			    (unsigned)data[i]);
			ascii[i] = (char)(data[i] >= 0x20 && data[i] < 0x7f ? data[i] : '.');
		} else {
			len += snprintf(line + len, sizeof line - (size_t)len, "%s  ", gap);
		}
	}
	ascii[n] = '\0';
	len += snprintf(line + len, sizeof line - (size_t)len, "  |%s|\n", ascii);
	h->fn(h->arg, line, (size_t)len);
}

static int
dump_run(struct filter *t, const char *data, size_t n, struct buf *out, struct error *e)
{
	struct dumper *h = CONTAINER_OF(t, struct dumper, filter);
	size_t done, part;

	if (h->mark == '\0' && n > 0)
		h->fn(h->arg, data, n);
	for (done = 0; h->mark != '\0' && done < n; done += part) {
		part = n - done < PER_LINE ? n - done : PER_LINE;
		hex_line(h, (const unsigned char *)data + done, part);
		h->offset += part;
	}
	return buf_append(out, data, n, e);
}

struct filter *
filter_dump(char mark, void (*fn)(void *arg, const char *text, size_t n), void *arg,
    struct error *e)
{
	struct dumper *h = new_filter(sizeof *h, e);

	if (h == NULL)
		return NULL;
	h->filter.run = dump_run;
	h->mark = mark;
	h->fn = fn;
	h->arg = arg;
	return &h->filter;
}

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "relay/filter/filter.h"

int
taps_add(struct tap **taps, struct tap *t)
{
	if (t == NULL)
		return -1;
	while (*taps != NULL)
		taps = &(*taps)->next;
	t->next = NULL;
	*taps = t;
	return 0;
}

int
taps_add_hexdump(struct tap **sent, struct tap **received,
    void (*fn)(void *arg, const char *text, size_t n), void *arg, struct error *e)
{
	if (fn == NULL)
		return 0;
	if (taps_add(sent, tap_hexdump('>', fn, arg, e)) < 0)
		return -1;
	return taps_add(received, tap_hexdump('<', fn, arg, e));
}

/* Output of one tap is input of the next; the last one writes to out. */
int
taps_run(struct tap *taps, const char *data, size_t n, struct buf *out, struct error *e)
{
	struct buf between;
	int rc;

	if (taps->next == NULL)
		return taps->run(taps, data, n, out, e);
	buf_init(&between, out->max);
	rc = taps->run(taps, data, n, &between, e);
	if (rc == 0 && between.len > 0)
		rc = taps_run(taps->next, buf_head(&between), between.len, out, e);
	buf_fini(&between);
	return rc;
}

int
taps_finish(struct tap *taps, struct buf *out, struct error *e)
{
	struct buf rest;
	int rc = 0;

	if (taps == NULL)
		return 0;
	buf_init(&rest, out->max);
	if (taps->finish != NULL)
		rc = taps->finish(taps, &rest, e);
	if (rc == 0 && rest.len > 0)
		rc = taps->next != NULL ? taps_run(taps->next, buf_head(&rest), rest.len, out, e)
					: buf_append(out, buf_head(&rest), rest.len, e);
	buf_fini(&rest);
	return rc == 0 ? taps_finish(taps->next, out, e) : -1;
}

void
taps_close(struct tap *taps)
{
	struct tap *next;

	for (; taps != NULL; taps = next) {
		next = taps->next;
		if (taps->close != NULL)
			taps->close(taps);
		else
			free(taps);
	}
}

static void *
new_tap(size_t size, struct error *e)
{
	void *t = calloc(1, size);

	if (t == NULL)
		error_set(e, ERROR_INTERNAL, "out of memory");
	return t;
}

/* ---- CR LF ---- */

struct crlf {
	struct tap tap;
	char last; /* the byte before this read */
};

static int
crlf_run(struct tap *t, const char *data, size_t n, struct buf *out, struct error *e)
{
	struct crlf *c = CONTAINER_OF(t, struct crlf, tap);
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

struct tap *
tap_crlf(struct error *e)
{
	struct crlf *c = new_tap(sizeof *c, e);

	if (c == NULL)
		return NULL;
	c->tap.run = crlf_run;
	return &c->tap;
}

/* ---- hexdump ---- */

struct hexdump {
	struct tap tap;
	char mark;
	unsigned long long offset;
	void (*fn)(void *arg, const char *text, size_t n);
	void *arg;
};

#define PER_LINE 16

static void
hex_line(const struct hexdump *h, const unsigned char *data, size_t n)
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
hexdump_run(struct tap *t, const char *data, size_t n, struct buf *out, struct error *e)
{
	struct hexdump *h = CONTAINER_OF(t, struct hexdump, tap);
	size_t done, part;

	for (done = 0; done < n; done += part) {
		part = n - done < PER_LINE ? n - done : PER_LINE;
		hex_line(h, (const unsigned char *)data + done, part);
		h->offset += part;
	}
	return buf_append(out, data, n, e);
}

struct tap *
tap_hexdump(char mark, void (*fn)(void *arg, const char *text, size_t n), void *arg,
    struct error *e)
{
	struct hexdump *h = new_tap(sizeof *h, e);

	if (h == NULL)
		return NULL;
	h->tap.run = hexdump_run;
	h->mark = mark;
	h->fn = fn;
	h->arg = arg;
	return &h->tap;
}

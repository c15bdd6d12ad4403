/* What filters make of bytes must not depend on where the reads were cut. Input: the first byte
 * chooses the filters, the second how many places to cut at, these follow, then the bytes. */
#include "base/buf.h"
#include "fuzz.h"
#include "relay/filter/filter.h"

enum { CRLF = 1, TELNET_OUT = 2, HEXDUMP = 4, TELNET_IN = 8 };
enum { OUT_MAX = 1 << 20 };

/* Taps with what they make. */
struct chain {
	struct filter *filters;
	struct buf out, replies, dump;
};

static void
add_dump(void *arg, const char *text, size_t n)
{
	must(n > 0 && text[n - 1] == '\n' && memchr(text, '\n', n) == text + n - 1);
	must(buf_append(arg, text, n, NULL) == 0);
}

static void
chain_init(struct chain *c, unsigned which)
{
	memset(c, 0, sizeof(*c));
	buf_init(&c->out, OUT_MAX);
	buf_init(&c->replies, OUT_MAX);
	buf_init(&c->dump, OUT_MAX);
	if (which & CRLF)
		filters_add(&c->filters, filter_crlf(NULL));
	if (which & TELNET_OUT)
		filters_add(&c->filters, filter_telnet_out(NULL));
	if (which & HEXDUMP)
		filters_add(&c->filters,
		    filter_dump('>', &(struct dump){ add_dump, &c->dump, 0 }, NULL));
	if (which & TELNET_IN)
		filters_add(&c->filters, filter_telnet_in(&c->replies, NULL, NULL));
}

static void
chain_run(struct chain *c, const uint8_t *data, size_t n)
{
	/* a block of its own size: reading around it shows */
	char *read = fuzz_text(data, n);

	must(filters_run(c->filters, read, n, &c->out, NULL) == 0);
	free(read);
}

static void
chain_fini(struct chain *c)
{
	filters_close(c->filters);
	buf_fini(&c->out);
	buf_fini(&c->replies);
	buf_fini(&c->dump);
}

static bool
same_bytes(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(buf_head(a), buf_head(b), a->len) == 0);
}

/* The bytes that a dump shows, whose offsets must follow each other. */
static void
undump(const char *line, struct buf *ret_bytes)
{
	char *at;

	for (; *line != '\0'; line = strchr(line, '\n') + 1) {
		must(strncmp(line, "> ", 2) == 0);
		must(strtoull(line + 2, &at, 16) == ret_bytes->len);
		while (at += strspn(at, " "), *at != '|') {
			unsigned char byte = (unsigned char)strtoul(at, &at, 16);

			must(buf_append(ret_bytes, &byte, 1, NULL) == 0);
		}
	}
}

static void
check_dump(struct buf *dump, const struct buf *want)
{
	const char *text = buf_text(dump, NULL);
	struct buf dumped;

	must(text != NULL);
	buf_init(&dumped, OUT_MAX);
	undump(text, &dumped);
	must(same_bytes(&dumped, want));
	buf_fini(&dumped);
}

/* ---- what each filter is for, byte by byte ---- */

static void
plain_crlf(const uint8_t *data, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (data[i] == '\n' && (i == 0 || data[i - 1] != '\r'))
			must(buf_append(out, "\r", 1, NULL) == 0);
		must(buf_append(out, data + i, 1, NULL) == 0);
	}
}

static void
plain_telnet_out(const uint8_t *data, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		must(buf_append(out, data + i, 1, NULL) == 0 &&
		    (data[i] != 0xff || buf_append(out, data + i, 1, NULL) == 0));
}

static void
check_against_plain(struct chain *c, unsigned which, const uint8_t *data, size_t n)
{
	struct buf want;

	buf_init(&want, OUT_MAX);
	if (which == CRLF)
		plain_crlf(data, n, &want);
	else if (which == TELNET_OUT)
		plain_telnet_out(data, n, &want);
	else if (n > 0)
		must(buf_append(&want, data, n, NULL) == 0);
	if (which == CRLF || which == TELNET_OUT || which == HEXDUMP ||
	    which == (TELNET_OUT | TELNET_IN) || which == (TELNET_OUT | HEXDUMP | TELNET_IN))
		must(same_bytes(&c->out, &want));
	if (which == HEXDUMP)
		check_dump(&c->dump, &want);
	buf_fini(&want);
}

/* ---- */

static void
run_cut(struct chain *c, const uint8_t *cuts, size_t n_cuts, const uint8_t *data, size_t n)
{
	for (size_t i = 0; i < n_cuts; i++) {
		size_t part = cuts[i] < n ? cuts[i] : n;

		if (part > 0)
			chain_run(c, data, part);
		data += part;
		n -= part;
	}
	if (n > 0)
		chain_run(c, data, n);
	must(filters_finish(c->filters, &c->out, NULL) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct chain whole, cut;
	size_t n_cuts;
	unsigned which;

	if (size < 2 || size > 4096)
		return 0;
	which = data[0] % 16;
	n_cuts = data[1] % 16;
	if (which == 0 || size < 2 + n_cuts)
		return 0;
	chain_init(&whole, which);
	chain_init(&cut, which);
	run_cut(&whole, NULL, 0, data + 2 + n_cuts, size - 2 - n_cuts);
	run_cut(&cut, data + 2, n_cuts, data + 2 + n_cuts, size - 2 - n_cuts);
	must(same_bytes(&whole.out, &cut.out));
	must(same_bytes(&whole.replies, &cut.replies));
	check_against_plain(&whole, which, data + 2 + n_cuts, size - 2 - n_cuts);
	check_against_plain(&cut, which, data + 2 + n_cuts, size - 2 - n_cuts);
	chain_fini(&whole);
	chain_fini(&cut);
	return 0;
}

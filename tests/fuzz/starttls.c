/* What a server says before TLS must not depend on where the reads were cut, be bounded, and agree
 * with nothing behind it. Input: the first byte chooses the protocol, the second how many places to
 * cut at, these follow, then the bytes. */
#include "stream/negotiate/starttls.h"
#include "fuzz.h"

struct outcome {
	struct buf sent;
	bool failed, agreed;
};

static void
said(void *arg, char who, const char *text)
{
	(void)arg;
	must(who == '<' || who == '>');
	must(strlen(text) < 256);
	for (; *text != '\0'; text++)
		must(*text >= ' ' && *text < 0x7f);
}

static void
feed(struct starttls *s, const uint8_t *data, size_t n, struct outcome *o)
{
	/* a block of its own size: reading around it shows */
	char *piece = fuzz_text(data, n);
	struct error e;

	fuzz_stain(&e, sizeof(e));
	if (!o->failed) {
		o->failed = !fuzz_succeeded(starttls_feed(s, piece, n, &e), &e);
		must(!o->failed || e.code == ERROR_TLS);
		must(buf_append(&o->sent, buf_head(&s->out), s->out.len, NULL) == 0);
		buf_consume(&s->out, s->out.len);
	}
	free(piece);
}

static void
run(enum starttls_protocol protocol, const uint8_t *cuts, size_t n_cuts, const uint8_t *data,
    size_t n, struct outcome *o)
{
	struct starttls s = { .protocol = protocol, .host = "a'<b", .on_message = said };

	memset(o, 0, sizeof(*o));
	buf_init(&o->sent, STARTTLS_MAX);
	must(starttls_begin(&s, NULL) == 0);
	for (size_t i = 0; i < n_cuts; i++) {
		size_t part = cuts[i] < n ? cuts[i] : n;

		feed(&s, data, part, o);
		data += part;
		n -= part;
	}
	feed(&s, data, n, o);
	o->agreed = !o->failed && starttls_agreed(&s);
	if (o->agreed)
		must(starttls_feed(&s, "x", 1, NULL) == -1);
	starttls_fini(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, cut;
	enum starttls_protocol protocol;
	size_t n_cuts;

	if (size < 2 || size > 4096)
		return 0;
	protocol = (enum starttls_protocol)(STARTTLS_SMTP + data[0] % STARTTLS_MYSQL);
	n_cuts = data[1] % 16;
	if (size < 2 + n_cuts)
		return 0;
	run(protocol, NULL, 0, data + 2 + n_cuts, size - 2 - n_cuts, &whole);
	run(protocol, data + 2, n_cuts, data + 2 + n_cuts, size - 2 - n_cuts, &cut);
	must(whole.failed == cut.failed && whole.agreed == cut.agreed);
	/* a failure may come before what would have been said after another piece */
	if (!whole.failed) {
		must(whole.sent.len == cut.sent.len);
		must(whole.sent.len == 0 ||
		    memcmp(buf_head(&whole.sent), buf_head(&cut.sent), whole.sent.len) == 0);
	}
	buf_fini(&whole.sent);
	buf_fini(&cut.sent);
	return 0;
}

/* What a proxy says must not depend on where the reads were cut, be bounded, and never be read behind
 * the end of its reply. Input: the first byte chooses the kind, the second whether there is a login, the third
 * how many bytes are read at a time, then the bytes. */
#include "fuzz.h"
#include "stream/negotiate/proxy/proxy.h"

struct outcome {
	size_t n_read, n_sent;
	bool failed, agreed, again;
};

static size_t
take_out(struct proxy_dialogue *d)
{
	size_t n = d->out.len;

	buf_consume(&d->out, n);
	return n;
}

static void
feed(struct proxy_dialogue *d, const uint8_t *data, size_t n, struct outcome *o)
{
	/* a block of its own size: reading around it shows */
	char *piece = fuzz_text(data, n);
	struct error e;

	fuzz_stain(&e, sizeof(e));
	o->failed = !fuzz_succeeded(proxy_feed(d, piece, n, &e), &e);
	must(!o->failed || e.code == ERROR_PROXY);
	must(!o->failed || strncmp(e.text, "connect host:7: ", 16) == 0);
	for (const char *c = e.text; o->failed && *c != '\0'; c++)
		must(*c >= ' ' && *c < 0x7f);
	o->n_sent += take_out(d);
	free(piece);
}

static void
run(const struct proxy_hop *how, size_t most, const uint8_t *data, size_t n, struct outcome *o)
{
	struct proxy_target target = { .host = "host", .port = 7 };
	struct proxy_hop hop = *how;
	struct proxy_dialogue d = { .hop = &hop, .target = &target };
	size_t part;

	memset(o, 0, sizeof(*o));
	must(proxy_begin(&d, NULL) == 0);
	o->n_sent = take_out(&d);
	while (!o->failed && o->n_read < n && (part = proxy_wants(&d)) > 0) {
		must(part <= (64u << 10));
		part = part < most ? part : most;
		part = part < n - o->n_read ? part : n - o->n_read;
		feed(&d, data + o->n_read, part, o);
		o->n_read += part;
	}
	o->agreed = !o->failed && proxy_wants(&d) == 0;
	o->again = d.again;
	must(!o->again || o->failed);
	proxy_fini(&d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum proxy_kind kinds[] = { PROXY_SOCKS4A, PROXY_SOCKS5H, PROXY_HTTP };
	struct proxy_hop hop = { .user = "bob", .pass = "secret" };
	struct outcome one, other;

	if (size < 3 || size > 8192)
		return 0;
	hop.kind = kinds[data[0] % 3];
	hop.login = data[1] % 2 == 1;
	run(&hop, 8192, data + 3, size - 3, &one);
	run(&hop, 1 + data[2] % 16u, data + 3, size - 3, &other);
	must(one.failed == other.failed && one.agreed == other.agreed && one.again == other.again);
	must(one.n_sent == other.n_sent);
	/* a failure may show before its last byte is read */
	must(one.failed || one.n_read == other.n_read);
	return 0;
}

/* PROXY headers. Input: a byte that says how large the pieces are, and the header. Every division reads
 * the same, no byte behind the header is asked for, and a header that is complete is never longer than
 * the limits. */
#include "fuzz.h"
#include "stream/negotiate/proxy_header/proxy_header_parse.h"

struct outcome {
	int rc;
	size_t used, need;
	struct proxy_header header;
	struct error e;
};

static void
read_header(const uint8_t *data, size_t size, size_t piece, struct outcome *o)
{
	struct proxy_header_parse p;
	size_t n;

	fuzz_stain(&o->e, sizeof(o->e));
	o->rc = 0;
	o->used = 0;
	proxy_header_parse_init(&p);
	while (o->rc == 0 && p.need > 0 && o->used < size) {
		char *copy;

		must(o->used + p.need <= PROXY_HEADER_MAX);
		n = p.need < piece ? p.need : piece;
		if (n > size - o->used)
			n = size - o->used;
		copy = fuzz_text(data + o->used, n);
		o->rc = proxy_header_parse_feed(&p, copy, n, &o->e);
		free(copy);
		o->used += n;
	}
	if (!fuzz_succeeded(o->rc, &o->e))
		must(o->e.code == ERROR_NETWORK);
	o->need = p.need;
	o->header = p.header;
	proxy_header_parse_fini(&p);
}

static void
check_header(const uint8_t *data, size_t size, const struct outcome *o)
{
	char text[SOCKNAME_TEXT_MAX];

	must(o->used >= 15 && o->used <= size);
	if (data[0] == 'P') {
		must(o->used <= PROXY_V1_MAX);
		must(data[o->used - 1] == '\n' && data[o->used - 2] == '\r');
	}
	must(o->header.local || o->header.source.len > 0);
	sockname_format(&o->header.source, text, sizeof(text));
	sockname_format(&o->header.destination, text, sizeof(text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, pieces;

	if (size < 1 || size > PROXY_HEADER_MAX + 64)
		return 0;
	read_header(data + 1, size - 1, SIZE_MAX, &whole);
	read_header(data + 1, size - 1, 1 + data[0] % 32, &pieces);
	if (whole.rc == 0 && whole.need == 0)
		check_header(data + 1, size - 1, &whole);
	/* a wrong header may be noticed at different bytes */
	if (whole.rc == 0 && whole.need == 0 && pieces.rc == 0) {
		must(pieces.need == 0 && pieces.used == whole.used);
		must(pieces.header.local == whole.header.local);
		must(sockname_equal(&pieces.header.source, &whole.header.source));
	}
	must((whole.rc == 0 && whole.need == 0) == (pieces.rc == 0 && pieces.need == 0));
	return 0;
}

/* What a reader of WebSocket finds must not depend on where the reads were cut, text is UTF-8, and nothing is longer than
 * the limit. Input: the first byte says whether the peer is a client, the second how many places to cut at, these
 * follow, then the bytes. */
#include "fuzz.h"
#include "stream/websocket/websocket_reader.h"

enum { MAX = 300 };

struct outcome {
	struct buf found; /* the events, each a byte for its kind and its bytes */
	unsigned code;
	bool over;
};

static void
note_event(struct outcome *o, int event, const struct websocket_reader *r)
{
	const char kind = (char)(event == WEBSOCKET_GOT_MESSAGE && r->binary ? 'b' : 'a' + event);

	must(r->len <= MAX);
	must(event == WEBSOCKET_GOT_MESSAGE || r->len <= WEBSOCKET_CONTROL_MAX);
	must(event != WEBSOCKET_GOT_MESSAGE || r->binary || utf8_is_valid(r->data, r->len));
	must(buf_append(&o->found, &kind, 1, NULL) == 0);
	must(buf_append(&o->found, r->data, r->len, NULL) == 0);
	if (event == WEBSOCKET_GOT_CLOSE) {
		must(r->code == WEBSOCKET_NO_CODE || websocket_code_is_valid(r->code));
		o->code = r->code;
		o->over = true;
	}
}

static void
feed(struct websocket_reader *r, const uint8_t *data, size_t n, struct outcome *o)
{
	struct error e;
	int event;

	if (o->over)
		return;
	must(buf_append(&r->in, data, n, NULL) == 0);
	fuzz_stain(&e, sizeof(e));
	while (!o->over && (event = websocket_reader_next(r, &e)) != WEBSOCKET_NEEDS_MORE) {
		if (event != -1) {
			note_event(o, event, r);
			continue;
		}
		must(e.code == ERROR_NETWORK && e.origin == ORIGIN_WEBSOCKET);
		must(e.number == WEBSOCKET_PROTOCOL_ERROR || e.number == WEBSOCKET_NOT_UTF8 ||
		    e.number == WEBSOCKET_TOO_BIG);
		o->code = (unsigned)e.number;
		o->over = true;
	}
}

static void
run(bool server, const uint8_t *cuts, size_t n_cuts, const uint8_t *data, size_t n,
    struct outcome *o)
{
	struct websocket_reader r;

	memset(o, 0, sizeof(*o));
	buf_init(&o->found, 1 << 20);
	websocket_reader_init(&r, server, MAX);
	for (size_t i = 0; i < n_cuts; i++) {
		size_t part = cuts[i] < n ? cuts[i] : n;

		feed(&r, data, part, o);
		data += part;
		n -= part;
	}
	feed(&r, data, n, o);
	websocket_reader_fini(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, cut;
	size_t n_cuts;

	if (size < 2 || size > 4096)
		return 0;
	n_cuts = data[1] % 16;
	if (size < 2 + n_cuts)
		return 0;
	run(data[0] & 1, NULL, 0, data + 2 + n_cuts, size - 2 - n_cuts, &whole);
	run(data[0] & 1, data + 2, n_cuts, data + 2 + n_cuts, size - 2 - n_cuts, &cut);
	must(whole.over == cut.over && whole.code == cut.code);
	must(whole.found.len == cut.found.len);
	must(whole.found.len == 0 ||
	    memcmp(buf_head(&whole.found), buf_head(&cut.found), whole.found.len) == 0);
	buf_fini(&whole.found);
	buf_fini(&cut.found);
	return 0;
}

/* Records must not depend on where the reads were cut, and must survive a way out and back.
 * Input: the first byte chooses the framing, the second the longest record, the third how many
 * places to cut at, these follow, then the bytes. */
#include "relay/filter/framing.h"

#include <linux/can.h>

#include "base/buf.h"
#include "fuzz.h"

enum { OUT_MAX = 1 << 20 };

/* Every record with its length in front, and how it ended. */
struct outcome {
	struct buf records;
	struct error error;
	bool failed;
};

static void
note(struct outcome *o, const char *record, size_t n)
{
	uint32_t length = (uint32_t)n;

	must(buf_append(&o->records, &length, sizeof(length), NULL) == 0);
	must(buf_append(&o->records, record, n, NULL) == 0);
}

static void
drain(struct framer *f, struct outcome *o)
{
	char *record;
	size_t n;
	int rc;

	if (o->failed)
		return;
	while ((rc = framer_next(f, &record, &n, &o->error)) > 0) {
		if (f->framing.kind == FRAMING_CAN)
			must(n == CAN_MTU || n == CANFD_MTU);
		else
			must(n <= f->max);
		note(o, record, n);
	}
	o->failed = rc < 0;
}

static void
feed(struct framer *f, struct outcome *o, const uint8_t *data, size_t n)
{
	/* a block of its own size: reading around it shows */
	char *piece = fuzz_text(data, n);

	if (!o->failed)
		must(framer_feed(f, piece, n, NULL) == 0);
	free(piece);
	drain(f, o);
}

static void
run(const struct framing *framing, size_t max, const uint8_t *cuts, size_t n_cuts,
    const uint8_t *data, size_t n, struct outcome *o)
{
	struct framer f;

	memset(o, 0, sizeof(*o));
	buf_init(&o->records, OUT_MAX);
	framer_init(&f, framing, max);
	for (size_t i = 0; i < n_cuts; i++) {
		size_t part = cuts[i] < n ? cuts[i] : n;

		feed(&f, o, data, part);
		data += part;
		n -= part;
	}
	feed(&f, o, data, n);
	if (!o->failed) {
		framer_end(&f);
		drain(&f, o);
	}
	if (!o->failed)
		must(framer_buffered(&f) == 0);
	framer_fini(&f);
}

static void
check_same(const struct outcome *a, const struct outcome *b)
{
	must(a->failed == b->failed);
	must(a->records.len == b->records.len);
	must(a->records.len == 0 ||
	    memcmp(buf_head(&a->records), buf_head(&b->records), a->records.len) == 0);
}

/* What framing_put makes of the records is read as the same records. */
static void
check_way_back(const struct framing *framing, size_t max, const struct outcome *o)
{
	struct buf stream;
	struct outcome again;
	const char *at = buf_head(&o->records), *end;
	uint32_t n;

	if (o->records.len == 0)
		return;
	end = at + o->records.len;
	buf_init(&stream, OUT_MAX);
	for (; at < end; at += n) {
		memcpy(&n, at, sizeof(n));
		at += sizeof(n);
		must(framing_put(framing, at, n, &stream, NULL) == 0);
	}
	run(framing, max + 1, NULL, 0, (const uint8_t *)buf_head(&stream), stream.len, &again);
	/* only the last line or chunk may have grown or been short */
	if (framing->kind != FRAMING_LINE)
		check_same(o, &again);
	buf_fini(&again.records);
	buf_fini(&stream);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum framing_kind kinds[] = { FRAMING_LINE, FRAMING_NUL, FRAMING_HEX,
		FRAMING_WHOLE, FRAMING_LEN16, FRAMING_CHUNK, FRAMING_CAN, FRAMING_LEN32,
		FRAMING_OCTETS };
	struct framing framing;
	struct outcome whole, cut;
	size_t n_cuts, max;

	if (size < 3 || size > 4096)
		return 0;
	framing = (struct framing){ .kind = kinds[data[0] % 9], .chunk = data[0] / 9 + 1u };
	max = data[1] + 1u;
	n_cuts = data[2] % 16;
	if (size < 3 + n_cuts)
		return 0;
	run(&framing, max, NULL, 0, data + 3 + n_cuts, size - 3 - n_cuts, &whole);
	run(&framing, max, data + 3, n_cuts, data + 3 + n_cuts, size - 3 - n_cuts, &cut);
	check_same(&whole, &cut);
	if (!whole.failed)
		check_way_back(&framing, max, &whole);
	buf_fini(&whole.records);
	buf_fini(&cut.records);
	return 0;
}

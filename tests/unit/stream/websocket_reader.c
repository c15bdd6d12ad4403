#include "stream/websocket/websocket_reader.h"
#include "base/error.h"
#include "test.h"

/* What a reader has found, as text: "t5:Hello " for a text message, then p, P and c for ping, pong
 * and close. */
struct found {
	char text[512];
	struct error error;
	unsigned code;
	int rc;
};

static void
note(struct found *f, const char *kind, const struct websocket_reader *r)
{
	size_t at = strlen(f->text);

	snprintf(f->text + at, sizeof(f->text) - at, "%s%zu:%.*s ", kind, r->len,
	    (int)(r->len < 40 ? r->len : 40), r->data);
}

static void
run(struct websocket_reader *r, struct found *f)
{
	while (
	    f->rc >= 0 && (f->rc = websocket_reader_next(r, &f->error)) != WEBSOCKET_NEEDS_MORE) {
		switch (f->rc) {
		case WEBSOCKET_GOT_MESSAGE:
			note(f, r->binary ? "b" : "t", r);
			break;
		case WEBSOCKET_GOT_PING:
			note(f, "p", r);
			break;
		case WEBSOCKET_GOT_PONG:
			note(f, "P", r);
			break;
		case WEBSOCKET_GOT_CLOSE:
			note(f, "c", r);
			f->code = r->code;
			return;
		default:
			f->code = r->code;
			return;
		}
	}
}

static void
feed(struct websocket_reader *r, struct found *f, const char *data, size_t n)
{
	if (f->rc < 0 || f->code != 0)
		return;
	check_int(buf_append(&r->in, data, n, NULL), 0);
	run(r, f);
}

struct row {
	const char *data;
	size_t n;
	const char *text; /* what is found */
	unsigned code;    /* of a close or failure */
	const char *why;  /* NULL: no failure */
};

#define ROW(data, text, code, why)                                                                 \
	{                                                                                          \
		data, sizeof(data) - 1, text, code, why                                            \
	}

static void
check_found(const struct row *row, const struct found *f)
{
	check_str(f->text, row->text);
	check_int(f->code, row->code);
	check_str(f->rc < 0 ? f->error.text : NULL, row->why);
	if (f->rc < 0)
		check_int(f->error.number, (int)row->code);
}

/* cut: the size of the pieces. */
static void
check_row(const struct row *row, bool server, size_t cut)
{
	struct websocket_reader r;
	struct found f = { .rc = 0 };
	size_t at, n;

	websocket_reader_init(&r, server, 16);
	for (at = 0; at < row->n; at += n) {
		n = row->n - at < cut ? row->n - at : cut;
		feed(&r, &f, row->data + at, n);
	}
	check_found(row, &f);
	websocket_reader_fini(&r);
}

static void
check_rows(const struct row *rows, size_t n, bool server)
{
	for (size_t i = 0; i < n; i++)
		for (size_t cut = 1; cut <= rows[i].n; cut++)
			check_row(&rows[i], server, cut);
}

#define BAD "not WebSocket: "

TEST("messages are made of frames, however the bytes are split")
{
	static const struct row rows[] = {
		ROW("\x81\x05Hello", "t5:Hello ", 0, NULL),
		ROW("\x82\x03"
		    "abc\x81\x00",
		    "b3:abc t0: ", 0, NULL),
		ROW("\x01\x03Hel\x80\x02lo", "t5:Hello ", 0, NULL),
		ROW("\x01\x00\x00\x00\x80\x00", "t0: ", 0, NULL),
		ROW("\x02\x01"
		    "a\x89\x01z\x00\x01"
		    "b\x8a\x00\x80\x01"
		    "c",
		    "p1:z P0: b3:abc ", 0, NULL),
		ROW("\x01\x01\xe2\x00\x01\x82\x80\x01\xac", "t3:\xe2\x82\xac ", 0, NULL),
		ROW("\x88\x00", "c0: ", 1005, NULL),
		ROW("\x81\x01"
		    "a\x88\x05\x0f\xa1"
		    "bye",
		    "t1:a c3:bye ", 4001, NULL),
		ROW("\x02\x01"
		    "a\x88\x02\x03\xe8",
		    "c0: ", 1000, NULL),
		ROW("\x82\x10"
		    "0123456789abcdef",
		    "b16:0123456789abcdef ", 0, NULL),
	};

	check_rows(rows, sizeof(rows) / sizeof(rows[0]), false);
}

TEST("what violates the protocol is a failure with the code for the peer")
{
	static const struct row rows[] = {
		ROW("\x81\x85\x01\x02\x03\x04", "", 1002, BAD "a server's frame is masked"),
		ROW("\x80\x00", "", 1002, BAD "a fragment continues no message"),
		ROW("\x01\x00\x81\x00", "", 1002, BAD "a message begins inside another one"),
		ROW("\x81\x00\x80\x00", "t0: ", 1002, BAD "a fragment continues no message"),
		ROW("\x88\x01\x03", "", 1002, BAD "a close frame has half a code"),
		ROW("\x88\x02\x03\xed", "", 1002, BAD "a close frame has a reserved code"),
		ROW("\x88\x03\x03\xe8\xff", "", 1007,
		    BAD "the reason of a close frame is not UTF-8"),
		ROW("\x81\x01\xff", "", 1007, BAD "a text message is not UTF-8"),
		ROW("\x81\x02\xe2\x82", "", 1007, BAD "a text message is not UTF-8"),
		ROW("\x01\x01\xe2\x80\x01\x41", "", 1007, BAD "a text message is not UTF-8"),
		ROW("\x01\x01\xf4\x00\x02\x90\x80", "", 1007, BAD "a text message is not UTF-8"),
		ROW("\x82\x11", "", 1009, "a message of more than 16 bytes"),
		ROW("\x02\x10"
		    "0123456789abcdef\x80\x01",
		    "", 1009, "a message of more than 16 bytes"),
		ROW("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", "", 1009,
		    "a message of more than 16 bytes"),
	};

	check_rows(rows, sizeof(rows) / sizeof(rows[0]), false);
}

TEST("a client has to mask its frames")
{
	static const struct row rows[] = {
		ROW("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", "t5:Hello ", 0, NULL),
		ROW("\x01\x83\x37\xfa\x21\x3d\x7f\x9f\x4d\x80\x82\0\0\0\0lo", "t5:Hello ", 0, NULL),
		ROW("\x89\x81\x01\0\0\0{\x88\x80\0\0\0\0", "p1:z c0: ", 1005, NULL),
		ROW("\x81\x05Hello", "", 1002, BAD "a client's frame is not masked"),
		ROW("\x88\x00", "", 1002, BAD "a client's frame is not masked"),
	};

	check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}

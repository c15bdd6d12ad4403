#include "stream/websocket/websocket_frame.h"
#include "test.h"

/* Parses a copy of its exact size, so that the sanitizer sees a read behind the end. */
static int
parse(struct websocket_frame *f, const char *data, size_t n, const char **why)
{
	unsigned char *copy = malloc(n > 0 ? n : 1);
	int rc = -2;

	*why = NULL;
	if (check(copy != NULL)) {
		memcpy(copy, data, n);
		rc = websocket_frame_parse(f, copy, n, why);
	}
	free(copy);
	return rc;
}

TEST("a head is what was put, and incomplete at each byte before its end")
{
	static const uint64_t lengths[] = { 0, 1, 125, 126, 127, 65535, 65536, INT64_MAX };
	static const size_t sizes[] = { 2, 2, 2, 4, 4, 4, 10, 10 };
	struct websocket_frame f = { .mask = { 1, 2, 3, 4 } }, got;
	unsigned char head[WEBSOCKET_HEAD_MAX];
	const char *why;

	for (unsigned i = 0; i < 4 * sizeof(lengths) / sizeof(lengths[0]); i++) {
		f.length = lengths[i / 4];
		f.final = (i & 1) != 0;
		f.masked = (i & 2) != 0;
		f.opcode = WEBSOCKET_BINARY;
		size_t n = websocket_frame_put(&f, head);

		check_int(n, sizes[i / 4] + (f.masked ? 4 : 0));
		for (size_t cut = 0; cut < n; cut++)
			check_int(parse(&got, (char *)head, cut, &why), 0);
		check_int(parse(&got, (char *)head, n, &why), (int)n);
		check(got.length == f.length && got.final == f.final && got.masked == f.masked);
		check_int(got.opcode, WEBSOCKET_BINARY);
		check(!f.masked || memcmp(got.mask, f.mask, 4) == 0);
	}
}

TEST("a head that violates the protocol is refused, and the text says why")
{
	static const struct {
		const char *head;
		size_t n;
		const char *why;
	} rows[] = {
		{ "\xc1\x00", 2, "a frame has reserved bits set, but no extension was agreed on" },
		{ "\xa1\x00", 2, "a frame has reserved bits set, but no extension was agreed on" },
		{ "\x91\x00", 2, "a frame has reserved bits set, but no extension was agreed on" },
		{ "\x83\x00", 2, "a frame has an unknown opcode" },
		{ "\x87\x00", 2, "a frame has an unknown opcode" },
		{ "\x8b\x00", 2, "a frame has an unknown opcode" },
		{ "\x8f\x00", 2, "a frame has an unknown opcode" },
		{ "\x09\x00", 2, "a control frame is fragmented" },
		{ "\x89\x7e", 2, "a control frame has more than 125 bytes" },
		{ "\x88\xff", 2, "a control frame has more than 125 bytes" },
		{ "\x82\x7e\x00\x7d", 4, "a length is not in its shortest form" },
		{ "\x82\x7f\0\0\0\0\0\0\xff\xff", 10, "a length is not in its shortest form" },
		{ "\x82\x7f\x80\0\0\0\0\0\0\0", 10, "a frame has a length of 2^63 or more" },
		{ "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10,
		    "a frame has a length of 2^63 or more" },
	};
	struct websocket_frame f;
	const char *why;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_int(parse(&f, rows[i].head, rows[i].n, &why), -1);
		check_str(why, rows[i].why);
	}
}

TEST("masking twice gives the bytes again, from any offset")
{
	static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	char plain[64], data[64];

	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (char)(3 * i);
	for (size_t cut = 0; cut <= sizeof(plain); cut++) {
		memcpy(data, plain, sizeof(data));
		websocket_frame_mask(data, sizeof(data), mask, 0);
		websocket_frame_mask(data, cut, mask, 0);
		websocket_frame_mask(data + cut, sizeof(data) - cut, mask, cut);
		check_mem(data, sizeof(data), plain, sizeof(plain));
	}
}

TEST("the masked Hello of RFC 6455 is right")
{
	static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	char data[5] = { 'H', 'e', 'l', 'l', 'o' };

	websocket_frame_mask(data, sizeof(data), mask, 0);
	check_mem(data, sizeof(data), "\x7f\x9f\x4d\x51\x58", 5);
}

TEST("the codes of RFC 6455 may come or not")
{
	static const unsigned may[] = { 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012,
		1014, 3000, 3999, 4000, 4999 };
	static const unsigned may_not[] = { 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000,
		65535 };

	for (size_t i = 0; i < sizeof(may) / sizeof(may[0]); i++)
		check(websocket_code_is_valid(may[i]));
	for (size_t i = 0; i < sizeof(may_not) / sizeof(may_not[0]); i++)
		check(!websocket_code_is_valid(may_not[i]));
}

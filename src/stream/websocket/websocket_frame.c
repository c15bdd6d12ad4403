#include "stream/websocket/websocket_frame.h"

#include <string.h>

enum { FINAL = 0x80, RESERVED = 0x70, OPCODE = 0x0f, MASKED = 0x80, SHORT = 0x7f };
enum { LENGTH_16 = 126, LENGTH_64 = 127 };

static bool
is_control(unsigned opcode)
{
	return (opcode & 8) != 0;
}

static bool
is_known(unsigned opcode)
{
	return opcode <= WEBSOCKET_BINARY ||
	    (opcode >= WEBSOCKET_CLOSE && opcode <= WEBSOCKET_PONG);
}

/* Returns what is wrong with the first two bytes, or NULL. */
static const char *
find_violation(unsigned first, unsigned length)
{
	unsigned opcode = first & OPCODE;

	if ((first & RESERVED) != 0)
		return "a frame has reserved bits set, but no extension was agreed on";
	if (!is_known(opcode))
		return "a frame has an unknown opcode";
	if (is_control(opcode) && (first & FINAL) == 0)
		return "a control frame is fragmented";
	if (is_control(opcode) && length > WEBSOCKET_CONTROL_MAX)
		return "a control frame has more than 125 bytes";
	return NULL;
}

static size_t
length_size(unsigned length)
{
	return length == LENGTH_64 ? 8 : length == LENGTH_16 ? 2 : 0;
}

static uint64_t
read_length(const unsigned char *data, size_t n)
{
	uint64_t length = 0;

	while (n-- > 0)
		length = length << 8 | *data++;
	return length;
}

/* Returns false if a shorter form would do, or the first bit is set. */
static bool
is_right_form(uint64_t length, size_t size)
{
	return size == 8 ? length > UINT16_MAX && length <= INT64_MAX
			 : length > WEBSOCKET_CONTROL_MAX;
}

int
websocket_frame_parse(struct websocket_frame *f, const unsigned char *data, size_t n,
    const char **ret_why)
{
	size_t size, head;
	unsigned length;

	if (n < 2)
		return 0;
	length = data[1] & SHORT;
	if ((*ret_why = find_violation(data[0], length)) != NULL)
		return -1;
	size = length_size(length);
	head = 2 + size;
	if (n < head)
		return 0;
	*f = (struct websocket_frame){ .final = (data[0] & FINAL) != 0,
		.opcode = (enum websocket_opcode)(data[0] & OPCODE),
		.masked = (data[1] & MASKED) != 0,
		.length = size == 0 ? length : read_length(data + 2, size) };
	if (size > 0 && !is_right_form(f->length, size)) {
		*ret_why = f->length > INT64_MAX ? "a frame has a length of 2^63 or more"
						 : "a length is not in its shortest form";
		return -1;
	}
	if (!f->masked)
		return (int)head;
	if (n < head + sizeof(f->mask))
		return 0;
	memcpy(f->mask, data + head, sizeof(f->mask));
	return (int)(head + sizeof(f->mask));
}

size_t
websocket_frame_put(const struct websocket_frame *f, unsigned char ret_head[WEBSOCKET_HEAD_MAX])
{
	unsigned length = f->length > UINT16_MAX ? LENGTH_64
	    : f->length > WEBSOCKET_CONTROL_MAX  ? LENGTH_16
						 : (unsigned)f->length;
	size_t size = length_size(length), i;

	ret_head[0] = (unsigned char)((f->final ? FINAL : 0) | f->opcode);
	ret_head[1] = (unsigned char)((f->masked ? MASKED : 0) | length);
	for (i = 0; i < size; i++)
		ret_head[1 + size - i] = (unsigned char)(f->length >> 8 * i);
	if (!f->masked)
		return 2 + size;
	memcpy(ret_head + 2 + size, f->mask, sizeof(f->mask));
	return 2 + size + sizeof(f->mask);
}

void
websocket_frame_mask(char *data, size_t n, const unsigned char mask[4], uint64_t at)
{
	unsigned char turned[8];
	uint64_t key, eight;
	size_t i;

	for (i = 0; i < sizeof(turned); i++)
		turned[i] = mask[(at + i) % 4];
	memcpy(&key, turned, sizeof(key));
	for (i = 0; n - i >= sizeof(key); i += sizeof(key)) {
		memcpy(&eight, data + i, sizeof(eight));
		eight ^= key;
		memcpy(data + i, &eight, sizeof(eight));
	}
	for (; i < n; i++)
		data[i] = (char)(data[i] ^ (char)turned[i % 8]);
}

/* 3000 to 4999 are for libraries and applications; 1004 to 1006 and 1015 are never sent; 1012 to
 * 1014 were registered later. */
bool
websocket_code_is_valid(unsigned code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
	    (code >= 3000 && code <= 4999);
}

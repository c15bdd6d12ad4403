/*
 * The frames of WebSocket (RFC 6455, 5.2), without I/O.
 */
#ifndef STREAM_WEBSOCKET_WEBSOCKET_FRAME_H
#define STREAM_WEBSOCKET_WEBSOCKET_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum websocket_opcode {
	WEBSOCKET_CONTINUATION = 0,
	WEBSOCKET_TEXT = 1,
	WEBSOCKET_BINARY = 2,
	WEBSOCKET_CLOSE = 8,
	WEBSOCKET_PING = 9,
	WEBSOCKET_PONG = 10
};

/* RFC 6455, 7.4.1. */
enum websocket_code {
	WEBSOCKET_NORMAL = 1000,
	WEBSOCKET_GOING_AWAY = 1001,
	WEBSOCKET_PROTOCOL_ERROR = 1002,
	WEBSOCKET_NO_CODE = 1005,  /* never sent: a close frame without a code has come */
	WEBSOCKET_NO_CLOSE = 1006, /* never sent: no close frame has come */
	WEBSOCKET_NOT_UTF8 = 1007,
	WEBSOCKET_TOO_BIG = 1009
};

#define WEBSOCKET_HEAD_MAX 14
#define WEBSOCKET_CONTROL_MAX 125

struct websocket_frame {
	bool final, masked;
	enum websocket_opcode opcode;
	unsigned char mask[4]; /* if masked */
	uint64_t length;       /* of the payload */
};

/* Reads the head of a frame. Returns its length, 0 if it is incomplete, or -1 with *ret_why if
 * it violates the protocol: reserved bits, an unknown opcode, a control frame that is
 * fragmented or too long, a length that is not in its shortest form or beyond 2^63 - 1. */
int websocket_frame_parse(struct websocket_frame *f, const unsigned char *data, size_t n,
    const char **ret_why);

/* Writes the head of f. Returns its length. */
size_t websocket_frame_put(const struct websocket_frame *f,
    unsigned char ret_head[WEBSOCKET_HEAD_MAX]);

/* Masks or unmasks n bytes in place. `at` is their offset in the payload. */
void websocket_frame_mask(char *data, size_t n, const unsigned char mask[4], uint64_t at);

/* Returns true for a code that a close frame may carry (RFC 6455, 7.4). */
bool websocket_code_is_valid(unsigned code);

#endif

#include <stdbool.h>
#include <string.h>

#include "stream/mbedtls/certificates/pem.h"

#define BEGIN "-----BEGIN "
#define LABEL "CERTIFICATE-----"

enum { BLANK = 64, PAD = 65, OTHER = 66 };

/* The value of a base64 digit, or the class of another character. */
static const unsigned char digits[256] = {
#define V(c, v) [c] = (v) + 1
	V('A', 0), V('B', 1), V('C', 2), V('D', 3), V('E', 4), V('F', 5), V('G', 6), V('H', 7),
	V('I', 8), V('J', 9), V('K', 10), V('L', 11), V('M', 12), V('N', 13), V('O', 14),
	V('P', 15), V('Q', 16), V('R', 17), V('S', 18), V('T', 19), V('U', 20), V('V', 21),
	V('W', 22), V('X', 23), V('Y', 24), V('Z', 25), V('a', 26), V('b', 27), V('c', 28),
	V('d', 29), V('e', 30), V('f', 31), V('g', 32), V('h', 33), V('i', 34), V('j', 35),
	V('k', 36), V('l', 37), V('m', 38), V('n', 39), V('o', 40), V('p', 41), V('q', 42),
	V('r', 43), V('s', 44), V('t', 45), V('u', 46), V('v', 47), V('w', 48), V('x', 49),
	V('y', 50), V('z', 51), V('0', 52), V('1', 53), V('2', 54), V('3', 55), V('4', 56),
	V('5', 57), V('6', 58), V('7', 59), V('8', 60), V('9', 61), V('+', 62), V('/', 63),
	V('\n', BLANK), V('\r', BLANK), V(' ', BLANK), V('\t', BLANK), V('=', PAD)
#undef V
};

static unsigned
digit_value(char c)
{
	unsigned v = digits[(unsigned char)c];

	return v == 0 ? OTHER : v - 1;
}

/* Returns the start of the text behind the next header, or NULL. */
static const char *
find_block(const char *text, const char *end)
{
	const char *p;

	while ((p = memmem(text, (size_t)(end - text), BEGIN, strlen(BEGIN))) != NULL) {
		text = p + strlen(BEGIN);
		if ((size_t)(end - text) > strlen(LABEL) && memcmp(text, LABEL, strlen(LABEL)) == 0)
			return text + strlen(LABEL);
	}
	return NULL;
}

struct quantum {
	unsigned bits, n; /* digits so far */
	bool padded;
};

/* Adds a character. Returns false at the end of the block, or if a complete group does not fit
 * in room. */
static bool
add_digit(struct quantum *q, unsigned v, unsigned char *out, size_t room, size_t *len)
{
	if (v == BLANK)
		return true;
	if (v == PAD) {
		q->padded = true;
		return true;
	}
	if (v == OTHER || q->padded)
		return false;
	q->bits = q->bits << 6 | v;
	if (++q->n < 4)
		return true;
	if (room - *len < 3)
		return false;
	out[(*len)++] = (unsigned char)(q->bits >> 16);
	out[(*len)++] = (unsigned char)(q->bits >> 8);
	out[(*len)++] = (unsigned char)q->bits;
	q->bits = q->n = 0;
	return true;
}

/* Decodes a block up to its '-'. Returns its length, or 0 if it is malformed. */
static size_t
decode_certificate(const char **at, const char *end, unsigned char *out, size_t room)
{
	struct quantum q = { 0 };
	const char *p = *at;
	size_t len = 0;

	while (p < end && add_digit(&q, digit_value(*p), out, room, &len))
		p++;
	*at = p;
	if (p == end || *p != '-' || q.n == 1 || room - len < 2)
		return 0;
	if (q.n >= 2)
		out[len++] = (unsigned char)(q.bits >> (q.n == 2 ? 4 : 10));
	if (q.n == 3)
		out[len++] = (unsigned char)(q.bits >> 2);
	return len;
}

size_t
tls_mbed_pem_next(const char *text, size_t n, size_t *at, unsigned char *out, size_t room)
{
	const char *p = text + *at, *end = text + n;
	size_t len = 0;

	while (len == 0 && p != NULL) {
		p = find_block(p, end);
		if (p != NULL)
			len = decode_certificate(&p, end, out, room);
	}
	*at = p != NULL ? (size_t)(p - text) : n;
	return len;
}

#include "base/codec/base64.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/codec/word.h"
#include "base/error.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* ---- encoding: two digits at a time, from twelve bits ---- */

#define PAIRS_OF(a)                                                                                \
	{ (a), 'A' }, { (a), 'B' }, { (a), 'C' }, { (a), 'D' }, { (a), 'E' }, { (a), 'F' },        \
	    { (a), 'G' }, { (a), 'H' }, { (a), 'I' }, { (a), 'J' }, { (a), 'K' }, { (a), 'L' },    \
	    { (a), 'M' }, { (a), 'N' }, { (a), 'O' }, { (a), 'P' }, { (a), 'Q' }, { (a), 'R' },    \
	    { (a), 'S' }, { (a), 'T' }, { (a), 'U' }, { (a), 'V' }, { (a), 'W' }, { (a), 'X' },    \
	    { (a), 'Y' }, { (a), 'Z' }, { (a), 'a' }, { (a), 'b' }, { (a), 'c' }, { (a), 'd' },    \
	    { (a), 'e' }, { (a), 'f' }, { (a), 'g' }, { (a), 'h' }, { (a), 'i' }, { (a), 'j' },    \
	    { (a), 'k' }, { (a), 'l' }, { (a), 'm' }, { (a), 'n' }, { (a), 'o' }, { (a), 'p' },    \
	    { (a), 'q' }, { (a), 'r' }, { (a), 's' }, { (a), 't' }, { (a), 'u' }, { (a), 'v' },    \
	    { (a), 'w' }, { (a), 'x' }, { (a), 'y' }, { (a), 'z' }, { (a), '0' }, { (a), '1' },    \
	    { (a), '2' }, { (a), '3' }, { (a), '4' }, { (a), '5' }, { (a), '6' }, { (a), '7' },    \
	    { (a), '8' }, { (a), '9' }, { (a), '+' },                                              \
	{                                                                                          \
		(a), '/'                                                                           \
	}
#define PAIRS                                                                                      \
	PAIRS_OF('A'), PAIRS_OF('B'), PAIRS_OF('C'), PAIRS_OF('D'), PAIRS_OF('E'), PAIRS_OF('F'),  \
	    PAIRS_OF('G'), PAIRS_OF('H'), PAIRS_OF('I'), PAIRS_OF('J'), PAIRS_OF('K'),             \
	    PAIRS_OF('L'), PAIRS_OF('M'), PAIRS_OF('N'), PAIRS_OF('O'), PAIRS_OF('P'),             \
	    PAIRS_OF('Q'), PAIRS_OF('R'), PAIRS_OF('S'), PAIRS_OF('T'), PAIRS_OF('U'),             \
	    PAIRS_OF('V'), PAIRS_OF('W'), PAIRS_OF('X'), PAIRS_OF('Y'), PAIRS_OF('Z'),             \
	    PAIRS_OF('a'), PAIRS_OF('b'), PAIRS_OF('c'), PAIRS_OF('d'), PAIRS_OF('e'),             \
	    PAIRS_OF('f'), PAIRS_OF('g'), PAIRS_OF('h'), PAIRS_OF('i'), PAIRS_OF('j'),             \
	    PAIRS_OF('k'), PAIRS_OF('l'), PAIRS_OF('m'), PAIRS_OF('n'), PAIRS_OF('o'),             \
	    PAIRS_OF('p'), PAIRS_OF('q'), PAIRS_OF('r'), PAIRS_OF('s'), PAIRS_OF('t'),             \
	    PAIRS_OF('u'), PAIRS_OF('v'), PAIRS_OF('w'), PAIRS_OF('x'), PAIRS_OF('y'),             \
	    PAIRS_OF('z'), PAIRS_OF('0'), PAIRS_OF('1'), PAIRS_OF('2'), PAIRS_OF('3'),             \
	    PAIRS_OF('4'), PAIRS_OF('5'), PAIRS_OF('6'), PAIRS_OF('7'), PAIRS_OF('8'),             \
	    PAIRS_OF('9'), PAIRS_OF('+'), PAIRS_OF('/')

static const char pairs[4096][2] = { PAIRS };

static void
put_pair(char text[2], uint64_t bits)
{
	memcpy(text, pairs[bits & 0xfff], 2);
}

/* Encodes six bytes at a time, while eight can be read. Returns how many bytes it took. */
static size_t
encode_sixes(const unsigned char *data, size_t n, char *text)
{
	size_t at = 0;

	for (; n - at >= 8; at += 6, text += 8) {
		const uint64_t bits = word_load_big(data + at) >> 16;

		put_pair(text, bits >> 36);
		put_pair(text + 2, bits >> 24);
		put_pair(text + 4, bits >> 12);
		put_pair(text + 6, bits);
	}
	return at;
}

static void
encode_three(const unsigned char *data, size_t n, char text[4])
{
	uint32_t bits = 0;
	size_t i;

	for (i = 0; i < 3; i++)
		bits = bits << 8 | (i < n ? data[i] : 0u);
	for (i = 0; i < 4; i++)
		text[i] = i <= n ? digits[bits >> (18 - 6 * i) & 0x3f] : '=';
}

int
base64_encode(struct buf *out, const void *data, size_t n, struct error *e)
{
	const unsigned char *bytes = data;
	size_t at, room = (n + 2) / 3 * 4;
	char *text;

	if (n == 0)
		return 0;
	if ((text = buf_reserve(out, room, e)) == NULL)
		return -1;
	at = encode_sixes(bytes, n, text);
	for (text += at / 3 * 4; at < n; at += 3, text += 4)
		encode_three(bytes + at, n - at < 3 ? n - at : 3, text);
	buf_added(out, room);
	return 0;
}

/* ---- decoding ---- */

/* The values of the digits, and one more; 0: no digit. */
static const unsigned char values[256] = { ['A'] = 1,
	['B'] = 2,
	['C'] = 3,
	['D'] = 4,
	['E'] = 5,
	['F'] = 6,
	['G'] = 7,
	['H'] = 8,
	['I'] = 9,
	['J'] = 10,
	['K'] = 11,
	['L'] = 12,
	['M'] = 13,
	['N'] = 14,
	['O'] = 15,
	['P'] = 16,
	['Q'] = 17,
	['R'] = 18,
	['S'] = 19,
	['T'] = 20,
	['U'] = 21,
	['V'] = 22,
	['W'] = 23,
	['X'] = 24,
	['Y'] = 25,
	['Z'] = 26,
	['a'] = 27,
	['b'] = 28,
	['c'] = 29,
	['d'] = 30,
	['e'] = 31,
	['f'] = 32,
	['g'] = 33,
	['h'] = 34,
	['i'] = 35,
	['j'] = 36,
	['k'] = 37,
	['l'] = 38,
	['m'] = 39,
	['n'] = 40,
	['o'] = 41,
	['p'] = 42,
	['q'] = 43,
	['r'] = 44,
	['s'] = 45,
	['t'] = 46,
	['u'] = 47,
	['v'] = 48,
	['w'] = 49,
	['x'] = 50,
	['y'] = 51,
	['z'] = 52,
	['0'] = 53,
	['1'] = 54,
	['2'] = 55,
	['3'] = 56,
	['4'] = 57,
	['5'] = 58,
	['6'] = 59,
	['7'] = 60,
	['8'] = 61,
	['9'] = 62,
	['+'] = 63,
	['/'] = 64 };

/* Returns the number of bytes in a group of four characters, or 0 if it is none. */
static size_t
decode_four(const char *text, char *bytes)
{
	size_t n = text[3] != '=' ? 3 : text[2] != '=' ? 2 : 1, i;
	uint32_t bits = 0;

	for (i = 0; i < 4; i++) {
		const unsigned digit = values[(unsigned char)text[i]];

		if (i <= n && digit == 0)
			return 0;
		bits = bits << 6 | (i <= n ? digit - 1 : 0);
	}
	for (i = 0; i < 3; i++)
		bytes[i] = (char)(bits >> (16 - 8 * i));
	return n == 3 || bytes[n] == 0 ? n : 0;
}

/* Decodes the groups of a text, of which only the last one may be short. Returns -1 if one is none. */
static int
decode_groups(const char *text, size_t n, char *bytes, size_t n_bytes)
{
	const size_t rest = n_bytes % 3;
	size_t at;
	char last[3];

	for (at = 0; at < n_bytes / 3 * 4; at += 4, bytes += 3)
		if (decode_four(text + at, bytes) != 3)
			return -1;
	if (rest > 0 && decode_four(text + at, last) != rest)
		return -1;
	memcpy(bytes, last, rest);
	return at + (rest > 0 ? 4 : 0) == n ? 0 : -1;
}

int
base64_decode(struct buf *out, const char *text, size_t n, struct error *e)
{
	size_t n_bytes = n / 4 * 3;
	char *bytes;

	if (n == 0)
		return 0;
	if (n % 4 != 0)
		return error_set(e, ERROR_USAGE, "not base64");
	n_bytes -= (size_t)(text[n - 1] == '=') + (text[n - 2] == '=');
	if ((bytes = buf_reserve(out, n_bytes, e)) == NULL)
		return -1;
	if (decode_groups(text, n, bytes, n_bytes) < 0)
		return error_set(e, ERROR_USAGE, "not base64");
	buf_added(out, n_bytes);
	return 0;
}

#include "stream/dtls_cookie.h"

#include <string.h>

enum {
	HANDSHAKE = 22, /* a record type */
	CLIENT_HELLO = 1,
	HELLO_VERIFY_REQUEST = 3,
	MESSAGE_HEADER = 12,
	VERSION = 2,
	RANDOM = 32,
	SESSION_ID_MAX = 32
};

static size_t
read_big_endian(const unsigned char *p, unsigned bytes)
{
	size_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | *p++;
	return n;
}

size_t
dtls_record_size(const unsigned char *data, size_t n)
{
	size_t size;

	if (n < DTLS_RECORD_HEADER)
		return n;
	size = DTLS_RECORD_HEADER + read_big_endian(data + 11, 2);
	return size < n ? size : n;
}

/* Checks type, version, epoch, sequence number and length (RFC 6347, 4.1). Epoch 0 is
 * unencrypted. */
static bool
is_clear_handshake(const unsigned char *record, size_t n)
{
	return n >= DTLS_RECORD_HEADER && record[0] == HANDSHAKE && record[1] == 0xfe &&
	    read_big_endian(record + 3, 2) == 0 &&
	    read_big_endian(record + 11, 2) <= n - DTLS_RECORD_HEADER;
}

/* Checks type, length, sequence number, fragment offset and fragment length (4.2.2). The hello has
 * to be one fragment: a server without state cannot reassemble several. */
static bool
is_whole_hello(const unsigned char *message, size_t n)
{
	size_t length;

	if (n < MESSAGE_HEADER || message[0] != CLIENT_HELLO)
		return false;
	length = read_big_endian(message + 1, 3);
	return read_big_endian(message + 6, 3) == 0 && read_big_endian(message + 9, 3) == length &&
	    length <= n - MESSAGE_HEADER;
}

/* The body begins with version, random, session ID and cookie. */
static bool
find_cookie(const unsigned char *body, size_t n, struct dtls_hello *ret_hello)
{
	size_t at = VERSION + RANDOM;

	if (n < at + 1 || body[0] != 0xfe || body[at] > SESSION_ID_MAX)
		return false;
	at += 1 + (size_t)body[at];
	if (n < at + 1 || n < at + 1 + body[at])
		return false;
	ret_hello->n_cookie = body[at];
	ret_hello->cookie = body + at + 1;
	return true;
}

bool
dtls_cookie_parse(const unsigned char *datagram, size_t n, struct dtls_hello *ret_hello)
{
	const unsigned char *message = datagram + DTLS_RECORD_HEADER;

	if (!is_clear_handshake(datagram, n))
		return false;
	memcpy(ret_hello->sequence, datagram + 5, sizeof(ret_hello->sequence));
	if (!is_whole_hello(message, read_big_endian(datagram + 11, 2)))
		return false;
	return find_cookie(message + MESSAGE_HEADER, read_big_endian(message + 1, 3), ret_hello);
}

static unsigned char *
write_big_endian(unsigned char *p, size_t number, unsigned bytes)
{
	while (bytes-- > 0)
		*p++ = (unsigned char)(number >> (8 * bytes));
	return p;
}

/* The version is always that of DTLS 1.0. The sequence number is that of the hello, so that no two
 * answers share one (4.2.1). */
size_t
dtls_cookie_request(const struct dtls_hello *hello, const unsigned char *cookie, size_t n_cookie,
    unsigned char *answer, size_t size)
{
	size_t body = VERSION + 1 + n_cookie, all = DTLS_RECORD_HEADER + MESSAGE_HEADER + body;
	unsigned char *p = answer;

	if (n_cookie > DTLS_COOKIE_MAX || size < all)
		return 0;
	p = write_big_endian(p, HANDSHAKE, 1);
	p = write_big_endian(p, 0xfeff, VERSION);
	p = write_big_endian(p, 0, 2);
	memcpy(p, hello->sequence, sizeof(hello->sequence));
	p = write_big_endian(p + sizeof(hello->sequence), MESSAGE_HEADER + body, 2);
	p = write_big_endian(p, HELLO_VERIFY_REQUEST, 1);
	p = write_big_endian(p, body, 3);
	p = write_big_endian(p, 0, 2 + 3);
	p = write_big_endian(p, body, 3);
	p = write_big_endian(p, 0xfeff, VERSION);
	p = write_big_endian(p, n_cookie, 1);
	memcpy(p, cookie, n_cookie);
	return all;
}

#include "stream/dtls_cookie.h"

#include <string.h>

#include "test.h"

enum { HEADER = DTLS_RECORD_HEADER, MESSAGE = 12, BODY = 2 + 32 };

/* A first hello: no session, a cookie of so many bytes, and what follows it. */
static size_t
make_hello(unsigned char *to, size_t n_session, size_t n_cookie)
{
	size_t body = BODY + 1 + n_session + 1 + n_cookie + 4, all = HEADER + MESSAGE + body;
	unsigned char *message = to + HEADER;

	memset(to, 0, all);
	memcpy(to, "\x16\xfe\xff\0\0\1\2\3\4\5\6", 11);
	to[11] = (unsigned char)((MESSAGE + body) >> 8);
	to[12] = (unsigned char)(MESSAGE + body);
	message[0] = 1;
	message[2] = message[10] = (unsigned char)(body >> 8);
	message[3] = message[11] = (unsigned char)body;
	message += MESSAGE;
	message[0] = message[1] = 0xfe;
	message[BODY] = (unsigned char)n_session;
	message[BODY + 1 + n_session] = (unsigned char)n_cookie;
	memset(message + BODY + 2 + n_session, 'c', n_cookie);
	return all;
}

/* Parses a copy of its exact size, so that the sanitizer sees a read behind the end. */
static bool
parses(const unsigned char *data, size_t n, struct dtls_hello *ret_hello)
{
	unsigned char *copy = malloc(n > 0 ? n : 1);
	bool is;

	if (!check(copy != NULL))
		return false;
	memcpy(copy, data, n);
	is = dtls_cookie_parse(copy, n, ret_hello);
	if (is)
		ret_hello->cookie = data + (ret_hello->cookie - copy);
	free(copy);
	return is;
}

TEST("a hello has the number of its record, and its cookie, which may be empty")
{
	static const size_t cookies[] = { 0, 1, 32, DTLS_COOKIE_MAX };
	unsigned char data[600];

	for (size_t i = 0; i < 4; i++)
		for (size_t session = 0; session <= 32; session += 16) {
			size_t n = make_hello(data, session, cookies[i]);
			struct dtls_hello hello;

			require(parses(data, n, &hello));
			check_int((int)hello.n_cookie, (int)cookies[i]);
			check_int((int)(hello.cookie - data),
			    (int)(HEADER + MESSAGE + BODY + 2 + session));
			check_mem(hello.sequence, 6, "\1\2\3\4\5\6", 6);
		}
}

TEST("a hello that is cut at any byte is none, and bytes behind it do not matter")
{
	unsigned char data[600];
	size_t n = make_hello(data, 16, 32);
	struct dtls_hello hello;

	for (size_t cut = 0; cut < n; cut++)
		check(!parses(data, cut, &hello));
	data[n] = 0x16;
	check(parses(data, n + 1, &hello));
}

TEST("what is no hello in the clear, whole and of DTLS, is refused")
{
	static const struct {
		size_t at;
		unsigned char value;
	} wrong[] = {
		{ 0, 23 },                            /* application data */
		{ 1, 3 },                             /* TLS */
		{ 4, 1 },                             /* encrypted */
		{ 11, 1 },                            /* longer than the datagram */
		{ HEADER, 2 },                        /* a ServerHello */
		{ HEADER + 1, 1 },                    /* longer than the record */
		{ HEADER + 6, 1 },                    /* a fragment that begins later, */
		{ HEADER + 8, 1 },                    /* also by one byte, */
		{ HEADER + 11, 1 },                   /* or ends before */
		{ HEADER + MESSAGE, 3 },              /* TLS */
		{ HEADER + MESSAGE + BODY, 33 },      /* a session that is too long */
		{ HEADER + MESSAGE + BODY + 1, 255 }, /* a cookie beyond the message */
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		unsigned char data[600];
		size_t n = make_hello(data, 0, 32);
		struct dtls_hello hello;

		data[wrong[i].at] = wrong[i].value;
		if (!check(!parses(data, n, &hello)))
			printf("# byte %zu\n", wrong[i].at);
	}
}

TEST("the answer asks for the cookie, with the number of the hello")
{
	static const char want[] = "\x16\xfe\xff\0\0\1\2\3\4\5\6\0\x12"
				   "\3\0\0\6\0\0\0\0\0\0\0\6"
				   "\xfe\xff\3"
				   "abc";
	unsigned char data[600], answer[400], cookie[DTLS_COOKIE_MAX + 1] = "abc";
	struct dtls_hello hello, again;
	size_t n;

	require(parses(data, make_hello(data, 0, 0), &hello));
	n = dtls_cookie_request(&hello, cookie, 3, answer, sizeof(answer));
	check_mem(answer, n, want, sizeof(want) - 1);
	check(!parses(answer, n, &again));
	/* of a room that is too small by one byte, and of a cookie that is too long */
	check_int((int)dtls_cookie_request(&hello, cookie, 3, answer, n), (int)n);
	check_int((int)dtls_cookie_request(&hello, cookie, 3, answer, n - 1), 0);
	check_int((int)dtls_cookie_request(&hello, cookie, DTLS_COOKIE_MAX, answer, sizeof(answer)),
	    HEADER + MESSAGE + 3 + DTLS_COOKIE_MAX);
	check_int(
	    (int)dtls_cookie_request(&hello, cookie, DTLS_COOKIE_MAX + 1, answer, sizeof(answer)),
	    0);
}

TEST("records are as long as their headers say, but not longer than what there is")
{
	unsigned char data[600];
	size_t n = make_hello(data, 0, 300 - 46);

	check(n > 256 + HEADER);
	check_int((int)dtls_record_size(data, n), (int)n);
	check_int((int)dtls_record_size(data, n + 10), (int)n);
	check_int((int)dtls_record_size(data, n - 1), (int)n - 1);
	check_int((int)dtls_record_size(data, HEADER - 1), HEADER - 1);
	data[11] = data[12] = 0;
	check_int((int)dtls_record_size(data, n), HEADER);
}

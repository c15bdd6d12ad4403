/* Datagrams of strangers to a DTLS server. Input: the datagram. */
#include "stream/dtls_cookie.h"
#include "fuzz.h"

static void
check_records(const uint8_t *data, size_t size)
{
	size_t at, n;

	for (at = 0; at < size; at += n) {
		n = dtls_record_size(data + at, size - at);
		must(n > 0 && n <= size - at);
	}
}

/* What we ask for is never longer than what came, and no hello. */
static void
check_answer(const struct dtls_hello *hello, size_t size)
{
	unsigned char cookie[DTLS_COOKIE_MAX] = { 0 }, answer[128];
	struct dtls_hello again;
	size_t n = dtls_cookie_request(hello, cookie, 32, answer, sizeof(answer));

	must(n == DTLS_RECORD_HEADER + 12 + 3 + 32);
	must(hello->n_cookie == 0 || n <= size + 32);
	must(!dtls_cookie_parse(answer, n, &again));
	must(dtls_cookie_request(hello, cookie, DTLS_COOKIE_MAX, answer, sizeof(answer)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *datagram = realloc(fuzz_text(data, size), size + (size == 0));
	struct dtls_hello hello;

	must(datagram != NULL);
	check_records(datagram, size);
	fuzz_stain(&hello, sizeof(hello));
	if (dtls_cookie_parse(datagram, size, &hello)) {
		must(hello.cookie >= datagram && hello.n_cookie <= DTLS_COOKIE_MAX);
		must(hello.cookie + hello.n_cookie <= datagram + size);
		check_answer(&hello, size);
	}
	free(datagram);
	return 0;
}

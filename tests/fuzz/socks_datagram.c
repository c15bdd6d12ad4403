/* The header of a datagram through a SOCKS5 proxy. Input: a datagram. */
#include "stream/negotiate/proxy/socks_datagram.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char header[SOCKS_DATAGRAM_HEADER_MAX];
	struct proxy_target target, again;
	const char *why = NULL, *unused;
	char *datagram;
	size_t n;

	if (size > 4096)
		return 0;
	datagram = fuzz_text(data, size);
	n = socks_datagram_parse(&target, datagram, size, &why);
	must(n <= size && n <= sizeof(header));
	if (n == 0) {
		must(why != NULL && why[0] != '\0');
	} else {
		/* the two bytes that are reserved may be anything */
		must(target.host[0] != '\0');
		must(socks_datagram_put(&target, header) == n);
		must(memcmp(header + 2, datagram + 2, n - 2) == 0);
		must(socks_datagram_parse(&again, header, n, &unused) == n);
		must(memcmp(&again, &target, sizeof(again)) == 0);
	}
	free(datagram);
	return 0;
}

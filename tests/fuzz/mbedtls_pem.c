/* PEM files as anybody may hand them to --ca-file: decoding stays within its bounds and ends. */
#include <stdint.h>
#include <stdlib.h>

#include "stream/mbedtls/certificates/pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = size / 4 * 3 + 4, at = 0, last, n;
	unsigned char *out = malloc(room);

	while (out != NULL) {
		last = at;
		n = tls_mbed_pem_next((const char *)data, size, &at, out, room);
		if (n == 0)
			break;
		if (n > room || at <= last || at > size)
			abort();
	}
	free(out);
	return 0;
}

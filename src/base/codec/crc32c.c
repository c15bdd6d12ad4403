#include "base/codec/crc32c.h"

#define POLYNOMIAL 0x82f63b78u /* bits in reverse order */

uint32_t
crc32c(uint32_t before, const void *data, size_t n)
{
	const unsigned char *byte = data;
	uint32_t crc = ~before;
	int bit;

	for (; n > 0; n--) {
		crc ^= *byte++;
		for (bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ ((crc & 1) != 0 ? POLYNOMIAL : 0);
	}
	return ~crc;
}

#include "base/codec/crc32c.h"

#include "test.h"

TEST("the checksums are those of RFC 3720")
{
	unsigned char data[32];
	unsigned i;

	memset(data, 0, sizeof(data));
	check_int(crc32c(0, data, sizeof(data)), 0x8a9136aa);
	memset(data, 0xff, sizeof(data));
	check_int(crc32c(0, data, sizeof(data)), 0x62a8ab43);
	for (i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)i;
	check_int(crc32c(0, data, sizeof(data)), 0x46dd794e);
	check_int(crc32c(0, "123456789", 9), 0xe3069283);
	check_int(crc32c(0, "", 0), 0);
}

TEST("a checksum goes on after a part")
{
	check_int(crc32c(crc32c(0, "1234", 4), "56789", 5), 0xe3069283);
}

/*
 * The checksum CRC-32C (Castagnoli): RFC 3720, appendix B.4.
 */
#ifndef BASE_CODEC_CRC32C_H
#define BASE_CODEC_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Returns the checksum of n bytes, after those of `before`; 0: none before. */
uint32_t crc32c(uint32_t before, const void *data, size_t n);

#endif

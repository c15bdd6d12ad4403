/*
 * Records in a byte stream: where each begins and ends, so that each can be a
 * datagram, and the reverse.
 */
#ifndef RELAY_FILTER_FRAMING_H
#define RELAY_FILTER_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct error;

enum framing_kind {
	FRAMING_RAW,    /* output only: records without anything between */
	FRAMING_LINE,   /* records end with LF, which belongs to them */
	FRAMING_NUL,    /* records end with NUL, which does not */
	FRAMING_HEX,    /* a line of hexadecimal digits, with or without spaces between bytes */
	FRAMING_WHOLE,  /* everything up to the end is one record, even if empty */
	FRAMING_LEN16,  /* a length of two bytes, big-endian, in front */
	FRAMING_LEN32,  /* a length of four bytes, big-endian, in front */
	FRAMING_OCTETS, /* a decimal length and a space in front (RFC 6587, 3.4.1) */
	FRAMING_CHUNK,  /* a record every `chunk` bytes */
	FRAMING_READ,   /* a record is what is there when it is asked for, at most `chunk` bytes */
	FRAMING_CAN /* a line of text (net/can/can_text.h) is a CAN frame in the kernel's format */
};

struct framing {
	enum framing_kind kind;
	size_t chunk; /* for FRAMING_CHUNK and FRAMING_READ */
	/* for FRAMING_LINE: a NUL before the first complete record changes it to FRAMING_WHOLE,
	 * since the input is not text */
	bool nul_is_whole;
	/* for FRAMING_LINE: the LF does not belong to the record, and is written behind each */
	bool bare;
};

/* The longest record: more than any IP datagram, and what a unix socket takes. */
#define FRAMING_MAX (1u << 20)

#define FRAMING_WORDS "line nul hex whole len16 len32 octets chunk= read="
#define FRAMING_LIST "line, nul, hex, whole, len16, len32, octets, chunk=SIZE or read=SIZE"

/* text is one of FRAMING_WORDS, "chunk=SIZE" or "read=SIZE", else ERROR_USAGE. */
int framing_parse(const char *text, struct framing *ret_framing, struct error *e);

/* Appends a record in its form in the stream. LINE adds an LF if the record has none, NUL adds a
 * NUL, HEX makes a line of digits. LEN16, LEN32 and OCTETS put the length in front; LEN16 fails
 * with ERROR_NETWORK for more than 65535 bytes. CAN makes a line of text, or fails with
 * ERROR_NETWORK if the record is no frame. The others add nothing. */
int framing_put(const struct framing *framing, const char *record, size_t n, struct buf *out,
    struct error *e);

/* Splits a stream into records. Feed it pieces of any size. */
struct framer {
	struct framing framing;
	size_t max;      /* longest record; a CAN frame has the size of its kind */
	uint64_t number; /* records returned so far */
	/* private */
	struct buf in;
	size_t at;      /* offset in `in` of the first byte not returned */
	size_t scanned; /* bytes behind `at` without an end of record */
	bool ended, whole_given;
	struct buf frames; /* CAN frames returned since the last feeding */
};

/* Allocates nothing until the first byte. */
void framer_init(struct framer *f, const struct framing *framing, size_t max);
void framer_fini(struct framer *f);

/* Returns room for n bytes; framer_added() tells how many were stored there. Records returned
 * before become invalid. */
char *framer_room(struct framer *f, size_t n, struct error *e);
void framer_added(struct framer *f, size_t n);

/* Copies n bytes into that room. */
int framer_feed(struct framer *f, const char *data, size_t n, struct error *e);

/* Marks the end of the stream: a last record needs no terminator. */
void framer_end(struct framer *f);

/* Gets the next record. Returns 1; 0 if none is complete; -1 if one is malformed, truncated
 * by the end, or longer than max: "record N: ..." with ERROR_LOCAL_IO, since the input is wrong.
 * Records point into f and are valid until it is fed again. */
int framer_next(struct framer *f, char **ret_record, size_t *ret_n, struct error *e);

/* Returns how many bytes were fed and not returned. */
size_t framer_buffered(const struct framer *f);

#endif

/*
 * Records in a byte stream: where one ends and the next begins, so that each
 * can be a datagram, and the way back.
 */
#ifndef RELAY_FILTER_FRAMING_H
#define RELAY_FILTER_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct error;

enum framing_kind {
	FRAMING_RAW,    /* only out of the net: as it is, with nothing between */
	FRAMING_LINE,   /* a record ends with LF, which is part of it */
	FRAMING_NUL,    /* ... with NUL, which is not */
	FRAMING_HEX,    /* a line of hexadecimal digits, with blanks between bytes or not */
	FRAMING_WHOLE,  /* everything until the end is one, though it may be empty */
	FRAMING_LEN16,  /* two bytes, big-endian, say the length of what follows */
	FRAMING_LEN32,  /* ... four bytes */
	FRAMING_OCTETS, /* ... decimal digits and a blank (RFC 6587, 3.4.1) */
	FRAMING_CHUNK,  /* every so many bytes */
	FRAMING_CAN     /* a line of text (net/can/can_text.h) is a frame as the kernel has it */
};

struct framing {
	enum framing_kind kind;
	size_t chunk; /* FRAMING_CHUNK */
	/* FRAMING_LINE: a NUL in what has come before the first record is out makes it
	 * FRAMING_WHOLE, as it is no text */
	bool nul_is_whole;
};

/* Of any record: more than any datagram of IP holds, and what a unix socket takes. */
#define FRAMING_MAX (1u << 20)

#define FRAMING_WORDS "line nul hex whole len16 len32 octets chunk="
#define FRAMING_LIST "line, nul, hex, whole, len16, len32, octets or chunk=SIZE"

/* One of FRAMING_WORDS, "chunk=SIZE". ERROR_USAGE. */
int framing_parse(const char *text, struct framing *ret_framing, struct error *e);

/* Appends a record as it stands in a stream: LINE adds an LF where the record does
 * not end in one, NUL a NUL, HEX is a line of digits, LEN16, LEN32 and OCTETS put the length
 * in front (LEN16, more than 65535 bytes: ERROR_NETWORK), CAN makes a line of text (of what is
 * no frame: ERROR_NETWORK); the others add nothing. */
int framing_put(const struct framing *framing, const char *record, size_t n, struct buf *out,
    struct error *e);

/* Takes a stream apart. Fed with pieces of any size. */
struct framer {
	struct framing framing;
	size_t max;      /* longest record; a frame of CAN has the size of its kind */
	uint64_t number; /* records given out */
	/* private */
	struct buf in;
	size_t at;      /* of in: given out, not yet dropped */
	size_t scanned; /* bytes behind at that hold no end of a record */
	bool ended, whole_given;
	struct buf frames; /* of CAN, given out since the last feeding */
};

/* No allocation until the first byte. */
void framer_init(struct framer *f, const struct framing *framing, size_t max);
void framer_fini(struct framer *f);

/* Room for n bytes of the stream, and how many were put there. Records that were
 * given out are no longer valid. */
char *framer_room(struct framer *f, size_t n, struct error *e);
void framer_added(struct framer *f, size_t n);

/* Both in one. */
int framer_feed(struct framer *f, const char *data, size_t n, struct error *e);

/* Nothing more will come: a last record without its end is one too. */
void framer_end(struct framer *f);

/* The next record: 1; 0 where there is none (yet); -1 for one that is malformed,
 * cut off by the end, or longer than max ("record N: ...", ERROR_LOCAL_IO, since
 * the input is at fault). Records point into f: valid until it is fed again. */
int framer_next(struct framer *f, char **ret_record, size_t *ret_n, struct error *e);

/* Bytes fed and not given out. */
size_t framer_held(const struct framer *f);

#endif

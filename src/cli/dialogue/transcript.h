/*
 * A recording as lines for people: when, on which connection, which way, and the bytes as text or as a
 * hexdump. A silence of a second or more is one line.
 */
#ifndef CLI_DIALOGUE_TRANSCRIPT_H
#define CLI_DIALOGUE_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/capture/dialogue.h"

struct buf;
struct error;

struct transcript {
	/* set by the caller, the rest zeroed */
	size_t columns; /* where lines are wrapped; 0: nowhere */
	bool color;
	bool hex; /* all bytes as a hexdump; else only what is no text */
	/* private */
	int64_t last; /* time of the event before */
	bool begun;
};

/* Append what is to be seen of the header, or of an event. Fail like buf_append(). */
int transcript_header(const struct transcript *t, const struct dialogue_header *header,
    struct buf *out, struct error *e);
int transcript_event(struct transcript *t, const struct dialogue_event *event, struct buf *out,
    struct error *e);

#endif

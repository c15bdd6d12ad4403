/*
 * Writes the lines of a recording (docs/recording.md) into a buffer, whose bytes the caller puts
 * into the file. A buffer that is full is left as it was before the call.
 */
#ifndef RELAY_DIALOGUE_WRITER_H
#define RELAY_DIALOGUE_WRITER_H

#include "relay/capture/dialogue.h"

struct buf;
struct error;

/* Appends the first line. Fails like buf_append(). */
int dialogue_write_header(struct buf *out, const struct dialogue_header *header, struct error *e);

/* Appends the line of an event, or the lines where it has more data than DIALOGUE_DATA_MAX. The
 * caller keeps the order: open first, times that do not fall. Fails like buf_append(). */
int dialogue_write(struct buf *out, const struct dialogue_event *event, struct error *e);

#endif

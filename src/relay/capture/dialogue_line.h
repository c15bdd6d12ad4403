/*
 * One line of a recording as an event: which members it has, and which it has to have.
 */
#ifndef RELAY_DIALOGUE_LINE_H
#define RELAY_DIALOGUE_LINE_H

#include <stddef.h>

#include "base/buf.h"
#include "relay/capture/dialogue.h"

struct error;

/* What the texts and data of an event are kept in. */
struct dialogue_storage {
	struct buf data, texts;
};

void dialogue_storage_init(struct dialogue_storage *s);
void dialogue_storage_fini(struct dialogue_storage *s);

/* Parses n bytes without a newline, with the reason alone in *e: ERROR_USAGE, ERROR_INTERNAL. */
int dialogue_line_header(const char *line, size_t n, struct dialogue_header *ret_header,
    struct error *e);

/* The same for an event, whose texts and data are in s until the next call. What the lines before
 * it say is not known here. */
int dialogue_line_event(const char *line, size_t n, struct dialogue_storage *s,
    struct dialogue_event *ret_event, struct error *e);

/* Finds the number of the connection, and checks nothing else. */
int dialogue_line_connection(const char *line, size_t n, uint64_t *ret_connection, struct error *e);

#endif

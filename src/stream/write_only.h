/*
 * Operations of a stream that is one of several writers to something: it never
 * reads anything, and its end is not the end of what they share.
 */
#ifndef STREAM_WRITE_ONLY_H
#define STREAM_WRITE_ONLY_H

#include "stream/stream.h"

ssize_t write_only_read(struct stream *s, void *data, size_t n, struct error *e);
int write_only_shut(struct stream *s, struct error *e);

#endif

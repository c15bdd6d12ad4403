/*
 * Operations of a stream that is one of several writers to something: it never
 * reads anything, and its end is not the end of what they share.
 */
#ifndef STREAM_WRITE_ONLY_H
#define STREAM_WRITE_ONLY_H

#include "stream/stream.h"

ssize_t write_only_read(struct stream *s, void *data, size_t n, struct error *e);
int write_only_shut(struct stream *s, struct error *e);

/* For one without a descriptor. */
int write_only_raw_fd(const struct stream *s, enum stream_side side);
enum stream_kind write_only_kind(const struct stream *s, enum stream_side side);

#endif

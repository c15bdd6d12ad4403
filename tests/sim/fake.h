/*
 * Streams that follow a plan: what comes from them and when, how it ends, how much they
 * take and how fast, and how that fails. Each checks the bytes that it is given, and notes
 * what it has told.
 */
#ifndef SIM_FAKE_H
#define SIM_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/stream.h"

/* How a source comes to its end, or a sink. */
enum fate { FATE_NONE, FATE_END, FATE_RESET, FATE_FAIL, FATE_CUT };

struct segment {
	int64_t after; /* the one before it, or the start */
	size_t n;
};

enum { SEGMENTS = 6 };

struct source {
	struct segment segments[SEGMENTS];
	int n_segments;
	enum fate fate; /* after the last segment */
	int64_t fate_after;
	bool awaits_shut;      /* all of this counts from when our side was shut */
	bool impatient;        /* what is left is dropped when our side is shut */
	uint64_t window;       /* sends no more before that is read; 0: it does */
	int64_t start;         /* NEVER: not yet */
	uint64_t given;        /* bytes read from it */
	uint64_t dropped;      /* bytes that will never come */
	size_t pending;        /* read from below already */
	bool told;             /* the fate */
	int64_t told_at, last; /* when; when bytes were read last */
};

struct sink {
	int fd;
	uint64_t room; /* of its buffer */
	uint64_t rate; /* bytes a second that leave it; 0: none any more */
	uint64_t filled;
	int64_t since; /* filled was so then */
	uint64_t in_all;
	uint64_t fails_after; /* so many bytes, by fate; UINT64_MAX: never */
	enum fate fate;
	int64_t fails_at;
};

/* What a stream takes goes to a sink, which several may share. */
struct fake {
	struct stream stream; /* first */
	const char *name;
	struct source source;
	struct sink *sink;
	enum stream_kind in_kind, out_kind;
	int in_fd, out_fd;
	unsigned from;       /* whose bytes it gets: content_at() */
	unsigned id;         /* whose bytes it gives */
	uint64_t taken, out; /* given to it, passed on */
	bool unchecked;      /* what it gets is not content_at() */
	const char *bytes;   /* what it gives instead of content_at() */
	/* sees what it takes; NULL: nobody does */
	void (*takes)(struct fake *f, const char *data, size_t n);
	void *arg;
	bool layered; /* it owns what it took until flush */
	int64_t read_gate,
	    write_gate; /* reading waits to write until then, writing to read; 0: no */
	bool shut;
	int64_t shut_at;
	bool broken;     /* a failure of writing was told */
	enum fate first; /* failure that it told, FATE_NONE: none */
	bool first_on_write;
	bool excused;    /* it told a reset that is none */
	bool closed;     /* nobody may use it any more */
	bool *excuses;   /* resets are no failure */
	uint64_t *order; /* counts failures of all fakes of a relay */
	uint64_t first_order;
};

/* The byte at this offset of what stream id gives. */
static inline unsigned char
content_at(unsigned id, uint64_t at)
{
	return (unsigned char)(at * 31 + id * 17 + (at >> 8) * 7);
}

void fake_init(struct fake *f, const char *name, unsigned id, unsigned from);

/* Bytes that its plan holds in all. */
uint64_t source_total(const struct source *s);

/* ... and that have come by now. */
uint64_t source_arrived(const struct source *s);

/* Whether everything has left it. */
bool fake_is_flushed(const struct fake *f);

/* It is like TLS: owns what it took, may want the other direction, says how it ends. */
void fake_make_layered(struct fake *f);

void sink_init(struct sink *s);

#endif

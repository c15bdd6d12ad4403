/*
 * Streams that follow a plan: what they deliver and when, how they end, how
 * much they take and how fast, and how that fails. Each checks the bytes it
 * gets, and records what it reported.
 */
#ifndef SIM_FAKE_H
#define SIM_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/stream.h"

/* How a source or a sink ends. */
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
	bool awaits_shut;      /* the plan begins when our direction is shut */
	bool impatient;        /* the rest is dropped when our direction is shut */
	uint64_t window;       /* sends no more until this much is read; 0: no limit */
	int64_t start;         /* NEVER: not yet */
	uint64_t given;        /* bytes read from it */
	uint64_t dropped;      /* bytes that will never arrive */
	size_t pending;        /* already read from below */
	bool told;             /* the fate */
	int64_t told_at, last; /* when the fate was reported; when bytes were last read */
};

struct sink {
	int fd;
	uint64_t room; /* of its buffer */
	uint64_t rate; /* bytes a second that leave it; 0: it has stopped */
	uint64_t filled;
	int64_t since; /* the time of `filled` */
	uint64_t in_all;
	uint64_t fails_after; /* of bytes, by fate; UINT64_MAX: never */
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
	uint64_t taken, out; /* taken, and passed on */
	bool unchecked;      /* what it gets is not content_at() */
	const char *bytes;   /* what it gives instead of content_at() */
	/* called with what it takes; NULL: not called */
	void (*takes)(struct fake *f, const char *data, size_t n);
	void *arg;
	bool layered; /* it owns what it took until a flush */
	/* until then reading waits for a write, and writing for a read; 0: no */
	int64_t read_gate, write_gate;
	bool shut;
	int64_t shut_at;
	bool broken;     /* a write has failed */
	enum fate first; /* the first failure that it reported */
	bool first_on_write;
	bool excused;    /* it reported a reset that does not count */
	bool closed;     /* must not be used any more */
	bool *excuses;   /* resets are no failure */
	uint64_t *order; /* counts failures of all fakes of a relay */
	uint64_t first_order;
};

/* Returns the byte at this offset of stream id. */
static inline unsigned char
content_at(unsigned id, uint64_t at)
{
	return (unsigned char)(at * 31 + id * 17 + (at >> 8) * 7);
}

void fake_init(struct fake *f, const char *name, unsigned id, unsigned from);

/* Returns the bytes of its plan. */
uint64_t source_total(const struct source *s);

/* Returns the bytes that have arrived by now. */
uint64_t source_arrived(const struct source *s);

/* Returns true if everything was passed on. */
bool fake_is_flushed(const struct fake *f);

/* Makes it like TLS: owns what it took, may need the other direction, tells ends from
 * truncations. */
void fake_make_layered(struct fake *f);

void sink_init(struct sink *s);

#endif

#include "fake.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "sim.h"
#include "stream/tls.h"

/* ---- sources ---- */

uint64_t
source_total(const struct source *s)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < s->n_segments; i++)
		n += s->segments[i].n;
	return n;
}

uint64_t
source_arrived(const struct source *s)
{
	int64_t at = s->start;
	uint64_t n = 0;
	int i;

	if (s->start == NEVER)
		return 0;
	for (i = 0; i < s->n_segments; i++) {
		at += s->segments[i].after;
		if (at > sim->now)
			break;
		n += s->segments[i].n;
	}
	if (s->window != 0 && n > s->given + s->window)
		n = s->given + s->window;
	if (n > source_total(s) - s->dropped)
		n = source_total(s) - s->dropped;
	return n;
}

static int64_t
fate_at(const struct source *s)
{
	int64_t at = s->start;
	int i;

	if (s->start == NEVER || s->fate == FATE_NONE)
		return NEVER;
	if (s->dropped > 0)
		return sim->now;
	for (i = 0; i < s->n_segments; i++)
		at += s->segments[i].after;
	return at + s->fate_after;
}

static bool
fate_has_come(const struct source *s)
{
	return source_arrived(s) + s->dropped >= source_total(s) && fate_at(s) <= sim->now;
}

static int64_t
source_next(const struct source *s)
{
	int64_t at = s->start, fate = fate_at(s);
	int i;

	if (at == NEVER)
		return NEVER;
	for (i = 0; i < s->n_segments; i++) {
		at += s->segments[i].after;
		if (at > sim->now)
			return at;
	}
	return fate > sim->now ? fate : NEVER;
}

/* ---- sinks ---- */

void
sink_init(struct sink *s)
{
	memset(s, 0, sizeof(*s));
	s->room = one_in(4) ? 64 + draw(100) : 1000 + draw(200000);
	s->rate = one_in(3) ? 1000 + draw(1000000) : UINT64_C(1000000000);
	s->fails_after = UINT64_MAX;
	s->fails_at = NEVER;
	s->since = sim->now;
}

static void
drain(struct sink *s)
{
	int64_t span = sim->now - s->since;
	uint64_t out;

	if (span > 1000 * SEC)
		span = 1000 * SEC;
	out = (uint64_t)((double)span * (double)s->rate / 1e9);
	if (out == 0)
		return;
	if (s->filled > 0)
		sim->progress++;
	s->filled -= out < s->filled ? out : s->filled;
	s->since = sim->now;
}

static bool
sink_fails(const struct sink *s)
{
	return s->fate != FATE_NONE && (s->in_all >= s->fails_after || s->fails_at <= sim->now);
}

static uint64_t
sink_room(struct sink *s)
{
	uint64_t left = s->fails_after - s->in_all, room;

	drain(s);
	room = s->room - s->filled;
	return room < left ? room : left;
}

static int64_t
sink_next(struct sink *s)
{
	int64_t at = NEVER;

	drain(s);
	/* a full sink becomes writable when an eighth has left it */
	if (s->filled == s->room && s->rate > 0)
		at = s->since + (int64_t)(1e9 * (double)(s->room / 8 + 1) / (double)s->rate) + 1;
	if (at <= sim->now)
		at = sim->now + 1;
	return s->fails_at > sim->now && s->fails_at < at ? s->fails_at : at;
}

/* ---- records of what was reported ---- */

static void
note_failure(struct fake *f, enum fate fate, bool on_write)
{
	sim->progress++;
	if (f->excuses != NULL && *f->excuses && fate == FATE_RESET) {
		f->excused = true;
		return;
	}
	if (f->first != FATE_NONE)
		return;
	f->first = fate;
	f->first_on_write = on_write;
	if (f->order != NULL)
		f->first_order = ++*f->order;
}

static int
tell(struct fake *f, enum fate fate, bool on_write, struct error *e)
{
	sim_trace("%s: %s fails, fate %d", f->name, on_write ? "write" : "read", (int)fate);
	note_failure(f, fate, on_write);
	if (fate == FATE_CUT) {
		error_set(e, ERROR_TLS, "cut");
		if (e != NULL) {
			e->origin = ORIGIN_TLS;
			e->number = TLS_TRUNCATED;
		}
		return -1;
	}
	if (fate == FATE_RESET)
		return error_errno(e, ERROR_NETWORK, on_write ? EPIPE : ECONNRESET, "gone");
	return error_errno(e, ERROR_NETWORK, EIO, "broken");
}

/* ---- the stream ---- */

static struct fake *
self(const struct stream *s)
{
	return (struct fake *)(void *)s;
}

/* The event that the layer waited for has come, whoever calls it next. */
static void
pass_gates(struct fake *f)
{
	bool over = sink_fails(f->sink);

	if (f->read_gate != 0 && (over || sim->now >= f->read_gate)) {
		f->read_gate = 0;
		sim->progress++;
	}
	if (f->write_gate != 0 && (over || sim->now >= f->write_gate)) {
		f->write_gate = 0;
		sim->progress++;
	}
}

static size_t
fill_data(struct fake *f, char *data, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		data[i] = f->bytes != NULL ? f->bytes[f->source.given + i]
					   : (char)content_at(f->id, f->source.given + i);
	f->source.given += n;
	f->source.last = sim->now;
	f->source.pending -= n < f->source.pending ? n : f->source.pending;
	sim->progress++;
	return n;
}

static ssize_t
fake_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct fake *f = self(s);
	struct source *from = &f->source;
	uint64_t have;

	must(!f->closed, "%s: read after the end", f->name);
	must(n > 0, "%s: read of nothing", f->name);
	sim->now += (int64_t)draw(2000);
	have = source_arrived(from) - from->given;
	pass_gates(f);
	if (f->read_gate != 0)
		return STREAM_WANT_WRITE;
	if (f->layered && !sink_fails(f->sink) && one_in(20)) {
		f->read_gate = sim->now + 1 + (int64_t)draw(2 * MSEC);
		return STREAM_WANT_WRITE;
	}
	if (have > 0) {
		n = n < have ? n : (size_t)have;
		n = one_in(3) ? 1 + (size_t)draw(n) : n;
		fill_data(f, data, n);
		/* a layer has read more from below than it returned */
		if (f->layered && one_in(2))
			from->pending = (size_t)(have - n);
		sim_trace("%s: read gives %zu of %llu", f->name, n, (unsigned long long)have);
		return (ssize_t)n;
	}
	if (!fate_has_come(from))
		return STREAM_WANT_READ;
	if (!from->told)
		sim->progress++;
	if (!from->told)
		from->told_at = sim->now;
	if (from->fate == FATE_END || (from->told && !f->layered)) {
		from->told = true;
		sim_trace("%s: read gives the end", f->name);
		return 0;
	}
	from->told = true;
	return tell(f, from->fate, false, e);
}

/* Passes on what was taken. Returns true when nothing is left. */
static bool
push(struct fake *f)
{
	uint64_t n = f->taken - f->out, room = sink_room(f->sink);

	n = n < room ? n : room;
	f->out += n;
	f->sink->filled += n;
	f->sink->in_all += n;
	if (n > 0)
		sim->progress++;
	return f->out == f->taken;
}

static void
check_content(struct fake *f, const unsigned char *data, size_t n)
{
	size_t i;

	for (i = 0; i < n && !f->unchecked; i++)
		must(data[i] == content_at(f->from, f->taken + i),
		    "%s: byte %llu is not what was sent", f->name,
		    (unsigned long long)(f->taken + i));
}

static ssize_t
fake_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct fake *f = self(s);
	uint64_t room;

	must(!f->closed, "%s: write after the end", f->name);
	must(!f->shut, "%s: write after shut", f->name);
	must(n > 0, "%s: write of nothing", f->name);
	sim->now += (int64_t)draw(2000);
	if (sink_fails(f->sink)) {
		f->broken = true;
		return tell(f, f->sink->fate, true, e);
	}
	pass_gates(f);
	if (f->write_gate != 0)
		return STREAM_WANT_READ;
	if (f->layered && one_in(20)) {
		f->write_gate = sim->now + 1 + (int64_t)draw(2 * MSEC);
		return STREAM_WANT_READ;
	}
	if (f->layered && !push(f))
		return STREAM_WANT_WRITE;
	room = f->layered ? 20000 : sink_room(f->sink);
	if (room == 0)
		return STREAM_WANT_WRITE;
	n = n < room ? n : (size_t)room;
	n = one_in(4) ? 1 + (size_t)draw(n) : n;
	check_content(f, data, n);
	if (f->takes != NULL)
		f->takes(f, data, n);
	f->taken += n;
	push(f);
	sim->progress++;
	sim_trace("%s: write takes %zu", f->name, n);
	return (ssize_t)n;
}

static int
fake_flush(struct stream *s, struct error *e)
{
	struct fake *f = self(s);

	must(!f->closed, "%s: flush after the end", f->name);
	pass_gates(f);
	if (f->out < f->taken && sink_fails(f->sink)) {
		f->broken = true;
		return tell(f, f->sink->fate, true, e);
	}
	return push(f) ? 0 : STREAM_WANT_WRITE;
}

static int
fake_shut(struct stream *s, struct error *e)
{
	struct fake *f = self(s);
	struct source *from = &f->source;

	must(!f->closed, "%s: shut after the end", f->name);
	pass_gates(f);
	if (f->layered && f->read_gate != 0)
		return STREAM_WANT_WRITE;
	if (f->layered && !f->shut) {
		int rc = f->broken ? 0 : fake_flush(s, e);

		if (rc != 0)
			return rc;
		if (!f->broken && one_in(4)) {
			f->read_gate = sim->now + 1 + (int64_t)draw(MSEC);
			return STREAM_WANT_WRITE;
		}
	}
	if (f->shut)
		return 0;
	sim->progress++;
	sim_trace("%s: shut", f->name);
	f->shut = true;
	f->shut_at = sim->now;
	if (from->awaits_shut)
		from->start = sim->now;
	if (from->impatient && from->dropped == 0)
		from->dropped = source_total(from) - source_arrived(from);
	return 0;
}

static void
fake_close(struct stream *s)
{
	(void)s;
}

static size_t
fake_pending(const struct stream *s)
{
	return self(s)->source.pending;
}

static int
fake_raw_fd(const struct stream *s, enum stream_side side)
{
	return side == STREAM_IN ? self(s)->in_fd : self(s)->out_fd;
}

static enum stream_kind
fake_kind(const struct stream *s, enum stream_side side)
{
	return side == STREAM_IN ? self(s)->in_kind : self(s)->out_kind;
}

static const struct stream_ops raw_ops = {
	.read = fake_read,
	.write = fake_write,
	.shut = fake_shut,
	.close = fake_close,
	.pending = fake_pending,
	.raw_fd = fake_raw_fd,
	.kind = fake_kind,
};

static const struct stream_ops layered_ops = {
	.read = fake_read,
	.write = fake_write,
	.flush = fake_flush,
	.shut = fake_shut,
	.close = fake_close,
	.pending = fake_pending,
	.raw_fd = fake_raw_fd,
	.kind = fake_kind,
};

/* ---- readiness ---- */

static unsigned
in_ready(void *arg)
{
	struct fake *f = arg;
	const struct source *s = &f->source;

	if (f->write_gate != 0)
		return sim->now >= f->write_gate ? LOOP_READ : 0;
	if (source_arrived(s) - s->given > s->pending || (s->pending == 0 && fate_has_come(s)))
		return LOOP_READ;
	return 0;
}

static int64_t
in_next(void *arg)
{
	struct fake *f = arg;
	int64_t at = source_next(&f->source);

	return f->write_gate > sim->now && f->write_gate < at ? f->write_gate : at;
}

static unsigned
out_ready(void *arg)
{
	struct fake *f = arg;

	if (sink_fails(f->sink))
		return LOOP_WRITE | LOOP_HANGUP;
	if (f->read_gate != 0)
		return sim->now >= f->read_gate ? LOOP_WRITE : 0;
	return sink_room(f->sink) > 0 ? LOOP_WRITE : 0;
}

static int64_t
out_next(void *arg)
{
	struct fake *f = arg;
	int64_t at = sink_next(f->sink);

	return f->read_gate > sim->now && f->read_gate < at ? f->read_gate : at;
}

bool
fake_is_flushed(const struct fake *f)
{
	return f->out == f->taken;
}

void
fake_init(struct fake *f, const char *name, unsigned id, unsigned from)
{
	memset(f, 0, sizeof(*f));
	f->stream.ops = &raw_ops;
	f->name = name;
	f->id = id;
	f->from = from;
	f->source.start = sim->now;
	f->source.last = INT64_MIN;
	f->in_kind = one_in(2) ? STREAM_PIPE : STREAM_OPAQUE;
	f->out_kind = STREAM_OPAQUE;
	f->layered = false;
	f->in_fd = sim_fd(in_ready, in_next, f);
	f->out_fd = sim_fd(out_ready, out_next, f);
}

void
fake_make_layered(struct fake *f)
{
	f->layered = true;
	f->stream.ops = &layered_ops;
	f->in_kind = f->out_kind = STREAM_OPAQUE;
}

#include "cli/replay/player.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/error.h"
#include "net/sys.h"
#include "relay/session.h"
#include "sock/sock.h"
#include "stream/stream.h"
#include "stream/write_only.h"

/* The first bytes of a peer that say which connection it is. */
#define FIRST_MAX (64u << 10)
/* After the last event, how long the peer may take_input to end, or to acknowledge before a reset. */
#define PATIENCE (2 * NSEC_PER_SEC)
#define LOOK_INTERVAL NSEC_PER_MSEC

struct player_stream {
	struct stream stream;
	struct player *player;
};

static struct player *
player_of(const struct stream *s)
{
	return CONTAINER_OF(s, struct player_stream, stream)->player;
}

static void
wake_at(struct player *pl, int64_t at)
{
	loop_timer_set(pl->loop, &pl->timer, (struct deadline){ at }, NULL);
}

/* The relay is running now, and may not be freed: the timer ends the session. */
static void
stop_soon(struct player *pl, int state)
{
	pl->state = state;
	pl->patience = clock_now() + PATIENCE;
	wake_at(pl, clock_now());
}

static void
keep_error(struct player *pl, const struct error *e)
{
	error_free(pl->error);
	pl->error = error_copy(e);
	stop_soon(pl, PLAYER_STOPS);
}

/* ---- reading: what we send ---- */

static void
leave_soon(struct player *pl)
{
	pl->state = PLAYER_LEAVES;
	wake_at(pl, clock_now() + PATIENCE);
}

/* Fills the output. Returns 0 at the end, 1 where there is some, or STREAM_WANT_READ. */
static ssize_t
play(struct player *pl, struct error *e)
{
	enum playback_step step;
	int64_t at = 0;

	if (!pl->chosen || pl->playback.differs)
		return STREAM_WANT_READ;
	if (playback_next(&pl->playback, clock_now(), &step, &at, e) < 0)
		return -1;
	switch (step) {
	case PLAYBACK_SEND:
		return 1;
	case PLAYBACK_PAUSE:
		wake_at(pl, at);
		return STREAM_WANT_READ;
	case PLAYBACK_SHUT:
		pl->shut = true;
		wake_at(pl, clock_now());
		return 0;
	case PLAYBACK_LEAVE:
		leave_soon(pl);
		return 0;
	case PLAYBACK_RESET:
		pl->resets = true;
		stop_soon(pl, PLAYER_RESETS);
		return STREAM_WANT_READ;
	case PLAYBACK_AWAIT:
		break;
	}
	return STREAM_WANT_READ;
}

/* What was read is sent, or in the hands of the kernel. */
static ssize_t
player_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct player *pl = player_of(s);
	struct buf *out = &pl->playback.out;
	struct error own;
	ssize_t rc = 1;

	if (pl->state != PLAYER_PLAYS)
		return pl->state == PLAYER_LEAVES ? 0 : STREAM_WANT_READ;
	if (pl->chosen && out->len == 0)
		rc = play(pl, &own);
	if (rc == -1) {
		keep_error(pl, &own);
		return STREAM_WANT_READ;
	}
	if (!pl->chosen || rc <= 0 || out->len == 0)
		return pl->chosen && rc <= 0 ? rc : STREAM_WANT_READ;
	(void)e;
	n = n < out->len ? n : out->len;
	memcpy(data, buf_head(out), n);
	buf_consume(out, n);
	return (ssize_t)n;
}

/* ---- writing: what the peer has sent ---- */

/* Returns 0 where it is known now which connection is played, or not yet. */
static int
choose(struct player *pl, bool all, struct error *e)
{
	struct playback_how how = { 0 };
	int rc = pl->choose(pl, pl->first.len > 0 ? buf_head(&pl->first) : "", pl->first.len, all,
	    &how, e);

	if (rc <= 0)
		return rc;
	if (playback_open(&pl->playback, &how, e) < 0) {
		playback_close(&pl->playback);
		return -1;
	}
	pl->chosen = true;
	rc = playback_received(&pl->playback, pl->first.len > 0 ? buf_head(&pl->first) : "",
	    pl->first.len, e);
	buf_fini(&pl->first);
	return rc;
}

static int
take_input(struct player *pl, const void *data, size_t n, struct error *e)
{
	if (pl->chosen)
		return playback_received(&pl->playback, data, n, e);
	if (buf_append(&pl->first, data, n, e) < 0)
		return -1;
	return choose(pl, pl->first.len >= FIRST_MAX / 2, e);
}

/* Something has come: it may be our turn now. A difference ends the session. */
static void
after_input(struct player *pl, int rc, const struct error *e)
{
	if (rc < 0)
		keep_error(pl, e);
	else if (pl->chosen && pl->playback.differs)
		stop_soon(pl, PLAYER_STOPS);
	else if (pl->state == PLAYER_PLAYS)
		wake_at(pl, clock_now());
}

static ssize_t
player_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct player *pl = player_of(s);
	struct error own;

	(void)e;
	if (pl->state == PLAYER_STOPS)
		return (ssize_t)n;
	n = n < FIRST_MAX ? n : FIRST_MAX;
	after_input(pl, take_input(pl, data, n, &own), &own);
	return (ssize_t)n;
}

/* The peer has ended, or the connection has failed. */
static int
player_shut(struct stream *s, struct error *e)
{
	struct player *pl = player_of(s);
	const struct error *why = session_failure(pl->session);
	struct error own;
	int rc = 0;

	(void)e;
	if (pl->state == PLAYER_STOPS)
		return 0;
	if (!pl->chosen)
		rc = choose(pl, true, &own);
	if (rc == 0 && pl->chosen)
		rc = playback_peer_ended(&pl->playback, why != NULL ? why->text : NULL, &own);
	after_input(pl, rc, &own);
	return 0;
}

/* ---- the timer ---- */

/* A reset drops what the kernel still has to send, so it waits until that is acknowledged. */
static void
reset_when_sent(struct player *pl)
{
	int fd = sock_fileno(pl->session->sock);

	if (fd >= 0 && sys_unacknowledged(fd) > 0 && clock_now() < pl->patience)
		wake_at(pl, clock_now() + LOOK_INTERVAL);
	else
		pl->reset(pl);
}

/* After our end the relay does not read, and the recording may go on. */
static void
play_after_end(struct player *pl)
{
	struct error e;

	if (play(pl, &e) == -1)
		keep_error(pl, &e);
}

static void
on_time(struct timer *t)
{
	struct player *pl = t->arg;

	switch (pl->state) {
	case PLAYER_PLAYS:
		if (pl->shut)
			play_after_end(pl);
		else
			session_wake(pl->session, LOOP_READ);
		break;
	case PLAYER_LEAVES:
		session_end(pl->session, END_LOCAL_EOF);
		break;
	case PLAYER_RESETS:
		reset_when_sent(pl);
		break;
	case PLAYER_STOPS:
		pl->reset(pl);
		break;
	}
}

/* ---- the stream ---- */

static void
free_player(struct player *pl)
{
	loop_timer_stop(pl->loop, &pl->timer);
	if (pl->chosen)
		playback_close(&pl->playback);
	buf_fini(&pl->first);
	error_free(pl->error);
	free(pl);
}

static void
player_close(struct stream *s)
{
	struct player *pl = player_of(s);

	free(CONTAINER_OF(s, struct player_stream, stream));
	loop_timer_stop(pl->loop, &pl->timer);
	pl->open = false;
	if (pl->released)
		free_player(pl);
}

void
player_release(struct player *pl)
{
	pl->released = true;
	if (!pl->open)
		free_player(pl);
}

static const struct stream_ops player_ops = {
	.read = player_read,
	.write = player_write,
	.shut = player_shut,
	.close = player_close,
	.raw_fd = write_only_raw_fd,
	.kind = write_only_kind,
};

int
player_stream(struct player *pl, struct stream **ret_stream, struct error *e)
{
	struct player_stream *ps = calloc(1, sizeof *ps);

	if (ps == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	ps->stream.ops = &player_ops;
	ps->player = pl;
	pl->timer = (struct timer){ .fn = on_time, .arg = pl };
	buf_init(&pl->first, FIRST_MAX + FIRST_MAX);
	if (choose(pl, false, e) < 0) {
		free(ps);
		return -1;
	}
	pl->open = true;
	*ret_stream = &ps->stream;
	return 0;
}

#include "relay/capture/recorder.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/deadline.h"
#include "base/error.h"
#include "net/sockname.h"
#include "relay/capture/dialogue_writer.h"
#include "stream/tls_info.h"

/* The data of one write, and the lines that it becomes: as base64, with what is around it. */
#define PIECE_MAX (256u << 10)
#define LINES_MAX (1u << 20)

/* The storage is kept: allocating it for each piece would cost more than filling it. */
static void
empty_lines(struct recorder *r)
{
	r->lines.start = r->lines.len = 0;
}

static void
stop_recording(struct recorder *r, const struct error *e)
{
	r->over = true;
	buf_fini(&r->lines);
	r->failed(r->arg, e);
}

/* Writes the lines that were made, where making them has not failed with rc. */
static void
write_made_lines(struct recorder *r, int rc, struct error *e)
{
	if (rc == 0)
		rc = r->write(r->arg, buf_head(&r->lines), r->lines.len, e);
	if (rc < 0)
		stop_recording(r, e);
	else
		empty_lines(r);
}

int64_t
recorder_wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

void
recorder_open(struct recorder *r, const char *command)
{
	struct dialogue_header header = { .started = recorder_wall_clock() };
	struct error e;
	int rc;

	r->started = clock_now();
	snprintf(header.command, sizeof header.command, "%s", command);
	buf_init(&r->lines, LINES_MAX);
	rc = dialogue_write_header(&r->lines, &header, &e);
	write_made_lines(r, rc, &e);
}

void
recorder_close(struct recorder *r)
{
	r->over = true;
	buf_fini(&r->lines);
}

void
recorder_watch(struct recorder *r)
{
	r->started = clock_now();
	r->over = true;
}

/* ---- connections ---- */

static void
write_event_at(struct recorded *c, struct dialogue_event *event, int64_t time)
{
	struct recorder *r = c->recorder;
	struct error e;
	int rc;

	event->time = time > r->started ? time - r->started : 0;
	event->connection = c->id;
	event->type = c->type;
	if (r->observe != NULL)
		r->observe(r->observer, event);
	if (r->over)
		return;
	rc = dialogue_write(&r->lines, event, &e);
	write_made_lines(r, rc, &e);
}

static void
write_event_now(struct recorded *c, struct dialogue_event *event)
{
	write_event_at(c, event, clock_now());
}

/* "tcp:127.0.0.1:80", "unix:/path". Returns NULL for no address. */
static const char *
format_recorded_address(const struct sockname *name, const char *transport, char *text, size_t size)
{
	const bool inet = name->sa.sa_family == AF_INET || name->sa.sa_family == AF_INET6;
	size_t len = 0;

	if (name->len == 0)
		return NULL;
	if (inet)
		len = (size_t)snprintf(text, size, "%s:", transport);
	sockname_format_short(name, text + len, size - len);
	return text;
}

void
recorded_open(struct recorded *c, struct recorder *r, const struct recorded_how *how)
{
	char local[SOCKNAME_TEXT_MAX + 16], peer[SOCKNAME_TEXT_MAX + 16];
	struct dialogue_event event = { .kind = DIALOGUE_OPEN, .role = how->role };

	if (r == NULL || (r->over && r->observe == NULL))
		return;
	*c = (struct recorded){ .recorder = r, .id = how->id, .type = how->type };
	event.local = format_recorded_address(how->local, how->transport, local, sizeof local);
	event.peer = format_recorded_address(how->peer, how->transport, peer, sizeof peer);
	write_event_at(c, &event, how->since);
}

void
recorded_data(struct recorded *c, enum dialogue_direction dir, const void *data, size_t n)
{
	struct dialogue_event event = { .dir = dir, .data = data };
	int64_t now;
	size_t left = n;

	if (!recorded_is_open(c))
		return;
	now = clock_now();
	do {
		event.n = left < PIECE_MAX ? left : PIECE_MAX;
		left -= event.n;
		event.more = left > 0;
		write_event_at(c, &event, now);
		event.data = (const char *)event.data + event.n;
	} while (left > 0);
}

static void
write_secrets(struct recorded *c, const char *lines)
{
	char line[512];
	size_t n;

	for (; *lines != '\0'; lines += n + (lines[n] == '\n')) {
		n = strcspn(lines, "\n");
		snprintf(line, sizeof line, "%.*s", (int)n, lines);
		struct dialogue_event event = { .kind = DIALOGUE_SECRET,
			.dir = DIALOGUE_NO_DIRECTION,
			.text = line };
		write_event_now(c, &event);
	}
}

void
recorded_tls(struct recorded *c, const struct tls_info *info, const char *secrets)
{
	struct dialogue_event event = { .kind = DIALOGUE_TLS,
		.version = info->version,
		.cipher = info->cipher,
		.alpn = info->alpn[0] != '\0' ? info->alpn : NULL,
		.server_name = info->server_name[0] != '\0' ? info->server_name : NULL };

	if (!recorded_is_open(c))
		return;
	write_event_now(c, &event);
	if (secrets != NULL && c->recorder->secrets)
		write_secrets(c, secrets);
}

void
recorded_end(struct recorded *c, enum dialogue_direction dir)
{
	struct dialogue_event event = { .kind = DIALOGUE_END, .dir = dir };

	if (!recorded_is_open(c) || (c->ended & 1u << dir) != 0)
		return;
	c->ended |= 1u << dir;
	write_event_now(c, &event);
}

void
recorded_close(struct recorded *c, enum dialogue_kind kind, enum dialogue_direction dir,
    const char *reason)
{
	struct dialogue_event event = { .kind = kind,
		.dir = kind == DIALOGUE_CLOSE ? DIALOGUE_NO_DIRECTION : dir,
		.text = reason };

	if (!recorded_is_open(c))
		return;
	write_event_now(c, &event);
	c->recorder = NULL;
}

#include "cli/replay/recording_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "relay/capture/dialogue_reader.h"

/* ---- reading ---- */

static int
cursor_read(void *arg, void *data, size_t n, size_t *ret_n, struct error *e)
{
	struct recording_cursor *c = arg;
	size_t held = 0;
	ssize_t got = 1;

	while (held < n && got != 0) {
		got = pread(c->file->fd, (char *)data + held, n - held, (off_t)c->offset);
		if (got < 0 && errno != EINTR)
			return error_errno(e, ERROR_LOCAL_IO, errno, "read %s", c->file->path);
		if (got > 0) {
			held += (size_t)got;
			c->offset += (uint64_t)got;
		}
	}
	*ret_n = held;
	return 0;
}

static struct dialogue_source
source_at(const struct recording_file *f, struct recording_cursor *cursor, uint64_t offset)
{
	*cursor = (struct recording_cursor){ .file = f, .offset = offset };
	return (struct dialogue_source){ cursor_read, cursor, f->path };
}

int
recording_file_read(const struct recording_file *f, const struct recorded_connection *c,
    struct recording_cursor *cursor, struct dialogue_reader **ret_reader, struct error *e)
{
	const struct dialogue_source source = source_at(f, cursor, c->place.offset);

	return dialogue_reader_open_at(ret_reader, &source, &c->place, c->id, e);
}

/* ---- the index ---- */

/* The last connection with this number: most events are about one of the last. */
static struct recorded_connection *
find_connection(struct recording_file *f, uint64_t id)
{
	size_t i = f->n;

	while (i > 0 && f->connections[i - 1].id != id)
		i--;
	return i > 0 ? &f->connections[i - 1] : NULL;
}

static int
add_connection(struct recording_file *f, const struct dialogue_event *event, struct error *e)
{
	struct recorded_connection *more = f->connections;

	/* a power of two is full */
	if ((f->n & (f->n - 1)) == 0)
		more = reallocarray(more, f->n > 0 ? 2 * f->n : 1, sizeof *more);
	if (more == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	f->connections = more;
	more[f->n++] = (struct recorded_connection){ .id = event->connection,
		.role = event->role,
		.type = event->type,
		.place = event->place,
		.opened = event->time,
		.first = DIALOGUE_NO_DIRECTION,
		.closed = INT64_MAX };
	return 0;
}

/* Text of WebSocket has to be UTF-8. */
static void
note_record(struct recorded_connection *c, const struct dialogue_event *event)
{
	struct utf8 *text = &c->text[event->dir];
	const bool valid = utf8_check(text, event->data, event->n);

	if (!valid || (!event->more && text->left > 0))
		c->binary[event->dir] = true;
	if (!event->more)
		*text = (struct utf8){ 0 };
}

static int
index_event(struct recording_file *f, const struct dialogue_event *event, struct error *e)
{
	struct recorded_connection *c;

	if (event->kind == DIALOGUE_OPEN)
		return add_connection(f, event, e);
	c = find_connection(f, event->connection);
	c->secured = c->secured || event->kind == DIALOGUE_TLS;
	if (event->kind == DIALOGUE_DATA && c->first == DIALOGUE_NO_DIRECTION)
		c->first = event->dir;
	if (event->kind == DIALOGUE_DATA && c->type == DIALOGUE_RECORDS)
		note_record(c, event);
	if (dialogue_is_last(event->kind)) {
		c->closed = event->time;
		c->closed_line = event->place.line;
	}
	return 0;
}

static int
index_events(struct recording_file *f, struct dialogue_reader *r, struct error *e)
{
	struct dialogue_event event;
	int rc;

	f->header = *dialogue_reader_header(r);
	while ((rc = dialogue_reader_next(r, &event, e)) > 0)
		if (index_event(f, &event, e) < 0)
			return -1;
	f->cut = rc == 0 ? dialogue_reader_cut(r) : 0;
	return rc;
}

static int
read_index(struct recording_file *f, struct error *e)
{
	struct recording_cursor cursor;
	const struct dialogue_source source = source_at(f, &cursor, 0);
	struct dialogue_reader *r;
	int rc;

	if (dialogue_reader_open(&r, &source, e) < 0)
		return -1;
	rc = index_events(f, r, e);
	dialogue_reader_close(r);
	if (rc == 0 && f->n == 0)
		return error_set(e, ERROR_USAGE, "%s: no connection is recorded in it", f->path);
	return rc;
}

static enum dialogue_type
type_to_keep(const struct recording_file *f, bool datagrams)
{
	const struct recorded_connection *first = NULL;

	for (size_t i = 0; i < f->n; i++) {
		const struct recorded_connection *c = &f->connections[i];

		if (datagrams && c->type == DIALOGUE_DATAGRAM)
			return DIALOGUE_DATAGRAM;
		if (first == NULL && c->first != DIALOGUE_NO_DIRECTION)
			first = c;
	}
	return first != NULL ? first->type : f->connections[0].type;
}

size_t
recording_file_keep(struct recording_file *f, bool datagrams)
{
	const enum dialogue_type type = type_to_keep(f, datagrams);
	const size_t n = f->n;

	f->n = 0;
	for (size_t i = 0; i < n; i++)
		if (f->connections[i].type == type)
			f->connections[f->n++] = f->connections[i];
	return n - f->n;
}

static int
check_regular(const struct recording_file *f, struct error *e)
{
	struct stat st;

	if (fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode))
		return 0;
	return error_set(e, ERROR_USAGE,
	    "%s: it is no regular file, which is read at several places at once", f->path);
}

int
recording_file_open(struct recording_file *f, const char *path, struct error *e)
{
	*f = (struct recording_file){ .path = path };
	f->fd = file_open(path, O_RDONLY, 0, e);
	if (f->fd < 0)
		return -1;
	if (check_regular(f, e) == 0 && read_index(f, e) == 0)
		return 0;
	recording_file_close(f);
	return -1;
}

void
recording_file_close(struct recording_file *f)
{
	free(f->connections);
	f->connections = NULL;
	f->n = 0;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

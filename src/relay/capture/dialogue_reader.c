#include "relay/capture/dialogue_reader.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "relay/capture/dialogue_line.h"
#include "relay/capture/open_set.h"

#define CHUNK (64u * 1024)

struct dialogue_reader {
	struct dialogue_source source;
	struct buf unread;          /* of the source; the line that was read is at its beginning */
	size_t line_n;              /* the size of that line with its newline; 0: none was read */
	struct dialogue_place next; /* of the line after it */
	bool at_end;                /* the source has nothing more */
	struct dialogue_header header;
	struct open_set open;
	struct dialogue_storage storage;
	struct error *failure; /* what the reader has failed with; NULL: it has not */
	bool only, over;       /* reads one connection; it has had its last event */
	uint64_t connection;   /* that one */
};

static int
file_source_read(void *arg, void *data, size_t n, size_t *ret_n, struct error *e)
{
	return file_read(arg, data, n, ret_n, e);
}

struct dialogue_source
dialogue_file(struct file_source *file)
{
	return (
	    struct dialogue_source){ .read = file_source_read, .arg = file, .name = file->path };
}

/* ---- lines ---- */

/* Finds the newline of the line at the beginning, reading on where there is none yet. Returns 1; 0
 * at the end of the source; -1. */
static int
find_newline(struct dialogue_reader *r, size_t *ret_n, struct error *e)
{
	size_t looked = 0, got;
	long newline;
	char *room;

	while ((newline = buf_find(&r->unread, '\n', looked)) < 0) {
		looked = r->unread.len;
		if (looked >= DIALOGUE_LINE_MAX)
			return error_set(e, ERROR_USAGE, "a line is longer than %u bytes",
			    DIALOGUE_LINE_MAX);
		if (r->at_end)
			return 0;
		room = buf_reserve(&r->unread, CHUNK, e);
		if (room == NULL || r->source.read(r->source.arg, room, CHUNK, &got, e) < 0)
			return -1;
		buf_added(&r->unread, got);
		r->at_end = got < CHUNK;
	}
	*ret_n = (size_t)newline + 1;
	return 1;
}

/* Returns 1 with the next line, which is whole; 0 at the end; -1. */
static int
next_whole_line(struct dialogue_reader *r, const char **ret_line, size_t *ret_n, struct error *e)
{
	size_t n;
	int rc;

	buf_consume(&r->unread, r->line_n);
	r->line_n = 0;
	rc = find_newline(r, &n, e);
	if (rc <= 0)
		return rc;
	r->line_n = n;
	*ret_line = buf_head(&r->unread);
	*ret_n = n - 1;
	return 1;
}

/* Puts "FILE:LINE: " in front of a reason; what the source says is complete. */
static int
prefix_place(const struct dialogue_reader *r, struct error *e)
{
	if (e->code != ERROR_USAGE)
		return -1;
	return error_prefix(e, "%s:%lu", r->source.name, r->next.line);
}

static void
to_next_line(struct dialogue_reader *r)
{
	r->next.offset += r->line_n;
	r->next.line++;
}

/* ---- life ---- */

static struct dialogue_reader *
new_reader(const struct dialogue_source *source, struct error *e)
{
	struct dialogue_reader *r = calloc(1, sizeof *r);

	if (r == NULL) {
		error_set(e, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	r->source = *source;
	r->next.line = 1;
	buf_init(&r->unread, DIALOGUE_LINE_MAX + CHUNK);
	dialogue_storage_init(&r->storage);
	return r;
}

void
dialogue_reader_close(struct dialogue_reader *r)
{
	if (r == NULL)
		return;
	buf_fini(&r->unread);
	dialogue_storage_fini(&r->storage);
	open_set_fini(&r->open);
	free(r->failure);
	free(r);
}

static int
read_header(struct dialogue_reader *r, struct error *e)
{
	const char *line;
	size_t n;
	int rc = next_whole_line(r, &line, &n, e);

	if (rc == 0)
		return error_set(e, ERROR_USAGE, "not a recording of usock: its first line is %s",
		    r->unread.len > 0 ? "not complete" : "missing");
	return rc < 0 ? -1 : dialogue_line_header(line, n, &r->header, e);
}

int
dialogue_reader_open(struct dialogue_reader **ret_reader, const struct dialogue_source *source,
    struct error *e)
{
	struct dialogue_reader *r = new_reader(source, e);
	struct error own;

	if (r == NULL)
		return -1;
	if (read_header(r, &own) < 0) {
		(void)prefix_place(r, &own);
		if (e != NULL)
			*e = own;
		dialogue_reader_close(r);
		return -1;
	}
	to_next_line(r);
	*ret_reader = r;
	return 0;
}

int
dialogue_reader_open_at(struct dialogue_reader **ret_reader, const struct dialogue_source *source,
    const struct dialogue_place *place, uint64_t connection, struct error *e)
{
	struct dialogue_reader *r = new_reader(source, e);

	if (r == NULL)
		return -1;
	r->next = *place;
	r->only = true;
	r->connection = connection;
	*ret_reader = r;
	return 0;
}

/* ---- events ---- */

/* Returns 1 if the event at this line is one that is wanted. */
static int
parse_event(struct dialogue_reader *r, const char *line, size_t n, struct dialogue_event *event,
    struct error *e)
{
	uint64_t connection;

	if (r->only && dialogue_line_connection(line, n, &connection, e) < 0)
		return -1;
	if (r->only && connection != r->connection)
		return 0;
	if (dialogue_line_event(line, n, &r->storage, event, e) < 0 ||
	    open_set_add(&r->open, event, e) < 0)
		return -1;
	event->place = r->next;
	r->over = r->only && dialogue_is_last(event->kind);
	return 1;
}

static int
next_event(struct dialogue_reader *r, struct dialogue_event *event, struct error *e)
{
	const char *line;
	size_t n;
	int rc, wanted;

	do {
		rc = r->over ? 0 : next_whole_line(r, &line, &n, e);
		if (rc <= 0)
			return rc;
		wanted = parse_event(r, line, n, event, e);
		if (wanted < 0)
			return -1;
		to_next_line(r);
	} while (wanted == 0);
	return 1;
}

/* Keeps what the reader has failed with, so that it fails with that for good. */
static int
keep_reader_failure(struct dialogue_reader *r, struct error *own, struct error *e)
{
	(void)prefix_place(r, own);
	r->failure = malloc(sizeof *r->failure);
	if (r->failure != NULL)
		*r->failure = *own;
	r->over = true;
	if (e != NULL)
		*e = *own;
	return -1;
}

int
dialogue_reader_next(struct dialogue_reader *r, struct dialogue_event *ret_event, struct error *e)
{
	struct dialogue_event event;
	struct error own;
	int rc;

	if (r->failure != NULL) {
		if (e != NULL)
			*e = *r->failure;
		return -1;
	}
	rc = next_event(r, &event, &own);
	if (rc < 0)
		return keep_reader_failure(r, &own, e);
	if (rc > 0)
		*ret_event = event;
	return rc;
}

const struct dialogue_header *
dialogue_reader_header(const struct dialogue_reader *r)
{
	return &r->header;
}

size_t
dialogue_reader_cut(const struct dialogue_reader *r)
{
	return r->at_end && !r->over && r->line_n == 0 ? r->unread.len : 0;
}

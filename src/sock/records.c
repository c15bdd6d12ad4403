#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sock/impl.h"
#include "sock/records.h"
#include "sock/websocket/websocket.h"

/* A buffered datagram or message, or the rest of one. */
struct record {
	size_t n;
	struct sockname from;
	bool binary; /* a message of WebSocket */
};

struct sock_records {
	size_t n, room;
	struct record *records;
};

/* Doubled each time. */
enum { ROOM_FIRST = 4 };

static int
grow_records(struct sock_records *r, struct error *e)
{
	size_t room = r->room > 0 ? 2 * r->room : ROOM_FIRST;
	struct record *records = realloc(r->records, room * sizeof(*records));

	if (records == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	r->records = records;
	r->room = room;
	return 0;
}

int
sock_reserve_record(struct sock *s, struct error *e)
{
	if (s->records == NULL)
		s->records = calloc(1, sizeof(*s->records));
	if (s->records == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	return s->records->n < s->records->room ? 0 : grow_records(s->records, e);
}

void
sock_add_record(struct sock *s, size_t n, const struct sockname *from)
{
	s->records->records[s->records->n++] = (struct record){ .n = n, .from = *from };
	buf_added(&s->in, n);
}

void
sock_add_message(struct sock *s, size_t n, bool binary)
{
	s->records->records[s->records->n++] = (struct record){ .n = n, .binary = binary };
	buf_added(&s->in, n);
}

bool
sock_first_is_binary(const struct sock *s)
{
	return s->records != NULL && s->records->n > 0 && s->records->records[0].binary;
}

size_t
sock_first_length(const struct sock *s)
{
	return s->records != NULL && s->records->n > 0 ? s->records->records[0].n : s->in.len;
}

void
sock_first_sender(const struct sock *s, struct sockname *ret_from)
{
	if (s->records != NULL && s->records->n > 0 && s->records->records[0].from.len > 0)
		*ret_from = s->records->records[0].from;
	else
		sock_peer(s, ret_from);
}

void
sock_drop_records(struct sock *s)
{
	if (s->records == NULL)
		return;
	free(s->records->records);
	free(s->records);
	s->records = NULL;
}

const char *
sock_buffered(const struct sock *s, size_t *ret_n)
{
	*ret_n = s->in.len;
	return s->in.len > 0 ? buf_head(&s->in) : NULL;
}

static void
remove_records(struct sock *s, size_t gone)
{
	struct sock_records *r = s->records;

	r->n -= gone;
	memmove(r->records, r->records + gone, r->n * sizeof(*r->records));
	if (r->n == 0)
		sock_drop_records(s);
}

/* An empty message behind the bytes stays. */
void
sock_consume(struct sock *s, size_t n)
{
	struct sock_records *r = s->records;
	size_t gone = 0;

	buf_consume(&s->in, n);
	if (r == NULL)
		return;
	while (gone < r->n && n > 0 && r->records[gone].n <= n)
		n -= r->records[gone++].n;
	if (gone < r->n)
		r->records[gone].n -= n;
	remove_records(s, gone);
}

size_t
sock_messages(const struct sock *s)
{
	return s->records != NULL ? s->records->n : 0;
}

size_t
sock_message_length(const struct sock *s, size_t i)
{
	return s->records->records[i].n;
}

void
sock_consume_messages(struct sock *s, size_t count)
{
	size_t n = 0;

	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++)
		n += s->records->records[i].n;
	buf_consume(&s->in, n);
	remove_records(s, count);
}

#include "cli/prompt/prompt_incoming.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "cli/prompt/prompt.h"
#include "cli/prompt/prompt_record.h"
#include "cli/prompt/prompt_terminal.h"
#include "sock/sock.h"

/* Reading stops at this many bytes until some are received, so that the peer's window closes. */
#define HELD_MAX ((size_t)1 << 20)
/* Buffers that one wake-up reads at most. */
#define PIECES 16

struct incoming {
	struct prompt *prompt;
	struct handle *handle; /* the caller holds a reference */
	struct watch watch;
	size_t shown; /* of the buffered bytes */
	/* not watched until the next command: at the end of input, full, or showing a datagram */
	bool quiet;
	bool ended;
	struct incoming *next;
};

/* ---- showing ---- */

static void
show_bytes(const struct incoming *a, const char *bytes, size_t n)
{
	struct buf text;

	buf_init(&text, 8 * HELD_MAX);
	prompt_quote(&text, a->prompt->color, a->handle->name, bytes, n);
	if (text.len > 0) {
		prompt_record_mask(a->prompt->record, buf_head(&text), text.len);
		prompt_show(a->prompt, buf_head(&text), text.len);
	}
	buf_fini(&text);
}

static void
show_notice(const struct incoming *a, const char *what)
{
	struct buf text;

	buf_init(&text, 4096);
	(void)buf_printf(&text, NULL, "%s: %s\n", a->handle->name, what);
	if (text.len > 0)
		prompt_show(a->prompt, buf_head(&text), text.len);
	buf_fini(&text);
}

/* Shows the buffered bytes that were not shown yet. */
static void
show_buffered(struct incoming *a)
{
	size_t n;
	const char *bytes = sock_buffered(a->handle->sock, &n);

	if (n <= a->shown)
		return;
	prompt_record_arrived(a->prompt->record, a->handle->name, bytes + a->shown, n - a->shown);
	show_bytes(a, bytes + a->shown, n - a->shown);
	a->shown = n;
}

/* ---- reading ---- */

static void
on_peer_end(struct incoming *a)
{
	a->quiet = true;
	if (!a->ended)
		show_notice(a, "the peer has ended");
	a->ended = true;
}

static void
on_read_error(struct incoming *a, const struct error *e)
{
	if (e->code == ERROR_TIMEOUT)
		return;
	a->quiet = true;
	if (e->number == ENOBUFS)
		show_notice(a, "1 MiB is held; more is taken when some of it is received");
	else
		show_notice(a, e->text);
}

/* Reads into the socket's buffer, where a later receive finds the bytes. */
static void
read_stream(struct incoming *a)
{
	struct sock *s = a->handle->sock;
	struct error e = { 0 };
	int rc = 1;

	for (int i = 0; rc == 1 && i < PIECES; i++)
		rc = sock_buffer_fill(s, HELD_MAX, deadline_in(0), &e);
	show_buffered(a);
	if (rc == 0)
		on_peer_end(a);
	else if (rc == -1)
		on_read_error(a, &e);
}

/* Buffered datagrams would lose their boundaries and senders, so one is only peeked at. */
static void
peek_datagram(struct incoming *a)
{
	static char buffer[65536];
	struct error e = { 0 };
	ssize_t n = sock_recv(a->handle->sock, buffer, sizeof(buffer), MSG_PEEK | MSG_DONTWAIT, &e);

	if (n == -1 && e.number == EAGAIN)
		return;
	a->quiet = true;
	if (n == -1)
		show_notice(a, e.text);
	else
		show_bytes(a, buffer, (size_t)n);
}

static void
on_data(struct watch *w, unsigned ready)
{
	struct incoming *a = w->arg;
	struct loop *l = a->prompt->rt->loop;
	struct error e;

	(void)ready;
	/* with a deadline that has passed, the socket may still watch its descriptor itself */
	loop_unwatch(l, w);
	if (!handle_is_open(a->handle))
		return;
	if (sock_type(a->handle->sock) == SOCK_STREAM)
		read_stream(a);
	else
		peek_datagram(a);
	if (!a->quiet && handle_is_open(a->handle))
		(void)loop_watch(l, w, LOOP_READ, &e);
}

/* ---- sockets ---- */

static struct incoming *
find_incoming(const struct prompt *p, const struct handle *h)
{
	struct incoming *a;

	for (a = p->incoming; a != NULL && a->handle != h; a = a->next)
		;
	return a;
}

static struct incoming *
add_incoming(struct prompt *p, struct handle *h)
{
	struct incoming *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	handle_hold(h);
	a->prompt = p;
	a->handle = h;
	a->watch.fn = on_data;
	a->watch.arg = a;
	a->next = p->incoming;
	p->incoming = a;
	return a;
}

/* True where bytes can arrive and nothing else reads them. */
static bool
can_receive(const struct handle *h)
{
	struct sockname peer;
	int type;

	if (!handle_is_open(h) || h->attended || h->serving != NULL)
		return false;
	type = sock_type(h->sock);
	sock_peer(h->sock, &peer);
	return type == SOCK_STREAM ? sock_getsocketsta(h->sock) >= 4 : type == SOCK_DGRAM;
}

static void
watch_handle(void *arg, struct handle *h)
{
	struct prompt *p = arg;
	struct incoming *a = find_incoming(p, h);
	struct error e;

	if (!can_receive(h)) {
		if (a != NULL)
			loop_unwatch(p->rt->loop, &a->watch);
		return;
	}
	if (a == NULL)
		a = add_incoming(p, h);
	if (a == NULL || a->quiet)
		return;
	show_buffered(a);
	a->watch.fd = sock_fileno(h->sock);
	/* fails where a server body waits for the socket at this moment */
	(void)loop_watch(p->rt->loop, &a->watch, LOOP_READ, &e);
}

static void
drop_incoming(struct prompt *p, struct incoming **link)
{
	struct incoming *a = *link;

	loop_unwatch(p->rt->loop, &a->watch);
	*link = a->next;
	handle_drop(a->handle);
	free(a);
}

void
prompt_incoming_watch(struct prompt *p)
{
	struct incoming **link = &p->incoming;

	while (*link != NULL) {
		if (handle_is_open((*link)->handle) && !(*link)->handle->orphan)
			link = &(*link)->next;
		else
			drop_incoming(p, link);
	}
	handles_each(p->sc, watch_handle, p);
}

void
prompt_incoming_unwatch(struct prompt *p)
{
	for (struct incoming *a = p->incoming; a != NULL; a = a->next) {
		loop_unwatch(p->rt->loop, &a->watch);
		a->quiet = false;
	}
}

void
prompt_incoming_received(struct prompt *p, const char *handle, size_t n)
{
	for (struct incoming *a = p->incoming; a != NULL; a = a->next)
		if (strcmp(a->handle->name, handle) == 0)
			a->shown -= n < a->shown ? n : a->shown;
}

size_t
prompt_incoming_shown(const struct prompt *p, const struct handle *h)
{
	const struct incoming *a = find_incoming(p, h);

	return a != NULL ? a->shown : 0;
}

void
prompt_incoming_close(struct prompt *p)
{
	while (p->incoming != NULL)
		drop_incoming(p, &p->incoming);
}

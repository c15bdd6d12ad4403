#include "tcl/os/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tcl/eval/eval.h"
#include "tcl/os/posix.h"

enum { BLOCK = 16384, BUFFER = 4096 };

/* ---- creation and destruction ---- */

struct channel *
channel_add(struct interp *in, int fd, bool writes)
{
	struct channel *ch = heap_resize(&in->heap, NULL, 0, sizeof(*ch));

	memset(ch, 0, sizeof(*ch));
	ch->fd = fd;
	ch->writes = writes;
	ch->inherited = fd == in->stdin_fd;
	ch->name = value_string(&in->heap, ch->inherited ? "stdin" : "");
	if (!ch->inherited)
		value_format(ch->name, "file%d", fd);
	ch->next = in->channels;
	in->channels = ch;
	return ch;
}

struct channel *
channel_find(struct interp *in, struct value *name)
{
	for (struct channel *ch = in->channels; ch != NULL; ch = ch->next) {
		if (value_equal(ch->name, name))
			return ch;
	}
	if (in->stdin_fd != -1 && value_is(name, "stdin"))
		return channel_add(in, in->stdin_fd, false);
	interp_fail(in, "TCL LOOKUP CHANNEL", name, "can not find channel named \"%v\"", name);
	return NULL;
}

struct channel *
channel_for(struct interp *in, struct value *name, bool writes)
{
	struct channel *ch = channel_find(in, name);

	if (ch == NULL || ch->writes == writes)
		return ch;
	interp_fail(in, NULL, NULL, "channel \"%v\" wasn't opened for %s", name,
	    writes ? "writing" : "reading");
	return NULL;
}

static void
free_channel(struct interp *in, struct channel *ch)
{
	struct channel **link = &in->channels;

	while (*link != ch)
		link = &(*link)->next;
	*link = ch->next;
	value_unref(ch->name);
	value_unref(ch->input);
	value_unref(ch->output);
	heap_release(&in->heap, ch, sizeof(*ch));
}

int
channel_close(struct interp *in, struct channel *ch)
{
	int code = channel_flush(in, ch), rc = 0;

	if (!ch->inherited)
		rc = close(ch->fd);
	if (code == TCL_OK && rc == -1)
		code = posix_fail(in, errno, "error closing \"%v\"", ch->name, NULL);
	free_channel(in, ch);
	return code;
}

int
interp_close_channels(struct interp *in)
{
	int code = TCL_OK;

	while (in->channels != NULL)
		code |= channel_close(in, in->channels);
	return code;
}

/* ---- writing ---- */

static int
wait_ready(struct interp *in, const struct channel *ch)
{
	if (in->hooks.ready == NULL)
		return TCL_OK;
	return in->hooks.ready(in, in->hooks.data, ch->fd, ch->writes);
}

int
channel_flush(struct interp *in, struct channel *ch)
{
	struct value *v = ch->output;
	size_t n, done = 0;
	const char *bytes = v == NULL ? NULL : value_bytes(v, &n);
	int code = TCL_OK;

	if (v == NULL)
		return TCL_OK;
	/* bytes that cannot be written are lost */
	ch->output = NULL;
	while (done < n && code == TCL_OK) {
		ssize_t put = write(ch->fd, bytes + done, n - done);

		if (put > 0)
			done += (size_t)put;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			code = wait_ready(in, ch);
		else if (errno != EINTR)
			code = posix_fail(in, errno, "error writing \"%v\"", ch->name, NULL);
	}
	value_unref(v);
	return code;
}

int
channel_write(struct interp *in, struct channel *ch, const char *bytes, size_t n)
{
	if (ch->output == NULL)
		ch->output = value_new(&in->heap);
	value_append(ch->output, bytes, n);
	return ch->output->len >= BUFFER ? channel_flush(in, ch) : TCL_OK;
}

/* ---- reading ---- */

static size_t
buffered(const struct channel *ch)
{
	return ch->input == NULL ? 0 : ch->input->len - ch->at;
}

/* Reads more bytes; *ret_more is false at the end. */
static int
refill(struct interp *in, struct channel *ch, bool *ret_more)
{
	char block[BLOCK];
	ssize_t got;

	*ret_more = false;
	do {
		if (wait_ready(in, ch) != TCL_OK)
			return TCL_ERROR;
		got = read(ch->fd, block, sizeof(block));
	} while (got == -1 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK));
	if (got == -1)
		return posix_fail(in, errno, "error reading \"%v\"", ch->name, NULL);
	if (buffered(ch) == 0) {
		value_unref(ch->input);
		ch->input = value_new(&in->heap);
		ch->at = 0;
	}
	value_append(ch->input, block, (size_t)got);
	*ret_more = got > 0 && in->heap.fault == NULL;
	ch->eof = got == 0;
	return TCL_OK;
}

/* Moves bytes from the buffer to out, until it has that many. */
static void
move_bytes(struct channel *ch, struct value *out, size_t most)
{
	size_t n = buffered(ch), used = 0;
	const char *p = n > 0 ? ch->input->bytes + ch->at : "";

	if (ch->binary) {
		used = n < most - out->len ? n : most - out->len;
		value_append(out, p, used);
	}
	for (; !ch->binary && used < n && out->len < most; used++) {
		if (!ch->skip_newline || p[used] != '\n')
			value_append_char(out, p[used] == '\r' ? '\n' : p[used]);
		ch->skip_newline = p[used] == '\r';
	}
	ch->at += used;
}

int
channel_read(struct interp *in, struct channel *ch, struct value *out, size_t n)
{
	bool more = true;

	ch->eof = false;
	for (;;) {
		move_bytes(ch, out, n);
		if (out->len >= n || !more)
			return TCL_OK;
		if (refill(in, ch, &more) != TCL_OK)
			return TCL_ERROR;
	}
}

/* Moves a line from the buffer to out; *looked is the number of bytes known to have no line end. */
static bool
move_line(struct channel *ch, struct value *out, size_t *looked)
{
	size_t n, all;
	const char *p;

	if (ch->skip_newline && buffered(ch) > 0) {
		ch->at += ch->input->bytes[ch->at] == '\n';
		ch->skip_newline = false;
	}
	all = buffered(ch);
	p = all > 0 ? ch->input->bytes + ch->at : "";
	for (n = *looked; n < all && p[n] != '\n' && (ch->binary || p[n] != '\r');)
		n++;
	*looked = n;
	if (n == all)
		return false;
	ch->skip_newline = p[n] == '\r';
	value_append(out, p, n);
	ch->at += n + 1;
	return true;
}

int
channel_gets(struct interp *in, struct channel *ch, struct value *out, bool *ret_found)
{
	size_t looked = 0, rest;
	bool more = true;

	ch->eof = false;
	*ret_found = true;
	while (!move_line(ch, out, &looked)) {
		if (refill(in, ch, &more) != TCL_OK)
			return TCL_ERROR;
		if (more)
			continue;
		rest = buffered(ch);
		*ret_found = rest > 0;
		if (rest > 0)
			value_append(out, ch->input->bytes + ch->at, rest);
		ch->at += rest;
		break;
	}
	return TCL_OK;
}

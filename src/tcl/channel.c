#include "tcl/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tcl/eval.h"
#include "tcl/posix.h"

enum { BLOCK = 16384, BUFFER = 4096 };

/* ---- life ---- */

struct channel *
channel_add(struct interp *in, int fd, bool can_read, bool can_write)
{
	struct channel *ch = heap_resize(&in->heap, NULL, 0, sizeof(*ch));

	memset(ch, 0, sizeof(*ch));
	ch->fd = fd;
	ch->can_read = can_read;
	ch->can_write = can_write;
	ch->out_end = LINE_LF;
	ch->size = BUFFER;
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
		return channel_add(in, in->stdin_fd, true, false);
	interp_fail(in, "TCL LOOKUP CHANNEL", name, "can not find channel named \"%v\"", name);
	return NULL;
}

struct channel *
channel_for(struct interp *in, struct value *name, bool write)
{
	struct channel *ch = channel_find(in, name);

	if (ch == NULL || (write ? ch->can_write : ch->can_read))
		return ch;
	interp_fail(in, NULL, NULL, "channel \"%v\" wasn't opened for %s", name,
	    write ? "writing" : "reading");
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

void
channel_close_all(struct interp *in)
{
	while (in->channels != NULL)
		(void)channel_close(in, in->channels);
}

/* ---- out ---- */

static int
wait_ready(struct interp *in, const struct channel *ch, bool write)
{
	if (in->hooks.ready == NULL)
		return TCL_OK;
	return in->hooks.ready(in, in->hooks.data, ch->fd, write);
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
	/* what cannot be written now never will be */
	ch->output = NULL;
	while (done < n && code == TCL_OK) {
		ssize_t put = write(ch->fd, bytes + done, n - done);

		if (put > 0)
			done += (size_t)put;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			code = wait_ready(in, ch, true);
		else if (errno != EINTR)
			code = posix_fail(in, errno, "error writing \"%v\"", ch->name, NULL);
	}
	value_unref(v);
	return code;
}

static void
append_lines(struct channel *ch, const char *bytes, size_t n)
{
	const char *end = bytes + n, *line;

	while (
	    ch->out_end != LINE_LF && (line = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
		value_append(ch->output, bytes, (size_t)(line - bytes));
		value_append_string(ch->output, ch->out_end == LINE_CR ? "\r" : "\r\n");
		bytes = line + 1;
	}
	value_append(ch->output, bytes, (size_t)(end - bytes));
}

/* Bytes that were read ahead are read again by who comes back to them. */
static void
forget_input(struct channel *ch)
{
	if (ch->input != NULL && ch->input->len > ch->at)
		(void)lseek(ch->fd, -(off_t)(ch->input->len - ch->at), SEEK_CUR);
	value_unref(ch->input);
	ch->input = NULL;
	ch->at = 0;
	ch->skip_newline = false;
}

int
channel_write(struct interp *in, struct channel *ch, const char *bytes, size_t n)
{
	forget_input(ch);
	if (ch->output == NULL)
		ch->output = value_new(&in->heap);
	append_lines(ch, bytes, n);
	if (ch->buffering == BUFFER_NONE || ch->output->len >= ch->size ||
	    (ch->buffering == BUFFER_LINE && memchr(bytes, '\n', n) != NULL))
		return channel_flush(in, ch);
	return TCL_OK;
}

/* ---- in ---- */

static size_t
buffered(const struct channel *ch)
{
	return ch->input == NULL ? 0 : ch->input->len - ch->at;
}

/* More bytes; *ret_more false at the end. */
static int
fill(struct interp *in, struct channel *ch, bool *ret_more)
{
	char block[BLOCK];
	ssize_t got;

	*ret_more = false;
	do {
		if (wait_ready(in, ch, false) != TCL_OK)
			return TCL_ERROR;
		got = read(ch->fd, block, sizeof(block));
	} while (got == -1 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK));
	if (got == -1)
		return posix_fail(in, errno, "error reading \"%v\"", ch->name, NULL);
	if (buffered(ch) == 0) {
		value_unref(ch->input);
		ch->input = NULL;
		ch->at = 0;
	}
	if (ch->input == NULL)
		ch->input = value_new(&in->heap);
	value_append(ch->input, block, (size_t)got);
	*ret_more = got > 0 && in->heap.fault == NULL;
	ch->eof = got == 0;
	return TCL_OK;
}

/* One character of the input for the script. False: it takes a byte more to know. */
static bool
take_char(struct channel *ch, const char *p, size_t n, size_t *used, struct value *out)
{
	char c = p[*used];

	if (ch->skip_newline && c == '\n') {
		ch->skip_newline = false;
		++*used;
		return true;
	}
	ch->skip_newline = false;
	if (c == '\r' && ch->in_end == LINE_CRLF && *used + 1 == n)
		return false;
	if (c == '\r' && ch->in_end == LINE_CRLF && p[*used + 1] == '\n')
		++*used;
	if (c == '\r' && ch->in_end != LINE_CRLF) {
		ch->skip_newline = ch->in_end == LINE_AUTO;
		c = '\n';
	} else if (c == '\r' && p[*used] == '\n') {
		c = '\n';
	}
	value_append_char(out, c);
	++*used;
	return true;
}

/* From the buffer to out, until that has so many bytes. */
static void
move(struct channel *ch, struct value *out, size_t most)
{
	size_t n = buffered(ch), used = 0;
	const char *p = n > 0 ? ch->input->bytes + ch->at : "";

	if (ch->in_end == LINE_LF) {
		used = n < most - out->len ? n : most - out->len;
		value_append(out, p, used);
	}
	while (
	    ch->in_end != LINE_LF && used < n && out->len < most && take_char(ch, p, n, &used, out))
		;
	ch->at += used;
}

int
channel_read(struct interp *in, struct channel *ch, struct value *out, size_t n)
{
	bool more = true;

	ch->eof = false;
	for (;;) {
		move(ch, out, n);
		if (out->len >= n || !more)
			break;
		if (fill(in, ch, &more) != TCL_OK)
			return TCL_ERROR;
	}
	/* a \r that nothing follows */
	if (!more && out->len < n && buffered(ch) > 0) {
		value_append(out, ch->input->bytes + ch->at, buffered(ch));
		ch->at = ch->input->len;
	}
	return TCL_OK;
}

/* The length of the line at p, and of its end; false: not all of it is there. */
static bool
find_line(struct channel *ch, const char *p, size_t n, size_t from, size_t *ret_n, size_t *ret_end)
{
	for (size_t i = from; i < n; i++) {
		bool newline = p[i] == '\n', back = p[i] == '\r';

		*ret_n = i;
		*ret_end = 1;
		if (ch->in_end == LINE_CRLF && newline && i > 0 && p[i - 1] == '\r') {
			*ret_n = i - 1;
			*ret_end = 2;
			return true;
		}
		if ((newline && (ch->in_end == LINE_LF || ch->in_end == LINE_AUTO)) ||
		    (back && (ch->in_end == LINE_CR || ch->in_end == LINE_AUTO))) {
			ch->skip_newline = back && ch->in_end == LINE_AUTO;
			return true;
		}
	}
	return false;
}

/* A line out of the buffer; *looked is how much of it is known to have no end of one. */
static bool
take_line(struct channel *ch, struct value *out, size_t *looked)
{
	size_t n, end, all;
	const char *p;

	if (ch->skip_newline && buffered(ch) > 0) {
		ch->at += ch->input->bytes[ch->at] == '\n';
		ch->skip_newline = false;
	}
	all = buffered(ch);
	p = all > 0 ? ch->input->bytes + ch->at : "";
	if (!find_line(ch, p, all, *looked, &n, &end)) {
		*looked = all;
		return false;
	}
	value_append(out, p, n);
	ch->at += n + end;
	return true;
}

int
channel_gets(struct interp *in, struct channel *ch, struct value *out, bool *ret_found)
{
	size_t looked = 0, rest;
	bool more = true;

	ch->eof = false;
	*ret_found = true;
	while (!take_line(ch, out, &looked)) {
		if (fill(in, ch, &more) != TCL_OK)
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

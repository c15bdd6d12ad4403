#include "cli/prompt/prompt_interact.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/prompt/prompt.h"
#include "cli/prompt/prompt_incoming.h"
#include "cli/prompt/prompt_record.h"
#include "cli/prompt/prompt_terminal.h"
#include "net/sys.h"
#include "script/context.h"
#include "script/error.h"
#include "sock/sock.h"
#include "tcl/interp.h"

enum { ESCAPE = 0x1d, CHUNK = 16 << 10 };

struct interaction {
	struct prompt *prompt;
	struct handle *handle;
	bool raw, crlf;
	struct termios saved_modes, modes;
	struct watch terminal_watch, socket_watch;
	struct signal_watch resumed;
	bool over, failed;
	bool midline; /* the last byte on the screen is no line feed */
	struct error error;
};

static void
end_with_error(struct interaction *it, const struct error *e)
{
	if (!it->failed)
		it->error = *e;
	it->failed = it->over = true;
}

/* ---- from the socket ---- */

static void
show_received(struct interaction *it, const char *bytes, size_t n)
{
	struct buf text;

	it->midline = n > 0 ? bytes[n - 1] != '\n' : it->midline;
	if (it->raw) {
		fwrite(bytes, 1, n, it->prompt->out);
	} else {
		buf_init(&text, 8 * CHUNK);
		for (size_t at = 0, line; at < n; at += line) {
			line = 0;
			while (at + line < n && bytes[at + line] != '\r')
				line++;
			prompt_escape(&text, bytes + at, line);
			/* a CR before a line feed is not shown */
			if (at + line + 1 < n && bytes[at + line + 1] != '\n')
				(void)buf_append(&text, "\\r", 2, NULL);
			line += at + line < n;
		}
		if (text.len > 0)
			fwrite(buf_head(&text), 1, text.len, it->prompt->out);
		buf_fini(&text);
	}
	fflush(it->prompt->out);
}

static void
watch_socket(struct interaction *it)
{
	struct error e;

	it->socket_watch.fd = sock_fileno(it->handle->sock);
	if (!it->over && loop_watch(it->prompt->rt->loop, &it->socket_watch, LOOP_READ, &e) == -1)
		end_with_error(it, &e);
}

static ssize_t
receive_some(struct interaction *it)
{
	struct error e = { 0 };
	char buffer[CHUNK];
	ssize_t n = sock_recv(it->handle->sock, buffer, sizeof(buffer), MSG_DONTWAIT, &e);

	if (n > 0) {
		handle_traffic(it->handle, '<', buffer, (size_t)n);
		show_received(it, buffer, (size_t)n);
	} else if (n == 0) {
		/* a datagram or a message may be empty: it ends nothing */
		it->over = sock_end(it->handle->sock) != END_NONE;
	} else if (e.number != EAGAIN) {
		end_with_error(it, &e);
	}
	return n;
}

/* The descriptor is not readable for bytes that TLS has decrypted already. */
static void
on_socket(struct watch *w, unsigned ready)
{
	struct interaction *it = w->arg;

	(void)ready;
	while (receive_some(it) >= 0 && !it->over && sock_pending(it->handle->sock) > 0)
		continue;
}

/* Shows the buffered bytes that were not shown yet. */
static void
receive_buffered(struct interaction *it)
{
	size_t n, shown = prompt_incoming_shown(it->prompt, it->handle);
	const char *buffered = sock_buffered(it->handle->sock, &n);

	if (n == 0)
		return;
	if (n > shown)
		show_received(it, buffered + shown, n - shown);
	handle_traffic(it->handle, '<', buffered, n);
	sock_consume(it->handle->sock, n);
}

/* ---- from the terminal ---- */

static void
send_to_socket(struct interaction *it, const char *bytes, size_t n)
{
	struct error e = { 0 };
	size_t sent;

	/* sending may wait on the socket's descriptor itself */
	loop_unwatch(it->prompt->rt->loop, &it->socket_watch);
	if (sock_sendall(it->handle->sock, bytes, n, &sent, &e) == -1)
		end_with_error(it, &e);
	handle_traffic(it->handle, '>', bytes, sent);
	watch_socket(it);
}

static void
send_line(struct interaction *it, const char *bytes, size_t n)
{
	char line[2 * CHUNK];
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (it->crlf && bytes[i] == '\n')
			line[at++] = '\r';
		line[at++] = bytes[i];
	}
	if (at > 0)
		send_to_socket(it, line, at);
}

static void
on_terminal(struct watch *w, unsigned ready)
{
	struct interaction *it = w->arg;
	struct error e = { 0 };
	char buffer[CHUNK];
	const char *escape;
	ssize_t n = sys_read(w->fd, buffer, sizeof(buffer), &e);

	(void)ready;
	if (n == SYS_AGAIN)
		return;
	if (n == -1) {
		end_with_error(it, &e);
		return;
	}
	/* Ctrl-D: half-close; the answer is still to come */
	if (n == 0) {
		loop_unwatch(it->prompt->rt->loop, w);
		prompt_record_half_close(it->prompt->record, it->handle->name);
		if (sock_shutdown(it->handle->sock, SHUT_WR, &e) == -1)
			end_with_error(it, &e);
		return;
	}
	escape = memchr(buffer, ESCAPE, (size_t)n);
	send_line(it, buffer, escape != NULL ? (size_t)(escape - buffer) : (size_t)n);
	if (escape != NULL)
		it->over = true;
	/* the terminal has echoed the escape, or the line */
	it->midline = escape != NULL || buffer[n - 1] != '\n';
}

/* ---- the terminal's modes ---- */

/* Sets canonical mode, in which Ctrl-] also ends a line; or raw mode. */
static void
set_modes(struct interaction *it)
{
	struct termios *t = &it->modes;

	*t = it->saved_modes;
	if (!it->raw) {
		t->c_lflag |= ICANON | ECHO | ISIG;
		t->c_cc[VEOL] = ESCAPE;
	} else {
		t->c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
		t->c_iflag &= ~(tcflag_t)(ICRNL | IXON);
		t->c_cc[VMIN] = 1;
		t->c_cc[VTIME] = 0;
	}
	tcsetattr(STDIN_FILENO, TCSADRAIN, t);
}

/* The shell has set its own modes meanwhile. */
static void
on_resumed(struct signal_watch *s)
{
	const struct interaction *it = s->arg;

	tcsetattr(STDIN_FILENO, TCSADRAIN, &it->modes);
}

static int
relay_terminal(struct interaction *it, struct error *e)
{
	struct loop *l = it->prompt->rt->loop;
	int rc;

	it->terminal_watch = (struct watch){ .fd = STDIN_FILENO, .fn = on_terminal, .arg = it };
	it->socket_watch = (struct watch){ .fn = on_socket, .arg = it };
	it->resumed = (struct signal_watch){ .signo = SIGCONT, .fn = on_resumed, .arg = it };
	receive_buffered(it);
	set_modes(it);
	rc = loop_watch(l, &it->terminal_watch, LOOP_READ, e);
	if (rc == 0)
		rc = loop_signal_watch(l, &it->resumed, e);
	if (rc == 0)
		watch_socket(it);
	if (rc == 0 && !it->over && sock_pending(it->handle->sock) > 0)
		on_socket(&it->socket_watch, LOOP_READ);
	if (rc == 0)
		rc = loop_run(l, &it->over, deadline_never(), e);
	loop_unwatch(l, &it->terminal_watch);
	loop_unwatch(l, &it->socket_watch);
	if (it->resumed.active)
		loop_signal_unwatch(l, &it->resumed);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &it->saved_modes);
	if (rc != -1 && it->failed)
		*e = it->error;
	return rc == -1 || it->failed ? -1 : 0;
}

/* ---- the command ---- */

static int
get_words(struct interaction *it, struct interp *in, int argc, struct value *const argv[])
{
	static const char *const words[] = { "-raw", "-crlf", NULL };
	int i, word;

	for (i = 1; i < argc && value_bytes(argv[i], NULL)[0] == '-'; i++) {
		if (interp_get_word(in, argv[i], words, "option", &word) != TCL_OK)
			return TCL_ERROR;
		it->raw |= word == 0;
		it->crlf |= word == 1;
	}
	if (i + 1 < argc)
		return interp_wrong_args(in, 1, argv, "?-raw? ?-crlf? ?socket?");
	if (i < argc)
		it->handle = handle_find(it->prompt->sc, in, argv[i]);
	else
		it->handle = handle_current(it->prompt->sc, in);
	return it->handle != NULL ? TCL_OK : TCL_ERROR;
}

static int
run_interact(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct interaction *it = calloc(1, sizeof(*it));
	struct error e = { 0 };
	int code, rc;

	if (it == NULL)
		return interp_fail(in, "USOCK internal", NULL, "out of memory");
	it->prompt = data;
	code = get_words(it, in, argc, argv);
	if (code == TCL_OK && tcgetattr(STDIN_FILENO, &it->saved_modes) == -1) {
		(void)error_errno(&e, ERROR_LOCAL_IO, errno, "interact");
		code = script_fail(in, &e);
	} else if (code == TCL_OK) {
		handle_hold(it->handle);
		prompt_note(it->prompt, "Ctrl-] returns to the prompt; now you type to %s",
		    it->handle->name);
		rc = relay_terminal(it, &e);
		if (it->midline)
			prompt_write(it->prompt, "\n", 1);
		handle_drop(it->handle);
		code = rc == -1 ? script_fail(in, &e) : interp_return_text(in, "", 0);
	}
	free(it);
	return code;
}

void
prompt_interact_add(struct prompt *p)
{
	static const struct interp_command row = { "interact", run_interact, 0, 3,
		"?-raw? ?-crlf? ?socket?" };

	interp_add(script_interp(p->sc), &row, p, NULL);
}

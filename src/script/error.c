#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/parse.h"
#include "net/endpoint.h"
#include "script/handle.h"
#include "script/impl.h"
#include "sock/sock.h"
#include "stream/tls.h"
#include "tcl/value/list.h"

/* ---- struct error to language ---- */

static void
push_text(struct heap *h, struct list **l, const char *text)
{
	list_push(h, l, value_string(h, text));
}

static void
push_number(struct heap *h, struct list **l, const struct error *e)
{
	if (e->origin == ORIGIN_ERRNO) {
		push_text(h, l, error_errno_name(e->number));
		push_text(h, l, strerror(e->number));
	} else if (e->origin == ORIGIN_GAI) {
		push_text(h, l, error_gai_name(e->number));
		list_push(h, l, value_int(h, e->number));
	} else if (e->origin == ORIGIN_TLS && e->number == TLS_TRUNCATED) {
		push_text(h, l, "truncated");
	} else if (e->origin == ORIGIN_TLS) {
		list_push(h, l, value_int(h, e->number));
	}
}

static struct list *
code_list(struct heap *h, const struct error *e)
{
	struct list *l = list_new(h, 6);

	if (e->origin == ORIGIN_ERRNO && e->code != ERROR_TIMEOUT) {
		push_text(h, &l, "POSIX");
	} else {
		push_text(h, &l, "USOCK");
		push_text(h, &l, e->origin == ORIGIN_GAI ? "gai" : error_word(e->code));
	}
	push_number(h, &l, e);
	return l;
}

/* Returns the text of e before its reason; adds the socket of the running method if the text names none. */
static void
describe_wait(struct script *sc, const struct error *e, const char *reason, char *text, size_t size)
{
	const struct handle *h = sc->acting.handle;
	char peer[SOCKNAME_TEXT_MAX] = "";
	struct sockname name = { .len = 0 };
	size_t n = strlen(e->text), rest = strlen(reason) + 2;

	n = n > rest && strcmp(e->text + n - rest + 2, reason) == 0 ? n - rest : 0;
	if (n == 0 || h == NULL || memchr(e->text, ' ', n) != NULL) {
		snprintf(text, size, "%.*s", (int)n, e->text);
		return;
	}
	if (h->sock != NULL)
		sock_peer(h->sock, &name);
	if (name.len > 0)
		sockname_format(&name, peer, sizeof(peer));
	snprintf(text, size, "%.*s %s%s%s", (int)n, e->text, h->name, peer[0] != '\0' ? " " : "",
	    peer);
}

/* Sets a time-out error that says what was waited for and how long. */
static void
set_timeout_error(struct error *e, const char *what, int64_t since)
{
	size_t n;

	(void)error_errno(e, ERROR_TIMEOUT, ETIMEDOUT, "%s", what);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof(e->text) - n, " after %.3f s",
	    (double)(clock_now() - since) / (double)NSEC_PER_SEC);
}

static int
stop_by_signal(struct script *sc, const struct error *e)
{
	struct error timeout = { 0 };
	char what[512], text[640];

	if (sc->exited) {
		interp_stop(sc->in, "exit");
		return TCL_ERROR;
	}
	if (!sc->timed_out || e->number != SIGALRM)
		return script_stop(sc, e);
	describe_wait(sc, e, "SIGALRM", what, sizeof(what));
	snprintf(text, sizeof(text), "script%s%s", what[0] != '\0' ? ": " : "", what);
	set_timeout_error(&timeout, text, sc->until_since);
	return script_stop(sc, &timeout);
}

static int
set_failure(struct interp *in, const struct error *e, struct list *code)
{
	struct script *sc = script_of(in);

	value_unref(sc->failed_code);
	sc->failed = *e;
	sc->failed_code = value_from_list(interp_heap(in), code);
	return interp_fail_with(in, value_ref(sc->failed_code),
	    value_string(interp_heap(in), e->text));
}

int
script_fail(struct interp *in, const struct error *e)
{
	struct script *sc = script_of(in);
	struct error timeout = *e;
	char what[512];

	if (e->code == ERROR_SIGNAL)
		return stop_by_signal(sc, e);
	if (e->code == ERROR_TIMEOUT && e->number == ETIMEDOUT && sc->acting.handle != NULL) {
		describe_wait(sc, e, strerror(ETIMEDOUT), what, sizeof(what));
		set_timeout_error(&timeout, what, sc->acting.since);
	}
	return set_failure(in, &timeout, code_list(interp_heap(in), &timeout));
}

int
script_fail_with(struct interp *in, const struct error *e, const char *word, int64_t number)
{
	struct heap *h = interp_heap(in);
	struct list *code;

	if (e->code == ERROR_SIGNAL)
		return stop_by_signal(script_of(in), e);
	code = code_list(h, e);
	push_text(h, &code, word);
	list_push(h, &code, value_int(h, number));
	return set_failure(in, e, code);
}

/* ---- language to struct error ---- */

static bool
begins_with_any(const char *message, const char *const *beginnings, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strncmp(message, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	}
	return false;
}

/* Returns whether this is a syntax error; the language gives these no -errorcode. */
static bool
is_syntax_error(const char *message)
{
	static const char *const beginnings[] = { "missing ", "extra characters after close-",
		"unmatched open ", "invalid command name" };

	return begins_with_any(message, beginnings, ARRAY_LEN(beginnings));
}

/* Returns whether this is what the language says of a file, or of the files that a program is to have. Both
 * sockets and files have POSIX as -errorcode. */
static bool
is_file_error(const char *message)
{
	static const char *const beginnings[] = { "couldn't open \"", "could not read \"",
		"couldn't write file \"", "couldn't create ", "can't create directory \"",
		"error writing \"", "error reading \"", "error closing \"", "error deleting \"",
		"error renaming \"" };

	return begins_with_any(message, beginnings, ARRAY_LEN(beginnings));
}

static bool
code_of_word(struct value *word, enum error_code *ret_code)
{
	static const char *const words[] = {
#define X(code, word, status) [code] = word,
		ERROR_CODES(X)
#undef X
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (value_is(word, words[i])) {
			*ret_code = (enum error_code)i;
			return true;
		}
	}
	return false;
}

/* Reads {USOCK word ...}, which the script itself has thrown. */
static enum error_code
code_of_usock(size_t n, struct value *const *items)
{
	enum error_code code = ERROR_SCRIPT;

	if (n > 1 && value_is(items[1], "gai"))
		return ERROR_RESOLVE;
	if (n > 1)
		code_of_word(items[1], &code);
	return code;
}

static enum error_code
code_of_error(struct interp *in, struct value *code, const char *message)
{
	struct list_error ignored;
	struct list *l = code == NULL ? NULL : value_to_list(code, &ignored);

	(void)in;
	if (l == NULL || l->n == 0 || value_is(l->items[0], "NONE"))
		return is_syntax_error(message) ? ERROR_USAGE : ERROR_SCRIPT;
	if (value_is(l->items[0], "USOCK"))
		return code_of_usock(l->n, l->items);
	if (value_is(l->items[0], "TCL") || value_is(l->items[0], "ARITH"))
		return ERROR_USAGE;
	if (!value_is(l->items[0], "POSIX"))
		return ERROR_SCRIPT;
	/* of exec; sh has the same statuses */
	if (strncmp(message, "couldn't execute \"", 18) == 0)
		return l->n > 1 && value_is(l->items[1], "ENOENT") ? ERROR_NOT_FOUND
								   : ERROR_NOT_EXECUTABLE;
	return is_file_error(message) ? ERROR_LOCAL_IO : ERROR_NETWORK;
}

/* Makes one line without control characters. */
static void
set_error_text(struct error *e, const char *place, const char *message, size_t n)
{
	char *at = e->text, *end = e->text + sizeof(e->text) - 5;

	if (place[0] != '\0')
		at += snprintf(at, sizeof(e->text) / 2, "%.400s: ", place);
	for (; n > 0 && at < end; message++, n--) {
		if (*message == '\n')
			at += snprintf(at, 5, "; ");
		else if ((unsigned char)*message < ' ' || *message == 0x7f)
			at += snprintf(at, 5, "\\x%02x", (unsigned char)*message);
		else
			*at++ = *message;
	}
	*at = '\0';
}

/* More than there are commands, and a few of the script. */
enum { COMMANDS_MAX = 256 };

/* Commands of Tcl and expect that the language does not have, and what to use instead */
static const struct remedy {
	const char *about, *hint;
} left_out[] = {
	{ "cd", "names of files are seen from where usock was started" },
	{ "chan", "open, read, gets, puts, eof, flush and close, and the methods of a socket" },
	{ "coroutine", "server PORT {handle addr port} {body} runs a body for each client" },
	{ "encoding", "values are bytes" },
	{ "exp_internal", "usock run -vv says what is sent and received" },
	{ "exp_send", "send TEXT" },
	{ "expect_user", "gets stdin reads a line" },
	{ "fcopy", "puts $to [read $from] copies" },
	{ "fileevent",
	    "waits are commands: $s readline, expect; server PORT {handle addr port} {body} runs a "
	    "body for each client" },
	{ "glob", "pass the files as arguments, which are in $argv" },
	{ "interact", "it is a command of the prompt" },
	{ "log_file", "record start FILE keeps what sockets send and receive" },
	{ "log_user", "what comes is not shown; puts $expect(buffer) shows it" },
	{ "namespace", "names are global; apply and proc have variables of their own" },
	{ "package", "source evaluates a file" },
	{ "pwd", "names of files are seen from where usock was started" },
	{ "rename", "proc makes a command anew" },
	{ "seek", "read the file; string range takes a part" },
	{ "send_error", "puts stderr TEXT" },
	{ "send_log", "record start FILE keeps what sockets send and receive" },
	{ "send_tty", "puts TEXT" },
	{ "send_user", "puts TEXT" },
	{ "sleep", "after MS waits" },
	{ "spawn",
	    "connect HOST PORT opens what expect talks to; with --allow-exec exec runs a program" },
	{ "stty", "getpass reads a secret and does not show it" },
	{ "system", "with --allow-exec exec runs a program" },
	{ "tell", "read the file; string length says where it ends" },
	{ "update", "after MS waits while servers go on" },
	{ "vwait", "after MS waits while servers go on" },
	{ "wait", "close ends a connection, $s end says how it ended" },
};

/* Other messages that users of Tcl or expect meet, and what to use instead */
static const struct remedy remedies[] = {
	{ "can not find channel named \"sock",
	    "a socket is a command: $s sendall TEXT writes, $s readline and $s recv N read, "
	    "$s close closes" },
	{ "can't read \"expect_out(", "expect sets expect(buffer) and expect(0) to expect(9)" },
	{ "can't read \"spawn_id", "the socket is the current one, or -from $s" },
	{ "can't read \"env(", "the environment is there with --allow-env" },
	{ "bad family \"",
	    "connect HOST PORT opens a connection, socket makes one without an address" },
	{ "bad option \"-server\"", "server PORT {handle addr port} {body} accepts clients" },
};

/* A quote follows the name. */
static bool
hint_left_out(struct error *e, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(left_out); i++) {
		size_t n = strlen(left_out[i].about);

		if (strncmp(name, left_out[i].about, n) != 0 || name[n] != '"')
			continue;
		(void)error_hint(e, "%s is not part of the language: %s", left_out[i].about,
		    left_out[i].hint);
		return true;
	}
	return false;
}

struct known_commands {
	const char *names[COMMANDS_MAX];
	size_t n;
};

static void
note_command(void *data, const char *name)
{
	struct known_commands *k = data;

	if (k->n < COMMANDS_MAX)
		k->names[k->n++] = name;
}

/* A quote follows the name. */
static bool
hint_method(const struct script *sc, struct error *e, const char *name)
{
	for (const struct interp_command *m = script_methods(sc, false); m->name != NULL; m++) {
		size_t n = strlen(m->name);

		if (strncmp(name, m->name, n) != 0 || name[n] != '"')
			continue;
		(void)error_hint(e, "%s is a method of a socket, which connect returns: $s %s",
		    m->name, m->name);
		return true;
	}
	return false;
}

/* A quote follows the name. */
static void
hint_nearest(struct interp *in, struct error *e, const char *name)
{
	struct known_commands known = { .n = 0 };
	const char *nearest;
	char word[64];

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(name, "\""), name);
	interp_each_command(in, "", note_command, &known);
	nearest = parse_nearest(word, known.names, known.n);
	if (nearest != NULL)
		(void)error_hint(e, "did you mean %s?", nearest);
}

static void
add_remedy(const struct script *sc, struct error *e, const char *message)
{
	static const char unknown[] = "invalid command name \"", flag[] = "bad flag \"";
	const char *name = message + strlen(unknown);

	if (strncmp(message, unknown, strlen(unknown)) == 0 && !hint_left_out(e, name) &&
	    !hint_method(sc, e, name))
		hint_nearest(sc->in, e, name);
	if (strncmp(message, flag, strlen(flag)) == 0 && strstr(message, "must be MSG_") != NULL)
		(void)error_hint(e,
		    "flags follow the bytes or the size; there are no options, and no --");
	for (size_t i = 0; i < ARRAY_LEN(remedies); i++) {
		if (strncmp(message, remedies[i].about, strlen(remedies[i].about)) == 0)
			(void)error_hint(e, "%s", remedies[i].hint);
	}
}

void
script_error(struct script *sc, struct error *ret_error)
{
	struct value *code = interp_errorcode(sc->in);
	size_t n;
	const char *message = value_bytes(interp_result(sc->in), &n);

	if (sc->stopped) {
		*ret_error = sc->stop;
		return;
	}
	if (code != NULL && code == sc->failed_code)
		*ret_error = sc->failed;
	else
		*ret_error = (struct error){ .code = code_of_error(sc->in, code, message) };
	set_error_text(ret_error, interp_errorplace(sc->in), message, n);
	add_remedy(sc, ret_error, message);
}

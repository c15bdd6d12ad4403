#include "cli/netcat/socat/socat_line.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/netcat/foreign.h"
#include "cli/netcat/socat/socat_socket.h"

enum { WORD_MAX = 512 };

static void
add_note(struct socat_line *l, const char *text)
{
	for (size_t i = 0; i < l->n_notes; i++)
		if (strcmp(l->notes[i], text) == 0)
			return;
	if (l->n_notes < SOCAT_NOTES_MAX)
		l->notes[l->n_notes++] = text;
}

static void
add_notes(struct socat_line *l)
{
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < l->addresses[i].n_given; j++)
			if (l->addresses[i].given[j].option->differs != NULL)
				add_note(l, l->addresses[i].given[j].option->differs);
}

/* ---- directions ---- */

static const struct socat_address *
other_address(const struct socat_line *l, const struct socat_address *a)
{
	return &l->addresses[a == &l->addresses[0]];
}

/* True where data flows from this address to the other one. */
static bool
is_source(const struct socat_line *l, const struct socat_address *a)
{
	const char back = a == &l->addresses[0] ? 'U' : 'u';
	const struct socat_address *other = other_address(l, a);

	if (foreign_count(l->args, back) > 0)
		return false;
	return !a->type->writes && !socat_address_has(a, "wronly") && !other->type->reads &&
	    !socat_address_has(other, "rdonly");
}

static bool
is_socket(const struct socat_address *a)
{
	return a->role == SOCAT_CLIENT || a->role == SOCAT_SERVER;
}

static bool
is_program(const struct socat_address *a)
{
	return a->role == SOCAT_PROGRAM || a->role == SOCAT_SHELL;
}

/* Standard input and output, perhaps redirected. */
static bool
is_stdio(const struct socat_address *a)
{
	return a->role == SOCAT_STDIO || a->role == SOCAT_FILE;
}

static bool
is_forking(const struct socat_address *a)
{
	return socat_address_value(a, "fork") != NULL;
}

/* ---- files ---- */

/* How a shell opens the file for writing as socat does. */
static const char *
output_operator(const struct socat_address *a)
{
	if (socat_address_has(a, "append") || strcasecmp(a->name, "GOPEN") == 0)
		return ">>";
	if (socat_address_has(a, "trunc") || strncasecmp(a->name, "CREAT", 5) == 0)
		return ">";
	return "1<>";
}

static void
redirect(struct socat_line *l, const struct socat_address *a)
{
	if (is_source(l, a)) {
		l->line.input[0] = "<";
		l->line.input[1] = a->params[0];
	}
	if (is_source(l, other_address(l, a))) {
		l->line.output[0] = output_operator(a);
		l->line.output[1] = a->params[0];
	}
}

/* ---- what is at the other end ---- */

/* One way only, and how datagrams are cut. */
static void
add_stdio(struct socat_line *l, const struct socat_address *a, const struct socat_address *local)
{
	bool in = is_source(l, local), out = is_source(l, a), keeps = is_forking(a);
	bool file = local->role == SOCAT_FILE;

	if (in && keeps && file && a->type->packets == SOCAT_STREAM) {
		usock_line_add_words(&l->line, "--send %", local->params[0]);
		if (out)
			add_note(l, "FILE: what clients send is not written to it");
		return;
	}
	if (file)
		redirect(l, local);
	if (!in)
		usock_line_add(&l->line, "--recv-only");
	else if (keeps && a->type->packets == SOCAT_STREAM)
		usock_line_add(&l->line, "--broadcast-input");
	else if (!out)
		usock_line_add(&l->line, "--send-only");
	if (in && keeps)
		add_note(l, "fork: what is read is sent to all clients");
}

static int
add_socat_program(struct socat_line *l, const struct socat_address *program, struct error *e)
{
	const char *line = program->params[0];
	char word[WORD_MAX];
	const char *end;

	usock_line_add(&l->line, "--");
	for (line += strspn(line, " "); *line != '\0'; line = end + strspn(end, " ")) {
		end = socat_address_part(line, " ", word, sizeof(word));
		if (end == NULL)
			return error_set(e, ERROR_USAGE, "%.80s...: the word is too long", line);
		usock_line_add(&l->line, "%s", word);
	}
	return 0;
}

/* ---- sockets ---- */

static void
add_timeouts(struct socat_line *l, const struct socat_address *a, bool stdio)
{
	const char *idle = foreign_value(l->args, 'T'), *quit = foreign_value(l->args, 't');

	if (idle != NULL)
		usock_line_add_words(&l->line, "--idle-timeout %", idle);
	if (quit == NULL)
		return;
	if (stdio && !is_forking(a))
		usock_line_add_words(&l->line, "--quit-after %", quit);
	else
		add_note(l, "-t: each direction ends by itself");
}

static void
add_views(struct socat_line *l)
{
	const char *levels = foreign_value(l->args, 'd');
	size_t level = foreign_count(l->args, 'd') + (levels != NULL ? strlen(levels) : 0);

	if (level > 1)
		usock_line_add(&l->line, level > 2 ? "-vv" : "-v");
	if (foreign_count(l->args, 'x') > 0 || foreign_count(l->args, 'v') > 0)
		usock_line_add(&l->line, "--hexdump");
}

/* How datagrams become bytes: socat reads blocks. */
static void
add_framing(struct socat_line *l, const struct socat_address *a, const struct socat_address *local)
{
	const char *size = foreign_value(l->args, 'b');

	if (a->type->packets == SOCAT_STREAM || local->role == SOCAT_ECHO)
		return;
	if (a->type->packets == SOCAT_EXCHANGE && is_program(local))
		usock_line_add(&l->line, "--framing=whole");
	else
		usock_line_add(&l->line, "--framing=read=%s", size != NULL ? size : "8192");
}

/* A server of datagrams hears one sender, or all. */
static void
add_senders(struct socat_line *l, const struct socat_address *a, const struct socat_address *local,
    bool stdio)
{
	bool one = !is_forking(a) && a->type->packets != SOCAT_EVERY;

	if (a->role != SOCAT_SERVER || a->type->packets == SOCAT_STREAM)
		return;
	if (a->type->packets == SOCAT_EVERY && !is_forking(a))
		usock_line_add(&l->line, "-k");
	if (one && stdio)
		usock_line_add(&l->line, "--first-sender");
	if (one && a->type->packets == SOCAT_EXCHANGE)
		usock_line_add_words(&l->line, "--max-receives 1", NULL);
	if (a->type->packets == SOCAT_EVERY && is_program(local))
		add_note(l, "RECV: each sender has a program of its own");
}

static void
add_local_side(struct socat_line *l, const struct socat_address *a,
    const struct socat_address *local)
{
	bool server = a->role == SOCAT_SERVER;

	if (is_stdio(local))
		add_stdio(l, a, local);
	else if (is_program(local) && !(is_source(l, a) && is_source(l, local)))
		add_note(l, "-u, -U: both directions of the program are connected");
	if (is_program(local) &&
	    (socat_address_find(local, "raw") != NULL || socat_address_find(local, "echo") != NULL))
		add_note(l,
		    "raw, echo: the terminal echoes, and sends CR LF: stty raw -echo in "
		    "front of the program");
	if (local->role == SOCAT_SHELL)
		usock_line_add(&l->line, "--sh=%s", local->params[0]);
	if (local->role == SOCAT_ECHO && server)
		usock_line_add(&l->line, "--echo");
}

/* Options of a program and of standard input are options of the socket here. */
static int
add_local_options(struct socat_line *l, const struct socat_address *a,
    const struct socat_address *local, struct error *e)
{
	if (local->role == SOCAT_ECHO)
		return 0;
	if (a->role == SOCAT_CLIENT && is_program(local) &&
	    socat_address_value(local, "stderr") != NULL &&
	    socat_address_value(local, "pty") == NULL)
		return error_set(e, ERROR_USAGE,
		    "%.200s: stderr has no counterpart behind usock connect", local->name);
	socat_socket_add_words(&l->line, local);
	return 0;
}

/* The socket a, whose other end is no socket. */
static int
make_one(struct socat_line *l, const struct socat_address *a, struct error *e)
{
	const struct socat_address *local = other_address(l, a);

	usock_line_add(&l->line, a->role == SOCAT_SERVER ? "listen" : "connect");
	if (socat_socket_add(&l->line, a, l->args, e) < 0 || add_local_options(l, a, local, e) < 0)
		return -1;
	add_timeouts(l, a, is_stdio(local));
	add_views(l);
	add_senders(l, a, local, is_stdio(local));
	add_framing(l, a, local);
	add_local_side(l, a, local);
	if (socat_socket_add_address(&l->line, a, false, e) < 0)
		return -1;
	if (local->role == SOCAT_ECHO && a->role == SOCAT_CLIENT)
		usock_line_add_words(&l->line, "-- cat", NULL);
	return local->role == SOCAT_PROGRAM ? add_socat_program(l, local, e) : 0;
}

/* What is sent goes to one address, and everyone may answer. */
static int
make_sendto(struct socat_line *l, const struct socat_address *a, struct error *e)
{
	const struct socat_address *local = other_address(l, a);
	const char *quit = foreign_value(l->args, 't'), *size = foreign_value(l->args, 'b');

	if (!is_stdio(local) || !is_source(l, local)) {
		error_set(e, ERROR_USAGE, "%.200s: usock has no counterpart but for standard input",
		    a->name);
		return error_hint(e, "usock connect -u ADDRESS, usock listen -u ADDRESS");
	}
	if (local->role == SOCAT_FILE)
		redirect(l, local);
	usock_line_add(&l->line, "sendto");
	if (socat_socket_add(&l->line, a, l->args, e) < 0)
		return -1;
	usock_line_add(&l->line, "--framing=read=%s", size != NULL ? size : "8192");
	if (is_source(l, a)) {
		usock_line_add_words(&l->line, "--wait %", quit != NULL ? quit : "500ms");
		add_note(l, "DATAGRAM: status 124 says that nobody has answered");
	}
	return socat_socket_add_address(&l->line, a, false, e);
}

/* ---- two sockets ---- */

/* Makes a server that connects each client to a target. */
static int
make_forward(struct socat_line *l, const struct socat_address *a, struct error *e)
{
	const struct socat_address *target = other_address(l, a);

	usock_line_add(&l->line, "listen");
	if (socat_socket_add(&l->line, a, l->args, e) < 0)
		return -1;
	add_timeouts(l, a, false);
	add_views(l);
	if (a->type->packets == SOCAT_EVERY && !is_forking(a))
		usock_line_add(&l->line, "-k");
	usock_line_add(&l->line, "--forward");
	if (socat_socket_add_address(&l->line, target, true, e) < 0)
		return -1;
	if (!is_source(l, a) || !is_source(l, target))
		add_note(l, "-u, -U: both directions are relayed");
	return socat_socket_add_address(&l->line, a, false, e);
}

/* Makes a socket whose program is a second usock. */
static int
make_nested(struct socat_line *l, const struct socat_address *a, struct error *e)
{
	const struct socat_address *both[] = { a, other_address(l, a) };

	for (size_t i = 0; i < 2; i++) {
		if (i > 0)
			usock_line_add_words(&l->line, "-- usock", NULL);
		usock_line_add(&l->line, both[i]->role == SOCAT_SERVER ? "listen" : "connect");
		if (socat_socket_add(&l->line, both[i], l->args, e) < 0)
			return -1;
		if (i == 0) {
			add_timeouts(l, a, false);
			add_views(l);
		}
		add_senders(l, both[i], both[1 - i], i == 1);
		add_framing(l, both[i], both[1 - i]);
		if (socat_socket_add_address(&l->line, both[i], false, e) < 0)
			return -1;
	}
	if (!is_source(l, a) || !is_source(l, both[1]))
		add_note(l, "-u, -U: both directions are relayed");
	return 0;
}

static int
make_two(struct socat_line *l, struct error *e)
{
	const struct socat_address *a = &l->addresses[0], *b = &l->addresses[1];
	const struct socat_address *server = a->role == SOCAT_SERVER ? a : b;
	const struct socat_address *client = other_address(l, server);
	const struct socat_address *group = a->type->packets == SOCAT_GROUP ? a : b;

	if (group->type->packets == SOCAT_GROUP)
		return make_sendto(l, group, e);
	if (is_forking(b) && is_forking(a))
		return error_set(e, ERROR_USAGE,
		    "%.200s and %.200s: usock has no counterpart of fork twice", a->name, b->name);
	if (server->role == SOCAT_CLIENT)
		return make_nested(l, a, e);
	if (client->role == SOCAT_CLIENT && socat_socket_is_target(client, server))
		return make_forward(l, server, e);
	return make_nested(l, is_forking(b) ? b : server, e);
}

static bool
is_named_gopen(const struct socat_address *a)
{
	return strcasecmp(a->name, "GOPEN") == 0;
}

int
socat_line_make(struct socat_line *l, struct error *e)
{
	const struct socat_address *a = &l->addresses[0], *b = &l->addresses[1];
	const struct socat_address *socket = is_socket(a) ? a : b;
	int rc;

	if (is_socket(a) && is_socket(b)) {
		rc = make_two(l, e);
	} else if (!is_socket(socket)) {
		error_set(e, ERROR_USAGE, "%.200s and %.200s: neither is a socket", a->name,
		    b->name);
		return error_hint(e,
		    is_named_gopen(a) || is_named_gopen(b)
			? "UNIX-CONNECT:PATH, if the path is a socket elsewhere"
			: "a pipe of the shell, cat(1) or cp(1) does this");
	} else {
		rc = socket->type->packets == SOCAT_GROUP ? make_sendto(l, socket, e)
							  : make_one(l, socket, e);
	}
	if (rc == 0 && l->line.failed)
		return error_set(e, ERROR_INTERNAL, "the line is too long");
	if (rc == 0)
		add_notes(l);
	return rc;
}

void
socat_line_fini(struct socat_line *l)
{
	usock_line_fini(&l->line);
}

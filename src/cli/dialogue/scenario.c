#include "cli/dialogue/scenario.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/codec/base64.h"
#include "base/error.h"
#include "cli/dialogue/conversation.h"

enum {
	LINES_LONGEST = 4 << 10, /* bytes that are written as lines of text; more are base64 */
	BASE64_LINE = 54,        /* bytes in a line of base64 */
	EXPECT_MOST = 256 << 10  /* more bytes than that are read, and not searched */
};

static const char opening[] =
    "# Plays the client of a recorded dialogue, and expects what its server answered.\n"
    "#\n"
    "#\tusock FILE [ADDRESS [OPTION...]]\n"
    "#\n"
    "# ADDRESS is the server; the OPTIONs are those of usock connect, such as --tls --insecure.\n";

static const char procedures[] = "\n"
				 "# Waits until exactly these bytes have come.\n"
				 "proc answer {socket bytes} {\n"
				 "\t$socket expect -timeout 30 -ex $bytes\n"
				 "\tassert-eq $expect(buffer) $bytes\n"
				 "}\n"
				 "\n"
				 "# The same for many bytes.\n"
				 "proc long_answer {socket bytes} {\n"
				 "\tassert-eq [$socket read [string length $bytes]] $bytes\n"
				 "}\n"
				 "\n"
				 "# The same for a datagram or a message.\n"
				 "proc record {socket bytes} {\n"
				 "\tassert-eq [$socket recv 1000000] $bytes\n"
				 "}\n"
				 "\n"
				 "# Waits for the end, before which nothing more comes.\n"
				 "proc ended {socket} {\n"
				 "\t$socket expect -timeout 30 eof\n"
				 "\tassert-eq $expect(buffer) \"\"\n"
				 "}\n";

/* ---- bytes as words of the language ---- */

/* Appends n bytes, with escapes for all that has a meaning, also at the end of a comment. */
static void
put_escaped(struct buf *out, const char *data, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const unsigned char c = (unsigned char)data[i];

		if (c == '\n' || c == '\r' || c == '\t')
			buf_printf(out, NULL, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
		else if (c < ' ' || c > '~')
			buf_printf(out, NULL, "\\x%02x", c);
		else if (strchr("\\\"$[]", c) != NULL)
			buf_printf(out, NULL, "\\%c", c);
		else
			buf_append(out, &data[i], 1, NULL);
	}
}

static void
put_quoted(struct buf *out, const char *data, size_t n)
{
	buf_append(out, "\"", 1, NULL);
	put_escaped(out, data, n);
	buf_append(out, "\"", 1, NULL);
}

/* Sets the variable from text, a line of it in each line. */
static int
put_variable(struct buf *out, const char *data, size_t n, struct error *e)
{
	const char *command = "set", *end = data + n, *stop;

	do {
		stop = memchr(data, '\n', (size_t)(end - data));
		stop = stop != NULL ? stop + 1 : end;
		buf_printf(out, NULL, "%s bytes ", command);
		put_quoted(out, data, (size_t)(stop - data));
		command = "append";
		data = stop;
		if (buf_append(out, "\n", 1, e) == -1)
			return -1;
	} while (data < end);
	return 0;
}

static int
put_base64(struct buf *out, const char *data, size_t n, struct error *e)
{
	size_t part;

	buf_printf(out, NULL, "set bytes [binary decode base64 {\n");
	for (; n > 0; n -= part, data += part) {
		part = n < BASE64_LINE ? n : BASE64_LINE;
		buf_append(out, "\t", 1, NULL);
		if (base64_encode(out, data, part, e) == -1 || buf_append(out, "\n", 1, e) == -1)
			return -1;
	}
	return buf_printf(out, e, "}]\n");
}

static int
put_bytes(struct buf *out, const struct conversation_message *m, struct error *e)
{
	const char *data = m->data != NULL ? m->data : "";

	return m->n > LINES_LONGEST ? put_base64(out, data, m->n, e)
				    : put_variable(out, data, m->n, e);
}

/* ---- events ---- */

static int
put_open(const struct conversation *c, size_t i, struct buf *out, struct error *e)
{
	const struct conversation_connection *k = &c->connections[i];

	buf_printf(out, NULL, "\nset s%llu [connect %s{*}$options $address]\n",
	    (unsigned long long)k->id, k->type == DIALOGUE_DATAGRAM ? "--udp " : "");
	return buf_printf(out, e, "$s%llu settimeout 30\n", (unsigned long long)k->id);
}

static int
put_exchange(const struct conversation *c, const struct conversation_message *m, struct buf *out,
    struct error *e)
{
	const struct conversation_connection *k = &c->connections[m->connection];
	const bool stream = k->type == DIALOGUE_STREAM;

	if (put_bytes(out, m, e) == -1)
		return -1;
	if (conversation_is_request(c, m))
		return buf_printf(out, e, "$s%llu %s $bytes\n", (unsigned long long)k->id,
		    stream ? "sendall" : "send");
	return buf_printf(out, e, "%s $s%llu $bytes\n",
	    !stream                  ? "record"
		: m->n > EXPECT_MOST ? "long_answer"
				     : "answer",
	    (unsigned long long)k->id);
}

/* What the client does is done, and what the server does is expected. */
static int
put_end(const struct conversation *c, const struct conversation_message *m, struct buf *out,
    struct error *e)
{
	const unsigned long long id = c->connections[m->connection].id;
	const bool stream = c->connections[m->connection].type == DIALOGUE_STREAM;
	const char *reason = m->text != NULL ? m->text : "";

	if (m->kind == DIALOGUE_CLOSE)
		return buf_printf(out, e, "$s%llu close\n", id);
	if (!stream || m->kind == DIALOGUE_ERROR) {
		buf_printf(out, NULL, "# the connection %s: ", conversation_word(m->kind));
		put_escaped(out, reason, strlen(reason));
		return buf_append(out, "\n", 1, e);
	}
	if (conversation_is_request(c, m))
		return buf_printf(out, e,
		    m->kind == DIALOGUE_RESET ? "$s%llu abort\n" : "$s%llu shutdown w\n", id);
	return buf_printf(out, e,
	    m->kind == DIALOGUE_RESET ? "$s%llu expect -timeout 30 reset\n" : "ended $s%llu\n", id);
}

static int
put_message(const struct conversation *c, const struct conversation_message *m, struct buf *out,
    struct error *e)
{
	switch (m->kind) {
	case DIALOGUE_OPEN:
		return put_open(c, m->connection, out, e);
	case DIALOGUE_DATA:
		return put_exchange(c, m, out, e);
	case DIALOGUE_END:
	case DIALOGUE_CLOSE:
	case DIALOGUE_RESET:
	case DIALOGUE_ERROR:
		return put_end(c, m, out, e);
	case DIALOGUE_TLS:
	case DIALOGUE_SECRET:
	case DIALOGUE_KINDS_N:
		break;
	}
	return 0;
}

/* ---- the whole ---- */

/* The name is the peer's where a server was recorded. */
static void
put_options(const struct conversation_connection *k, struct buf *out)
{
	buf_printf(out, NULL, "\nset options [list%s", k->tls != NULL ? " --tls" : "");
	if (k->tls != NULL && k->server_name != NULL) {
		buf_printf(out, NULL, " --server-name ");
		put_quoted(out, k->server_name, strlen(k->server_name));
	}
	buf_append(out, "]", 1, NULL);
}

static int
put_settings(const struct conversation *c, struct buf *out, struct error *e)
{
	const struct conversation_connection *k = &c->connections[0];
	const char *server = conversation_server(k);

	buf_printf(out, NULL, "\nset address ");
	put_quoted(out, server, strlen(server));
	put_options(k, out);
	return buf_printf(out, e,
	    "\nif {[llength $argv] > 0} {set address [lindex $argv 0]}\n"
	    "if {[llength $argv] > 1} {set options [lrange $argv 1 end]}\n");
}

int
scenario_write(const struct conversation *c, struct buf *out, struct error *e)
{
	if (c->n_connections == 0)
		return error_set(e, ERROR_USAGE, "there is no connection in it");
	buf_printf(out, NULL, "#!/usr/bin/env usock\n");
	buf_append(out, opening, sizeof(opening) - 1, NULL);
	if (put_settings(c, out, e) == -1 ||
	    buf_append(out, procedures, sizeof(procedures) - 1, e) == -1)
		return -1;
	for (size_t i = 0; i < c->n_messages; i++)
		if (put_message(c, &c->messages[i], out, e) == -1)
			return -1;
	return 0;
}

#include "cli/dialogue/scenario.h"

#include "base/buf.h"
#include "base/error.h"
#include "cli/dialogue/conversation.h"
#include "test.h"

static struct conversation conversation;
static struct buf out;
static int64_t now;

static void
begin(void)
{
	conversation_fini(&conversation);
	conversation_init(&conversation, SIZE_MAX);
	now = 0;
}

/* Adds an event of the connection, later than all pieces of the last message. */
static void
add(uint64_t id, struct dialogue_event event)
{
	event.connection = id;
	event.time = now += 2 * CONVERSATION_GAP;
	check_int(conversation_add(&conversation, &event, NULL), 0);
}

static void
add_open(uint64_t id, enum dialogue_role role, enum dialogue_type type)
{
	add(id,
	    (struct dialogue_event){ .kind = DIALOGUE_OPEN,
		.role = role,
		.type = type,
		.dir = DIALOGUE_NO_DIRECTION,
		.local = "127.0.0.1:1",
		.peer = "127.0.0.1:2" });
}

static void
add_data(uint64_t id, enum dialogue_direction dir, const char *text)
{
	add(id,
	    (struct dialogue_event){ .kind = DIALOGUE_DATA,
		.dir = dir,
		.data = text,
		.n = strlen(text) });
}

static void
add_event(uint64_t id, enum dialogue_kind kind, enum dialogue_direction dir, const char *text)
{
	add(id, (struct dialogue_event){ .kind = kind, .dir = dir, .text = text });
}

/* Returns the script from these words on. */
static const char *
written_from(const char *words)
{
	const char *text;

	buf_fini(&out);
	buf_init(&out, 1 << 20);
	check_int(scenario_write(&conversation, &out, NULL), 0);
	text = strstr(buf_text(&out, NULL), words);
	check(text != NULL);
	return text != NULL ? text : "";
}

/* Checks the line of the script that begins with the first word of it. */
static void
check_line(const char *first, const char *want)
{
	const char *text = written_from(first);

	check_mem(text, strnlen(text, strlen(want)), want, strlen(want));
}

TEST("what the client did is done, and what the server did is expected")
{
	begin();
	add_open(3, DIALOGUE_CLIENT, DIALOGUE_STREAM);
	add_data(3, DIALOGUE_SENT, "hello\r\n");
	add_data(3, DIALOGUE_RECEIVED, "there\nand more");
	add_event(3, DIALOGUE_END, DIALOGUE_SENT, NULL);
	add_event(3, DIALOGUE_END, DIALOGUE_RECEIVED, NULL);
	add_event(3, DIALOGUE_CLOSE, DIALOGUE_NO_DIRECTION, "peer-fin");
	check_str(written_from("\nset s3"),
	    "\nset s3 [connect {*}$options $address]\n$s3 settimeout 30\n"
	    "set bytes \"hello\\r\\n\"\n$s3 sendall $bytes\n"
	    "set bytes \"there\\n\"\nappend bytes \"and more\"\nanswer $s3 $bytes\n"
	    "$s3 shutdown w\nended $s3\n$s3 close\n");
	check(strncmp(buf_text(&out, NULL), "#!/usr/bin/env usock\n", 21) == 0);
	check_line("set address", "set address \"127.0.0.1:2\"\nset options [list]\n");
}

TEST("of a recorded server the client is played, too")
{
	begin();
	add_open(1, DIALOGUE_SERVER, DIALOGUE_STREAM);
	add_data(1, DIALOGUE_SENT, "220\n");
	add_data(1, DIALOGUE_RECEIVED, "QUIT\n");
	add_event(1, DIALOGUE_RESET, DIALOGUE_RECEIVED, NULL);
	check_str(written_from("set bytes"),
	    "set bytes \"220\\n\"\nanswer $s1 $bytes\nset bytes \"QUIT\\n\"\n$s1 sendall $bytes\n"
	    "$s1 abort\n");
	check_line("set address", "set address \"127.0.0.1:1\"\n");
	begin();
	add_open(1, DIALOGUE_SERVER, DIALOGUE_STREAM);
	add_event(1, DIALOGUE_RESET, DIALOGUE_SENT, NULL);
	check_str(written_from("$s1 expect"), "$s1 expect -timeout 30 reset\n");
}

TEST("datagrams are sent and received one by one")
{
	begin();
	add_open(1, DIALOGUE_CLIENT, DIALOGUE_DATAGRAM);
	add_data(1, DIALOGUE_SENT, "ask");
	add_data(1, DIALOGUE_RECEIVED, "");
	check_str(written_from("\nset s1"),
	    "\nset s1 [connect --udp {*}$options $address]\n$s1 settimeout 30\n"
	    "set bytes \"ask\"\n$s1 send $bytes\nset bytes \"\"\nrecord $s1 $bytes\n");
}

TEST("bytes that have a meaning in the language have none here")
{
	begin();
	add_open(1, DIALOGUE_CLIENT, DIALOGUE_STREAM);
	add_data(1, DIALOGUE_SENT, "\"[exit] $x {\\}\t\x01\x7f\xff;#");
	check_str(written_from("set bytes"),
	    "set bytes \"\\\"\\[exit\\] \\$x {\\\\}\\t\\x01\\x7f\\xff;#\"\n$s1 sendall $bytes\n");
}

TEST("no text of a peer becomes a command")
{
	begin();
	add_open(1, DIALOGUE_SERVER, DIALOGUE_STREAM);
	add(1,
	    (struct dialogue_event){ .kind = DIALOGUE_TLS,
		.dir = DIALOGUE_NO_DIRECTION,
		.version = "TLSv1.3",
		.cipher = "x",
		.server_name = "a}\nputs [exit]; set x {" });
	add_event(1, DIALOGUE_ERROR, DIALOGUE_NO_DIRECTION, "no\nputs evil \\");
	check_line("set options",
	    "set options [list --tls --server-name \"a}\\nputs \\[exit\\]; set x {\"]\n");
	check_str(written_from("# the connection"),
	    "# the connection fails: no\\nputs evil \\\\\n");
}

TEST("many bytes are base64, and very many are read without a search")
{
	static char many[300 << 10];
	const char *text;

	memset(many, 'x', sizeof(many) - 1);
	begin();
	add_open(1, DIALOGUE_CLIENT, DIALOGUE_STREAM);
	many[4096] = '\0';
	add_data(1, DIALOGUE_SENT, many);
	many[4096] = 'x';
	many[4097] = '\0';
	add_data(1, DIALOGUE_RECEIVED, many);
	many[4097] = 'x';
	add_data(1, DIALOGUE_RECEIVED, many);
	text = written_from("set bytes \"xxx");
	check(strstr(text, "sendall") != NULL);
	text = written_from("set bytes [binary decode base64 {\n\teHh4");
	check(strstr(text, "eHg=\n}]\n") != NULL || strstr(text, "eHh4\n}]\n") != NULL);
	check(strstr(text, "\nanswer $s1 $bytes\n") != NULL);
	check(strstr(text, "\nlong_answer $s1 $bytes\n") != NULL);
}

TEST("a recording without a connection has no script")
{
	struct error e = { 0 };

	begin();
	buf_fini(&out);
	buf_init(&out, 1 << 20);
	check_int(scenario_write(&conversation, &out, &e), -1);
	check_int(e.code, ERROR_USAGE);
	conversation_fini(&conversation);
}

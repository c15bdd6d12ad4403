#include "cli/core/wished.h"

#include <string.h>

#include "base/array.h"

#define PORTS "usock connect -z HOST PORTS"
#define LOOK_UP "usock resolve HOST"
#define SOCKETS "usock status"
#define SERVE "usock listen -k PORT, with --send FILE, --echo or -- PROGRAM ARG..."
#define FORWARD "usock listen -k PORT --forward HOST:PORT"
#define RECEIVE "usock listen PORT > FILE"
#define TESTS "usock run --tap FILE..."
#define SCRIPT "usock run FILE; usock help script"
#define TLS "usock connect tls:HOST:PORT"

static const struct {
	const char *word, *hint;
} command_rows[] = {
	{ "chat", "usock listen -k --chat PORT" },
	{ "client", "usock connect HOST PORT" },
	{ "dig", LOOK_UP },
	{ "dns", LOOK_UP },
	{ "dump", "usock connect -x HOST PORT" },
	{ "echo", "usock listen -k --echo PORT" },
	{ "expect", SCRIPT },
	{ "forward", FORWARD },
	{ "http", "usock connect HOST 80 < REQUEST" },
	{ "https", "usock connect tls:HOST:443 < REQUEST" },
	{ "lookup", LOOK_UP },
	{ "netstat", SOCKETS },
	{ "ping", "usock connect -z HOST PORT" },
	{ "port", PORTS },
	{ "ports", PORTS },
	{ "prompt", "usock shell" },
	{ "proxy",
	    "usock connect --proxy URL HOST PORT; usock listen -k PORT --proxy-server KIND" },
	{ "receive", RECEIVE },
	{ "recv", RECEIVE },
	{ "relay", FORWARD },
	{ "repl", "usock shell" },
	{ "scan", PORTS },
	{ "script", SCRIPT },
	{ "send", "usock connect HOST PORT < FILE; a datagram: usock sendto HOST PORT DATA" },
	{ "serve", SERVE },
	{ "server", SERVE },
	{ "sockets", SOCKETS },
	{ "ss", SOCKETS },
	{ "ssl", TLS },
	{ "tcp", "usock connect HOST PORT" },
	{ "telnet", "usock connect --telnet HOST PORT" },
	{ "test", TESTS },
	{ "tests", TESTS },
	{ "tls", TLS },
	{ "tunnel", FORWARD },
	{ "udp", "usock sendto HOST PORT DATA; usock connect -u HOST PORT" },
	{ "version", "usock --version" },
	{ "wait", "usock connect -z --timeout DUR HOST PORT; usock status --wait listening :PORT" },
	{ "websocket", "usock connect ws://HOST/PATH" },
	{ "ws", "usock connect ws://HOST/PATH" },
};

#define DUMP "-x, --hexdump[=FILE]"
#define LOG "-v says what happens; --events FILE, --transcript FILE"

static const struct {
	const char *command, *name, *hint;
} option_rows[] = {
	{ "connect", "debug", LOG },
	{ "connect", "dump", DUMP },
	{ "connect", "file", "a file is standard input or output: < FILE, > FILE" },
	{ "connect", "hex", DUMP },
	{ "connect", "input", "standard input: < FILE" },
	{ "connect", "log", LOG },
	{ "connect", "port", "the port follows the host: usock connect HOST PORT" },
	{ "connect", "trace", DUMP },
	{ "listen", "debug", LOG },
	{ "listen", "dump", DUMP },
	{ "listen", "file", "--send FILE" },
	{ "listen", "fork", "-k serves all clients" },
	{ "listen", "hex", DUMP },
	{ "listen", "log", LOG },
	{ "listen", "trace", DUMP },
	{ "sendto", "dtls", "usock connect --dtls HOST PORT" },
	{ "sendto", "tls", "usock connect --dtls HOST PORT" },
	{ "status", "all", "all states are shown by default; --state LIST" },
	{ "status", "established", "--state established" },
	{ "status", "listen", "--state listen" },
	{ "status", "listening", "--state listen; --wait listening" },
	{ "status", "time-wait", "--state time-wait" },
};

const char *
wished_command(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(command_rows); i++)
		if (strcmp(command_rows[i].word, word) == 0)
			return command_rows[i].hint;
	return NULL;
}

const char *
wished_option(const char *command, const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(option_rows); i++)
		if (strcmp(option_rows[i].command, command) == 0 &&
		    strlen(option_rows[i].name) == len &&
		    memcmp(option_rows[i].name, name, len) == 0)
			return option_rows[i].hint;
	return NULL;
}

#include "cli/help/topics.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/can/raw.h>

#include "base/array.h"
#include "base/error.h"
#include "base/parse.h"
#include "cli/core/cmd.h"
#include "cli/help/language.h"
#include "cli/help/usage.h"
#include "net/sockopt/sockopt.h"
#include "net/sockopt/symbol.h"
#include "status/code.h"

/* ---- topics ---- */

static const char exit_text[] =
    "Exit status:\n"
    "  0    success\n"
    "  1    network failure: refused, unreachable, reset, no matching socket; or an\n"
    "       error that a script raised\n"
    "  2    usage error, or a syntax error in a script\n"
    "  3    a name could not be resolved\n"
    "  4    an expectation or assertion failed\n"
    "  5    TLS failure: handshake, certificate, or a truncated stream\n"
    "  6    a proxy refused\n"
    "  7    the peer ended first, and not all input was sent\n"
    "  8    stdin, stdout or a file could not be read or written\n"
    "  124  any time-out\n"
    "  125  internal error\n"
    "  126  the program could not be started\n"
    "  127  the program was not found\n"
    "  128+N  ended by signal N; 141 if the reader of standard output has gone,\n"
    "         which is not reported\n"
    "\n"
    "The status is never 0 after a time-out, a reset or a truncated stream. With a\n"
    "program on one connection, it is that of the program if nothing else failed.\n";

static const char address_text[] =
    "Addresses:\n"
    "  HOST PORT             two words\n"
    "  HOST:PORT             one word: example.org:80, 127.0.0.1:http\n"
    "  [HOST]:PORT           IPv6: [::1]:80, [fe80::1%eth0]:80\n"
    "  :PORT *:PORT PORT     to listen: on every address of this host\n"
    "  unix:PATH             a unix socket; /PATH and ./PATH mean the same\n"
    "  unix:@NAME            one in the abstract name space\n"
    "  vsock:CID:PORT        a virtual machine; CID may be any, local or host\n"
    "  can:IFACE             a CAN bus; can:* is all of them\n"
    "  tty:DEVICE[,SETTING]  a serial line: tty:/dev/ttyUSB0,115200,8n1\n"
    "  pty:LINK              the other end of one, for programs that open LINK\n"
    "  fd:N                  a socket that is already open as descriptor N\n"
    "  systemd:[NAME]        one that a service manager passed (LISTEN_FDS)\n"
    "\n"
    "tcp: or udp: may precede it: tcp:localhost:80, udp://localhost:53. HOST alone\n"
    "is for protocols without ports (--type raw, icmp). A host whose name is unix,\n"
    "can, udp ... is written in brackets: [unix]:80.\n"
    "\n"
    "A port is a number from 0 to 65535 or the name of a service. To listen, port 0\n"
    "lets the kernel choose one, which is reported. Where several ports are allowed,\n"
    "they are a list with ranges: 22,80,8000-8010.\n";

static const char sockopt_text[] =
    "Socket options for --sockopt NAME=VALUE. NAME may be in lower case, and without\n"
    "SO_, TCP_, IP_ ... if it stays unambiguous. Any other option is written\n"
    "LEVEL:NUMBER=VALUE, with a number or hex:BYTES.\n"
    "\n"
    "When: `before` bind and connect, once `connected`, or `read only`.\n"
    "\n"
    "NAME                        VALUE         WHEN\n";

static const char script_text[] =
    "Scripts: a strict subset of Tcl 8.6 over bytes, with sockets.\n"
    "\n"
    "Sockets:\n"
    "  connect [OPTION...] ADDRESS      a connected socket\n"
    "  listen [OPTION...] ADDRESS       a listening one; the options of the command\n"
    "  resolve [OPTION...] HOST [SERV]  {family type proto canonname address} ...\n"
    "  sendto [OPTION...] ADDRESS DATA  datagrams; with --wait the replies\n"
    "  status [OPTION...] [LOCAL [PEER]]\n"
    "                                   the sockets of this host, a dictionary each\n"
    "  socket ?-family F? ?-type T? ?-proto P?\n"
    "                                   a new socket\n"
    "  server ADDRESS {handle addr port} {body}\n"
    "                                   runs body for each client, during any wait\n"
    "  getaddrinfo HOST PORT, ip_to_tuple ADDRESS\n"
    "  use ?SOCKET?, sockets            the current socket, all of them\n"
    "  record start FILE, record stop   what they send and receive, for usock replay\n"
    "  getpass ?PROMPT?                 a secret, typed at the terminal\n"
    "\n"
    "Each gives a handle, whose methods do the rest:\n"
    "  $s send sendall write BYTES, $s sendto BYTES ADDRESS\n"
    "  $s recv N, $s read ?N?, $s readline, $s readall, $s recvfrom N\n"
    "  $s bind connect ADDRESS, $s listen ?BACKLOG?, $s accept\n"
    "  $s settimeout DUR|none, $s setblocking 0|1\n"
    "  $s setsockopt getsockopt ..., $s makefile MODE\n"
    "  $s getsockname getpeername, $s getsocketsta, $s status, $s end\n"
    "  $s shutdown r|w|rw, $s abort, $s close\n"
    "  $s starttls ?OPTION...?, $s tls info\n"
    "send recv readline status close, without a handle, are the current socket's.\n"
    "\n"
    "Dialogue:\n"
    "  expect ?-timeout DUR? PATTERN ?BODY PATTERN BODY ...?\n"
    "                                   waits until the peer has said it: a glob, -re,\n"
    "                                   -ex, -hex, or eof reset timeout silence\n"
    "  exp_continue, expect_before, expect_after, match_max\n"
    "\n"
    "  connect -w 5s mail.example.org 25\n"
    "  expect \"220*\\n\"\n"
    "  send \"HELO me\\r\\n\"\n"
    "  puts [expect -re {^250 ([^\\r\\n]*)\\r\\n}]\n"
    "\n"
    "Tests:\n"
    "  test NAME {body}, assert EXPR, assert-eq GOT EXPECTED, fail\n"
    "  skip ?REASON?, todo ?REASON?, cleanup {body}\n"
    "\n"
    "Words of Tcl: after append apply array binary break catch clock close concat\n"
    "continue dict eof error eval exec exit expr fconfigure file flush for foreach\n"
    "format gets global if incr info join lappend lassign lindex linsert list\n"
    "llength lmap lrange lrepeat lreplace lreverse lsearch lset lsort open proc\n"
    "puts read regexp regsub return scan set source split string subst switch throw\n"
    "time try unset uplevel upvar while\n";

static void
print_script(FILE *out)
{
	fputs(script_text, out);
}

static void
print_exit(FILE *out)
{
	fputs(exit_text, out);
}

static void
print_address(FILE *out)
{
	fputs(address_text, out);
}

/* The syntax of values on the command line. */
static const char *const type_words[] = {
	[SOCKOPT_INT] = "number",
	[SOCKOPT_SIZE] = "size",
	[SOCKOPT_BOOL] = "yes|no",
	[SOCKOPT_SECONDS] = "duration",
	[SOCKOPT_MSEC] = "duration",
	[SOCKOPT_USEC] = "duration",
	[SOCKOPT_TIMEVAL] = "duration",
	[SOCKOPT_MINUTES] = "duration",
	[SOCKOPT_LINGER] = "off|duration",
	[SOCKOPT_TEXT] = "text",
	[SOCKOPT_BYTES] = "hex:",
	[SOCKOPT_LONG] = "size",
	[SOCKOPT_INTS] = "N,N...",
	[SOCKOPT_PORTS] = "LO-HI",
	[SOCKOPT_INTERFACE] = "interface",
	[SOCKOPT_INTERFACE_BE] = "interface",
	[SOCKOPT_INTERFACE_IP] = "interface",
	[SOCKOPT_GROUP] = "group",
};

static const char *
phase_word(const struct sockopt *opt)
{
	if (opt->access == SOCKOPT_READ_ONLY)
		return "read only";
	return opt->phase == PHASE_SOCKET ? "before" : "connected";
}

static void
print_level(const struct symbol *level, FILE *out)
{
	size_t n;
	const struct sockopt *table = sockopt_table(&n);

	fprintf(out, "\n%s (level %s)\n", level->title, level->word);
	for (size_t i = 0; i < n; i++)
		if (table[i].level == level->number)
			fprintf(out, "%-27s %-13s %s\n    %s\n", table[i].name,
			    type_words[table[i].type], phase_word(&table[i]), table[i].help);
}

static void
print_sockopt(FILE *out)
{
	const struct symbol *level;

	fputs(sockopt_text, out);
	for (level = symbol_rows(SYMBOL_LEVEL); level->word != NULL; level++)
		if (level->title != NULL)
			print_level(level, out);
}

static void
print_states(FILE *out)
{
	static const char *const meanings[] = {
		"a socket of this program that it has closed",
		"no connection",
		"waits for connections",
		"has requested a connection",
		"has answered a request",
		"connected",
		"has ended its side; not yet acknowledged",
		"has ended its side; the peer has not",
		"the peer has ended its side; this one has not",
		"both have ended at the same time",
		"the peer ended first; waits for the last acknowledgement",
		"over; the addresses stay in use for a minute",
	};

	fputs("\nStates and their codes:\n", out);
	for (int code = -1; code <= 10; code++)
		fprintf(out, "  %2d  %-12s %s\n", code, code < 0 ? "-" : status_code_name(code),
		    meanings[code + 1]);
}

/* A topic with the name of a command is printed after the command's help. */
static const struct topic {
	const char *name;
	void (*print)(FILE *out);
} topics[] = {
	{ "exit", print_exit },
	{ "address", print_address },
	{ "sockopt", print_sockopt },
	{ "script", print_script },
	{ "status", print_states },
};

enum { N_TOPICS = ARRAY_LEN(topics), NAMES_MAX = 64 };

/* ---- by name ---- */

static int
fail_unknown_word(const char *word, struct error *e)
{
	const char *names[NAMES_MAX];
	const char *nearest;
	size_t n = 0;

	for (size_t i = 0; i < N_TOPICS; i++)
		names[n++] = topics[i].name;
	for (size_t i = 0; commands[i] != NULL && n < NAMES_MAX; i++)
		names[n++] = commands[i]->name;
	nearest = parse_nearest(word, names, n);
	if (nearest != NULL)
		error_set(e, ERROR_USAGE, "help: %s: no such command or topic, did you mean %s?",
		    word, nearest);
	else
		error_set(e, ERROR_USAGE, "help: %s: no such command or topic", word);
	return error_hint(e, "usock help");
}

int
topics_print(const char *word, FILE *out, struct error *e)
{
	const struct cmd *cmd = cmd_find(word);
	const struct language_line *line = language_find(word);

	if (cmd != NULL)
		usage_command(cmd, out);
	for (size_t i = 0; i < N_TOPICS; i++) {
		if (strcmp(word, topics[i].name) == 0) {
			topics[i].print(out);
			return 0;
		}
	}
	if (cmd == NULL && line != NULL)
		language_print_line(line, out);
	return cmd != NULL || line != NULL ? 0 : fail_unknown_word(word, e);
}

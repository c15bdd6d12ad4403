#include "status/code.h"

#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/array.h"
#include "status/table.h"

/* NEW_SYN_RECV, a request that becomes SYN_RECV, is missing in the headers of the C library. */
#define LINUX_NEW_SYN_RECV 12

/* Linux's CLOSE is CLOSED; so is a bound idle socket (13). */
static const signed char codes[] = {
	[TCP_ESTABLISHED] = TCP_CODE_ESTABLISHED,
	[TCP_SYN_SENT] = TCP_CODE_SYN_SENT,
	[TCP_SYN_RECV] = TCP_CODE_SYN_RCVD,
	[TCP_FIN_WAIT1] = TCP_CODE_FIN_WAIT_1,
	[TCP_FIN_WAIT2] = TCP_CODE_FIN_WAIT_2,
	[TCP_TIME_WAIT] = TCP_CODE_TIME_WAIT,
	[TCP_CLOSE] = TCP_CODE_CLOSED,
	[TCP_CLOSE_WAIT] = TCP_CODE_CLOSE_WAIT,
	[TCP_LAST_ACK] = TCP_CODE_LAST_ACK,
	[TCP_LISTEN] = TCP_CODE_LISTEN,
	[TCP_CLOSING] = TCP_CODE_CLOSING,
	[LINUX_NEW_SYN_RECV] = TCP_CODE_SYN_RCVD,
};

static const char *const names[] = {
	[TCP_CODE_CLOSED] = "CLOSED",
	[TCP_CODE_LISTEN] = "LISTEN",
	[TCP_CODE_SYN_SENT] = "SYN_SENT",
	[TCP_CODE_SYN_RCVD] = "SYN_RCVD",
	[TCP_CODE_ESTABLISHED] = "ESTABLISHED",
	[TCP_CODE_FIN_WAIT_1] = "FIN_WAIT_1",
	[TCP_CODE_FIN_WAIT_2] = "FIN_WAIT_2",
	[TCP_CODE_CLOSE_WAIT] = "CLOSE_WAIT",
	[TCP_CODE_CLOSING] = "CLOSING",
	[TCP_CODE_LAST_ACK] = "LAST_ACK",
	[TCP_CODE_TIME_WAIT] = "TIME_WAIT",
};

int
status_code_of_linux(int state)
{
	if (state < 0 || (size_t)state >= ARRAY_LEN(codes))
		return TCP_CODE_CLOSED;
	return codes[state];
}

const char *
status_code_name(int code)
{
	if (code == TCP_CODE_RELEASED)
		return "RELEASED";
	if (code < 0 || (size_t)code >= ARRAY_LEN(names))
		return "UNKNOWN";
	return names[code];
}

const char *
status_state_name(const struct status_row *row)
{
	if (row->proto != STATUS_TCP && row->code == TCP_CODE_CLOSED)
		return "UNCONNECTED";
	return status_code_name(row->code);
}

const char *
status_proto_name(enum status_proto proto)
{
	static const char *const protos[] = { "tcp", "udp", "unix" };

	return protos[proto];
}

const char *
status_timer_name(int timer)
{
	static const char *const timers[] = { "none", "retransmit", "keepalive", "time-wait",
		"probe" };

	if (timer < 0 || (size_t)timer >= ARRAY_LEN(timers))
		return "unknown";
	return timers[timer];
}

/* ---- parsing names ---- */

/* Returns the next letter in lower case, skipping '-' and '_'; NUL at the end. */
static char
next_letter(const char **at, const char *end)
{
	char c;

	while (*at < end && (**at == '_' || **at == '-'))
		++*at;
	if (*at == end)
		return '\0';
	c = *(*at)++;
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
words_equal(const char *name, size_t len, const char *word)
{
	const char *end = name + len, *word_end = word + strlen(word);
	char c;

	do {
		c = next_letter(&name, end);
		if (c != next_letter(&word, word_end))
			return false;
	} while (c != '\0');
	return true;
}

/* Parses "0" to "10"; returns -2 otherwise. */
static int
code_of_number(const char *text, size_t len)
{
	if (len == 1 && text[0] >= '0' && text[0] <= '9')
		return text[0] - '0';
	return len == 2 && text[0] == '1' && text[1] == '0' ? TCP_CODE_TIME_WAIT : -2;
}

int
status_code_of_name(const char *name, size_t len)
{
	static const struct {
		const char *name;
		int code;
	} aliases[] = {
		{ "unconnected", TCP_CODE_CLOSED },
		{ "unconn", TCP_CODE_CLOSED },
		{ "close", TCP_CODE_CLOSED },
		{ "bound-inactive", TCP_CODE_CLOSED },
		{ "listening", TCP_CODE_LISTEN },
		{ "syn-recv", TCP_CODE_SYN_RCVD },
		{ "estab", TCP_CODE_ESTABLISHED },
	};

	for (int code = 0; code < TCP_CODES; code++)
		if (words_equal(name, len, names[code]))
			return code;
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		if (words_equal(name, len, aliases[i].name))
			return aliases[i].code;
	return code_of_number(name, len);
}

#include "cli/netcat/hints.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/netcat/foreign.h"
#include "cli/options/opt.h"

static unsigned
bit_of(const char *command)
{
	static const struct {
		const char *name;
		unsigned bit;
	} commands[] = {
		{ "connect", FOREIGN_CONNECT },
		{ "listen", FOREIGN_LISTEN },
		{ "sendto", FOREIGN_SENDTO },
	};

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(command, commands[i].name) == 0)
			return commands[i].bit;
	return 0;
}

const char *
hints_for_letter(const char *command, char letter)
{
	return foreign_hint_letter(bit_of(command), letter);
}

const char *
hints_for_name(const char *command, const char *name, size_t len)
{
	return foreign_hint_name(bit_of(command), name, len);
}

const char *
hints_for_command(const char *word)
{
	if (word[0] != '-' || word[1] == '-')
		return "usock help";
	if (strchr(word, 'l') != NULL)
		return strchr(word, 'k') != NULL ? "usock listen -k [HOST] PORT"
						 : "usock listen [HOST] PORT";
	if (strchr(word, 'z') != NULL)
		return "usock connect -z HOST PORT...";
	return strchr(word, 'u') != NULL ? "usock connect -u HOST PORT" : "usock help";
}

/* ---- socat ---- */

#define PROXY                                                                                      \
	"--proxy socks5h://HOST:PORT or http://HOST:PORT, with USER:PASSWORD@ before HOST if "     \
	"need be"

/* socat addresses without the digit of a family. A hint that ends in a space or a colon
 * continues with what the word has between its first colon and its options. */
static const struct {
	const char *word, *hint;
} addresses[] = {
	{ "tcp", "usock connect " },
	{ "tcp-connect", "usock connect " },
	{ "tcp-listen", "usock listen " },
	{ "tcp-l", "usock listen " },
	{ "udp", "usock connect -u " },
	{ "udp-connect", "usock connect -u " },
	{ "udp-datagram", "usock sendto --wait DUR " },
	{ "udp-sendto", "usock sendto " },
	{ "udp-listen", "usock listen -u " },
	{ "udp-l", "usock listen -u " },
	{ "udp-recv", "usock listen -u --recv-only " },
	{ "udp-recvfrom", "usock listen -u " },
	{ "sctp", "usock connect --proto sctp " },
	{ "sctp-connect", "usock connect --proto sctp " },
	{ "sctp-listen", "usock listen --proto sctp " },
	{ "sctp-l", "usock listen --proto sctp " },
	{ "dccp-connect", "DCCP is not offered; --proto takes udp, udplite and sctp" },
	{ "dccp-listen", "DCCP is not offered; --proto takes udp, udplite and sctp" },
	{ "ssl", "usock connect --tls " },
	{ "openssl", "usock connect --tls " },
	{ "openssl-connect", "usock connect --tls " },
	{ "ssl-l", "usock listen --tls --self-signed " },
	{ "openssl-listen", "usock listen --tls --self-signed " },
	{ "openssl-dtls-client", "usock connect --dtls " },
	{ "openssl-dtls-connect", "usock connect --dtls " },
	{ "openssl-dtls-server", "usock listen --dtls --self-signed " },
	{ "openssl-dtls-listen", "usock listen --dtls --self-signed " },
	{ "unix", "usock connect unix:" },
	{ "unix-client", "usock connect unix:" },
	{ "unix-connect", "usock connect unix:" },
	{ "unix-listen", "usock listen unix:" },
	{ "unix-l", "usock listen unix:" },
	{ "unix-sendto", "usock sendto unix:" },
	{ "unix-recv", "usock listen -u --recv-only unix:" },
	{ "unix-recvfrom", "usock listen -u unix:" },
	{ "abstract", "usock connect unix:@" },
	{ "abstract-client", "usock connect unix:@" },
	{ "abstract-connect", "usock connect unix:@" },
	{ "abstract-listen", "usock listen unix:@" },
	{ "abstract-sendto", "usock sendto unix:@" },
	{ "abstract-recv", "usock listen -u --recv-only unix:@" },
	{ "abstract-recvfrom", "usock listen -u unix:@" },
	{ "vsock", "usock connect vsock:" },
	{ "vsock-connect", "usock connect vsock:" },
	{ "vsock-listen", "usock listen vsock:*:" },
	{ "vsock-l", "usock listen vsock:*:" },
	{ "ip", "--type raw --proto NUMBER, and the host alone" },
	{ "ip-datagram", "usock sendto --type raw --proto NUMBER HOST" },
	{ "ip-sendto", "usock sendto --type raw --proto NUMBER HOST" },
	{ "ip-recv", "usock listen --type raw --proto NUMBER HOST" },
	{ "ip-recvfrom", "usock listen --type raw --proto NUMBER HOST" },
	{ "socket-connect", "--type and --proto choose the kind of socket" },
	{ "socket-datagram", "--type and --proto choose the kind of socket" },
	{ "socket-listen", "--type and --proto choose the kind of socket" },
	{ "socket-recv", "--type and --proto choose the kind of socket" },
	{ "socket-recvfrom", "--type and --proto choose the kind of socket" },
	{ "socket-sendto", "--type and --proto choose the kind of socket" },
	{ "interface", "packets of an interface are not offered: socat" },
	{ "tun", "packets of an interface are not offered: socat" },
	{ "exec", "a program stands behind the address: -- PROGRAM ARG..." },
	{ "shell", "--sh LINE runs a line of shell" },
	{ "system", "--sh LINE runs a line of shell" },
	{ "pty", "a terminal for a program: -- script -qc LINE /dev/null" },
	{ "stdio", "standard input and output are used by default" },
	{ "stdin", "standard input is read, except with --recv-only" },
	{ "stdout", "standard output is written, except with --send-only" },
	{ "stderr", "standard output may go there: >&2" },
	{ "open", "a file is standard input or output: < FILE, > FILE" },
	{ "gopen", "a file is standard input or output: < FILE, >> FILE" },
	{ "create", "a file is standard output: > FILE" },
	{ "creat", "a file is standard output: > FILE" },
	{ "file", "a file is standard input or output: < FILE, > FILE" },
	{ "pipe", "usock listen --echo sends back what comes; a FIFO is standard input: < FILE" },
	{ "fifo", "a FIFO is standard input or output: < FILE, > FILE" },
	{ "echo", "usock listen --echo [HOST] PORT" },
	{ "readline", "the prompt reads lines: usock shell" },
	{ "proxy", "usock connect " PROXY },
	{ "proxy-connect", "usock connect " PROXY },
	{ "socks", "usock connect " PROXY },
	{ "socks4a", "usock connect " PROXY },
	{ "socks5", "usock connect " PROXY },
	{ "socks5-connect", "usock connect " PROXY },
	{ "socks5-listen", "no port of a proxy: ssh -R forwards one of another host" },
};

/* Compares without regard to case, and ignores the digit of a family wherever it stands. */
static bool
is_address(const char *word, size_t len, const char *name)
{
	const char *end = word + len;

	for (; word < end && *name != '\0'; word++) {
		if (strncasecmp(word, name, 1) == 0)
			name++;
		else if (*word != '4' && *word != '6')
			return false;
	}
	return *name == '\0' &&
	    (word == end || (end - word == 1 && (*word == '4' || *word == '6')));
}

/* A host can be called pipe or proxy: only the spelling of socat's manual means the address. */
static bool
may_be_host(const char *word)
{
	size_t len = strcspn(word, ":,");

	return memchr(word, '-', len) == NULL && word[0] >= 'a' && word[0] <= 'z';
}

int
hints_for_address(const char *word, bool sure, struct error *e)
{
	size_t len = strcspn(word, ":,");
	const char *rest = word[len] == ':' ? word + len + 1 : "";

	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		const char *hint = addresses[i].hint;
		bool goes_on = strchr(" :@", hint[strlen(hint) - 1]) != NULL;

		if (!is_address(word, len, addresses[i].word) || (sure && may_be_host(word)))
			continue;
		(void)error_hint(e, "%s%.*s", hint, goes_on ? (int)strcspn(rest, ",") : 0, rest);
		return 1;
	}
	return 0;
}

void
hints_complete(const char *command, const struct opt_rest *rest, struct error *e)
{
	if (e->code == ERROR_USAGE)
		(void)error_prefix(e, "%s", command);
	if ((e->code != ERROR_USAGE && e->code != ERROR_RESOLVE) || e->hint[0] != '\0')
		return;
	for (int i = 0; i < rest->n_operands && i < 2; i++)
		if (hints_for_address(rest->operands[i], e->code == ERROR_RESOLVE, e) == 1)
			return;
}

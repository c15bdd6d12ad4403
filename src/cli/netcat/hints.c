#include "cli/netcat/hints.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/options/opt.h"

/* The commands that share the work of a netcat, as bits. */
enum { CONNECT = 1, LISTEN = 2, SENDTO = 4, ALL = CONNECT | LISTEN | SENDTO };

struct remedy {
	unsigned commands;
	char letter;      /* 0: none */
	const char *name; /* NULL: none */
	const char *hint;
};

#define PROXY_HINT                                                                                 \
	"--proxy socks5h://HOST:PORT or http://HOST:PORT, with USER:PASSWORD@ before HOST if "     \
	"need be"
#define NO_ROUTE "-o IP_OPTIONS=hex:BYTES sets a source route, which most networks drop"
#define CERTIFICATE "--cert FILE and --key FILE, with --tls"

/* The first row that matches applies. */
static const struct remedy remedies[] = {
	/* roles: each is a command here */
	{ ALL, 'l', "listen", "usock listen [HOST] PORT" },
	{ CONNECT | SENDTO, 'k', "keep-open", "usock listen -k [HOST] PORT" },
	{ LISTEN | SENDTO, 'z', NULL, "usock connect -z HOST PORT..." },
	{ ALL, 'V', "version", "usock --version; --interface IF takes another way" },
	/* not needed */
	{ ALL, 'n', "nodns",
	    "not needed: addresses are not looked up, and peers' names never are" },
	{ ALL, 'N', NULL, "not needed: the end of input ends our side at once" },
	{ ALL, 'r', NULL,
	    "the kernel chooses ports at random; --hexdump=FILE keeps the bytes that move" },
	/* addresses */
	{ LISTEN, 'p', "source-port",
	    "the port stands alone, or behind the host: usock listen [HOST] PORT" },
	{ LISTEN, 's', "source",
	    "our address stands in front of the port: usock listen HOST PORT" },
	{ ALL, 'U', "unixsock", "unix:PATH is an address like others" },
	{ ALL, 0, "vsock", "vsock:CID:PORT is an address like others" },
	{ ALL, 0, "sctp", "--proto sctp" },
	{ ALL, 'Z', NULL, "DCCP is not offered; --proto takes udp, udplite and sctp" },
	{ ALL, 'g', NULL, NO_ROUTE },
	{ ALL, 'G', NULL, NO_ROUTE },
	/* time */
	{ ALL, 'q', NULL,
	    "--after-eof DUR is how long to wait for the peer after the end of input" },
	{ LISTEN, 'w', "wait",
	    "--accept-timeout DUR until a client comes, --idle-timeout DUR from then on" },
	{ SENDTO, 'w', NULL, "--wait DUR for replies, --timeout DUR in all" },
	{ CONNECT, 0, "wait", "--connect-timeout DUR" },
	{ SENDTO, 'i', "idle-timeout", "--interval DUR between datagrams, --wait DUR for replies" },
	{ SENDTO, 0, "delay", "--interval DUR" },
	{ ALL, 'W', NULL, "--max-bytes SIZE ends after so many bytes were received" },
	/* programs */
	{ CONNECT | LISTEN, 'e', "exec", "a program stands behind the address: -- PROGRAM ARG..." },
	{ CONNECT | LISTEN, 'c', "sh-exec", "--sh LINE runs a line of shell" },
	{ SENDTO, 'e', "exec", "usock connect -u ADDRESS -- PROGRAM ARG..." },
	{ SENDTO, 'c', "sh-exec", "usock connect -u --sh LINE ADDRESS" },
	{ ALL, 0, "lua-exec",
	    "Lua is not built in: usock has a language of its own, usock run FILE" },
	{ ALL, 'F', NULL,
	    "a program behind the address, -- PROGRAM ARG..., has the connection as descriptors 0 "
	    "and 1" },
	/* data */
	{ SENDTO, 'd', NULL, "--interval DUR is the time between datagrams" },
	{ ALL, 'd', NULL,
	    "--recv-only leaves standard input alone, --delay DUR is a pause between lines" },
	{ SENDTO, 'C', "crlf", "a datagram is sent as it is given: end its line with CR LF" },
	{ SENDTO, 't', "telnet", "datagrams have no telnet: usock connect --telnet" },
	{ ALL, 't', NULL, "--telnet" },
	{ SENDTO, 0, "recv-only", "usock listen -u [HOST] PORT" },
	{ SENDTO, 0, "send-only", "not needed: replies are received with --wait alone" },
	{ ALL, 0, "no-shutdown", "--no-half-close" },
	{ ALL, 'R', "output", "--hexdump=FILE keeps the bytes that move" },
	{ ALL, 0, "hex-dump", "--hexdump=FILE" },
	{ ALL, 0, "append-output", "--hexdump=FILE empties it first; >(cat >> FILE) appends" },
	/* socket options */
	{ ALL, 'b', NULL, "--broadcast" },
	{ ALL, 'D', NULL, "-o SO_DEBUG=yes" },
	{ ALL, 'I', NULL, "-o SO_RCVBUF=SIZE" },
	{ ALL, 'O', NULL, "-o SO_SNDBUF=SIZE" },
	{ ALL, 'T', NULL, "-o IP_TOS=NUMBER" },
	{ ALL, 'M', NULL, "--ttl HOPS" },
	{ LISTEN, 'm', "max-conns", "--max-clients N, with -k; -o IP_MINTTL=HOPS" },
	{ ALL, 'm', NULL, "-o IP_MINTTL=HOPS" },
	{ ALL, 0, "max-conns", "usock listen -k --max-clients N" },
	{ ALL, 'S', NULL, "-o TCP_MD5SIG=hex:BYTES" },
	{ ALL, 'L', NULL, "a lock for the command: flock FILE usock ..." },
	/* clients */
	{ ALL, 0, "allow", "usock listen --allow WHO" },
	{ ALL, 0, "allowfile", "--allow @FILE, an entry a line" },
	{ ALL, 0, "deny", "usock listen --deny WHO" },
	{ ALL, 0, "denyfile", "--deny @FILE, an entry a line" },
	{ ALL, 0, "broker", "usock listen -k --broker" },
	{ ALL, 0, "chat", "usock listen -k --chat" },
	/* proxies */
	{ ALL, 'X', "proxy", "usock connect " PROXY_HINT },
	{ CONNECT, 'P', "proxy-auth", PROXY_HINT ", or --proxy-auth-file FILE" },
	{ ALL, 'P', "proxy-auth", "usock connect " PROXY_HINT },
	{ ALL, 0, "proxy-type", "usock connect " PROXY_HINT },
	{ ALL, 0, "proxy-dns",
	    "the proxy resolves names with socks4a, socks5h and http; usock does so with socks5" },
	/* TLS */
	{ SENDTO, 0, "ssl", "usock connect --dtls" },
	{ CONNECT, 0, "ssl", "--tls, which checks the certificate; --insecure does not" },
	{ LISTEN, 0, "ssl", "--tls with --self-signed, or with --cert FILE and --key FILE" },
	{ ALL, 0, "ssl-verify",
	    "not needed: --tls checks the certificate, except with --insecure" },
	{ ALL, 0, "ssl-cert", CERTIFICATE },
	{ ALL, 0, "ssl-key", CERTIFICATE },
	{ LISTEN, 0, "ssl-trustfile", "--client-ca FILE" },
	{ ALL, 0, "ssl-trustfile", "--ca-file FILE" },
	{ ALL, 0, "ssl-ciphers", "--ciphers LIST" },
	{ LISTEN, 0, "ssl-servername",
	    "--cert FILE, once for each name; a client says --server-name" },
	{ ALL, 0, "ssl-servername", "--server-name NAME" },
	{ ALL, 0, "ssl-alpn", "--alpn LIST" },
};

static unsigned
bit_of(const char *command)
{
	static const char *const names[] = { "connect", "listen", "sendto" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(command, names[i]) == 0)
			return 1u << i;
	return 0;
}

const char *
hints_for_letter(const char *command, char letter)
{
	unsigned bit = bit_of(command);

	for (size_t i = 0; i < ARRAY_LEN(remedies); i++)
		if ((remedies[i].commands & bit) != 0 && remedies[i].letter == letter)
			return remedies[i].hint;
	return NULL;
}

const char *
hints_for_name(const char *command, const char *name, size_t len)
{
	unsigned bit = bit_of(command);

	for (size_t i = 0; i < ARRAY_LEN(remedies); i++)
		if ((remedies[i].commands & bit) != 0 && remedies[i].name != NULL &&
		    strlen(remedies[i].name) == len && memcmp(remedies[i].name, name, len) == 0)
			return remedies[i].hint;
	return NULL;
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
	{ "proxy", "usock connect " PROXY_HINT },
	{ "proxy-connect", "usock connect " PROXY_HINT },
	{ "socks", "usock connect " PROXY_HINT },
	{ "socks4a", "usock connect " PROXY_HINT },
	{ "socks5", "usock connect " PROXY_HINT },
	{ "socks5-connect", "usock connect " PROXY_HINT },
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

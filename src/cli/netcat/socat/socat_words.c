#include "cli/netcat/socat/socat_words.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"

#define PROXY                                                                                      \
	"usock connect --proxy socks5h://HOST:PORT or http://HOST:PORT, with USER:PASSWORD@ "      \
	"before HOST if need be"
#define KIND "--type and --proto choose the kind of socket"
#define RAW(command) command "--type raw --proto NUMBER HOST"
#define NO_DCCP "DCCP is not offered; --proto takes udp, udplite and sctp"
#define NO_PACKETS "packets of an interface are not offered: socat"

/* Rows: the name, and what differs from a stream with so many parameters. */
#define CLIENT(word, n, ...)                                                                       \
	{                                                                                          \
		.name = (word), .role = SOCAT_CLIENT, .params = (n), .params_max = (n),            \
		__VA_ARGS__                                                                        \
	}
#define SERVER(word, ...)                                                                          \
	{                                                                                          \
		.name = (word), .role = SOCAT_SERVER, .params = 1, .params_max = 1, __VA_ARGS__    \
	}
#define NONE(word, text)                                                                           \
	{                                                                                          \
		.name = (word), .role = SOCAT_NONE, .hint = (text)                                 \
	}
#define PROGRAM(word, kind, text)                                                                  \
	{                                                                                          \
		.name = (word), .role = (kind), .params = 1, .params_max = 1, .hint = (text)       \
	}
#define STDIO(word, text, ...)                                                                     \
	{                                                                                          \
		.name = (word), .role = SOCAT_STDIO, .hint = (text), __VA_ARGS__                   \
	}
#define NAMED(word, kind, n, text, ...)                                                            \
	{                                                                                          \
		.name = (word), .role = (kind), .params = (n), .params_max = 1, .hint = (text),    \
		__VA_ARGS__                                                                        \
	}

#define UNIX .address = "unix:"
#define ABSTRACT .address = "unix:@"
#define DATAGRAMS(how) .words = "-u", .packets = (how)
#define TLS .words = "--tls"
#define DTLS .words = "--dtls", .packets = SOCAT_PEER
#define SCTP .words = "--proto sctp"
#define SELF_SIGNED(option) .hint = "usock listen " option " --self-signed "
#define THROUGH(scheme, usual) .proxy = (scheme), .port = (usual), .hint = PROXY

static const struct socat_word types[] = {
	CLIENT("tcp", 2),
	CLIENT("tcp-connect", 2),
	SERVER("tcp-listen"),
	SERVER("tcp-l"),
	CLIENT("udp", 2, DATAGRAMS(SOCAT_PEER)),
	CLIENT("udp-connect", 2, DATAGRAMS(SOCAT_PEER)),
	CLIENT("udp-datagram", 2, DATAGRAMS(SOCAT_GROUP), .hint = "usock sendto --wait DUR "),
	CLIENT("udp-sendto", 2, DATAGRAMS(SOCAT_PEER), .hint = "usock sendto "),
	SERVER("udp-listen", DATAGRAMS(SOCAT_PEER)),
	SERVER("udp-l", DATAGRAMS(SOCAT_PEER)),
	SERVER("udp-recv", DATAGRAMS(SOCAT_EVERY), .hint = "usock listen -u --recv-only "),
	SERVER("udp-recvfrom", DATAGRAMS(SOCAT_EXCHANGE)),
	CLIENT("sctp", 2, SCTP),
	CLIENT("sctp-connect", 2, SCTP),
	SERVER("sctp-listen", SCTP),
	SERVER("sctp-l", SCTP),
	NONE("dccp-connect", NO_DCCP),
	NONE("dccp-listen", NO_DCCP),
	CLIENT("ssl", 2, TLS),
	CLIENT("openssl", 2, TLS),
	CLIENT("openssl-connect", 2, TLS),
	SERVER("ssl-l", TLS, SELF_SIGNED("--tls")),
	SERVER("openssl-listen", TLS, SELF_SIGNED("--tls")),
	CLIENT("openssl-dtls-client", 2, DTLS),
	CLIENT("openssl-dtls-connect", 2, DTLS),
	SERVER("openssl-dtls-server", DTLS, SELF_SIGNED("--dtls")),
	SERVER("openssl-dtls-listen", DTLS, SELF_SIGNED("--dtls")),
	CLIENT("unix", 1, UNIX),
	CLIENT("unix-client", 1, UNIX),
	CLIENT("unix-connect", 1, UNIX),
	SERVER("unix-listen", UNIX),
	SERVER("unix-l", UNIX),
	CLIENT("unix-sendto", 1, UNIX, DATAGRAMS(SOCAT_PEER), .hint = "usock sendto unix:"),
	SERVER("unix-recv", UNIX, DATAGRAMS(SOCAT_EVERY),
	    .hint = "usock listen -u --recv-only unix:"),
	SERVER("unix-recvfrom", UNIX, DATAGRAMS(SOCAT_EXCHANGE)),
	CLIENT("abstract", 1, ABSTRACT),
	CLIENT("abstract-client", 1, ABSTRACT),
	CLIENT("abstract-connect", 1, ABSTRACT),
	SERVER("abstract-listen", ABSTRACT),
	CLIENT("abstract-sendto", 1, ABSTRACT, DATAGRAMS(SOCAT_PEER),
	    .hint = "usock sendto unix:@"),
	SERVER("abstract-recv", ABSTRACT, DATAGRAMS(SOCAT_EVERY),
	    .hint = "usock listen -u --recv-only unix:@"),
	SERVER("abstract-recvfrom", ABSTRACT, DATAGRAMS(SOCAT_EXCHANGE)),
	CLIENT("vsock", 2, .address = "vsock:"),
	CLIENT("vsock-connect", 2, .address = "vsock:"),
	SERVER("vsock-listen", .address = "vsock:*:"),
	SERVER("vsock-l", .address = "vsock:*:"),
	NONE("ip", "--type raw --proto NUMBER, and the host alone"),
	NONE("ip-datagram", RAW("usock sendto ")),
	NONE("ip-sendto", RAW("usock sendto ")),
	NONE("ip-recv", RAW("usock listen ")),
	NONE("ip-recvfrom", RAW("usock listen ")),
	NONE("socket-connect", KIND),
	NONE("socket-datagram", KIND),
	NONE("socket-listen", KIND),
	NONE("socket-recv", KIND),
	NONE("socket-recvfrom", KIND),
	NONE("socket-sendto", KIND),
	NONE("interface", NO_PACKETS),
	NONE("tun", NO_PACKETS),
	PROGRAM("exec", SOCAT_PROGRAM, "a program stands behind the address: -- PROGRAM ARG..."),
	PROGRAM("shell", SOCAT_SHELL, "--sh LINE runs a line of shell"),
	PROGRAM("system", SOCAT_SHELL, "--sh LINE runs a line of shell"),
	NAMED("pty", SOCAT_CLIENT, 0, "usock connect pty:LINK; --pty is a terminal for a program",
	    .address = "pty:"),
	STDIO("stdio", "standard input and output are used by default"),
	STDIO("stdin", "standard input is read, except with --recv-only", .reads = true),
	STDIO("stdout", "standard output is written, except with --send-only", .writes = true),
	NONE("stderr", "standard output may go there: >&2"),
	NONE("fd",
	    "fd:N is a socket that usock has from its parent; other descriptors are "
	    "redirected: <&N >&N"),
	NAMED("open", SOCAT_FILE, 1, "a file is standard input or output: < FILE, > FILE"),
	NAMED("gopen", SOCAT_FILE, 1, "a file is standard input or output: < FILE, >> FILE"),
	NAMED("create", SOCAT_FILE, 1, "a file is standard output: > FILE", .writes = true),
	NAMED("creat", SOCAT_FILE, 1, "a file is standard output: > FILE", .writes = true),
	NAMED("file", SOCAT_FILE, 1, "a file is standard input or output: < FILE, > FILE"),
	NAMED("pipe", SOCAT_ECHO, 0,
	    "usock listen --echo sends back what comes; a FIFO is standard input: < FILE"),
	NAMED("fifo", SOCAT_ECHO, 0, "a FIFO is standard input or output: < FILE, > FILE"),
	NAMED("echo", SOCAT_ECHO, 0, "usock listen --echo [HOST] PORT"),
	NONE("readline", "the prompt reads lines: usock shell"),
	CLIENT("proxy", 3, THROUGH("http", "8080")),
	CLIENT("proxy-connect", 3, THROUGH("http", "8080")),
	CLIENT("socks4", 3, THROUGH("socks4", "1080")),
	CLIENT("socks", 3, THROUGH("socks4", "1080")),
	CLIENT("socks4a", 3, THROUGH("socks4a", "1080")),
	CLIENT("socks5", 4, THROUGH("socks5h", NULL)),
	CLIENT("socks5-connect", 4, THROUGH("socks5h", NULL)),
	NONE("socks5-listen", "no port of a proxy: ssh -R forwards one of another host"),
};

/* Compares without regard to case, and ignores the digit of a family wherever it stands. */
static bool
match_type(const char *word, size_t len, const char *name, char *ret_family)
{
	const char *end = word + len;

	*ret_family = '\0';
	for (; word < end; word++) {
		if (*name != '\0' && strncasecmp(word, name, 1) == 0)
			name++;
		else if ((*word == '4' || *word == '6') && *ret_family == '\0')
			*ret_family = *word;
		else
			return false;
	}
	return *name == '\0';
}

const struct socat_word *
socat_word_find(const char *word, size_t len, char *ret_family)
{
	char family;

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (!match_type(word, len, types[i].name, &family))
			continue;
		if (ret_family != NULL)
			*ret_family = family;
		return &types[i];
	}
	return NULL;
}

void
socat_word_hint(const struct socat_word *w, const char *rest, char *text, size_t size)
{
	const char *hint = w->hint != NULL ? w->hint : "";
	bool goes_on = w->hint == NULL || strchr(" :@", hint[strlen(hint) - 1]) != NULL;

	if (w->hint == NULL)
		snprintf(text, size, "usock %s %s%s%s",
		    w->role == SOCAT_CLIENT ? "connect" : "listen",
		    w->words != NULL ? w->words : "", w->words != NULL ? " " : "",
		    w->address != NULL ? w->address : "");
	else
		snprintf(text, size, "%s", hint);
	if (goes_on)
		snprintf(text + strlen(text), size - strlen(text), "%.*s", (int)strcspn(rest, ","),
		    rest);
}

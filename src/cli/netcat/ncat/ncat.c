#include "cli/netcat/ncat/ncat.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/error.h"
#include "base/parse.h"
#include "cli/help/usage.h"
#include "cli/netcat/foreign_help.h"
#include "cli/netcat/foreign_voice.h"
#include "cli/netcat/ncat/ncat_proxy.h"
#include "cli/netcat/ncat/ncat_words.h"
#include "cli/netcat/usock_line.h"
#include "net/ports.h"

#define DEFAULT_PORT "31337"

/* What one read(2) of ncat returns at most, and so the longest datagram that it sends. */
#define READ_FRAMING "read=8192"

/* Times are below so many seconds. */
#define TIME_MAX (INT64_C(2147483) * NSEC_PER_SEC)

struct ncat {
	struct foreign_args args;
	const char *host, *port; /* NULL: not given */
	unsigned mode;           /* FOREIGN_CONNECT ... */
	struct foreign_voice voice;
	struct ncat_proxy proxy;
	struct ncat_words words; /* of --exec */
	char idle[24];
};

#define NAMED(nc, name) (foreign_count_name(&(nc)->args, (name)) > 0)
#define GIVEN(nc, letter) (foreign_count(&(nc)->args, (letter)) > 0)

/* ---- messages before there is a report ---- */

static int
quit(const char *text)
{
	fprintf(stderr, "Ncat: %s QUITTING.\n", text);
	return 2;
}

static int
print_ncat_help(void)
{
	puts("Ncat " NCAT_VERSION " ( https://nmap.org/ncat ), by usock " USOCK_VERSION);
	puts("Usage: ncat [options] [hostname] [port]\n");
	puts("Times are in seconds, or have the unit ms, s, m or h (500ms).");
	foreign_help_options(stdout, &foreign_ncat);
	return 0;
}

/* ---- what is asked for ---- */

static bool
is_server(const struct ncat *nc)
{
	return (nc->mode & FOREIGN_LISTEN) != 0;
}

static bool
uses_unix(const struct ncat *nc)
{
	return (nc->mode & FOREIGN_UNIX) != 0;
}

static bool
uses_datagrams(const struct ncat *nc)
{
	return (nc->mode & FOREIGN_DATAGRAM) != 0;
}

static bool
scans(const struct ncat *nc)
{
	return (nc->mode & FOREIGN_SCAN) != 0;
}

static bool
is_proxy_server(const struct ncat *nc)
{
	return is_server(nc) && NAMED(nc, "proxy-type");
}

static bool
brokers(const struct ncat *nc)
{
	return NAMED(nc, "broker") || NAMED(nc, "chat");
}

static bool
has_program(const struct ncat *nc)
{
	return NAMED(nc, "exec") || NAMED(nc, "sh-exec");
}

/* Each option about TLS asks for TLS. */
static bool
is_tls(const struct ncat *nc)
{
	static const char *const names[] = { "ssl", "ssl-cert", "ssl-key", "ssl-verify",
		"ssl-trustfile", "ssl-ciphers", "ssl-servername", "ssl-alpn" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (NAMED(nc, names[i]))
			return true;
	return false;
}

static unsigned
ncat_mode(const struct ncat *nc)
{
	bool server = NAMED(nc, "listen") || NAMED(nc, "broker");
	unsigned how = GIVEN(nc, 'z') ? FOREIGN_SCAN
	    : NAMED(nc, "udp")        ? FOREIGN_DATAGRAM
				      : FOREIGN_STREAM;

	return how | (server ? FOREIGN_LISTEN : FOREIGN_CONNECT) |
	    (NAMED(nc, "unixsock") ? FOREIGN_UNIX : 0) |
	    (NAMED(nc, "unixsock") || NAMED(nc, "vsock") ? 0 : FOREIGN_INET) |
	    (NAMED(nc, "udp") ? FOREIGN_UDP : 0) | (is_tls(nc) ? FOREIGN_TLS : 0) |
	    (NAMED(nc, "test") ? FOREIGN_TESTED : 0);
}

/* ---- what is wrong ---- */

/* Checks the options whose values are times. */
static bool
check_times(struct ncat *nc, char *text, size_t size)
{
	static const struct {
		char letter;
		const char *name;
	} times[] = { { 'd', "-d delay" }, { 'i', "-i timeout" }, { 'w', "-w timeout" },
		{ 'q', "-q timeout" } };

	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		const char *word = foreign_value(&nc->args, times[i].letter);
		int64_t ns;
		bool right = word == NULL ||
		    (parse_duration(word, &ns, NULL) == 0 && ns > 0 && ns < TIME_MAX &&
			ns != DURATION_NONE);

		if (!right) {
			snprintf(text, size,
			    "Invalid %s \"%.80s\" (must be greater than 0 and less than "
			    "2147483s).",
			    times[i].name, word);
			return false;
		}
		if (word != NULL && times[i].letter == 'i')
			snprintf(nc->idle, sizeof(nc->idle), "%" PRId64, ns / NSEC_PER_MSEC);
	}
	return true;
}

static bool
check_source_port(const struct ncat *nc, char *text, size_t size)
{
	const char *word = foreign_value_name(&nc->args, "source-port");
	int64_t n;

	if (word == NULL)
		return true;
	if (parse_int(word, INT64_MIN, INT64_MAX, &n, NULL) < 0)
		snprintf(text, size, "Invalid source port number \"%.80s\".", word);
	else if (n < 0 || n > UINT16_MAX)
		snprintf(text, size, "Invalid source port %" PRId64 ".", n);
	else
		return true;
	return false;
}

static bool
check_max_conns(const struct ncat *nc, char *text, size_t size)
{
	const char *word = foreign_value_name(&nc->args, "max-conns");
	int64_t n;

	if (word == NULL || parse_int(word, 1, 1000000, &n, NULL) == 0)
		return true;
	snprintf(text, size, "Invalid maximum number of connections \"%.80s\".", word);
	return false;
}

static const char *
find_unix_conflict(const struct ncat *nc)
{
	if (NAMED(nc, "proxy") || NAMED(nc, "proxy-type"))
		return "Proxy option not supported when using Unix domain sockets.";
	if (is_tls(nc))
		return "SSL option not supported when using Unix domain sockets.";
	if (brokers(nc))
		return "Connection brokering not supported when using Unix domain sockets.";
	if (NAMED(nc, "source-port"))
		return "Specifying source port when using Unix domain sockets doesn't make sense.";
	if (GIVEN(nc, 'g'))
		return "Loose source routing not allowed when using Unix domain sockets.";
	if (nc->args.n_operands == 0)
		return is_server(nc) ? "You have to specify path to a socket to listen on."
				     : "You have to specify path to a socket to connect to.";
	return nc->args.n_operands > 1
	    ? "Using Unix domain sockets and specifying port doesn't make sense."
	    : NULL;
}

struct conflict {
	bool wrong;
	const char *text;
};

static const char *
first_conflict(const struct conflict *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].wrong)
			return all[i].text;
	return NULL;
}

static const char *
find_server_conflict(const struct ncat *nc)
{
	const bool udp = NAMED(nc, "udp"), program = has_program(nc);
	const struct conflict all[] = {
		{ NAMED(nc, "proxy"), "Invalid option combination: --proxy and -l." },
		{ GIVEN(nc, 'z'), "Services designed for LISTENING can't be used with -z" },
		{ NAMED(nc, "source"),
		    "-l and -s are incompatible.  Specify the address and port to bind to like you "
		    "would a host to connect to." },
		{ udp && NAMED(nc, "keep-open") && !program,
		    "UDP mode does not support the -k or --keep-open options, except with --exec "
		    "or --sh-exec." },
		{ udp && brokers(nc), "UDP mode does not support connection brokering." },
		{ brokers(nc) && program, "Invalid option combination: --broker and -e." },
		{ is_proxy_server(nc) && NAMED(nc, "telnet"),
		    "Invalid option combination: --telnet has no effect with --proxy-type." },
		{ udp && is_tls(nc), "DTLS is not supported in listen mode\n" },
	};

	return first_conflict(all, ARRAY_LEN(all));
}

static const char *
find_client_conflict(const struct ncat *nc)
{
	const bool lists = NAMED(nc, "allow") || NAMED(nc, "allowfile") || NAMED(nc, "deny") ||
	    NAMED(nc, "denyfile");
	const struct conflict all[] = {
		{ NAMED(nc, "proxy-type") && !NAMED(nc, "proxy"),
		    "Proxy type (--proxy-type) specified without proxy address (--proxy)." },
		{ scans(nc) && is_tls(nc), "TLS can't be used with -z." },
		{ scans(nc) && NAMED(nc, "proxy"), "Proxies can't be used with -z." },
		{ scans(nc) && NAMED(nc, "telnet"), "Invalid option combination: -z and -t." },
		{ scans(nc) && has_program(nc),
		    "Command execution can't be done along with option -z." },
		{ !uses_unix(nc) && nc->args.n_operands == 0,
		    "You must specify a host to connect to." },
		{ lists, "Invalid option combination: allow/deny with connect." },
		{ NAMED(nc, "max-conns"),
		    "Invalid option combination: `--max-conns' with connect." },
		{ NAMED(nc, "chat"), "Invalid option combination: `--chat' with connect." },
	};

	return first_conflict(all, ARRAY_LEN(all));
}

static const char *
find_ncat_conflict(const struct ncat *nc)
{
	const bool cert = NAMED(nc, "ssl-cert"), key = NAMED(nc, "ssl-key");
	const struct conflict all[] = {
		{ foreign_count_name(&nc->args, "exec") + foreign_count_name(&nc->args, "sh-exec") >
			1,
		    "Only one of --exec, --sh-exec, and --lua-exec is allowed." },
		{ foreign_count_name(&nc->args, "proxy") > 1,
		    "You can't specify more than one --proxy." },
		{ foreign_count_name(&nc->args, "proxy-type") > 1,
		    "You can't specify more than one --proxy-type." },
		{ foreign_count_name(&nc->args, "proxy-auth") > 1,
		    "You can't specify more than one --proxy-auth." },
		{ cert != key, "The --ssl-key and --ssl-cert options must be used together." },
	};
	const char *fault = first_conflict(all, ARRAY_LEN(all));

	if (fault == NULL && uses_unix(nc))
		fault = find_unix_conflict(nc);
	if (fault == NULL)
		fault = is_server(nc) ? find_server_conflict(nc) : find_client_conflict(nc);
	return fault;
}

/* ---- operands ---- */

static bool
is_port_number(const char *word)
{
	return word[0] != '\0' && word[strspn(word, "0123456789")] == '\0';
}

/* One operand is a port to listen on where it is a number, and a CID's port with --vsock. */
static bool
take_host_and_port(struct ncat *nc, char *text, size_t size)
{
	char **operands = nc->args.operands;
	int n = nc->args.n_operands;
	size_t len = (size_t)snprintf(text, size, "Got more than one port specification:");

	if (n > 2) {
		for (int i = !(is_server(nc) && is_port_number(operands[0])); i < n && len < size;
		     i++)
			len += (size_t)snprintf(text + len, size - len, " %.80s", operands[i]);
		if (len < size)
			snprintf(text + len, size - len, ".");
		return false;
	}
	if (n == 1 && is_server(nc) && !uses_unix(nc) && is_port_number(operands[0])) {
		nc->port = operands[0];
		return true;
	}
	nc->host = n > 0 ? operands[0] : NULL;
	nc->port = n > 1    ? operands[1]
	    : is_server(nc) ? foreign_value_name(&nc->args, "source-port")
			    : NULL;
	return true;
}

static bool
check_port_operand(const struct ncat *nc, char *text, size_t size)
{
	int64_t n, max = NAMED(nc, "vsock") ? UINT32_MAX : UINT16_MAX;

	if (nc->port == NULL || parse_int(nc->port, 0, max, &n, NULL) == 0)
		return true;
	snprintf(text, size, "Invalid port number \"%.80s\".", nc->port);
	return false;
}

static const char *
ncat_port(const struct ncat *nc)
{
	return nc->port != NULL ? nc->port : DEFAULT_PORT;
}

/* ---- the line of usock ---- */

/* The last of -4 and -6 counts. */
static void
add_family(const struct ncat *nc, struct usock_line *line)
{
	char family = '\0';

	for (size_t i = 0; i < nc->args.n_given; i++)
		if (strchr("46", nc->args.given[i].opt->letter) != NULL &&
		    nc->args.given[i].opt->letter != '\0')
			family = nc->args.given[i].opt->letter;
	if (family != '\0')
		usock_line_add(line, "-%c", family);
}

static void
add_tls(const struct ncat *nc, struct usock_line *line)
{
	const char *trust = foreign_value_name(&nc->args, "ssl-trustfile");
	/* who names authorities wants them to be asked */
	bool verify = NAMED(nc, "ssl-verify") || trust != NULL;

	if (!is_tls(nc))
		return;
	usock_line_add(line, NAMED(nc, "udp") ? "--dtls" : "--tls");
	if (is_server(nc)) {
		if (!NAMED(nc, "ssl-cert"))
			usock_line_add(line, "--self-signed");
	} else if (!verify) {
		/* ncat does not say that nothing is checked */
		usock_line_add_words(line, "--insecure --quiet", NULL);
	} else if (trust != NULL) {
		usock_line_add_words(line, "--ca-file %", trust);
	}
}

static unsigned
count_dots(const char *text, size_t n)
{
	unsigned dots = 0;

	for (size_t i = 0; i < n; i++)
		dots += text[i] == '.';
	return dots;
}

/* Returns the length of the first host of a list, which are separated by commas. An octet may be a
 * list with commas, too: as long as there are four parts at most, it is the same host. */
static size_t
host_length(const char *list)
{
	size_t n = strcspn(list, ","), more;

	while (list[n] == ',' && strspn(list, "0123456789-*.,") > n) {
		more = strcspn(list + n + 1, ",");
		if (strspn(list + n + 1, "0123456789-*.") != more ||
		    count_dots(list, n + 1 + more) > 3)
			break;
		n += 1 + more;
	}
	return n;
}

/* Appends an entry for each host of a list. */
static void
add_hosts(struct usock_line *line, const char *option, const char *list)
{
	size_t n;

	for (; *list != '\0'; list += n + (list[n] == ',')) {
		n = host_length(list);
		if (n > 0)
			usock_line_add(line, "%s", option);
		if (n > 0)
			usock_line_add(line, "%.*s", (int)n, list);
	}
}

static void
add_access(const struct ncat *nc, struct usock_line *line)
{
	for (size_t i = 0; i < nc->args.n_given; i++) {
		const struct foreign_given *given = &nc->args.given[i];
		const char *name = given->opt->name != NULL ? given->opt->name : "";

		if (strcmp(name, "allow") == 0 || strcmp(name, "deny") == 0) {
			add_hosts(line, name[0] == 'a' ? "--allow" : "--deny", given->value);
		} else if (strcmp(name, "allowfile") == 0 || strcmp(name, "denyfile") == 0) {
			usock_line_add(line, name[0] == 'a' ? "--allow" : "--deny");
			usock_line_add(line, "@%s", given->value);
		}
	}
}

/* What clients of a server get, where it is no program. */
static void
add_service(const struct ncat *nc, struct usock_line *line)
{
	const char *max = foreign_value_name(&nc->args, "max-conns");
	bool keeps = NAMED(nc, "keep-open") || brokers(nc) || is_proxy_server(nc);

	if (keeps)
		usock_line_add(line, "-k");
	if (NAMED(nc, "chat"))
		usock_line_add(line, "--chat");
	else if (NAMED(nc, "broker"))
		usock_line_add(line, "--broker");
	else if (is_proxy_server(nc))
		ncat_proxy_add_server(&nc->proxy, line);
	else if (keeps && !has_program(nc) && !NAMED(nc, "recv-only"))
		usock_line_add(line, "--broadcast-input");
	if (keeps && max != NULL) {
		usock_line_add_words(line, "--max-clients %", max);
		usock_line_add(line, "--refuse");
	}
}

/* Standard input and output are on the connection. */
static bool
has_stdio_client(const struct ncat *nc)
{
	bool shared =
	    is_server(nc) && (NAMED(nc, "keep-open") || brokers(nc) || is_proxy_server(nc));

	return (nc->mode & FOREIGN_STREAM) != 0 && !has_program(nc) && !shared;
}

/* The end of the input is told to the peer, also of an empty one. */
static void
add_end_of_input(const struct ncat *nc, struct usock_line *line)
{
	bool one_way = NAMED(nc, "send-only") || NAMED(nc, "recv-only");

	if (has_stdio_client(nc) && !one_way && !NAMED(nc, "no-shutdown"))
		usock_line_add_words(line, is_tls(nc) ? "--half-close 2" : "--half-close 0", NULL);
}

static void
add_datagram_options(const struct ncat *nc, struct usock_line *line)
{
	bool program = has_program(nc);

	if (!uses_datagrams(nc))
		return;
	if (!program && !GIVEN(nc, 'q') && !NAMED(nc, "send-only"))
		usock_line_add_words(line, "--after-eof none", NULL);
	if (!program)
		usock_line_add(line, "--framing=" READ_FRAMING);
	if (is_server(nc) && !program)
		usock_line_add(line, "--first-sender");
}

static void
add_ncat_options(const struct ncat *nc, struct usock_line *line)
{
	const char *source = foreign_value_name(&nc->args, "source");

	add_family(nc, line);
	usock_line_add_options(line, &nc->args, nc->mode);
	if (NAMED(nc, "append-output") && (NAMED(nc, "output") || NAMED(nc, "hex-dump")))
		usock_line_add(line, "--append");
	add_tls(nc, line);
	add_end_of_input(nc, line);
	add_datagram_options(nc, line);
	if (is_server(nc)) {
		add_service(nc, line);
		add_access(nc, line);
		return;
	}
	if (source != NULL && uses_unix(nc) && uses_datagrams(nc))
		usock_line_add(line, "--source=unix:%s", source);
	else if (source != NULL && !uses_unix(nc))
		usock_line_add(line, "--source=%s", source);
	if (NAMED(nc, "proxy"))
		ncat_proxy_add_client(&nc->proxy, line);
}

static void
add_ncat_address(const struct ncat *nc, struct usock_line *line)
{
	if (uses_unix(nc)) {
		if (is_server(nc) && nc->host[0] != '@')
			usock_line_add_mode(line);
		usock_line_add(line, "unix:%s", nc->host);
	} else if (NAMED(nc, "vsock")) {
		usock_line_add(line, "vsock:%s:%s", nc->host != NULL ? nc->host : "*",
		    ncat_port(nc));
	} else {
		if (nc->host != NULL)
			usock_line_add_host(line, nc->host);
		usock_line_add(line, "%s", ncat_port(nc));
	}
}

static void
add_program(const struct ncat *nc, struct usock_line *line)
{
	const char *shell = foreign_value_name(&nc->args, "sh-exec");

	if (shell != NULL)
		usock_line_add(line, "--sh=%s", shell);
	add_ncat_address(nc, line);
	if (nc->words.n > 0)
		usock_line_add(line, "--");
	for (size_t i = 0; i < nc->words.n; i++)
		usock_line_add(line, "%s", nc->words.words[i]);
}

/* ---- run ---- */

static void
init_voice(struct ncat *nc)
{
	struct foreign_voice *v = &nc->voice;

	v->program = &foreign_ncat;
	v->mode = nc->mode;
	v->host = nc->host;
	v->port = ncat_port(nc);
	v->proto = NAMED(nc, "udp") ? "udp" : "tcp";
	v->verbose = (int)foreign_count(&nc->args, 'v');
	v->numeric = true;
	v->idle = nc->idle[0] != '\0' ? nc->idle : NULL;
	v->source = foreign_value_name(&nc->args, "source");
	v->via_host = NAMED(nc, "proxy") ? nc->proxy.host : NULL;
	if (v->via_host != NULL)
		v->mode |= FOREIGN_PROXIED | (nc->proxy.is_remote ? FOREIGN_REMOTE : 0);
	v->via_port = nc->proxy.port;
	if (is_server(nc) && !uses_unix(nc) && nc->host == NULL && !GIVEN(nc, '4') &&
	    !GIVEN(nc, '6'))
		v->mode |= FOREIGN_DUAL;
	foreign_voice_init(v);
}

static int
run_ncat_line(struct ncat *nc)
{
	struct usock_line line = { .n = 0 };
	int status = 0;

	usock_line_add(&line, is_server(nc) ? "listen" : "connect");
	add_ncat_options(nc, &line);
	add_program(nc, &line);
	if (nc->args.explain) {
		foreign_help_explain(&line, &nc->args);
	} else {
		init_voice(nc);
		status = usock_line_run(&line, &nc->voice.report);
		if (nc->voice.failed)
			status = nc->voice.status;
	}
	usock_line_fini(&line);
	return status;
}

/* ncat looks up no name with -n, and fails for one. */
static bool
is_name_forbidden(const struct ncat *nc)
{
	return NAMED(nc, "nodns") && nc->host != NULL && (nc->mode & FOREIGN_INET) != 0 &&
	    !NAMED(nc, "proxy") && !usock_line_is_address(nc->host);
}

static bool
check_option_values(struct ncat *nc, char *text, size_t size)
{
	const char *exec = foreign_value_name(&nc->args, "exec");

	if (!check_times(nc, text, size) || !check_source_port(nc, text, size) ||
	    !check_max_conns(nc, text, size))
		return false;
	if (exec == NULL || ncat_words_split(&nc->words, exec) == 0)
		return true;
	snprintf(text, size, "The command of --exec is empty or too long.");
	return false;
}

static int
run_ncat(struct ncat *nc)
{
	const char *fault;
	char text[512];

	nc->mode = ncat_mode(nc);
	if (!check_option_values(nc, text, sizeof(text)))
		return quit(text);
	fault = find_ncat_conflict(nc);
	if (fault == NULL)
		fault = ncat_proxy_parse(&nc->proxy, &nc->args, is_server(nc));
	if (fault != NULL)
		return quit(fault);
	if (!take_host_and_port(nc, text, sizeof(text)) ||
	    !check_port_operand(nc, text, sizeof(text)))
		return quit(text);
	if (is_name_forbidden(nc)) {
		snprintf(text, sizeof(text),
		    "Could not resolve hostname \"%.300s\": Name or service not known.", nc->host);
		return quit(text);
	}
	if (NAMED(nc, "max-conns") && !NAMED(nc, "keep-open") && !brokers(nc))
		fputs("Ncat: Warning: Maximum connections ignored, since it does not take effect "
		      "without -k or --broker.\n",
		    stderr);
	return run_ncat_line(nc);
}

int
ncat_run(const struct cmd *cmd, int argc, char **argv)
{
	struct ncat nc = { .mode = 0 };
	struct error e;
	int rc;

	(void)cmd;
	rc = foreign_parse(&foreign_ncat, argc, argv, &nc.args, &e);
	if (GIVEN(&nc, 'h'))
		return print_ncat_help();
	if (NAMED(&nc, "version")) {
		fputs("Ncat: " NCAT_BANNER "\n", stderr);
		return 0;
	}
	if (rc == -2)
		return quit(e.text);
	if (rc < 0) {
		fprintf(stderr, "ncat: %s\n", e.text);
		return quit("Try `--help' or man(1) ncat for more information, usage options and "
			    "help.");
	}
	if (GIVEN(&nc, 'v') && !nc.args.explain)
		fputs("Ncat: " NCAT_BANNER "\n", stderr);
	rc = run_ncat(&nc);
	ncat_words_fini(&nc.words);
	return rc;
}

#include "cli/netcat/nc/nc.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "base/file.h"
#include "base/parse.h"
#include "cli/core/cmd.h"
#include "cli/core/secret.h"
#include "cli/help/usage.h"
#include "cli/netcat/foreign_help.h"
#include "cli/netcat/foreign_voice.h"
#include "cli/netcat/usock_line.h"
#include "net/ports.h"
#include "net/sockopt/ip_header.h"
#include "net/sys.h"

enum { SECRET_MAX = 256, TCP_KEY_MAX = 80 };

/* What one read(2) of nc returns at most, and so the longest datagram that it sends. */
#define READ_FRAMING "read=16384"

struct nc {
	struct foreign_args args;
	const char *host;
	char **ports;  /* ends with NULL */
	bool several;  /* ports are connected to, one after the other */
	unsigned mode; /* FOREIGN_CONNECT ... */
	struct foreign_voice voice;
	char proxy_host[256], proxy_port[16];
	char login[3 * SECRET_MAX + 2]; /* of the proxy, for a URL: "USER:PASSWORD@" */
	char key_file[64];              /* with the key of -S */
};

#define GIVEN(nc, letter) (foreign_count(&(nc)->args, (letter)) > 0)

/* ---- messages before there is a report ---- */

static int
fail_early(const char *text)
{
	fprintf(stderr, "%s: %s\n", foreign_nc.command, text);
	return 1;
}

static int
print_usage(int status)
{
	foreign_help_synopsis(stderr, &foreign_nc, "[destination] [port]");
	return status;
}

static int
print_nc_help(void)
{
	fputs("OpenBSD netcat, as Debian has it (1.219), by usock " USOCK_VERSION "\n", stderr);
	(void)print_usage(0);
	foreign_help_options(stderr, &foreign_nc);
	fputs("\tPorts are numbers, names of services, or ranges: lo-hi\n", stderr);
	return 0;
}

/* ---- operands ---- */

static bool
is_unix(const struct nc *nc)
{
	return (nc->mode & FOREIGN_UNIX) != 0;
}

static bool
listens(const struct nc *nc)
{
	return (nc->mode & FOREIGN_LISTEN) != 0;
}

static bool
is_datagrams(const struct nc *nc)
{
	return GIVEN(nc, 'u');
}

/* The path of a unix socket stands alone, and so may the port to listen on. */
static bool
is_alone(const struct nc *nc)
{
	bool answers = is_unix(nc) && is_datagrams(nc) && !listens(nc);

	return nc->args.n_operands == 1 && !GIVEN(nc, 'p') && (!GIVEN(nc, 's') || answers);
}

/* Takes host and ports from the operands and options. Returns false where they are wrong. */
static bool
take_operands(struct nc *nc)
{
	static char *source_port[2];
	char **operands = nc->args.operands;
	int n = nc->args.n_operands;

	if (n == 0 && listens(nc)) {
		source_port[0] = (char *)foreign_value(&nc->args, 'p');
		nc->ports = source_port;
		nc->host = foreign_value(&nc->args, 's');
	} else if (is_alone(nc)) {
		nc->host = is_unix(nc) ? operands[0] : NULL;
		nc->ports = !is_unix(nc) && listens(nc) ? operands : NULL;
	} else if (n >= 2) {
		if (listens(nc) && (GIVEN(nc, 'p') || GIVEN(nc, 's') || n > 2))
			return false;
		nc->host = operands[0];
		nc->ports = operands + 1;
	} else {
		return false;
	}
	return true;
}

/* Returns what is wrong with the options together, or NULL. */
static const char *
find_conflict(const struct nc *nc)
{
	const bool ports = nc->ports != NULL && nc->ports[0] != NULL;
	const bool proxy = GIVEN(nc, 'x');
	const struct {
		bool wrong;
		const char *text;
	} rules[] = {
		{ is_unix(nc) && ports, "cannot use port with -U" },
		{ is_unix(nc) && nc->host == NULL, "missing socket pathname" },
		{ !is_unix(nc) && !ports, "missing port number" },
		{ listens(nc) && GIVEN(nc, 'z'), "cannot use -z and -l" },
		{ !listens(nc) && GIVEN(nc, 'k'), "must use -l with -k" },
		{ is_unix(nc) && GIVEN(nc, 'F'), "cannot use -F and -U" },
		{ proxy && is_datagrams(nc), "no proxy support for UDP mode" },
		{ proxy && listens(nc), "no proxy support for listen" },
		{ proxy && is_unix(nc), "no proxy support for unix sockets" },
		{ proxy && GIVEN(nc, 's'), "no proxy support for local source address" },
		{ GIVEN(nc, 'F') && isatty(STDOUT_FILENO), "Cannot pass file descriptor to tty" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].wrong)
			return rules[i].text;
	return NULL;
}

/* ---- ports ---- */

/* A port, or a range with the lower one first. */
struct port_range {
	uint16_t lo, hi;
};

static int
parse_port_word(const struct nc *nc, const char *word, uint16_t *ret_port, struct error *e)
{
	bool digits = word[0] != '\0' && word[strspn(word, "0123456789")] == '\0';
	int64_t n;

	if (digits && (parse_int(word, 0, INT64_MAX, &n, NULL) < 0 || n > UINT16_MAX))
		return error_set(e, ERROR_USAGE, "port number too large: %s", word);
	if (digits && n == 0)
		return error_set(e, ERROR_USAGE, "port number too small: %s", word);
	if (digits)
		*ret_port = (uint16_t)n;
	else if (ports_single(word, is_datagrams(nc) ? "udp" : "tcp", ret_port, NULL) < 0)
		return error_set(e, ERROR_USAGE, "port number invalid: %s", word);
	return 0;
}

static int
parse_port_operand(const struct nc *nc, const char *word, struct port_range *ret_range,
    struct error *e)
{
	const char *hyphen = isdigit((unsigned char)word[0]) ? strchr(word, '-') : NULL;
	char first[16];
	uint16_t port;

	if (hyphen == NULL) {
		if (parse_port_word(nc, word, &ret_range->lo, e) < 0)
			return -1;
		ret_range->hi = ret_range->lo;
		return 0;
	}
	snprintf(first, sizeof(first), "%.*s", (int)(hyphen - word), word);
	if (parse_port_word(nc, hyphen + 1, &ret_range->hi, e) < 0 ||
	    parse_port_word(nc, first, &ret_range->lo, e) < 0)
		return -1;
	if (ret_range->lo > ret_range->hi) {
		port = ret_range->lo;
		ret_range->lo = ret_range->hi;
		ret_range->hi = port;
	}
	return 0;
}

/* ---- the line of usock ---- */

/* False where ports are tested, or the connection is passed on. */
static bool
relays(const struct nc *nc)
{
	return (nc->mode & FOREIGN_SCAN) == 0 && !GIVEN(nc, 'F');
}

/* True with a timer for the end of input, -q of 0 and more. */
static bool
quits(const struct nc *nc)
{
	const char *quit = foreign_value(&nc->args, 'q');

	return quit != NULL && quit[0] != '-';
}

/* True where our side ends with the input. */
static bool
ends_at_once(const struct nc *nc)
{
	return quits(nc) || GIVEN(nc, 'N');
}

/* The timer of the end of input, and what becomes of our side then. */
static void
add_end_options(const struct nc *nc, struct usock_line *line)
{
	if (!is_datagrams(nc) && ends_at_once(nc))
		usock_line_add_words(line, "--half-close 0", NULL);
	else if (!is_datagrams(nc))
		usock_line_add(line, "--no-half-close");
	if (!is_datagrams(nc) && !listens(nc))
		usock_line_add(line, "--half-open");
	if (quits(nc))
		usock_line_add_words(line, "--quit-after %", foreign_value(&nc->args, 'q'));
	else if (is_datagrams(nc) && !(listens(nc) && GIVEN(nc, 'k')))
		usock_line_add_words(line, "--after-eof none", NULL);
	if (is_datagrams(nc))
		usock_line_add(line, "--framing=" READ_FRAMING);
}

static void
add_timeout(const struct nc *nc, struct usock_line *line)
{
	const char *seconds = foreign_value(&nc->args, 'w');
	bool zero = seconds != NULL && seconds[strspn(seconds, "0")] == '\0';

	if (seconds == NULL)
		return;
	if (!listens(nc) && !zero)
		usock_line_add_words(line, "--connect-timeout %", seconds);
	/* it leaves when nothing can be moved at once */
	if (relays(nc))
		usock_line_add_words(line, "--idle-timeout %", zero ? "1ms" : seconds);
}

/* Returns the proxy's scheme, or NULL for a protocol that there is not. */
static const char *
proxy_scheme(const struct nc *nc)
{
	const char *word = foreign_value(&nc->args, 'X');

	if (word == NULL || strcmp(word, "5") == 0)
		return "socks5h";
	if (strcmp(word, "4") == 0)
		return "socks4";
	return strcasecmp(word, "connect") == 0 ? "http" : NULL;
}

/* -x: "HOST", "HOST:PORT", "[HOST]:PORT". Returns what is wrong, or NULL. */
static const char *
parse_proxy(struct nc *nc)
{
	const char *word = foreign_value(&nc->args, 'x'), *scheme = proxy_scheme(nc);
	const char *bracket, *port;

	if (scheme == NULL)
		return "unsupported proxy protocol";
	if (word == NULL)
		return NULL;
	bracket = word[0] == '[' ? strchr(word, ']') : NULL;
	if (word[0] == '[' && bracket == NULL)
		return "missing closing bracket in proxy";
	if (bracket != NULL && bracket[1] != '\0' && bracket[1] != ':')
		return "garbage proxy port delimiter";
	if (usock_line_split(word, nc->proxy_host, sizeof(nc->proxy_host), &port) < 0)
		return "the name of the proxy is too long";
	if (port == NULL)
		port = strcmp(scheme, "http") == 0 ? "3128" : "1080";
	snprintf(nc->proxy_port, sizeof(nc->proxy_port), "%.15s", port);
	return NULL;
}

static void
add_proxy(const struct nc *nc, struct usock_line *line)
{
	if (nc->proxy_host[0] != '\0')
		usock_line_add_proxy(line, proxy_scheme(nc), nc->login, nc->proxy_host,
		    nc->proxy_port);
}

static void
add_unix_address(const struct nc *nc, struct usock_line *line)
{
	const char *source = foreign_value(&nc->args, 's');

	if (listens(nc) && nc->host[0] != '@') {
		usock_line_add(line, "--unlink");
		usock_line_add_mode(line);
	}
	if (!listens(nc) && is_datagrams(nc) && source != NULL)
		usock_line_add(line, "--source=unix:%s", source);
	usock_line_add(line, "unix:%s", nc->host);
}

/* A port alone is one of IPv4, unless -6 asks for both families. */
static void
add_listening_address(const struct nc *nc, struct usock_line *line)
{
	usock_line_add(line, "--reuse-port");
	if (nc->host == NULL && !GIVEN(nc, '6') && !GIVEN(nc, '4'))
		usock_line_add(line, "-4");
	if (nc->host != NULL && GIVEN(nc, '6'))
		usock_line_add(line, "-6");
	if (nc->host != NULL)
		usock_line_add_host(line, nc->host);
	usock_line_add(line, "%s", nc->ports[0]);
}

/* Options that need more than their row. */
static void
add_options(const struct nc *nc, struct usock_line *line)
{
	const char *source = foreign_value(&nc->args, 's');

	usock_line_add_options(line, &nc->args, nc->mode);
	if (nc->key_file[0] != '\0')
		usock_line_add_words(line, "--md5-file %", nc->key_file);
	add_timeout(nc, line);
	if (relays(nc))
		add_end_options(nc, line);
	if (listens(nc) && GIVEN(nc, 'k'))
		usock_line_add_words(line, is_datagrams(nc) ? "-k" : "-k --serial", NULL);
	else if (listens(nc) && is_datagrams(nc))
		usock_line_add(line, "--first-sender");
	if (!listens(nc) && !is_unix(nc) && source != NULL)
		usock_line_add_words(line, "--source %", source);
	add_proxy(nc, line);
}

/* Makes the line for one port, or a range to scan. */
static void
make_line(const struct nc *nc, const struct port_range *ports, struct usock_line *line)
{
	usock_line_add(line, listens(nc) ? "listen" : "connect");
	add_options(nc, line);
	if (is_unix(nc)) {
		add_unix_address(nc, line);
	} else if (listens(nc)) {
		add_listening_address(nc, line);
	} else {
		usock_line_add_host(line, nc->host);
		usock_line_add(line, ports->lo == ports->hi ? "%u" : "%u-%u", ports->lo, ports->hi);
	}
}

/* ---- run ---- */

struct totals {
	bool any, failed, last;
};

static void
run_nc_line(struct nc *nc, const struct port_range *ports, struct totals *t)
{
	struct usock_line line = { .n = 0 };
	char port[16];
	int status;

	snprintf(port, sizeof(port), "%u", ports->lo);
	make_line(nc, ports, &line);
	if (nc->args.explain) {
		foreign_help_explain(&line, &nc->args);
		t->any = true;
	} else {
		nc->voice.port = nc->ports != NULL && listens(nc) ? nc->ports[0] : port;
		foreign_voice_init(&nc->voice);
		status = usock_line_run(&line, &nc->voice.report);
		if (nc->voice.failed)
			status = nc->voice.status;
		t->any = t->any || status == 0;
		/* what was connected and then failed is not hidden by the next port */
		t->failed = t->failed || (status != 0 && nc->voice.phase == FOREIGN_RELAYING);
		t->last = nc->voice.failed && nc->voice.last;
	}
	usock_line_fini(&line);
}

/* Runs a line that others may follow: they have the same input and output. */
static void
run_again(struct nc *nc, const struct port_range *ports, struct totals *t)
{
	int kept[2] = { -1, -1 };
	int fd;

	for (fd = 0; fd < 2 && nc->several; fd++)
		kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	run_nc_line(nc, ports, t);
	for (fd = 0; fd < 2 && nc->several; fd++) {
		if (kept[fd] < 0)
			continue;
		dup2(kept[fd], fd);
		close(kept[fd]);
	}
}

/* Runs a line for each port of a range, or one for all where they are only tested. */
static void
run_range(struct nc *nc, const struct port_range *range, struct totals *t)
{
	struct port_range one;
	unsigned port;

	if ((nc->mode & FOREIGN_SCAN) != 0) {
		run_nc_line(nc, range, t);
		return;
	}
	for (port = range->lo; port <= range->hi && !t->last; port++) {
		one = (struct port_range){ (uint16_t)port, (uint16_t)port };
		run_again(nc, &one, t);
	}
}

static int
run_ports(struct nc *nc)
{
	const struct port_range none = { 0, 0 };
	struct totals t = { .any = false };
	struct port_range range;
	struct error e;

	if (is_unix(nc) || listens(nc)) {
		run_nc_line(nc, &none, &t);
		return !t.any;
	}
	for (char **p = nc->ports; *p != NULL; p++)
		if (parse_port_operand(nc, *p, &range, &e) < 0)
			return fail_early(e.text);
		else
			nc->several = nc->several || p[1] != NULL || range.lo < range.hi;
	for (char **p = nc->ports; *p != NULL && !t.last; p++)
		if (parse_port_operand(nc, *p, &range, NULL) == 0)
			run_range(nc, &range, &t);
	return t.failed || t.last || !t.any;
}

/* ---- what is asked for on the terminal ---- */

static int
go_on(void *arg, int fd, struct error *e)
{
	(void)arg;
	(void)fd;
	(void)e;
	return 0;
}

/* Asks for a line without echo. Returns its length, or -1 where there is no terminal. */
static ssize_t
ask(const char *prompt, char *buffer, size_t size)
{
	const struct file_wait wait = { .readable = go_on };
	struct error e;
	int fd = secret_open_terminal();
	ssize_t n;

	if (fd < 0)
		return -1;
	n = secret_read(fd, prompt, &wait, buffer, size - 1, &e);
	close(fd);
	buffer[n > 0 ? n : 0] = '\0';
	return n;
}

/* -P: nc asks for the password of an HTTP proxy. */
static const char *
ask_password(struct nc *nc)
{
	const char *user = foreign_value(&nc->args, 'P'), *scheme = proxy_scheme(nc);
	char password[SECRET_MAX] = "", prompt[2 * SECRET_MAX];
	int rc;
	bool asks = user != NULL && GIVEN(nc, 'x') && scheme != NULL && strcmp(scheme, "http") == 0;

	if (!asks)
		return NULL;
	snprintf(prompt, sizeof(prompt), "Proxy password for %.200s@%.200s: ", user,
	    nc->proxy_host);
	if (!nc->args.explain && ask(prompt, password, sizeof(password)) < 0)
		return "Unable to read proxy passphrase";
	rc = usock_line_login(nc->login, sizeof(nc->login), user, password);
	explicit_bzero(password, sizeof(password));
	return rc < 0 ? "the login of the proxy is too long" : NULL;
}

static const char *
ask_key(struct nc *nc)
{
	char key[TCP_KEY_MAX + 1] = "";
	int rc;

	if (!GIVEN(nc, 'S') || nc->args.explain) {
		snprintf(nc->key_file, sizeof(nc->key_file), "%s", GIVEN(nc, 'S') ? "FILE" : "");
		return NULL;
	}
	if (ask("TCP MD5SIG password: ", key, sizeof(key)) < 0)
		return "Unable to read TCP MD5SIG password";
	rc = usock_line_keep_secret(key, nc->key_file, sizeof(nc->key_file));
	explicit_bzero(key, sizeof(key));
	return rc < 0 ? "Unable to read TCP MD5SIG password" : NULL;
}

/* ---- the command ---- */

static unsigned
mode_of(const struct nc *nc)
{
	bool scans = GIVEN(nc, 'z');

	return (GIVEN(nc, 'l') ? FOREIGN_LISTEN : FOREIGN_CONNECT) |
	    (GIVEN(nc, 'U') ? FOREIGN_UNIX : FOREIGN_INET) | (GIVEN(nc, 'k') ? FOREIGN_KEEPS : 0) |
	    (GIVEN(nc, 'w') ? FOREIGN_TIMED : 0) | (GIVEN(nc, 'u') ? FOREIGN_UDP : 0) |
	    (scans                   ? FOREIGN_SCAN
		    : GIVEN(nc, 'u') ? FOREIGN_DATAGRAM
				     : FOREIGN_STREAM);
}

/* nc looks up no name with -n, and fails for one. */
static bool
is_unresolved(const struct nc *nc)
{
	if (!GIVEN(nc, 'n') || is_unix(nc) || nc->host == NULL || GIVEN(nc, 'x'))
		return false;
	return !usock_line_is_address(nc->host);
}

static const char *
find_path_fault(const struct nc *nc)
{
	const struct sockaddr_un *un = NULL;
	size_t room = sizeof(un->sun_path);

	if (!is_unix(nc) || nc->host == NULL)
		return NULL;
	if (nc->host[0] == '\0')
		return "Invalid argument";
	return strlen(nc->host) < room + (nc->host[0] == '@') ? NULL : "File name too long";
}

/* -T is read when the words are. */
static const char *
check_tos(const struct nc *nc)
{
	static char text[128];
	const char *word = foreign_value(&nc->args, 'T');
	int tos;

	if (word == NULL || ip_header_parse_tos(word, &tos, NULL) == 0)
		return NULL;
	snprintf(text, sizeof(text), "illegal tos value %.80s", word);
	return text;
}

/* Returns what is wrong before anything is tried, or NULL. */
static const char *
check(struct nc *nc)
{
	const char *fault = check_tos(nc);

	if (fault == NULL)
		fault = find_conflict(nc);
	if (fault == NULL)
		fault = parse_proxy(nc);
	if (fault == NULL)
		fault = ask_password(nc);
	return fault == NULL ? ask_key(nc) : fault;
}

static int
run_nc(struct nc *nc)
{
	const char *fault;
	char text[512];

	nc->mode = mode_of(nc);
	if (!take_operands(nc))
		return print_usage(1);
	fault = check(nc);
	if (fault != NULL)
		return fail_early(fault);
	fault = find_path_fault(nc);
	if (fault != NULL) {
		snprintf(text, sizeof(text), "%.300s%s%s", listens(nc) ? "" : nc->host,
		    listens(nc) ? "" : ": ", fault);
		return fail_early(text);
	}
	if (is_unresolved(nc)) {
		snprintf(text, sizeof(text),
		    "getaddrinfo%s%.300s%s%.32s: Name or service not known",
		    listens(nc) ? "" : " for host \"", listens(nc) ? "" : nc->host,
		    listens(nc) ? "" : "\" port ", listens(nc) ? "" : nc->ports[0]);
		return fail_early(text);
	}
	nc->voice.program = &foreign_nc;
	nc->voice.mode = nc->mode;
	nc->voice.host = nc->host;
	nc->voice.proto = is_datagrams(nc) ? "udp" : "tcp";
	nc->voice.verbose = (int)foreign_count(&nc->args, 'v');
	nc->voice.numeric = GIVEN(nc, 'n');
	nc->voice.via_host = GIVEN(nc, 'x') ? nc->proxy_host : NULL;
	nc->voice.via_port = nc->proxy_port;
	return run_ports(nc);
}

int
nc_run(const struct cmd *cmd, int argc, char **argv)
{
	struct nc nc = { .mode = 0 };
	struct error e;
	int rc;

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		usage_command(cmd);
		return 0;
	}
	rc = foreign_parse(&foreign_nc, argc, argv, &nc.args, &e);
	if (GIVEN(&nc, 'h'))
		return print_nc_help();
	if (rc < 0) {
		(void)fail_early(e.text);
		return rc == -1 ? print_usage(1) : 1;
	}
	return run_nc(&nc);
}

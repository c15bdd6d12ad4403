#include "cli/netcat/ncat/ncat_line.h"

#include <string.h>

#include "cli/netcat/ncat/ncat_args.h"
#include "cli/netcat/usock_line.h"

/* What one read(2) of ncat returns at most, and so the longest datagram that it sends. */
#define READ_FRAMING "read=8192"

/* The last of -4 and -6 counts. */
static void
add_family(const struct ncat *nc, struct usock_line *line)
{
	char family = '\0';

	for (size_t i = 0; i < nc->args.n_given; i++)
		if (strchr("46", nc->args.given[i].opt->letter) != NULL &&
		    nc->args.given[i].opt->letter != '\0')
			family = nc->args.given[i].opt->letter;
	if (family != '\0' && (nc->mode & FOREIGN_INET) != 0)
		usock_line_add(line, "-%c", family);
}

static void
add_tls(const struct ncat *nc, struct usock_line *line)
{
	const char *trust = foreign_value_name(&nc->args, "ssl-trustfile");
	/* who names authorities wants them to be asked */
	bool verify = NAMED(nc, "ssl-verify") || trust != NULL;

	if (!ncat_args_is_tls(nc))
		return;
	usock_line_add(line, NAMED(nc, "udp") ? "--dtls" : "--tls");
	if (ncat_args_listens(nc)) {
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

/* Clients with nobody behind them but standard input and output, or each other. */
static bool
has_plain_clients(const struct ncat *nc)
{
	return (nc->mode & FOREIGN_STREAM) != 0 && !ncat_args_has_program(nc) &&
	    !ncat_args_is_proxy(nc);
}

/* All clients get the input, or at least its end. */
static bool
shares_input(const struct ncat *nc)
{
	return has_plain_clients(nc) && NAMED(nc, "keep-open") && !ncat_args_brokers(nc) &&
	    !(NAMED(nc, "recv-only") && NAMED(nc, "no-shutdown"));
}

/* Clients hear what others say, or what is read: here one that ends its side has left. Who only
 * sends does not see that. */
static bool
hears_together(const struct ncat *nc)
{
	return ncat_args_brokers(nc) || (shares_input(nc) && !NAMED(nc, "send-only"));
}

/* What clients of a server get, where it is no program. */
static void
add_service(const struct ncat *nc, struct usock_line *line)
{
	const char *max = foreign_value_name(&nc->args, "max-conns");
	bool keeps = NAMED(nc, "keep-open") || ncat_args_brokers(nc) || ncat_args_is_proxy(nc);

	if (keeps)
		usock_line_add(line, "-k");
	if (NAMED(nc, "chat"))
		usock_line_add(line, "--chat");
	else if (NAMED(nc, "broker"))
		usock_line_add(line, "--broker");
	else if (ncat_args_is_proxy(nc))
		ncat_proxy_add_server(&nc->proxy, line);
	else if (shares_input(nc))
		usock_line_add(line, "--broadcast-input");
	if (hears_together(nc))
		usock_line_add(line, "--no-half-open");
	if (keeps && max != NULL) {
		usock_line_add_words(line, "--max-clients %", max);
		usock_line_add(line, "--refuse");
	}
}

/* The end of the input is told to the peer, also of an empty one; by a server also where nothing of
 * it is sent. */
static void
add_end_of_input(const struct ncat *nc, struct usock_line *line)
{
	bool reads = !NAMED(nc, "recv-only") || ncat_args_listens(nc);
	bool leaves = NAMED(nc, "send-only") || ncat_args_probes(nc);

	if (leaves || ncat_args_brokers(nc) || ncat_args_is_proxy(nc))
		return;
	if (has_plain_clients(nc) && reads && !NAMED(nc, "no-shutdown"))
		usock_line_add_words(line,
		    ncat_args_is_tls(nc) ? "--half-close 2" : "--half-close 0", NULL);
	else if (NAMED(nc, "no-shutdown") && reads && !NAMED(nc, "recv-only") &&
	    (nc->mode & FOREIGN_STREAM) != 0)
		usock_line_add(line, "--no-half-close");
}

static void
add_datagram_options(const struct ncat *nc, struct usock_line *line)
{
	bool program = ncat_args_has_program(nc);

	if (!ncat_args_is_datagrams(nc))
		return;
	/* datagrams have no end that could be waited for: a client leaves with its input */
	if (!program && !GIVEN(nc, 'q') && !NAMED(nc, "send-only"))
		usock_line_add_words(line,
		    ncat_args_listens(nc) || NAMED(nc, "recv-only") ? "--after-eof none"
								    : "--quit-after 0",
		    NULL);
	usock_line_add(line, "--framing=" READ_FRAMING);
	if (ncat_args_listens(nc) && !program)
		usock_line_add(line, "--first-sender");
}

static void
add_route(const struct ncat *nc, struct usock_line *line)
{
	char option[80];

	if (nc->route.n == 0)
		return;
	ncat_route_format(&nc->route, option, sizeof(option));
	usock_line_add(line, "-o");
	usock_line_add(line, "IP_OPTIONS=hex:%s", option);
}

/* Standard input and output go one way only. Programs and clients among each other go both. */
static bool
goes_one_way(const struct ncat *nc)
{
	return (nc->mode & FOREIGN_SCAN) == 0 && !ncat_args_has_program(nc) &&
	    !ncat_args_brokers(nc) && !ncat_args_is_proxy(nc);
}

static void
add_one_way(const struct ncat *nc, struct usock_line *line)
{
	if (!goes_one_way(nc))
		return;
	if (NAMED(nc, "send-only"))
		usock_line_add(line, "--send-only");
	if (NAMED(nc, "recv-only"))
		usock_line_add(line, "--recv-only");
}

static void
add_ncat_options(const struct ncat *nc, struct usock_line *line)
{
	const char *source = foreign_value_name(&nc->args, "source");
	const unsigned silent = goes_one_way(nc) && NAMED(nc, "recv-only") ? FOREIGN_SILENT : 0;

	add_family(nc, line);
	usock_line_add_options(line, &nc->args, nc->mode | silent);
	add_one_way(nc, line);
	if (NAMED(nc, "append-output") && (NAMED(nc, "output") || NAMED(nc, "hex-dump")))
		usock_line_add(line, "--append");
	add_tls(nc, line);
	add_end_of_input(nc, line);
	if (ncat_args_probes(nc) && !NAMED(nc, "send-only")) {
		usock_line_add(line, "--send-only");
		line->input[0] = "<";
		line->input[1] = "/dev/null";
	}
	add_datagram_options(nc, line);
	if (ncat_args_listens(nc)) {
		add_service(nc, line);
		add_access(nc, line);
		return;
	}
	if (source != NULL && ncat_args_is_unix(nc) && ncat_args_is_datagrams(nc))
		usock_line_add(line, "--source=unix:%s", source);
	else if (source != NULL && !ncat_args_is_unix(nc))
		usock_line_add(line, "--source=%s", source);
	if (NAMED(nc, "proxy"))
		ncat_proxy_add_client(&nc->proxy, line);
	add_route(nc, line);
}

static void
add_ncat_address(const struct ncat *nc, struct usock_line *line)
{
	if (ncat_args_is_unix(nc)) {
		if (ncat_args_listens(nc) && nc->host[0] != '@')
			usock_line_add_mode(line);
		usock_line_add(line, "unix:%s", nc->host);
	} else if (NAMED(nc, "vsock")) {
		usock_line_add(line, "vsock:%s:%s", nc->host != NULL ? nc->host : "*",
		    ncat_args_port(nc));
	} else {
		if (nc->host != NULL)
			usock_line_add_host(line, nc->host);
		usock_line_add(line, "%s", ncat_args_port(nc));
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

void
ncat_line_make(const struct ncat *nc, struct usock_line *line)
{
	usock_line_add(line, ncat_args_listens(nc) ? "listen" : "connect");
	add_ncat_options(nc, line);
	add_program(nc, line);
}

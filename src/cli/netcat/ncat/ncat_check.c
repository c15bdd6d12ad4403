#include "cli/netcat/ncat/ncat_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"
#include "cli/netcat/ncat/ncat_args.h"
#include "cli/netcat/usock_line.h"

/* Times are below so many seconds. */
#define TIME_MAX (INT64_C(2147483) * NSEC_PER_SEC)

/* ---- values ---- */

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

bool
ncat_check_values(struct ncat *nc, char *text, size_t size)
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

/* ---- conflicts ---- */

static const char *
find_unix_conflict(const struct ncat *nc)
{
	if (NAMED(nc, "proxy") || NAMED(nc, "proxy-type"))
		return "Proxy option not supported when using Unix domain sockets.";
	if (ncat_args_is_tls(nc))
		return "SSL option not supported when using Unix domain sockets.";
	if (ncat_args_brokers(nc))
		return "Connection brokering not supported when using Unix domain sockets.";
	if (NAMED(nc, "source-port"))
		return "Specifying source port when using Unix domain sockets doesn't make sense.";
	if (GIVEN(nc, 'g'))
		return "Loose source routing not allowed when using Unix domain sockets.";
	if (nc->args.n_operands == 0)
		return ncat_args_listens(nc)
		    ? "You have to specify path to a socket to listen on."
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
	const bool udp = NAMED(nc, "udp"), program = ncat_args_has_program(nc);
	const struct conflict all[] = {
		{ NAMED(nc, "proxy"), "Invalid option combination: --proxy and -l." },
		{ GIVEN(nc, 'z'), "Services designed for LISTENING can't be used with -z" },
		{ NAMED(nc, "source"),
		    "-l and -s are incompatible.  Specify the address and port to bind to like you "
		    "would a host to connect to." },
		{ udp && NAMED(nc, "keep-open") && !program,
		    "UDP mode does not support the -k or --keep-open options, except with --exec "
		    "or --sh-exec." },
		{ udp && ncat_args_brokers(nc), "UDP mode does not support connection brokering." },
		{ ncat_args_brokers(nc) && program,
		    "Invalid option combination: --broker and -e." },
		{ ncat_args_is_proxy(nc) && NAMED(nc, "telnet"),
		    "Invalid option combination: --telnet has no effect with --proxy-type." },
		{ udp && ncat_args_is_tls(nc), "DTLS is not supported in listen mode\n" },
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
		{ GIVEN(nc, 'z') && NAMED(nc, "telnet"), "Invalid option combination: -z and -t." },
		{ GIVEN(nc, 'z') && ncat_args_has_program(nc),
		    "Command execution can't be done along with option -z." },
		{ !ncat_args_is_unix(nc) && nc->args.n_operands == 0,
		    "You must specify a host to connect to." },
		{ lists, "Invalid option combination: allow/deny with connect." },
		{ NAMED(nc, "max-conns"),
		    "Invalid option combination: `--max-conns' with connect." },
		{ NAMED(nc, "chat"), "Invalid option combination: `--chat' with connect." },
	};

	return first_conflict(all, ARRAY_LEN(all));
}

const char *
ncat_check_conflicts(const struct ncat *nc)
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
		{ NAMED(nc, "send-only") && NAMED(nc, "recv-only") && !ncat_args_has_program(nc),
		    "Invalid option combination: --send-only and --recv-only." },
		{ cert != key, "The --ssl-key and --ssl-cert options must be used together." },
	};
	const char *fault = first_conflict(all, ARRAY_LEN(all));

	if (fault == NULL && ncat_args_is_unix(nc))
		fault = find_unix_conflict(nc);
	if (fault == NULL)
		fault = ncat_args_listens(nc) ? find_server_conflict(nc) : find_client_conflict(nc);
	return fault;
}

/* ---- operands ---- */

static bool
is_port_number(const char *word)
{
	return word[0] != '\0' && word[strspn(word, "0123456789")] == '\0';
}

static bool
take_host_and_port(struct ncat *nc, char *text, size_t size)
{
	char **operands = nc->args.operands;
	int n = nc->args.n_operands;
	size_t len = (size_t)snprintf(text, size, "Got more than one port specification:");

	if (n > 2) {
		for (int i = !(ncat_args_listens(nc) && is_port_number(operands[0]));
		     i < n && len < size; i++)
			len += (size_t)snprintf(text + len, size - len, " %.80s", operands[i]);
		if (len < size)
			snprintf(text + len, size - len, ".");
		return false;
	}
	if (n == 1 && ncat_args_listens(nc) && !ncat_args_is_unix(nc) &&
	    is_port_number(operands[0])) {
		nc->port = operands[0];
		return true;
	}
	nc->host = n > 0 ? operands[0] : NULL;
	nc->port = n > 1            ? operands[1]
	    : ncat_args_listens(nc) ? foreign_value_name(&nc->args, "source-port")
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

/* ncat looks up no name with -n, and fails for one. */
static bool
is_name_forbidden(const struct ncat *nc)
{
	return NAMED(nc, "nodns") && nc->host != NULL && (nc->mode & FOREIGN_INET) != 0 &&
	    !NAMED(nc, "proxy") && !usock_line_is_address(nc->host);
}

bool
ncat_check_operands(struct ncat *nc, char *text, size_t size)
{
	if (!take_host_and_port(nc, text, size) || !check_port_operand(nc, text, size))
		return false;
	if (!is_name_forbidden(nc))
		return true;
	snprintf(text, size, "Could not resolve hostname \"%.300s\": Name or service not known.",
	    nc->host);
	return false;
}

#include "cli/status/status_query.h"

#include "base/deadline.h"
#include "base/error.h"
#include "cli/status/status_wait.h"
#include "test.h"

static struct status_query query;
static struct error failure;

/* Reads a query of up to two operands; returns "" or the failure. */
static const char *
read_query(const struct status_opts *o, const char *local, const char *peer)
{
	char *operands[] = { (char *)(uintptr_t)local, (char *)(uintptr_t)peer };
	const struct opt_rest rest = { .operands = operands,
		.n_operands = local == NULL ? 0
		    : peer == NULL          ? 1
					    : 2 };

	status_query_fini(&query);
	memset(&query, 0, sizeof(query));
	memset(&failure, 0, sizeof(failure));
	return status_query_read(&query, o, &rest, &failure) < 0 ? failure.text : "";
}

/* Writes the addresses and ports of an end as "A A:80 1-3". */
static const char *
text_of(const struct status_end *end)
{
	static char text[300];
	char host[SOCKNAME_TEXT_MAX];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < end->n_addresses; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i > 0 ? " " : "",
		    sockname_host(&end->addresses[i], host, sizeof(host)));
	for (size_t i = 0; i < end->n_ports; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    end->ports[i].lo == end->ports[i].hi ? "%s%u" : "%s%u-%u", i > 0 ? " " : ":",
		    end->ports[i].lo, end->ports[i].hi);
	return text;
}

static const struct {
	const char *word, *want;
	unsigned protos;
} words[] = {
	{ "*", "", 1U << STATUS_TCP },
	{ "*:80", ":80", 1U << STATUS_TCP },
	{ ":80", ":80", 1U << STATUS_TCP },
	{ "127.0.0.1:80", "127.0.0.1:80", 1U << STATUS_TCP },
	{ "[::1]:1-3,80", "::1:1-3 80", 1U << STATUS_TCP },
	{ "127.0.0.1", "127.0.0.1", 1U << STATUS_TCP },
	{ "[::ffff:127.0.0.1]:80", "127.0.0.1:80", 1U << STATUS_TCP },
	{ "127.0.0.1:http", "127.0.0.1:80", 1U << STATUS_TCP },
	{ "udp:127.0.0.1:53", "127.0.0.1:53", 1U << STATUS_UDP },
	{ "dtls:127.0.0.1:53", "127.0.0.1:53", 1U << STATUS_UDP },
	{ "tls:127.0.0.1:443", "127.0.0.1:443", 1U << STATUS_TCP },
	{ ":65534-65535", ":65534-65535", 1U << STATUS_TCP },
	{ ":80,81,82,84", ":80-82 84", 1U << STATUS_TCP },
};

TEST("an end has addresses and ranges of ports, and perhaps a kind")
{
	const struct status_opts o = { .family = AF_UNSPEC };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		check_str(read_query(&o, words[i].word, NULL), "");
		check_str(text_of(&query.how.filter.local), words[i].want);
		check_str(text_of(&query.how.filter.peer), "");
		check_int(query.how.filter.protos, words[i].protos);
		check_str(query.name, words[i].word);
		check_str(read_query(&o, "*", words[i].word), "");
		check_str(text_of(&query.how.filter.peer), words[i].want);
		check_str(text_of(&query.how.filter.local), "");
	}
	check_str(read_query(&o, "unix:/run/x", NULL), "");
	check_int(query.how.filter.protos, 1U << STATUS_UNIX);
	check(query.how.filter.local.path.len > 0);
	status_query_fini(&query);
	memset(&query, 0, sizeof(query));
}

TEST("two ends with addresses and ports are one connection")
{
	const struct status_opts o = { .family = AF_UNSPEC };

	check_str(read_query(&o, "127.0.0.1:80", "127.0.0.1:1000"), "");
	check(query.exact);
	check_str(query.name, "127.0.0.1:80 > 127.0.0.1:1000");
	check_int(sockname_port(&query.local), 80);
	check_int(sockname_port(&query.peer), 1000);
	check_str(read_query(&o, "127.0.0.1:80", "127.0.0.1:1000-1001"), "");
	check(!query.exact);
	check_str(read_query(&o, "127.0.0.1:80", NULL), "");
	check(!query.exact);
	check_str(read_query(&o, "udp:127.0.0.1:80", "udp:127.0.0.1:1000"), "");
	check(!query.exact);
}

TEST("what is no end, or of two kinds, is refused")
{
	const struct status_opts any = { .family = AF_UNSPEC }, udp = { .udp = true },
				 both = { .tcp = true, .udp = true };
	char *operands[] = { (char *)(uintptr_t) "a", (char *)(uintptr_t) "b",
		(char *)(uintptr_t) "c", NULL };
	struct opt_rest rest = { .operands = operands, .n_operands = 3 };

	check_str(read_query(&udp, "tcp:127.0.0.1:80", NULL),
	    "tcp:127.0.0.1:80: is of no other kind than tcp");
	check_str(read_query(&any, "udp:127.0.0.1:80", "tcp:127.0.0.1:80"),
	    "tcp:127.0.0.1:80: is of no other kind than tcp");
	check(read_query(&both, "unix:/run/x", NULL)[0] != '\0');
	check_str(read_query(&any, "vsock:1:2", NULL), "vsock:1:2: no TCP, UDP or unix address");
	check(read_query(&any, "127.0.0.1:70000", NULL)[0] != '\0');
	check_int(failure.code, ERROR_USAGE);
	check_int(status_query_read(&query, &any, &rest, &failure), -1);
	check_str(failure.text, "unexpected argument 'c'");
}

TEST("--port counts for both ends")
{
	struct status_opts o = { .port = "80,443-445" };

	check_str(read_query(&o, NULL, NULL), "");
	check_int((int)query.how.filter.n_ports, 2);
	check_int(query.how.filter.ports[1].lo, 443);
	check_int(query.how.filter.ports[1].hi, 445);
	check_str(query.name, "");
	o.port = "x y";
	check(strncmp(read_query(&o, NULL, NULL), "--port: ", 8) == 0);
}

static uint32_t
states_of(const char *text)
{
	const struct status_opts o = { .state = text };

	check_str(read_query(&o, NULL, NULL), "");
	return query.how.filter.states;
}

#define BIT(state) (1U << TCP_CODE_##state)

TEST("states have names, codes of their own, and the groups of ss")
{
	struct status_opts o = { .state = NULL };

	check_str(read_query(&o, NULL, NULL), "");
	check_int(query.how.filter.states, STATUS_ALL_STATES);
	check_int(states_of("listen"), BIT(LISTEN));
	check_int(states_of("LISTEN,Established"), BIT(LISTEN) | BIT(ESTABLISHED));
	check_int(states_of("all"), STATUS_ALL_STATES);
	check_int(states_of("bucket"), BIT(SYN_RCVD) | BIT(TIME_WAIT));
	check_int(states_of("big"), STATUS_ALL_STATES & ~(BIT(SYN_RCVD) | BIT(TIME_WAIT)));
	check_int(states_of("connected"), STATUS_ALL_STATES & ~(BIT(CLOSED) | BIT(LISTEN)));
	check_int(states_of("synchronized"),
	    STATUS_ALL_STATES & ~(BIT(CLOSED) | BIT(LISTEN) | BIT(SYN_SENT)));
	check_int(states_of("bucket,listen"), BIT(SYN_RCVD) | BIT(TIME_WAIT) | BIT(LISTEN));
	o.state = "listen,";
	check_str(read_query(&o, NULL, NULL), "--state: '' is no state of a socket");
	o.state = "listening2";
	check_str(read_query(&o, NULL, NULL), "--state: 'listening2' is no state of a socket");
	o.state = "al";
	check_str(read_query(&o, NULL, NULL), "--state: 'al' is no state of a socket");
}

/* Reads a query with these options, and checks what can be combined. */
static const char *
combine(const struct status_opts *o, const char *local, struct status_goal *ret_goal,
    int64_t *ret_interval)
{
	check_str(read_query(o, local, NULL), "");
	return status_query_check(&query, o, ret_goal, ret_interval, &failure) < 0 ? failure.text
										   : "";
}

TEST("sockets are not killed because an operand was forgotten")
{
	static const char refused[] =
	    "--kill: of every socket is too many: name an end, --port or --state";
	struct status_opts o = { .kill = true, .timeout = DURATION_NONE };
	struct status_goal goal;
	int64_t interval;

	check_str(combine(&o, NULL, &goal, &interval), refused);
	check_str(combine(&o, "*", &goal, &interval), refused);
	check_str(combine(&o, ":80", &goal, &interval), "");
	check_str(combine(&o, "127.0.0.1", &goal, &interval), "");
	o.state = "time-wait";
	check_str(combine(&o, NULL, &goal, &interval), "");
	o.via = STATUS_VIA_PROC;
	check_str(combine(&o, ":80", &goal, &interval), "--kill: not with --via proc");
}

TEST("--wait needs a socket, --timeout needs --wait, --watch an interval")
{
	struct status_opts o = { .timeout = NSEC_PER_SEC };
	struct status_goal goal;
	int64_t interval = -7;

	check_str(combine(&o, ":80", &goal, &interval), "--timeout: only with --wait");
	o.wait = "listening";
	check_str(combine(&o, NULL, &goal, &interval),
	    "--wait: for which socket? name an end, or --port");
	check_str(combine(&o, ":80", &goal, &interval), "");
	check_int(goal.code, TCP_CODE_LISTEN);
	check_int(goal.count, 1);
	o.port = "80";
	check_str(combine(&o, NULL, &goal, &interval), "");
	o = (struct status_opts){ .timeout = DURATION_NONE, .watch = "" };
	check_str(combine(&o, NULL, &goal, &interval), "");
	check_int(interval, -7);
	o.watch = "250ms";
	check_str(combine(&o, NULL, &goal, &interval), "");
	check_int(interval, 250 * NSEC_PER_MSEC);
	o.watch = "0.5ms";
	check_str(combine(&o, NULL, &goal, &interval),
	    "--watch: '0.5ms' is no interval of 1ms or more");
	o.watch = "x";
	check(strncmp(combine(&o, NULL, &goal, &interval), "--watch: ", 9) == 0);
	o = (struct status_opts){ .timeout = DURATION_NONE, .info = true, .via = STATUS_VIA_PROC };
	check_str(combine(&o, NULL, &goal, &interval), "--info: not with --via proc");
	status_query_fini(&query);
	memset(&query, 0, sizeof(query));
}

#include "net/sockopt/sockopt.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "test.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static struct sockopt_setting setting;
static struct error error;

static int
parse(const char *text)
{
	memset(&error, 0, sizeof(error));
	return sockopt_parse(text, &setting, &error);
}

static int
int_value(void)
{
	int value = 0;

	check_int(setting.len, sizeof(value));
	memcpy(&value, setting.value, sizeof(value));
	return value;
}

/* Returns the output of sockopt_read(), or its error. */
static const char *
read_back(int fd, const char *name)
{
	static char text[sizeof(error.text)];
	struct buf out;

	buf_init(&out, sizeof(text) - 1);
	if (sockopt_read(fd, sockopt_find(name), &out, &error) < 0)
		snprintf(text, sizeof(text), "%s", error.text);
	else
		snprintf(text, sizeof(text), "%s", buf_text(&out, &error));
	buf_fini(&out);
	return text;
}

static const char *
set_and_read(int fd, const char *text, const char *name)
{
	if (parse(text) < 0 || sockopt_apply(fd, &setting, 1, setting.phase, &error) < 0)
		return error.text;
	return read_back(fd, name);
}

TEST("every option has a name of its own, a number and a help text")
{
	size_t n, i, j;
	const struct sockopt *table = sockopt_table(&n);

	check(n > 100);
	for (i = 0; i < n; i++) {
		check(sockopt_find(table[i].name) == &table[i]);
		check(strlen(table[i].help) > 0 && strlen(table[i].help) < 72);
		for (j = 0; j < i; j++)
			check(strcmp(table[i].name, table[j].name) != 0);
	}
}

TEST("an option is found in either case, and without its prefix when that is unambiguous")
{
	check_str(sockopt_find("SO_RCVBUF")->name, "SO_RCVBUF");
	check_str(sockopt_find("so_rcvbuf")->name, "SO_RCVBUF");
	check_str(sockopt_find("rcvbuf")->name, "SO_RCVBUF");
	check_str(sockopt_find("nodelay")->name, "TCP_NODELAY");
	check_str(sockopt_find("ttl")->name, "IP_TTL");
	check_str(sockopt_find("v6only")->name, "IPV6_V6ONLY");
	check(sockopt_find("mtu") == NULL);
	check(sockopt_find("keepalive") == NULL);
	check(sockopt_find("so_ttl") == NULL);
	check(sockopt_find("") == NULL);
	check(sockopt_find("SO_") == NULL);
}

TEST("values are parsed by the type of their option")
{
	struct timeval tv;
	struct linger linger;

	check_int(parse("SO_RCVBUF=64k"), 0);
	check_int(int_value(), 65536);
	check_int(setting.level, SOL_SOCKET);
	check_int(setting.number, SO_RCVBUF);
	check_int(setting.phase, PHASE_SOCKET);
	check_int(parse("SO_MARK=4294967295"), 0);
	check_int(int_value(), -1);
	check_int(parse("IP_TTL=0x40"), 0);
	check_int(int_value(), 64);
	check_int(parse("TCP_NODELAY=off"), 0);
	check_int(int_value(), 0);
	check_int(parse("nodelay"), 0);
	check_int(int_value(), 1);
	check_int(parse("TCP_KEEPIDLE=2m"), 0);
	check_int(int_value(), 120);
	check_int(parse("TCP_USER_TIMEOUT=1.5"), 0);
	check_int(int_value(), 1500);
	check_int(parse("SO_BUSY_POLL=50us"), 0);
	check_int(int_value(), 50);
	check_int(parse("SO_RCVTIMEO=250ms"), 0);
	memcpy(&tv, setting.value, sizeof(tv));
	check(tv.tv_sec == 0 && tv.tv_usec == 250000);
	check_int(parse("SO_RCVTIMEO=1.9999999"), 0);
	memcpy(&tv, setting.value, sizeof(tv));
	check(tv.tv_sec == 2 && tv.tv_usec == 0);
	check_int(parse("SO_LINGER=0"), 0);
	memcpy(&linger, setting.value, sizeof(linger));
	check(linger.l_onoff == 1 && linger.l_linger == 0);
	check_int(parse("SO_LINGER=off"), 0);
	memcpy(&linger, setting.value, sizeof(linger));
	check(linger.l_onoff == 0);
	check_int(parse("TCP_CONGESTION=cubic"), 0);
	check_mem(setting.value, setting.len, "cubic", 5);
	check_int(parse("SO_BINDTODEVICE="), 0);
	check_int(setting.len, 0);
	check_int(parse("TCP_QUICKACK"), 0);
	check_int(setting.phase, PHASE_CONNECTED);
}

TEST("any other option can be given by level and number")
{
	static const struct {
		const char *text;
		int level, number;
		const char *value;
		socklen_t len;
	} cases[] = {
		{ "1:2=1", 1, 2, "\1\0\0\0", 4 },
		{ "SOL_SOCKET:2=-1", SOL_SOCKET, 2, "\xff\xff\xff\xff", 4 },
		{ "socket:2=1", SOL_SOCKET, 2, "\1\0\0\0", 4 },
		{ "IPPROTO_TCP:1=0x10", IPPROTO_TCP, 1, "\x10\0\0\0", 4 },
		{ "tcp:1=hex:0a0B", IPPROTO_TCP, 1, "\x0a\x0b", 2 },
		{ "ipv6:0x29=hex:", IPPROTO_IPV6, 41, "", 0 },
		{ "263:1=1", 263, 1, "\1\0\0\0", 4 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		check_int(parse(cases[i].text), 0);
		check(setting.opt == NULL);
		check_int(setting.level, cases[i].level);
		check_int(setting.number, cases[i].number);
		check_mem(setting.value, setting.len, cases[i].value, cases[i].len);
	}
}

TEST("an invalid option is an error that names the remedy")
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "SO_REUSADDR=1",
		    "unknown socket option 'SO_REUSADDR', did you mean SO_REUSEADDR?" },
		{ "reusadr", "unknown socket option 'reusadr', did you mean SO_REUSEADDR?" },
		{ "no_delay=1", "unknown socket option 'no_delay', did you mean TCP_NODELAY?" },
		{ "quite-something-else", "unknown socket option 'quite-something-else'" },
		{ "=1", "unknown socket option ''" },
		{ "", "unknown socket option ''" },
		{ "mtu=1", "socket option 'mtu' is ambiguous: IP_MTU or IPV6_MTU" },
		{ "SO_TYPE=1", "socket option SO_TYPE can only be read" },
		{ "so_attach_filter=1",
		    "socket option so_attach_filter cannot be set by name: it wants a program in "
		    "memory; SO_ATTACH_BPF takes a loaded one" },
		{ "TCP_ZEROCOPY_RECEIVE",
		    "socket option TCP_ZEROCOPY_RECEIVE cannot be set by name: it maps memory of "
		    "the "
		    "program" },
		{ "IP_TTL",
		    "socket option IP_TTL wants a value: hops of packets sent, 1-255; -1: "
		    "default" },
		{ "IP_TTL=", "IP_TTL: '' is not a number (-2147483648 to 4294967295)" },
		{ "nodelay=maybe", "TCP_NODELAY: 'maybe' is neither yes nor no" },
		{ "SO_RCVBUF=4G", "SO_RCVBUF: '4G' is 4 GiB or more" },
		{ "TCP_KEEPIDLE=1.5", "TCP_KEEPIDLE: '1.5' is not a duration in whole seconds" },
		{ "TCP_KEEPIDLE=none", "TCP_KEEPIDLE: 'none' is not a duration in whole seconds" },
		{ "TCP_USER_TIMEOUT=10us",
		    "TCP_USER_TIMEOUT: '10us' is not a duration in whole milliseconds" },
		{ "SO_LINGER=10ms", "SO_LINGER: '10ms' is not a duration in whole seconds" },
		{ "TCP_KEEPALIVE=0", "TCP_KEEPALIVE: '0' is not a number (1-120)" },
		{ "TCP_KEEPALIVE=121", "TCP_KEEPALIVE: '121' is not a number (1-120)" },
		{ "1:2", "socket option '1:2': a value is missing (INT or hex:BYTES)" },
		{ "1:x=1", "socket option '1:x': 'x' is not a number (0-2147483647)" },
		{ "x:1=1",
		    "socket option 'x:1': 'x' is not a level: a number, or socket, ip, ipv6, tcp, "
		    "udp, udplite, sctp, mptcp, vsock, can_raw, raw, icmp, icmpv6" },
		{ "1:2=x", "socket option '1:2': 'x' is not a number (-2147483648 to 4294967295)" },
		{ "1:2=hex:0", "socket option '1:2': '0' is not pairs of hexadecimal digits" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		check_int(parse(cases[i].text), -1);
		check_int(error.code, ERROR_USAGE);
		check_str(error.text, cases[i].want);
	}
}

TEST("texts and bytes that are too long are errors")
{
	char text[800] = "TCP_CONGESTION=";

	memset(text + 15, 'a', SOCKOPT_VALUE_MAX - 1);
	check_int(parse(text), 0);
	check_int(setting.len, SOCKOPT_VALUE_MAX - 1);
	memset(text + 15, 'a', SOCKOPT_VALUE_MAX);
	check_int(parse(text), -1);
	memcpy(text, "1:2=hex:", 8);
	memset(text + 8, '0', 2 * SOCKOPT_VALUE_MAX + 2);
	check_int(parse(text), -1);
	check_int(error.code, ERROR_USAGE);
	text[8 + 2 * SOCKOPT_VALUE_MAX] = '\0';
	check_int(parse(text), 0);
	check_int(setting.len, SOCKOPT_VALUE_MAX);
	memset(text, 'a', 799);
	check_int(parse(text), -1);
}

TEST("settings are applied in their phase, and read back")
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockopt_setting both[2];

	require(fd >= 0);
	check_int(parse("TCP_NODELAY"), 0);
	both[0] = setting;
	check_int(parse("TCP_QUICKACK=0"), 0);
	both[1] = setting;
	check_str(read_back(fd, "TCP_NODELAY"), "0");
	check_int(sockopt_apply(fd, both, 2, PHASE_CONNECTED, &error), 0);
	check_str(read_back(fd, "TCP_NODELAY"), "0");
	check_str(read_back(fd, "TCP_QUICKACK"), "0");
	check_int(sockopt_apply(fd, both, 2, PHASE_SOCKET, &error), 0);
	check_str(read_back(fd, "TCP_NODELAY"), "1");
	close(fd);
}

TEST("values are formatted as they are parsed")
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	require(fd >= 0);
	check_str(set_and_read(fd, "SO_RCVBUF=8k", "SO_RCVBUF"), "16384");
	check_str(set_and_read(fd, "TCP_KEEPIDLE=2m", "TCP_KEEPIDLE"), "120s");
	check_str(set_and_read(fd, "TCP_USER_TIMEOUT=1.5", "TCP_USER_TIMEOUT"), "1500ms");
	check_str(set_and_read(fd, "TCP_USER_TIMEOUT=2", "TCP_USER_TIMEOUT"), "2s");
	check_str(set_and_read(fd, "SO_RCVTIMEO=2", "SO_RCVTIMEO"), "2s");
	check_str(set_and_read(fd, "SO_RCVTIMEO=none", "SO_RCVTIMEO"), "none");
	check_str(set_and_read(fd, "SO_LINGER=3", "SO_LINGER"), "3s");
	check_str(set_and_read(fd, "SO_LINGER=off", "SO_LINGER"), "off");
	check_str(set_and_read(fd, "TCP_CONGESTION=reno", "TCP_CONGESTION"), "reno");
	check_str(set_and_read(fd, "IP_TTL=7", "IP_TTL"), "7");
	check_str(set_and_read(fd, "ip:2=9", "IP_TTL"), "9");
	check_str(read_back(fd, "SO_TYPE"), "1");
	close(fd);
}

TEST("TCP_KEEPALIVE is in minutes and enables keep-alive")
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	require(fd >= 0);
	check_str(set_and_read(fd, "TCP_KEEPALIVE=120", "TCP_KEEPALIVE"), "120");
	check_str(read_back(fd, "SO_KEEPALIVE"), "1");
	check_str(read_back(fd, "TCP_KEEPIDLE"), "7200s");
	check_str(read_back(fd, "TCP_KEEPINTVL"), "7200s");
	close(fd);
}

static void
check_round_trip(int fd, const struct sockopt *opt)
{
	char text[600];
	struct buf out;

	buf_init(&out, SOCKOPT_VALUE_MAX);
	if (sockopt_read(fd, opt, &out, &error) == 0) {
		snprintf(text, sizeof(text), "%s=%s", opt->name, buf_text(&out, &error));
		check_int(parse(text), 0);
	}
	buf_fini(&out);
}

TEST("the value read from any option can be set again")
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	size_t n, i, j;
	const struct sockopt *table = sockopt_table(&n);

	for (j = 0; j < ARRAY_LEN(types); j++) {
		int fd = socket(AF_INET, types[j], 0);

		require(fd >= 0);
		for (i = 0; i < n; i++)
			if (table[i].access != SOCKOPT_READ_ONLY)
				check_round_trip(fd, &table[i]);
		close(fd);
	}
}

TEST("an error of the kernel names the option")
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int value;

	require(fd >= 0);
	check_str(set_and_read(fd, "TCP_CONGESTION=nosuch", ""),
	    "setsockopt TCP_CONGESTION: No such file or directory");
	check_str(set_and_read(fd, "1:9999=1", ""), "setsockopt 1:9999: Protocol not available");
	check_int(error.code, ERROR_NETWORK);
	check_int(error.number, ENOPROTOOPT);
	check_str(read_back(fd, "UDP_CORK"), "getsockopt UDP_CORK: Operation not supported");
	check_int(sockopt_set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE", &error), 0);
	check_int(sockopt_get_int(fd, SOL_SOCKET, SO_KEEPALIVE, &value, "SO_KEEPALIVE", &error), 0);
	check_int(value, 1);
	close(fd);
	check_int(sockopt_set_int(-1, SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE", &error), -1);
	check_str(error.text, "setsockopt SO_KEEPALIVE: Bad file descriptor");
	check_str(read_back(-1, "TCP_CONGESTION"),
	    "getsockopt TCP_CONGESTION: Bad file descriptor");
}

TEST("groups are written with their interface and their source")
{
	static const char *const refused[][2] = {
		{ "IP_ADD_MEMBERSHIP=10.0.0.1", "is no multicast group" },
		{ "IP_ADD_MEMBERSHIP=ff15::1", "address family mismatch" },
		{ "IPV6_ADD_MEMBERSHIP=239.1.2.3", "address family mismatch" },
		{ "IP_ADD_MEMBERSHIP=239.1.2.3%nosuch0", "there is no interface 'nosuch0'" },
		{ "IP_ADD_MEMBERSHIP=10.0.0.1@239.1.2.3", "is not GROUP[%IF]" },
		{ "MCAST_JOIN_SOURCE_GROUP=239.1.2.3", "is not SOURCE@GROUP[%IF]" },
		{ "MCAST_JOIN_SOURCE_GROUP=::1@239.1.2.3", "are of two families" },
		{ "MCAST_JOIN_GROUP=nosuch", "'nosuch' is no address" },
		{ "MCAST_JOIN_GROUP=", "'' is no address" },
		{ "IP_OPTIONS=01", "is not hex:BYTES" },
		{ "SO_TXTIME=1,", "" },
		{ "SO_TXTIME=1,x", "'x'" },
		{ "IP_LOCAL_PORT_RANGE=2-1", "" },
		{ "IP_MULTICAST_IF=10.0.0", "there is no interface" },
	};

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		check_int(parse(refused[i][0]), -1);
		check_int(error.code, ERROR_USAGE);
		if (!check(strstr(error.text, refused[i][1]) != NULL))
			printf("# %s: %s\n", refused[i][0], error.text);
	}
	check_int(parse("MCAST_JOIN_GROUP=ff15::1%lo"), 0);
	check_int(setting.level, IPPROTO_IPV6);
	check_int(parse("MCAST_JOIN_GROUP=239.1.2.3"), 0);
	check_int(setting.level, IPPROTO_IP);
	check_int(parse("MCAST_JOIN_GROUP=239.1.1.1%127.0.0.1"), 0);
	check_int(parse("MCAST_JOIN_GROUP=239.1.1.1%0.0.0.0"), 0);
	check_int(parse("MCAST_JOIN_GROUP=239.1.1.1%192.0.2.1"), -1);
}

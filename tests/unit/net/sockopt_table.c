/* Sets every option of the table on the sockets that should have it, and reads it back. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "net/sockopt/sockopt.h"
#include "test.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	int family, type, proto;
} kinds[] = {
	{ AF_INET, SOCK_STREAM, IPPROTO_TCP },
	{ AF_INET6, SOCK_STREAM, IPPROTO_TCP },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_UDP },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ AF_UNIX, SOCK_STREAM, 0 },
	{ AF_INET, SOCK_RAW, IPPROTO_ICMP },
	{ AF_INET6, SOCK_RAW, IPPROTO_ICMPV6 },
	{ AF_INET6, SOCK_RAW, 253 },
	{ AF_INET6, SOCK_RAW, IPPROTO_RAW },
	{ AF_INET, SOCK_STREAM, IPPROTO_SCTP },
	{ AF_VSOCK, SOCK_STREAM, 0 },
	{ AF_CAN, SOCK_RAW, 1 },
};

/* The value to write and the value read back, when they are not the usual ones of the type. got
 * NULL: the same value; "*": any. */
struct sample {
	const char *name, *value, *got;
};

static const struct sample samples[] = {
	/* the kernel adds its own overhead */
	{ "SO_RCVBUF", "8k", "16384" },
	{ "SO_SNDBUF", "8k", "16384" },
	{ "SO_BINDTODEVICE", "lo", NULL },
	{ "SO_PEEK_OFF", "7", NULL },
	{ "SO_TXTIME", "1,0", NULL },
	{ "SO_MAX_PACING_RATE", "1000000", NULL },
	{ "SO_BUSY_POLL_BUDGET", "8", NULL },
	{ "SO_TIMESTAMPING", "16", NULL },
	{ "SO_INCOMING_CPU", "0", NULL },
	{ "SO_RESERVE_MEM", "0", NULL },
	{ "SO_ATTACH_BPF", "0", NULL },
	{ "SO_ATTACH_REUSEPORT_EBPF", "0", NULL },
	{ "IP_TTL", "9", NULL },
	{ "IP_TOS", "16", NULL },
	{ "IP_OPTIONS", "hex:01010101", NULL },
	{ "IP_LOCAL_PORT_RANGE", "40000-40100", NULL },
	{ "IP_MULTICAST_IF", "127.0.0.1", NULL },
	{ "IP_ADD_SOURCE_MEMBERSHIP", "127.0.0.1@232.1.2.3%lo", NULL },
	{ "IP_DROP_SOURCE_MEMBERSHIP", "127.0.0.1@232.1.2.3%lo", NULL },
	{ "IP_BLOCK_SOURCE", "127.0.0.9@239.1.2.3%lo", NULL },
	{ "IP_UNBLOCK_SOURCE", "127.0.0.9@239.1.2.3%lo", NULL },
	{ "MCAST_JOIN_SOURCE_GROUP", "::1@ff35::1%lo", NULL },
	{ "MCAST_LEAVE_SOURCE_GROUP", "::1@ff35::1%lo", NULL },
	{ "MCAST_BLOCK_SOURCE", "127.0.0.9@239.1.2.3%lo", NULL },
	{ "MCAST_UNBLOCK_SOURCE", "127.0.0.9@239.1.2.3%lo", NULL },
	{ "IPV6_ADD_MEMBERSHIP", "ff15::1%lo", NULL },
	{ "IPV6_DROP_MEMBERSHIP", "ff15::1%lo", NULL },
	{ "IPV6_JOIN_ANYCAST", "2001:db8::1%lo", NULL },
	{ "IPV6_LEAVE_ANYCAST", "2001:db8::1%lo", NULL },
	{ "IPV6_TCLASS", "16", NULL },
	/* the kernel fills in the unspecified choices */
	{ "IPV6_ADDR_PREFERENCES", "1", "1025" },
	{ "IPV6_CHECKSUM", "2", NULL },
	{ "IPV6_ADDRFORM", "2", NULL },
	{ "IPV6_MTU", "1400", "*" },
	/* accepted and ignored since Linux 4.14 */
	{ "TCP_THIN_DUPACK", "yes", "*" },
	{ "ICMPV6_FILTER", "hex:00000000000000000000000000000000000000000000000000000000000000ff",
	    NULL },
	{ "TCP_CONGESTION", "reno", NULL },
	{ "TCP_ULP", "tls", NULL },
	{ "TCP_KEEPALIVE", "3", NULL },
	{ "TCP_FASTOPEN_KEY", "hex:000102030405060708090a0b0c0d0e0f", NULL },
	{ "TCP_MAXSEG", "1000", NULL },
	{ "TCP_DEFER_ACCEPT", "7s", NULL },
	/* on a socket without a window it is at least half the receive buffer */
	{ "TCP_WINDOW_CLAMP", "1M", "*" },
	{ "TCP_RTO_MAX_MS", "20s", NULL },
	{ "TCP_RTO_MIN_US", "40ms", NULL },
	{ "TCP_DELACK_MAX_US", "40ms", NULL },
	{ "UDP_SEGMENT", "500", NULL },
	{ "UDP_ENCAP", "2", NULL },
	{ "UDPLITE_SEND_CSCOV", "8", NULL },
	{ "UDPLITE_RECV_CSCOV", "8", NULL },
};

static struct sample
sample_of(const struct sockopt *opt)
{
	static const char *const usual[][2] = {
		[SOCKOPT_INT] = { "1", NULL },
		[SOCKOPT_SIZE] = { "64k", "65536" },
		[SOCKOPT_BOOL] = { "yes", "1" },
		[SOCKOPT_SECONDS] = { "60s", NULL },
		[SOCKOPT_MSEC] = { "5s", NULL },
		[SOCKOPT_USEC] = { "50us", NULL },
		[SOCKOPT_TIMEVAL] = { "2s", NULL },
		[SOCKOPT_MINUTES] = { "3", NULL },
		[SOCKOPT_LINGER] = { "3s", NULL },
		[SOCKOPT_TEXT] = { "none", NULL },
		[SOCKOPT_BYTES] = { "hex:0000000000000000", NULL },
		[SOCKOPT_LONG] = { "64k", "65536" },
		[SOCKOPT_INTS] = { "0,0", NULL },
		[SOCKOPT_PORTS] = { "1-2", NULL },
		[SOCKOPT_INTERFACE] = { "lo", NULL },
		[SOCKOPT_INTERFACE_BE] = { "lo", NULL },
		[SOCKOPT_INTERFACE_IP] = { "lo", NULL },
		[SOCKOPT_GROUP] = { "239.1.2.3%lo", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(samples); i++)
		if (strcmp(samples[i].name, opt->name) == 0)
			return samples[i];
	return (struct sample){ opt->name, usual[opt->type][0], usual[opt->type][1] };
}

/* Options to set first on the same socket. */
static const char *const before[][2] = {
	{ "IP_DROP_MEMBERSHIP", "IP_ADD_MEMBERSHIP=239.1.2.3%lo" },
	{ "IP_DROP_SOURCE_MEMBERSHIP", "IP_ADD_SOURCE_MEMBERSHIP=127.0.0.1@232.1.2.3%lo" },
	{ "IP_BLOCK_SOURCE", "IP_ADD_MEMBERSHIP=239.1.2.3%lo" },
	{ "IP_UNBLOCK_SOURCE", "IP_ADD_MEMBERSHIP=239.1.2.3%lo" },
	{ "IP_UNBLOCK_SOURCE", "IP_BLOCK_SOURCE=127.0.0.9@239.1.2.3%lo" },
	{ "MCAST_LEAVE_GROUP", "MCAST_JOIN_GROUP=239.1.2.3%lo" },
	{ "MCAST_LEAVE_SOURCE_GROUP", "MCAST_JOIN_SOURCE_GROUP=::1@ff35::1%lo" },
	{ "MCAST_BLOCK_SOURCE", "MCAST_JOIN_GROUP=239.1.2.3%lo" },
	{ "MCAST_UNBLOCK_SOURCE", "MCAST_JOIN_GROUP=239.1.2.3%lo" },
	{ "MCAST_UNBLOCK_SOURCE", "MCAST_BLOCK_SOURCE=127.0.0.9@239.1.2.3%lo" },
	{ "IPV6_DROP_MEMBERSHIP", "IPV6_ADD_MEMBERSHIP=ff15::1%lo" },
	{ "IPV6_LEAVE_ANYCAST", "IPV6_JOIN_ANYCAST=2001:db8::1%lo" },
	{ "TCP_REPAIR_QUEUE", "TCP_REPAIR=1" },
	{ "TCP_QUEUE_SEQ", "TCP_REPAIR=1" },
	{ "TCP_QUEUE_SEQ", "TCP_REPAIR_QUEUE=2" },
};

static void
prepare(int fd, const struct sockopt *opt)
{
	struct sockopt_setting setting;
	struct error e;

	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		if (strcmp(before[i][0], opt->name) == 0 &&
		    check(sockopt_parse(before[i][1], &setting, &e) == 0))
			(void)sockopt_apply(fd, &setting, 1, setting.phase, &e);
}

/* Returns true when the option needs more than a new socket, this kernel or this user offers. */
static bool
may_be_refused(const struct sockopt *opt, int errnum)
{
	static const char *const names[] = { "SO_RESERVE_MEM", "SO_ATTACH_BPF", "SO_DETACH_FILTER",
		"SO_DETACH_BPF", "SO_ATTACH_REUSEPORT_EBPF", "SO_DETACH_REUSEPORT_BPF",
		"SO_BSDCOMPAT", "TCP_REPAIR", "TCP_REPAIR_QUEUE", "TCP_QUEUE_SEQ",
		"IPV6_JOIN_ANYCAST", "IPV6_LEAVE_ANYCAST" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], opt->name) == 0)
			return true;
	if (opt->level == IPPROTO_SCTP || opt->level == AF_VSOCK || opt->level == 101)
		return true;
	if (opt->level == SOL_RAW || opt->level == IPPROTO_ICMPV6)
		return true;
	if (errnum == EPERM || errnum == EACCES || errnum == ENOPROTOOPT)
		return true;
	return opt->type == SOCKOPT_BYTES || opt->phase == PHASE_CONNECTED;
}

static bool
reads_back(int fd, const struct sockopt *opt, const struct sample *sample)
{
	const char *want = sample->got != NULL ? sample->got : sample->value;
	struct error e = { .text = "" };
	struct buf out;
	bool same;

	buf_init(&out, 4096);
	same = (sockopt_read(fd, opt, &out, &e) == 0 && strcmp(buf_text(&out, &e), want) == 0) ||
	    strcmp(want, "*") == 0;
	if (!same)
		printf("# %s=%s: reads '%s' %s\n", opt->name, sample->value, buf_text(&out, NULL),
		    e.text);
	buf_fini(&out);
	return same;
}

struct counts {
	unsigned set, same, refused;
};

/* Tries the option on every kind of socket. */
static void
try_option(const struct sockopt *opt, struct counts *counts)
{
	struct sample sample = sample_of(opt);
	struct sockopt_setting setting;
	struct error e = { .number = 0 }, reason = { .number = ENOPROTOOPT };
	char text[128];
	bool set = false;

	snprintf(text, sizeof(text), "%s=%s", opt->name, sample.value);
	if (!check(sockopt_parse(text, &setting, &e) == 0)) {
		printf("# %s: %s\n", text, e.text);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds) && !set; i++) {
		int fd = socket(kinds[i].family, kinds[i].type, kinds[i].proto);

		if (fd < 0)
			continue;
		prepare(fd, opt);
		set = sockopt_apply(fd, &setting, 1, setting.phase, &e) == 0;
		if (set && opt->access == SOCKOPT_READ_WRITE && check(reads_back(fd, opt, &sample)))
			counts->same++;
		/* an option that this kind of socket lacks is no failure */
		if (!set && e.number != ENOPROTOOPT && e.number != EOPNOTSUPP)
			reason = e;
		close(fd);
	}
	counts->set += set;
	counts->refused += !set;
	if (!set && check(may_be_refused(opt, reason.number)))
		printf("# %s: %s\n", text, reason.text);
	else if (!set)
		printf("# wrongly: %s: %s\n", text, reason.text);
}

TEST("every option that can be set is set, or refused with a reason, and read back")
{
	struct counts counts = { 0 };
	size_t n;
	const struct sockopt *table = sockopt_table(&n);

	for (size_t i = 0; i < n; i++)
		if (table[i].access != SOCKOPT_READ_ONLY)
			try_option(&table[i], &counts);
	printf("# %u set, %u of them read back, %u refused\n", counts.set, counts.same,
	    counts.refused);
	check(counts.set > 100);
}

TEST("every option that can be read is read, or refused with a reason")
{
	unsigned read = 0;
	size_t n;
	const struct sockopt *table = sockopt_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (table[i].access != SOCKOPT_READ_ONLY)
			continue;
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
			int fd = socket(kinds[k].family, kinds[k].type, kinds[k].proto);
			struct error e = { .number = 0 };
			struct buf out;

			if (fd < 0)
				continue;
			buf_init(&out, 4096);
			if (sockopt_read(fd, &table[i], &out, &e) == 0)
				read++;
			else
				check_mem(e.text, 11, "getsockopt ", 11);
			buf_fini(&out);
			close(fd);
		}
	}
	check(read > 0);
}

static bool
is_second_name(const struct sockopt *opt)
{
	return opt->type == SOCKOPT_MINUTES || strncmp(opt->help, "same as ", 8) == 0;
}

TEST("a level has each number once, except for TCP_KEEPALIVE and aliases")
{
	size_t n;
	const struct sockopt *table = sockopt_table(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (table[i].level == table[j].level &&
			    table[i].number == table[j].number && !is_second_name(&table[i]))
				if (!check(false))
					printf("# %s %s\n", table[i].name, table[j].name);
}

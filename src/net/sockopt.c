#include "net/sockopt.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>

#include "base/buf.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/parse.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
#define SET(level, name, type, help) \
	{ #name, level, name, SOCKOPT_##type, PHASE_SOCKET, false, help }
#define GET(level, name, type, help) \
	{ #name, level, name, SOCKOPT_##type, PHASE_SOCKET, true, help }
/* Means something only while there is a connection. */
#define LATE(level, name, type, help) \
	{ #name, level, name, SOCKOPT_##type, PHASE_CONNECTED, false, help }

/* socket(7), ip(7), ipv6(7), tcp(7), udp(7). */
static const struct sockopt options[] = {
	SET(SOL_SOCKET, SO_REUSEADDR, BOOL, "bind although old connections hold the port"),
	SET(SOL_SOCKET, SO_REUSEPORT, BOOL, "several sockets share the port"),
	SET(SOL_SOCKET, SO_KEEPALIVE, BOOL, "probe a silent peer (see TCP_KEEPIDLE)"),
	SET(SOL_SOCKET, SO_LINGER, LINGER, "what close waits for, whole seconds; 0: reset; off"),
	SET(SOL_SOCKET, SO_RCVBUF, SIZE, "receive buffer, bytes; the kernel doubles it"),
	SET(SOL_SOCKET, SO_SNDBUF, SIZE, "send buffer, bytes; the kernel doubles it"),
	SET(SOL_SOCKET, SO_RCVBUFFORCE, SIZE, "SO_RCVBUF beyond rmem_max, bytes (CAP_NET_ADMIN)"),
	SET(SOL_SOCKET, SO_SNDBUFFORCE, SIZE, "SO_SNDBUF beyond wmem_max, bytes (CAP_NET_ADMIN)"),
	SET(SOL_SOCKET, SO_RCVLOWAT, SIZE, "readable from this many bytes"),
	GET(SOL_SOCKET, SO_SNDLOWAT, SIZE, "writable from this many bytes"),
	SET(SOL_SOCKET, SO_RCVTIMEO, TIMEVAL, "time-out of blocking reads"),
	SET(SOL_SOCKET, SO_SNDTIMEO, TIMEVAL, "time-out of blocking writes"),
	SET(SOL_SOCKET, SO_BROADCAST, BOOL, "allow datagrams to broadcast addresses"),
	SET(SOL_SOCKET, SO_BINDTODEVICE, TEXT, "only this interface, name; empty: any"),
	SET(SOL_SOCKET, SO_BINDTOIFINDEX, INT, "only this interface, index; 0: any"),
	SET(SOL_SOCKET, SO_DONTROUTE, BOOL, "only to directly connected hosts"),
	SET(SOL_SOCKET, SO_OOBINLINE, BOOL, "urgent data in the stream"),
	SET(SOL_SOCKET, SO_PRIORITY, INT, "queueing priority, 0-6"),
	SET(SOL_SOCKET, SO_MARK, INT, "firewall mark of packets sent (CAP_NET_ADMIN)"),
	SET(SOL_SOCKET, SO_MAX_PACING_RATE, INT, "bytes per second at most; -1: no limit"),
	SET(SOL_SOCKET, SO_INCOMING_CPU, INT, "CPU whose connections a listener takes"),
	SET(SOL_SOCKET, SO_BUSY_POLL, USEC, "poll the device before sleeping, microseconds"),
	SET(SOL_SOCKET, SO_PREFER_BUSY_POLL, BOOL, "busy polling instead of interrupts"),
	SET(SOL_SOCKET, SO_BUSY_POLL_BUDGET, INT, "packets per busy poll"),
	SET(SOL_SOCKET, SO_ZEROCOPY, BOOL, "allow MSG_ZEROCOPY"),
	SET(SOL_SOCKET, SO_TIMESTAMP, BOOL, "receive times, microseconds"),
	SET(SOL_SOCKET, SO_TIMESTAMPNS, BOOL, "receive times, nanoseconds"),
	SET(SOL_SOCKET, SO_TIMESTAMPING, INT, "receive and send times, SOF_TIMESTAMPING_ flags"),
	SET(SOL_SOCKET, SO_RXQ_OVFL, BOOL, "report the number of dropped datagrams"),
	SET(SOL_SOCKET, SO_NO_CHECK, BOOL, "send UDP without checksum"),
	SET(SOL_SOCKET, SO_PEEK_OFF, INT, "where MSG_PEEK starts, bytes; -1: off"),
	SET(SOL_SOCKET, SO_PASSCRED, BOOL, "receive the sender's pid, uid and gid (unix)"),
	SET(SOL_SOCKET, SO_PASSSEC, BOOL, "receive the sender's security label (unix)"),
	SET(SOL_SOCKET, SO_SELECT_ERR_QUEUE, BOOL, "errors wake POLLPRI too"),
	SET(SOL_SOCKET, SO_WIFI_STATUS, BOOL, "report whether a wireless frame was acknowledged"),
	SET(SOL_SOCKET, SO_NOFCS, BOOL, "the sender supplies the frame checksum (packet)"),
	SET(SOL_SOCKET, SO_LOCK_FILTER, BOOL, "forbid changes of the packet filter"),
	SET(SOL_SOCKET, SO_CNX_ADVICE, INT, "1: look for another path"),
	SET(SOL_SOCKET, SO_DEBUG, BOOL, "kernel debugging (CAP_NET_ADMIN)"),
	GET(SOL_SOCKET, SO_TYPE, INT, "1 stream, 2 dgram, 3 raw, 5 seqpacket"),
	GET(SOL_SOCKET, SO_DOMAIN, INT, "address family, number"),
	GET(SOL_SOCKET, SO_PROTOCOL, INT, "protocol, number"),
	GET(SOL_SOCKET, SO_ERROR, INT, "pending error, errno; reading clears it"),
	GET(SOL_SOCKET, SO_ACCEPTCONN, BOOL, "whether it listens"),
	GET(SOL_SOCKET, SO_PEERSEC, TEXT, "the peer's security label"),
	GET(SOL_SOCKET, SO_INCOMING_NAPI_ID, INT, "receive queue of the last packet"),
	GET(SOL_SOCKET, SO_BPF_EXTENSIONS, INT, "filter extensions that the kernel has"),
	SET(IPPROTO_IP, IP_TTL, INT, "hops of packets sent, 1-255; -1: default"),
	SET(IPPROTO_IP, IP_TOS, INT, "type of service (DSCP and ECN), 0-255"),
	SET(IPPROTO_IP, IP_MTU_DISCOVER, INT, "path MTU: 0 never, 1 per route, 2 always, 3 probe"),
	GET(IPPROTO_IP, IP_MTU, INT, "path MTU of a connected socket, bytes"),
	SET(IPPROTO_IP, IP_MINTTL, INT, "drop packets with fewer hops left, 0-255"),
	SET(IPPROTO_IP, IP_FREEBIND, BOOL, "bind to an address that is not there yet"),
	SET(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, BOOL, "choose the port at connect, not at bind"),
	SET(IPPROTO_IP, IP_TRANSPARENT, BOOL, "use foreign addresses as own (CAP_NET_ADMIN)"),
	SET(IPPROTO_IP, IP_HDRINCL, BOOL, "the sender supplies the IP header (raw)"),
	SET(IPPROTO_IP, IP_MULTICAST_TTL, INT, "hops of multicast packets, 0-255"),
	SET(IPPROTO_IP, IP_MULTICAST_LOOP, BOOL, "own multicast packets come back"),
	SET(IPPROTO_IP, IP_MULTICAST_ALL, BOOL, "groups that other sockets joined too"),
	SET(IPPROTO_IP, IP_PKTINFO, BOOL, "report the interface and address of arrival"),
	SET(IPPROTO_IP, IP_RECVTTL, BOOL, "report the hops left"),
	SET(IPPROTO_IP, IP_RECVTOS, BOOL, "report the type of service"),
	SET(IPPROTO_IP, IP_RECVOPTS, BOOL, "report IP options"),
	SET(IPPROTO_IP, IP_RETOPTS, BOOL, "report raw IP options"),
	SET(IPPROTO_IP, IP_RECVORIGDSTADDR, BOOL, "report the address before redirection"),
	SET(IPPROTO_IP, IP_RECVFRAGSIZE, BOOL, "report the largest fragment"),
	SET(IPPROTO_IP, IP_RECVERR, BOOL, "queue ICMP errors"),
	SET(IPPROTO_IP, IP_RECVERR_RFC4884, BOOL, "ICMP errors with RFC 4884 extensions"),
	SET(IPPROTO_IP, IP_CHECKSUM, BOOL, "report the checksum (UDP)"),
	SET(IPPROTO_IP, IP_PASSSEC, BOOL, "report the packet's security label"),
	SET(IPPROTO_IP, IP_ROUTER_ALERT, INT, "take packets with the router alert option (raw)"),
	SET(IPPROTO_IP, IP_NODEFRAG, BOOL, "do not reassemble (raw)"),
	SET(IPPROTO_IPV6, IPV6_V6ONLY, BOOL, "no IPv4 on this socket"),
	SET(IPPROTO_IPV6, IPV6_UNICAST_HOPS, INT, "hops of packets sent, 0-255; -1: default"),
	SET(IPPROTO_IPV6, IPV6_TCLASS, INT, "traffic class (DSCP and ECN), 0-255; -1: default"),
	SET(IPPROTO_IPV6, IPV6_MTU_DISCOVER, INT,
	    "path MTU: 0 never, 1 per route, 2 always, 3 probe"),
	SET(IPPROTO_IPV6, IPV6_MTU, INT, "path MTU, bytes; set: largest packet"),
	SET(IPPROTO_IPV6, IPV6_DONTFRAG, BOOL, "too long datagrams fail instead of being cut"),
	SET(IPPROTO_IPV6, IPV6_MINHOPCOUNT, INT, "drop packets with fewer hops left, 0-255"),
	SET(IPPROTO_IPV6, IPV6_FREEBIND, BOOL, "bind to an address that is not there yet"),
	SET(IPPROTO_IPV6, IPV6_TRANSPARENT, BOOL, "use foreign addresses as own (CAP_NET_ADMIN)"),
	SET(IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, INT,
	    "choice of the source address, IPV6_PREFER_SRC_ flags"),
	SET(IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, BOOL, "flow labels from the flow"),
	SET(IPPROTO_IPV6, IPV6_HDRINCL, BOOL, "the sender supplies the IPv6 header (raw)"),
	SET(IPPROTO_IPV6, IPV6_CHECKSUM, INT, "offset of the checksum, bytes; -1: none (raw)"),
	SET(IPPROTO_IPV6, IPV6_MULTICAST_IF, INT, "interface for multicast packets, index"),
	SET(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, INT, "hops of multicast packets, 0-255; -1: 1"),
	SET(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, BOOL, "own multicast packets come back"),
	SET(IPPROTO_IPV6, IPV6_MULTICAST_ALL, BOOL, "groups that other sockets joined too"),
	SET(IPPROTO_IPV6, IPV6_RECVPKTINFO, BOOL, "report the interface and address of arrival"),
	SET(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, BOOL, "report the hops left"),
	SET(IPPROTO_IPV6, IPV6_RECVTCLASS, BOOL, "report the traffic class"),
	SET(IPPROTO_IPV6, IPV6_RECVHOPOPTS, BOOL, "report hop-by-hop options"),
	SET(IPPROTO_IPV6, IPV6_RECVRTHDR, BOOL, "report the routing header"),
	SET(IPPROTO_IPV6, IPV6_RECVDSTOPTS, BOOL, "report destination options"),
	SET(IPPROTO_IPV6, IPV6_RECVPATHMTU, BOOL, "report changes of the path MTU"),
	SET(IPPROTO_IPV6, IPV6_RECVORIGDSTADDR, BOOL, "report the address before redirection"),
	SET(IPPROTO_IPV6, IPV6_RECVFRAGSIZE, BOOL, "report the largest fragment"),
	SET(IPPROTO_IPV6, IPV6_RECVERR, BOOL, "queue ICMP errors"),
	SET(IPPROTO_IPV6, IPV6_RECVERR_RFC4884, BOOL, "ICMP errors with RFC 4884 extensions"),
	SET(IPPROTO_IPV6, IPV6_ROUTER_ALERT, INT,
	    "take packets with this router alert; -1: none (raw)"),
	SET(IPPROTO_IPV6, IPV6_ROUTER_ALERT_ISOLATE, BOOL,
	    "router alerts of the own network namespace only"),
	LATE(IPPROTO_IPV6, IPV6_ADDRFORM, INT, "2: turn into an IPv4 socket"),
	SET(IPPROTO_TCP, TCP_NODELAY, BOOL, "send small segments at once"),
	SET(IPPROTO_TCP, TCP_CORK, BOOL, "hold back partial segments, 200 ms at most"),
	LATE(IPPROTO_TCP, TCP_QUICKACK, BOOL, "acknowledge at once, for now"),
	SET(IPPROTO_TCP, TCP_KEEPIDLE, SECONDS, "silence before the first probe, seconds"),
	SET(IPPROTO_TCP, TCP_KEEPINTVL, SECONDS, "time between probes, seconds"),
	SET(IPPROTO_TCP, TCP_KEEPCNT, INT, "unanswered probes before the connection ends"),
	{ "TCP_KEEPALIVE", IPPROTO_TCP, TCP_KEEPIDLE, SOCKOPT_MINUTES, PHASE_SOCKET, false,
	    "SO_KEEPALIVE with probes every so many minutes, 1-120" },
	SET(IPPROTO_TCP, TCP_USER_TIMEOUT, MSEC,
	    "longest time without acknowledgement, milliseconds; 0: default"),
	SET(IPPROTO_TCP, TCP_SYNCNT, INT, "repeated SYNs before connect gives up, 1-255"),
	SET(IPPROTO_TCP, TCP_LINGER2, INT, "orphans stay in FIN_WAIT_2, seconds; -1: not at all"),
	SET(IPPROTO_TCP, TCP_DEFER_ACCEPT, SECONDS,
	    "accept when data has come, or after so many seconds"),
	SET(IPPROTO_TCP, TCP_MAXSEG, INT, "segment size, bytes"),
	SET(IPPROTO_TCP, TCP_WINDOW_CLAMP, SIZE, "advertised window at most, bytes"),
	SET(IPPROTO_TCP, TCP_NOTSENT_LOWAT, SIZE, "writable while less is unsent, bytes"),
	SET(IPPROTO_TCP, TCP_CONGESTION, TEXT, "congestion control, name (cubic, bbr, reno)"),
	SET(IPPROTO_TCP, TCP_FASTOPEN, INT, "Fast Open listener: pending SYNs with data"),
	SET(IPPROTO_TCP, TCP_FASTOPEN_CONNECT, BOOL, "Fast Open client: data in the SYN"),
	SET(IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, BOOL, "Fast Open without cookies"),
	SET(IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, BOOL, "thin streams: no exponential back-off"),
	SET(IPPROTO_TCP, TCP_THIN_DUPACK, BOOL, "thin streams: resend at the first duplicate ACK"),
	SET(IPPROTO_TCP, TCP_TIMESTAMP, INT, "timestamp clock (repair mode sets it)"),
	SET(IPPROTO_TCP, TCP_SAVE_SYN, INT, "1: listener keeps SYNs for TCP_SAVED_SYN"),
	SET(IPPROTO_TCP, TCP_INQ, BOOL, "report the bytes still queued"),
	SET(IPPROTO_TCP, TCP_TX_DELAY, USEC, "delay what is sent, microseconds"),
	LATE(IPPROTO_TCP, TCP_ULP, TEXT, "upper layer protocol, name (tls)"),
	SET(IPPROTO_UDP, UDP_CORK, BOOL, "collect data into one datagram until it is off"),
	SET(IPPROTO_UDP, UDP_SEGMENT, INT, "cut each send into datagrams of so many bytes; 0: off"),
	SET(IPPROTO_UDP, UDP_GRO, BOOL, "receive several datagrams at once"),
	SET(IPPROTO_UDP, UDP_NO_CHECK6_TX, BOOL, "send over IPv6 without checksum"),
	SET(IPPROTO_UDP, UDP_NO_CHECK6_RX, BOOL, "take IPv6 datagrams without checksum"),
};
/* clang-format on */

const struct sockopt *
sockopt_table(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(options);
	return options;
}

/*
 * Names
 */

#define NAME_MAX_LEN 40

/* The name without the prefix of its level. */
static const char *
bare_name(const char *name)
{
	static const char *const prefixes[] = { "SO_", "TCP_", "UDP_", "IP_", "IPV6_" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t n = strlen(prefixes[i]);

		if (strncasecmp(name, prefixes[i], n) == 0)
			return name + n;
	}
	return name;
}

/* The option whose full name this is, or else the one whose bare name it is.
 * *ret_other: a second one of that bare name, or NULL. */
static const struct sockopt *
option_match(const char *name, const struct sockopt **ret_other)
{
	const struct sockopt *found = NULL;
	size_t i;

	*ret_other = NULL;
	for (i = 0; i < ARRAY_LEN(options); i++)
		if (strcasecmp(options[i].name, name) == 0)
			return &options[i];
	for (i = 0; i < ARRAY_LEN(options); i++) {
		if (strcasecmp(bare_name(options[i].name), name) != 0)
			continue;
		if (found == NULL)
			found = &options[i];
		else
			*ret_other = &options[i];
	}
	return found;
}

const struct sockopt *
sockopt_find(const char *name)
{
	const struct sockopt *other;
	const struct sockopt *found = option_match(name, &other);

	return other == NULL ? found : NULL;
}

/* The table's name that is nearest to the unknown one, or NULL: first among
 * the full names, then, for rcvbuff, among the bare ones. */
static const char *
option_nearest(const char *name)
{
	const char *full[ARRAY_LEN(options)], *bare[ARRAY_LEN(options)];
	char upper[NAME_MAX_LEN];
	const char *found;
	size_t i;

	if (strlen(name) >= sizeof(upper))
		return NULL;
	for (i = 0; name[i] != '\0'; i++)
		upper[i] = (char)toupper((unsigned char)name[i]);
	upper[i] = '\0';
	for (i = 0; i < ARRAY_LEN(options); i++) {
		full[i] = options[i].name;
		bare[i] = bare_name(options[i].name);
	}
	found = parse_nearest(upper, full, ARRAY_LEN(options));
	if (found != NULL)
		return found;
	found = parse_nearest(upper, bare, ARRAY_LEN(options));
	for (i = 0; i < ARRAY_LEN(options); i++)
		if (bare[i] == found)
			return options[i].name;
	return NULL;
}

static int
name_parse(const char *name, const struct sockopt **ret_opt, struct error *e)
{
	const struct sockopt *other;
	const struct sockopt *opt = option_match(name, &other);
	const char *nearest;

	if (other != NULL)
		return error_set(e, ERROR_USAGE, "socket option '%s' is ambiguous: %s or %s", name,
		    opt->name, other->name);
	if (opt == NULL) {
		nearest = option_nearest(name);
		if (nearest == NULL)
			return error_set(e, ERROR_USAGE, "unknown socket option '%s'", name);
		return error_set(e, ERROR_USAGE, "unknown socket option '%s', did you mean %s?",
		    name, nearest);
	}
	if (opt->read_only)
		return error_set(e, ERROR_USAGE, "socket option %s can only be read", opt->name);
	*ret_opt = opt;
	return 0;
}

/*
 * Values
 */

static void
put_value(struct sockopt_setting *s, const void *value, size_t n)
{
	memcpy(s->value, value, n);
	s->len = (socklen_t)n;
}

static void
put_int(struct sockopt_setting *s, int64_t number)
{
	/* Masks and rates are unsigned to the kernel, -1 is the same bits. */
	uint32_t value = (uint32_t)number;

	put_value(s, &value, sizeof(value));
}

static int
parse_number(const char *text, struct sockopt_setting *s, struct error *e)
{
	int64_t number;

	if (parse_int(text, INT32_MIN, UINT32_MAX, &number, e) < 0)
		return -1;
	put_int(s, number);
	return 0;
}

static int
parse_bytes(const char *text, struct sockopt_setting *s, struct error *e)
{
	uint64_t bytes;

	if (parse_size(text, &bytes, e) < 0)
		return -1;
	if (bytes > UINT32_MAX)
		return error_set(e, ERROR_USAGE, "'%s' is 4 GiB or more", text);
	put_int(s, (int64_t)bytes);
	return 0;
}

static int
parse_flag(const char *text, struct sockopt_setting *s, struct error *e)
{
	bool on;

	if (parse_bool(text, &on, e) < 0)
		return -1;
	put_int(s, on);
	return 0;
}

/* A duration in whole units (of `unit` nanoseconds) that fit an int. */
static int
parse_units(const char *text, int64_t unit, const char *unit_name, int *ret_n, struct error *e)
{
	int64_t duration;

	if (parse_duration(text, &duration, e) < 0)
		return -1;
	if (duration == DURATION_NONE || duration % unit != 0 || duration / unit > INT_MAX)
		return error_set(e, ERROR_USAGE, "'%s' is not a duration in whole %s", text,
		    unit_name);
	*ret_n = (int)(duration / unit);
	return 0;
}

static int
parse_duration_int(const char *text, enum sockopt_type type, struct sockopt_setting *s,
    struct error *e)
{
	int n, rc;

	if (type == SOCKOPT_SECONDS)
		rc = parse_units(text, NSEC_PER_SEC, "seconds", &n, e);
	else if (type == SOCKOPT_MSEC)
		rc = parse_units(text, NSEC_PER_MSEC, "milliseconds", &n, e);
	else
		rc = parse_units(text, 1000, "microseconds", &n, e);
	if (rc < 0)
		return -1;
	put_int(s, n);
	return 0;
}

static int
parse_minutes(const char *text, struct sockopt_setting *s, struct error *e)
{
	int64_t minutes;

	if (parse_int(text, 1, 120, &minutes, e) < 0)
		return -1;
	put_int(s, minutes);
	return 0;
}

static int
parse_timeval(const char *text, struct sockopt_setting *s, struct error *e)
{
	struct timeval tv = { 0, 0 }; /* for ever */
	int64_t duration;

	if (parse_duration(text, &duration, e) < 0)
		return -1;
	if (duration != DURATION_NONE) {
		/* Rounded up: a tiny time-out must not become none. */
		tv.tv_sec = (time_t)(duration / NSEC_PER_SEC);
		tv.tv_usec = (suseconds_t)((duration % NSEC_PER_SEC + 999) / 1000);
		if (tv.tv_usec == 1000000) {
			tv.tv_sec++;
			tv.tv_usec = 0;
		}
	}
	put_value(s, &tv, sizeof(tv));
	return 0;
}

static int
parse_linger(const char *text, struct sockopt_setting *s, struct error *e)
{
	struct linger linger = { .l_onoff = strcmp(text, "off") != 0 };

	if (linger.l_onoff && parse_units(text, NSEC_PER_SEC, "seconds", &linger.l_linger, e) < 0)
		return -1;
	put_value(s, &linger, sizeof(linger));
	return 0;
}

static int
parse_text(const char *text, struct sockopt_setting *s, struct error *e)
{
	size_t n = strlen(text);

	if (n >= sizeof(s->value))
		return error_set(e, ERROR_USAGE, "a name has at most %zu bytes",
		    sizeof(s->value) - 1);
	put_value(s, text, n);
	return 0;
}

static int
value_parse(const char *text, struct sockopt_setting *s, struct error *e)
{
	switch (s->opt->type) {
	case SOCKOPT_SIZE:
		return parse_bytes(text, s, e);
	case SOCKOPT_BOOL:
		return parse_flag(text, s, e);
	case SOCKOPT_SECONDS:
	case SOCKOPT_MSEC:
	case SOCKOPT_USEC:
		return parse_duration_int(text, s->opt->type, s, e);
	case SOCKOPT_TIMEVAL:
		return parse_timeval(text, s, e);
	case SOCKOPT_MINUTES:
		return parse_minutes(text, s, e);
	case SOCKOPT_LINGER:
		return parse_linger(text, s, e);
	case SOCKOPT_TEXT:
		return parse_text(text, s, e);
	case SOCKOPT_INT:
	case SOCKOPT_BYTES:
		break;
	}
	return parse_number(text, s, e);
}

/*
 * Settings
 */

/* "6" "tcp" "IPPROTO_TCP" "SOL_TCP" */
static int
level_parse(const char *text, int *ret_level, struct error *e)
{
	static const struct {
		const char *name;
		int level;
	} levels[] = {
		{ "socket", SOL_SOCKET },
		{ "ip", IPPROTO_IP },
		{ "ipv6", IPPROTO_IPV6 },
		{ "icmp", IPPROTO_ICMP },
		{ "icmpv6", IPPROTO_ICMPV6 },
		{ "tcp", IPPROTO_TCP },
		{ "udp", IPPROTO_UDP },
		{ "raw", IPPROTO_RAW },
	};
	const char *name = text;
	int64_t number;
	size_t i;

	if (strncasecmp(name, "SOL_", 4) == 0)
		name += 4;
	else if (strncasecmp(name, "IPPROTO_", 8) == 0)
		name += 8;
	for (i = 0; i < ARRAY_LEN(levels); i++) {
		if (strcasecmp(name, levels[i].name) == 0) {
			*ret_level = levels[i].level;
			return 0;
		}
	}
	if (parse_int(text, 0, INT_MAX, &number, NULL) < 0)
		return error_set(e, ERROR_USAGE,
		    "'%s' is not a level: a number, or socket, ip, ipv6, icmp, icmpv6, tcp, udp, "
		    "raw",
		    text);
	*ret_level = (int)number;
	return 0;
}

static int
hex_parse(const char *text, struct sockopt_setting *s, struct error *e)
{
	struct buf bytes;
	int rc;

	buf_init(&bytes, strlen(text));
	rc = parse_hex(text, &bytes, e);
	if (rc == 0 && bytes.len > sizeof(s->value))
		rc = error_set(e, ERROR_USAGE, "a value has at most %zu bytes", sizeof(s->value));
	else if (rc == 0 && bytes.len > 0)
		put_value(s, buf_head(&bytes), bytes.len);
	buf_fini(&bytes);
	return rc;
}

/* LEVEL:NUMBER=INT or LEVEL:NUMBER=hex:BYTES, already cut at ':' and '='. */
static int
raw_parse(const char *level, const char *option, const char *value, struct sockopt_setting *s,
    struct error *e)
{
	int64_t number;

	if (level_parse(level, &s->level, e) < 0 || parse_int(option, 0, INT_MAX, &number, e) < 0)
		return -1;
	s->number = (int)number;
	s->phase = PHASE_SOCKET;
	if (value == NULL)
		return error_set(e, ERROR_USAGE, "a value is missing (INT or hex:BYTES)");
	if (strncmp(value, "hex:", 4) == 0)
		return hex_parse(value + 4, s, e);
	return parse_number(value, s, e);
}

static int
named_parse(const char *name, const char *value, struct sockopt_setting *s, struct error *e)
{
	if (name_parse(name, &s->opt, e) < 0)
		return -1;
	s->level = s->opt->level;
	s->number = s->opt->number;
	s->phase = s->opt->phase;
	if (value == NULL && s->opt->type == SOCKOPT_BOOL)
		value = "1";
	if (value == NULL)
		return error_set(e, ERROR_USAGE, "socket option %s wants a value: %s", s->opt->name,
		    s->opt->help);
	if (value_parse(value, s, e) < 0)
		return error_prefix(e, "%s", s->opt->name);
	return 0;
}

int
sockopt_parse(const char *text, struct sockopt_setting *ret_setting, struct error *e)
{
	struct sockopt_setting s = { .opt = NULL };
	char name[NAME_MAX_LEN * 2];
	const char *equals = strchr(text, '=');
	size_t n = equals != NULL ? (size_t)(equals - text) : strlen(text);
	const char *value = equals != NULL ? equals + 1 : NULL;
	char *colon;

	if (n >= sizeof(name))
		return error_set(e, ERROR_USAGE, "unknown socket option '%.*s...'", NAME_MAX_LEN,
		    text);
	memcpy(name, text, n);
	name[n] = '\0';
	colon = strchr(name, ':');
	if (colon != NULL) {
		*colon = '\0';
		if (raw_parse(name, colon + 1, value, &s, e) < 0)
			return error_prefix(e, "socket option '%.*s'", (int)n, text);
	} else if (named_parse(name, value, &s, e) < 0) {
		return -1;
	}
	*ret_setting = s;
	return 0;
}

/*
 * The kernel
 */

int
sockopt_set_int(int fd, int level, int number, int value, const char *name, struct error *e)
{
	if (setsockopt(fd, level, number, &value, sizeof(value)) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "setsockopt %s", name);
	return 0;
}

int
sockopt_get_int(int fd, int level, int number, int *ret_value, const char *name, struct error *e)
{
	int value = 0;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, level, number, &value, &len) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "getsockopt %s", name);
	*ret_value = value;
	return 0;
}

/* The documents' one number for what Linux keeps in three options. */
static int
keepalive_apply(int fd, const struct sockopt_setting *s, struct error *e)
{
	const char *name = s->opt->name;
	int minutes;

	memcpy(&minutes, s->value, sizeof(minutes));
	if (sockopt_set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1, name, e) < 0 ||
	    sockopt_set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, minutes * 60, name, e) < 0 ||
	    sockopt_set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, minutes * 60, name, e) < 0)
		return -1;
	return 0;
}

static int
setting_apply(int fd, const struct sockopt_setting *s, struct error *e)
{
	if (s->opt != NULL && s->opt->type == SOCKOPT_MINUTES)
		return keepalive_apply(fd, s, e);
	if (setsockopt(fd, s->level, s->number, s->value, s->len) == 0)
		return 0;
	if (s->opt == NULL)
		return error_errno(e, ERROR_NETWORK, errno, "setsockopt %d:%d", s->level,
		    s->number);
	return error_errno(e, ERROR_NETWORK, errno, "setsockopt %s", s->opt->name);
}

int
sockopt_apply(int fd, const struct sockopt_setting *settings, size_t n, enum sockopt_phase phase,
    struct error *e)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (settings[i].phase == phase && setting_apply(fd, &settings[i], e) < 0)
			return -1;
	return 0;
}

/* In the largest unit that has no fraction. */
static int
format_usec(int64_t usec, struct buf *out, struct error *e)
{
	if (usec % 1000000 == 0)
		return buf_printf(out, e, "%" PRId64 "s", usec / 1000000);
	if (usec % 1000 == 0)
		return buf_printf(out, e, "%" PRId64 "ms", usec / 1000);
	return buf_printf(out, e, "%" PRId64 "us", usec);
}

static int
format_timeval(const void *value, struct buf *out, struct error *e)
{
	struct timeval tv;

	memcpy(&tv, value, sizeof(tv));
	if (tv.tv_sec == 0 && tv.tv_usec == 0)
		return buf_printf(out, e, "none");
	return format_usec((int64_t)tv.tv_sec * 1000000 + tv.tv_usec, out, e);
}

static int
format_linger(const void *value, struct buf *out, struct error *e)
{
	struct linger linger;

	memcpy(&linger, value, sizeof(linger));
	if (!linger.l_onoff)
		return buf_printf(out, e, "off");
	return buf_printf(out, e, "%ds", linger.l_linger);
}

/* SO_KEEPALIVE off is not told: this is the interval it would have. */
static int
format_int(enum sockopt_type type, int number, struct buf *out, struct error *e)
{
	switch (type) {
	case SOCKOPT_SIZE:
		return buf_printf(out, e, "%u", (unsigned)number);
	case SOCKOPT_BOOL:
		return buf_printf(out, e, "%d", number != 0);
	case SOCKOPT_SECONDS:
		return format_usec((int64_t)number * 1000000, out, e);
	case SOCKOPT_MSEC:
		return format_usec((int64_t)number * 1000, out, e);
	case SOCKOPT_USEC:
		return format_usec(number, out, e);
	case SOCKOPT_MINUTES:
		return buf_printf(out, e, "%d", number / 60);
	default:
		return buf_printf(out, e, "%d", number);
	}
}

int
sockopt_read(int fd, const struct sockopt *opt, struct buf *out, struct error *e)
{
	char value[SOCKOPT_VALUE_MAX] = { 0 };
	socklen_t len = sizeof(value);
	int number;

	if (opt->type != SOCKOPT_TEXT && opt->type != SOCKOPT_LINGER &&
	    opt->type != SOCKOPT_TIMEVAL) {
		if (sockopt_get_int(fd, opt->level, opt->number, &number, opt->name, e) < 0)
			return -1;
		return format_int(opt->type, number, out, e);
	}
	if (getsockopt(fd, opt->level, opt->number, value, &len) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "getsockopt %s", opt->name);
	if (opt->type == SOCKOPT_TIMEVAL)
		return format_timeval(value, out, e);
	if (opt->type == SOCKOPT_LINGER)
		return format_linger(value, out, e);
	return buf_append(out, value, strnlen(value, len), e);
}

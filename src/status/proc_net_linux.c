#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/parse.h"
#include "status/sock_diag.h"

/* A path of 108 bytes and the columns before it; all other lines are shorter. */
#define LINE_MAX_BYTES 512
#define READ_SIZE (128 * 1024)

/* ---- columns ---- */

/* Parses at most `most` digits at *at and moves *at past them. Returns false when there are
 * none or the value overflows. */
static bool
read_number(const char **at, unsigned base, size_t most, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t n = 0;
	int digit;

	while (n < most && (digit = parse_hex_digit(**at)) >= 0 && (unsigned)digit < base) {
		if (value > (UINT64_MAX - (unsigned)digit) / base)
			return false;
		value = value * base + (unsigned)digit;
		++*at;
		n++;
	}
	*ret_value = value;
	return n > 0;
}

/* Parses a number and the character that must follow. */
static bool
read_column(const char **at, unsigned base, char after, uint64_t *ret_value)
{
	if (!read_number(at, base, 20, ret_value) || **at != after)
		return false;
	if (after != '\0')
		++*at;
	return true;
}

static void
skip_spaces(const char **at)
{
	*at += strspn(*at, " ");
}

/* ---- TCP and UDP ---- */

/* The kernel prints an address as 32-bit words in its own byte order. */
static bool
read_address(const char **at, bool ipv6, uint32_t words[4])
{
	uint64_t word;

	for (size_t i = 0; i < (ipv6 ? 4 : 1); i++) {
		const char *start = *at;

		if (!read_number(at, 16, 8, &word) || *at - start != 8)
			return false;
		words[i] = (uint32_t)word;
	}
	return **at == ':' && (++*at, true);
}

static void
set_address(struct sockname *name, bool ipv6, const void *address, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	memset(name, 0, sizeof(*name));
	if (ipv6)
		memcpy(&in6.sin6_addr, address, sizeof(in6.sin6_addr));
	else
		memcpy(&in.sin_addr, address, sizeof(in.sin_addr));
	name->len = ipv6 ? sizeof(in6) : sizeof(in);
	memcpy(&name->storage, ipv6 ? (void *)&in6 : (void *)&in, name->len);
}

static bool
read_address_port(const char **at, bool ipv6, struct sockname *ret_name)
{
	uint32_t words[4];
	uint64_t port;

	if (!read_address(at, ipv6, words) || !read_number(at, 16, 4, &port) || **at != ' ')
		return false;
	skip_spaces(at);
	set_address(ret_name, ipv6, words, (uint16_t)port);
	return true;
}

/* Converts the row to IPv4 when a dual-stack socket has an IPv4 connection or a v4-mapped
 * address. */
static void
unmap_row(struct status_row *row)
{
	struct sockaddr_in6 local, peer;

	memcpy(&local, &row->local.storage, sizeof(local));
	memcpy(&peer, &row->peer.storage, sizeof(peer));
	if (!IN6_IS_ADDR_V4MAPPED(&local.sin6_addr) ||
	    !(IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr) || IN6_IS_ADDR_UNSPECIFIED(&peer.sin6_addr)))
		return;
	set_address(&row->local, false, &local.sin6_addr.s6_addr[12], ntohs(local.sin6_port));
	set_address(&row->peer, false, &peer.sin6_addr.s6_addr[12], ntohs(peer.sin6_port));
}

/* Parses " st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode". */
static bool
read_inet_columns(const char **at, struct status_row *row)
{
	uint64_t state, tx, rx, timer, when, unused, uid;

	if (!read_column(at, 16, ' ', &state) || !read_column(at, 16, ':', &tx) ||
	    !read_column(at, 16, ' ', &rx) || !read_column(at, 16, ':', &timer) ||
	    !read_column(at, 16, ' ', &when) || !read_column(at, 16, ' ', &unused))
		return false;
	skip_spaces(at);
	if (!read_column(at, 10, ' ', &uid))
		return false;
	skip_spaces(at);
	if (!read_column(at, 10, ' ', &unused) || !read_number(at, 10, 20, &row->inode))
		return false;
	row->code = status_code_of_linux(state < 16 ? (int)state : -1);
	row->wqueue = (uint32_t)tx;
	row->rqueue = (uint32_t)rx;
	row->uid = (uint32_t)uid;
	row->timer = timer < 16 ? (int)timer : 0;
	if (row->timer != 0)
		row->timer_left =
		    (int64_t)(when & INT32_MAX) * (NSEC_PER_SEC / sysconf(_SC_CLK_TCK));
	return true;
}

static int
parse_inet(const char *line, bool ipv6, struct status_row *row)
{
	uint64_t slot;

	skip_spaces(&line);
	if (!read_column(&line, 10, ':', &slot))
		return 0;
	skip_spaces(&line);
	if (!read_address_port(&line, ipv6, &row->local) ||
	    !read_address_port(&line, ipv6, &row->peer) || !read_inet_columns(&line, row))
		return 0;
	if (ipv6)
		unmap_row(row);
	return 1;
}

/* ---- unix ---- */

#define FLAG_LISTENS 0x10000 /* SO_ACCEPTCON in the kernel */
#define STATE_CONNECTED 3    /* SS_CONNECTED */

static void
set_path(const char *path, struct sockname *name)
{
	struct sockaddr_un *un = (struct sockaddr_un *)(void *)&name->storage;
	size_t len = strlen(path);

	if (len > sizeof(un->sun_path))
		len = sizeof(un->sun_path);
	memcpy(un->sun_path, path, len);
	if (len > 0 && path[0] == '@')
		un->sun_path[0] = '\0';
	/* getsockname(2) also counts the NUL after a path */
	if (len > 0 && path[0] != '@' && len < sizeof(un->sun_path))
		len++;
	name->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

/* Parses "Num: RefCount Protocol Flags Type St Inode Path". */
static int
parse_unix(const char *line, struct status_row *row)
{
	uint64_t slot, references, protocol, flags, type, state;

	if (!read_column(&line, 16, ':', &slot))
		return 0;
	skip_spaces(&line);
	if (!read_column(&line, 16, ' ', &references) || !read_column(&line, 16, ' ', &protocol) ||
	    !read_column(&line, 16, ' ', &flags) || !read_column(&line, 16, ' ', &type) ||
	    !read_column(&line, 16, ' ', &state))
		return 0;
	skip_spaces(&line);
	if (!read_number(&line, 10, 20, &row->inode))
		return 0;
	row->type = (int)(type & 0xf);
	row->code = state == STATE_CONNECTED ? TCP_CODE_ESTABLISHED : TCP_CODE_CLOSED;
	if ((flags & FLAG_LISTENS) != 0)
		row->code = TCP_CODE_LISTEN;
	row->local.sa.sa_family = row->peer.sa.sa_family = AF_UNIX;
	row->peer.len = offsetof(struct sockaddr_un, sun_path);
	set_path(line[0] == ' ' ? line + 1 : line, &row->local);
	return 1;
}

/* ---- files ---- */

int
proc_net_parse(const char *line, enum status_proto proto, bool ipv6, struct status_row *ret_row)
{
	memset(ret_row, 0, sizeof(*ret_row));
	ret_row->proto = proto;
	return proto == STATUS_UNIX ? parse_unix(line, ret_row) : parse_inet(line, ipv6, ret_row);
}

static bool
read_line(FILE *f, char *line, int size)
{
	while (fgets(line, size, f) == NULL) {
		if (!ferror(f) || errno != EINTR)
			return false;
		clearerr(f);
	}
	return true;
}

static void
read_lines(FILE *f, enum status_proto proto, bool ipv6, struct sock_diag_sink *sink)
{
	char line[LINE_MAX_BYTES];
	struct status_row row;

	while (sink->stopped == 0 && read_line(f, line, sizeof(line))) {
		line[strcspn(line, "\n")] = '\0';
		if (proc_net_parse(line, proto, ipv6, &row) == 1)
			sink->stopped = sink->fn(sink->arg, &row);
	}
}

/* A kernel without IPv6 has no files for it. */
static int
read_file(const char *path, enum status_proto proto, bool ipv6, struct sock_diag_sink *sink,
    struct error *e)
{
	FILE *f = fopen(path, "re");
	char *buffer;
	int failed;

	if (f == NULL)
		return ipv6 && errno == ENOENT
		    ? 0
		    : error_errno(e, ERROR_NETWORK, errno, "status: %s", path);
	/* a large buffer: at each read the kernel searches for its position again */
	buffer = malloc(READ_SIZE);
	if (buffer != NULL)
		setvbuf(f, buffer, _IOFBF, READ_SIZE);
	read_lines(f, proto, ipv6, sink);
	failed = ferror(f) ? errno : 0;
	fclose(f);
	free(buffer);
	return failed != 0 ? error_errno(e, ERROR_NETWORK, failed, "status: %s", path) : 0;
}

int
proc_net_each(enum status_proto proto, struct sock_diag_sink *sink, struct error *e)
{
	static const struct file {
		const char *path;
		enum status_proto proto;
		bool ipv6;
	} files[] = {
		{ "/proc/net/tcp", STATUS_TCP, false },
		{ "/proc/net/tcp6", STATUS_TCP, true },
		{ "/proc/net/udp", STATUS_UDP, false },
		{ "/proc/net/udp6", STATUS_UDP, true },
		{ "/proc/net/unix", STATUS_UNIX, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(files) && sink->stopped == 0; i++) {
		const struct file *f = &files[i];

		if (f->proto == proto && read_file(f->path, f->proto, f->ipv6, sink, e) == -1)
			return -1;
	}
	return sink->stopped;
}

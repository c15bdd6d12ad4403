#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "status/table.h"
#include "test.h"

/* ---- rows and filters ---- */

static struct sockname
ipv4(uint32_t address, uint16_t port)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&name.storage;

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(address);
	in->sin_port = htons(port);
	return name;
}

/* fe80::LAST%SCOPE */
static struct sockname
link_local(unsigned char last, uint32_t scope, uint16_t port)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in6) };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&name.storage;

	in6->sin6_family = AF_INET6;
	in6->sin6_addr.s6_addr[0] = 0xfe;
	in6->sin6_addr.s6_addr[1] = 0x80;
	in6->sin6_addr.s6_addr[15] = last;
	in6->sin6_scope_id = scope;
	in6->sin6_port = htons(port);
	return name;
}

static struct sockname
unix_path(const char *path)
{
	struct sockname name = { .len = 0 };
	struct sockaddr_un *un = (struct sockaddr_un *)(void *)&name.storage;

	un->sun_family = AF_UNIX;
	if (path == NULL) {
		name.len = offsetof(struct sockaddr_un, sun_path);
		return name;
	}
	strcpy(un->sun_path, path);
	name.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
	return name;
}

static struct status_row
tcp_row(struct sockname local, struct sockname peer)
{
	return (struct status_row){ .code = TCP_CODE_ESTABLISHED, .local = local, .peer = peer };
}

static struct status_filter
any(void)
{
	return (struct status_filter){ .protos = (1U << STATUS_PROTOS) - 1,
		.states = STATUS_ALL_STATES };
}

/* ---- tests ---- */

TEST("a range includes both of its bounds, for one address or for either")
{
	static const struct status_range range = { 100, 200 },
					 ranges[] = { { 1, 5 }, { 300, 300 } };
	static const struct {
		uint16_t port;
		bool in, in_list;
	} rows[] = { { 99, false, false }, { 100, true, false }, { 200, true, false },
		{ 201, false, false }, { 5, false, true }, { 300, false, true } };
	struct status_filter f;
	struct status_row row;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		row = tcp_row(ipv4(INADDR_LOOPBACK, rows[i].port), ipv4(INADDR_LOOPBACK, 9));
		f = any();
		f.local.ports = &range;
		f.local.n_ports = 1;
		check(status_match(&f, &row) == rows[i].in);
		f.local.ports = ranges;
		f.local.n_ports = 2;
		check(status_match(&f, &row) == rows[i].in_list);
		f = any();
		f.peer.ports = &range;
		f.peer.n_ports = 1;
		check(!status_match(&f, &row));
		f = any();
		f.ports = &range;
		f.n_ports = 1;
		check(status_match(&f, &row) == rows[i].in);
		row = tcp_row(row.peer, row.local);
		check(status_match(&f, &row) == rows[i].in);
	}
}

TEST("an address without a scope matches every interface, and other addresses do not")
{
	struct status_filter f = any();
	struct status_row row = tcp_row(link_local(1, 3, 80), link_local(2, 3, 81));
	struct sockname addresses[2];

	f.local.addresses = addresses;
	f.local.n_addresses = 1;
	f.local.addresses[0] = link_local(1, 0, 0);
	check(status_match(&f, &row));
	f.local.addresses[0] = link_local(1, 3, 0);
	check(status_match(&f, &row));
	f.local.addresses[0] = link_local(1, 4, 0);
	check(!status_match(&f, &row));
	f.local.addresses[0] = link_local(2, 3, 0);
	check(!status_match(&f, &row));
	f.local.addresses[0] = ipv4(INADDR_LOOPBACK, 0);
	check(!status_match(&f, &row));
	f.local.n_addresses = 2;
	f.local.addresses[1] = link_local(1, 0, 0);
	check(status_match(&f, &row));
	row.local = link_local(1, 0, 80);
	f.local.addresses[1] = link_local(1, 3, 0);
	check(status_match(&f, &row));
}

TEST("a path matches its socket only, and no socket with a port")
{
	struct status_filter f = any();
	struct status_row row = { .proto = STATUS_UNIX, .code = TCP_CODE_LISTEN };
	struct status_row tcp = tcp_row(ipv4(INADDR_LOOPBACK, 80), ipv4(INADDR_LOOPBACK, 9));
	const struct status_range range = { 1, 65535 };

	f.local.path = unix_path("/run/one");
	row.peer = unix_path(NULL);
	row.local = unix_path("/run/one");
	check(status_match(&f, &row));
	row.local = unix_path("/run/other");
	check(!status_match(&f, &row));
	row.local = unix_path(NULL);
	check(!status_match(&f, &row));
	check(!status_match(&f, &tcp));
	f = any();
	check(status_match(&f, &row));
	f.local.ports = &range;
	f.local.n_ports = 1;
	check(!status_match(&f, &row));
	check(status_match(&f, &tcp));
	f = any();
	f.ports = &range;
	f.n_ports = 1;
	check(!status_match(&f, &row));
	f = any();
	f.family = AF_INET6;
	check(status_match(&f, &row));
	check(!status_match(&f, &tcp));
}

TEST("protocols and states are those of the filter")
{
	struct status_filter f = any();
	struct status_row row = tcp_row(ipv4(INADDR_LOOPBACK, 80), ipv4(INADDR_LOOPBACK, 9));

	f.states = 1U << TCP_CODE_LISTEN;
	check(!status_match(&f, &row));
	f.states |= 1U << TCP_CODE_ESTABLISHED;
	check(status_match(&f, &row));
	f.protos = 1U << STATUS_UDP;
	check(!status_match(&f, &row));
	row.proto = STATUS_UDP;
	check(status_match(&f, &row));
}

TEST("a filter for one connection has one local and one peer address and port, of one family")
{
	static const struct status_range near = { 80, 80 }, far = { 9, 9 }, two = { 9, 10 },
					 zero = { 0, 0 };
	struct sockname local, peer, addresses[2], peer_addresses[2];
	struct status_filter f = any();

	f.local.addresses = addresses;
	f.peer.addresses = peer_addresses;
	f.local.addresses[0] = ipv4(INADDR_LOOPBACK, 0);
	f.peer.addresses[0] = ipv4(INADDR_LOOPBACK, 0);
	f.local.n_addresses = f.peer.n_addresses = f.local.n_ports = f.peer.n_ports = 1;
	f.local.ports = &near;
	f.peer.ports = &far;
	check(status_get_pair(&f, &local, &peer));
	check_int(sockname_port(&local), 80);
	check_int(sockname_port(&peer), 9);
	f.peer.ports = &two;
	check(!status_get_pair(&f, &local, &peer));
	f.peer.ports = &zero;
	check(!status_get_pair(&f, &local, &peer));
	f.peer.ports = &far;
	f.peer.addresses[0] = link_local(1, 0, 0);
	check(!status_get_pair(&f, &local, &peer));
	f.peer.addresses[0] = ipv4(INADDR_LOOPBACK, 0);
	f.peer.n_addresses = 2;
	check(!status_get_pair(&f, &local, &peer));
}

#include <netinet/in.h>
#include <string.h>

#include "status/table.h"

/* ---- local and peer conditions ---- */

/* Compares the addresses without the ports. */
static bool
addresses_equal(const struct sockname *a, const struct sockname *b)
{
	const struct sockaddr_in *a4 = (const struct sockaddr_in *)(const void *)&a->storage;
	const struct sockaddr_in *b4 = (const struct sockaddr_in *)(const void *)&b->storage;
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)(const void *)&a->storage;
	const struct sockaddr_in6 *b6 = (const struct sockaddr_in6 *)(const void *)&b->storage;

	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return IN6_ARE_ADDR_EQUAL(&a6->sin6_addr, &b6->sin6_addr) &&
	    (a6->sin6_scope_id == b6->sin6_scope_id || a6->sin6_scope_id == 0 ||
		b6->sin6_scope_id == 0);
}

static bool
in_ranges(const struct status_range *ranges, size_t n, uint16_t port)
{
	for (size_t i = 0; i < n; i++)
		if (ranges[i].lo <= port && port <= ranges[i].hi)
			return true;
	return n == 0;
}

static bool
match_address(const struct status_end *end, const struct sockname *name)
{
	for (size_t i = 0; i < end->n_addresses; i++)
		if (addresses_equal(&end->addresses[i], name))
			return true;
	return end->n_addresses == 0;
}

static bool
match_end(const struct status_end *end, const struct sockname *name)
{
	if (name->len == 0 || name->sa.sa_family == AF_UNIX) {
		if (end->n_addresses != 0 || end->n_ports != 0)
			return false;
		return end->path.len == 0 || (name->len != 0 && sockname_equal(&end->path, name));
	}
	return end->path.len == 0 && in_ranges(end->ports, end->n_ports, sockname_port(name)) &&
	    match_address(end, name);
}

static bool
match_family(const struct status_filter *f, const struct status_row *row)
{
	return f->family == AF_UNSPEC || row->proto == STATUS_UNIX ||
	    row->local.sa.sa_family == f->family;
}

static bool
match_ports(const struct status_filter *f, const struct status_row *row)
{
	if (f->n_ports == 0)
		return true;
	return row->proto != STATUS_UNIX &&
	    (in_ranges(f->ports, f->n_ports, sockname_port(&row->local)) ||
		in_ranges(f->ports, f->n_ports, sockname_port(&row->peer)));
}

bool
status_match(const struct status_filter *f, const struct status_row *row)
{
	return (f->protos & 1U << row->proto) != 0 && (f->states & 1U << row->code) != 0 &&
	    match_family(f, row) && match_ports(f, row) && match_end(&f->local, &row->local) &&
	    match_end(&f->peer, &row->peer);
}

/* ---- one connection ---- */

static bool
get_single_end(const struct status_end *end, struct sockname *ret_name)
{
	if (end->n_addresses != 1 || end->n_ports != 1 || end->ports[0].lo != end->ports[0].hi ||
	    end->ports[0].lo == 0)
		return false;
	*ret_name = end->addresses[0];
	sockname_set_port(ret_name, end->ports[0].lo);
	return true;
}

bool
status_get_pair(const struct status_filter *f, struct sockname *ret_local,
    struct sockname *ret_peer)
{
	return get_single_end(&f->local, ret_local) && get_single_end(&f->peer, ret_peer) &&
	    ret_local->sa.sa_family == ret_peer->sa.sa_family;
}

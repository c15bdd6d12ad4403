#include <arpa/inet.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "base/error.h"
#include "base/parse.h"
#include "net/sockopt/value.h"

/* A parsed [SOURCE@]GROUP[%IF]. */
struct group {
	struct sockaddr_storage group, source;
	bool sourced;
	unsigned index; /* 0: the kernel chooses an interface by its routes */
};

/* Finds the interface that has an IPv4 address. */
static bool
find_interface(struct in_addr address, unsigned *ret_index)
{
	struct ifaddrs *list, *i;

	*ret_index = 0;
	if (address.s_addr == htonl(INADDR_ANY))
		return true;
	if (getifaddrs(&list) != 0)
		return false;
	for (i = list; i != NULL && *ret_index == 0; i = i->ifa_next)
		if (i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET &&
		    ((const struct sockaddr_in *)(const void *)i->ifa_addr)->sin_addr.s_addr ==
			address.s_addr)
			*ret_index = if_nametoindex(i->ifa_name);
	freeifaddrs(list);
	return *ret_index != 0;
}

static int
interface_index(const char *text, unsigned *ret_index, struct error *e)
{
	struct in_addr address;
	int64_t number;

	*ret_index = if_nametoindex(text);
	if (*ret_index != 0 ||
	    (inet_pton(AF_INET, text, &address) == 1 && find_interface(address, ret_index)))
		return 0;
	if (parse_int(text, 0, INT_MAX, &number, NULL) < 0)
		return error_set(e, ERROR_USAGE, "there is no interface '%.200s'", text);
	*ret_index = (unsigned)number;
	return 0;
}

int
sockopt_interface_parse(const char *text, struct sockopt_setting *s, struct error *e)
{
	struct ip_mreqn by_ip = { .imr_ifindex = 0 };
	uint32_t value;
	unsigned index;

	if (s->opt->type == SOCKOPT_INTERFACE_IP &&
	    inet_pton(AF_INET, text, &by_ip.imr_address) == 1) {
		index = 0;
	} else if (interface_index(text, &index, e) < 0) {
		return -1;
	}
	if (s->opt->type == SOCKOPT_INTERFACE_IP) {
		by_ip.imr_ifindex = (int)index;
		memcpy(s->value, &by_ip, sizeof(by_ip));
		s->len = sizeof(by_ip);
		return 0;
	}
	value = s->opt->type == SOCKOPT_INTERFACE_BE ? htonl(index) : index;
	memcpy(s->value, &value, sizeof(value));
	s->len = sizeof(value);
	return 0;
}

/* ---- groups ---- */

static int
address_parse(const char *text, size_t n, struct sockaddr_storage *ret_address, struct error *e)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ret_address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret_address;
	char copy[INET6_ADDRSTRLEN];

	memset(ret_address, 0, sizeof(*ret_address));
	if (n >= sizeof(copy))
		return error_set(e, ERROR_USAGE, "'%.200s' is no address", text);
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (inet_pton(AF_INET, copy, &in->sin_addr) == 1)
		ret_address->ss_family = AF_INET;
	else if (inet_pton(AF_INET6, copy, &in6->sin6_addr) == 1)
		ret_address->ss_family = AF_INET6;
	else
		return error_set(e, ERROR_USAGE, "'%s' is no address", copy);
	return 0;
}

static bool
is_multicast_address(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;

	if (address->ss_family == AF_INET)
		return IN_MULTICAST(ntohl(in->sin_addr.s_addr));
	return IN6_IS_ADDR_MULTICAST(&in6->sin6_addr);
}

static int
group_parse(const char *text, struct group *g, struct error *e)
{
	const char *at = strchr(text, '@'), *group = at != NULL ? at + 1 : text;
	const char *percent = strchr(group, '%');
	size_t n = percent != NULL ? (size_t)(percent - group) : strlen(group);

	*g = (struct group){ .sourced = at != NULL };
	if (at != NULL && address_parse(text, (size_t)(at - text), &g->source, e) < 0)
		return -1;
	if (address_parse(group, n, &g->group, e) < 0)
		return -1;
	if (at != NULL && g->source.ss_family != g->group.ss_family)
		return error_set(e, ERROR_USAGE, "'%.200s': source and group are of two families",
		    text);
	return percent != NULL ? interface_index(percent + 1, &g->index, e) : 0;
}

/* ---- values for the kernel (ip(7), ipv6(7), RFC 3678) ---- */

/* Returns the first IPv4 address of an interface; INADDR_ANY when it has none. */
static struct in_addr
interface_address(unsigned index)
{
	struct in_addr found = { .s_addr = htonl(INADDR_ANY) };
	struct ifaddrs *list, *i;

	if (index == 0 || getifaddrs(&list) != 0)
		return found;
	for (i = list; i != NULL; i = i->ifa_next) {
		if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET ||
		    if_nametoindex(i->ifa_name) != index)
			continue;
		found = ((const struct sockaddr_in *)(const void *)i->ifa_addr)->sin_addr;
		break;
	}
	freeifaddrs(list);
	return found;
}

static void
set_ip_group(const struct group *g, struct sockopt_setting *s)
{
	struct in_addr group = ((const struct sockaddr_in *)&g->group)->sin_addr;
	struct ip_mreqn any = { .imr_multiaddr = group, .imr_ifindex = (int)g->index };
	struct ip_mreq_source one = { .imr_multiaddr = group,
		.imr_interface = interface_address(g->index),
		.imr_sourceaddr = ((const struct sockaddr_in *)&g->source)->sin_addr };

	if (g->sourced)
		sockopt_value_set(s, &one, sizeof(one));
	else
		sockopt_value_set(s, &any, sizeof(any));
}

static void
set_ipv6_group(const struct group *g, struct sockopt_setting *s)
{
	struct ipv6_mreq any = {
		.ipv6mr_multiaddr = ((const struct sockaddr_in6 *)&g->group)->sin6_addr,
		.ipv6mr_interface = g->index,
	};

	sockopt_value_set(s, &any, sizeof(any));
}

static void
set_group_req(const struct group *g, struct sockopt_setting *s)
{
	struct group_source_req one;
	struct group_req any;

	/* the kernel also copies the padding between the members */
	memset(&one, 0, sizeof(one));
	memset(&any, 0, sizeof(any));
	any.gr_interface = one.gsr_interface = g->index;
	any.gr_group = one.gsr_group = g->group;
	one.gsr_source = g->source;
	s->level = g->group.ss_family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
	if (g->sourced)
		sockopt_value_set(s, &one, sizeof(one));
	else
		sockopt_value_set(s, &any, sizeof(any));
}

static bool
takes_group_req(const struct sockopt *opt)
{
	return opt->number >= MCAST_JOIN_GROUP && opt->number <= MCAST_LEAVE_SOURCE_GROUP;
}

static bool
wants_source(const struct sockopt *opt)
{
	if (opt->level != IPPROTO_IP)
		return false;
	switch (opt->number) {
	case IP_ADD_MEMBERSHIP:
	case IP_DROP_MEMBERSHIP:
	case MCAST_JOIN_GROUP:
	case MCAST_LEAVE_GROUP:
		return false;
	default:
		return true;
	}
}

static int
group_check(const struct group *g, const char *text, const struct sockopt *opt, struct error *e)
{
	bool anycast = opt->level == IPPROTO_IPV6 &&
	    (opt->number == IPV6_JOIN_ANYCAST || opt->number == IPV6_LEAVE_ANYCAST);

	if (g->sourced != wants_source(opt))
		return error_set(e, ERROR_USAGE, "'%.200s' is not %sGROUP[%%IF]", text,
		    wants_source(opt) ? "SOURCE@" : "");
	if (!anycast && !is_multicast_address(&g->group))
		return error_set(e, ERROR_USAGE, "'%.200s' is no multicast group", text);
	if (opt->level == IPPROTO_IPV6 ? g->group.ss_family != AF_INET6
				       : !takes_group_req(opt) && g->group.ss_family != AF_INET)
		return error_set(e, ERROR_USAGE, "'%.200s': address family mismatch", text);
	return 0;
}

int
sockopt_group_parse(const char *text, struct sockopt_setting *s, struct error *e)
{
	struct group g;

	if (group_parse(text, &g, e) < 0 || group_check(&g, text, s->opt, e) < 0)
		return -1;
	if (s->opt->level == IPPROTO_IPV6)
		set_ipv6_group(&g, s);
	else if (takes_group_req(s->opt))
		set_group_req(&g, s);
	else
		set_ip_group(&g, s);
	return 0;
}

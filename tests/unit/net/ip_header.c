#include "net/sockopt/ip_header.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "test.h"

static int
tos_of(const char *text)
{
	struct error e = { 0 };
	int tos = -1;

	if (ip_header_parse_tos(text, &tos, &e) < 0)
		check_int(e.code, ERROR_USAGE);
	return tos;
}

TEST("words, numbers and hexadecimal numbers are types of service")
{
	check_int(tos_of("lowdelay"), 0x10);
	check_int(tos_of("ef"), 0xb8);
	check_int(tos_of("af43"), 0x98);
	check_int(tos_of("cs7"), 0xe0);
	check_int(tos_of("0"), 0);
	check_int(tos_of("255"), 255);
	check_int(tos_of("0x28"), 0x28);
	check_int(tos_of("256"), -1);
	check_int(tos_of("0x100"), -1);
	check_int(tos_of("0x"), -1);
	check_int(tos_of("af44"), -1);
	check_int(tos_of(""), -1);
}

static int
value_of(int fd, int level, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	check_int(getsockopt(fd, level, option, &value, &len), 0);
	return value;
}

TEST("each option is set by the family of the socket")
{
	const struct ip_header o = { .ttl = 9, .min_ttl = 3, .tos = 0x10 };
	struct error e = { 0 };
	int v4 = socket(AF_INET, SOCK_STREAM, 0), v6 = socket(AF_INET6, SOCK_STREAM, 0);

	check_int(ip_header_set(v4, AF_INET, &o, &e), 0);
	check_int(value_of(v4, IPPROTO_IP, IP_TTL), 9);
	check_int(value_of(v4, IPPROTO_IP, IP_MINTTL), 3);
	check_int(value_of(v4, IPPROTO_IP, IP_TOS), 0x10);
	check_int(ip_header_set(v6, AF_INET6, &o, &e), 0);
	check_int(value_of(v6, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 9);
	check_int(value_of(v6, IPPROTO_IPV6, IPV6_MINHOPCOUNT), 3);
	check_int(value_of(v6, IPPROTO_IPV6, IPV6_TCLASS), 0x10);
	close(v4);
	close(v6);
}

TEST("other families have none")
{
	const struct ip_header o = { .ttl = 9 };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	check_int(ip_header_set(fd, AF_UNIX, &o, NULL), 0);
	close(fd);
}

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error.h"
#include "net/proto.h"
#include "test.h"

static int
parsed(const char *text)
{
	struct error e = { .text = "" };
	int proto = -2;

	return proto_parse(text, &proto, &e) == 0 ? proto : -1;
}

TEST("the protocols of the manual are known without a file")
{
	check_int(parsed("tcp"), IPPROTO_TCP);
	check_int(parsed("udp"), IPPROTO_UDP);
	check_int(parsed("udplite"), IPPROTO_UDPLITE);
	check_int(parsed("icmp"), IPPROTO_ICMP);
	check_int(parsed("icmpv6"), IPPROTO_ICMPV6);
	check_int(parsed("sctp"), IPPROTO_SCTP);
	check_int(parsed("mptcp"), IPPROTO_MPTCP);
}

TEST("a protocol can be a number of one byte")
{
	check_int(parsed("0"), 0);
	check_int(parsed("47"), 47);
	check_int(parsed("255"), 255);
	check_int(parsed("256"), -1);
	check_int(parsed("-1"), -1);
	check_int(parsed("07"), -1);
	check_int(parsed("6x"), -1);
}

TEST("an unknown protocol is an error that names it")
{
	struct error e = { .text = "" };
	int proto = 7;

	check_int(proto_parse("nosuch", &proto, &e), -1);
	check_int(e.code, ERROR_USAGE);
	check_str(e.text, "'nosuch' is no protocol and no number (0-255)");
	check_int(proto, 7);
	check_int(parsed(""), -1);
}

TEST("protocols with one type of socket have that type")
{
	check_int(proto_type(IPPROTO_TCP), SOCK_STREAM);
	check_int(proto_type(IPPROTO_UDPLITE), SOCK_DGRAM);
	check_int(proto_type(IPPROTO_ICMP), 0);
	check_int(proto_type(253), 0);
}

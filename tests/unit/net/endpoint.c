#include "net/endpoint.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/can.h>
#include <linux/vm_sockets.h>

#include "base/error.h"
#include "net/sys.h"
#include "test.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static struct endpoint ep;
static struct error error;

static int
parse(const char *word, const char *port)
{
	memset(&ep, 0, sizeof(ep));
	memset(&error, 0, sizeof(error));
	return endpoint_parse(word, port, &ep, &error);
}

static struct sockname
inet_name(const char *address, uint16_t port)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&name.storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&name.storage;

	if (inet_pton(AF_INET, address, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
	} else {
		inet_pton(AF_INET6, address, &in6->sin6_addr);
		in6->sin6_family = AF_INET6;
		name.len = sizeof(*in6);
	}
	sockname_set_port(&name, port);
	return name;
}

static const char *
shown(const struct sockname *name)
{
	static char text[SOCKNAME_TEXT_MAX];

	return sockname_format(name, text, sizeof(text));
}

static const char *
host_shown(const struct sockname *name)
{
	static char text[SOCKNAME_TEXT_MAX];

	return sockname_host(name, text, sizeof(text));
}

TEST("every form of host and port is parsed")
{
	static const struct {
		const char *word, *port, *want_host, *want_port;
	} cases[] = {
		{ "localhost:80", NULL, "localhost", "80" },
		{ "localhost", "80", "localhost", "80" },
		{ "localhost", NULL, "localhost", "" },
		{ "1.2.3.4:0", NULL, "1.2.3.4", "0" },
		{ "1.2.3.4.5:65535", NULL, "1.2.3.4.5", "65535" },
		{ "[::1]:80", NULL, "::1", "80" },
		{ "[::1]", NULL, "::1", "" },
		{ "[::1]", "80", "::1", "80" },
		{ "::1", "80", "::1", "80" },
		{ "::", "80", "::", "80" },
		{ "[fe80::1%eth0]:80", NULL, "fe80::1%eth0", "80" },
		{ "fe80::1%2", "80", "fe80::1%2", "80" },
		{ ":80", NULL, "", "80" },
		{ "*:80", NULL, "", "80" },
		{ "*", "80", "", "80" },
		{ "*", NULL, "", "" },
		{ "", "80", "", "80" },
		{ "80", NULL, "", "80" },
		{ "22,80,8000-8010", NULL, "", "22,80,8000-8010" },
		{ "host:22,http,8000-8010", NULL, "host", "22,http,8000-8010" },
		{ "host:http-alt", NULL, "host", "http-alt" },
		{ "my_host-1.example.org.", "https", "my_host-1.example.org.", "https" },
		{ "8080", "80", "8080", "80" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		check_int(parse(cases[i].word, cases[i].port), 0);
		check_int(ep.kind, ENDPOINT_INET);
		check_int(ep.transport, TRANSPORT_NONE);
		check_str(ep.host, cases[i].want_host);
		check_str(ep.port, cases[i].want_port);
		check_str(error.text, "");
	}
}

TEST("a transport may come first, with or without slashes")
{
	static const struct {
		const char *word;
		enum transport transport;
		const char *want;
	} cases[] = {
		{ "tcp:host:80", TRANSPORT_TCP, "tcp:host:80" },
		{ "udp:80", TRANSPORT_UDP, "udp:*:80" },
		{ "tls://host:443", TRANSPORT_TLS, "tls:host:443" },
		{ "ws://host", TRANSPORT_WS, "ws://host:80/" },
		{ "wss://[::1]/a?b", TRANSPORT_WSS, "wss://[::1]:443/a?b" },
		{ "ws://host:8080/", TRANSPORT_WS, "ws://host:8080/" },
		{ "dtls:[::1]:443", TRANSPORT_DTLS, "dtls:[::1]:443" },
		{ "udp:/tmp/x", TRANSPORT_UDP, "udp:unix:/tmp/x" },
		{ "tls:unix:@x", TRANSPORT_TLS, "tls:unix:@x" },
		{ "udp:///tmp/x", TRANSPORT_UDP, "udp:unix:/tmp/x" },
	};
	char text[SOCKNAME_TEXT_MAX];
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		check_int(parse(cases[i].word, NULL), 0);
		check_int(ep.transport, cases[i].transport);
		check_str(endpoint_format(&ep, text, sizeof(text)), cases[i].want);
	}
	check_int(parse("udp:localhost", "53"), 0);
	check_int(ep.transport, TRANSPORT_UDP);
	check_str(ep.host, "localhost");
}

TEST("unix, vsock, fd and can addresses are parsed")
{
	check_int(parse("unix:/tmp/x y", NULL), 0);
	check_int(ep.kind, ENDPOINT_UNIX);
	check(!ep.abstract);
	check_mem(ep.path, ep.path_len, "/tmp/x y", 8);
	check_int(parse("unix:relative", NULL), 0);
	check_str(ep.path, "relative");
	check_int(parse("./a:b", NULL), 0);
	check_str(ep.path, "./a:b");
	check_int(parse("../a", NULL), 0);
	check_str(ep.path, "../a");
	check_int(parse("unix:@name", NULL), 0);
	check(ep.abstract);
	check_mem(ep.path, ep.path_len, "name", 4);

	check_int(parse("vsock:2:4294967295", NULL), 0);
	check_int(ep.kind, ENDPOINT_VSOCK);
	check_int(ep.cid, 2);
	check_str(ep.port, "4294967295");
	check_int(parse("vsock:*:80", NULL), 0);
	check_int(ep.cid, VMADDR_CID_ANY);

	check_int(parse("fd:3", NULL), 0);
	check_int(ep.kind, ENDPOINT_FD);
	check_int(ep.fd, 3);

	check_int(parse("can:vcan0", NULL), 0);
	check_int(ep.kind, ENDPOINT_CAN);
	check_str(ep.host, "vcan0");
	check_int(parse("can:*", NULL), 0);
	check_str(ep.host, "");

	check_int(parse("systemd:", NULL), 0);
	check_int(ep.kind, ENDPOINT_SYSTEMD);
	check_str(ep.host, "");
	check_int(parse("tls:systemd:web", NULL), 0);
	check_int(ep.kind, ENDPOINT_SYSTEMD);
	check_str(ep.host, "web");
}

TEST("an invalid address is an error that names the fault")
{
	static const struct {
		const char *word, *port, *text;
	} cases[] = {
		{ "", NULL, "the address is missing" },
		{ "tcp:", NULL, "the address is missing" },
		{ "[::1", NULL, "'[::1' lacks its ']'" },
		{ "[::1]80", NULL, "'[::1]80': ':PORT' must follow the ']'" },
		{ "[host]:80", NULL, "'[host]:80': 'host' is not an IPv6 address" },
		{ "[]:80", NULL, "'[]:80': '' is not an IPv6 address" },
		{ "[::1%]:80", NULL, "'[::1%]:80': '::1%' is not an IPv6 address" },
		{ "fe80::1:80", NULL, "'fe80::1:80' is ambiguous: write [fe80::1]:80" },
		{ "::1", NULL, "'::1' lacks brackets: write [::1]:PORT" },
		{ "a:b:80", NULL, "'a:b:80' has too many colons: write HOST:PORT or [IPV6]:PORT" },
		{ "ftp://host/a", NULL, "'ftp://host/a' is a URL: an address is HOST:PORT" },
		{ "http://[::1]:80", NULL, "'http://[::1]:80' is a URL: an address is HOST:PORT" },
		{ "host:", NULL, "'host:': a port is missing" },
		{ ":", NULL, "':': a port is missing" },
		{ "host", "", "a port is missing" },
		{ "host:99999", NULL, "'host:99999': port 99999 is not in 0-65535" },
		{ "99999", NULL, "port 99999 is not in 0-65535" },
		{ "host", "65536", "port 65536 is not in 0-65535" },
		{ "host:080", NULL, "'host:080': port 080 has a leading zero" },
		{ "host:080x", NULL,
		    "'host:080x': port 080x is neither a number (0-65535) nor a service name" },
		{ "host:-1", NULL,
		    "'host:-1': port -1 is neither a number (0-65535) nor a service name" },
		{ "host:+1", NULL,
		    "'host:+1': port +1 is neither a number (0-65535) nor a service name" },
		{ "host:22,,80", NULL, "'host:22,,80': a port is missing" },
		{ "host:22,", NULL, "'host:22,': a port is missing" },
		{ "host:80-22", NULL, "'host:80-22': port range 80-22: start is greater than end" },
		{ "host:80-", NULL, "'host:80-': a port is missing" },
		{ "host:1-2-3", NULL,
		    "'host:1-2-3': port 2-3 is neither a number (0-65535) nor a service name" },
		{ "host:80", "90",
		    "'host:80' is neither a host name nor an IPv6 address, and a port follows" },
		{ "[::1]:80", "90", "'[::1]:80' is more than a host, and a port follows" },
		{ "a b:80", NULL, "'a b' is not a host name" },
		{ "a/b:80", NULL, "'a/b' is not a host name" },
		{ "unix:", NULL, "'unix:': the path is missing" },
		{ "unix:@", NULL, "'unix:@': the path is missing" },
		{ "/tmp/x", "80", "'/tmp/x' takes no port, but '80' follows" },
		{ "vsock:2", NULL, "'vsock:2': a vsock address is vsock:CID:PORT" },
		{ "fd:", NULL, "'fd:': '' is not a number (0-2147483647)" },
		{ "fd:-1", NULL, "'fd:-1': '-1' is not a number (0-2147483647)" },
		{ "can:", NULL, "'can:': the interface is missing" },
		{ "can:0123456789abcdef", NULL,
		    "'can:0123456789abcdef': an interface name has at most 15 characters" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		check_int(parse(cases[i].word, cases[i].port), -1);
		check_int(error.code, ERROR_USAGE);
		check_str(error.text, cases[i].text);
	}
}

TEST("host names, port lists and unix paths are accepted up to their limits")
{
	char word[600];

	memset(word, 'a', sizeof(word));
	word[255] = '\0';
	check_int(parse(word, "80"), 0);
	check_int((int)strlen(ep.host), 255);
	word[255] = 'a';
	word[256] = '\0';
	check_int(parse(word, "80"), -1);
	check(strstr(error.text, "too long for a host name (256 bytes, at most 255)") != NULL);

	memcpy(word, "/", 1);
	word[107] = '\0';
	check_int(parse(word, NULL), 0);
	check_int((int)ep.path_len, 107);
	word[107] = 'a';
	word[108] = '\0';
	check_int(parse(word, NULL), -1);
	check(strstr(error.text,
		  "a path of 108 bytes is too long for a unix socket (at most 107)") != NULL);

	for (size_t i = 0; i < 300; i++)
		word[i] = i % 2 == 0 ? '1' : ',';
	word[255] = '\0';
	check_int(parse("h", word), 0);
	word[255] = ',';
	word[257] = '\0';
	check_int(parse("h", word), -1);
	check_str(error.text, "a port list of 257 characters is too long (at most 255)");
	memset(word, '1', 599);
	word[599] = '\0';
	check_int(parse("h", word), -1);
	check_str(error.text, "a port of 599 characters is too long");
}

TEST("a failed parse leaves the endpoint untouched, and works without an error")
{
	check_int(parse("host:80", NULL), 0);
	check_int(endpoint_parse("other:x_y", NULL, &ep, NULL), -1);
	check_str(ep.host, "host");
}

TEST("a host that is named like a form or a transport stays a host")
{
	static const char *const hosts[] = { "unix", "fd", "can", "vsock", "tcp", "udp", "tls",
		"dtls" };
	struct endpoint again;
	char text[64];

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		check_int(endpoint_parse(hosts[i], "80", &ep, NULL), 0);
		endpoint_format(&ep, text, sizeof(text));
		check_int(endpoint_parse(text, NULL, &again, NULL), 0);
		check_int(again.kind, ENDPOINT_INET);
		check_str(again.host, hosts[i]);
		check_str(again.port, "80");
	}
	check_int(endpoint_parse("[host]:80", NULL, &ep, NULL), -1);
}

/* What a name beyond ASCII becomes may be digits: a soft hyphen is left out. */
TEST("a host that is a port as a word stays a host")
{
	static const char *const hosts[] = { "1", "22,80", "1-2" };
	char text[64], want[64];

	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		snprintf(want, sizeof(want), "[%s]", hosts[i]);
		require(endpoint_parse(want, NULL, &ep, NULL) == 0);
		check_str(ep.host, hosts[i]);
		check_str(ep.port, "");
		check_str(endpoint_format(&ep, text, sizeof(text)), want);
	}
}

TEST("the well-known vsock addresses have names")
{
	check_int(endpoint_parse("vsock:any:80", NULL, &ep, NULL), 0);
	check_int(ep.cid, UINT32_MAX);
	check_int(endpoint_parse("vsock:local:80", NULL, &ep, NULL), 0);
	check_int(ep.cid, 1);
	check_int(endpoint_parse("vsock:host:80", NULL, &ep, NULL), 0);
	check_int(ep.cid, 2);
	check_int(endpoint_parse("vsock:guest:80", NULL, &ep, NULL), -1);
}

TEST("endpoint_parse accepts what endpoint_format writes")
{
	static const char *const words[] = { "host:80", "[::1]:80", "[fe80::1%eth0]:22,80-90",
		"*:0", "host", "[::1]", "*", "unix:/a/b", "unix:@abstract", "unix:rel",
		"vsock:2:1024", "vsock:*:80", "fd:0", "can:vcan0", "can:*", "tls:host:https",
		"udp:unix:/x" };
	char text[SOCKNAME_TEXT_MAX];
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		check_int(parse(words[i], NULL), 0);
		check_str(endpoint_format(&ep, text, sizeof(text)), words[i]);
	}
}

TEST("socket addresses are shown as endpoints are written")
{
	struct sockname name = inet_name("127.0.0.1", 80);

	check_str(shown(&name), "127.0.0.1:80");
	check_str(host_shown(&name), "127.0.0.1");
	check_int(sockname_port(&name), 80);
	name = inet_name("::1", 65535);
	check_str(shown(&name), "[::1]:65535");
	check_str(host_shown(&name), "::1");
	check_int(sockname_port(&name), 65535);
	name = inet_name("::ffff:1.2.3.4", 80);
	check_str(shown(&name), "1.2.3.4:80");
	check_str(host_shown(&name), "1.2.3.4");
}

TEST("an IPv6 zone is shown as the name of its interface")
{
	struct sockname name = inet_name("fe80::1", 80);
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&name.storage;

	in6->sin6_scope_id = 999999;
	check_str(shown(&name), "[fe80::1%999999]:80");
	in6->sin6_scope_id = if_nametoindex("lo");
	if (in6->sin6_scope_id == 0)
		skip("no interface lo");
	check_str(shown(&name), "[fe80::1%lo]:80");
}

TEST("unix addresses are shown with their kind")
{
	struct sockname name;
	struct sockaddr_un *un = (struct sockaddr_un *)(void *)&name.storage;

	check_int(parse("unix:/tmp/x", NULL), 0);
	check_int(sockname_unix(&ep, &name, &error), 0);
	check_int(name.len, offsetof(struct sockaddr_un, sun_path) + 7);
	check_str(shown(&name), "unix:/tmp/x");
	check_str(host_shown(&name), "/tmp/x");
	check_int(sockname_port(&name), 0);

	check_int(parse("unix:@name", NULL), 0);
	check_int(sockname_unix(&ep, &name, &error), 0);
	check_int(name.len, offsetof(struct sockaddr_un, sun_path) + 5);
	check_int(un->sun_path[0], 0);
	check_str(shown(&name), "unix:@name");
	memcpy(un->sun_path, "\0a\0b\033c", 6);
	name.len = offsetof(struct sockaddr_un, sun_path) + 6;
	check_str(shown(&name), "unix:@a@b?c");

	name.len = sizeof(sa_family_t);
	check_str(shown(&name), "unix:");
	check_str(host_shown(&name), "");
}

TEST("a path that fills sun_path to its last byte is shown whole")
{
	struct sockname name = { .len = sizeof(struct sockaddr_un) };
	struct sockaddr_un *un = (struct sockaddr_un *)(void *)&name.storage;

	un->sun_family = AF_UNIX;
	memset(un->sun_path, 'x', sizeof(un->sun_path));
	check_int((int)strlen(host_shown(&name)), sizeof(un->sun_path));
}

TEST("other families are shown too")
{
	struct sockname name = { .len = sizeof(struct sockaddr_vm) };
	struct sockaddr_vm *vm = (struct sockaddr_vm *)(void *)&name.storage;
	struct sockaddr_can *can = (struct sockaddr_can *)(void *)&name.storage;

	vm->svm_family = AF_VSOCK;
	vm->svm_cid = 2;
	vm->svm_port = 80;
	check_str(shown(&name), "vsock:2:80");
	vm->svm_cid = VMADDR_CID_ANY;
	check_str(shown(&name), "vsock:*:80");

	memset(&name.storage, 0, sizeof(name.storage));
	can->can_family = AF_CAN;
	check_str(shown(&name), "can:*");
	can->can_ifindex = 999999;
	check_str(shown(&name), "can:999999");

	name.storage.ss_family = 250;
	check_str(shown(&name), "family 250");
	name.len = 0;
	check_str(shown(&name), "family 0");
}

TEST("addresses are equal by family, address, zone and port")
{
	struct sockname a = inet_name("127.0.0.1", 80), b = inet_name("127.0.0.1", 80);

	memset((char *)&a.storage + 8, 0x55, 8); /* sin_zero */
	check(sockname_equal(&a, &b));
	sockname_set_port(&b, 81);
	check(!sockname_equal(&a, &b));
	b = inet_name("127.0.0.2", 80);
	check(!sockname_equal(&a, &b));
	b = inet_name("::ffff:127.0.0.1", 80);
	check(!sockname_equal(&a, &b));

	a = inet_name("fe80::1", 80);
	b = inet_name("fe80::1", 80);
	((struct sockaddr_in6 *)(void *)&a.storage)->sin6_flowinfo = 7;
	check(sockname_equal(&a, &b));
	((struct sockaddr_in6 *)(void *)&a.storage)->sin6_scope_id = 7;
	check(!sockname_equal(&a, &b));

	parse("unix:/a", NULL);
	sockname_unix(&ep, &a, NULL);
	b = a;
	b.len--; /* the NUL of a path does not count */
	check(sockname_equal(&a, &b));
	parse("unix:@/a", NULL);
	sockname_unix(&ep, &b, NULL);
	check(!sockname_equal(&a, &b));
}

TEST("the local and the peer address of a socket can be read")
{
	struct sockname name;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	require(fd >= 0);
	check_int(sys_local_name(fd, &name, &error), 0);
	check_str(shown(&name), "0.0.0.0:0");
	check_int(sys_peer_name(fd, &name, &error), -1);
	check_str(error.text, "getpeername: Transport endpoint is not connected");
	close(fd);
	check_int(sys_local_name(-1, &name, &error), -1);
	check_str(error.text, "getsockname: Bad file descriptor");
}

TEST("a dotted quad becomes four numbers, and anything else is an error")
{
	static const char *const wrong[] = { "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4",
		"1.2.3.4 ", "::1", "a.b.c.d" };
	uint8_t quad[4];
	size_t i;

	check_int(ip_to_tuple("192.168.0.255", quad, &error), 0);
	check_mem(quad, 4, "\xc0\xa8\x00\xff", 4);
	for (i = 0; i < ARRAY_LEN(wrong); i++)
		check_int(ip_to_tuple(wrong[i], quad, &error), -1);
	check_int(error.code, ERROR_USAGE);
	check_str(error.text, "'a.b.c.d' is not a dotted quad (a.b.c.d, each 0-255)");
}

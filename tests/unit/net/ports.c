#include "net/ports.h"

#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "test.h"

static struct error error;

struct collected {
	uint16_t ports[32];
	size_t n;
};

static int
collect(void *arg, uint16_t port)
{
	struct collected *c = arg;

	c->ports[c->n++] = port;
	return c->n == ARRAY_LEN(c->ports) ? 42 : 0;
}

TEST("ports_each calls back for every port of a list, in its order")
{
	static const uint16_t want[] = { 22, 80, 8000, 8001, 8002, 65535 };
	struct collected c = { .n = 0 };

	check_int(ports_each("22,80,8000-8002,65535-65535", "tcp", collect, &c, &error), 0);
	check_mem(c.ports, c.n * sizeof(c.ports[0]), want, sizeof(want));
}

TEST("ports_each stops when its callback does, and returns its result")
{
	struct collected c = { .n = 0 };

	check_int(ports_each("0-65535", "tcp", collect, &c, &error), 42);
	check_int(c.ports[31], 31);
}

TEST("ports_each calls nothing for a list that is malformed at its end")
{
	struct collected c = { .n = 0 };

	check_int(ports_each("1,2,3x", "tcp", collect, &c, &error), -1);
	check_int(error.code, ERROR_USAGE);
	check_int((int)c.n, 0);
}

TEST("ports_each looks services up")
{
	struct collected c = { .n = 0 };

	if (access("/etc/services", R_OK) != 0)
		skip("no /etc/services");
	check_int(ports_each("ssh", "tcp", collect, &c, &error), 0);
	check_int(ports_each("tftp", "udp", collect, &c, &error), 0);
	check_int(c.ports[0], 22);
	check_int(c.ports[1], 69);
}

TEST("an unknown service is a resolver error")
{
	struct collected c = { .n = 0 };

	check_int(ports_each("no-such-service", "tcp", collect, &c, &error), -1);
	check_int(error.code, ERROR_RESOLVE);
	check_int(error.origin, ORIGIN_GAI);
	check(strstr(error.text, "port no-such-service/tcp: ") == error.text);
}

TEST("ports_is_single rejects lists, ranges and invalid text")
{
	check(ports_is_single("0"));
	check(ports_is_single("65535"));
	check(ports_is_single("http-alt"));
	check(!ports_is_single(""));
	check(!ports_is_single("65536"));
	check(!ports_is_single("080"));
	check(!ports_is_single("1,2"));
	check(!ports_is_single("1-2"));
	check(!ports_is_single("-1"));
	check(!ports_is_single("HTTP"));
}

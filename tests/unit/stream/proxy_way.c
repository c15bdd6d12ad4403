#include "stream/negotiate/proxy/proxy_way.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "test.h"

/* ---- replaces net/resolve: now.test is known, later.test when the test says so, the others are not ---- */

static struct resolve_call *asked; /* for later.test */
static int asked_family, asked_type, n_cancelled;
static char asked_port[ENDPOINT_PORT_MAX + 1];

/* 192.0.2.1 and so on, n of them. */
static void
answer_with(struct resolve_call *r, size_t n)
{
	r->n = n;
	r->list = calloc(n, sizeof(*r->list));
	for (size_t i = 0; i < n; i++) {
		struct sockaddr_in in = { .sin_family = AF_INET };

		in.sin_addr.s_addr = htonl(0xc0000201 + (uint32_t)i);
		memcpy(&r->list[i].name.storage, &in, sizeof(in));
		r->list[i].name.len = sizeof(in);
	}
}

int
resolve_start(struct resolve_call *r, const char *host, const char *port)
{
	asked_family = r->how.family;
	asked_type = r->how.type;
	snprintf(asked_port, sizeof(asked_port), "%s", port);
	if (strcmp(host, "later.test") == 0) {
		asked = r;
		return 0;
	}
	if (strcmp(host, "now.test") != 0)
		return error_set(&r->error, ERROR_RESOLVE, "resolve %s: no", host);
	answer_with(r, 3);
	return 1;
}

void
resolve_cancel(struct resolve_call *r)
{
	n_cancelled += r == asked;
	asked = NULL;
}

void
resolve_time_out(struct resolve_call *r)
{
	resolve_cancel(r);
	error_set(&r->error, ERROR_TIMEOUT, "resolve: timed out");
}

/* ---- the stage ---- */

struct stage {
	struct proxy_hop hops[3];
	struct proxy_route route;
	struct endpoint ep;
	struct proxy_way way;
	unsigned done;
};

static void
on_done(struct proxy_way *w)
{
	((struct stage *)w->arg)->done++;
}

static void
set_endpoint(struct endpoint *ep, const char *host, const char *port)
{
	*ep = (struct endpoint){ .kind = ENDPOINT_INET };
	snprintf(ep->host, sizeof(ep->host), "%s", host);
	snprintf(ep->port, sizeof(ep->port), "%s", port);
}

static void
stage_open(struct stage *st, const char *host, const char *port)
{
	*st = (struct stage){ .route = { .hops = st->hops } };
	asked = NULL;
	n_cancelled = 0;
	set_endpoint(&st->ep, host, port);
	st->way =
	    (struct proxy_way){ .route = &st->route, .ep = &st->ep, .done = on_done, .arg = st };
}

/* Each proxy listens on a port of its own: 1080 and so on. */
static void
add_proxy(struct stage *st, enum proxy_kind kind, const char *host)
{
	struct proxy_hop *hop = &st->hops[st->route.n];
	char port[8];

	snprintf(port, sizeof(port), "%d", 1080 + (int)st->route.n++);
	hop->kind = kind;
	set_endpoint(&hop->ep, host, port);
}

/* Checks what proxy i is asked for; address NULL: it resolves the name itself. */
static void
check_target(const struct stage *st, size_t i, const char *host, unsigned port, const char *address)
{
	const struct proxy_target *t = &st->way.targets[i];
	char text[SOCKNAME_TEXT_MAX];

	check_str(t->host, host);
	check_int(t->port, port);
	check_str(t->address.len > 0 ? sockname_host(&t->address, text, sizeof(text)) : NULL,
	    address);
}

TEST("each proxy is asked for the next one, and the last for the endpoint")
{
	struct stage st;

	stage_open(&st, "far.test", "80");
	add_proxy(&st, PROXY_SOCKS5H, "first.test");
	add_proxy(&st, PROXY_HTTP, "second.test");
	add_proxy(&st, PROXY_SOCKS4A, "third.test");
	require(proxy_way_start(&st.way) == 1);
	check_target(&st, 0, "second.test", 1081, NULL);
	check_target(&st, 1, "third.test", 1082, NULL);
	check_target(&st, 2, "far.test", 80, NULL);
	check(!proxy_way_next(&st.way));
	check_int(st.done, 0);
	proxy_way_stop(&st.way);
}

TEST("a service has its number, of the protocol that is asked for")
{
	struct stage st;

	stage_open(&st, "far.test", "https");
	add_proxy(&st, PROXY_HTTP, "first.test");
	require(proxy_way_start(&st.way) == 1);
	check_target(&st, 0, "far.test", 443, NULL);
	proxy_way_stop(&st.way);
}

TEST("an address is not looked up")
{
	struct stage st;

	stage_open(&st, "2001:db8::1", "80");
	add_proxy(&st, PROXY_SOCKS5, "first.test");
	require(proxy_way_start(&st.way) == 1);
	check_target(&st, 0, "2001:db8::1", 80, "2001:db8::1");
	check(!proxy_way_next(&st.way));
	proxy_way_stop(&st.way);
}

TEST("where the last proxy needs an address, each one is tried in turn")
{
	struct stage st;

	stage_open(&st, "now.test", "80");
	st.way.family = AF_INET6;
	add_proxy(&st, PROXY_SOCKS5H, "first.test");
	add_proxy(&st, PROXY_SOCKS5, "second.test");
	require(proxy_way_start(&st.way) == 1);
	check_target(&st, 0, "second.test", 1081, NULL);
	check_target(&st, 1, "now.test", 80, "192.0.2.1");
	check_int(asked_family, AF_INET6);
	check_int(asked_type, SOCK_STREAM);
	check_str(asked_port, "80");
	check(proxy_way_next(&st.way));
	check_target(&st, 1, "now.test", 80, "192.0.2.2");
	check(proxy_way_next(&st.way));
	check_target(&st, 1, "now.test", 80, "192.0.2.3");
	check(!proxy_way_next(&st.way));
	proxy_way_stop(&st.way);
}

TEST("of a proxy behind a proxy the first address is used")
{
	struct stage st;

	stage_open(&st, "far.test", "80");
	add_proxy(&st, PROXY_SOCKS5, "first.test");
	add_proxy(&st, PROXY_HTTP, "now.test");
	require(proxy_way_start(&st.way) == 1);
	check_target(&st, 0, "now.test", 1081, "192.0.2.1");
	check_str(asked_port, "1081");
	check_target(&st, 1, "far.test", 80, NULL);
	check(!proxy_way_next(&st.way));
	proxy_way_stop(&st.way);
}

TEST("SOCKS4 gets an address of IPv4")
{
	struct stage st;

	stage_open(&st, "now.test", "80");
	add_proxy(&st, PROXY_SOCKS4, "first.test");
	require(proxy_way_start(&st.way) == 1);
	check_int(asked_family, AF_INET);
	proxy_way_stop(&st.way);
}

TEST("a relay of datagrams is asked for with the first address alone")
{
	struct stage st;

	stage_open(&st, "now.test", "80");
	st.way.datagrams = true;
	add_proxy(&st, PROXY_SOCKS5, "first.test");
	require(proxy_way_start(&st.way) == 1);
	check_int(asked_type, SOCK_DGRAM);
	check_target(&st, 0, "now.test", 80, "192.0.2.1");
	check(!proxy_way_next(&st.way));
	proxy_way_stop(&st.way);
}

TEST("while a name is looked up the rest waits, and done says that all is there")
{
	struct stage st;

	stage_open(&st, "now.test", "80");
	add_proxy(&st, PROXY_SOCKS5, "first.test");
	add_proxy(&st, PROXY_SOCKS5, "later.test");
	require(proxy_way_start(&st.way) == 0);
	check_int(st.done, 0);
	require(asked != NULL);
	answer_with(asked, 2);
	asked->done(asked);
	check_int(st.done, 1);
	check_target(&st, 0, "later.test", 1081, "192.0.2.1");
	check_target(&st, 1, "now.test", 80, "192.0.2.1");
	check(proxy_way_next(&st.way));
	proxy_way_stop(&st.way);
	proxy_way_stop(&st.way);
}

TEST("two names that are looked up are told of once")
{
	struct stage st;

	stage_open(&st, "later.test", "80");
	add_proxy(&st, PROXY_SOCKS5, "first.test");
	add_proxy(&st, PROXY_SOCKS5, "later.test");
	require(proxy_way_start(&st.way) == 0);
	answer_with(asked, 1);
	asked->done(asked);
	check_int(st.done, 0);
	check_str(asked_port, "80");
	answer_with(asked, 2);
	asked->done(asked);
	check_int(st.done, 1);
	check(st.way.targets != NULL);
	proxy_way_stop(&st.way);
}

TEST("a name that nobody knows is a failure, now and later")
{
	struct stage st;

	stage_open(&st, "no.test", "80");
	add_proxy(&st, PROXY_SOCKS5, "first.test");
	check_int(proxy_way_start(&st.way), -1);
	check_str(st.way.error.text, "resolve no.test: no");
	check(st.way.targets == NULL);
	proxy_way_stop(&st.way);

	stage_open(&st, "no.test", "80");
	add_proxy(&st, PROXY_SOCKS5, "first.test");
	add_proxy(&st, PROXY_SOCKS5, "later.test");
	require(proxy_way_start(&st.way) == 0);
	answer_with(asked, 1);
	asked->done(asked);
	check_int(st.done, 1);
	check_int(st.way.error.code, ERROR_RESOLVE);
	check(st.way.targets == NULL);
	proxy_way_stop(&st.way);

	stage_open(&st, "later.test", "80");
	add_proxy(&st, PROXY_SOCKS5, "first.test");
	require(proxy_way_start(&st.way) == 0);
	error_set(&asked->error, ERROR_RESOLVE, "resolve later.test: no");
	asked->done(asked);
	check_int(st.done, 1);
	check_str(st.way.error.text, "resolve later.test: no");
	check(st.way.targets == NULL);
	proxy_way_stop(&st.way);
}

TEST("an endpoint without a host, without a port, or of another kind is refused")
{
	static const char *const words[][2] = { { "", "80" }, { "far.test", "" },
		{ "far.test", "1-2" } };
	struct stage st;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		stage_open(&st, words[i][0], words[i][1]);
		add_proxy(&st, PROXY_HTTP, "first.test");
		check_int(proxy_way_start(&st.way), -1);
		check_int(st.way.error.code, ERROR_USAGE);
		check(st.way.targets == NULL);
		proxy_way_stop(&st.way);
	}
	stage_open(&st, "far.test", "80");
	st.ep.kind = ENDPOINT_UNIX;
	add_proxy(&st, PROXY_HTTP, "first.test");
	check_int(proxy_way_start(&st.way), -1);
	check_str(st.way.error.text, "--proxy: needs a host and a port");
	proxy_way_stop(&st.way);
}

TEST("a look-up that takes too long is given up, and so is one that nobody wants any more")
{
	struct stage st;

	stage_open(&st, "later.test", "80");
	add_proxy(&st, PROXY_SOCKS5, "first.test");
	require(proxy_way_start(&st.way) == 0);
	proxy_way_time_out(&st.way);
	check_int(n_cancelled, 1);
	check_int(st.way.error.code, ERROR_TIMEOUT);
	check(st.way.targets == NULL);
	check_int(st.done, 0);
	proxy_way_stop(&st.way);

	stage_open(&st, "later.test", "80");
	add_proxy(&st, PROXY_SOCKS5, "first.test");
	require(proxy_way_start(&st.way) == 0);
	proxy_way_stop(&st.way);
	check_int(n_cancelled, 1);
	check_int(st.done, 0);
}

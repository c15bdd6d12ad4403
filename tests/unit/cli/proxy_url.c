#include "cli/options/proxy/proxy_url.h"

#include "base/error.h"
#include "stream/negotiate/proxy/proxy.h"
#include "test.h"

struct row {
	const char *url;
	enum proxy_kind kind;
	const char *host, *port; /* host NULL: a unix socket, and port is its path */
	const char *user, *pass; /* user NULL: no login */
};

static const struct row rows[] = {
	{ "socks5://proxy.test:1081", PROXY_SOCKS5, "proxy.test", "1081", NULL, NULL },
	{ "SOCKS5H://proxy.test", PROXY_SOCKS5H, "proxy.test", "1080", NULL, NULL },
	{ "socks4://proxy.test/", PROXY_SOCKS4, "proxy.test", "1080", NULL, NULL },
	{ "socks4a://[::1]:9", PROXY_SOCKS4A, "::1", "9", NULL, NULL },
	{ "http://proxy.test:8080", PROXY_HTTP, "proxy.test", "8080", NULL, NULL },
	{ "https://proxy.test", PROXY_HTTPS, "proxy.test", "443", NULL, NULL },
	{ "http://bob:secret@proxy.test:1", PROXY_HTTP, "proxy.test", "1", "bob", "secret" },
	{ "http://bob@proxy.test:1", PROXY_HTTP, "proxy.test", "1", "bob", "" },
	{ "http://:@proxy.test:1", PROXY_HTTP, "proxy.test", "1", "", "" },
	{ "http://a@b:c:d@e@proxy.test:1", PROXY_HTTP, "proxy.test", "1", "a@b", "c:d@e" },
	{ "http://b%3aob:%40%2f%25@proxy.test:1", PROXY_HTTP, "proxy.test", "1", "b:ob", "@/%" },
	{ "socks5://unix:/run/proxy", PROXY_SOCKS5, NULL, "/run/proxy", NULL, NULL },
	{ "socks5://unix:/run/proxy/", PROXY_SOCKS5, NULL, "/run/proxy/", NULL, NULL },
	{ "socks5://unix:@name", PROXY_SOCKS5, NULL, "name", NULL, NULL },
	{ "socks5://bob:secret@unix:/run/proxy", PROXY_SOCKS5, NULL, "/run/proxy", "bob",
	    "secret" },
	{ "socks5://bob:secret@unix:@name", PROXY_SOCKS5, NULL, "name", "bob", "secret" },
	{ "socks5://bob:unix:@proxy.test", PROXY_SOCKS5, "proxy.test", "1080", "bob", "unix:" },
};

TEST("a proxy has a scheme, perhaps a login, and an address")
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct error e = { .text = "" };
		struct proxy_hop hop;

		if (!check_int(proxy_url_parse(r->url, &hop, &e), 0)) {
			printf("# %s: %s\n", r->url, e.text);
			continue;
		}
		check_int(hop.kind, r->kind);
		check_int(hop.ep.kind, r->host != NULL ? ENDPOINT_INET : ENDPOINT_UNIX);
		check_str(r->host != NULL ? hop.ep.host : NULL, r->host);
		if (r->host != NULL)
			check_str(hop.ep.port, r->port);
		else
			check_mem(hop.ep.path, hop.ep.path_len, r->port, strlen(r->port));
		check_int(hop.login, r->user != NULL);
		check_str(hop.login ? hop.user : NULL, r->user);
		check_str(hop.login ? hop.pass : NULL, r->pass);
	}
}

static const struct {
	const char *url, *want;
} wrong[] = {
	{ "proxy.test:1080", "a proxy is SCHEME://[USER[:PASSWORD]@]HOST:PORT" },
	{ "ftp://proxy.test:1080", "a proxy is SCHEME://[USER[:PASSWORD]@]HOST:PORT" },
	{ "socks://proxy.test:1080", "a proxy is SCHEME://[USER[:PASSWORD]@]HOST:PORT" },
	{ "socks4a ://proxy.test:1080", "a proxy is SCHEME://[USER[:PASSWORD]@]HOST:PORT" },
	{ "://proxy.test:1080", "a proxy is SCHEME://[USER[:PASSWORD]@]HOST:PORT" },
	{ "http://proxy.test", "'proxy.test': the port of the proxy is missing" },
	{ "socks5://", "the host of the proxy is missing" },
	{ "socks5://bob@", "the host of the proxy is missing" },
	{ "socks5://:1080", "':1080' is no HOST:PORT" },
	{ "socks5://tls:proxy.test:1080", "'tls:proxy.test:1080' is no HOST:PORT" },
	{ "socks5://fd:3", "'fd:3' is no HOST:PORT" },
	{ "http://bob:%4@h:1", "after % in the login two hexadecimal digits are missing" },
	{ "http://bob:%@h:1", "after % in the login two hexadecimal digits are missing" },
	{ "http://bob%4x:a@h:1", "after % in the login two hexadecimal digits are missing" },
	{ "http://bob:a%0ab@h:1", "the login has control characters" },
	{ "http://bob%0d:a@h:1", "the login has control characters" },
	{ "http://bob:a%00b@h:1", "the login has control characters" },
	{ "http://bob:a\tb@h:1", "the password has control characters" },
	{ "http://b\x7fob@h:1", "the user has control characters" },
};

TEST("what is no proxy is refused, and no text has the password")
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct error e = { .text = "" };
		struct proxy_hop hop;

		check_int(proxy_url_parse(wrong[i].url, &hop, &e), -1);
		check_int(e.code, ERROR_USAGE);
		check_str(e.text, wrong[i].want);
	}
}

TEST("a part of a login has at most 255 bytes")
{
	char login[2 * PROXY_LOGIN_MAX + 10];
	struct proxy_hop hop = { .login = false };
	struct error e = { 0 };

	memset(login, 'x', sizeof(login));
	login[PROXY_LOGIN_MAX] = ':';
	check_int(proxy_url_login(login, 2 * PROXY_LOGIN_MAX + 1, &hop, &e), 0);
	check_int((int)strlen(hop.user), PROXY_LOGIN_MAX);
	check_int((int)strlen(hop.pass), PROXY_LOGIN_MAX);
	check_int(proxy_url_login(login, 2 * PROXY_LOGIN_MAX + 2, &hop, &e), -1);
	check_str(e.text, "the password is longer than 255 bytes");
	check_int(proxy_url_login(login + 1, 2 * PROXY_LOGIN_MAX, &hop, &e), 0);
	login[PROXY_LOGIN_MAX] = 'x';
	check_int(proxy_url_login(login, PROXY_LOGIN_MAX + 1, &hop, &e), -1);
	check_str(e.text, "the user is longer than 255 bytes");
}

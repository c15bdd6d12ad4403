#include "stream/negotiate/proxy/http_auth.h"
#include "base/buf.h"
#include "base/error.h"
#include "stream/negotiate/http_head.h"
#include "test.h"

static struct http_challenge
read_challenge(const char *text)
{
	struct http_challenge c = { .scheme = HTTP_AUTH_NONE };
	const struct http_text value = { text, strlen(text) };

	http_challenge_read(&c, &value);
	return c;
}

TEST("the best challenge of a list is kept")
{
	static const struct {
		const char *value;
		enum http_auth_scheme scheme;
		const char *realm;
	} rows[] = {
		{ "Basic realm=\"a\"", HTTP_AUTH_BASIC, "a" },
		{ "basic REALM = a", HTTP_AUTH_BASIC, "a" },
		{ "Basic", HTTP_AUTH_BASIC, "" },
		{ "Basic realm=\"a \\\"b\\\", c\"", HTTP_AUTH_BASIC, "a \"b\", c" },
		{ "Digest realm=\"d\", nonce=\"n\", Basic realm=\"a\"", HTTP_AUTH_DIGEST_MD5, "d" },
		{ "Basic realm=\"a\", Digest realm=d,nonce=n", HTTP_AUTH_DIGEST_MD5, "d" },
		{ "NTLM, Negotiate abc==, Basic realm=x", HTTP_AUTH_BASIC, "x" },
		{ "Digest realm=1, nonce=n, algorithm=MD5, Digest realm=2, nonce=n, "
		  "algorithm=SHA-256",
		    HTTP_AUTH_DIGEST_SHA256, "2" },
		{ "Digest realm=1, nonce=n, algorithm=SHA-512-256, Basic realm=2", HTTP_AUTH_BASIC,
		    "2" },
		{ "Digest realm=1, nonce=n, qop=\"auth-int\"", HTTP_AUTH_NONE, "" },
		{ "Digest realm=1", HTTP_AUTH_NONE, "" },
		{ "Digest realm=\"1", HTTP_AUTH_NONE, "" },
		{ "", HTTP_AUTH_NONE, "" },
		{ ",,=,", HTTP_AUTH_NONE, "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct http_challenge c = read_challenge(rows[i].value);

		check_int(c.scheme, rows[i].scheme);
		check_str(c.realm, rows[i].realm);
	}
}

static void
check_digest(const char *challenge, struct http_login login, const char *want)
{
	const struct http_challenge c = read_challenge(challenge);
	struct error e = { 0 };
	char hex[65];

	check_int(http_digest(&c, &login, hex, &e), 0);
	check_str(hex, want);
}

TEST("the examples of RFC 2617 and RFC 7616 come out")
{
	const struct http_login old = { "Mufasa", "Circle Of Life", "GET", "/dir/index.html", 1,
		"0a4f113b" };
	const struct http_login new = { "Mufasa", "Circle of Life", "GET", "/dir/index.html", 1,
		"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ" };

	check_digest("Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
		     "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"",
	    old, "6629fae49393a05397450978507c4ef1");
#define NEW                                                                                        \
	"Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", nonce=\""                 \
	"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
	check_digest(NEW "algorithm=MD5", new, "8ca523f5e9506fed4657c9700eebdbec");
	check_digest(NEW "algorithm=SHA-256", new,
	    "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

static void
check_answer(const char *challenge, struct http_login login, const char *want)
{
	const struct http_challenge c = read_challenge(challenge);
	struct error e = { 0 };
	struct buf out;

	buf_init(&out, 4096);
	check_int(http_auth_answer(&out, &c, &login, &e), 0);
	check_str(buf_text(&out, &e), want);
	buf_fini(&out);
}

TEST("an answer has what the challenge asks for, quoted where it has to be")
{
	const struct http_login bob = { "b\"ob", "pw", "CONNECT", "h:1", 3, "abc" };

	check_answer("Basic realm=a", bob, "Basic YiJvYjpwdw==");
	check_answer("Digest realm=\"r\", nonce=\"n\"", bob,
	    "Digest username=\"b\\\"ob\", realm=\"r\", nonce=\"n\", uri=\"h:1\", algorithm=MD5, "
	    "response=\"bdd902c6b8dd0c9ceb565da8a0286cc3\"");
}

TEST("the list of words tells schemes from parameters")
{
	struct http_text list = { "Digest a=1, b = \"2\"", 19 };
	struct http_auth_word w;

	check(http_auth_next(&list, &w) && w.is_scheme && w.n == 6);
	check(http_auth_next(&list, &w) && !w.is_scheme && w.n == 1);
	check_str(w.value, "1");
	check(http_auth_next(&list, &w) && !w.is_scheme);
	check_str(w.value, "2");
	check(!http_auth_next(&list, &w));
}

#include "stream/negotiate/websocket_upgrade.h"

#include "base/error.h"
#include "stream/negotiate/http_head.h"
#include "test.h"

/* The key and the answer to it of RFC 6455, 1.3. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static const char *const subprotocols[] = { "chat.v2", "chat" };
static const char *const headers[] = { "Origin: http://a.test", "X-A:b" };

static struct buf out;

static void
begin(void)
{
	buf_fini(&out);
	buf_init(&out, 10000);
}

/* ---- words ---- */

TEST("a header is a name, a colon and a value without control characters")
{
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
		{ "A: b", true },
		{ "A:b", true },
		{ "A:", true },
		{ "A-b_c!: x\ty \xc3\xa4", true },
		{ "A", false },
		{ ": b", false },
		{ "", false },
		{ "A b: c", false },
		{ "A : c", false },
		{ "A: b\r\nC: d", false },
		{ "A: \x7f", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_int(websocket_upgrade_is_header(rows[i].text), rows[i].is);
}

TEST("fields of the handshake are known by their whole names, in any case")
{
	check(websocket_upgrade_is_own_header("sec-websocket-KEY: x"));
	check(websocket_upgrade_is_own_header("Connection:"));
	check(websocket_upgrade_is_own_header("Transfer-Encoding: chunked"));
	check(!websocket_upgrade_is_own_header("Connection2: x"));
	check(!websocket_upgrade_is_own_header("Host: x"));
	check(!websocket_upgrade_is_own_header("Conn"));
}

TEST("a subprotocol is one token that is not too long")
{
	char text[WEBSOCKET_SUBPROTOCOL_MAX + 1];

	check(websocket_upgrade_is_subprotocol("chat.v2"));
	check(!websocket_upgrade_is_subprotocol(""));
	check(!websocket_upgrade_is_subprotocol("a b"));
	check(!websocket_upgrade_is_subprotocol("a,b"));
	memset(text, 'x', sizeof(text));
	text[WEBSOCKET_SUBPROTOCOL_MAX] = '\0';
	check(!websocket_upgrade_is_subprotocol(text));
	text[WEBSOCKET_SUBPROTOCOL_MAX - 1] = '\0';
	check(websocket_upgrade_is_subprotocol(text));
}

/* ---- the client ---- */

TEST("a request has what RFC 6455 wants, then subprotocols and headers")
{
	struct websocket_upgrade u = { .host = "h.test:8080", .path = "/chat?a=b" };

	begin();
	check_int(websocket_upgrade_request(&u, KEY, &out, NULL), 0);
	check_str(buf_text(&out, NULL),
	    "GET /chat?a=b HTTP/1.1\r\nHost: h.test:8080\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Key: " KEY "\r\n"
	    "Sec-WebSocket-Version: 13\r\n\r\n");
	u.subprotocols = subprotocols;
	u.n_subprotocols = 2;
	u.headers = headers;
	u.n_headers = 2;
	begin();
	check_int(websocket_upgrade_request(&u, KEY, &out, NULL), 0);
	check_str(strstr(buf_text(&out, NULL), "13\r\n"),
	    "13\r\nSec-WebSocket-Protocol: chat.v2, chat\r\nOrigin: http://a.test\r\nX-A:b\r\n"
	    "\r\n");
}

TEST("a header may give another Host")
{
	static const char *const host[] = { "host: other.test" };
	const struct websocket_upgrade u = { .host = "h.test",
		.path = "/",
		.headers = host,
		.n_headers = 1 };

	begin();
	check_int(websocket_upgrade_request(&u, KEY, &out, NULL), 0);
	check(strstr(buf_text(&out, NULL), "h.test") == NULL);
	check(strstr(buf_text(&out, NULL), "\r\nhost: other.test\r\n") != NULL);
}

#define ANSWER                                                                                     \
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, "       \
	"Upgrade\r\n"
#define RIGHT ANSWER "Sec-WebSocket-Accept: " ACCEPT "\r\n"

struct answer {
	const char *head, *want; /* the text of the failure; NULL: none */
	const char *chosen;      /* the subprotocol, or the hint */
};

static const struct answer answers[] = {
	{ RIGHT "\r\n", NULL, "" },
	{ RIGHT "Sec-WebSocket-Protocol: chat\r\n\r\n", NULL, "chat" },
	{ RIGHT "Sec-WebSocket-Protocol: Chat\r\n\r\n",
	    "the server chooses a subprotocol that was not offered: Chat", "" },
	{ RIGHT "Sec-WebSocket-Protocol: chat, chat.v2\r\n\r\n",
	    "the server chooses a subprotocol that was not offered: chat, chat.v2", "" },
	{ RIGHT "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
	    "the server uses an extension that was not offered: permessage-deflate", "" },
	{ RIGHT "Sec-WebSocket-Extensions:\r\n\r\n", NULL, "" },
	{ ANSWER "\r\n", "the server's answer has no right Sec-WebSocket-Accept", "" },
	{ ANSWER "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOO=\r\n\r\n",
	    "the server's answer has no right Sec-WebSocket-Accept", "" },
	{ ANSWER "Sec-WebSocket-Accept: " ACCEPT "=\r\n\r\n",
	    "the server's answer has no right Sec-WebSocket-Accept", "" },
	{ "HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
	    "the server upgrades to something else", "" },
	{ "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: close\r\n\r\n",
	    "the server upgrades to something else", "" },
	{ "HTTP/1.1 200 OK\r\n\r\n", "the server refuses WebSocket: HTTP/1.1 200 OK", "" },
	{ "HTTP/1.1 401 No\r\n\r\n", "the server refuses WebSocket: HTTP/1.1 401 No",
	    "--header 'Authorization: ...' sends credentials" },
	{ "HTTP/1.1 302 Found\r\nLocation: ws://b.test/\r\n\r\n",
	    "the server redirects to another address: ws://b.test/",
	    "redirects are not followed: give that address" },
	{ "HTTP/1.1 302 Found\r\n\r\n", "the server redirects: HTTP/1.1 302 Found", "" },
	{ "SSH-2.0-x\r\n\r\n", "the server does not answer in HTTP/1.1: SSH-2.0-x", "" },
	{ "HTTP/1.1 101 x\r\nno field\r\n\r\n", "the server's answer is not HTTP:", "" },
};

TEST("an answer is checked, and what is wrong is quoted")
{
	const struct websocket_upgrade u = { .subprotocols = subprotocols, .n_subprotocols = 2 };

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct answer *a = &answers[i];
		char chosen[WEBSOCKET_SUBPROTOCOL_MAX] = "?";
		struct error e = { .text = "" };
		size_t n = strlen(a->head);
		int rc;

		check_int((int)http_head_length(a->head, n), (int)n);
		rc = websocket_upgrade_check(&u, KEY, a->head, n, chosen, &e);
		check_int(rc, a->want == NULL ? 0 : -1);
		if (a->want == NULL) {
			check_str(chosen, a->chosen);
			continue;
		}
		check_int(e.code, ERROR_NETWORK);
		check_mem(e.text, strnlen(e.text, strlen(a->want)), a->want, strlen(a->want));
		check_str(e.hint, a->chosen);
	}
}

/* ---- the server ---- */

#define GET "GET /chat HTTP/1.1\r\nHost: h.test\r\n"
#define UP "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define V13 "Sec-WebSocket-Version: 13\r\n"
#define WITH_KEY "Sec-WebSocket-Key: " KEY "\r\n"
#define ASKED GET UP V13 WITH_KEY

static const struct {
	const char *head;
	const char *status; /* of the answer */
	const char *want;   /* the text of the failure; NULL: none */
	const char *chosen;
} requests[] = {
	{ ASKED "\r\n", "101", NULL, "" },
	{ ASKED "Sec-WebSocket-Protocol: x, chat, chat.v2\r\n\r\n", "101", NULL, "chat" },
	{ ASKED "Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Protocol: chat.v2\r\n\r\n", "101", NULL,
	    "chat.v2" },
	{ ASKED "Sec-WebSocket-Protocol: CHAT\r\n\r\n", "101", NULL, "" },
	{ "GET /other HTTP/1.1\r\nHost: h\r\n" UP V13 WITH_KEY "\r\n", "404",
	    "there is no WebSocket at this path", NULL },
	{ "POST /chat HTTP/1.1\r\nHost: h\r\n" UP V13 WITH_KEY "\r\n", "405",
	    "only GET can become WebSocket", NULL },
	{ "GET /chat HTTP/1.0\r\nHost: h\r\n" UP V13 WITH_KEY "\r\n", "400",
	    "this is no request of HTTP/1.1", NULL },
	{ GET "\r\n", "426", "this is a WebSocket server", NULL },
	{ GET "Upgrade: websocket\r\n" V13 WITH_KEY "\r\n", "426", "this is a WebSocket server",
	    NULL },
	{ GET UP WITH_KEY "\r\n", "426", "only version 13 of WebSocket is known", NULL },
	{ GET UP "Sec-WebSocket-Version: 8\r\n" WITH_KEY "\r\n", "426",
	    "only version 13 of WebSocket is known", NULL },
	{ "GET /chat HTTP/1.1\r\n" UP V13 WITH_KEY "\r\n", "400", "the request has no Host", NULL },
	{ GET UP V13 "\r\n", "400", "the request has no right Sec-WebSocket-Key", NULL },
	{ GET UP V13 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n\r\n", "400",
	    "the request has no right Sec-WebSocket-Key", NULL },
	{ GET UP V13 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQo=\r\n\r\n", "400",
	    "the request has no right Sec-WebSocket-Key", NULL },
	{ "GET /chat HTTP/1.1\r\nno field\r\n\r\n", "400", "", NULL },
};

TEST("a request is answered, or refused with its status and the reason")
{
	const struct websocket_upgrade u = { .path = "/chat",
		.subprotocols = subprotocols,
		.n_subprotocols = 2 };

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		char chosen[WEBSOCKET_SUBPROTOCOL_MAX] = "?", want[300];
		struct error e = { .text = "" };
		const char *text;
		int rc;

		begin();
		rc = websocket_upgrade_answer(&u, requests[i].head, strlen(requests[i].head), &out,
		    chosen, &e);
		check_int(rc, requests[i].want == NULL ? 0 : -1);
		text = buf_text(&out, NULL);
		snprintf(want, sizeof(want), "HTTP/1.1 %s ", requests[i].status);
		check_mem(text, strnlen(text, strlen(want)), want, strlen(want));
		if (requests[i].want == NULL) {
			check_str(chosen, requests[i].chosen);
			check((strstr(text, "Sec-WebSocket-Protocol") != NULL) ==
			    (chosen[0] != '\0'));
			check(strstr(text, "\r\nSec-WebSocket-Accept: " ACCEPT "\r\n\r\n") != NULL);
			continue;
		}
		snprintf(want, sizeof(want), "the client was refused (%s): %s", requests[i].status,
		    requests[i].want);
		check_mem(e.text, strnlen(e.text, strlen(want)), want, strlen(want));
		/* the client gets the reason, too, in full */
		check(strstr(text, requests[i].want) != NULL);
		check(strstr(text, "\r\nConnection: close\r\n") != NULL);
	}
}

TEST("a refusal has as many bytes as it says, and the fields that its status wants")
{
	const struct websocket_upgrade u = { .path = "/chat" };
	char chosen[WEBSOCKET_SUBPROTOCOL_MAX];
	static const char other[] = "PUT /chat HTTP/1.1\r\nHost: h\r\n\r\n";

	begin();
	check_int(websocket_upgrade_answer(&u, other, sizeof(other) - 1, &out, chosen, NULL), -1);
	check_str(buf_text(&out, NULL),
	    "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nContent-Type: text/plain\r\n"
	    "Content-Length: 30\r\nConnection: close\r\n\r\nonly GET can become WebSocket\n");
	begin();
	check_int(
	    websocket_upgrade_answer(&u, GET "\r\n", sizeof(GET "\r\n") - 1, &out, chosen, NULL),
	    -1);
	check(strstr(buf_text(&out, NULL),
		  "\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n") != NULL);
}

TEST("without a path of its own a server serves any")
{
	const struct websocket_upgrade u = { .path = NULL };
	char chosen[WEBSOCKET_SUBPROTOCOL_MAX];

	begin();
	check_int(websocket_upgrade_answer(&u, ASKED "\r\n", sizeof(ASKED "\r\n") - 1, &out, chosen,
		      NULL),
	    0);
}

TEST("a buffer that is full is a failure, whatever has been written before")
{
	const struct websocket_upgrade u = { .host = "h",
		.path = "/chat",
		.subprotocols = subprotocols,
		.n_subprotocols = 2 };
	char chosen[WEBSOCKET_SUBPROTOCOL_MAX];
	size_t full;

	begin();
	check_int(websocket_upgrade_request(&u, KEY, &out, NULL), 0);
	full = out.len;
	for (size_t n = 1; n < full; n++) {
		buf_fini(&out);
		buf_init(&out, n);
		check_int(websocket_upgrade_request(&u, KEY, &out, NULL), -1);
	}
	begin();
	check_int(websocket_upgrade_answer(&u, ASKED "\r\n", sizeof(ASKED "\r\n") - 1, &out, chosen,
		      NULL),
	    0);
	full = out.len;
	for (size_t n = 1; n < full; n++) {
		buf_fini(&out);
		buf_init(&out, n);
		check_int(websocket_upgrade_answer(&u, ASKED "\r\n", sizeof(ASKED "\r\n") - 1, &out,
			      chosen, NULL),
		    -1);
	}
	buf_fini(&out);
}

/* The head of a WebSocket handshake: what is no head is refused, an answer to a client is HTTP, an error is one line, and
 * what comes behind the head changes nothing. Input: the first byte chooses the side, then the bytes. */
#include "fuzz.h"
#include "stream/negotiate/http_head.h"
#include "stream/negotiate/websocket_upgrade.h"

static const char *const protocols[] = { "chat", "superchat" };

static void
check_text(const struct error *e)
{
	must(e->code == ERROR_NETWORK);
	for (const char *p = e->text; *p != '\0'; p++)
		must((unsigned char)*p >= ' ' && *p != 0x7f);
}

static void
check_name(const char *name)
{
	must(name[0] == '\0' || strcmp(name, "chat") == 0 || strcmp(name, "superchat") == 0);
}

static void
ask_server(const struct websocket_upgrade *u, const char *head, size_t n)
{
	char chosen[WEBSOCKET_SUBPROTOCOL_MAX];
	struct error e;
	struct buf out;
	int rc;

	buf_init(&out, 1 << 20);
	fuzz_stain(&e, sizeof(e));
	rc = websocket_upgrade_answer(u, head, n, &out, chosen, &e);
	must(fuzz_succeeded(rc, &e) == (rc == 0));
	must(http_head_length(buf_head(&out), out.len) > 0);
	must(memcmp(buf_head(&out), rc == 0 ? "HTTP/1.1 101 " : "HTTP/1.1 4", 10) == 0);
	if (rc == 0)
		check_name(chosen);
	else
		check_text(&e);
	buf_fini(&out);
}

static void
tell_client(const struct websocket_upgrade *u, const char *head, size_t n)
{
	char chosen[WEBSOCKET_SUBPROTOCOL_MAX];
	struct error e;
	int rc;

	fuzz_stain(&e, sizeof(e));
	rc = websocket_upgrade_check(u, "dGhlIHNhbXBsZSBub25jZQ==", head, n, chosen, &e);
	must(fuzz_succeeded(rc, &e) == (rc == 0));
	if (rc == 0)
		check_name(chosen);
	else
		check_text(&e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct websocket_upgrade u = { .host = "a",
		.path = size > 0 && (data[0] & 2) != 0 ? "/chat" : NULL,
		.subprotocols = protocols,
		.n_subprotocols = 2 };
	size_t n;
	char *head;

	if (size < 1 || size > 4096)
		return 0;
	n = http_head_length((const char *)data + 1, size - 1);
	must(n < size);
	if (n == 0)
		return 0;
	/* of its own size: nothing may be read behind the head */
	head = malloc(n);
	must(head != NULL);
	memcpy(head, data + 1, n);
	must(http_head_length(head, n) == n && http_head_length(head, n - 1) == 0);
	if ((data[0] & 1) != 0)
		ask_server(&u, head, n);
	else
		tell_client(&u, head, n);
	free(head);
	return 0;
}

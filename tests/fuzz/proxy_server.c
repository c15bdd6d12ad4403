/* What a client of our proxy sends must not depend on where the reads were cut, must be bounded, and
 * leads to one request at most; what the target gets first has no field of the client's connection.
 * Input: the first byte chooses the protocol and whether there are users, the second how many places
 * to cut at, these follow, then the bytes. */
#include <netinet/in.h>

#include "base/buf.h"
#include "base/error.h"
#include "fuzz.h"
#include "net/ports.h"
#include "stream/negotiate/http_head.h"
#include "stream/negotiate/negotiation.h"
#include "stream/proxy_server/http_server.h"
#include "stream/proxy_server/http_server_auth.h"
#include "stream/proxy_server/proxy_client.h"
#include "stream/proxy_server/socks_server.h"
#include "stream/stream.h"

/* A client that has sent its bytes in pieces, and ended. */
struct client_stream {
	struct stream base;
	const uint8_t *data, *cuts;
	size_t n, n_cuts, left; /* of this piece */
	struct buf answer;
};

struct outcome {
	struct buf answer, first;
	struct endpoint target;
	int connects;
	bool failed;
	bool malformed; /* the body, after the request was served */
};

static ssize_t
client_read(struct stream *base, void *data, size_t n, struct error *e)
{
	struct client_stream *c = (struct client_stream *)base;

	(void)e;
	if (c->left == 0) {
		c->left = c->n_cuts > 0 ? *c->cuts++ + 1u : c->n;
		if (c->n_cuts > 0) {
			c->n_cuts--;
			return STREAM_WANT_READ;
		}
	}
	n = n < c->left ? n : c->left;
	n = n < c->n ? n : c->n;
	if (n > 0)
		memcpy(data, c->data, n);
	c->data += n;
	c->n -= n;
	c->left -= n;
	return (ssize_t)n;
}

static ssize_t
client_write(struct stream *base, const void *data, size_t n, struct error *e)
{
	struct client_stream *c = (struct client_stream *)base;

	n = n > 7 ? 7 : n;
	return buf_append(&c->answer, data, n, e) == 0 ? (ssize_t)n : -1;
}

static const struct stream_ops client_ops = { .read = client_read, .write = client_write };

static void
on_connect(struct proxy_client *client, const struct endpoint *target)
{
	struct outcome *o = client->arg;

	must(++o->connects == 1);
	must(target->kind == ENDPOINT_INET && target->host[0] != '\0');
	must(ports_is_single(target->port));
	o->target = *target;
	client->outcome = PROXY_CONNECTED;
}

static void
on_associate(struct proxy_client *client, uint16_t port)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct outcome *o = client->arg;

	must(++o->connects == 1);
	client->outcome = port % 2 == 1 ? PROXY_FAILED : PROXY_CONNECTED;
	client->relay.len = sizeof(name);
	memcpy(&client->relay.storage, &name, sizeof(name));
}

/* The rest of the stream is for the target, too: of a request what belongs to its body. */
static void
append_rest(struct client_stream *c, struct proxy_client *client, struct outcome *o)
{
	ssize_t n = client->exchanges
	    ? http_body_take(&client->exchange.request, (const char *)c->data, c->n)
	    : (ssize_t)c->n;

	o->malformed = n < 0;
	must(o->malformed || buf_append(&o->first, c->data, (size_t)n, NULL) == 0);
}

static void
run(unsigned kind, const uint8_t *cuts, size_t n_cuts, const uint8_t *data, size_t n,
    struct outcome *o)
{
	struct client_stream c = { .base.ops = &client_ops,
		.data = data,
		.n = n,
		.cuts = cuts,
		.n_cuts = n_cuts };
	struct proxy_users *users = NULL;
	struct http_server_auth auth = { .basic = true, .digest = true };
	struct proxy_client client = { .connect = on_connect, .associate = on_associate, .arg = o };
	struct stream *top = &c.base;
	struct negotiation *first;
	struct error e;
	int rc = STREAM_WANT_READ;

	memset(o, 0, sizeof(*o));
	buf_init(&c.answer, 1 << 20);
	buf_init(&o->first, 1 << 20);
	if ((kind & 2) != 0) {
		must(proxy_users_parse(&users, "users", "a:b\nc:\n", 7, NULL) == 0);
		client.users = auth.users = users;
		must(http_server_auth_open(&auth, NULL) == 0);
		client.auth = &auth;
	}
	must((kind & 1 ? http_server : socks_server)(&first, &client, NULL) == 0);
	while (rc == STREAM_WANT_READ) {
		fuzz_stain(&e, sizeof(e));
		rc = first->ops->step(first, &top, &e);
		must(rc == 0 || rc == -1 || rc == STREAM_WANT_READ);
	}
	o->failed = rc != 0;
	must(o->failed ? e.code == ERROR_PROXY : o->connects == 1);
	must(!client.associates || (kind & 1) == 0);
	must(buf_append(&o->first, buf_head(&client.first), client.first.len, NULL) == 0);
	if (!o->failed)
		append_rest(&c, &client, o);
	o->answer = c.answer;
	if (first->ops->free != NULL)
		first->ops->free(first);
	else
		free(first);
	proxy_client_fini(&client);
	http_server_auth_close(&auth);
	proxy_users_free(users);
}

/* A nonce is a random number. */
static void
blank_nonces(struct buf *answer)
{
	static const char before[] = "nonce=\"";
	char *at = answer->len > 0 ? buf_head(answer) : NULL;
	char *end = at != NULL ? at + answer->len : NULL;

	while ((at = at != NULL ? memmem(at, (size_t)(end - at), before, sizeof(before) - 1)
				: NULL) != NULL)
		for (at += sizeof(before) - 1; at < end && *at != '"'; at++)
			*at = '0';
}

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(buf_head(a), buf_head(b), a->len) == 0);
}

/* The head that the target gets parses, and says that the connection closes. */
static void
check_rewritten(const struct outcome *o)
{
	const char *text = o->first.len > 0 ? buf_head(&o->first) : "";
	size_t n = http_head_length(text, o->first.len);
	struct http_head head;
	struct http_text value;

	must(n > 0);
	must(http_head_parse(&head, text, n) == NULL);
	must(http_head_lists(&head, "Connection", "close"));
	must(!http_head_field(&head, "Connection", 1, &value));
	must(!http_head_field(&head, "Proxy-Authorization", 0, &value));
	must(!http_head_field(&head, "Host", 1, &value));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, cut;
	size_t n_cuts;

	if (size < 2 || size > 4096)
		return 0;
	n_cuts = data[1] % 16;
	if (size < 2 + n_cuts)
		return 0;
	run(data[0], NULL, 0, data + 2 + n_cuts, size - 2 - n_cuts, &whole);
	run(data[0], data + 2, n_cuts, data + 2 + n_cuts, size - 2 - n_cuts, &cut);
	blank_nonces(&whole.answer);
	blank_nonces(&cut.answer);
	/* a body that is malformed is refused as long as its target has got nothing */
	must(!whole.malformed && (!cut.malformed || whole.failed));
	if (!cut.malformed) {
		must(whole.failed == cut.failed && whole.connects == cut.connects);
		must(same(&whole.answer, &cut.answer) && same(&whole.first, &cut.first));
		must(memcmp(&whole.target, &cut.target, sizeof(whole.target)) == 0);
	}
	if ((data[0] & 1) != 0 && !whole.failed && whole.answer.len == 0)
		check_rewritten(&whole);
	buf_fini(&whole.answer);
	buf_fini(&whole.first);
	buf_fini(&cut.answer);
	buf_fini(&cut.first);
	return 0;
}

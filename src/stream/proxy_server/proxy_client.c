#include "stream/proxy_server/proxy_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stream/negotiate/negotiation.h"
#include "stream/stream.h"

struct proxy_user {
	char *name, *password; /* in one allocation, at name */
};

struct proxy_users {
	struct proxy_user *list;
	size_t n;
};

enum proxy_outcome
proxy_outcome_of(const struct error *e)
{
	if (e->code == ERROR_RESOLVE)
		return PROXY_NO_NAME;
	if (e->code == ERROR_PROXY)
		return PROXY_FORBIDDEN;
	if (e->code == ERROR_TIMEOUT)
		return PROXY_TIMED_OUT;
	if (e->origin != ORIGIN_ERRNO)
		return PROXY_FAILED;
	if (e->number == ECONNREFUSED)
		return PROXY_REFUSED;
	return e->number == EHOSTUNREACH || e->number == ENETUNREACH ? PROXY_UNREACHABLE
								     : PROXY_FAILED;
}

void
proxy_client_fini(struct proxy_client *c)
{
	buf_fini(&c->first);
	buf_fini(&c->out);
}

/* Returns 0 when all is sent. */
static int
flush_out(struct proxy_client *c, struct stream *top, struct error *e)
{
	while (c->out.len > 0) {
		ssize_t n = stream_write(top, buf_head(&c->out), c->out.len, e);

		if (n < 0)
			return (int)n;
		buf_consume(&c->out, (size_t)n);
	}
	return stream_flush(top, e);
}

void
proxy_client_connect(struct proxy_client *c, const struct endpoint *target)
{
	c->connecting = true;
	c->connect(c, target);
}

void
proxy_client_associate(struct proxy_client *c, uint16_t port)
{
	c->connecting = c->associates = true;
	c->associate(c, port);
}

void
proxy_client_granted(struct proxy_client *c)
{
	c->done = true;
}

void
proxy_client_refused(struct proxy_client *c, const char *why)
{
	error_set(&c->error, ERROR_PROXY, "%s", why);
	c->failed = c->told = true;
}

const char *
proxy_outcome_word(enum proxy_outcome outcome)
{
	static const char *const words[PROXY_OUTCOMES] = {
		[PROXY_FORBIDDEN] = "the target is not allowed",
		[PROXY_NO_NAME] = "the target's name has no address",
		[PROXY_REFUSED] = "the target refuses",
		[PROXY_UNREACHABLE] = "the target cannot be reached",
		[PROXY_TIMED_OUT] = "the target does not answer",
		[PROXY_FAILED] = "the target cannot be connected to",
	};

	return words[outcome];
}

int
proxy_client_step(struct proxy_client *c, const struct proxy_protocol *p, void *self,
    struct stream *top, struct error *e)
{
	int rc;

	for (;;) {
		if (c->connecting && c->outcome == PROXY_PENDING)
			return NEGOTIATION_WANT_TIME;
		if (c->connecting && p->answer(self, e) < 0)
			return -1;
		c->connecting = false;
		rc = flush_out(c, top, e);
		if (rc < 0 || c->done)
			return rc;
		if (c->failed) {
			*e = c->error;
			return -1;
		}
		rc = p->listen(self, top, e);
		if (rc < 0)
			return rc;
	}
}

/* ---- users ---- */

static int
add_user(struct proxy_users *u, const char *line, size_t n, struct error *e)
{
	const char *colon = memchr(line, ':', n);
	struct proxy_user *list, user;

	if (colon == NULL || colon == line)
		return error_set(e, ERROR_USAGE, "not NAME:PASSWORD");
	if (memchr(line, '\0', n) != NULL || n > 511)
		return error_set(e, ERROR_USAGE, "a NUL byte, or too long");
	list = realloc(u->list, (u->n + 1) * sizeof(*list));
	if (list == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	u->list = list;
	user.name = strndup(line, n);
	if (user.name == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	user.password = user.name + (colon - line);
	*user.password++ = '\0';
	list[u->n++] = user;
	return 0;
}

int
proxy_users_parse(struct proxy_users **ret_users, const char *name, const char *text, size_t n,
    struct error *e)
{
	struct proxy_users *u = calloc(1, sizeof(*u));
	unsigned line = 0;
	size_t len;

	if (u == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (; n > 0; text += len, n -= len) {
		const char *end = memchr(text, '\n', n);
		size_t text_len;

		len = end != NULL ? (size_t)(end - text) + 1 : n;
		text_len = end != NULL ? len - 1 : len;
		line++;
		if (text_len > 0 && text[text_len - 1] == '\r')
			text_len--;
		if (text_len == 0 || text[0] == '#' || add_user(u, text, text_len, e) == 0)
			continue;
		error_prefix(e, "%s:%u", name, line);
		proxy_users_free(u);
		return -1;
	}
	*ret_users = u;
	return 0;
}

void
proxy_users_free(struct proxy_users *u)
{
	if (u == NULL)
		return;
	for (size_t i = 0; i < u->n; i++)
		free(u->list[i].name);
	free(u->list);
	free(u);
}

const char *
proxy_users_password(const struct proxy_users *u, const char *name, size_t n)
{
	for (size_t i = 0; i < u->n; i++)
		if (strlen(u->list[i].name) == n && memcmp(u->list[i].name, name, n) == 0)
			return u->list[i].password;
	return NULL;
}

bool
proxy_users_accept(const struct proxy_users *u, const char *name, size_t name_len,
    const char *password, size_t password_len)
{
	const char *want = proxy_users_password(u, name, name_len);
	size_t n = want != NULL ? strlen(want) : 0, i;
	unsigned wrong = want == NULL || n != password_len;

	for (i = 0; i < password_len; i++)
		wrong |= (unsigned)password[i] ^ (unsigned)(i < n ? want[i] : 0);
	return wrong == 0;
}

#include "stream/proxy_server/http_server_auth.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "stream/proxy_server/http_request.h"
#include "stream/proxy_server/proxy_client.h"

#define REALM "usock"

int
http_server_auth_challenge(struct buf *out, struct error *e)
{
	return buf_printf(out, e, "Proxy-Authenticate: Basic realm=\"" REALM "\"\r\n");
}

/* ---- Basic ---- */

/* Decodes base64 (RFC 4648, 4). Returns the length, or -1 if it is none or does not fit. */
static ssize_t
decode_base64(struct http_text text, char *data, size_t size)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, n_bits = 0;
	size_t n = 0;

	while (text.n > 0 && text.at[text.n - 1] == '=')
		text.n--;
	for (size_t i = 0; i < text.n; i++) {
		const char *digit = text.at[i] != '\0' ? strchr(digits, text.at[i]) : NULL;

		if (digit == NULL || n == size)
			return -1;
		bits = bits << 6 | (unsigned)(digit - digits);
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		data[n++] = (char)(bits >> n_bits);
		bits &= (1u << n_bits) - 1;
	}
	return (ssize_t)n;
}

static bool
accepts_basic(const struct proxy_users *users, struct http_text text)
{
	char data[1024];
	ssize_t n = decode_base64(text, data, sizeof(data));
	const char *colon = n > 0 ? memchr(data, ':', (size_t)n) : NULL;
	size_t name;

	if (colon == NULL)
		return false;
	name = (size_t)(colon - data);
	return proxy_users_accept(users, data, name, colon + 1, (size_t)n - name - 1);
}

bool
http_server_auth_accepts(const struct proxy_users *users, const struct http_request *r)
{
	struct http_text text;

	if (!http_head_field(&r->head, "Proxy-Authorization", 0, &text) || text.n <= 6 ||
	    strncasecmp(text.at, "Basic ", 6) != 0)
		return false;
	return accepts_basic(users, (struct http_text){ text.at + 6, text.n - 6 });
}

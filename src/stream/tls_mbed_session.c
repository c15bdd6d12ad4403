#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stream/tls_mbed.h"

/* A session is as good as the handshake that it came from: it is offered again only
 * for the same name, and checked only where that was checked. */
#define SESSION_MAX (64u << 10)

/* First bytes of the file, up to the NUL; then what the library wrote. */
static int
header(const struct tls_conn *c, char *text, size_t size)
{
	return snprintf(text, size, "usock session 1 %s %s %s\n", MBEDTLS_VERSION_STRING_FULL,
	    c->tls->how.insecure ? "unchecked" : "checked", c->name != NULL ? c->name : "-");
}

/* Only what is ours alone: another's session would let him read along. */
static bool
is_ours(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    (st.st_mode & 077) == 0;
}

bool
tls_mbed_session_take(struct tls_conn *c, const char *text, size_t n)
{
	mbedtls_ssl_session session;
	char head[512];
	size_t head_n = (size_t)header(c, head, sizeof(head));
	bool taken;

	if (head_n >= sizeof(head) || n <= head_n || memcmp(text, head, head_n) != 0)
		return false;
	mbedtls_ssl_session_init(&session);
	taken = mbedtls_ssl_session_load(&session, (const unsigned char *)text + head_n,
		    n - head_n) == 0 &&
	    mbedtls_ssl_set_session(&c->ssl, &session) == 0;
	mbedtls_ssl_session_free(&session);
	return taken;
}

void
tls_mbed_session_offer(struct tls_conn *c)
{
	const char *path = c->tls->how.session_file;
	char *text;
	size_t n;

	if (path == NULL || !is_ours(path))
		return;
	text = tls_mbed_read(path, SESSION_MAX, NULL, &n, NULL);
	if (text == NULL)
		return;
	c->offered = tls_mbed_session_take(c, text, n);
	free(text);
}

void
tls_mbed_session_forget(struct tls_conn *c)
{
	if (c->offered && is_ours(c->tls->how.session_file))
		unlink(c->tls->how.session_file);
}

static void
write_session(struct tls_conn *c, const mbedtls_ssl_session *session)
{
	unsigned char *data = malloc(SESSION_MAX);
	size_t head_n, n = 0;

	if (data == NULL)
		return;
	head_n = (size_t)header(c, (char *)data, 512);
	if (head_n < 512 &&
	    mbedtls_ssl_session_save(session, data + head_n, SESSION_MAX - head_n, &n) == 0)
		c->saved =
		    tls_mbed_write_secret(c->tls->how.session_file, data, head_n + n, NULL) == 0;
	free(data);
}

void
tls_mbed_session_save(struct tls_conn *c)
{
	mbedtls_ssl_session session;

	if (c->tls->how.session_file == NULL || c->saved)
		return;
	mbedtls_ssl_session_init(&session);
	if (mbedtls_ssl_get_session(&c->ssl, &session) == 0)
		write_session(c, &session);
	mbedtls_ssl_session_free(&session);
}

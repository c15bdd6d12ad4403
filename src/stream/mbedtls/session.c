#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "net/sys.h"
#include "stream/mbedtls/certificates/credentials.h"
#include "stream/mbedtls/certificates/secret_file.h"
#include "stream/mbedtls/certificates/trust.h"
#include "stream/mbedtls/certificates/verify.h"
#include "stream/mbedtls/config.h"
#include "stream/mbedtls/conn.h"
#include "stream/mbedtls/session.h"

/* A session stands for the handshake it came from, whose checks are not repeated. So it is offered
 * only if the same checks would be made. A line precedes what the library writes:
 *
 * 	usock session 2 LIBRARY BINDING PIN NOT-AFTER
 *
 * BINDING is a digest of all options that matter. PIN and NOT-AFTER are those of the peer's
 * certificate, and are checked again. */
#define SESSION_MAX (64u << 10)

enum { HEAD_MAX = 512 };

static const char not_ours[] = "others can read or change it, or it is another's";
static const char not_same[] = "it was made with other options, for another name or port, or by "
			       "another version";
static const char not_pinned[] = "its key is not the one of --pin";
static const char is_past[] = "its certificate has expired";

/* ---- binding ---- */

static void
digest_bytes(mbedtls_md_context_t *md, const void *bytes, size_t n)
{
	uint64_t length = n;

	mbedtls_md_update(md, (const unsigned char *)&length, sizeof(length));
	if (n > 0)
		mbedtls_md_update(md, bytes, n);
}

static void
digest_text(mbedtls_md_context_t *md, const char *text)
{
	digest_bytes(md, text, text == NULL ? 0 : strlen(text));
}

static void
digest_chain(mbedtls_md_context_t *md, const mbedtls_x509_crt *chain)
{
	for (; chain != NULL && chain->raw.p != NULL; chain = chain->next)
		digest_bytes(md, chain->raw.p, chain->raw.len);
	digest_text(md, ".");
}

/* The port, or the path of a unix socket: two servers may share a name. */
static void
digest_peer(mbedtls_md_context_t *md, const struct tls_conn *c)
{
	int fd = stream_raw_fd(c->base.stream.next, STREAM_OUT), port = 0;
	char path[SOCKNAME_TEXT_MAX] = "";
	struct sockname peer;

	if (fd != -1 && sys_peer_name(fd, &peer, NULL) == 0) {
		port = sockname_port(&peer);
		if (peer.sa.sa_family == AF_UNIX)
			sockname_format(&peer, path, sizeof(path));
	}
	digest_bytes(md, &port, sizeof(port));
	digest_text(md, path);
}

static void
digest_options(mbedtls_md_context_t *md, const struct tls *t)
{
	const struct tls_how *how = &t->how;
	const int numbers[] = { how->insecure, how->any_name, how->datagrams, (int)how->min,
		(int)how->max };

	digest_bytes(md, numbers, sizeof(numbers));
	digest_text(md, how->alpn);
	digest_text(md, how->ciphers);
	for (size_t i = 0; i < how->n_pins; i++)
		digest_bytes(md, t->pins[i].digest, sizeof(t->pins[i].digest));
	for (size_t i = 0; i < t->n_own; i++)
		digest_chain(md, &t->own[i].chain);
	for (size_t i = 0; i < t->n_psks; i++) {
		digest_text(md, t->psks[i].identity);
		digest_bytes(md, t->psks[i].key, t->psks[i].n);
	}
	/* the contents, not the file names */
	digest_chain(md, how->insecure ? NULL : &t->trust.chain);
}

static int
binding_of(const struct tls_conn *c, char text[65])
{
	mbedtls_md_context_t md;
	unsigned char digest[32];
	int rc;

	mbedtls_md_init(&md);
	rc = mbedtls_md_setup(&md, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 0);
	if (rc == 0)
		rc = mbedtls_md_starts(&md);
	if (rc == 0) {
		digest_text(&md, c->name);
		digest_peer(&md, c);
		digest_options(&md, c->tls);
		rc = mbedtls_md_finish(&md, digest);
	}
	mbedtls_md_free(&md);
	for (size_t i = 0; rc == 0 && i < sizeof(digest); i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return rc;
}

/* ---- offering ---- */

/* Only a file that nobody else can read or write: a session from somebody else would let them
 * decrypt. */
static bool
is_ours(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_uid == geteuid() && (st->st_mode & 077) == 0;
}

/* Splits the first line, which a NUL ends, into its words. Returns false if it is not ours. */
static bool
split_head(char *head, char *words[4])
{
	static const char magic[] = "usock session 2 ";
	char *at = head + sizeof(magic) - 1;

	if (strncmp(head, magic, sizeof(magic) - 1) != 0)
		return false;
	for (size_t i = 0; i < 4; i++) {
		words[i] = at;
		at += strcspn(at, " ");
		if ((*at == '\0') != (i == 3))
			return false;
		*at++ = '\0';
	}
	return true;
}

static bool
is_expired(const char *not_after)
{
	time_t now = time(NULL);
	char text[32];
	struct tm tm;

	return gmtime_r(&now, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0 ||
	    strcmp(text, not_after) > 0;
}

/* Checks the first line of a session. Returns NULL, or why the session does not fit this
 * connection. */
static const char *
check_head(struct tls_conn *c, char *head)
{
	bool checked = !c->tls->how.insecure;
	char *words[4], binding[65];

	if (!split_head(head, words) || strcmp(words[0], MBEDTLS_VERSION_STRING) != 0 ||
	    binding_of(c, binding) != 0 || strcmp(words[1], binding) != 0)
		return not_same;
	if (c->tls->how.n_pins > 0 && !tls_mbed_pin_is_given(c->tls, words[2]))
		return not_pinned;
	/* with a pre-shared key there is no certificate */
	if (checked && strcmp(words[3], "-") != 0 && is_expired(words[3]))
		return is_past;
	snprintf(c->leaf_pin, sizeof(c->leaf_pin), "%s", words[2]);
	snprintf(c->leaf_until, sizeof(c->leaf_until), "%s", words[3]);
	return NULL;
}

const char *
tls_mbed_session_load(struct tls_conn *c, const char *text, size_t n)
{
	const char *end = memchr(text, '\n', n), *why;
	mbedtls_ssl_session session;
	char head[HEAD_MAX];
	size_t head_n = end == NULL ? n : (size_t)(end - text);

	if (end == NULL || head_n >= sizeof(head) || memchr(text, '\0', head_n) != NULL)
		return not_same;
	memcpy(head, text, head_n);
	head[head_n] = '\0';
	why = check_head(c, head);
	if (why != NULL)
		return why;
	head_n++;
	mbedtls_ssl_session_init(&session);
	if (mbedtls_ssl_session_load(&session, (const unsigned char *)text + head_n, n - head_n) !=
		0 ||
	    mbedtls_ssl_set_session(&c->ssl, &session) != 0)
		why = not_same;
	mbedtls_ssl_session_free(&session);
	return why;
}

/* The binding includes the trusted certificates, so they are read before the handshake here. */
int
tls_mbed_session_offer(struct tls_conn *c, struct error *e)
{
	const char *path = c->tls->how.session_file;
	struct stat st;
	char *text;
	size_t n;

	if (path == NULL)
		return 0;
	if (tls_mbed_trust_load(c->tls, e) == -1)
		return -1;
	/* no session yet */
	if (lstat(path, &st) == -1 || st.st_size == 0)
		return 0;
	if (!is_ours(&st)) {
		c->info.not_offered = not_ours;
		return 0;
	}
	text = tls_mbed_secret_file_read(path, SESSION_MAX, NULL, &n, NULL);
	if (text == NULL)
		return 0;
	c->info.not_offered = tls_mbed_session_load(c, text, n);
	c->offered = c->info.not_offered == NULL;
	free(text);
	return 0;
}

void
tls_mbed_session_forget(struct tls_conn *c)
{
	const char *path = c->tls->how.session_file;
	struct stat st;

	if (c->offered && lstat(path, &st) == 0 && is_ours(&st))
		unlink(path);
}

/* ---- saving ---- */

int
tls_mbed_session_head(const struct tls_conn *c, char *text, size_t size)
{
	bool seen = c->info.has_peer;
	const char *pin = seen ? c->info.pin : c->leaf_pin;
	const char *until = seen ? c->info.not_after : c->leaf_until;
	char binding[65];

	if (binding_of(c, binding) != 0)
		return -1;
	return snprintf(text, size, "usock session 2 %s %s %s %s\n", MBEDTLS_VERSION_STRING,
	    binding, pin[0] != '\0' ? pin : "-", until[0] != '\0' ? until : "-");
}

static int
write_session(struct tls_conn *c, const mbedtls_ssl_session *session, struct error *e)
{
	const char *path = c->tls->how.session_file;
	unsigned char *data = malloc(SESSION_MAX);
	size_t n = 0;
	int head_n, rc;

	if (data == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	head_n = tls_mbed_session_head(c, (char *)data, HEAD_MAX);
	if (head_n > 0 && head_n < HEAD_MAX &&
	    mbedtls_ssl_session_save(session, data + head_n, SESSION_MAX - (size_t)head_n, &n) == 0)
		rc = tls_mbed_secret_file_write(path, data, (size_t)head_n + n, e);
	else
		rc = error_set(e, ERROR_LOCAL_IO, "write %s: the session is too long", path);
	free(data);
	return rc;
}

/* A server that keeps no sessions sends neither an identifier nor a ticket. */
static bool
can_be_resumed(const mbedtls_ssl_session *session)
{
	return session->id_len > 0 || session->ticket_len > 0;
}

void
tls_mbed_session_save(struct tls_conn *c)
{
	const struct tls_how *how = &c->tls->how;
	mbedtls_ssl_session session;
	struct error e;

	if (how->session_file == NULL || c->saved)
		return;
	mbedtls_ssl_session_init(&session);
	if (mbedtls_ssl_get_session(&c->ssl, &session) == 0 && can_be_resumed(&session)) {
		/* told once: further tickets are not tried */
		c->saved = true;
		if (write_session(c, &session, &e) < 0 && how->session_lost != NULL)
			how->session_lost(how->session_arg, &e);
	}
	mbedtls_ssl_session_free(&session);
}

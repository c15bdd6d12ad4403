#include "stream/mbedtls/certificates/chain.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "stream/mbedtls/config.h"
#include "stream/mbedtls/conn.h"

enum {
	LINE_BYTES = 48, /* 64 characters of base64 */
	TEXT_MAX = 1 << 20
};

static int
append_certificate(struct buf *out, const mbedtls_x509_crt *crt, struct error *e)
{
	unsigned char line[LINE_BYTES / 3 * 4 + 1];
	size_t n, put;
	int rc = buf_printf(out, e, "-----BEGIN CERTIFICATE-----\n");

	for (size_t at = 0; at < crt->raw.len && rc == 0; at += n) {
		n = crt->raw.len - at < LINE_BYTES ? crt->raw.len - at : LINE_BYTES;
		if (mbedtls_base64_encode(line, sizeof(line), &put, crt->raw.p + at, n) != 0)
			return error_set(e, ERROR_INTERNAL, "base64");
		rc = buf_printf(out, e, "%s\n", (const char *)line);
	}
	return rc == 0 ? buf_printf(out, e, "-----END CERTIFICATE-----\n") : -1;
}

static int
write_text(const char *path, const struct buf *text, struct error *e)
{
	int fd = file_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666, e);
	size_t put;
	int rc;

	if (fd < 0)
		return -1;
	rc = file_write(fd, buf_head(text), text->len, &put);
	if (rc < 0)
		error_errno(e, ERROR_LOCAL_IO, errno, "write %s", path);
	if (close(fd) < 0 && rc == 0)
		rc = error_errno(e, ERROR_LOCAL_IO, errno, "write %s", path);
	return rc;
}

int
tls_mbed_chain_save(const struct tls_conn *c, struct error *e)
{
	const mbedtls_x509_crt *crt = mbedtls_ssl_get_peer_cert(&c->ssl);
	const char *path = c->tls->how.chain_file;
	struct buf text;
	int rc = 0;

	if (path == NULL)
		return 0;
	if (crt == NULL)
		return error_set(e, ERROR_TLS, "--save-chain: the server has shown no certificate");
	buf_init(&text, TEXT_MAX);
	for (; crt != NULL && crt->raw.p != NULL && rc == 0; crt = crt->next)
		rc = append_certificate(&text, crt, e);
	if (rc == 0)
		rc = write_text(path, &text, e);
	buf_fini(&text);
	return rc < 0 ? error_prefix(e, "--save-chain") : 0;
}

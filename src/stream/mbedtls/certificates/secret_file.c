#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "base/file.h"
#include "stream/mbedtls/certificates/secret_file.h"

/* One byte more than max is read, to detect a file that is too long. */
static char *
read_secret(const struct file_source *source, size_t max, size_t *ret_n, struct error *e)
{
	struct stat st;
	size_t size = max;
	char *data;

	if (fstat(source->fd, &st) == 0 && S_ISREG(st.st_mode) && (uintmax_t)st.st_size < max)
		size = (size_t)st.st_size;
	data = malloc(size + 2);
	if (data == NULL) {
		error_set(e, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	if (file_read(source, data, size + 1, ret_n, e) < 0) {
		free(data);
		return NULL;
	}
	if (*ret_n > size) {
		free(data);
		error_errno(e, ERROR_LOCAL_IO, EFBIG, "read %s", source->path);
		return NULL;
	}
	data[*ret_n] = '\0';
	return data;
}

char *
tls_mbed_secret_file_read(const char *path, size_t max, const struct file_wait *wait, size_t *ret_n,
    struct error *e)
{
	struct file_source source = { .path = path, .wait = wait };
	char *data;

	source.fd = file_open(path, O_RDONLY, 0, e);
	if (source.fd < 0)
		return NULL;
	data = read_secret(&source, max, ret_n, e);
	close(source.fd);
	return data;
}

/* ---- what the file holds instead ---- */

/* PKCS#12 (RFC 7292, 4): a sequence that begins with the integer 3 and another sequence. */
static bool
is_pkcs12(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t head = n > 2 && p[1] > 0x80 ? 2 + (size_t)(p[1] & 0x7f) : 2;

	return n > head + 4 && p[0] == 0x30 && memcmp(p + head, "\x02\x01\x03\x30", 4) == 0;
}

/* Returns true if text follows the "-----BEGIN ...-----" on its line. */
static bool
is_one_line(const char *text)
{
	const char *at = strstr(text, "-----BEGIN ");
	const char *end = at == NULL ? NULL : strstr(at + 11, "-----");

	return end != NULL && end[5] != '\n' && end[5] != '\r';
}

/* Other PEM types (RFC 7468) with hints; the first that matches counts. */
static const struct {
	const char *mark, *what, *hint;
} others[] = {
	{ "BEGIN OPENSSH PRIVATE KEY-----", "a key in the format of OpenSSH",
	    "ssh-keygen -p -m PKCS8 -f COPY makes PEM of a copy" },
	{ "BEGIN CERTIFICATE REQUEST-----", "a request for a certificate",
	    "an authority makes the certificate of it" },
	{ "BEGIN PUBLIC KEY-----", "a public key", NULL },
};

static int
fail_other(const struct tls_secret_file *file, const char *text, struct error *e)
{
	const char *wanted = file->key ? "private key in PEM" : "certificate";

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (strstr(text, others[i].mark) == NULL)
			continue;
		error_set(e, ERROR_TLS, "%s: %s holds %s, and no %s", file->option, file->path,
		    others[i].what, wanted);
		return others[i].hint != NULL ? error_hint(e, "%s", others[i].hint) : -1;
	}
	return 0;
}

static int
explain_pem(const struct tls_secret_file *file, const char *text, struct error *e)
{
	bool key = strstr(text, "BEGIN PRIVATE KEY-----") != NULL ||
	    strstr(text, "BEGIN ENCRYPTED PRIVATE KEY-----") != NULL ||
	    strstr(text, "BEGIN RSA PRIVATE KEY-----") != NULL ||
	    strstr(text, "BEGIN EC PRIVATE KEY-----") != NULL;
	bool certificate = strstr(text, "BEGIN CERTIFICATE-----") != NULL;

	if (file->key ? key : certificate)
		return 0;
	if (file->other != NULL && (file->key ? certificate : key)) {
		error_set(e, ERROR_TLS,
		    file->key ? "%s: %s holds a certificate, and no key"
			      : "%s: %s holds a key, and no certificate",
		    file->option, file->path);
		return error_hint(e, "%s", file->other);
	}
	if (fail_other(file, text, e) == -1)
		return -1;
	/* DER has no PEM header */
	return text[0] == 0x30 ? 0
			       : error_set(e, ERROR_TLS, "%s: %s: there is no %s in it",
				     file->option, file->path, file->key ? "key" : "certificate");
}

int
tls_mbed_secret_file_explain(const struct tls_secret_file *file, const char *text, size_t n,
    struct error *e)
{
	if (is_pkcs12(text, n)) {
		error_set(e, ERROR_TLS, "%s: %s: it is PKCS#12, not PEM", file->option, file->path);
		return error_hint(e, "openssl pkcs12 -in %s -nodes -out FILE makes PEM of it",
		    file->path);
	}
	if (is_one_line(text)) {
		error_set(e, ERROR_TLS, "%s: %s: its line ends are lost", file->option, file->path);
		return error_hint(e,
		    "in PEM each -----BEGIN...----- and -----END...----- is a line of its own");
	}
	return explain_pem(file, text, e);
}

int
tls_mbed_secret_file_open(const char *path, struct error *e)
{
	return file_open_private(path, O_APPEND | O_NOFOLLOW, e);
}

int
tls_mbed_secret_file_check(const char *path, struct error *e)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	struct stat st;
	char *folder;
	int rc;

	if (file_may_replace(path, e) < 0)
		return -1;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return error_errno(e, ERROR_LOCAL_IO, EISDIR, "write %s", path);
	folder = n == 0 ? strdup(".") : strndup(path, n);
	if (folder == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	rc = access(folder, W_OK | X_OK);
	if (rc < 0)
		error_errno(e, ERROR_LOCAL_IO, errno, "write %s", path);
	free(folder);
	return rc;
}

int
tls_mbed_secret_file_write(const char *path, const void *data, size_t n, struct error *e)
{
	size_t size = strlen(path) + 8, put;
	char *fresh = malloc(size);
	int fd = -1, rc = -1;

	if (fresh == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	snprintf(fresh, size, "%s.XXXXXX", path);
	/* mode 0600; a symbolic link at path is replaced, not followed */
	fd = mkostemp(fresh, O_CLOEXEC);
	if (fd >= 0) {
		rc = file_write(fd, data, n, &put);
		if (close(fd) < 0)
			rc = -1;
		if (rc == 0)
			rc = rename(fresh, path);
	}
	if (rc < 0)
		error_errno(e, ERROR_LOCAL_IO, errno, "write %s", path);
	if (rc < 0 && fd >= 0)
		unlink(fresh);
	free(fresh);
	return rc;
}

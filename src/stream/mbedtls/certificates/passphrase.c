#include "stream/mbedtls/certificates/passphrase.h"
#include "base/error.h"
#include "stream/mbedtls/certificates/secret_file.h"
#include "stream/mbedtls/config.h"

#include <mbedtls/asn1.h>
#include <mbedtls/platform_util.h>
#include <stdlib.h>

enum { FILE_MAX = 1 << 16, PHRASE_MAX = 1024, AES_BLOCK = 16, AES_KEY_MAX = 32 };

/* ---- keys encrypted by PBES2 (RFC 8018, 6.2) with AES ----
 *
 * OpenSSL 3 writes no others, and the library reads only DES before version 3.6. */

/* The parts of EncryptedPrivateKeyInfo (RFC 5958, 3). Pointers point into the file's bytes. */
struct pbes2 {
	const unsigned char *salt, *iv, *data;
	size_t salt_n, key_n, data_n;
	int iterations;
	mbedtls_md_type_t hash;
};

/* Compares an object identifier with bytes, except its last byte, which goes to *ret_last. */
static bool
get_last_below(const mbedtls_asn1_buf *oid, const char *bytes, size_t n, unsigned *ret_last)
{
	if (oid->tag != MBEDTLS_ASN1_OID || oid->len != n + 1 || memcmp(oid->p, bytes, n) != 0)
		return false;
	*ret_last = oid->p[n];
	return true;
}

#define LAST_BELOW(oid, bytes, last) get_last_below(oid, bytes, sizeof(bytes) - 1, last)
#define PKCS_5 "\x2a\x86\x48\x86\xf7\x0d\x01\x05"
#define DIGESTS "\x2a\x86\x48\x86\xf7\x0d\x02"
#define AES "\x60\x86\x48\x01\x65\x03\x04\x01"

enum { PBKDF2 = 12, PBES2 = 13 };

/* hmacWithSHA1 ... hmacWithSHA512 (RFC 8018, B.1.2). */
static bool
read_hash(const mbedtls_asn1_buf *oid, struct pbes2 *p)
{
	static const mbedtls_md_type_t hashes[] = { MBEDTLS_MD_SHA1, MBEDTLS_MD_SHA224,
		MBEDTLS_MD_SHA256, MBEDTLS_MD_SHA384, MBEDTLS_MD_SHA512 };
	unsigned last;

	if (!LAST_BELOW(oid, DIGESTS, &last) || last < 7 || last - 7 >= 5)
		return false;
	p->hash = hashes[last - 7];
	return true;
}

/* PBKDF2-params (RFC 8018, A.2). */
static bool
read_kdf(const mbedtls_asn1_buf *params, struct pbes2 *p)
{
	unsigned char *at = params->p, *end = at + params->len;
	mbedtls_asn1_buf hash, none;
	int key_n;

	if (params->tag != (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE) ||
	    mbedtls_asn1_get_tag(&at, end, &p->salt_n, MBEDTLS_ASN1_OCTET_STRING) != 0)
		return false;
	p->salt = at;
	at += p->salt_n;
	if (mbedtls_asn1_get_int(&at, end, &p->iterations) != 0 || p->iterations < 1)
		return false;
	/* the cipher determines the key length */
	if (at < end && *at == MBEDTLS_ASN1_INTEGER && mbedtls_asn1_get_int(&at, end, &key_n) != 0)
		return false;
	p->hash = MBEDTLS_MD_SHA1;
	return at == end ||
	    (mbedtls_asn1_get_alg(&at, end, &hash, &none) == 0 && read_hash(&hash, p));
}

/* aes128-CBC, aes192-CBC, aes256-CBC (RFC 8018, B.2.5). */
static bool
read_cipher(const mbedtls_asn1_buf *oid, const mbedtls_asn1_buf *iv, struct pbes2 *p)
{
	unsigned last;

	if (!LAST_BELOW(oid, AES, &last) || iv->tag != MBEDTLS_ASN1_OCTET_STRING ||
	    iv->len != AES_BLOCK)
		return false;
	p->iv = iv->p;
	p->key_n = last == 2 ? 16 : last == 22 ? 24 : last == 42 ? 32 : 0;
	return p->key_n > 0;
}

static bool
read_pbes2(unsigned char *at, size_t n, struct pbes2 *p)
{
	const int sequence = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE;
	unsigned char *end = at + n, *in, *in_end;
	mbedtls_asn1_buf oid, params;
	unsigned last;

	if (mbedtls_asn1_get_tag(&at, end, &n, sequence) != 0)
		return false;
	end = at + n;
	if (mbedtls_asn1_get_alg(&at, end, &oid, &params) != 0 || params.tag != sequence ||
	    !LAST_BELOW(&oid, PKCS_5, &last) || last != PBES2)
		return false;
	in = params.p;
	in_end = in + params.len;
	if (mbedtls_asn1_get_alg(&in, in_end, &oid, &params) != 0 ||
	    !LAST_BELOW(&oid, PKCS_5, &last) || last != PBKDF2 || !read_kdf(&params, p) ||
	    mbedtls_asn1_get_alg(&in, in_end, &oid, &params) != 0 ||
	    !read_cipher(&oid, &params, p) ||
	    mbedtls_asn1_get_tag(&at, end, &p->data_n, MBEDTLS_ASN1_OCTET_STRING) != 0)
		return false;
	p->data = at;
	return p->data_n > 0 && p->data_n % AES_BLOCK == 0;
}

/* Returns the length without the padding (RFC 8018, 6.1.1), or 0 if the padding is wrong. */
static size_t
unpadded_length(const unsigned char *data, size_t n)
{
	size_t pad = data[n - 1];

	if (pad == 0 || pad > AES_BLOCK)
		return 0;
	for (size_t i = n - pad; i < n; i++)
		if (data[i] != pad)
			return 0;
	return n - pad;
}

static int
decrypt_key(const struct pbes2 *p, const unsigned char *phrase, size_t n, unsigned char *out,
    mbedtls_pk_context *key)
{
	unsigned char secret[AES_KEY_MAX];
	int rc = compat_pbkdf2(p->hash, phrase, n, p->salt, p->salt_n, (unsigned)p->iterations,
	    secret, p->key_n);

	if (rc == 0)
		rc = compat_aes_cbc_decrypt(secret, p->key_n, p->iv, p->data, p->data_n, out);
	mbedtls_platform_zeroize(secret, sizeof(secret));
	if (rc != 0)
		return rc;
	n = unpadded_length(out, p->data_n);
	return n == 0 || compat_parse_key(key, out, n, NULL, 0) != 0
	    ? MBEDTLS_ERR_PK_PASSWORD_MISMATCH
	    : 0;
}

static int
parse_pbes2(mbedtls_pk_context *key, const char *text, const unsigned char *phrase, size_t n)
{
	int rc = MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE;
	mbedtls_pem_context pem;
	unsigned char *out;
	struct pbes2 p;
	size_t used;

	mbedtls_pem_init(&pem);
	if (mbedtls_pem_read_buffer(&pem, "-----BEGIN ENCRYPTED PRIVATE KEY-----",
		"-----END ENCRYPTED PRIVATE KEY-----", (const unsigned char *)text, NULL, 0,
		&used) == 0 &&
	    read_pbes2(pem.buf, pem.buflen, &p)) {
		out = malloc(p.data_n);
		rc = out == NULL ? MBEDTLS_ERR_PK_ALLOC_FAILED
				 : decrypt_key(&p, phrase, n, out, key);
		if (out != NULL)
			mbedtls_platform_zeroize(out, p.data_n);
		free(out);
	}
	mbedtls_pem_free(&pem);
	return rc;
}

/* ---- pass phrases ---- */

/* A key decrypted with a wrong phrase may look merely malformed. */
static bool
is_unsupported(int code)
{
	return code == MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE ||
	    code == MBEDTLS_ERR_PKCS5_FEATURE_UNAVAILABLE ||
	    code == MBEDTLS_ERR_PEM_UNKNOWN_ENC_ALG;
}

/* Returns 0, MBEDTLS_ERR_PK_PASSWORD_MISMATCH, or why no phrase can open the key. */
static int
try_phrase(mbedtls_pk_context *key, const char *text, const char *phrase, size_t n)
{
	const unsigned char *bytes = (const unsigned char *)phrase;
	int rc = compat_parse_key(key, (const unsigned char *)text, strlen(text) + 1, bytes, n);

	if (is_unsupported(rc))
		rc = parse_pbes2(key, text, bytes, n);
	return rc == 0 || is_unsupported(rc) ? rc : MBEDTLS_ERR_PK_PASSWORD_MISMATCH;
}

static int
fail_unsupported(const char *path, struct error *e)
{
	error_set(e, ERROR_TLS, "--key: %s: it is encrypted in a way that %s cannot undo", path,
	    usock_module_tls.head.library);
	return error_hint(e,
	    "openssl pkcs8 -topk8 -v2 aes256 -in %s -out FILE makes one that it can", path);
}

/* Tries each line as the pass phrase. */
static int
try_lines(struct tls *t, mbedtls_pk_context *key, const char *path, const char *text,
    struct error *e)
{
	int rc = MBEDTLS_ERR_PK_PASSWORD_MISMATCH;
	const char *line = t->phrases;
	size_t n;

	while (rc == MBEDTLS_ERR_PK_PASSWORD_MISMATCH && line < t->phrases + t->phrases_n) {
		n = strcspn(line, "\n");
		rc = try_phrase(key, text, line, n > 0 && line[n - 1] == '\r' ? n - 1 : n);
		line += n + 1;
	}
	if (is_unsupported(rc))
		return fail_unsupported(path, e);
	return rc == 0
	    ? 0
	    : error_set(e, ERROR_TLS, "--key-pass-file: %s: no line of it is the pass phrase of %s",
		  t->how.key_pass_file, path);
}

static int
try_prompt(const struct tls *t, mbedtls_pk_context *key, const char *path, const char *text,
    struct error *e)
{
	char room[PHRASE_MAX];
	ssize_t n = t->how.ask->pass_phrase(t->how.ask->arg, path, room, sizeof(room), e);
	int rc;

	if (n < 0)
		return -1;
	rc = try_phrase(key, text, room, (size_t)n);
	mbedtls_platform_zeroize(room, sizeof(room));
	if (is_unsupported(rc))
		return fail_unsupported(path, e);
	return rc == 0 ? 0 : error_set(e, ERROR_TLS, "--key: %s: the pass phrase is wrong", path);
}

int
tls_mbed_passphrase_parse(struct tls *t, mbedtls_pk_context *key, const char *path,
    const char *text, struct error *e)
{
	if (t->phrases != NULL)
		return try_lines(t, key, path, text, e);
	if (t->how.ask != NULL)
		return try_prompt(t, key, path, text, e);
	error_set(e, ERROR_TLS, "--key: %s: the key is encrypted", path);
	return error_hint(e, "--key-pass-file FILE has its pass phrase");
}

int
tls_mbed_passphrase_load(struct tls *t, struct error *e)
{
	if (t->how.key_pass_file == NULL)
		return 0;
	t->phrases = tls_mbed_secret_file_read(t->how.key_pass_file, FILE_MAX, t->how.wait,
	    &t->phrases_n, e);
	return t->phrases == NULL ? error_prefix(e, "--key-pass-file") : 0;
}

void
tls_mbed_passphrase_forget(struct tls *t)
{
	if (t->phrases != NULL)
		mbedtls_platform_zeroize(t->phrases, t->phrases_n);
	free(t->phrases);
	t->phrases = NULL;
}

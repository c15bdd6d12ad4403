#include "stream/mbedtls/keys.h"
#include "stream/mbedtls/compat/compat.h"

#include <mbedtls/platform_util.h>
#include <string.h>

static const struct cipher {
	const char *name;
	size_t key, fixed_iv; /* bytes; fixed_iv is the part of the nonce that TLS 1.2 derives */
} ciphers[KTLS_CIPHERS] = {
	[KTLS_AES_128_GCM] = { "_AES_128_GCM_", 16, 4 },
	[KTLS_AES_256_GCM] = { "_AES_256_GCM_", 32, 4 },
	[KTLS_CHACHA20_POLY1305] = { "_CHACHA20_POLY1305_", 32, 12 },
};

/* The keys and nonces of both sides. */
#define BLOCK_MAX (2 * (32 + 12))
/* "tls13 " and a label with their lengths (RFC 8446, 7.1), and the block number. */
#define LABEL_MAX 32

enum ktls_cipher
tls_mbed_keys_cipher(const char *name)
{
	int i;

	for (i = KTLS_NO_CIPHER + 1; i < KTLS_CIPHERS; i++)
		if (strstr(name, ciphers[i].name) != NULL)
			return (enum ktls_cipher)i;
	return KTLS_NO_CIPHER;
}

/* ---- TLS 1.2 ---- */

int
tls_mbed_keys_of_master(const struct tls_master *master, bool client, struct ktls_keys *keys)
{
	const struct cipher *c = &ciphers[keys->cipher];
	unsigned char random[64], block[BLOCK_MAX];
	int rc;

	memcpy(random, master->server, 32);
	memcpy(random + 32, master->client, 32);
	rc = mbedtls_ssl_tls_prf(master->sha384 ? MBEDTLS_SSL_TLS_PRF_SHA384
						: MBEDTLS_SSL_TLS_PRF_SHA256,
	    master->bytes, sizeof(master->bytes), "key expansion", random, sizeof(random), block,
	    2 * (c->key + c->fixed_iv));
	memcpy(keys->key, block + (client ? 0 : c->key), c->key);
	memcpy(keys->iv, block + 2 * c->key + (client ? 0 : c->fixed_iv), c->fixed_iv);
	mbedtls_platform_zeroize(block, sizeof(block));
	return rc;
}

/* ---- TLS 1.3 ---- */

/* HKDF-Expand-Label(secret, word, "", n). n is at most the length of the hash: one block. */
static int
expand_label(const struct tls_secret *secret, const char *word, unsigned char *out, size_t n)
{
	unsigned char info[LABEL_MAX], block[TLS_SECRET_MAX];
	size_t label = strlen("tls13 ") + strlen(word), at = 3;
	int rc;

	info[0] = 0;
	info[1] = (unsigned char)n;
	info[2] = (unsigned char)label;
	memcpy(info + at, "tls13 ", strlen("tls13 "));
	memcpy(info + at + strlen("tls13 "), word, strlen(word));
	at += label;
	info[at++] = 0; /* empty context */
	info[at++] = 1; /* the first block */
	rc = compat_hmac(secret->n == 48, secret->bytes, secret->n, info, at, block);
	memcpy(out, block, n);
	mbedtls_platform_zeroize(block, sizeof(block));
	return rc;
}

int
tls_mbed_keys_of_secret(const struct tls_secret *secret, struct ktls_keys *keys)
{
	int rc = expand_label(secret, "key", keys->key, ciphers[keys->cipher].key);

	return rc != 0 ? rc : expand_label(secret, "iv", keys->iv, sizeof(keys->iv));
}

int
tls_mbed_keys_next(struct tls_secret *secret)
{
	struct tls_secret next = { .n = secret->n };
	int rc = expand_label(secret, "traffic upd", next.bytes, next.n);

	if (rc == 0)
		*secret = next;
	mbedtls_platform_zeroize(&next, sizeof(next));
	return rc;
}

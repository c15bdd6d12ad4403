#include "stream/mbedtls/keys.h"
#include "test.h"

/* Parses hexadecimal digits. Returns the number of bytes. */
static size_t
bytes_of(const char *hex, unsigned char *out)
{
	size_t n;

	for (n = 0; hex[2 * n] != '\0'; n++) {
		char digits[3] = { hex[2 * n], hex[2 * n + 1], '\0' };

		out[n] = (unsigned char)strtoul(digits, NULL, 16);
	}
	return n;
}

static void
is_hex(const unsigned char *got, const char *want)
{
	unsigned char bytes[64];
	size_t n = bytes_of(want, bytes);

	check_mem(got, n, bytes, n);
}

static struct tls_secret
secret_of(const char *hex)
{
	struct tls_secret secret;

	secret.n = bytes_of(hex, secret.bytes);
	return secret;
}

/* 00 01 02 ... */
#define COUNTED                                                                                    \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"                         \
	"202122232425262728292a2b2c2d2e2f"

/* RFC 8448, 3: the traffic secrets of its first handshake */
#define RFC_CLIENT "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5"
#define RFC_SERVER "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643"

TEST("a cipher is recognised by its name in TLS 1.2 and 1.3, and no other is")
{
	check_int(tls_mbed_keys_cipher("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), KTLS_AES_128_GCM);
	check_int(tls_mbed_keys_cipher("TLS_AES_128_GCM_SHA256"), KTLS_AES_128_GCM);
	check_int(tls_mbed_keys_cipher("TLS_PSK_WITH_AES_256_GCM_SHA384"), KTLS_AES_256_GCM);
	check_int(tls_mbed_keys_cipher("TLS_AES_256_GCM_SHA384"), KTLS_AES_256_GCM);
	check_int(tls_mbed_keys_cipher("TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
	    KTLS_CHACHA20_POLY1305);
	check_int(tls_mbed_keys_cipher("TLS_CHACHA20_POLY1305_SHA256"), KTLS_CHACHA20_POLY1305);
	check_int(tls_mbed_keys_cipher("TLS_RSA_WITH_AES_128_CBC_SHA256"), KTLS_NO_CIPHER);
	check_int(tls_mbed_keys_cipher("TLS_AES_128_CCM_SHA256"), KTLS_NO_CIPHER);
	check_int(tls_mbed_keys_cipher("TLS_RSA_WITH_ARIA_128_GCM_SHA256"), KTLS_NO_CIPHER);
	check_int(tls_mbed_keys_cipher("TLS_RSA_WITH_CAMELLIA_256_GCM_SHA384"), KTLS_NO_CIPHER);
	check_int(tls_mbed_keys_cipher("?"), KTLS_NO_CIPHER);
}

TEST("keys and nonces of TLS 1.3 are those of RFC 8448")
{
	struct ktls_keys keys = { .tls13 = true, .cipher = KTLS_AES_128_GCM };
	struct tls_secret client = secret_of(RFC_CLIENT), server = secret_of(RFC_SERVER);

	check_int(tls_mbed_keys_of_secret(&client, &keys), 0);
	is_hex(keys.key, "17422dda596ed5d9acd890e3c63f5051");
	is_hex(keys.iv, "5b78923dee08579033e523d9");
	check_int(tls_mbed_keys_of_secret(&server, &keys), 0);
	is_hex(keys.key, "9f02283b6c9c07efc26bb9f2ac92e356");
	is_hex(keys.iv, "cf782b88dd83549aadf1e984");
}

TEST("a secret of 48 bytes is expanded with SHA-384")
{
	struct ktls_keys keys = { .tls13 = true, .cipher = KTLS_AES_256_GCM };
	struct tls_secret secret = secret_of(COUNTED);

	check_int(tls_mbed_keys_of_secret(&secret, &keys), 0);
	is_hex(keys.key, "6877d022f1c61d24ebb7487c16752d9a4798e40431c75b39320e537c90e23225");
	is_hex(keys.iv, "42822531a0fe88648fc09e9f");
}

/* These values and those of TLS 1.2 were made with HMAC alone, in another language. */
TEST("the next secret is as long, and derived from the one before")
{
	struct tls_secret client = secret_of(RFC_CLIENT), longer = secret_of(COUNTED);

	check_int(tls_mbed_keys_next(&client), 0);
	check_int((int)client.n, 32);
	is_hex(client.bytes, "fcdfcc72725aaee48bf64e4fd8b749cdbdbab39d90da0b26e2245ca6ea167207");
	check_int(tls_mbed_keys_next(&longer), 0);
	check_int((int)longer.n, 48);
	is_hex(longer.bytes,
	    "401331b63e9d59f202e8f041042d9516f4cd7fa2e2ee14631d3b49fc340d7af3"
	    "7fc2c0c9f252d8036f81ec5b85cbe5db");
}

/* ---- TLS 1.2 ---- */

static const struct vector {
	enum ktls_cipher cipher;
	bool sha384;
	const char *client_key, *server_key, *client_iv, *server_iv;
} vectors[] = {
	{ KTLS_AES_128_GCM, false, "b8a6f35765ccc99106073773bcfb03b8",
	    "b185493e199efc6c414ed8daf231e0d5", "74772760", "af70050f" },
	{ KTLS_AES_256_GCM, true,
	    "ac7a52bf909d11a0ea67ae5623a54fb5c69c4f97b47c9977d66ea5a542825e1b",
	    "17fa7ab15431460b66a3c83b426ab88748777b48c55c3e8ef3993c111ddef167", "97ed30ae",
	    "7a43fa36" },
	{ KTLS_CHACHA20_POLY1305, false,
	    "b8a6f35765ccc99106073773bcfb03b8b185493e199efc6c414ed8daf231e0d5",
	    "74772760af70050f27ae54af6553137de9219e21145fb9a4d0676107c6121c31",
	    "4631402afdf7460ff00e6784", "caa30e6004c7f73b5beb780f" },
};

TEST("keys and nonces of TLS 1.2 come from the master secret, each side's its own")
{
	struct tls_master master;
	size_t i;

	for (i = 0; i < sizeof(master.bytes); i++)
		master.bytes[i] = (unsigned char)i;
	for (i = 0; i < 32; i++) {
		master.client[i] = (unsigned char)(0xc0 + i);
		master.server[i] = (unsigned char)(0x50 + i);
	}
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct vector *v = &vectors[i];
		struct ktls_keys keys = { .cipher = v->cipher };

		master.sha384 = v->sha384;
		check_int(tls_mbed_keys_of_master(&master, true, &keys), 0);
		is_hex(keys.key, v->client_key);
		is_hex(keys.iv, v->client_iv);
		check_int(tls_mbed_keys_of_master(&master, false, &keys), 0);
		is_hex(keys.key, v->server_key);
		is_hex(keys.iv, v->server_iv);
	}
}

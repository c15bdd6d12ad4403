/*
 * Private keys that are encrypted.
 */
#ifndef STREAM_MBEDTLS_CERTIFICATES_PASSPHRASE_H
#define STREAM_MBEDTLS_CERTIFICATES_PASSPHRASE_H

#include "stream/mbedtls/compat/compat.h"

struct error;
struct tls;

/* Reads key_pass_file. */
int tls_mbed_passphrase_load(struct tls *t, struct error *e);
/* Parses the key in text, the contents of path, with the pass phrases of key_pass_file or one from
 * the user. */
int tls_mbed_passphrase_parse(struct tls *t, mbedtls_pk_context *key, const char *path,
    const char *text, struct error *e);
/* Wipes and frees the pass phrases. */
void tls_mbed_passphrase_forget(struct tls *t);

#endif

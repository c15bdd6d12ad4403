/*
 * Verification of the peer: its chain, its name, its pin.
 */
#ifndef STREAM_MBEDTLS_CERTIFICATES_VERIFY_H
#define STREAM_MBEDTLS_CERTIFICATES_VERIFY_H

#include "stream/mbedtls/compat/compat.h"

struct error;
struct tls;
struct tls_info;

int tls_mbed_pins(struct tls *t, struct error *e);
/* The library's callback for each certificate of a chain, the root first. */
int tls_mbed_verify(void *conn, mbedtls_x509_crt *crt, int depth, uint32_t *flags);
/* Fills info with what the certificate says about its owner. */
void tls_mbed_describe(const mbedtls_x509_crt *crt, struct tls_info *info);
/* Returns true if the pin "sha256//..." is one of how.pins. */
bool tls_mbed_pin_is_given(const struct tls *t, const char *pin);

#endif

/*
 * The certificates that a server shows, as a file.
 */
#ifndef STREAM_MBEDTLS_CERTIFICATES_CHAIN_H
#define STREAM_MBEDTLS_CERTIFICATES_CHAIN_H

struct error;
struct tls_conn;

/* Writes them to the file of how.chain_file, if there is one, in PEM (RFC 7468), the server's own
 * first; the file is emptied before. Call it after the handshake. Fails with ERROR_LOCAL_IO, and with
 * ERROR_TLS where the server has shown none. */
int tls_mbed_chain_save(const struct tls_conn *c, struct error *e);

#endif

/*
 * Kernel TLS on a connected TCP socket: the kernel encrypts and decrypts the records (the
 * kernel's Documentation/networking/tls.rst). ktls_none.c is for systems without it. Nothing
 * here waits. A failed call leaves the socket unchanged; the bytes of a side without keys are
 * not encrypted.
 */
#ifndef NET_KTLS_KTLS_H
#define NET_KTLS_KTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;

enum ktls_cipher {
	KTLS_NO_CIPHER,
	KTLS_AES_128_GCM,
	KTLS_AES_256_GCM,
	KTLS_CHACHA20_POLY1305,
	KTLS_CIPHERS
};

enum ktls_side { KTLS_SEND, KTLS_RECEIVE, KTLS_SIDES };

/* The keys of one side. */
struct ktls_keys {
	bool tls13; /* else TLS 1.2 */
	enum ktls_cipher cipher;
	unsigned char key[32]; /* AES-128-GCM uses 16 bytes */
	unsigned char iv[12];  /* GCM in TLS 1.2 uses the first 4 bytes, the salt (RFC 5288, 3) */
	unsigned char seq[8];  /* number of the next record, in network order */
};

/* Record types (RFC 8446, B.1). */
enum { KTLS_ALERT = 21, KTLS_HANDSHAKE = 22, KTLS_DATA = 23 };

/* Enables kernel TLS on the socket: once, before ktls_set_keys(). Fails with ENOENT when the
 * kernel lacks it. */
int ktls_attach(int fd, struct error *e);

/* From now on the kernel encrypts what is written, or decrypts what is read. Receiving, all
 * earlier records must have been read from fd. A second call updates the keys: TLS 1.3 only;
 * EBUSY when the kernel cannot (before 6.14). ENOBUFS: the buffer of this side is too small for
 * a record. */
int ktls_set_keys(int fd, enum ktls_side side, const struct ktls_keys *keys, struct error *e);

/* Receives bytes of records of one type, *ret_kind: of several records for KTLS_DATA, of one or
 * a part of it for others. Returns 0 with *ret_kind 0 at the end and with a type for an empty
 * record; SYS_AGAIN; or -1: EBADMSG when decryption fails, EMSGSIZE or EINVAL when the bytes
 * are no record. */
ssize_t ktls_recv(int fd, void *data, size_t n, unsigned char *ret_kind, struct error *e);

/* Sends one record of a type other than KTLS_DATA. Returns 0, SYS_AGAIN or -1; never sends a part.
 * Sends only when TCP has room (LOOP_WRITE), so that data which the kernel has encrypted but not
 * passed to TCP goes out too. shutdown(2) and close(2) drop such data: send close_notify first. */
int ktls_send(int fd, unsigned char kind, const void *data, size_t n, struct error *e);

#endif

/*
 * TLS records that the kernel seals and opens, on a connected TCP socket (the
 * kernel's Documentation/networking/tls.rst). ktls_none.c where no kernel does.
 * Nothing here waits, and what fails leaves the socket as it was: bytes of a
 * side without keys go as they are.
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

/* Of one side. */
struct ktls_keys {
	bool tls13; /* else TLS 1.2 */
	enum ktls_cipher cipher;
	unsigned char key[32]; /* of AES-128-GCM 16 */
	unsigned char iv[12];  /* of GCM in TLS 1.2 only the first 4: the salt (RFC 5288, 3) */
	unsigned char seq[8];  /* number of the next record, as it is on the wire */
};

/* Kinds of records (RFC 8446, B.1). */
enum { KTLS_ALERT = 21, KTLS_HANDSHAKE = 22, KTLS_DATA = 23 };

/* Makes the kernel's TLS part of the socket: once, before keys. ENOENT: this kernel has none. */
int ktls_attach(int fd, struct error *e);

/* From here on the kernel seals what is written, or opens what is read. Receiving, all records
 * before the one with this number must have been read from fd. Again for new keys: only of TLS
 * 1.3, EBUSY where the kernel cannot (before 6.14). ENOBUFS: the side's buffer is too small for records. */
int ktls_set_keys(int fd, enum ktls_side side, const struct ktls_keys *keys, struct error *e);

/* Bytes of records of one kind, *ret_kind; of KTLS_DATA several, of others one or a part of one.
 * 0 with *ret_kind 0 is the end, SYS_AGAIN, or -1: EBADMSG: not sealed with the key; EMSGSIZE,
 * EINVAL: no record. 0 with a kind: an empty record. */
ssize_t ktls_recv(int fd, void *data, size_t n, unsigned char *ret_kind, struct error *e);

/* One record of another kind than KTLS_DATA, all of it: 0, SYS_AGAIN, or -1. It waits for room
 * (LOOP_WRITE) so that it takes along what the kernel has sealed and TCP had no room for, which
 * shutdown(2) and close(2) would drop: send close_notify before them. */
int ktls_send(int fd, unsigned char kind, const void *data, size_t n, struct error *e);

#endif

/*
 * Files that hold keys, certificates or sessions.
 */
#ifndef STREAM_MBEDTLS_CERTIFICATES_SECRET_FILE_H
#define STREAM_MBEDTLS_CERTIFICATES_SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct file_wait;

/* Reads a whole file and terminates it with a NUL, which *ret_n does not count. The caller frees
 * the result. If wait is NULL, the file has to be regular. Returns NULL with ERROR_LOCAL_IO, or the
 * errors of the wait. */
char *tls_mbed_secret_file_read(const char *path, size_t max, const struct file_wait *wait,
    size_t *ret_n, struct error *e);
/* What an option expects a file to hold. */
struct tls_secret_file {
	const char *option, *path;
	bool key;          /* a private key, else certificates */
	const char *other; /* the hint if the file holds the other of the two; NULL: none */
};
/* Returns -1 and explains why the n bytes of text, followed by a NUL, are not what the option
 * expects, without quoting any of them. Returns 0 if it cannot tell. */
int tls_mbed_secret_file_explain(const struct tls_secret_file *file, const char *text, size_t n,
    struct error *e);
/* Opens a file with secrets for appending, mode 0600, without following a symbolic link. */
int tls_mbed_secret_file_open(const char *path, struct error *e);
/* Checks before a connection is made that tls_mbed_secret_file_write() has a chance: path is no
 * folder, FIFO, device or socket, and its folder can be written to. */
int tls_mbed_secret_file_check(const char *path, struct error *e);

/* Replaces the file atomically. */
int tls_mbed_secret_file_write(const char *path, const void *data, size_t n, struct error *e);

#endif

/*
 * One error for the whole program: what kind of failure, where its number
 * comes from, and the complete text that a user reads.
 *
 * Every function that can fail takes `struct error *e` as its last parameter,
 * leaves it untouched on success, fills it on failure and returns -1 (or NULL).
 * The text is complete where it is made: verb, address, reason; a caller that
 * knows more puts it in front with error_prefix(). e may be NULL where the
 * caller only wants to know that it failed.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/* code, word for scripts and JSON, exit status of the process */
#define ERROR_CODES(X)                                                                             \
	X(ERROR_NETWORK, "network", 1)                                                             \
	X(ERROR_USAGE, "usage", 2)                                                                 \
	X(ERROR_RESOLVE, "resolve", 3)                                                             \
	X(ERROR_EXPECT, "expect", 4)                                                               \
	X(ERROR_TLS, "tls", 5)                                                                     \
	X(ERROR_PROXY, "proxy", 6)                                                                 \
	X(ERROR_PEER_ENDED, "peer-ended", 7)                                                       \
	X(ERROR_LOCAL_IO, "local-io", 8)                                                           \
	X(ERROR_TIMEOUT, "timeout", 124)                                                           \
	X(ERROR_INTERNAL, "internal", 125)                                                         \
	X(ERROR_NOT_EXECUTABLE, "not-executable", 126)                                             \
	X(ERROR_NOT_FOUND, "not-found", 127)                                                       \
	X(ERROR_SCRIPT, "script", 1)                                                               \
	X(ERROR_SIGNAL, "signal", 128)

enum error_code {
#define X(code, word, status) code,
	ERROR_CODES(X)
#undef X
};

/* What `number` counts: nothing, errno, getaddrinfo's (negative) codes, a signal,
 * mbedTLS's (negative) codes and stream/tls.h's own. */
enum error_origin { ORIGIN_NONE, ORIGIN_ERRNO, ORIGIN_GAI, ORIGIN_SIGNAL, ORIGIN_TLS };

struct error {
	enum error_code code;
	enum error_origin origin;
	int number;
	char text[1024]; /* one line, no full stop, no newline */
	char hint[512];  /* a likely remedy; "" where none is known */
};

/* Sets code and text, origin none. Returns -1. */
int error_set(struct error *e, enum error_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Text is "<fmt>: <strerror(errnum)>", number is errnum. Returns -1. */
int error_errno(struct error *e, enum error_code code, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Text is "<fmt>: <gai_strerror(gai)> (EAI_NAME, gai)"; gai is getaddrinfo's
 * negative result. Code is ERROR_RESOLVE. Returns -1. */
int error_gai(struct error *e, int gai, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* A signal ended the wait: text "<name of the signal>", number signo. Returns -1. */
int error_signal(struct error *e, int signo);

/* Puts "<fmt>: " in front of the text that e already has. Returns -1. */
int error_prefix(struct error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets the remedy line. Returns -1. */
int error_hint(struct error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The word of a code ("timeout"); never NULL. */
const char *error_word(enum error_code code);

/* The exit status for e (cli.md); ERROR_SIGNAL gives 128 + number. */
int error_exit_status(const struct error *e);

/* "EAI_NONAME" for -2 and so on; "EAI_?" for an unknown number. */
const char *error_gai_name(int gai);

/* "ECONNREFUSED" for 111 and so on; "E?" where libc has no name for it. */
const char *error_errno_name(int errnum);

/* A compiler sees one file at a time: these tell it that a reported error is -1. */
static inline int
error_result(void)
{
	return -1;
}

#define error_set(...) ((void)error_set(__VA_ARGS__), error_result())
#define error_errno(...) ((void)error_errno(__VA_ARGS__), error_result())
#define error_gai(...) ((void)error_gai(__VA_ARGS__), error_result())
#define error_signal(...) ((void)error_signal(__VA_ARGS__), error_result())
#define error_prefix(...) ((void)error_prefix(__VA_ARGS__), error_result())
#define error_hint(...) ((void)error_hint(__VA_ARGS__), error_result())

#endif

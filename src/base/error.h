/*
 * The one error type of the program: a code, the origin of its number, and the complete text
 * for the user.
 *
 * Every function that can fail takes `struct error *e` as its last parameter. It leaves e
 * untouched on success; on failure it fills e and returns -1 (or NULL). The text is complete
 * where it is made: verb, address, reason. A caller that knows more puts it in front with
 * error_prefix(). e may be NULL when the caller does not need the reason.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/* code, word in scripts and JSON, exit status of the process */
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

/* Where `number` comes from: nowhere; errno; getaddrinfo(3), negative; a signal; mbedTLS,
 * negative, or stream/tls.h; the close code of WebSocket. */
enum error_origin {
	ORIGIN_NONE,
	ORIGIN_ERRNO,
	ORIGIN_GAI,
	ORIGIN_SIGNAL,
	ORIGIN_TLS,
	ORIGIN_WEBSOCKET,
	ORIGIN_ACCESS /* a list denies the peer; number is unused */
};

struct error {
	enum error_code code;
	enum error_origin origin;
	int number;
	char text[1024]; /* one line, no full stop, no newline */
	char hint[512];  /* a likely remedy; "" when none is known */
};

/* Sets code and text, with origin none, and clears the hint. Returns -1. */
int error_set(struct error *e, enum error_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets the text to "<fmt>: <strerror(errnum)>" and the number to errnum. Returns -1. */
int error_errno(struct error *e, enum error_code code, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Sets code ERROR_RESOLVE and the text "<fmt>: <gai_strerror(gai)> (EAI_NAME, gai)"; gai is the
 * negative result of getaddrinfo(3). Returns -1. */
int error_gai(struct error *e, int gai, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Reports that a signal ended the wait: the text is the signal's name, the number is signo.
 * Returns -1. */
int error_signal(struct error *e, int signo);

/* Puts "<fmt>: " in front of the text of e. Returns -1. */
int error_prefix(struct error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets the hint. Returns -1. */
int error_hint(struct error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Returns the word of a code, such as "timeout"; never NULL. */
const char *error_word(enum error_code code);

/* Returns a copy of e to keep, never NULL: where there is no memory, ERROR_INTERNAL that says so, as a
 * failure must not be taken for success. */
const struct error *error_copy(const struct error *e);

/* Frees what error_copy() returned. Accepts NULL. */
void error_free(const struct error *copy);

/* Returns the exit status for e; for ERROR_SIGNAL 128 + number. usock(1) lists them. */
int error_exit_status(const struct error *e);

/* Returns "EAI_NONAME" for -2 and so on; "EAI_?" for an unknown number. */
const char *error_gai_name(int gai);

/* Returns "ECONNREFUSED" for 111 and so on; "E?" for a number that is not in the table. */
const char *error_errno_name(int errnum);

/* A compiler or analyzer sees one file at a time; these macros show it that the result is -1. */
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

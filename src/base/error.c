#include "base/error.h"

#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* the functions themselves are defined below */
#undef error_set
#undef error_errno
#undef error_gai
#undef error_signal
#undef error_prefix
#undef error_hint

struct name {
	int number;
	const char *text;
};

#define NAME(x)                                                                                    \
	{                                                                                          \
		x, #x                                                                              \
	}

static const struct name gai_names[] = {
	NAME(EAI_NONAME),
	NAME(EAI_AGAIN),
	NAME(EAI_FAIL),
	NAME(EAI_NODATA),
	NAME(EAI_SERVICE),
	NAME(EAI_FAMILY),
	NAME(EAI_ADDRFAMILY),
	NAME(EAI_SOCKTYPE),
	NAME(EAI_BADFLAGS),
	NAME(EAI_MEMORY),
	NAME(EAI_SYSTEM),
	NAME(EAI_OVERFLOW),
	NAME(EAI_IDN_ENCODE),
	NAME(EAI_INTR),
	NAME(EAI_INPROGRESS),
	NAME(EAI_CANCELED),
	NAME(EAI_NOTCANCELED),
	NAME(EAI_ALLDONE),
};

static const struct name signal_names[] = {
	NAME(SIGHUP),
	NAME(SIGINT),
	NAME(SIGQUIT),
	NAME(SIGTERM),
	NAME(SIGPIPE),
	NAME(SIGALRM),
	NAME(SIGUSR1),
	NAME(SIGUSR2),
	NAME(SIGCHLD),
	NAME(SIGCONT),
	NAME(SIGSTOP),
	NAME(SIGTSTP),
	NAME(SIGTTIN),
	NAME(SIGTTOU),
	NAME(SIGWINCH),
	NAME(SIGKILL),
	NAME(SIGABRT),
	NAME(SIGSEGV),
	NAME(SIGBUS),
	NAME(SIGFPE),
	NAME(SIGILL),
	NAME(SIGTRAP),
	NAME(SIGSYS),
	NAME(SIGURG),
	NAME(SIGIO),
	NAME(SIGVTALRM),
	NAME(SIGPROF),
	NAME(SIGXCPU),
	NAME(SIGXFSZ),
};

/* strerrorname_np() exists in new glibc only. When two names share a number, the first in this
 * table is used. */
static const struct name errno_names[] = {
	NAME(ECONNREFUSED),
	NAME(ECONNRESET),
	NAME(ECONNABORTED),
	NAME(EPIPE),
	NAME(ETIMEDOUT),
	NAME(EHOSTUNREACH),
	NAME(EHOSTDOWN),
	NAME(ENETUNREACH),
	NAME(ENETDOWN),
	NAME(ENETRESET),
	NAME(EADDRINUSE),
	NAME(EADDRNOTAVAIL),
	NAME(EAFNOSUPPORT),
	NAME(EPFNOSUPPORT),
	NAME(EPROTONOSUPPORT),
	NAME(ESOCKTNOSUPPORT),
	NAME(EPROTOTYPE),
	NAME(EPROTO),
	NAME(ENOPROTOOPT),
	NAME(EOPNOTSUPP),
	NAME(ENOTSUP),
	NAME(EISCONN),
	NAME(ENOTCONN),
	NAME(EDESTADDRREQ),
	NAME(EMSGSIZE),
	NAME(ENOTSOCK),
	NAME(ESHUTDOWN),
	NAME(ETOOMANYREFS),
	NAME(EINPROGRESS),
	NAME(EALREADY),
	NAME(EAGAIN),
	NAME(EWOULDBLOCK),
	NAME(EINTR),
	NAME(ECANCELED),
	NAME(EPERM),
	NAME(EACCES),
	NAME(ENOENT),
	NAME(EEXIST),
	NAME(ENOTDIR),
	NAME(EISDIR),
	NAME(ENOTEMPTY),
	NAME(ELOOP),
	NAME(ENAMETOOLONG),
	NAME(EXDEV),
	NAME(EROFS),
	NAME(ETXTBSY),
	NAME(EMLINK),
	NAME(EFBIG),
	NAME(ENOSPC),
	NAME(EDQUOT),
	NAME(EIO),
	NAME(ENXIO),
	NAME(ENODEV),
	NAME(ENOTBLK),
	NAME(ENOTTY),
	NAME(ESPIPE),
	NAME(ESTALE),
	NAME(EBADF),
	NAME(EINVAL),
	NAME(EFAULT),
	NAME(EBUSY),
	NAME(EMFILE),
	NAME(ENFILE),
	NAME(ENOMEM),
	NAME(ENOBUFS),
	NAME(ENOEXEC),
	NAME(E2BIG),
	NAME(ESRCH),
	NAME(ECHILD),
	NAME(EDEADLK),
	NAME(ENOLCK),
	NAME(ENOSYS),
	NAME(EDOM),
	NAME(ERANGE),
	NAME(EOVERFLOW),
	NAME(EILSEQ),
	NAME(EBADMSG),
	NAME(ENOMSG),
	NAME(EIDRM),
	NAME(EMULTIHOP),
	NAME(ENOLINK),
	NAME(EOWNERDEAD),
	NAME(ENOTRECOVERABLE),
	NAME(EUSERS),
};

#undef NAME

static const char *const words[] = {
#define X(code, word, status) [code] = word,
	ERROR_CODES(X)
#undef X
};

static const int statuses[] = {
#define X(code, word, status) [code] = status,
	ERROR_CODES(X)
#undef X
};

static const char *
name_of(const struct name *names, size_t n, int number, const char *unknown)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].number == number)
			return names[i].text;
	return unknown;
}

/* Appends text to dst at offset `at`, truncated to size, and returns the new end. Replaces
 * control characters: a text contains what users typed, and must not control the terminal. */
static size_t
append_clean(char *dst, size_t size, size_t at, const char *text)
{
	for (; *text != '\0' && at + 1 < size; text++) {
		unsigned char c = (unsigned char)*text;

		dst[at++] = c < ' ' || c == 0x7f ? '?' : *text;
	}
	dst[at] = '\0';
	return at;
}

/* Sets the text to "<what>: <reason>", and truncates `what` so that the reason stays whole. */
static void
set_text_with_reason(struct error *e, const char *what, const char *reason)
{
	size_t room = sizeof(e->text), tail = strlen(reason) + 2, at;

	at = append_clean(e->text, tail < room ? room - tail : 1, 0, what);
	at = append_clean(e->text, room, at, ": ");
	append_clean(e->text, room, at, reason);
}

static void
set_origin(struct error *e, enum error_code code, enum error_origin origin, int number)
{
	e->code = code;
	e->origin = origin;
	e->number = number;
	e->hint[0] = '\0';
}

static bool
is_inside_char(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Copies text to dst. What does not fit is cut from the middle: a message begins with what it is
 * about, and ends with the reason, and what users typed stands between. */
static void
copy_both_ends(char *dst, size_t size, const char *text)
{
	static const char gap[] = "...";
	size_t n = strlen(text), head, tail;

	if (n < size || size < 2 * sizeof(gap)) {
		snprintf(dst, size, "%s", text);
		return;
	}
	head = (size - sizeof(gap)) / 2;
	tail = n - (size - sizeof(gap) - head);
	while (head > 0 && is_inside_char(text[head]))
		head--;
	while (is_inside_char(text[tail]))
		tail++;
	snprintf(dst, size, "%.*s%s%s", (int)head, text, gap, text + tail);
}

__attribute__((format(printf, 3, 0))) static void
format(char *room, size_t size, const char *fmt, va_list ap)
{
	char *whole = NULL;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(room, size, fmt, ap);
	if (n >= 0 && (size_t)n >= size && vasprintf(&whole, fmt, again) >= 0) {
		copy_both_ends(room, size, whole);
		free(whole);
	}
	va_end(again);
}

/* Formats the caller's arguments into the array `room`; the arguments may point into the error
 * itself. */
#define FORMAT(room, fmt)                                                                          \
	do {                                                                                       \
		va_list ap;                                                                        \
                                                                                                   \
		va_start(ap, fmt);                                                                 \
		format(room, sizeof(room), fmt, ap);                                               \
		va_end(ap);                                                                        \
	} while (0)

int
error_set(struct error *e, enum error_code code, const char *fmt, ...)
{
	char line[sizeof(e->text)];

	if (e == NULL)
		return -1;
	FORMAT(line, fmt);
	set_origin(e, code, ORIGIN_NONE, 0);
	append_clean(e->text, sizeof(e->text), 0, line);
	return -1;
}

int
error_errno(struct error *e, enum error_code code, int errnum, const char *fmt, ...)
{
	char what[sizeof(e->text)];

	if (e == NULL)
		return -1;
	FORMAT(what, fmt);
	set_origin(e, code, ORIGIN_ERRNO, errnum);
	set_text_with_reason(e, what, strerror(errnum));
	return -1;
}

int
error_gai(struct error *e, int gai, const char *fmt, ...)
{
	char what[sizeof(e->text)], reason[256];

	if (e == NULL)
		return -1;
	FORMAT(what, fmt);
	snprintf(reason, sizeof(reason), "%s (%s, %d)", gai_strerror(gai), error_gai_name(gai),
	    gai);
	set_origin(e, ERROR_RESOLVE, ORIGIN_GAI, gai);
	set_text_with_reason(e, what, reason);
	return -1;
}

int
error_signal(struct error *e, int signo)
{
	const char *name;
	char number[32];

	if (e == NULL)
		return -1;
	snprintf(number, sizeof(number), "signal %d", signo);
	name = name_of(signal_names, ARRAY_LEN(signal_names), signo, number);
	set_origin(e, ERROR_SIGNAL, ORIGIN_SIGNAL, signo);
	append_clean(e->text, sizeof(e->text), 0, name);
	return -1;
}

int
error_prefix(struct error *e, const char *fmt, ...)
{
	char prefix[sizeof(e->text)], text[sizeof(e->text)];
	size_t at;

	if (e == NULL)
		return -1;
	FORMAT(prefix, fmt);
	memcpy(text, e->text, sizeof(text));
	at = append_clean(e->text, sizeof(e->text), 0, prefix);
	at = append_clean(e->text, sizeof(e->text), at, ": ");
	copy_both_ends(e->text + at, sizeof(e->text) - at, text);
	return -1;
}

int
error_hint(struct error *e, const char *fmt, ...)
{
	char line[sizeof(e->hint)];

	if (e == NULL)
		return -1;
	FORMAT(line, fmt);
	append_clean(e->hint, sizeof(e->hint), 0, line);
	return -1;
}

const char *
error_word(enum error_code code)
{
	return (size_t)code < ARRAY_LEN(words) ? words[code] : "internal";
}

static const struct error no_memory = { .code = ERROR_INTERNAL, .text = "out of memory" };

const struct error *
error_copy(const struct error *e)
{
	struct error *copy = malloc(sizeof *copy);

	if (copy == NULL)
		return &no_memory;
	*copy = *e;
	return copy;
}

void
error_free(const struct error *copy)
{
	void *memory; /* free(3) takes no pointer to const */

	memcpy(&memory, &copy, sizeof memory);
	if (copy != &no_memory)
		free(memory);
}

int
error_exit_status(const struct error *e)
{
	if (e->code == ERROR_SIGNAL)
		return statuses[ERROR_SIGNAL] + e->number;
	return (size_t)e->code < ARRAY_LEN(statuses) ? statuses[e->code] : statuses[ERROR_INTERNAL];
}

const char *
error_gai_name(int gai)
{
	return name_of(gai_names, ARRAY_LEN(gai_names), gai, "EAI_?");
}

const char *
error_errno_name(int errnum)
{
	return name_of(errno_names, ARRAY_LEN(errno_names), errnum, "E?");
}

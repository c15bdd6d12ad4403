#include <errno.h>
#include <netdb.h>
#include <signal.h>

#include "base/error.h"
#include "test.h"

/* Returns a text longer than that of any error. */
static const char *
long_text(void)
{
	static char text[4096];

	memset(text, 'x', sizeof(text) - 1);
	return text;
}

TEST("an error has its code, its text and no origin")
{
	struct error e = { .hint = "old" };

	check_int(error_set(&e, ERROR_USAGE, "option %s: %d", "-p", 7), -1);
	check_int(e.code, ERROR_USAGE);
	check_int(e.origin, ORIGIN_NONE);
	check_int(e.number, 0);
	check_str(e.text, "option -p: 7");
	check_str(e.hint, "");
}

TEST("a caller that needs no text may pass NULL")
{
	check_int(error_set(NULL, ERROR_USAGE, "x"), -1);
	check_int(error_errno(NULL, ERROR_NETWORK, EPIPE, "x"), -1);
	check_int(error_gai(NULL, EAI_AGAIN, "x"), -1);
	check_int(error_signal(NULL, SIGINT), -1);
	check_int(error_prefix(NULL, "x"), -1);
	check_int(error_hint(NULL, "x"), -1);
}

TEST("the reason of an errno is the unchanged text of strerror")
{
	struct error e;

	check_int(error_errno(&e, ERROR_NETWORK, ECONNREFUSED, "connect %s", "127.0.0.1:1"), -1);
	check_str(e.text, "connect 127.0.0.1:1: Connection refused");
	check_int(e.code, ERROR_NETWORK);
	check_int(e.origin, ORIGIN_ERRNO);
	check_int(e.number, ECONNREFUSED);
}

TEST("a failed look-up names the code of getaddrinfo and its number")
{
	struct error e;
	char want[128];

	check_int(error_gai(&e, EAI_NONAME, "resolve %s", "nosuch.invalid"), -1);
	snprintf(want, sizeof(want), "resolve nosuch.invalid: %s (EAI_NONAME, %d)",
	    gai_strerror(EAI_NONAME), EAI_NONAME);
	check_str(e.text, want);
	check_int(e.code, ERROR_RESOLVE);
	check_int(e.origin, ORIGIN_GAI);
	check_int(e.number, EAI_NONAME);
}

TEST("a signal is named, and its exit status is 128 + its number")
{
	struct error e;

	check_int(error_signal(&e, SIGTERM), -1);
	check_str(e.text, "SIGTERM");
	check_int(e.origin, ORIGIN_SIGNAL);
	check_int(error_exit_status(&e), 128 + SIGTERM);
	error_signal(&e, SIGRTMAX);
	check(strncmp(e.text, "signal ", 7) == 0);
}

TEST("a prefix is put in front of the text and changes nothing else")
{
	struct error e;

	error_errno(&e, ERROR_NETWORK, EPIPE, "send");
	error_hint(&e, "try %s", "again");
	check_int(error_prefix(&e, "%s:%d", "file.us", 12), -1);
	check_str(e.text, "file.us:12: send: Broken pipe");
	check_int(e.number, EPIPE);
	check_str(e.hint, "try again");
}

TEST("a text that is too long is truncated")
{
	struct error e;

	error_set(&e, ERROR_USAGE, "%s", long_text());
	check_int(strlen(e.text), sizeof(e.text) - 1);
	error_prefix(&e, "%s", long_text());
	check_int(strlen(e.text), sizeof(e.text) - 1);
	error_hint(&e, "%s", long_text());
	check_int(strlen(e.hint), sizeof(e.hint) - 1);
}

TEST("the reason stays whole when the text before it is too long")
{
	struct error e;
	const char *reason = ": Connection reset by peer";

	error_errno(&e, ERROR_NETWORK, ECONNRESET, "%s", long_text());
	check_int(strlen(e.text), sizeof(e.text) - 1);
	check_str(e.text + strlen(e.text) - strlen(reason), reason);
	error_prefix(&e, "connect");
	error_prefix(&e, "%s", "script.us:7");
	check_int(strlen(e.text), sizeof(e.text) - 1);
	check(strncmp(e.text, "script.us:7: connect: x", 23) == 0);
	check_str(e.text + strlen(e.text) - strlen(reason), reason);
}

TEST("of a value that is too long, the words before and behind it stay")
{
	struct error e;
	const char *words = "x' is no number";

	error_set(&e, ERROR_USAGE, "'%s' is no number", long_text());
	error_prefix(&e, "--retry");
	error_prefix(&e, "connect");
	check_int(strlen(e.text), sizeof(e.text) - 1);
	check(strncmp(e.text, "connect: --retry: 'x", 20) == 0);
	check(strstr(e.text, "x...x") != NULL);
	check_str(e.text + strlen(e.text) - strlen(words), words);
}

TEST("a character of several bytes is cut as a whole")
{
	char text[sizeof((struct error){ 0 }.text) + 40] = "";
	struct error e;

	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		strcat(text, "\342\202\254");
	for (size_t i = 0; i < 3; i++) {
		error_set(&e, ERROR_USAGE, "%.*s%s", (int)i, "xx", text);
		check_int((strlen(e.text) - i) % 3, 0);
		check(strncmp(strstr(e.text, "...") + 3, "\342\202\254", 3) == 0);
	}
}

TEST("control characters do not get into a text")
{
	struct error e;

	error_set(&e, ERROR_USAGE, "a\nb\033[31m\t\177\303\244");
	check_str(e.text, "a?b?[31m??\303\244");
	error_prefix(&e, "p\r");
	check_str(e.text, "p?: a?b?[31m??\303\244");
	error_hint(&e, "h\n");
	check_str(e.hint, "h?");
}

TEST("every code has its word and its exit status")
{
	static const struct {
		enum error_code code;
		const char *word;
		int status;
	} codes[] = {
#define X(code, word, status) { code, word, status },
		ERROR_CODES(X)
#undef X
	};
	struct error e = { .number = 0 };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		e.code = codes[i].code;
		check_str(error_word(e.code), codes[i].word);
		check_int(error_exit_status(&e), codes[i].status);
	}
	check_int(codes[8].status, 124);
}

TEST("numbers have the names of their macros")
{
	check_str(error_errno_name(ECONNREFUSED), "ECONNREFUSED");
	check_str(error_errno_name(EAGAIN), "EAGAIN");
	check_str(error_errno_name(ENOTRECOVERABLE), "ENOTRECOVERABLE");
	check_str(error_errno_name(0), "E?");
	check_str(error_errno_name(99999), "E?");
	check_str(error_gai_name(EAI_AGAIN), "EAI_AGAIN");
	check_str(error_gai_name(EAI_SYSTEM), "EAI_SYSTEM");
	check_str(error_gai_name(12345), "EAI_?");
}

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);

static bool refused;

void *
__wrap_malloc(size_t n)
{
	return refused ? NULL : __real_malloc(n);
}

TEST("a copy is a failure, also without memory")
{
	struct error e = { 0 };
	const struct error *copy;

	error_set(&e, ERROR_TLS, "no");
	error_hint(&e, "yes");
	copy = error_copy(&e);
	check_int(copy->code, ERROR_TLS);
	check_str(copy->text, "no");
	check_str(copy->hint, "yes");
	error_free(copy);
	refused = true;
	copy = error_copy(&e);
	refused = false;
	check_int(copy->code, ERROR_INTERNAL);
	check_str(copy->text, "out of memory");
	error_free(copy);
	error_free(NULL);
}

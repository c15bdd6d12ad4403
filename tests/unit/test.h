/*
 * Unit tests in TAP. One file is one program; this header brings its main().
 *
 *	#include "base/buf.h"
 *	#include "test.h"
 *
 *	TEST("a buffer never grows beyond its maximum")
 *	{
 *		struct buf b;
 *
 *		require(buf_init(&b, 16) == 0);
 *		check_int(buf_append(&b, "12345678901234567", 17), -1);
 *		check_str(buf_text(&b), "");
 *		buf_fini(&b);
 *	}
 *
 * Tests run in the order of the file. A check that fails says what it got and
 * goes on; require() ends the test, skip() leaves it out. What the code under
 * test got comes first, what is expected second. Arguments of the program
 * select the tests whose sentence contains one of them.
 */
#ifndef TEST_H
#define TEST_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(sentence) TEST_NUMBERED(sentence, __COUNTER__)
#define TEST_NUMBERED(sentence, n) TEST_DEFINE(sentence, n)
#define TEST_DEFINE(sentence, n)                                                                   \
	static void test_##n(void);                                                                \
	static struct test test_entry_##n = { sentence, test_##n, NULL };                          \
	__attribute__((constructor)) static void test_add_##n(void)                                \
	{                                                                                          \
		test_add(&test_entry_##n);                                                         \
	}                                                                                          \
	static void test_##n(void)

#define check(condition) test_check((condition), __FILE__, __LINE__, #condition)
#define check_int(got, want) test_int((got), (want), __FILE__, __LINE__, #got)
/* Either may be NULL. */
#define check_str(got, want) test_str((got), (want), __FILE__, __LINE__, #got)
/* got and its length, want and its length */
#define check_mem(got, got_n, want, want_n)                                                        \
	test_mem((got), (got_n), (want), (want_n), __FILE__, __LINE__, #got)
#define require(condition)                                                                         \
	do {                                                                                       \
		if (!check(condition))                                                             \
			return;                                                                    \
	} while (0)
#define skip(why)                                                                                  \
	do {                                                                                       \
		test_skipped = (why);                                                              \
		return;                                                                            \
	} while (0)

enum { TEST_PATH_MAX = 104 }; /* of a unix socket, everywhere */

/* A name in the folder for temporary files. */
static inline void
test_path(char path[TEST_PATH_MAX], const char *name)
{
	const char *folder = getenv("TMPDIR");

	snprintf(path, TEST_PATH_MAX, "%s/%s", folder != NULL ? folder : "/tmp", name);
}

struct test {
	const char *sentence;
	void (*function)(void);
	struct test *next;
};

static struct test *test_first;
static bool test_failed;
static const char *test_skipped;

static void
test_add(struct test *t)
{
	struct test **end = &test_first;

	while (*end != NULL)
		end = &(*end)->next;
	*end = t;
}

static inline bool
test_check(bool ok, const char *file, int line, const char *text)
{
	if (ok)
		return true;
	printf("# %s:%d: %s\n", file, line, text);
	test_failed = true;
	return false;
}

static inline bool
test_int(intmax_t got, intmax_t want, const char *file, int line, const char *text)
{
	if (test_check(got == want, file, line, text))
		return true;
	printf("#   got:  %" PRIdMAX "\n#   want: %" PRIdMAX "\n", got, want);
	return false;
}

static inline void
test_print(const char *label, const void *data, size_t n)
{
	const unsigned char *p = data;
	size_t i;

	printf("#   %s ", label);
	for (i = 0; p != NULL && i < n; i++) {
		if (p[i] >= ' ' && p[i] < 0x7f && p[i] != '\\')
			putchar(p[i]);
		else
			printf("\\x%02x", p[i]);
	}
	printf("%s\n", p == NULL ? "NULL" : "");
}

static inline bool
test_mem(const void *got, size_t got_n, const void *want, size_t want_n, const char *file, int line,
    const char *text)
{
	bool same = got_n == want_n && (got == NULL) == (want == NULL);

	if (same && got != NULL && want != NULL)
		same = memcmp(got, want, got_n) == 0;
	if (test_check(same, file, line, text))
		return true;
	test_print("got: ", got, got_n);
	test_print("want:", want, want_n);
	return false;
}

static inline bool
test_str(const char *got, const char *want, const char *file, int line, const char *text)
{
	return test_mem(got, got == NULL ? 0 : strlen(got), want, want == NULL ? 0 : strlen(want),
	    file, line, text);
}

static bool
test_selected(const struct test *t, char **words)
{
	if (*words == NULL)
		return true;
	for (; *words != NULL; words++) {
		if (strstr(t->sentence, *words) != NULL)
			return true;
	}
	return false;
}

static bool
test_run(const struct test *t, int number)
{
	test_failed = false;
	test_skipped = NULL;
	t->function();
	printf("%s %d - %s", test_failed ? "not ok" : "ok", number, t->sentence);
	if (test_skipped != NULL)
		printf(" # SKIP %s", test_skipped);
	printf("\n");
	return !test_failed;
}

int
main(int argc, char **argv)
{
	const struct test *t;
	int n = 0, failures = 0;

	(void)argc;
	/* by the line, so that a crash loses none and a forked child repeats none */
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (t = test_first; t != NULL; t = t->next) {
		if (test_selected(t, argv + 1) && !test_run(t, ++n))
			failures++;
	}
	printf("1..%d\n", n);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif

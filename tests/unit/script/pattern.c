#include <time.h>

#include "base/error.h"
#include "script/expect/pattern.h"
#include "script/regex/script_regex.h"
#include "test.h"

enum kind { TEXT, GLOB, REGEX, LENGTH, LINES };

struct row {
	enum kind kind;
	const char *pattern, *bytes;
	long start, end; /* -1: none */
	unsigned flags;
};

static const struct row rows[] = {
	{ TEXT, "abc", "xxabcabc", 2, 5, 0 },
	{ TEXT, "aab", "aaab", 1, 4, 0 },
	{ TEXT, "abab", "abaabab", 3, 7, 0 },
	{ TEXT, "*?[", "x*?[", 1, 4, 0 },
	{ TEXT, "Ok", "xoK", 1, 3, PATTERN_NOCASE },
	{ TEXT, "Ok", "xoK", -1, 0, 0 },
	{ TEXT, "\xff\x01", "\xff\xff\x01", 1, 3, 0 },
	{ TEXT, "", "abc", 0, 0, 0 },
	{ TEXT, "d", "abc", -1, 0, 0 },
	{ GLOB, "b?d", "abxbcd", 3, 6, 0 },
	{ GLOB, "?b", "bab", 1, 3, 0 },
	{ GLOB, "a*c", "xabbcc", 1, 5, 0 },
	{ GLOB, "*c", "xabcc", 0, 4, 0 },
	{ GLOB, "a*b*c", "aXbYc", 0, 5, 0 },
	{ GLOB, "a*b*c", "cba", -1, 0, 0 },
	{ GLOB, "^ab", "abc", 0, 2, 0 },
	{ GLOB, "^b", "abc", -1, 0, 0 },
	{ GLOB, "^*b", "aab", 0, 3, 0 },
	{ GLOB, "[0-9][0-9]", "a1b23", 3, 5, 0 },
	{ GLOB, "[9-0]x", "5x", 0, 2, 0 },
	{ GLOB, "[a-c]x", "Bx", 0, 2, PATTERN_NOCASE },
	{ GLOB, "[-x]y", "-y", 0, 2, 0 },
	{ GLOB, "[x-]y", "-y", 0, 2, 0 },
	{ GLOB, "\\*\\?", "a*?", 1, 3, 0 },
	{ GLOB, "a\\$", "a$", 0, 2, 0 },
	{ GLOB, "220 *\r\n", "220-x\r\n220 ready\r\n", 7, 18, 0 },
	{ REGEX, "b+c", "abbbc", 1, 5, 0 },
	{ REGEX, "^a", "ba", -1, 0, 0 },
	{ REGEX, "([0-9]+) ok\n", "17 no\n18 ok\n", 6, 12, 0 },
	{ REGEX, "(?<=x)y", "ayxy", 3, 4, 0 },
	{ REGEX, "x(?=\n)", "xaxx\n", 3, 4, 0 },
	{ REGEX, "OK", "xxok", 2, 4, PATTERN_NOCASE },
	{ REGEX, "(?i)oK", "xxOk", 2, 4, 0 },
	{ REGEX, "\\bcat ", "concat cat ", 7, 11, 0 },
	{ REGEX, "foo|b.r", "xbfbar", 3, 6, 0 },
	{ REGEX, "\xff.\x80", "a\xff\xff\xff\x80", 2, 5, 0 },
	{ LENGTH, "3", "abcdef", 0, 3, 0 },
	{ LENGTH, "0", "abc", 0, 0, 0 },
	{ LENGTH, "9", "abc", -1, 0, 0 },
	{ LINES, "2", "a\n\nb\n", 0, 3, 0 },
	{ LINES, "2", "a\nb", -1, 0, 0 },
};

static struct pattern *
make(const struct row *r)
{
	size_t n = strlen(r->pattern);
	struct error e = { 0 };

	switch (r->kind) {
	case TEXT:
		return pattern_text(r->pattern, n, r->flags, &e);
	case GLOB:
		return pattern_glob(r->pattern, n, r->flags, &e);
	case REGEX:
		return pattern_regex(&script_regex, r->pattern, n, r->flags, &e);
	case LENGTH:
		return pattern_length((size_t)atoi(r->pattern), r->flags, &e);
	default:
		return pattern_lines((size_t)atoi(r->pattern), r->flags, &e);
	}
}

/* Searches bytes that arrive in pieces: first bytes, then step by step. */
static bool
search_in_steps(const struct row *r, size_t first, size_t step)
{
	struct pattern_progress progress = { 0 };
	struct pattern_match m = { .groups = 0 };
	struct pattern *p = make(r);
	size_t total = strlen(r->bytes), n = first;
	struct error e = { 0 };
	char *copy;
	int found;

	if (!check(p != NULL))
		return false;
	for (;; n = n + step < total ? n + step : total) {
		/* a new copy each time, so that a sanitizer sees a read after its end */
		copy = malloc(n + 1);
		memcpy(copy, r->bytes, n);
		copy[n] = '\0';
		found = pattern_search(p, copy, n, &progress, &m, &e);
		free(copy);
		if (found != 0 || n == total)
			break;
	}
	pattern_free(p);
	if (!check_int(found, r->start != -1))
		return false;
	return found != 1 ||
	    (check_int(m.spans[0].start, r->start) && check_int(m.spans[0].end, r->end));
}

TEST("a match does not depend on where the bytes were split")
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = strlen(rows[i].bytes);

		for (size_t first = 0; first <= n; first++) {
			for (size_t step = 1; step <= n; step++) {
				if (!search_in_steps(&rows[i], first, step)) {
					printf("#   '%s' in '%s': %zu, then %zu at a time\n",
					    rows[i].pattern, rows[i].bytes, first, step);
					return;
				}
			}
		}
	}
}

/* Searches all bytes at once. */
static void
once(const struct row *r)
{
	if (!search_in_steps(r, strlen(r->bytes), 1))
		printf("#   '%s' in '%s'\n", r->pattern, r->bytes);
}

TEST("a pattern anchored to the end, or with a last star, takes what has arrived")
{
	static const struct row there[] = {
		{ GLOB, "*", "abc", 0, 3, 0 },
		{ GLOB, "", "abc", 0, 0, 0 },
		{ GLOB, "b*", "abcd", 1, 4, 0 },
		{ GLOB, "$", "abc", 3, 3, 0 },
		{ GLOB, "^$", "abc", -1, 0, 0 },
		{ GLOB, "^$", "", 0, 0, 0 },
		{ GLOB, "c$", "acbc", 3, 4, 0 },
		{ GLOB, "b$", "abc", -1, 0, 0 },
		{ GLOB, "^abc$", "abc", 0, 3, 0 },
		{ GLOB, "^ab$", "abab", -1, 0, 0 },
		{ GLOB, "^a*c$", "abcc", 0, 4, 0 },
		{ GLOB, "*$", "abc", 0, 3, 0 },
		{ REGEX, "c$", "abc", 2, 3, 0 },
		{ REGEX, "[0-9]+", "a123", 1, 4, 0 },
	};

	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		once(&there[i]);
}

TEST("PATTERN_AT_END: a match with bytes after it does not count, a later one does")
{
	static const struct row there[] = {
		{ TEXT, "ab", "abXab", 3, 5, PATTERN_AT_END },
		{ TEXT, "ab", "abX", -1, 0, PATTERN_AT_END },
		{ TEXT, "AB", "abxaB", 3, 5, PATTERN_AT_END | PATTERN_NOCASE },
		{ TEXT, "abc", "bc", -1, 0, PATTERN_AT_END },
		{ TEXT, "", "abc", 3, 3, PATTERN_AT_END },
		{ GLOB, "> ", "> x> ", 3, 5, PATTERN_AT_END },
		{ GLOB, "a*c", "acbc", 0, 4, PATTERN_AT_END },
		{ GLOB, "a?", "aab", 1, 3, PATTERN_AT_END },
		{ GLOB, "a$", "ba", 1, 2, PATTERN_AT_END },
		{ GLOB, "b*", "abcd", 1, 4, PATTERN_AT_END },
		{ REGEX, "[0-9]+", "12 345", 3, 6, PATTERN_AT_END },
		{ REGEX, "[0-9]+", "12 345 ", -1, 0, PATTERN_AT_END },
		{ REGEX, "a|ab", "ab", 0, 2, PATTERN_AT_END },
		{ REGEX, "(?x) b # and a comment", "aB b", 3, 4, PATTERN_AT_END },
		{ REGEX, "\\Qb*", "xb*", 1, 3, PATTERN_AT_END },
		{ REGEX, "ok\n?", "ok\n", 0, 3, PATTERN_AT_END },
		{ LENGTH, "3", "abc", 0, 3, PATTERN_AT_END },
		{ LENGTH, "3", "abcd", -1, 0, PATTERN_AT_END },
		{ LINES, "2", "a\nb\n", 0, 4, PATTERN_AT_END },
		{ LINES, "2", "a\nb\nc", -1, 0, PATTERN_AT_END },
	};

	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		once(&there[i]);
}

TEST("NUL bytes match like other bytes")
{
	static const char bytes[] = "a\0\xff\0b";
	struct pattern_progress progress = { 0 };
	struct pattern_match m;
	struct error e = { 0 };
	struct pattern *p = pattern_text("\0\xff\0", 3, 0, &e);

	check_int(pattern_search(p, bytes, 5, &progress, &m, &e), 1);
	check_int(m.spans[0].start, 1);
	check_int(m.spans[0].end, 4);
	pattern_free(p);
	memset(&progress, 0, sizeof(progress));
	p = pattern_regex(&script_regex, "\0(.)\0", 5, 0, &e);
	check_int(pattern_search(p, bytes, 5, &progress, &m, &e), 1);
	check_int(m.groups, 1);
	check_int(m.spans[1].start, 2);
	check_int(m.spans[1].end, 3);
	pattern_free(p);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

TEST("a million bytes that arrive one by one cost linear time")
{
	static const struct row slow[] = {
		{ TEXT, "aaaaaaaab", NULL, 0, 0, 0 },
		{ GLOB, "a*b*\n", NULL, 0, 0, 0 },
		{ GLOB, "b??\n", NULL, 0, 0, PATTERN_NOCASE },
		{ REGEX, "^([^\n]*)\n", NULL, 0, 0, 0 },
		{ REGEX, "(.*)x;", NULL, 0, 0, 0 },
		{ REGEX, "(?:.*)x", NULL, 0, 0, 0 },
		{ LINES, "2", NULL, 0, 0, 0 },
	};
	size_t total = 1000000;
	char *bytes = malloc(total);
	struct pattern_match m;
	struct error e = { 0 };

	memset(bytes, 'a', total);
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
		struct pattern_progress progress = { 0 };
		struct pattern *p = make(&slow[i]);
		double began = now();

		for (size_t n = 0; n < total; n++) {
			if (!check_int(pattern_search(p, bytes, n, &progress, &m, &e), 0))
				break;
		}
		/* quadratic time would take minutes */
		if (!check(now() - began < 5))
			printf("#   '%s'\n", slow[i].pattern);
		pattern_free(p);
	}
	free(bytes);
}

TEST("an expression that costs too much is an error, and soon")
{
	static const char *const patterns[] = { "(a+)+[bc]", "(a|aa)+$\n?[bc]", "(.*)*[xy]",
		"a*a*a*a*a*[bc]" };
	size_t n = 1 << 20;
	char *bytes = malloc(n);
	struct error e = { 0 };

	memset(bytes, 'a', n);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct pattern_progress progress = { 0 };
		struct pattern_match m;
		struct pattern *p =
		    pattern_regex(&script_regex, patterns[i], strlen(patterns[i]), 0, &e);
		double began = now();

		check_int(pattern_search(p, bytes, n, &progress, &m, &e), -1);
		check_int(e.code, ERROR_EXPECT);
		if (!check(now() - began < 3))
			printf("#   '%s': %.3f s\n", patterns[i], now() - began);
		pattern_free(p);
	}
	free(bytes);
}

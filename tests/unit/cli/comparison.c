#include "cli/replay/comparison.h"

#include <string.h>

#include "base/error.h"
#include "cli/options/opt.h"
#include "test.h"

static struct error error;

struct wanted {
	enum comparison_match match;
	const char *ignored; /* NULL: none */
	const char *expected, *got;
	bool whole;
	enum comparison_result result;
	size_t at; /* SAME: used of got; DIFFERENT: where in got */
};

static const struct wanted cases[] = {
	{ COMPARISON_EXACT, NULL, "hello", "hello", true, COMPARISON_SAME, 5 },
	{ COMPARISON_EXACT, "[0-9]+", "id 17\n", "id 9\n", true, COMPARISON_SAME, 5 },
	{ COMPARISON_EXACT, "[0-9]+", "id 17 a\n", "id 9 b\n", true, COMPARISON_DIFFERENT, 5 },
	{ COMPARISON_PREFIX, NULL, "GET /", "GET / HTTP/1.1", true, COMPARISON_SAME, 14 },
	{ COMPARISON_PREFIX, NULL, "GET /", "GET", false, COMPARISON_MORE, 0 },
	{ COMPARISON_PREFIX, NULL, "GET /", "PUT /", true, COMPARISON_DIFFERENT, 0 },
	{ COMPARISON_REGEX, NULL, "id [0-9]+\n", "id 1234\n", true, COMPARISON_SAME, 8 },
	{ COMPARISON_REGEX, NULL, "id [0-9]+\n", "id 12", false, COMPARISON_MORE, 0 },
	{ COMPARISON_REGEX, NULL, "id [0-9]+\n", "no 12\n", true, COMPARISON_DIFFERENT, 0 },
};

static void
check_case(const struct wanted *w)
{
	const char *patterns[] = { w->ignored };
	const struct opt_list ignored = { patterns, w->ignored != NULL };
	const struct comparison_pair pair = { .expected = w->expected,
		.got = w->got,
		.n_expected = strlen(w->expected),
		.n_got = strlen(w->got),
		.whole = w->whole };
	enum comparison_result result = COMPARISON_MORE;
	struct comparison_place place = { 0 };
	struct comparison c;

	require(comparison_open(&c, w->match, &ignored, &error) == 0);
	check_int(comparison_run(&c, &pair, &result, &place, &error), 0);
	if (!check_int(result, w->result))
		printf("# %s against %s\n", w->got, w->expected);
	if (result == COMPARISON_SAME)
		check_int(place.used, w->at);
	if (result == COMPARISON_DIFFERENT)
		check_int(place.got, w->at);
	comparison_close(&c);
}

TEST("each way to match decides whether bytes are the same, differ, or need more")
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_case(&cases[i]);
}

TEST("bytes are compared one by one only where nothing may differ")
{
	const char *patterns[] = { "x" };
	const struct opt_list none = { NULL, 0 }, one = { patterns, 1 };
	struct comparison c;

	require(comparison_open(&c, COMPARISON_EXACT, &none, &error) == 0);
	check(comparison_is_plain(&c));
	comparison_close(&c);
	require(comparison_open(&c, COMPARISON_EXACT, &one, &error) == 0);
	check(!comparison_is_plain(&c));
	comparison_close(&c);
	require(comparison_open(&c, COMPARISON_PREFIX, &none, &error) == 0);
	check(!comparison_is_plain(&c));
	comparison_close(&c);
}

TEST("a pattern that is none is an error that names it")
{
	const char *patterns[] = { "fine", "(" };
	const struct opt_list ignored = { patterns, 2 };
	struct comparison c;

	check_int(comparison_open(&c, COMPARISON_EXACT, &ignored, &error), -1);
	check_int(error.code, ERROR_USAGE);
	check(strstr(error.text, "--ignore: '(': ") == error.text);
	comparison_close(&c);
}

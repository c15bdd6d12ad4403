#include "tcl/value/glob.h"

#include "tcl/value/charclass.h"

static unsigned char
fold(char c, bool nocase)
{
	return (unsigned char)(nocase ? charclass_lower(c) : c);
}

/* Returns whether c is in the set at *ret_p, after its bracket; moves *ret_p past the set. An open set ends
 * with the pattern. */
static bool
match_set(const char **ret_p, const char *end, unsigned char c, bool nocase)
{
	const char *p = *ret_p;
	bool found = false;
	unsigned char low, high;

	while (p < end && *p != ']') {
		low = high = fold(*p++, nocase);
		if (p < end && *p == '-') {
			p++;
			if (p == end) {
				*ret_p = p;
				return false;
			}
			high = fold(*p++, nocase);
		}
		if ((low <= c && c <= high) || (high <= c && c <= low)) {
			found = true;
			break;
		}
	}
	while (p < end && *p != ']')
		p++;
	*ret_p = p < end ? p + 1 : p;
	return found;
}

/* Matches one byte against one item of the pattern other than a star. */
static bool
match_one(const char **p, const char *end, char c, bool nocase)
{
	char want = *(*p)++;

	if (want == '?')
		return true;
	if (want == '[')
		return match_set(p, end, fold(c, nocase), nocase);
	if (want == '\\') {
		if (*p == end)
			return false;
		want = *(*p)++;
	}
	return fold(want, nocase) == fold(c, nocase);
}

/* Backtracks to the last star only: the time is at most the product of both lengths. */
bool
glob_match(struct value *pattern, struct value *text, bool nocase)
{
	size_t n, m;
	const char *p = value_bytes(pattern, &n), *t = value_bytes(text, &m);
	const char *end = p + n, *stop = t + m, *star = NULL, *star_text = NULL;

	for (;;) {
		while (p < end && *p == '*') {
			star = ++p;
			star_text = t;
		}
		if (t == stop && p == end)
			return true;
		if (p < end && t < stop && match_one(&p, end, *t, nocase)) {
			t++;
			continue;
		}
		if (star == NULL || star_text >= stop ||
		    heap_work(text->heap, (size_t)(t - star_text) + 1))
			return false;
		if (star == end)
			return true;
		p = star;
		t = ++star_text;
	}
}

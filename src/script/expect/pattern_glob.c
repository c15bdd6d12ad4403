/*
 * Text and glob patterns: parts of fixed length with stars between them. Taking the first place of each part after
 * the one before it finds a match if there is one, so the search never backtracks.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "script/expect/pattern_impl.h"

/* One element of a pattern: a byte, or a set of bytes */
struct item {
	unsigned char byte;
	uint32_t *set; /* 256 bits; NULL: the byte */
};

/* The items [first, first + n); [needle, needle + needle_n) is the longest run of single bytes. */
struct part {
	size_t first, n;
	size_t needle, needle_n;
};

struct glob {
	bool anchor_begin, anchor_end; /* ^ and $ */
	bool star_first, star_last;    /* the pattern begins, ends with a star */
	struct item *items;
	char *bytes; /* the bytes of the items */
	size_t nitems;
	struct part *parts;
	size_t nparts;
};

/* ---- searching ---- */

static bool
item_matches(const struct item *i, unsigned char c)
{
	return i->set == NULL ? i->byte == c : (i->set[c / 32] >> (c % 32) & 1) != 0;
}

static bool
part_matches(const struct glob *g, const struct part *p, const char *bytes)
{
	for (size_t i = 0; i < p->n; i++) {
		if (!item_matches(&g->items[p->first + i], (unsigned char)bytes[i]))
			return false;
	}
	return true;
}

/* Returns the first place of the part from at on, or n; then *ret_at is where the next search begins. */
static size_t
find_part(const struct glob *g, const struct part *p, const char *bytes, size_t n, size_t at,
    size_t *ret_at)
{
	const char *needle = g->bytes + p->needle, *found;
	size_t before = p->needle - p->first;

	for (; at + p->n <= n; at++) {
		if (p->needle_n > 0) {
			found = memmem(bytes + at + before, n - at - (p->n - p->needle_n), needle,
			    p->needle_n);
			if (found == NULL) {
				at = n - p->n + 1;
				break;
			}
			at = (size_t)(found - bytes) - before;
		}
		if (p->needle_n == p->n || part_matches(g, p, bytes + at))
			return at;
	}
	*ret_at = at;
	return n;
}

/* Returns the place of the next part, or n if it has not arrived. */
static size_t
locate_part(const struct glob *g, const char *bytes, size_t n, struct pattern_progress *progress)
{
	const struct part *p = &g->parts[progress->part];
	size_t at = progress->at;
	bool last = progress->part + 1 == g->nparts;

	if (last && g->anchor_end && !g->star_last)
		at = n >= p->n && n - p->n > at ? n - p->n : at;
	else if (progress->part > 0 || g->star_first || !g->anchor_begin)
		return find_part(g, p, bytes, n, at, &progress->at);
	/* an anchored part has one place only */
	if (progress->part == 0 && g->anchor_begin && !g->star_first && at > 0)
		return n;
	return at + p->n <= n && part_matches(g, p, bytes + at) ? at : n;
}

/* Matches a pattern of stars and anchors only. */
static int
match_stars(const struct glob *g, size_t n, struct pattern_match *ret_match)
{
	if (g->star_last)
		return pattern_found(ret_match, 0, n);
	if (g->anchor_begin && g->anchor_end && n > 0)
		return 0;
	return g->anchor_end ? pattern_found(ret_match, n, n) : pattern_found(ret_match, 0, 0);
}

static int
search_glob(const struct pattern *pattern, const char *bytes, size_t n,
    struct pattern_progress *progress, struct pattern_match *ret_match, struct error *e)
{
	const struct glob *g = pattern->as.glob;
	size_t found;

	(void)e;
	if (g->nparts == 0)
		return match_stars(g, n, ret_match);
	for (; progress->part < g->nparts; progress->part++) {
		found = locate_part(g, bytes, n, progress);
		if (found == n)
			return 0;
		if (progress->part == 0)
			progress->start = g->star_first ? 0 : found;
		progress->at = found + g->parts[progress->part].n;
	}
	return pattern_found(ret_match, progress->start, g->star_last ? n : progress->at);
}

/* ---- parsing ---- */

static void
fini_glob(struct pattern *p)
{
	struct glob *g = p->as.glob;

	for (size_t i = 0; i < g->nitems; i++)
		free(g->items[i].set);
	free(g->items);
	free(g->bytes);
	free(g->parts);
	free(g);
}

/* Makes an empty pattern with room for n bytes. */
static struct pattern *
new_glob(size_t n, struct error *e)
{
	struct pattern *p = pattern_new(e);
	struct glob *g = calloc(1, sizeof(*g));

	if (p == NULL || g == NULL) {
		free(p);
		free(g);
		return NULL;
	}
	p->search = search_glob;
	p->fini = fini_glob;
	p->as.glob = g;
	g->items = calloc(n + 1, sizeof(*g->items));
	g->bytes = calloc(n + 1, 1);
	g->parts = calloc(n / 2 + 1, sizeof(*g->parts));
	if (g->items != NULL && g->bytes != NULL && g->parts != NULL)
		return p;
	error_set(e, ERROR_INTERNAL, "out of memory");
	pattern_free(p);
	return NULL;
}

/* Adds an item with an empty set; NULL: out of memory. */
static uint32_t *
add_set(struct glob *g)
{
	struct item *i = &g->items[g->nitems];

	i->set = calloc(256 / 32, sizeof(*i->set));
	if (i->set != NULL)
		g->nitems++;
	return i->set;
}

static void
set_add(uint32_t *set, unsigned char c, bool nocase)
{
	unsigned char both[] = { c, (unsigned char)tolower(c), (unsigned char)toupper(c) };

	for (size_t i = 0; i < (nocase ? sizeof(both) : 1); i++)
		set[both[i] / 32] |= UINT32_C(1) << (both[i] % 32);
}

static bool
add_literal(struct glob *g, char c, bool nocase)
{
	uint32_t *set;

	if (!nocase || !isalpha((unsigned char)c)) {
		g->bytes[g->nitems] = c;
		g->items[g->nitems++].byte = (unsigned char)c;
		return true;
	}
	set = add_set(g);
	if (set != NULL)
		set_add(set, (unsigned char)c, true);
	return set != NULL;
}

static bool
add_any(struct glob *g)
{
	uint32_t *set = add_set(g);

	if (set != NULL)
		memset(set, 0xff, 256 / 8);
	return set != NULL;
}

/* Parses [...]; *at is after the bracket. An open set ends with the pattern. */
static bool
add_class(struct glob *g, const char *bytes, size_t n, size_t *at, bool nocase)
{
	uint32_t *set = add_set(g);
	unsigned char low, high, swap;

	if (set == NULL)
		return false;
	while (*at < n && bytes[*at] != ']') {
		low = high = (unsigned char)bytes[(*at)++];
		if (*at + 1 < n && bytes[*at] == '-' && bytes[*at + 1] != ']') {
			high = (unsigned char)bytes[*at + 1];
			*at += 2;
		}
		if (low > high) {
			swap = low;
			low = high;
			high = swap;
		}
		for (unsigned c = low; c <= high; c++)
			set_add(set, (unsigned char)c, nocase);
	}
	if (*at < n)
		++*at;
	return true;
}

/* Finds the longest run of single bytes in a part, for memmem(3). */
static void
find_needle(const struct glob *g, struct part *p)
{
	size_t run = 0;

	p->needle = p->first;
	for (size_t i = p->first; i < p->first + p->n; i++) {
		run = g->items[i].set == NULL ? run + 1 : 0;
		if (run > p->needle_n) {
			p->needle_n = run;
			p->needle = i + 1 - run;
		}
	}
}

/* Makes a part of the items since the last star. */
static void
end_part(struct glob *g, size_t *first)
{
	struct part *p = &g->parts[g->nparts];

	if (g->nitems > *first) {
		*p = (struct part){ .first = *first, .n = g->nitems - *first };
		find_needle(g, p);
		g->nparts++;
	}
	*first = g->nitems;
}

static bool
add_item(struct glob *g, const char *bytes, size_t n, size_t *at, bool nocase)
{
	char c = bytes[(*at)++];

	if (c == '?')
		return add_any(g);
	if (c == '[')
		return add_class(g, bytes, n, at, nocase);
	if (c == '\\' && *at < n)
		c = bytes[(*at)++];
	return add_literal(g, c, nocase);
}

/* Returns whether a $ ends the pattern; an odd number of backslashes before it escapes it. */
static bool
has_end_anchor(const char *bytes, size_t n)
{
	size_t slashes = 0;

	if (n == 0 || bytes[n - 1] != '$')
		return false;
	while (slashes + 1 < n && bytes[n - 2 - slashes] == '\\')
		slashes++;
	return slashes % 2 == 0;
}

static bool
parse_glob(struct glob *g, const char *bytes, size_t n, bool nocase)
{
	size_t at = 0, first = 0;

	g->anchor_begin = n > 0 && bytes[0] == '^';
	g->anchor_end = has_end_anchor(bytes, n);
	if (g->anchor_end)
		n--;
	for (at = g->anchor_begin; at < n;) {
		if (bytes[at] == '*') {
			end_part(g, &first);
			if (g->nitems == 0)
				g->star_first = true;
			g->star_last = true;
			at++;
			continue;
		}
		g->star_last = false;
		if (!add_item(g, bytes, n, &at, nocase))
			return false;
	}
	end_part(g, &first);
	return true;
}

struct pattern *
pattern_glob(const char *bytes, size_t n, unsigned flags, struct error *e)
{
	struct pattern *p = new_glob(n, e);

	if (p == NULL)
		return NULL;
	if (parse_glob(p->as.glob, bytes, n, (flags & PATTERN_NOCASE) != 0)) {
		p->as.glob->anchor_end |= (flags & PATTERN_AT_END) != 0;
		return p;
	}
	error_set(e, ERROR_INTERNAL, "out of memory");
	pattern_free(p);
	return NULL;
}

struct pattern *
pattern_text(const char *bytes, size_t n, unsigned flags, struct error *e)
{
	struct pattern *p = new_glob(n, e);
	bool ok = p != NULL;
	size_t first = 0;

	for (size_t i = 0; i < n && ok; i++)
		ok = add_literal(p->as.glob, bytes[i], (flags & PATTERN_NOCASE) != 0);
	if (ok) {
		end_part(p->as.glob, &first);
		p->as.glob->anchor_end = (flags & PATTERN_AT_END) != 0;
		return p;
	}
	if (p != NULL)
		error_set(e, ERROR_INTERNAL, "out of memory");
	pattern_free(p);
	return NULL;
}

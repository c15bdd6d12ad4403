#include "script/expect/pattern.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "script/expect/pattern_impl.h"

struct pattern *
pattern_new(struct error *e)
{
	struct pattern *p = calloc(1, sizeof(*p));

	if (p == NULL)
		error_set(e, ERROR_INTERNAL, "out of memory");
	return p;
}

void
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	if (p->fini != NULL)
		p->fini(p);
	free(p);
}

int
pattern_found(struct pattern_match *m, size_t start, size_t end)
{
	m->spans[0] = (struct regex_span){ (long)start, (long)end };
	return 1;
}

int
pattern_search(const struct pattern *p, const char *bytes, size_t n,
    struct pattern_progress *progress, struct pattern_match *ret_match, struct error *e)
{
	int found;

	ret_match->groups = p->groups;
	found = p->search(p, bytes, n, progress, ret_match, e);
	return found == 1 && p->at_end && (size_t)ret_match->spans[0].end != n ? 0 : found;
}

/* ---- lengths and lines ---- */

static struct pattern *
new_counted(size_t n, unsigned flags, struct error *e)
{
	struct pattern *p = pattern_new(e);

	if (p == NULL)
		return NULL;
	p->as.count = n;
	p->at_end = (flags & PATTERN_AT_END) != 0;
	return p;
}

static int
search_length(const struct pattern *p, const char *bytes, size_t n,
    struct pattern_progress *progress, struct pattern_match *ret_match, struct error *e)
{
	(void)bytes;
	(void)progress;
	(void)e;
	return n < p->as.count ? 0 : pattern_found(ret_match, 0, p->as.count);
}

struct pattern *
pattern_length(size_t n, unsigned flags, struct error *e)
{
	struct pattern *p = new_counted(n, flags, e);

	if (p != NULL)
		p->search = search_length;
	return p;
}

static int
search_lines(const struct pattern *p, const char *bytes, size_t n,
    struct pattern_progress *progress, struct pattern_match *ret_match, struct error *e)
{
	const char *lf;

	(void)e;
	while (progress->part < p->as.count) {
		lf = n > progress->at ? memchr(bytes + progress->at, '\n', n - progress->at) : NULL;
		if (lf == NULL) {
			progress->at = n;
			return 0;
		}
		progress->at = (size_t)(lf - bytes) + 1;
		progress->part++;
	}
	return pattern_found(ret_match, 0, progress->at);
}

struct pattern *
pattern_lines(size_t n, unsigned flags, struct error *e)
{
	struct pattern *p = new_counted(n, flags, e);

	if (p != NULL)
		p->search = search_lines;
	return p;
}

/* ---- regular expressions ---- */

/* Returns whether the byte that every match has has arrived: without it the expression is not tried, so lines
 * that arrive byte by byte are cheap. */
static bool
find_needed_byte(const struct pattern *p, const char *bytes, size_t n,
    struct pattern_progress *progress)
{
	size_t from = progress->at > progress->seen ? progress->at : progress->seen;

	if (p->as.regex.need == -1)
		return true;
	if (from < n && memchr(bytes + from, p->as.regex.need, n - from) != NULL)
		return true;
	progress->seen = n;
	return false;
}

static int
search_regex(const struct pattern *p, const char *bytes, size_t n,
    struct pattern_progress *progress, struct pattern_match *ret_match, struct error *e)
{
	const struct regex_ops *ops = p->as.regex.ops;
	struct regex_why why;

	if (!find_needed_byte(p, bytes, n, progress))
		return 0;
	switch (ops->match(p->as.regex.compiled, bytes, n, progress->at, false, true,
	    ret_match->spans, p->groups + 1, &why)) {
	case REGEX_MATCH:
		return 1;
	case REGEX_PARTIAL:
		progress->at = (size_t)ret_match->spans[0].start;
		return 0;
	case REGEX_NONE:
		progress->at = n;
		return 0;
	default:
		return error_set(e, ERROR_EXPECT, "%s", why.text);
	}
}

static void
fini_regex(struct pattern *p)
{
	p->as.regex.ops->release(p->as.regex.compiled);
}

/* Compiles the expression so that it matches at the end only. behind closes a quote, or a comment, that the
 * expression leaves open. */
static void *
compile_at_end(const struct regex_ops *ops, const char *bytes, size_t n,
    const struct regex_flags *flags, const char *behind, struct regex_why *why)
{
	void *compiled = NULL;
	struct error e = { 0 };
	struct buf text;

	buf_init(&text, SIZE_MAX);
	if (buf_append(&text, "(?:", 3, &e) == 0 && buf_append(&text, bytes, n, &e) == 0 &&
	    buf_append(&text, behind, strlen(behind), &e) == 0)
		compiled = ops->compile(buf_head(&text), text.len, flags, why);
	else
		snprintf(why->text, sizeof(why->text), "%.*s", (int)sizeof(why->text) - 1, e.text);
	buf_fini(&text);
	return compiled;
}

static void *
compile_regex(const struct regex_ops *ops, const char *bytes, size_t n, unsigned flags,
    struct regex_why *why)
{
	const struct regex_flags how = { .nocase = (flags & PATTERN_NOCASE) != 0 };
	void *compiled = ops->compile(bytes, n, &how, why);

	/* an expression must be valid by itself */
	if (compiled == NULL || (flags & PATTERN_AT_END) == 0)
		return compiled; /* cppcheck-suppress returnDanglingLifetime ; how is not kept */
	ops->release(compiled);
	compiled = compile_at_end(ops, bytes, n, &how, "\\E)\\z", why);
	return compiled != NULL ? compiled : compile_at_end(ops, bytes, n, &how, "\n\\E)\\z", why);
}

struct pattern *
pattern_regex(const struct regex_ops *ops, const char *bytes, size_t n, unsigned flags,
    struct error *e)
{
	struct pattern *p = pattern_new(e);
	struct regex_why why;

	if (p == NULL)
		return NULL;
	p->as.regex.compiled = compile_regex(ops, bytes, n, flags, &why);
	if (p->as.regex.compiled == NULL) {
		free(p);
		error_set(e, ERROR_USAGE, "couldn't compile regular expression pattern: %s",
		    why.text);
		return NULL;
	}
	p->search = search_regex;
	p->fini = fini_regex;
	p->as.regex.ops = ops;
	p->as.regex.need = ops->need(p->as.regex.compiled);
	p->groups = ops->groups(p->as.regex.compiled);
	if (p->groups > PATTERN_SPANS - 1)
		p->groups = PATTERN_SPANS - 1;
	return p;
}

#include "script/regex/script_regex.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "script/regex/regex_pcre2.h"

struct opened {
	const struct regex_ops *ops;
	void *compiled;
};

static void *
lazy_compile(const char *pattern, size_t n, const struct regex_flags *flags, struct regex_why *why)
{
	struct error e = { 0 };
	const struct regex_module *m = (const void *)module_open("regex", REGEX_ABI, &e);
	struct opened *o;

	if (m == NULL) {
		*why = (struct regex_why){ .code = NULL };
		snprintf(why->text, sizeof(why->text), "%.127s", e.text);
		return NULL;
	}
	o = malloc(sizeof(*o));
	if (o == NULL) {
		*why = (struct regex_why){ NULL, "out of memory" };
		return NULL;
	}
	o->ops = &m->ops;
	o->compiled = o->ops->compile(pattern, n, flags, why);
	if (o->compiled == NULL) {
		free(o);
		return NULL;
	}
	return o;
}

static void
lazy_release(void *compiled)
{
	struct opened *o = compiled;

	if (o != NULL)
		o->ops->release(o->compiled);
	free(o);
}

static size_t
lazy_groups(const void *compiled)
{
	const struct opened *o = compiled;

	return o->ops->groups(o->compiled);
}

static int
lazy_need(const void *compiled)
{
	const struct opened *o = compiled;

	return o->ops->need(o->compiled);
}

static enum regex_found
lazy_match(const void *compiled, const char *subject, size_t n, size_t from, bool not_bol,
    bool partial, struct regex_span *spans, size_t count, struct regex_why *why)
{
	const struct opened *o = compiled;

	return o->ops->match(o->compiled, subject, n, from, not_bol, partial, spans, count, why);
}

const struct regex_ops script_regex = { lazy_compile, lazy_release, lazy_groups, lazy_need,
	lazy_match };

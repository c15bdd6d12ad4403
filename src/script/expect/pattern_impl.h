/*
 * The structure of a pattern, for the files of its kinds.
 */
#ifndef SCRIPT_EXPECT_PATTERN_IMPL_H
#define SCRIPT_EXPECT_PATTERN_IMPL_H

#include "script/expect/pattern.h"

struct pattern {
	int (*search)(const struct pattern *p, const char *bytes, size_t n,
	    struct pattern_progress *progress, struct pattern_match *ret_match, struct error *e);
	void (*fini)(struct pattern *p);
	size_t groups;
	bool at_end;
	union {
		size_t count;
		struct glob *glob;
		struct {
			const struct regex_ops *ops;
			void *compiled;
			int need; /* a byte of every match; -1: unknown */
		} regex;
	} as;
};

/* Returns a pattern with all fields zero; NULL: out of memory. */
struct pattern *pattern_new(struct error *e);

/* Sets the span of the match. Returns 1. */
int pattern_found(struct pattern_match *m, size_t start, size_t end);

#endif

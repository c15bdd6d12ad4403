/*
 * What the kinds of patterns share and nobody else sees.
 */
#ifndef SCRIPT_EXPECT_PATTERN_IMPL_H
#define SCRIPT_EXPECT_PATTERN_IMPL_H

#include "script/expect/pattern.h"

struct pattern {
	int (*look)(const struct pattern *p, const char *bytes, size_t n,
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
			int need; /* a byte of every match, -1: none known */
		} regex;
	} as;
};

/* All zero; NULL out of memory. */
struct pattern *pattern_new(struct error *e);

/* 1: the match is there. */
int pattern_found(struct pattern_match *m, size_t start, size_t end);

#endif

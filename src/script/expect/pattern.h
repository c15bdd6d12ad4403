/*
 * Patterns that are looked for in a stream while it comes. A search goes on
 * where the last one ended, so that how the bytes were cut on their way changes
 * neither what is found nor what it costs.
 */
#ifndef SCRIPT_EXPECT_PATTERN_H
#define SCRIPT_EXPECT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "tcl/regex.h"

struct error;
struct pattern;

/* The whole match and nine groups. */
#define PATTERN_SPANS 10

enum pattern_flags {
	PATTERN_NOCASE = 1,
	PATTERN_AT_END = 2, /* nothing has come behind it */
};

/* Each gives NULL with ERROR_USAGE, or out of memory. */

/* These bytes. */
struct pattern *pattern_text(const char *bytes, size_t n, unsigned flags, struct error *e);
/* As expect(1) has them: anywhere, ^ in front and $ behind hold on to the ends
 * of what is there, * takes as little as it can, but all at the end. */
struct pattern *pattern_glob(const char *bytes, size_t n, unsigned flags, struct error *e);
/* ops must outlive the pattern. */
struct pattern *pattern_regex(const struct regex_ops *ops, const char *bytes, size_t n,
    unsigned flags, struct error *e);
/* So many bytes. */
struct pattern *pattern_length(size_t n, unsigned flags, struct error *e);
/* So many lines, with the LF of the last. */
struct pattern *pattern_lines(size_t n, unsigned flags, struct error *e);
/* NULL is fine. */
void pattern_free(struct pattern *p);

/* How far a search has come; all zero at its beginning, and again when bytes were
 * taken from the front. */
struct pattern_progress {
	size_t at;   /* nothing begins before this */
	size_t seen; /* what every match has is not before this */
	size_t part; /* that many parts of a glob, or lines, are found */
	size_t start;
};

struct pattern_match {
	struct regex_span spans[PATTERN_SPANS]; /* the match, then the groups; -1: none */
	size_t groups;                          /* that the pattern has, at most 9 */
};

/* Looks at the same bytes as before and those that have come since. 1: found, 0: not
 * yet, -1: ERROR_EXPECT, it costs too much. */
int pattern_look(const struct pattern *p, const char *bytes, size_t n,
    struct pattern_progress *progress, struct pattern_match *ret_match, struct error *e);

#endif

/*
 * Patterns that are searched in a stream as it arrives. A search continues where the last one ended, so neither
 * its result nor its cost depends on how the bytes were split on their way.
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
	PATTERN_AT_END = 2, /* no byte follows the match */
};

/* These return NULL with ERROR_USAGE, or with ERROR_INTERNAL where there is no memory. */

/* Matches these bytes. */
struct pattern *pattern_text(const char *bytes, size_t n, unsigned flags, struct error *e);
/* Matches a glob pattern as expect(1) does: anywhere; a leading ^ and a trailing $ anchor it to the begin and the
 * end of what has arrived; * takes as few bytes as possible, but as last character all. */
struct pattern *pattern_glob(const char *bytes, size_t n, unsigned flags, struct error *e);
/* Matches a regular expression; ops must outlive the pattern. */
struct pattern *pattern_regex(const struct regex_ops *ops, const char *bytes, size_t n,
    unsigned flags, struct error *e);
/* Matches the first n bytes. */
struct pattern *pattern_length(size_t n, unsigned flags, struct error *e);
/* Matches the first n lines, including the last LF. */
struct pattern *pattern_lines(size_t n, unsigned flags, struct error *e);
/* Accepts NULL. */
void pattern_free(struct pattern *p);

/* The state of a search. Set it to zero at the beginning, and after bytes were removed from the front. */
struct pattern_progress {
	size_t at;   /* no match begins before this offset */
	size_t seen; /* the byte that every match has is not before this offset */
	size_t part; /* the number of parts of a glob, or of lines, that are found */
	size_t start;
};

struct pattern_match {
	struct regex_span spans[PATTERN_SPANS]; /* the match, then the groups; start -1: unset */
	size_t groups;                          /* the number of groups in the pattern, at most 9 */
};

/* Searches the bytes of the last call and those that have arrived since. 1: found; 0: not yet; -1: ERROR_EXPECT,
 * the search exceeds its limit. */
int pattern_search(const struct pattern *p, const char *bytes, size_t n,
    struct pattern_progress *progress, struct pattern_match *ret_match, struct error *e);

#endif

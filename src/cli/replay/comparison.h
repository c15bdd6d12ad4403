/*
 * Compares what a peer sends with what was recorded: byte by byte, by its beginning, or by regular
 * expressions; parts that may differ are left out.
 */
#ifndef CLI_REPLAY_COMPARISON_H
#define CLI_REPLAY_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct opt_list;

enum comparison_match { COMPARISON_EXACT, COMPARISON_PREFIX, COMPARISON_REGEX };

struct comparison {
	enum comparison_match match;
	/* private */
	void **ignored; /* compiled patterns */
	size_t n_ignored;
};

/* Compiles the patterns of what may differ. ERROR_USAGE for one that is invalid. Call
 * comparison_close() after failure too. */
int comparison_open(struct comparison *c, enum comparison_match match,
    const struct opt_list *ignored, struct error *e);
void comparison_close(struct comparison *c);

/* True where bytes are compared one by one, and none is left out. */
bool comparison_is_plain(const struct comparison *c);

struct comparison_pair {
	const char *expected, *got;
	size_t n_expected, n_got;
	bool whole; /* got is complete: a record, or the last bytes before the end */
};

enum comparison_result {
	COMPARISON_MORE, /* they agree as far as got goes */
	COMPARISON_SAME,
	COMPARISON_DIFFERENT
};

struct comparison_place {
	size_t used;          /* SAME: so much of got is what was expected */
	size_t expected, got; /* DIFFERENT: where */
};

/* -1: ERROR_USAGE for what was recorded as a pattern and is none; ERROR_INTERNAL. */
int comparison_run(const struct comparison *c, const struct comparison_pair *pair,
    enum comparison_result *ret_result, struct comparison_place *ret_place, struct error *e);

#endif

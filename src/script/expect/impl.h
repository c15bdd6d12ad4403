/*
 * The structures of expect, for its own files: parsed clauses (clause.c), one call of expect (expect.c), and the
 * message when it fails (error.c).
 */
#ifndef SCRIPT_EXPECT_IMPL_H
#define SCRIPT_EXPECT_IMPL_H

#include "base/deadline.h"
#include "script/context.h"
#include "script/error.h"
#include "script/expect/pattern.h"
#include "script/handle.h"
#include "script/script.h"
#include "tcl/interp.h"

/* ---- clauses ---- */

enum clause_kind {
	CLAUSE_PATTERN,
	CLAUSE_EOF,
	CLAUSE_RESET,
	CLAUSE_TIMEOUT,
	CLAUSE_DEFAULT, /* any of the three above */
	CLAUSE_SILENCE,
};

struct clause {
	enum clause_kind kind;
	struct pattern *pattern;
	const char *flag;   /* "-re" */
	bool at_end;        /* -end */
	struct value *text; /* the pattern as written */
	struct value *body; /* NULL: no body */
	struct value *from; /* the sockets of -from; NULL: no -from */
	int64_t silence;    /* in nanoseconds */
};

/* The parsed clauses of a command, kept with the words they were parsed from: most commands run again. */
struct clauses {
	unsigned refs;
	int argc;
	struct value **argv; /* held */
	struct clause *items;
	size_t n;
	struct value *timeout; /* the argument of -timeout; NULL: none */
};

/* Parses the words after the name of the command; NULL with the error set. */
struct clauses *clauses_parse(struct interp *in, int argc, struct value *const argv[]);
/* Accepts NULL. */
void clauses_drop(struct clauses *c);
/* Returns whether c was parsed from these very values. */
bool clauses_are_of(const struct clauses *c, int argc, struct value *const argv[]);

/* ---- the expect of one script ---- */

#define EXPECT_CACHE 64

struct expects {
	struct script *sc;
	struct clauses *before, *after; /* expect_before, expect_after; NULL */
	struct clauses *cache[EXPECT_CACHE];
	struct value *names[PATTERN_SPANS]; /* expect(0) to expect(9) */
	struct value *name_buffer, *name_from;
	size_t groups; /* the number of groups that the last match has set */
	size_t match_max;
	unsigned bodies; /* the number of running bodies */
	bool keep_timer; /* exp_continue -continue_timer */
};

/* ---- one call of expect ---- */

/* The search for one clause at one socket. */
struct clause_search {
	struct pattern_progress progress;
	bool applies;
};

struct source {
	struct handle *h;
	struct sock *sock;
	/* of WebSocket: how many messages were searched, and how many bytes they have */
	size_t searched, at;
};

#define EXPECT_INLINE 8

struct expect_call {
	struct expects *x;
	struct interp *in;
	struct handle *by_default; /* the socket of clauses without -from */
	struct clauses *parts[3];  /* of expect_before, of this call, of expect_after */
	const struct clause **clauses;
	size_t n_clauses;
	struct source *sources;
	size_t n_sources;
	struct clause_search *searches; /* n_sources * n_clauses */
	int64_t timeout, began, last;
	struct deadline until;
	bool continued; /* after exp_continue */
	/* storage for the arrays above, enough for most calls */
	const struct clause *inline_clauses[EXPECT_INLINE];
	struct source inline_sources[EXPECT_INLINE];
	struct clause_search inline_searches[EXPECT_INLINE];
};

/* Replaces the prefix of the text of e with "expect SOCKETS: PATTERNS". */
void expect_prefix_error(const struct expect_call *call, struct error *e);

/* Sets the error of a failed call and returns TCL_ERROR. why is its word ("timeout"), what says in words what
 * happened; source is an index, or n_sources for all. */
int expect_error(struct expect_call *call, size_t source, const char *why, const char *what);

#endif

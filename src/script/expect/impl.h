/*
 * What the files of expect share and nobody else sees: clauses as they are
 * written (clause.c), one expect under way (expect.c), and how
 * its failure is told (error.c).
 */
#ifndef SCRIPT_EXPECT_IMPL_H
#define SCRIPT_EXPECT_IMPL_H

#include "base/deadline.h"
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
	CLAUSE_DEFAULT, /* any of these three */
	CLAUSE_SILENCE,
};

struct clause {
	enum clause_kind kind;
	struct pattern *pattern;
	const char *flag;   /* "-re" */
	bool at_end;        /* -end */
	struct value *text; /* the pattern as it is written */
	struct value *body; /* NULL: none */
	struct value *from; /* names of sockets, NULL: not said */
	int64_t silence;    /* nanoseconds */
};

/* All clauses of a command; kept as long as its words are, as most commands run again. */
struct clauses {
	unsigned refs;
	int argc;
	struct value **argv; /* that they are made of, held */
	struct clause *items;
	size_t n;
	struct value *timeout; /* of -timeout, NULL: not said */
};

/* Those of words, which are without the name of the command; NULL with the error set. */
struct clauses *clauses_make(struct interp *in, int argc, struct value *const argv[]);
/* NULL is fine. */
void clauses_drop(struct clauses *c);
bool clauses_are_of(const struct clauses *c, int argc, struct value *const argv[]);

/* ---- one script ---- */

#define EXPECT_CACHE 64

struct expects {
	struct script *sc;
	struct clauses *before, *after;
	struct clauses *cache[EXPECT_CACHE];
	struct value *names[PATTERN_SPANS]; /* expect(0) to expect(9) */
	struct value *name_buffer, *name_from;
	size_t groups; /* that the last match has set */
	size_t match_max;
	unsigned bodies; /* that are running */
	bool keep_timer; /* exp_continue -continue_timer */
};

/* ---- one expect ---- */

/* One clause at one socket. */
struct look {
	struct pattern_progress progress;
	bool applies;
};

struct source {
	struct handle *h;
	struct sock *sock;
};

#define TALK_FEW 8

struct talk {
	struct expects *x;
	struct interp *in;
	struct handle *by_default; /* where -from is not said */
	struct clauses *parts[3];  /* before, own, after */
	const struct clause **clauses;
	size_t nclauses;
	struct source *sources;
	size_t nsources;
	struct look *looks; /* nsources * nclauses */
	int64_t timeout, began, last;
	struct deadline until;
	bool continued; /* not the first round */
	/* most need no more */
	const struct clause *few_clauses[TALK_FEW];
	struct source few_sources[TALK_FEW];
	struct look few_looks[TALK_FEW];
};

/* Puts "expect SOCKETS: PATTERNS" in place of what e says before its reason. */
void expect_name(const struct talk *t, struct error *e);

/* Fails: why is "timeout" ..., what happened in words, at a source or (nsources) all. */
int expect_error(struct talk *t, size_t source, const char *why, const char *what);

#endif

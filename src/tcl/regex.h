/*
 * What the language wants of a regular expression library, which may live in a
 * module that is opened on first use.
 */
#ifndef TCL_REGEX_H
#define TCL_REGEX_H

#include <stdbool.h>
#include <stddef.h>

struct regex_flags {
	bool nocase;
	bool expanded; /* blanks and comments in the pattern */
	bool line;     /* . and [^x] stop at a newline (-linestop) */
	bool anchor;   /* ^ and $ match at lines (-lineanchor) */
};

/* Where a group matched: bytes [start, end), start -1 where it did not. */
struct regex_span {
	long start, end;
};

/* Why a pattern is none, or could not be matched. */
struct regex_why {
	const char *code; /* as Tcl calls it: "REG_EPAREN"; NULL where it has no name for it */
	char text[128];
};

enum regex_found { REGEX_FAILED = -1, REGEX_NONE, REGEX_MATCH, REGEX_PARTIAL };

struct regex_ops {
	/* NULL with the reason in why. Bytes, not characters; the pattern may hold any byte. */
	void *(*compile)(const char *pattern, size_t n, const struct regex_flags *flags,
	    struct regex_why *why);
	void (*release)(void *compiled);
	/* Groups without the whole match. */
	size_t (*groups)(const void *compiled);
	/* A byte that every match has, -1 where none is known. */
	int (*need)(const void *compiled);
	/* Looks in subject[from, n); spans[0] is the whole match, then the groups, count in all.
	 * not_bol: subject[0] does not begin a line. partial: says REGEX_PARTIAL, with spans[0]
	 * up to the end, where more bytes could make a match. Bounded work: REGEX_FAILED with the
	 * reason in why where the pattern needs more. */
	enum regex_found (*match)(const void *compiled, const char *subject, size_t n, size_t from,
	    bool not_bol, bool partial, struct regex_span *spans, size_t count,
	    struct regex_why *why);
};

#endif

/* The functions that the language needs of a regular expression library. */
#ifndef TCL_REGEX_H
#define TCL_REGEX_H

#include <stdbool.h>
#include <stddef.h>

struct regex_flags {
	bool nocase;
	bool expanded; /* white space and comments in the pattern are ignored */
	bool line;     /* . and [^x] stop at a newline (-linestop) */
	bool anchor;   /* ^ and $ match at lines (-lineanchor) */
};

/* The match of a group: bytes [start, end); start -1: none. */
struct regex_span {
	long start, end;
};

/* Why a pattern is invalid, or a match failed. */
struct regex_why {
	const char *code; /* as in Tcl: "REG_EPAREN"; NULL where Tcl has none */
	char text[128];
};

enum regex_found { REGEX_FAILED = -1, REGEX_NONE, REGEX_MATCH, REGEX_PARTIAL };

struct regex_ops {
	/* Compiles a pattern of bytes, with any byte in it. NULL with the reason in why. */
	void *(*compile)(const char *pattern, size_t n, const struct regex_flags *flags,
	    struct regex_why *why);
	void (*release)(void *compiled);
	/* Returns the number of groups, without the whole match. */
	size_t (*groups)(const void *compiled);
	/* Returns a byte that every match has; -1: unknown. */
	int (*need)(const void *compiled);
	/* Searches subject[from, n). spans[0] is the whole match, then come the groups, count in all.
	 * not_bol: subject[0] does not begin a line. partial: returns REGEX_PARTIAL, with spans[0] up to the
	 * end, where more bytes could complete a match. The work is limited: REGEX_FAILED with the reason in
	 * why where a match needs more. */
	enum regex_found (*match)(const void *compiled, const char *subject, size_t n, size_t from,
	    bool not_bol, bool partial, struct regex_span *spans, size_t count,
	    struct regex_why *why);
};

#endif

/*
 * A line of the control socket as a command. The words are those of the script language without
 * its substitutions: a name, operands and options, separated by blanks.
 */
#ifndef CONTROL_CONTROL_REQUEST_H
#define CONTROL_CONTROL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

/* The longest line, without its newline. */
#define CONTROL_LINE_MAX 1024

/* verb, word, operand, help */
#define CONTROL_VERBS(X)                                                                           \
	X(CONTROL_LIST, "list", "", "the connected clients")                                       \
	X(CONTROL_STATS, "stats", "", "counts of clients and bytes")                               \
	X(CONTROL_KICK, "kick", "ID|all", "end the connection of this client, or of all")          \
	X(CONTROL_DRAIN, "drain", "?DUR?",                                                         \
	    "accept nobody, exit when the clients have left, or after DUR")                        \
	X(CONTROL_PAUSE, "pause", "", "accept nobody; clients wait")                               \
	X(CONTROL_RESUME, "resume", "", "accept clients again")                                    \
	X(CONTROL_RELOAD, "reload", "", "read the files and names of --allow and --deny again")    \
	X(CONTROL_HELP, "help", "", "these commands; -json before the end of a line asks for JSON")

enum control_verb {
#define X(verb, word, operand, help) verb,
	CONTROL_VERBS(X)
#undef X
	    CONTROL_VERBS_N
};

struct control_request {
	enum control_verb verb;
	bool json;        /* -json */
	bool no_header;   /* -no-header: rows without titles */
	bool all;         /* kick all */
	unsigned long id; /* kick ID */
	int64_t patience; /* drain DUR, in nanoseconds; DURATION_NONE if it was not given */
};

/* Parses n bytes without a newline. ret_request->json is valid after a failure too, which is
 * ERROR_USAGE. */
int control_request_parse(const char *line, size_t n, struct control_request *ret_request,
    struct error *e);

/* Appends the line of a request, with its newline. */
int control_request_format(const struct control_request *rq, struct buf *out, struct error *e);

/* Appends the commands, one a line. */
int control_request_help(struct buf *out, bool json, struct error *e);

#endif

/*
 * Option tables: one row describes an option for the parser, for help, for
 * completion and for the manual's synopsis. Values land in the command's own
 * structure through offsets, so a table is constant and nothing is global.
 */
#ifndef CLI_OPTIONS_OPT_H
#define CLI_OPTIONS_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

enum opt_kind {
	OPT_FLAG,          /* bool: true */
	OPT_UNFLAG,        /* bool: false (--no-...) */
	OPT_COUNT,         /* int: each use adds one (-vv) */
	OPT_SET,           /* int: becomes .value (-4, -6) */
	OPT_TEXT,          /* const char * */
	OPT_OPTIONAL_TEXT, /* const char *: --name is "", --name=TEXT is TEXT */
	OPT_LIST,          /* struct opt_list: every use adds one */
	OPT_INT,           /* int64_t in min..max */
	OPT_DURATION,      /* int64_t nanoseconds, DURATION_NONE for "none" */
	OPT_SIZE,          /* uint64_t bytes */
	OPT_PORTS,         /* struct opt_ports: PORT or LO-HI */
	OPT_CHOICE         /* int: index of the word in .choices */
};

/* What the value of an option makes the program reach for. A script has only what it is allowed
 * (struct opt_grant). Every row whose value names a file or a descriptor says one of these:
 * tests/unit/cli/opt.c holds the tables to it. */
enum opt_reach {
	REACH_NOTHING,
	REACH_FILE,    /* a file that is read, made, changed or removed */
	REACH_TRUST,   /* certificates and keys: read, but nothing of them comes back */
	REACH_FD,      /* the number of a descriptor that we were given */
	REACH_FILE_FD, /* FILE, or fd:N */
	REACH_PROGRAM  /* what is run */
};

struct opt_list {
	const char **items;
	size_t n;
};

struct opt_ports {
	uint16_t lo, hi;
	bool given;
};

struct opt {
	const char *name; /* long name without "--" */
	char letter;      /* 0: none */
	enum opt_kind kind;
	size_t offset;   /* of the value in the group's structure */
	const char *arg; /* what the value is called: "DUR", "FILE"; NULL for flags */
	const char *help;
	int64_t min, max;    /* OPT_INT; OPT_SIZE and OPT_DURATION: min only */
	int value;           /* OPT_SET */
	bool may_be_empty;   /* OPT_TEXT */
	const char *choices; /* OPT_CHOICE: "auto always never" */
	const char *
	    complete; /* what completes the value: "file" "interface" "host" "sockopt" "proto" NULL */
	enum opt_reach reach;
};

/* A titled run of options; base is the offset of the group's structure in the command's. */
struct opt_group {
	const char *title;
	const struct opt *opts;
	size_t n;
	size_t base;
};

/* What is left of a command line: operands, and PROGRAM ARG... after "--". Where a command has
 * its options first (cmd.h), operands are all that follows the first one or "--". */
struct opt_rest {
	char **operands;
	int n_operands;
	char **program; /* NULL-terminated; NULL where there was no "--" */
};

struct cmd;

/* Reads argv[1..] by cmd's groups into values (already holding the defaults).
 * Long options may be shortened where unambiguous, values follow as --name=V,
 * --name V, -xV or -x V; letters combine. A value option given twice, two
 * options that exclude each other, a missing or malformed value: ERROR_USAGE,
 * text "--name: what is wrong" (also when the letter was written). An unknown one
 * suggests the nearest. Options may stand after operands; "--" ends them.
 * "-" and negative numbers are operands. --help and -h give 1, else 0. Lists are
 * malloc'ed: opt_free. ret_rest points into argv, which is permuted. */
int opt_parse(const struct cmd *cmd, int argc, char **argv, void *values, struct opt_rest *ret_rest,
    struct error *e);

/* What a script may reach for. */
struct opt_grant {
	bool files, programs;
	bool (*has_fd)(int fd); /* whether a descriptor is one that we were given */
};

/* The same for a script's command: the options that cmd says have no place there are refused, and
 * those that reach for more than is granted; the text names the option that would grant it. */
int opt_parse_script(const struct cmd *cmd, const struct opt_grant *grant, int argc, char **argv,
    void *values, struct opt_rest *ret_rest, struct error *e);

/* Frees what opt_parse allocated in values. */
void opt_free(const struct cmd *cmd, void *values);

/* Calls fn for every option of cmd. */
void opt_each(const struct cmd *cmd,
    void (*fn)(void *arg, const struct opt_group *group, const struct opt *opt), void *arg);

#endif

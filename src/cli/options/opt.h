/*
 * Option tables. One row describes an option for the parser, help, completion
 * and the manual's synopsis. The parser stores values in the command's own
 * structure at the row's offset, so tables are constant and nothing is global.
 */
#ifndef CLI_OPTIONS_OPT_H
#define CLI_OPTIONS_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/output/files/written_files.h"

struct error;

enum opt_kind {
	OPT_FLAG,          /* bool: true */
	OPT_UNFLAG,        /* bool: false (--no-...) */
	OPT_COUNT,         /* int: each use adds one (-vv) */
	OPT_SET,           /* int: becomes .value (-4, -6) */
	OPT_TEXT,          /* const char * */
	OPT_OPTIONAL_TEXT, /* const char *: --name is "", --name=TEXT is TEXT */
	OPT_LIST,          /* struct opt_list: each use adds one */
	OPT_INT,           /* int64_t in min..max */
	OPT_DURATION,      /* int64_t nanoseconds, DURATION_NONE for "none" */
	OPT_SIZE,          /* uint64_t bytes */
	OPT_PORTS,         /* struct opt_ports: PORT or LO-HI */
	OPT_CHOICE         /* int: index of the word in .choices */
};

/* What the value of an option gives access to, which a script has where struct opt_grant allows it.
 * Each row whose value names a file or a descriptor has a reach; tests/unit/cli/opt.c checks that. */
enum opt_reach {
	REACH_NOTHING,
	REACH_FILE,    /* a file that is read, created, changed or removed */
	REACH_TRUST,   /* certificates and keys: they are read, but their content is not shown */
	REACH_FD,      /* the number of an inherited descriptor */
	REACH_FILE_FD, /* FILE or fd:N */
	REACH_PROGRAM  /* a program that is run */
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
	const char *arg; /* name of the value in help: "DUR", "FILE"; NULL for flags */
	const char *help;
	int64_t min, max;    /* OPT_INT; OPT_SIZE and OPT_DURATION: min only */
	int value;           /* OPT_SET */
	bool may_be_empty;   /* OPT_TEXT */
	const char *choices; /* OPT_CHOICE: "auto always never" */
	/* how the value is completed: "file" "interface" "host" "services" "sockopt" "proto" ... */
	const char *complete;
	enum opt_reach reach;
	enum opt_writes writes;
};

/* Options under one title in help; base is the offset of the group's structure in the command's. */
struct opt_group {
	const char *title;
	const struct opt *opts;
	size_t n;
	size_t base;
};

/* What remains: the operands, and PROGRAM ARG... after "--", which are operands, too, where cmd takes
 * no program. With options_first (cmd.h) all words from the first operand on are operands. */
struct opt_rest {
	char **operands;
	int n_operands;
	char **program; /* NULL-terminated; NULL where there was no "--", or no program is taken */
};

struct cmd;

/* Parses argv[1..] with the options of cmd into values, which hold the defaults already. A long
 * option may be shortened while it is unambiguous. A value is written --name=V, --name V, -xV or
 * -x V; letters combine. Options may follow operands; "--" ends them; "-" and negative numbers
 * are operands.
 *
 * Returns 1 for --help and -h, else 0. ERROR_USAGE for an option with a value that is given
 * twice, for conflicting options, and for a missing or malformed value: the text is "--name:
 * what is wrong", also where the letter was written. For an unknown option the text suggests the
 * nearest name. Lists are malloc'ed: call opt_free(). ret_rest points into argv, which is
 * permuted. */
int opt_parse(const struct cmd *cmd, int argc, char **argv, void *values, struct opt_rest *ret_rest,
    struct error *e);

/* What the options of a script may give access to. */
struct opt_grant {
	bool files, programs;
	bool (*has_fd)(int fd); /* true where fd is an inherited descriptor */
};

/* opt_parse() for a command in a script. ERROR_USAGE for options in cmd->not_in_script, and for
 * options that reach for more than grant allows; the text names the option of usock that would
 * allow it. */
int opt_parse_script(const struct cmd *cmd, const struct opt_grant *grant, int argc, char **argv,
    void *values, struct opt_rest *ret_rest, struct error *e);

/* Frees the lists that opt_parse() allocated in values. */
void opt_free(const struct cmd *cmd, void *values);

/* Calls fn for each option of cmd. */
void opt_each(const struct cmd *cmd,
    void (*fn)(void *arg, const struct opt_group *group, const struct opt *opt), void *arg);

#endif

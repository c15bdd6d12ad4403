/*
 * A subcommand is one constant structure: its name, words for help, option
 * groups and the function that does it. The table of all is in cmd.c; its
 * faces are argv parsing, help and synopsis, completion, and a script command
 * of the same name.
 */
#ifndef CLI_CORE_CMD_H
#define CLI_CORE_CMD_H

#include <stddef.h>

#include "cli/options/opt.h"

struct error;
struct interp;

struct cmd {
	const char *name;
	const char *summary;  /* half a line, no capital, no full stop */
	const char *operands; /* "ADDRESS [-- PROGRAM ARG...]" */
	const char *about;    /* a paragraph or two for help, already wrapped at 78 */
	const char *examples; /* lines "command   # what it does", shown at the end of help; NULL */
	const struct opt_group *groups; /* ends with one whose opts is NULL */
	const char *const
	    *conflicts; /* "one other..." long names, one with none of the others; ends with NULL;
			     * may be NULL */
	bool options_first; /* what follows the first operand is not ours: FILE ARG... */
	size_t size;        /* of the value structure */
	void (*defaults)(void *values); /* NULL: all zero */
	/* Returns the exit status, having reported whatever went wrong. */
	int (*run)(const struct cmd *cmd, void *values, const struct opt_rest *rest);
	/* The command of that name in a script; NULL: there is none. Returns TCL_OK or TCL_ERROR. */
	int (*script)(struct interp *in, void *values, const struct opt_rest *rest);
	bool data_operands; /* ... whose operands, and what follows --, are data of any bytes */
	const char *const *not_in_script; /* long names of options, ends with NULL; may be NULL */
};

/* All commands in the order of help; ends with NULL. */
extern const struct cmd *const commands[];

const struct cmd *cmd_find(const char *name);

/* The command that the first word of the command line means; NULL: none. *ret_named is 1 where
 * that is its name, 0 where the word is already the command's: a script, or -c. */
const struct cmd *cmd_of_word(const char *word, int *ret_named);

/* The whole program: picks the command, parses, runs, checks that stdout was
 * written. Returns the exit status. */
int cli_main(int argc, char **argv);

/* ---- usage.c: help text; all write to stdout ---- */
void usage_program(void);
void usage_command(const struct cmd *cmd);
/* "connect [-46kv] [-w DUR] ... ADDRESS": one line, for errors and the manual's check. */
void usage_synopsis(const struct cmd *cmd, char *text, size_t size);

/* ---- complete.c ---- */
/* `usock __complete WORD...`: words so far without the program's name, the last
 * one (maybe empty) is completed; prints "candidate<TAB>description" lines. */
int complete_main(int argc, char **argv);

/* The same for who asks from inside: take gets each candidate, or with help NULL ":file",
 * ":host" or ":command", what the asker itself completes best. */
void complete_words(int argc, char *const *argv,
    void (*take)(void *arg, const char *word, const char *help), void *arg);

#endif

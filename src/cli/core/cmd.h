/*
 * A subcommand is one constant structure: its name, its help, its option
 * groups and its function. cmd.c has the table of all commands. The table
 * drives argument parsing, help and synopsis, completion, and the script
 * command of the same name.
 */
#ifndef CLI_CORE_CMD_H
#define CLI_CORE_CMD_H

#include <stddef.h>

#include "cli/options/opt.h"

struct error;
struct foreign;
struct interp;

struct cmd {
	const char *name;
	const char *summary;  /* half a line, no capital, no full stop */
	const char *operands; /* "ADDRESS [-- PROGRAM ARG...]" */
	const char *about;    /* a paragraph or two for help, already wrapped at 78 */
	/* lines "command # what it does" at the end of help; may be NULL */
	const char *examples;
	const struct opt_group *groups; /* ends with one whose opts is NULL */
	/* each "one other...": long names, the first conflicts with all others; ends with NULL;
	 * may be NULL */
	const char *const *conflicts;
	/* each "one other...": long names, the first goes together with the others only; ends with
	 * NULL; may be NULL */
	const char *const *alone;
	bool options_first;             /* the first operand ends the options: FILE ARG... */
	size_t size;                    /* of the values */
	void (*defaults)(void *values); /* NULL: all zero */
	/* Returns the exit status. Has reported its errors. */
	int (*run)(const struct cmd *cmd, void *values, const struct opt_rest *rest);
	/* The command of that name in a script; NULL: none. Returns TCL_OK or TCL_ERROR. */
	int (*script)(struct interp *in, void *values, const struct opt_rest *rest);
	/* its operands in a script, and the words after --, may hold any bytes */
	bool data_operands;
	/* long names of options; ends with NULL; may be NULL */
	const char *const *not_in_script;
	/* another program that usock is under its name: words of argv[0], and its options beside
	 * those of groups. Both NULL for commands of our own. */
	const char *links;
	const struct foreign *foreign;
	/* Parses the words of the other program and runs it. Returns the exit status. */
	int (*run_foreign)(const struct cmd *cmd, int argc, char **argv);
};

/* All commands in the order of help. Ends with NULL. */
extern const struct cmd *const commands[];

const struct cmd *cmd_find(const char *name);

/* True where "--" begins a program; else it only ends the options. */
bool cmd_takes_program(const struct cmd *cmd);

/* Returns the command that usock is under this name of the program, or NULL. */
const struct cmd *cmd_of_link(const char *program);

/* Returns the command that the first word of the command line selects, or NULL. *ret_named is 1
 * where the word is the command's name, and 0 where the word already belongs to the command: a
 * script, or -c. */
const struct cmd *cmd_of_word(const char *word, int *ret_named);

#endif

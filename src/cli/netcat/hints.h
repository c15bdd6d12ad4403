/*
 * Hints for users of other netcats and of socat: what the options and
 * addresses of those tools are called here.
 */
#ifndef CLI_NETCAT_HINTS_H
#define CLI_NETCAT_HINTS_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct opt_rest;

/* Returns the remedy, for error_hint(), for an option of OpenBSD's nc, nc.traditional, ncat or
 * socat that this command does not have: a letter, or a long name of len bytes. NULL for other
 * options, and for commands that have no counterpart in a netcat. */
const char *hints_for_letter(const char *command, char letter);
const char *hints_for_name(const char *command, const char *name, size_t len);

/* Returns the command line that a first word "-...", an option of netcat, stands for, as far as
 * it can be told. */
const char *hints_for_command(const char *word);

/* Where word is an address of socat (TCP-LISTEN:80,fork), sets the hint of e to the equivalent
 * here and returns 1; else returns 0. sure: accept only words that cannot be a host name: PIPE,
 * not pipe. */
int hints_for_address(const char *word, bool sure, struct error *e);

/* Completes the error of a command: puts its name in front of a usage error, and adds a hint
 * where an operand is an address of socat and e has no better hint. */
void hints_complete(const char *command, const struct opt_rest *rest, struct error *e);

#endif

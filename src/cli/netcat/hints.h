/*
 * For who comes from another netcat or from socat: what its options and addresses are called
 * here.
 */
#ifndef CLI_NETCAT_HINTS_H
#define CLI_NETCAT_HINTS_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct opt_rest;

/* Of a letter, or a long name of len bytes, that is no option of this command, but is one of
 * OpenBSD's nc, nc.traditional, ncat or socat: a remedy for error_hint(). NULL for others, and
 * for commands that do what no netcat does. */
const char *netcat_letter(const char *command, char letter);
const char *netcat_name(const char *command, const char *name, size_t len);

/* Of a first word "-...", which would be options of a command: the command line that it stands
 * for, as far as that can be told. */
const char *netcat_command(const char *word);

/* Where word is an address as socat writes it (TCP-LISTEN:80,fork): e gets the hint what it is
 * called here. sure: only where it can be no host, as PIPE and not pipe. Returns 1, or 0 for
 * other words. */
int netcat_address(const char *word, bool sure, struct error *e);

/* A command has failed: e gets its name in front, where it was called wrongly, and where an
 * operand is an address of socat and there is no better hint, that one. */
void netcat_explain(const char *command, const struct opt_rest *rest, struct error *e);

#endif

/*
 * For who comes from another netcat: what its options are called here.
 */
#ifndef CLI_NETCAT_H
#define CLI_NETCAT_H

/* Of a letter that is no option of this command, but is one of nc or ncat: a remedy for
 * error_hint(). NULL for other letters, and for commands that do what no netcat does. */
const char *netcat_letter(const char *command, char letter);

/* Of a first word "-...", which would be options of a command: the command line that it stands
 * for, as far as that can be told. */
const char *netcat_command(const char *word);

#endif

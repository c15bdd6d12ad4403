/*
 * Words that people type for a command or an option and that are called otherwise here: what to
 * write instead.
 */
#ifndef CLI_CORE_WISHED_H
#define CLI_CORE_WISHED_H

#include <stddef.h>

/* The remedy, for error_hint(), for a first word that is no command; NULL for other words. */
const char *wished_command(const char *word);

/* The same for a long option, of len bytes, that the command does not have. */
const char *wished_option(const char *command, const char *name, size_t len);

#endif

/*
 * What the kernel is asked to forbid before a script begins.
 */
#ifndef CLI_RUN_CONFINE_SCRIPT_H
#define CLI_RUN_CONFINE_SCRIPT_H

#include <stdbool.h>

struct allow_opts;

/* As base/confine: true where the kernel forbids all that is not allowed. junit (may be NULL) is
 * a file that we write when the script is over. Under valgrind nothing is asked for, as filters
 * would hit valgrind itself. */
bool confine_script(const struct allow_opts *allow, const char *junit);

#endif

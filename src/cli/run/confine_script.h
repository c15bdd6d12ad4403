/*
 * Confines the process in the kernel before a script begins.
 */
#ifndef CLI_RUN_CONFINE_SCRIPT_H
#define CLI_RUN_CONFINE_SCRIPT_H

#include <stdbool.h>

struct allow_opts;

enum { CONFINE_SCRIPT_WRITTEN = 2 };

/* Calls base/confine. True where the kernel forbids everything that allow does not allow. The files of
 * written (NULL: none, as each of them may be) are written after the script. Under valgrind, which the
 * filters would hit as well, it does nothing and returns false. */
bool confine_script(const struct allow_opts *allow,
    const char *const written[CONFINE_SCRIPT_WRITTEN]);

#endif

/*
 * Parts of the program that need a library which most uses of it do not: a
 * shared object each, opened when a command first needs it, with one exported
 * constant structure of functions. Where the build links modules in, the same
 * calls find them in a table.
 *
 * A module NAME is the file usock-NAME.so in the folder of the program's own
 * file, as in a build, or in the one that the build was told, seen from there:
 * an installed tree can be moved. The environment has no say. Its structure is
 * called usock_module_NAME.
 */
#ifndef BASE_MODULE_H
#define BASE_MODULE_H

#include <stdbool.h>

struct error;

/* First member of every module's structure. */
struct module_head {
	unsigned abi;        /* changes with the structure */
	const char *library; /* "mbedTLS 2.28.3": what it brings, for people */
};

/* How the one structure of a module is defined and seen. */
#define MODULE_EXPORT __attribute__((visibility("default")))

/* The module's structure, whose first member is a struct module_head with this abi;
 * it stays until the process ends. NULL with ERROR_LOCAL_IO where it is not
 * installed, cannot be loaded, or belongs to another version: the text names the
 * file, the hint the package. */
const struct module_head *module_open(const char *name, unsigned abi, struct error *e);

/* Whether it is installed, without loading it. */
bool module_exists(const char *name);

#endif

/*
 * Parts of the program that need a library which most commands do not use. Each is a shared
 * object with one exported constant structure of functions, opened when a command first needs
 * it. A build that links modules in finds them in a table with the same calls.
 *
 * Module NAME is the file usock-NAME.so. It is looked for in the folder of the program's own
 * file (a build tree), then in the module folder of the build, relative to the first (so an
 * installed tree can be moved). The environment is ignored. Its structure is named
 * usock_module_NAME.
 */
#ifndef BASE_MODULE_H
#define BASE_MODULE_H

#include <stdbool.h>

struct error;

/* First member of the structure of every module. */
struct module_head {
	unsigned abi;        /* changes with the layout of the structure */
	const char *library; /* the library inside, for people: "mbedTLS 2.28.3" */
};

/* Marks the structure that a module exports. */
#define MODULE_EXPORT __attribute__((visibility("default")))

/* Returns the structure of the module, which starts with a struct module_head of this abi. It
 * stays valid until the process ends. Returns NULL with ERROR_LOCAL_IO when the module is not
 * installed, cannot be loaded or has another abi; the text names the file, the hint names the
 * package. */
const struct module_head *module_open(const char *name, unsigned abi, struct error *e);

/* Returns true when the module is installed; does not load it. */
bool module_exists(const char *name);

#endif

/*
 * The modules that are linked into the program. The build generates this table
 * (cmake/Modules.cmake); with modules as shared objects it does not exist.
 */
#ifndef BASE_MODULE_TABLE_H
#define BASE_MODULE_TABLE_H

#include "base/module.h"

struct module_row {
	const char *name; /* NULL in the last row */
	const struct module_head *head;
};

extern const struct module_row module_table[];

#endif

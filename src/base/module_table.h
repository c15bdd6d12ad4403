/*
 * The modules that are linked into the program. The build writes the table
 * (cmake/Modules.cmake); with modules as shared objects there is none.
 */
#ifndef BASE_MODULE_TABLE_H
#define BASE_MODULE_TABLE_H

#include "base/module.h"

struct module_row {
	const char *name; /* NULL: the end */
	const struct module_head *head;
};

extern const struct module_row module_table[];

#endif

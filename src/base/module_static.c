#include <string.h>

#include "base/error.h"
#include "base/module.h"
#include "base/module_table.h"

static const struct module_head *
find_module(const char *name)
{
	const struct module_row *row;

	for (row = module_table; row->name != NULL; row++)
		if (strcmp(row->name, name) == 0)
			return row->head;
	return NULL;
}

bool
module_exists(const char *name)
{
	return find_module(name) != NULL;
}

const struct module_head *
module_open(const char *name, unsigned abi, struct error *e)
{
	const struct module_head *head = find_module(name);

	if (head == NULL || head->abi != abi) {
		error_set(e, ERROR_LOCAL_IO, "usock-%s is not in this program", name);
		return NULL;
	}
	return head;
}

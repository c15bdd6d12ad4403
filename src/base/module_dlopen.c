#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/module.h"

/* Where installed modules are, from the program's folder; see cmake/Modules.cmake. */
#ifndef USOCK_MODULE_DIR
#define USOCK_MODULE_DIR "../lib/usock"
#endif

/* The folder of the program's file, as the kernel knows it: not as it was called. */
static bool
own_folder(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	if (n <= 0)
		return false;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	return true;
}

static bool
is_in(const char *folder, const char *below, const char *name, char *path, size_t size)
{
	int n = snprintf(path, size, "%s%s/usock-%s.so", folder, below, name);

	return n > 0 && (size_t)n < size && access(path, R_OK) == 0;
}

/* Leaves in path where it is, or where it should be. */
static bool
find(const char *name, char *path, size_t size)
{
	char folder[PATH_MAX] = "";

	return own_folder(folder, sizeof(folder)) &&
	    (is_in(folder, "", name, path, size) ||
		is_in(folder, "/" USOCK_MODULE_DIR, name, path, size));
}

bool
module_exists(const char *name)
{
	char path[PATH_MAX] = "";

	return find(name, path, sizeof(path));
}

static const struct module_head *
fail(const char *name, struct error *e)
{
	error_hint(e, "the package usock-%s has it", name);
	return NULL;
}

const struct module_head *
module_open(const char *name, unsigned abi, struct error *e)
{
	const struct module_head *head = NULL;
	char path[PATH_MAX] = "", symbol[64];
	void *so;

	if (!find(name, path, sizeof(path))) {
		error_set(e, ERROR_LOCAL_IO, "%s is not installed", path);
		return fail(name, e);
	}
	so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (so == NULL) {
		error_set(e, ERROR_LOCAL_IO, "load %s: %s", path, dlerror());
		return fail(name, e);
	}
	snprintf(symbol, sizeof(symbol), "usock_module_%s", name);
	head = dlsym(so, symbol);
	if (head == NULL || head->abi != abi) {
		error_set(e, ERROR_LOCAL_IO, "load %s: it belongs to another version of usock",
		    path);
		dlclose(so);
		return fail(name, e);
	}
	/* it stays open: its functions are in use until the end */
	/* cppcheck-suppress resourceLeak */
	return head;
}

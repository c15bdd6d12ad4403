#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/module.h"

/* Folder of installed modules, relative to the folder of the program; see cmake/Modules.cmake. */
#ifndef USOCK_MODULE_DIR
#define USOCK_MODULE_DIR "../lib/usock"
#endif

/* Folder of the program's file, as the kernel knows it; argv[0] is not used. */
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
find_in_folder(const char *folder, const char *below, const char *name, char *path, size_t size)
{
	int n = snprintf(path, size, "%s%s/usock-%s.so", folder, below, name);

	return n > 0 && (size_t)n < size && access(path, R_OK) == 0;
}

/* Sets path to the file found, or to the last place tried. */
static bool
find_file(const char *name, char *path, size_t size)
{
	char folder[PATH_MAX] = "";

	return own_folder(folder, sizeof(folder)) &&
	    (find_in_folder(folder, "", name, path, size) ||
		find_in_folder(folder, "/" USOCK_MODULE_DIR, name, path, size));
}

bool
module_exists(const char *name)
{
	char path[PATH_MAX] = "";

	return find_file(name, path, sizeof(path));
}

static const struct module_head *
set_package_hint(const char *name, struct error *e)
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

	if (!find_file(name, path, sizeof(path))) {
		error_set(e, ERROR_LOCAL_IO, "%s is not installed", path);
		return set_package_hint(name, e);
	}
	so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (so == NULL) {
		error_set(e, ERROR_LOCAL_IO, "load %s: %s", path, dlerror());
		return set_package_hint(name, e);
	}
	snprintf(symbol, sizeof(symbol), "usock_module_%s", name);
	head = dlsym(so, symbol);
	if (head == NULL || head->abi != abi) {
		error_set(e, ERROR_LOCAL_IO, "load %s: it belongs to another version of usock",
		    path);
		dlclose(so);
		return set_package_hint(name, e);
	}
	/* never closed: its functions are used until the process ends */
	/* cppcheck-suppress resourceLeak */
	return head;
}

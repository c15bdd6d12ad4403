/*
 * What the module with libidn2 exports; only idn.c and the module know it.
 */
#ifndef NET_RESOLVE_IDN_MODULE_H
#define NET_RESOLVE_IDN_MODULE_H

#include "base/module.h"
#include "net/endpoint.h"

#define IDN_ABI 1

struct idn_module {
	struct module_head head;
	/* NULL, or why the name, which is UTF-8, has no such form that fits. */
	const char *(*to_ascii)(const char *name, char ret_name[ENDPOINT_HOST_MAX + 1]);
};

extern const struct idn_module usock_module_idn;

#endif

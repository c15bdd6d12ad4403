/*
 * The interface of the module with libidn2. Private to idn.c and the module.
 */
#ifndef NET_RESOLVE_IDN_MODULE_H
#define NET_RESOLVE_IDN_MODULE_H

#include "base/module.h"
#include "net/endpoint.h"

#define IDN_ABI 1

struct idn_module {
	struct module_head head;
	/* Converts a UTF-8 name. Returns NULL, or the reason why it has no ASCII form that fits. */
	const char *(*to_ascii)(const char *name, char ret_name[ENDPOINT_HOST_MAX + 1]);
};

extern const struct idn_module usock_module_idn;

#endif

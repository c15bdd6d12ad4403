#include "net/resolve/idn.h"

#include <string.h>

#include "base/codec/utf8.h"
#include "base/error.h"
#include "net/resolve/idn_module.h"

/* A character of a UTF-8 name has at most four bytes. */
enum { TEXT_MAX = 4 * ENDPOINT_HOST_MAX };

static bool
has_only_ascii(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

bool
idn_exists(void)
{
	return module_exists("idn");
}

static int
fail_host_too_long(const char *host, size_t n, struct error *e)
{
	return error_set(e, ERROR_USAGE,
	    "'%.40s...' is too long for a host name (%zu bytes, at most %d)", host, n,
	    ENDPOINT_HOST_MAX);
}

/* A mapped character may be no letter: the sign for a/c must not become a path. */
static bool
is_name(const char *name)
{
	return name[0] != '\0' &&
	    name[strspn(name,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] == '\0';
}

static int
convert_name(const char *text, char ret_name[ENDPOINT_HOST_MAX + 1], struct error *e)
{
	const struct idn_module *m = (const void *)module_open("idn", IDN_ABI, NULL);
	const char *reason;

	if (m == NULL) {
		error_set(e, ERROR_USAGE,
		    "'%.200s': the name is needed as DNS has it, with xn-- and ASCII alone", text);
		return error_hint(e, "the package usock-idn converts it; idn2 NAME prints it");
	}
	reason = m->to_ascii(text, ret_name);
	if (reason == NULL && !is_name(ret_name))
		reason = "a character stands for one that no name has";
	return reason == NULL
	    ? 0
	    : error_set(e, ERROR_USAGE, "'%.200s' is not a host name: %s", text, reason);
}

int
idn_to_ascii(const char *host, size_t n, char ret_name[ENDPOINT_HOST_MAX + 1], struct error *e)
{
	char text[TEXT_MAX + 1];
	bool as_it_is = has_only_ascii(host, n) || memchr(host, ':', n) != NULL;

	if (n > (as_it_is ? ENDPOINT_HOST_MAX : TEXT_MAX))
		return fail_host_too_long(host, n, e);
	if (as_it_is) {
		memcpy(ret_name, host, n);
		ret_name[n] = '\0';
		return 0;
	}
	memcpy(text, host, n);
	text[n] = '\0';
	if (!utf8_is_valid(text, n))
		return error_set(e, ERROR_USAGE, "'%.200s' is not a host name: it is not UTF-8",
		    text);
	return convert_name(text, ret_name, e);
}

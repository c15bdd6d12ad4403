#include <idn2.h>
#include <stdint.h>
#include <string.h>

#include "net/resolve/idn_module.h"

static const char *
copy_and_free(char *name, char ret_name[ENDPOINT_HOST_MAX + 1])
{
	size_t n = strlen(name);
	bool fits = n <= ENDPOINT_HOST_MAX;

	if (fits)
		memcpy(ret_name, name, n + 1);
	idn2_free(name);
	return fits ? NULL : idn2_strerror(IDN2_TOO_BIG_DOMAIN);
}

static const char *
to_ascii(const char *name, char ret_name[ENDPOINT_HOST_MAX + 1])
{
	const uint8_t *text = (const uint8_t *)name;
	uint8_t *encoded = NULL;
	int rc = idn2_lookup_u8(text, &encoded, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);

	/* names that were valid before IDNA2008 */
	if (rc != IDN2_OK)
		rc = idn2_lookup_u8(text, &encoded, IDN2_TRANSITIONAL);
	return rc != IDN2_OK ? idn2_strerror(rc) : copy_and_free((char *)encoded, ret_name);
}

MODULE_EXPORT const struct idn_module usock_module_idn = {
	{ IDN_ABI, "libidn2 " IDN2_VERSION },
	to_ascii,
};

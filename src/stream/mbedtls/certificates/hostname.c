#include "stream/mbedtls/certificates/hostname.h"

#include <arpa/inet.h>
#include <string.h>

static unsigned char
lower_case(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
}

static bool
equal_ignoring_case(const unsigned char *a, const char *b, size_t n)
{
	while (n > 0 && lower_case(a[n - 1]) == lower_case((unsigned char)b[n - 1]))
		n--;
	return n == 0;
}

/* A wildcard needs two labels after it: "*.org" would match every domain in org. */
static bool
matches_wildcard(const unsigned char *pattern, size_t n, const char *host, size_t len)
{
	size_t label = strcspn(host, ".");

	if (label == 0 || memchr(pattern + 2, '.', n - 2) == NULL)
		return false;
	return len > label && len - label == n - 1 &&
	    equal_ignoring_case(pattern + 1, host + label, n - 1);
}

bool
tls_mbed_hostname_matches(const unsigned char *pattern, size_t n, const char *host)
{
	size_t len = strlen(host);

	if (n > 0 && pattern[n - 1] == '.')
		n--;
	if (len > 0 && host[len - 1] == '.')
		len--;
	if (n == 0 || len == 0 || memchr(pattern, '\0', n) != NULL)
		return false;
	if (n < 2 || pattern[0] != '*' || pattern[1] != '.')
		return n == len && equal_ignoring_case(pattern, host, n);
	return matches_wildcard(pattern, n, host, len);
}

size_t
tls_mbed_hostname_address(const char *host, unsigned char address[16])
{
	char text[INET6_ADDRSTRLEN];
	size_t n;

	if (host[0] == '[')
		host++;
	n = strcspn(host, "%]");
	if (n >= sizeof(text))
		return 0;
	memcpy(text, host, n);
	text[n] = '\0';
	if (inet_pton(AF_INET, text, address) == 1)
		return 4;
	return inet_pton(AF_INET6, text, address) == 1 ? 16 : 0;
}

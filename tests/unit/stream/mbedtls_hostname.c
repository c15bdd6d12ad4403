#include "stream/mbedtls/certificates/hostname.h"
#include "test.h"

static bool
matches(const char *pattern, const char *host)
{
	size_t n = strlen(pattern);
	unsigned char *exact =
	    malloc(n + 1); /* without a NUL, so that the sanitizer sees a read behind the end */
	bool result;

	if (!check(exact != NULL))
		return false;
	memcpy(exact, pattern, n);
	result = tls_mbed_hostname_matches(exact, n, host);
	free(exact);
	return result;
}

TEST("a name matches itself, in any case, with or without a trailing dot")
{
	check(matches("example.org", "example.org"));
	check(matches("EXAMPLE.org", "example.ORG"));
	check(matches("example.org.", "example.org"));
	check(matches("example.org", "example.org."));
	check(matches("localhost", "localhost"));
}

TEST("a name does not match a part of another")
{
	check(!matches("example.org", "www.example.org"));
	check(!matches("www.example.org", "example.org"));
	check(!matches("example.or", "example.org"));
	check(!matches("example.org", "example.or"));
	check(!matches("", ""));
	check(!matches("", "example.org"));
	check(!matches(".", "."));
	check(!matches("example.org", ""));
	/* they differ by 0x20, as letters of two cases do */
	check(!matches("a@b", "a`b"));
	check(!matches("a[b", "a{b"));
}

TEST("a wildcard is one whole label, the left-most of three or more")
{
	check(matches("*.example.org", "www.example.org"));
	check(matches("*.EXAMPLE.org", "www.example.org."));
	check(!matches("*.example.org", "example.org"));
	check(!matches("*.example.org", ".example.org"));
	check(!matches("*.example.org", "a.www.example.org"));
	check(!matches("*.org", "example.org"));
	check(!matches("*", "localhost"));
	check(!matches("*.", "localhost"));
	check(!matches("w*.example.org", "www.example.org"));
	check(!matches("www.*.org", "www.example.org"));
	check(!matches("*.*.org", "www.example.org"));
}

TEST("a NUL makes a name match nothing")
{
	check(!tls_mbed_hostname_matches((const unsigned char *)"a.org\0.b", 8, "a.org"));
	check(!tls_mbed_hostname_matches((const unsigned char *)"a.org\0", 6, "a.org"));
	check(!tls_mbed_hostname_matches((const unsigned char *)"*.a.org\0", 8, "b.a.org"));
}

TEST("addresses are parsed without brackets and zone")
{
	unsigned char a[16];

	check_int((intmax_t)tls_mbed_hostname_address("192.0.2.1", a), 4);
	check_mem((const char *)a, 4, "\xc0\0\2\1", 4);
	check_int((intmax_t)tls_mbed_hostname_address("::1", a), 16);
	check_int((intmax_t)tls_mbed_hostname_address("[::1]", a), 16);
	check_int((intmax_t)tls_mbed_hostname_address("fe80::1%eth0", a), 16);
	check_mem((const char *)a, 2, "\xfe\x80", 2);
	check_int((intmax_t)tls_mbed_hostname_address("192.0.2", a), 0);
	check_int((intmax_t)tls_mbed_hostname_address("example.org", a), 0);
	check_int((intmax_t)tls_mbed_hostname_address("", a), 0);
	check_int(
	    (intmax_t)tls_mbed_hostname_address("1.2.3.4.5.6.7.8.9.1.2.3.4.5.6.7.8.9.1.2.3.4.5", a),
	    0);
}

#include "net/access/access_entry.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/parse.h"
#include "net/resolve/idn.h"

#define BITS_V4 32
#define BITS_V6 128
#define BITS_MAPPED 96 /* ::ffff:0:0/96 */

struct address {
	struct access_key key;
	uint32_t scope;
	unsigned bits;
	bool mapped;
};

/* ---- addresses ---- */

static struct address
address_v4(const void *in)
{
	struct address a = { .bits = BITS_V4 };

	a.key.bytes[0] = 4;
	memcpy(a.key.bytes + 1, in, 4);
	return a;
}

static struct address
address_v6(const struct in6_addr *in6, uint32_t scope)
{
	struct address a = { .bits = BITS_V6, .scope = scope };

	if (IN6_IS_ADDR_V4MAPPED(in6)) {
		a = address_v4(in6->s6_addr + 12);
		a.mapped = true;
		return a;
	}
	a.key.bytes[0] = 6;
	memcpy(a.key.bytes + 1, in6, 16);
	return a;
}

/* Returns false where there is no such interface. */
static bool
parse_zone(const char *zone, uint32_t *ret_scope)
{
	int64_t number;

	*ret_scope = if_nametoindex(zone);
	if (*ret_scope == 0 && parse_int(zone, 1, UINT32_MAX, &number, NULL) == 0)
		*ret_scope = (uint32_t)number;
	return *ret_scope != 0;
}

/* Reads the n bytes of text as one address. Returns 1 for an address, 0 for anything else, -1 with
 * ERROR_USAGE for an address with a zone that does not exist. */
static int
read_ip(const char *text, size_t n, struct address *ret_address, struct error *e)
{
	char word[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
	struct in_addr in;
	struct in6_addr in6;
	uint32_t scope = 0;
	char *zone;

	if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	if (n >= sizeof(word))
		return 0;
	snprintf(word, sizeof(word), "%.*s", (int)n, text);
	if (inet_pton(AF_INET, word, &in) == 1) {
		*ret_address = address_v4(&in);
		return 1;
	}
	zone = strchr(word, '%');
	if (zone != NULL)
		*zone++ = '\0';
	if (inet_pton(AF_INET6, word, &in6) != 1)
		return 0;
	if (zone != NULL && !parse_zone(zone, &scope))
		return error_set(e, ERROR_USAGE, "'%.*s': no such interface", (int)n, text);
	*ret_address = address_v6(&in6, scope);
	return 1;
}

/* Sets all bits behind the first n of the address to 0, or to 1. */
static struct access_key
fill_bits(struct access_key key, unsigned n, unsigned bits, bool value)
{
	for (; n < bits; n++) {
		unsigned char bit = (unsigned char)(0x80 >> n % 8), *byte = &key.bytes[1 + n / 8];

		*byte = (unsigned char)(value ? *byte | bit : *byte & ~bit);
	}
	return key;
}

static int
parse_prefix(const struct address *a, const char *text, const char *prefix,
    struct access_range *ret_range, struct error *e)
{
	unsigned first = a->mapped ? BITS_MAPPED : 0;
	int64_t n;

	if (parse_int(prefix, first, first + a->bits, &n, NULL) < 0)
		return error_set(e, ERROR_USAGE, "'%s': a prefix of this address is %u to %u", text,
		    first, first + a->bits);
	n -= first;
	*ret_range = (struct access_range){ .lo = fill_bits(a->key, (unsigned)n, a->bits, false),
		.hi = fill_bits(a->key, (unsigned)n, a->bits, true),
		.scope = a->scope };
	return 0;
}

static int
parse_second(const struct address *lo, const char *text, const char *second,
    struct access_range *ret_range, struct error *e)
{
	struct address hi;
	int rc = read_ip(second, strlen(second), &hi, e);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return error_set(e, ERROR_USAGE, "'%s': '%s' is not an address", text, second);
	if (lo->bits != hi.bits || lo->scope != hi.scope)
		return error_set(e, ERROR_USAGE,
		    "'%s': a range has addresses of one family and one interface", text);
	if (memcmp(&lo->key, &hi.key, sizeof(hi.key)) > 0)
		return error_set(e, ERROR_USAGE, "'%s': start is greater than end", text);
	*ret_range = (struct access_range){ .lo = lo->key, .hi = hi.key, .scope = lo->scope };
	return 0;
}

/* Returns 1 for an address alone or followed by '/' or '-', 0 for anything else, -1. A zone may
 * contain a hyphen, so the longest address counts. */
static int
parse_range(const char *text, struct access_range *ret_range, struct error *e)
{
	size_t n = strlen(text), all = n;
	struct address a;
	struct error zone = { 0 };
	int rc = read_ip(text, n, &a, &zone);

	while (rc != 1 && n > 0) {
		for (n--; n > 0 && text[n] != '/' && text[n] != '-'; n--)
			continue;
		rc = n > 0 ? read_ip(text, n, &a, &zone) : rc;
	}
	if (rc == 0)
		return 0;
	if (rc < 0) {
		*e = zone;
		return -1;
	}
	if (n == all) {
		*ret_range = (struct access_range){ .lo = a.key, .hi = a.key, .scope = a.scope };
		return 1;
	}
	rc = text[n] == '/' ? parse_prefix(&a, text, text + n + 1, ret_range, e)
			    : parse_second(&a, text, text + n + 1, ret_range, e);
	return rc < 0 ? -1 : 1;
}

bool
access_range_of(const struct sockname *name, struct access_range *ret_range)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&name->storage;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&name->storage;
	struct address a;

	if (name->sa.sa_family == AF_INET)
		a = address_v4(&in->sin_addr);
	else if (name->sa.sa_family == AF_INET6)
		a = address_v6(&in6->sin6_addr, in6->sin6_scope_id);
	else
		return false;
	*ret_range = (struct access_range){ .lo = a.key, .hi = a.key, .scope = a.scope };
	return true;
}

/* ---- names ---- */

static int
parse_account(const char *text, enum access_entry_kind kind, struct access_entry *ret_entry,
    struct error *e)
{
	const char *name = text + 4;

	if (name[0] == '\0' || strlen(name) >= sizeof(ret_entry->name))
		return error_set(e, ERROR_USAGE, "'%.60s': a number or a name is missing", text);
	ret_entry->kind = kind;
	snprintf(ret_entry->name, sizeof(ret_entry->name), "%s", name);
	return 0;
}

static bool
is_name_char(char c)
{
	/* bytes beyond ASCII are a name that idn_to_ascii() converts, or refuses */
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || parse_is_digit(c) || c == '-' ||
	    c == '_' || (unsigned char)c >= 0x80;
}

/* Numbers and dots alone are no name: getaddrinfo(3) would take 010.1 as an address, and mean another
 * one than its author. */
static bool
is_name(const char *text)
{
	const char *c;

	if (text[strspn(text, "0123456789.")] == '\0' || strncasecmp(text, "0x", 2) == 0)
		return false;
	for (c = text; *c != '\0'; c++)
		if (!is_name_char(*c) && (*c != '.' || c == text || c[-1] == '.'))
			return false;
	return true;
}

static int
parse_host_name(const char *text, struct access_entry *ret_entry, struct error *e)
{
	bool below = strncmp(text, "*.", 2) == 0;
	const char *name = below ? text + 2 : text;
	char ascii[ENDPOINT_HOST_MAX + 1];
	size_t n = strlen(name);

	if (!is_name(name)) {
		error_set(e, ERROR_USAGE, "'%.60s' is not an address, a range or a name", text);
		return text[strspn(text, "0123456789./")] == '\0' && text[0] != '\0'
		    ? error_hint(e, "a network is written as 192.0.2.0/24")
		    : -1;
	}
	if (n > 1 && name[n - 1] == '.')
		n--;
	if (idn_to_ascii(name, n, ascii, e) < 0)
		return -1;
	ret_entry->kind = ACCESS_HOST;
	snprintf(ret_entry->name, sizeof(ret_entry->name), "%s%s", below ? "*." : "", ascii);
	return 0;
}

int
access_entry_parse(const char *text, struct access_entry *ret_entry, struct error *e)
{
	struct access_entry entry = { .kind = ACCESS_RANGE };
	int rc;

	if (strncmp(text, "uid:", 4) == 0 || strncmp(text, "gid:", 4) == 0) {
		rc = parse_account(text, text[0] == 'u' ? ACCESS_UID : ACCESS_GID, &entry, e);
	} else if (octets_is_text(text)) {
		entry.kind = ACCESS_OCTETS;
		rc = octets_parse(text, &entry.octets, e);
	} else {
		rc = parse_range(text, &entry.range, e);
		if (rc == 0)
			rc = parse_host_name(text, &entry, e);
	}
	if (rc < 0)
		return -1;
	*ret_entry = entry;
	return 0;
}

#include "net/access/octets.h"

#include <string.h>

#include "base/error.h"

enum { OCTET_MAX = 255 };

bool
octets_is_text(const char *text)
{
	unsigned dots = 0;

	if (strpbrk(text, "-,*") == NULL)
		return false;
	for (; *text != '\0'; text++) {
		if (strchr("0123456789-,*.", *text) == NULL)
			return false;
		dots += *text == '.';
	}
	return dots == 3;
}

/* Reads digits. Returns their number, or none where there are no digits; -1 beyond 255. */
static int
read_octet(const char **text, int none)
{
	int n = 0;

	if (**text < '0' || **text > '9')
		return none;
	for (; **text >= '0' && **text <= '9'; (*text)++)
		if ((n = n * 10 + (**text - '0')) > OCTET_MAX)
			return -1;
	return n;
}

static void
allow(uint64_t *allowed, int lo, int hi)
{
	for (int i = lo; i <= hi; i++)
		allowed[i / 64] |= UINT64_C(1) << i % 64;
}

/* Reads "7", "1-9", "-9", "7-", "-" or "*". Returns false where it is none. */
static bool
read_octet_range(const char **text, uint64_t *allowed)
{
	int lo, hi;

	if (**text == '*') {
		(*text)++;
		allow(allowed, 0, OCTET_MAX);
		return true;
	}
	lo = read_octet(text, **text == '-' ? 0 : -1);
	hi = lo;
	if (**text == '-') {
		(*text)++;
		hi = read_octet(text, OCTET_MAX);
	}
	if (lo < 0 || hi < lo)
		return false;
	allow(allowed, lo, hi);
	return true;
}

/* Reads the ranges of a part, up to its dot or the end. */
static bool
read_part(const char **text, uint64_t *allowed)
{
	while (read_octet_range(text, allowed)) {
		if (**text != ',')
			return true;
		(*text)++;
	}
	return false;
}

int
octets_parse(const char *text, struct octets *ret_octets, struct error *e)
{
	struct octets o = { { { 0 } } };
	const char *c = text;

	for (unsigned i = 0; i < 4; i++) {
		if (!read_part(&c, o.allowed[i]) || *c != (i < 3 ? '.' : '\0'))
			return error_set(e, ERROR_USAGE,
			    "'%s': an octet is 0 to 255, a range of these, or *", text);
		c++;
	}
	*ret_octets = o;
	return 0;
}

bool
octets_has(const struct octets *o, const unsigned char *address)
{
	for (unsigned i = 0; i < 4; i++)
		if ((o->allowed[i][address[i] / 64] >> address[i] % 64 & 1) == 0)
			return false;
	return true;
}

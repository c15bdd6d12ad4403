#include <string.h>

#include "base/error.h"
#include "net/endpoint.h"
#include "net/resolve/idn.h"
#include "test.h"

static char name[ENDPOINT_HOST_MAX + 1];
static struct error error;

static int
convert(const char *text)
{
	memset(name, 'x', sizeof(name));
	memset(&error, 0, sizeof(error));
	return idn_to_ascii(text, strlen(text), name, &error);
}

static const char *
converted(const char *text)
{
	return convert(text) == 0 ? name : error.text;
}

/* Returns `piece` repeated `count` times. */
static const char *
repeated(const char *piece, size_t count)
{
	static char text[5000];

	text[0] = '\0';
	while (count-- > 0)
		memcpy(text + strlen(text), piece, strlen(piece) + 1);
	return text;
}

TEST("ASCII is copied unchanged, whether a name or not")
{
	check_str(converted("Example.ORG."), "Example.ORG.");
	check_str(converted("xn--bcher-kva.example"), "xn--bcher-kva.example");
	check_str(converted("xn--nonsense---"), "xn--nonsense---");
	check_str(converted("a b/c"), "a b/c");
	check_str(converted("*"), "*");
	check_str(converted(""), "");
	check_int(idn_to_ascii("abcdef", 3, name, &error), 0);
	check_str(name, "abc");
}

TEST("an address is not inspected, and its zone may have any bytes")
{
	check_str(converted("fe80::1%\xc3\xa4"), "fe80::1%\xc3\xa4");
	check_str(converted("fe80::1%\xff"), "fe80::1%\xff");
}

TEST("text that is longer than a name, or not UTF-8, is ERROR_USAGE")
{
	check_int(convert(repeated("a", 255)), 0);
	check_int((int)strlen(name), 255);
	check_int(convert(repeated("a", 256)), -1);
	check_int(error.code, ERROR_USAGE);
	check(strstr(error.text, "too long for a host name (256 bytes, at most 255)") != NULL);
	check_int(convert(repeated("\xc3\xbc", 511)), -1);
	check_int(error.code, ERROR_USAGE);
	check(strstr(error.text, "too long for a host name (1022 bytes") != NULL);
	check_int(convert("b\xfc"), -1);
	check_int(error.code, ERROR_USAGE);
	check(strstr(error.text, "it is not UTF-8") != NULL);
	check_int(convert("b\xc3"), -1);
	check_int(convert("\xed\xa0\x80"), -1);
}

TEST("a name beyond ASCII becomes A-labels, or ERROR_USAGE")
{
	if (!idn_exists()) {
		check_int(convert("\xc3\xbc.example"), -1);
		check_int(error.code, ERROR_USAGE);
		return;
	}
	check_str(converted("B\xc3\x9c"
			    "cher.Example"),
	    "xn--bcher-kva.example");
	check_str(converted("fa\xc3\x9f.de"), "xn--fa-hia.de");
	/* the converted name fits, though its UTF-8 form is longer */
	check_int(
	    convert(repeated("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc.", 17)), 0);
	/* a label that is too long */
	check_int(convert(repeated("\xc3\xbc", 100)), -1);
	check_int(error.code, ERROR_USAGE);
	/* the sign for a/c */
	check_int(convert("\xe2\x84\x80.example"), -1);
	check_int(error.code, ERROR_USAGE);
}

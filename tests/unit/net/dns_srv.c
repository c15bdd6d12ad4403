#include "net/resolve/dns_srv.h"

#include "base/error.h"
#include "test.h"

/* A DNS message is built piece by piece. */
static uint8_t message[4096];
static size_t length;

static struct dns_srv *list;
static size_t n;
static struct error error;

static void
put(const void *data, size_t size)
{
	memcpy(message + length, data, size);
	length += size;
}

static void
append_u16(unsigned value)
{
	const uint8_t bytes[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	put(bytes, 2);
}

/* Appends "a.b" as labels with the final one. */
static void
append_name(const char *text)
{
	while (*text != '\0') {
		uint8_t len = (uint8_t)strcspn(text, ".");

		put(&len, 1);
		put(text, len);
		text += len + (text[len] == '.');
	}
	put("", 1);
}

static void
begin(unsigned records)
{
	memset(message, 0, sizeof(message));
	length = 0;
	put("\x12\x34\x81\x80\0\1", 6);
	append_u16(records);
	put("\0\0\0\0", 4);
	append_name("_x._tcp.test"); /* at 12 */
	append_u16(33);
	append_u16(1);
}

/* Appends a record whose owner is the name of the question. */
static void
append_record(unsigned type, unsigned size)
{
	put("\xc0\x0c", 2);
	append_u16(type);
	append_u16(1);
	put("\0\0\0\x3c", 4);
	append_u16(size);
}

static void
put_srv(unsigned priority, unsigned weight, unsigned port, const char *target)
{
	append_record(33, (unsigned)(6 + strlen(target) + 2 - (target[0] == '\0')));
	append_u16(priority);
	append_u16(weight);
	append_u16(port);
	append_name(target);
}

static int
parse(void)
{
	/* an exact copy, so that the sanitizer sees a read past its end */
	uint8_t *copy = malloc(length + (length == 0));
	int rc;

	list = NULL;
	n = 0;
	memset(&error, 0, sizeof(error));
	memcpy(copy, message, length);
	rc = dns_srv_parse(copy, length, "_X._tcp.Test.", &list, &n, &error);
	free(copy);
	return rc;
}

static void
check_malformed(const char *why)
{
	char text[128];

	check_int(parse(), -1);
	check_int(error.code, ERROR_RESOLVE);
	snprintf(text, sizeof(text), "malformed answer: %s", why);
	check_str(error.text, text);
	check(list == NULL);
}

TEST("records are in the order of the message")
{
	begin(2);
	put_srv(1, 2, 80, "a.test");
	put_srv(65535, 0, 65535, "b.test");
	check_int(parse(), 0);
	require(n == 2);
	check_int(list[0].priority, 1);
	check_int(list[0].weight, 2);
	check_int(list[0].port, 80);
	check_str(list[0].target, "a.test");
	check_int(list[1].priority, 65535);
	check_int(list[1].port, 65535);
	check_str(list[1].target, "b.test");
	free(list);
}

TEST("the root as a target is an empty name")
{
	begin(1);
	put_srv(0, 0, 0, "");
	check_int(parse(), 0);
	require(n == 1);
	check_str(list[0].target, "");
	free(list);
}

TEST("a message without records is none, and no error")
{
	begin(0);
	check_int(parse(), 0);
	check_int((long long)n, 0);
	check(list == NULL);
}

TEST("a compressed target is read")
{
	begin(1);
	append_record(33, 6 + 4);
	put("\0\1\0\2\0\x50", 6);
	put("\1h\xc0\x14", 4); /* h + .test: "_x" is 3 bytes, "_tcp" 5, from 12 */
	check_int(parse(), 0);
	require(n == 1);
	check_str(list[0].target, "h.test");
	free(list);
}

TEST("an alias is followed, and records of other owners are skipped")
{
	begin(3);
	append_record(5, 9);
	append_name("two.xyz");
	put_srv(1, 1, 1, "of.the.old.owner");
	append_name("two.xyz");
	put("\0\x21\0\1\0\0\0\0\0\x0b\0\1\0\2\0\x50", 16);
	append_name("abc");
	check_int(parse(), 0);
	require(n == 1);
	check_str(list[0].target, "abc");
	free(list);
}

TEST("records of other types and classes are skipped")
{
	begin(2);
	append_record(16, 3);
	put("\2hi", 3);
	put("\xc0\x0c\0\x21\0\3\0\0\0\0\0\1\0", 13);
	check_int(parse(), 0);
	check_int((long long)n, 0);
}

TEST("every truncation of a message is malformed, and nothing after its end is read")
{
	size_t whole;

	begin(2);
	put_srv(1, 2, 80, "a.test");
	put_srv(3, 4, 81, "b.test");
	whole = length;
	for (length = 0; length < whole; length++) {
		check_int(parse(), -1);
		check_int(error.code, ERROR_RESOLVE);
	}
	length = whole;
	check_int(parse(), 0);
	free(list);
}

TEST("a name that points to itself or forward is malformed")
{
	begin(1);
	append_record(33, 8);
	put("\0\1\0\2\0\x50", 6);
	append_u16(0xc000 | (unsigned)length);
	check_malformed("a name points forward");
	length -= 2;
	append_u16(0xc000 | (unsigned)(length + 2));
	check_malformed("a name points forward");
	length -= 2;
	append_u16(0xffff);
	check_malformed("a name points forward");
}

TEST("two names that point to each other are malformed")
{
	size_t at;

	begin(1);
	append_record(33, 10);
	put("\0\1\0\2\0\x50", 6);
	at = length;
	append_u16(0xc000 | (unsigned)(at + 2));
	append_u16(0xc000 | (unsigned)at);
	check_malformed("a name points forward");
	/* a label before a pointer back to it would never end */
	begin(1);
	append_record(33, 10);
	put("\0\1\0\2\0\x50", 6);
	at = length;
	put("\1a", 2);
	append_u16(0xc000 | (unsigned)at);
	check_malformed("a name points forward");
}

TEST("a name of more than 255 bytes is malformed")
{
	char name[300];

	memset(name, 'a', sizeof(name));
	name[63] = name[127] = name[191] = '.';
	name[255] = '\0';
	begin(1);
	put_srv(1, 2, 80, name);
	check_malformed("a name is too long");
	name[253] = '\0';
	begin(1);
	put_srv(1, 2, 80, name);
	check_int(parse(), 0);
	require(n == 1);
	check_str(list[0].target, name);
	free(list);
}

TEST("reserved length bits are malformed")
{
	begin(1);
	append_record(33, 8);
	put("\0\1\0\2\0\x50\x40\0", 8);
	check_malformed("a name is too long");
}

TEST("data that is shorter or longer than the record is malformed")
{
	begin(1);
	append_record(33, 6);
	put("\0\1\0\2\0\x50", 6);
	check_malformed("an SRV record is cut short");
	begin(1);
	append_record(33, 9);
	put("\0\1\0\2\0\x50\0ab", 9);
	check_malformed("an SRV record's target does not end with it");
	begin(2);
	append_record(33, 7);
	put("\0\1\0\2\0\x50\3abc\0", 11);
	check_malformed("an SRV record's target does not end with it");
	begin(1);
	append_record(33, 700);
	check_malformed("a record is cut short");
}

TEST("a target with unprintable bytes is malformed")
{
	static const char *const odd[] = { "a\nb", "a b", "\033[m", "\xc3\xa4", "a\\b" };

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		begin(1);
		put_srv(1, 2, 80, odd[i]);
		check_malformed("an SRV record's target is no host name");
	}
}

TEST("a dot within a label does not split it")
{
	begin(1);
	append_record(33, 6 + 5);
	put("\0\1\0\2\0\x50\3a.b\0", 11);
	check_malformed("an SRV record's target is no host name");
}

/* ---- order ---- */

static uint32_t
always(void *arg)
{
	return *(const uint32_t *)arg;
}

static uint32_t
scattered(void *arg)
{
	uint32_t *state = arg;

	*state = *state * 1664525U + 1013904223U;
	return *state >> 4;
}

/* Returns the ports of a list, in order. */
static const char *
ports(const struct dns_srv *srvs, size_t count)
{
	static char text[128];
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%d", i > 0 ? " " : "",
		    srvs[i].port);
	return text;
}

TEST("the smallest priority comes first, whatever the random numbers")
{
	for (uint32_t random = 0; random < 300; random++) {
		struct dns_srv srvs[] = { { 3, 100, 3, "" }, { 1, 0, 1, "" }, { 2, 65535, 2, "" } };

		dns_srv_order(srvs, 3, always, &random);
		check_str(ports(srvs, 3), "1 2 3");
	}
}

TEST("records of equal priority are chosen in proportion to their weight")
{
	int first[3] = { 0 };
	uint32_t state = 1;

	for (int i = 0; i < 10000; i++) {
		struct dns_srv srvs[] = { { 1, 0, 0, "" }, { 1, 1000, 1, "" }, { 1, 3000, 2, "" } };

		dns_srv_order(srvs, 3, scattered, &state);
		first[srvs[0].port]++;
	}
	check(first[0] < 30);
	check(first[1] > 2200 && first[1] < 2800);
	check(first[2] > 7200 && first[2] < 7800);
}

TEST("a record of weight 0 can be chosen, and the largest random number is valid")
{
	struct dns_srv srvs[] = { { 1, 5, 5, "" }, { 1, 0, 0, "" } };
	uint32_t random = 0;

	dns_srv_order(srvs, 2, always, &random);
	check_str(ports(srvs, 2), "0 5");
	random = UINT32_MAX;
	dns_srv_order(srvs, 2, always, &random);
	check_int(srvs[0].port + srvs[1].port, 5);
	dns_srv_order(srvs, 0, always, &random);
}

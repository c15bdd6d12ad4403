#include "net/access/octets.h"

#include <arpa/inet.h>

#include "base/error.h"
#include "test.h"

static bool
has(const struct octets *o, const char *address)
{
	struct in_addr in;

	check_int(inet_pton(AF_INET, address, &in), 1);
	return octets_has(o, (const unsigned char *)&in);
}

TEST("a text of octets has four parts, and not numbers alone")
{
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
		{ "10.0.0.*", true },
		{ "10.0.0.1-2", true },
		{ "-.-.-.-", true },
		{ "10.0.0.1,2", true },
		{ "10.0.0.1", false },
		{ "10.0.*", false },
		{ "10.0.0.0.*", false },
		{ "a-b.c.d.e", false },
		{ "10.0.0.1-2/8", false },
		{ "", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_int(octets_is_text(rows[i].text), rows[i].is);
}

TEST("each octet has its numbers and ranges, whose ends may be left out")
{
	static const struct {
		const char *text, *in, *out;
	} rows[] = {
		{ "192.168.0-3.1,7-9", "192.168.3.8", "192.168.3.6" },
		{ "192.168.0-3.1,7-9", "192.168.0.1", "192.168.4.1" },
		{ "192.168.0-3.1,7-9", "192.168.0.9", "192.168.0.10" },
		{ "10.0.0.*", "10.0.0.255", "10.0.1.255" },
		{ "10.0.0.128-", "10.0.0.255", "10.0.0.127" },
		{ "10.0.0.128-", "10.0.0.128", "10.0.0.0" },
		{ "10.0.0.-127", "10.0.0.0", "10.0.0.128" },
		{ "10.0.0.-127", "10.0.0.127", "10.0.0.255" },
		{ "-.0.0.63-64", "255.0.0.64", "255.0.0.65" },
		{ "-.0.0.63-64", "0.0.0.63", "0.0.0.62" },
		{ "5-5.007.0.0", "5.7.0.0", "4.7.0.0" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct octets o;

		check_int(octets_parse(rows[i].text, &o, NULL), 0);
		check(has(&o, rows[i].in));
		check(!has(&o, rows[i].out));
	}
}

TEST("what is no octet is refused")
{
	static const char *const rows[] = { "256.0.0.*", "0.0.0.0-256", "0.0.0.9-8", "0.0.0.",
		"0.0..*", "0.0.0.1,", "0.0.0.,1", "0.0.0.1--3", "0.0.0.1-2-3", "0.0.0.**",
		"0.0.0.*-3", "0.0.0.99999999999-", "0.0.0.*.", "0.0.*" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error e = { 0 };
		struct octets o;
		char want[100];

		check_int(octets_parse(rows[i], &o, &e), -1);
		snprintf(want, sizeof(want), "'%s': an octet is 0 to 255, a range of these, or *",
		    rows[i]);
		check_str(e.text, want);
		check_int(e.code, ERROR_USAGE);
	}
}

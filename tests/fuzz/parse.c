/* The strict readers of numbers, durations, sizes, ports, escapes, bytes and socket options, each
 * against what the C library or plain arithmetic makes of the same text. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "base/buf.h"
#include "base/deadline.h"
#include "base/parse.h"
#include "fuzz.h"
#include "net/endpoint.h"
#include "net/ports.h"
#include "net/sockopt/sockopt.h"

/* A failure is the user's mistake, and leaves the result alone. */
static bool
parsed(int rc, const struct error *e, const void *result, size_t size)
{
	if (fuzz_succeeded(rc, e))
		return true;
	must(e->code == ERROR_USAGE);
	must(fuzz_stained(result, size));
	return false;
}

/* ---- numbers ---- */

static void
check_int(const char *text, int64_t min, int64_t max)
{
	char canonical[32];
	struct error e;
	int64_t value;
	long long same;
	char *end;

	fuzz_stain(&e, sizeof(e));
	fuzz_stain(&value, sizeof(value));
	errno = 0;
	same = strtoll(text, &end, 0);
	if (parsed(parse_int(text, min, max, &value, &e), &e, &value, sizeof(value))) {
		must(errno == 0 && *end == '\0' && value == same);
		must(value >= min && value <= max);
		return;
	}
	snprintf(canonical, sizeof(canonical), "%lld", same);
	must(strcmp(canonical, text) != 0 || same < min || same > max);
}

static void
check_bool(const char *text)
{
	struct error e;
	bool value;

	fuzz_stain(&e, sizeof(e));
	fuzz_stain(&value, sizeof(value));
	parsed(parse_bool(text, &value, &e), &e, &value, sizeof(value));
}

static void
check_port(const char *text)
{
	char canonical[8];
	struct error e;
	uint16_t port;

	fuzz_stain(&e, sizeof(e));
	fuzz_stain(&port, sizeof(port));
	if (!parsed(parse_port(text, &port, &e), &e, &port, sizeof(port)))
		return;
	snprintf(canonical, sizeof(canonical), "%u", (unsigned)port);
	must(strcmp(canonical, text) == 0);
	must(ports_is_single(text));
}

static void
check_range(const char *text)
{
	char canonical[16];
	struct error e;
	uint16_t lo, hi;

	fuzz_stain(&e, sizeof(e));
	fuzz_stain(&lo, sizeof(lo));
	fuzz_stain(&hi, sizeof(hi));
	if (!parsed(parse_port_range(text, &lo, &hi, &e), &e, &lo, sizeof(lo))) {
		must(fuzz_stained(&hi, sizeof(hi)));
		return;
	}
	must(lo <= hi);
	snprintf(canonical, sizeof(canonical), strchr(text, '-') != NULL ? "%u-%u" : "%u",
	    (unsigned)lo, (unsigned)hi);
	must(strcmp(canonical, text) == 0);
}

static void
check_quad(const char *text)
{
	struct error e;
	uint8_t quad[4];

	fuzz_stain(&e, sizeof(e));
	fuzz_stain(quad, sizeof(quad));
	parsed(ip_to_tuple(text, quad, &e), &e, quad, sizeof(quad));
}

/* ---- numbers with a unit ---- */

struct unit {
	const char *name;
	double value;
};

/* value is text's number times its unit; digits behind the ninth need not count. */
static void
check_measure(const char *text, const struct unit *units, double value)
{
	char *end;
	double number = strtod(text, &end);

	while (strcmp(units->name, end) != 0) {
		must(units->name[0] != '\0');
		units++;
	}
	number *= units->value;
	must(fabs(value - number) <= 2 + units->value * 1e-9 + number * 1e-12);
}

static void
check_duration(const char *text)
{
	static const struct unit units[] = { { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 },
		{ "m", 60e9 }, { "h", 3600e9 }, { "", 1e9 } };
	struct error e;
	int64_t nsec;

	fuzz_stain(&e, sizeof(e));
	fuzz_stain(&nsec, sizeof(nsec));
	if (!parsed(parse_duration(text, &nsec, &e), &e, &nsec, sizeof(nsec)))
		return;
	must(nsec >= 0);
	must((nsec == DURATION_NONE) == (strcmp(text, "none") == 0));
	if (nsec == DURATION_NONE)
		return;
	check_measure(text, units, (double)nsec);
	must((nsec == 0) == (text[strspn(text, "0.")] < '1' || text[strspn(text, "0.")] > '9'));
}

static void
check_size(const char *text)
{
	static const struct unit units[] = { { "k", 0x1p10 }, { "K", 0x1p10 }, { "KiB", 0x1p10 },
		{ "M", 0x1p20 }, { "MiB", 0x1p20 }, { "G", 0x1p30 }, { "GiB", 0x1p30 },
		{ "T", 0x1p40 }, { "TiB", 0x1p40 }, { "kB", 1e3 }, { "KB", 1e3 }, { "MB", 1e6 },
		{ "GB", 1e9 }, { "TB", 1e12 }, { "", 1 } };
	struct error e;
	uint64_t bytes;

	fuzz_stain(&e, sizeof(e));
	fuzz_stain(&bytes, sizeof(bytes));
	if (parsed(parse_size(text, &bytes, &e), &e, &bytes, sizeof(bytes)))
		check_measure(text, units, (double)bytes);
}

/* ---- bytes ---- */

/* Whether out has something behind the "kept" that was there before. */
static bool
appended(int rc, const struct error *e, const struct buf *out)
{
	must(out->len >= 4 && memcmp(buf_head(out), "kept", 4) == 0);
	if (fuzz_succeeded(rc, e))
		return true;
	must(e->code == ERROR_USAGE);
	must(out->len == 4);
	return false;
}

static void
check_hex(const char *text)
{
	struct error e;
	struct buf out;

	fuzz_stain(&e, sizeof(e));
	buf_init(&out, 4 + strlen(text));
	must(buf_append(&out, "kept", 4, NULL) == 0);
	if (appended(parse_hex(text, &out, &e), &e, &out)) {
		const unsigned char *byte = (const unsigned char *)buf_head(&out) + 4;

		for (size_t i = 4; i < out.len; i++, text += 2) {
			char pair[3] = "";

			text += strspn(text, " \t:");
			memcpy(pair, text, strnlen(text, 2));
			must(strtoul(pair, NULL, 16) == *byte++);
		}
		must(text[strspn(text, " \t:")] == '\0');
	}
	buf_fini(&out);
}

/* ---- words ---- */

static void
check_nearest(const char *text)
{
	static const char *const words[] = { "connect", "listen", "sendto", "resolve", "status",
		"help" };
	const size_t n = sizeof(words) / sizeof(words[0]);
	const char *nearest = parse_nearest(text, words, n);
	size_t i = 0;

	while (nearest != NULL && nearest != words[i])
		must(++i < n);
}

static void
check_sockopt(const char *text)
{
	struct sockopt_setting setting;
	struct error e;

	sockopt_find(text);
	fuzz_stain(&e, sizeof(e));
	fuzz_stain(&setting, sizeof(setting));
	if (!parsed(sockopt_parse(text, &setting, &e), &e, &setting, sizeof(setting)))
		return;
	must(setting.len <= sizeof(setting.value));
	must(setting.phase == PHASE_SOCKET || setting.phase == PHASE_CONNECTED);
	if (setting.opt == NULL) {
		must(strchr(text, ':') != NULL && setting.level >= 0 && setting.number >= 0);
		return;
	}
	must(setting.opt->access != SOCKOPT_READ_ONLY && setting.phase == setting.opt->phase);
	must(setting.level == setting.opt->level && setting.number == setting.opt->number);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size > 4096)
		return 0;
	text = fuzz_text(data, size);
	check_int(text, INT64_MIN, INT64_MAX);
	check_int(text, -1, UINT32_MAX);
	check_int(text, 1, 120);
	check_bool(text);
	check_port(text);
	check_range(text);
	check_quad(text);
	check_duration(text);
	check_size(text);
	check_hex(text);
	check_nearest(text);
	/* the search for what an unknown one might mean takes longer than all the rest */
	if (strpbrk(text, "=:_") != NULL)
		check_sockopt(text);
	free(text);
	return 0;
}

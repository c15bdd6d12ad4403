#include "base/parse.h"
#include "base/buf.h"
#include "base/deadline.h"
#include "base/error.h"
#include "test.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static bool
is_usage(const struct error *e, const char *text)
{
	char quoted[64];

	snprintf(quoted, sizeof(quoted), "'%s'", text);
	return e->code == ERROR_USAGE && strncmp(e->text, quoted, strlen(quoted)) == 0;
}

/* Texts that every number parser rejects. */
static const char *const junk[] = { "", " ", " 1", "1 ", "+1", "NaN", "inf", "080x", "1x", "x",
	"0x", "0xg", "1e3", "--1", "-", "1,000", "1_000", "\xd9\xa1", "08", "007", "1.5.2",
	"99999999999999999999", "18446744073709551616" };

TEST("junk is no number, port, range, duration or size")
{
	for (size_t i = 0; i < LENGTH(junk); i++) {
		struct error e = { .code = ERROR_INTERNAL };
		uint16_t port = 7, hi = 7;
		uint64_t size = 7;
		int64_t n = 7;

		check_int(parse_int(junk[i], INT64_MIN, INT64_MAX, &n, &e), -1);
		check(is_usage(&e, junk[i]));
		check_int(parse_port(junk[i], &port, &e), -1);
		check(is_usage(&e, junk[i]));
		check_int(parse_port_range(junk[i], &port, &hi, &e), -1);
		check(is_usage(&e, junk[i]));
		check_int(parse_duration(junk[i], &n, &e), -1);
		check(is_usage(&e, junk[i]));
		check_int(parse_size(junk[i], &size, &e), -1);
		check(is_usage(&e, junk[i]));
		check(n == 7 && port == 7 && hi == 7 && size == 7);
	}
}

static int64_t
int_of(const char *text)
{
	int64_t n;

	return parse_int(text, INT64_MIN, INT64_MAX, &n, NULL) == 0 ? n : -4711;
}

TEST("integers are decimal or hexadecimal")
{
	check_int(int_of("0"), 0);
	check_int(int_of("-0"), 0);
	check_int(int_of("42"), 42);
	check_int(int_of("-42"), -42);
	check_int(int_of("0xff"), 255);
	check_int(int_of("0x00fF"), 255);
	check_int(int_of("-0x10"), -16);
	check_int(int_of("9223372036854775807"), INT64_MAX);
	check_int(int_of("-9223372036854775808"), INT64_MIN);
	check_int(int_of("9223372036854775808"), -4711);
	check_int(int_of("-9223372036854775809"), -4711);
	check_int(int_of("0xffffffffffffffff"), -4711);
	check_int(int_of("1.0"), -4711);
}

TEST("an integer outside its range is an error that states the range")
{
	struct error e;
	int64_t n;

	check_int(parse_int("255", 0, 255, &n, &e), 0);
	check_int(parse_int("256", 0, 255, &n, &e), -1);
	check_str(e.text, "'256' is not a number (0-255)");
	check_int(parse_int("-6", -5, 5, &n, &e), -1);
	check_str(e.text, "'-6' is not a number (-5 to 5)");
	check_int(parse_int("0", 1, INT64_MAX, &n, &e), -1);
	check_str(e.text, "'0' is not a number (1 or more)");
	check_int(parse_int("a", INT64_MIN, INT64_MAX, &n, &e), -1);
	check_str(e.text, "'a' is not a number");
}

TEST("a boolean has four pairs of words")
{
	static const char *const yes[] = { "yes", "on", "true", "1" };
	static const char *const no[] = { "no", "off", "false", "0" };
	struct error e;
	bool value;

	for (size_t i = 0; i < LENGTH(yes); i++) {
		check(parse_bool(yes[i], &value, &e) == 0 && value);
		check(parse_bool(no[i], &value, &e) == 0 && !value);
	}
	check_int(parse_bool("", &value, &e), -1);
	check_int(parse_bool("y", &value, &e), -1);
	check_int(parse_bool("2", &value, &e), -1);
	check_str(e.text, "'2' is neither yes nor no");
}

TEST("a port is decimal from 0 to 65535")
{
	struct error e;
	uint16_t port = 7;

	check(parse_port("0", &port, &e) == 0 && port == 0);
	check(parse_port("65535", &port, &e) == 0 && port == 65535);
	check_int(parse_port("65536", &port, &e), -1);
	check_int(parse_port("99999", &port, &e), -1);
	check_int(parse_port("-1", &port, &e), -1);
	check_int(parse_port("0x50", &port, &e), -1);
	check_int(parse_port("http", &port, &e), -1);
	check_int(parse_port("080x", &port, &e), -1);
	check_str(e.text, "'080x' is not a port number (0-65535)");
	check_int(port, 65535);
}

TEST("a port range has its lower end first")
{
	struct error e;
	uint16_t lo = 7, hi = 7;

	check_int(parse_port_range("8000-8010", &lo, &hi, &e), 0);
	check(lo == 8000 && hi == 8010);
	check_int(parse_port_range("22", &lo, &hi, &e), 0);
	check(lo == 22 && hi == 22);
	check_int(parse_port_range("5-5", &lo, &hi, &e), 0);
	check_int(parse_port_range("8010-8000", &lo, &hi, &e), -1);
	check_int(parse_port_range("-5", &lo, &hi, &e), -1);
	check_int(parse_port_range("5-", &lo, &hi, &e), -1);
	check_int(parse_port_range("1-2-3", &lo, &hi, &e), -1);
	check_int(parse_port_range("1-65536", &lo, &hi, &e), -1);
	check_int(parse_port_range("1--2", &lo, &hi, &e), -1);
	check(lo == 5 && hi == 5);
}

static int64_t
duration_of(const char *text)
{
	int64_t ns;

	return parse_duration(text, &ns, NULL) == 0 ? ns : -1;
}

TEST("durations are exact nanoseconds")
{
	check_int(duration_of("0"), 0);
	check_int(duration_of("0s"), 0);
	check_int(duration_of("0.0"), 0);
	check_int(duration_of("2"), 2 * NSEC_PER_SEC);
	check_int(duration_of("1.5"), 1500 * NSEC_PER_MSEC);
	check_int(duration_of(".5"), 500 * NSEC_PER_MSEC);
	check_int(duration_of("0.1"), 100 * NSEC_PER_MSEC);
	check_int(duration_of("250ms"), 250 * NSEC_PER_MSEC);
	check_int(duration_of("10us"), 10000);
	check_int(duration_of("1.0005ms"), 1000500);
	check_int(duration_of("3m"), 180 * NSEC_PER_SEC);
	check_int(duration_of("1h"), 3600 * NSEC_PER_SEC);
	check_int(duration_of("0.999999999h"), INT64_C(3599999996400));
	check_int(duration_of("none"), DURATION_NONE);
}

TEST("a positive duration never becomes zero")
{
	check_int(duration_of("0.0000000001"), 1);
	check_int(duration_of("0.00000000000000000001us"), 1);
	check_int(duration_of("0.000000001"), 1);
	check_int(duration_of("0.00000000000000"), 0);
}

TEST("a duration that overflows nanoseconds is an error")
{
	struct error e;
	int64_t ns;

	check_int(duration_of("99999h"), 99999 * INT64_C(3600) * NSEC_PER_SEC);
	check_int(duration_of("9223372036.854775806"), INT64_MAX - 1);
	check_int(duration_of("9223372036.854775807"), -1);
	check_int(duration_of("2562048h"), -1);
	check_int(parse_duration("99999999h", &ns, &e), -1);
	check_str(e.text, "'99999999h' is too long a duration");
}

TEST("a duration has one number and one known unit")
{
	static const char *const wrong[] = { "-1", "1.", ".", "s", "ms", "1 s", "1sec", "1S", "1d",
		"1h30m", "1.5.2", "0x10", "NONE", "none ", "1..5", "01s", "1.-5" };
	struct error e;
	int64_t ns;

	for (size_t i = 0; i < LENGTH(wrong); i++)
		check_int(duration_of(wrong[i]), -1);
	check_int(parse_duration("1x", &ns, &e), -1);
	check_str(e.text, "'1x' is not a duration (as 1.5, 250ms, 2s, 3m, 1h, none)");
}

static int64_t
size_of(const char *text)
{
	uint64_t bytes;

	return parse_size(text, &bytes, NULL) == 0 ? (int64_t)bytes : -1;
}

TEST("a size unit is 1024, with B it is 1000, with iB 1024 again")
{
	check_int(size_of("0"), 0);
	check_int(size_of("4096"), 4096);
	check_int(size_of("64k"), 65536);
	check_int(size_of("64K"), 65536);
	check_int(size_of("64KiB"), 65536);
	check_int(size_of("64kB"), 64000);
	check_int(size_of("1M"), 1048576);
	check_int(size_of("1MiB"), 1048576);
	check_int(size_of("1MB"), 1000000);
	check_int(size_of("2G"), INT64_C(2) << 30);
	check_int(size_of("1TiB"), INT64_C(1) << 40);
}

TEST("a fraction of a size must give whole bytes")
{
	struct error e;
	uint64_t bytes;

	check_int(size_of("1.5M"), 1572864);
	check_int(size_of("0.5k"), 512);
	check_int(size_of("0.125k"), 128);
	check_int(size_of("1.234kB"), 1234);
	check_int(size_of("1.50000000000000k"), 1536);
	check_int(size_of("1.0"), 1);
	check_int(size_of("1.5"), -1);
	check_int(size_of("1.2345kB"), -1);
	check_int(parse_size("0.1k", &bytes, &e), -1);
	check_str(e.text, "'0.1k' is not a whole number of bytes");
}

TEST("a size fits 64 bits and has a known unit")
{
	static const char *const wrong[] = { "-1", "k", "1m", "1g", "1 k", "1kb", "1Kib", "1KIB",
		"1kk", "1P", "1.", ".", "0x10", "1B", "none" };
	struct error e;
	uint64_t bytes;

	check_int(parse_size("18446744073709551615", &bytes, &e), 0);
	check(bytes == UINT64_MAX);
	check_int(parse_size("18446744073709551615k", &bytes, &e), -1);
	check_str(e.text, "'18446744073709551615k' is too large a size");
	for (size_t i = 0; i < LENGTH(wrong); i++)
		check_int(size_of(wrong[i]), -1);
}

typedef int reader(const char *, struct buf *, struct error *);

#define check_bytes(fn, text, want) check(bytes_are(fn, text, want, sizeof(want) - 1))

static bool
bytes_are(reader *read, const char *text, const char *want, size_t n)
{
	struct buf b;
	bool same;

	buf_init(&b, 1024);
	same = read(text, &b, NULL) == 0 && b.len == n &&
	    (n == 0 || memcmp(buf_head(&b), want, n) == 0);
	buf_fini(&b);
	return same;
}

/* Returns true when the parser fails and appends nothing, not even the valid start. */
static bool
refused(reader *read, const char *text)
{
	struct error e = { .code = ERROR_INTERNAL };
	struct buf b;
	bool as_it_was;

	buf_init(&b, 1024);
	buf_append(&b, "kept", 4, NULL);
	as_it_was = read(text, &b, &e) == -1 && e.code == ERROR_USAGE && b.len == 4 &&
	    memcmp(buf_head(&b), "kept", 4) == 0;
	buf_fini(&b);
	return as_it_was;
}

TEST("hexadecimal pairs may have blanks and colons between them")
{
	check_bytes(parse_hex, "", "");
	check_bytes(parse_hex, "00fFa1", "\0\377\241");
	check_bytes(parse_hex, "de:ad be  ef", "\xde\xad\xbe\xef");
	check(refused(parse_hex, "a"));
	check(refused(parse_hex, "abc"));
	check(refused(parse_hex, "a b"));
	check(refused(parse_hex, "0x00"));
	check(refused(parse_hex, "gg"));
	check(refused(parse_hex, " 00"));
	check(refused(parse_hex, "00 "));
	check(refused(parse_hex, ":"));
}

TEST("a parser with a full buffer fails and appends nothing")
{
	struct error e;
	struct buf b;

	buf_init(&b, 3);
	check_int(parse_hex("01020304", &b, &e), -1);
	check_int(e.code, ERROR_NETWORK);
	check_int(b.len, 0);
	check_int(parse_hex("010203", &b, &e), 0);
	buf_fini(&b);
}

TEST("a mistyped word is found")
{
	static const char *const words[] = { "connect", "listen", "sendto", "resolve", "status",
		"run", "shell", "help" };

#define NEAREST(word) parse_nearest(word, words, LENGTH(words))
	check_str(NEAREST("conect"), "connect");
	check_str(NEAREST("lsiten"), "listen");
	check_str(NEAREST("statsu"), "status");
	check_str(NEAREST("send"), "sendto");
	check_str(NEAREST("hlep"), "help");
	check_str(NEAREST("rnu"), "run");
	check_str(NEAREST("conn"), "connect");
	check_str(NEAREST("res"), "resolve");
	check_str(NEAREST("zzzz"), NULL);
	check_str(NEAREST("quit"), NULL);
	check_str(NEAREST("x"), NULL);
	check_str(NEAREST(""), NULL);
	check_str(parse_nearest("a", words, 0), NULL);
}

TEST("a word of any length is compared safely")
{
	char word[300];
	const char *words[] = { word, "b" };

	memset(word, 'a', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	check_str(parse_nearest(word, words, 2), NULL);
	check_str(parse_nearest("aaa", words, 2), NULL);
	word[64] = '\0';
	check_str(parse_nearest(word, words, 1), word);
}

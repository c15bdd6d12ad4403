#include "net/sockopt/value.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/time.h>

#include "base/buf.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/parse.h"

#define INTS_MAX 16

void
sockopt_value_set(struct sockopt_setting *s, const void *value, size_t n)
{
	memcpy(s->value, value, n);
	s->len = (socklen_t)n;
}

static void
set_int(struct sockopt_setting *s, int64_t number)
{
	/* Masks and rates are unsigned in the kernel; -1 has the same bits. */
	uint32_t value = (uint32_t)number;

	sockopt_value_set(s, &value, sizeof(value));
}

int
sockopt_value_number(const char *text, struct sockopt_setting *s, struct error *e)
{
	int64_t number;

	if (parse_int(text, INT32_MIN, UINT32_MAX, &number, e) < 0)
		return -1;
	set_int(s, number);
	return 0;
}

static int
parse_bytes_count(const char *text, struct sockopt_setting *s, struct error *e)
{
	uint64_t bytes;

	if (parse_size(text, &bytes, e) < 0)
		return -1;
	if (bytes > UINT32_MAX)
		return error_set(e, ERROR_USAGE, "'%s' is 4 GiB or more", text);
	set_int(s, (int64_t)bytes);
	return 0;
}

static int
parse_bool_value(const char *text, struct sockopt_setting *s, struct error *e)
{
	bool on;

	if (parse_bool(text, &on, e) < 0)
		return -1;
	set_int(s, on);
	return 0;
}

/* Parses a duration that is a whole number of units (`unit` nanoseconds) and fits an int. */
static int
parse_units(const char *text, int64_t unit, const char *unit_name, int *ret_n, struct error *e)
{
	int64_t duration;

	if (parse_duration(text, &duration, e) < 0)
		return -1;
	if (duration == DURATION_NONE || duration % unit != 0 || duration / unit > INT_MAX)
		return error_set(e, ERROR_USAGE, "'%s' is not a duration in whole %s", text,
		    unit_name);
	*ret_n = (int)(duration / unit);
	return 0;
}

static int
parse_whole(const char *text, int64_t unit, const char *unit_name, struct sockopt_setting *s,
    struct error *e)
{
	int n;

	if (parse_units(text, unit, unit_name, &n, e) < 0)
		return -1;
	set_int(s, n);
	return 0;
}

static int
parse_seconds(const char *text, struct sockopt_setting *s, struct error *e)
{
	return parse_whole(text, NSEC_PER_SEC, "seconds", s, e);
}

static int
parse_msec(const char *text, struct sockopt_setting *s, struct error *e)
{
	return parse_whole(text, NSEC_PER_MSEC, "milliseconds", s, e);
}

static int
parse_usec(const char *text, struct sockopt_setting *s, struct error *e)
{
	return parse_whole(text, 1000, "microseconds", s, e);
}

static int
parse_minutes(const char *text, struct sockopt_setting *s, struct error *e)
{
	int64_t minutes;

	if (parse_int(text, 1, 120, &minutes, e) < 0)
		return -1;
	set_int(s, minutes);
	return 0;
}

static int
parse_timeval(const char *text, struct sockopt_setting *s, struct error *e)
{
	struct timeval tv = { 0, 0 }; /* no time-out */
	int64_t duration;

	if (parse_duration(text, &duration, e) < 0)
		return -1;
	if (duration != DURATION_NONE) {
		/* Round up: a tiny time-out must not become none. */
		tv.tv_sec = (time_t)(duration / NSEC_PER_SEC);
		tv.tv_usec = (suseconds_t)((duration % NSEC_PER_SEC + 999) / 1000);
		if (tv.tv_usec == 1000000) {
			tv.tv_sec++;
			tv.tv_usec = 0;
		}
	}
	sockopt_value_set(s, &tv, sizeof(tv));
	return 0;
}

static int
parse_linger(const char *text, struct sockopt_setting *s, struct error *e)
{
	struct linger linger = { .l_onoff = strcmp(text, "off") != 0 };

	if (linger.l_onoff && parse_units(text, NSEC_PER_SEC, "seconds", &linger.l_linger, e) < 0)
		return -1;
	sockopt_value_set(s, &linger, sizeof(linger));
	return 0;
}

static int
parse_text(const char *text, struct sockopt_setting *s, struct error *e)
{
	size_t n = strlen(text);

	if (n >= sizeof(s->value))
		return error_set(e, ERROR_USAGE, "a name has at most %zu bytes",
		    sizeof(s->value) - 1);
	sockopt_value_set(s, text, n);
	return 0;
}

int
sockopt_value_hex(const char *text, struct sockopt_setting *s, struct error *e)
{
	struct buf bytes;
	int rc;

	buf_init(&bytes, strlen(text));
	rc = parse_hex(text, &bytes, e);
	if (rc == 0 && bytes.len > sizeof(s->value))
		rc = error_set(e, ERROR_USAGE, "a value has at most %zu bytes", sizeof(s->value));
	else if (rc == 0 && bytes.len > 0)
		sockopt_value_set(s, buf_head(&bytes), bytes.len);
	buf_fini(&bytes);
	return rc;
}

static int
parse_long(const char *text, struct sockopt_setting *s, struct error *e)
{
	uint64_t number = UINT64_MAX;

	/* all bits set, like -1 for an int */
	if (strcmp(text, "-1") != 0 && parse_size(text, &number, e) < 0)
		return -1;
	sockopt_value_set(s, &number, sizeof(number));
	return 0;
}

/* "1,0" */
static int
parse_ints(const char *text, struct sockopt_setting *s, struct error *e)
{
	uint32_t numbers[INTS_MAX];
	char word[16];
	int64_t number;
	size_t n = 0, len;

	for (;; text += len + 1) {
		len = strcspn(text, ",");
		if (len >= sizeof(word) || n == INTS_MAX)
			return error_set(e, ERROR_USAGE, "'%.200s' is no list of numbers", text);
		memcpy(word, text, len);
		word[len] = '\0';
		if (parse_int(word, INT32_MIN, UINT32_MAX, &number, e) < 0)
			return -1;
		numbers[n++] = (uint32_t)number;
		if (text[len] == '\0')
			break;
	}
	sockopt_value_set(s, numbers, n * sizeof(numbers[0]));
	return 0;
}

/* ip(7), IP_LOCAL_PORT_RANGE: the upper port is in the upper half. */
static int
parse_ports(const char *text, struct sockopt_setting *s, struct error *e)
{
	uint16_t lo, hi;

	if (parse_port_range(text, &lo, &hi, e) < 0)
		return -1;
	set_int(s, (int64_t)hi << 16 | lo);
	return 0;
}

static int
parse_named_bytes(const char *text, struct sockopt_setting *s, struct error *e)
{
	if (strncmp(text, "hex:", 4) != 0)
		return error_set(e, ERROR_USAGE, "'%.200s' is not hex:BYTES", text);
	return sockopt_value_hex(text + 4, s, e);
}

int
sockopt_value_parse(const char *text, struct sockopt_setting *s, struct error *e)
{
	static int (*const parsers[])(const char *, struct sockopt_setting *, struct error *) = {
		[SOCKOPT_INT] = sockopt_value_number,
		[SOCKOPT_SIZE] = parse_bytes_count,
		[SOCKOPT_BOOL] = parse_bool_value,
		[SOCKOPT_SECONDS] = parse_seconds,
		[SOCKOPT_MSEC] = parse_msec,
		[SOCKOPT_USEC] = parse_usec,
		[SOCKOPT_TIMEVAL] = parse_timeval,
		[SOCKOPT_MINUTES] = parse_minutes,
		[SOCKOPT_LINGER] = parse_linger,
		[SOCKOPT_TEXT] = parse_text,
		[SOCKOPT_BYTES] = parse_named_bytes,
		[SOCKOPT_LONG] = parse_long,
		[SOCKOPT_INTS] = parse_ints,
		[SOCKOPT_PORTS] = parse_ports,
		[SOCKOPT_INTERFACE] = sockopt_interface_parse,
		[SOCKOPT_INTERFACE_BE] = sockopt_interface_parse,
		[SOCKOPT_INTERFACE_IP] = sockopt_interface_parse,
		[SOCKOPT_GROUP] = sockopt_group_parse,
	};

	return parsers[s->opt->type](text, s, e);
}

/* Uses the largest unit without a fraction. */
static int
format_usec(int64_t usec, struct buf *out, struct error *e)
{
	if (usec % 1000000 == 0)
		return buf_printf(out, e, "%" PRId64 "s", usec / 1000000);
	if (usec % 1000 == 0)
		return buf_printf(out, e, "%" PRId64 "ms", usec / 1000);
	return buf_printf(out, e, "%" PRId64 "us", usec);
}

static int
format_timeval(const void *value, struct buf *out, struct error *e)
{
	struct timeval tv;

	memcpy(&tv, value, sizeof(tv));
	if (tv.tv_sec == 0 && tv.tv_usec == 0)
		return buf_printf(out, e, "none");
	return format_usec((int64_t)tv.tv_sec * 1000000 + tv.tv_usec, out, e);
}

static int
format_linger(const void *value, struct buf *out, struct error *e)
{
	struct linger linger;

	memcpy(&linger, value, sizeof(linger));
	if (!linger.l_onoff)
		return buf_printf(out, e, "off");
	return buf_printf(out, e, "%ds", linger.l_linger);
}

static int
format_bytes(const unsigned char *value, size_t n, struct buf *out, struct error *e)
{
	size_t i;

	if (buf_printf(out, e, "hex:") < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (buf_printf(out, e, "%02x", value[i]) < 0)
			return -1;
	return 0;
}

static int
format_ints(const unsigned char *value, size_t n, struct buf *out, struct error *e)
{
	int32_t number;
	size_t i;

	for (i = 0; i + sizeof(number) <= n; i += sizeof(number)) {
		memcpy(&number, value + i, sizeof(number));
		if (buf_printf(out, e, "%s%" PRId32, i > 0 ? "," : "", number) < 0)
			return -1;
	}
	return 0;
}

static int
format_long(const void *value, struct buf *out, struct error *e)
{
	uint64_t number;

	memcpy(&number, value, sizeof(number));
	if (number == UINT64_MAX)
		return buf_printf(out, e, "-1");
	return buf_printf(out, e, "%" PRIu64, number);
}

static int
format_interface(unsigned index, struct buf *out, struct error *e)
{
	char name[IF_NAMESIZE];

	if (index != 0 && if_indextoname(index, name) != NULL)
		return buf_printf(out, e, "%s", name);
	return buf_printf(out, e, "%u", index);
}

static int
format_address(const void *value, struct buf *out, struct error *e)
{
	char text[INET_ADDRSTRLEN];

	return buf_printf(out, e, "%s", inet_ntop(AF_INET, value, text, sizeof(text)));
}

/* SOCKOPT_MINUTES shows the interval even when SO_KEEPALIVE is off. */
static int
format_int(enum sockopt_type type, int number, struct buf *out, struct error *e)
{
	switch (type) {
	case SOCKOPT_SIZE:
		return buf_printf(out, e, "%u", (unsigned)number);
	case SOCKOPT_BOOL:
		return buf_printf(out, e, "%d", number != 0);
	case SOCKOPT_SECONDS:
		return format_usec((int64_t)number * 1000000, out, e);
	case SOCKOPT_MSEC:
		return format_usec((int64_t)number * 1000, out, e);
	case SOCKOPT_USEC:
		return format_usec(number, out, e);
	case SOCKOPT_MINUTES:
		return buf_printf(out, e, "%d", number / 60);
	case SOCKOPT_PORTS:
		return buf_printf(out, e, "%u-%u", (unsigned)number & 0xffff,
		    (unsigned)number >> 16);
	case SOCKOPT_INTERFACE:
		return format_interface((unsigned)number, out, e);
	case SOCKOPT_INTERFACE_BE:
		return format_interface(ntohl((uint32_t)number), out, e);
	default:
		return buf_printf(out, e, "%d", number);
	}
}

/* Some options return one byte when there is room for less than an int. */
static int
read_int_value(const unsigned char *value, size_t n)
{
	int number = 0;

	if (n == 1)
		return value[0];
	memcpy(&number, value, n < sizeof(number) ? n : sizeof(number));
	return number;
}

socklen_t
sockopt_value_room(enum sockopt_type type)
{
	switch (type) {
	case SOCKOPT_TEXT:
	case SOCKOPT_BYTES:
	case SOCKOPT_INTS:
	case SOCKOPT_GROUP:
		return SOCKOPT_VALUE_MAX;
	case SOCKOPT_TIMEVAL:
		return sizeof(struct timeval);
	case SOCKOPT_LINGER:
		return sizeof(struct linger);
	case SOCKOPT_LONG:
		return sizeof(uint64_t);
	default:
		return sizeof(int);
	}
}

int
sockopt_value_format(enum sockopt_type type, const void *value, socklen_t n, struct buf *out,
    struct error *e)
{
	switch (type) {
	case SOCKOPT_TIMEVAL:
		return format_timeval(value, out, e);
	case SOCKOPT_LINGER:
		return format_linger(value, out, e);
	case SOCKOPT_LONG:
		return format_long(value, out, e);
	case SOCKOPT_INTS:
		return format_ints(value, n, out, e);
	case SOCKOPT_INTERFACE_IP:
		return format_address(value, out, e);
	case SOCKOPT_TEXT:
		return buf_append(out, value, strnlen(value, n), e);
	case SOCKOPT_BYTES:
	case SOCKOPT_GROUP:
		return format_bytes(value, n, out, e);
	default:
		return format_int(type, read_int_value(value, n), out, e);
	}
}

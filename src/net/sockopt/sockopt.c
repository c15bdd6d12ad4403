#include "net/sockopt/sockopt.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/log.h"
#include "base/parse.h"
#include "net/sockopt/symbol.h"
#include "net/sockopt/value.h"

/*
 * Names
 */

#define NAME_MAX_LEN 40
#define NAMES_MAX 400 /* more than the table has rows */

/* Returns the name without the prefix of a common level; names of other levels keep theirs. */
static const char *
bare_name(const char *name)
{
	static const char *const prefixes[] = { "SO_", "TCP_", "UDP_", "IP_", "IPV6_" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t n = strlen(prefixes[i]);

		if (strncasecmp(name, prefixes[i], n) == 0)
			return name + n;
	}
	return name;
}

/* Finds the option with this full name, or else with this name without a prefix. Sets
 * *ret_other to a second match without the prefix, or NULL. */
static const struct sockopt *
option_match(const char *name, const struct sockopt **ret_other)
{
	const struct sockopt *found = NULL;
	size_t n, i;
	const struct sockopt *options = sockopt_table(&n);

	*ret_other = NULL;
	for (i = 0; i < n; i++)
		if (strcasecmp(options[i].name, name) == 0)
			return &options[i];
	for (i = 0; i < n; i++) {
		if (strcasecmp(bare_name(options[i].name), name) != 0)
			continue;
		if (found == NULL)
			found = &options[i];
		else
			*ret_other = &options[i];
	}
	return found;
}

const struct sockopt *
sockopt_find(const char *name)
{
	const struct sockopt *other;
	const struct sockopt *found = option_match(name, &other);

	return other == NULL ? found : NULL;
}

/* Returns the option name nearest to an unknown one, compared in full or (for rcvbuff) without
 * the prefix; NULL when none is close. */
static const char *
nearest_name(const char *name, bool bare)
{
	const char *words[NAMES_MAX];
	size_t n, i;
	const struct sockopt *options = sockopt_table(&n);
	const char *found;

	for (i = 0; i < n && i < NAMES_MAX; i++)
		words[i] = bare ? bare_name(options[i].name) : options[i].name;
	found = parse_nearest(name, words, i);
	for (i = 0; found != NULL && i < n && i < NAMES_MAX; i++)
		if (words[i] == found)
			return options[i].name;
	return NULL;
}

static const char *
option_nearest(const char *name)
{
	char upper[NAME_MAX_LEN];
	const char *found;
	size_t i;

	if (strlen(name) >= sizeof(upper))
		return NULL;
	for (i = 0; name[i] != '\0'; i++)
		upper[i] = (char)toupper((unsigned char)name[i]);
	upper[i] = '\0';
	found = nearest_name(upper, false);
	return found != NULL ? found : nearest_name(upper, true);
}

static int
name_parse(const char *name, const struct sockopt **ret_opt, struct error *e)
{
	const struct sockopt *other;
	const struct sockopt *opt = option_match(name, &other);
	const char *nearest, *why;

	if (other != NULL)
		return error_set(e, ERROR_USAGE, "socket option '%s' is ambiguous: %s or %s", name,
		    opt->name, other->name);
	why = opt == NULL ? sockopt_left_out(name) : NULL;
	if (why != NULL)
		return error_set(e, ERROR_USAGE, "socket option %s cannot be set by name: %s", name,
		    why);
	if (opt == NULL) {
		nearest = option_nearest(name);
		if (nearest == NULL)
			return error_set(e, ERROR_USAGE, "unknown socket option '%s'", name);
		return error_set(e, ERROR_USAGE, "unknown socket option '%s', did you mean %s?",
		    name, nearest);
	}
	if (opt->access == SOCKOPT_READ_ONLY)
		return error_set(e, ERROR_USAGE, "socket option %s can only be read", opt->name);
	*ret_opt = opt;
	return 0;
}

/*
 * Settings
 */

/* "6" "tcp" "IPPROTO_TCP" "SOL_TCP" */
static int
level_parse(const char *text, int *ret_level, struct error *e)
{
	int64_t number;

	if (symbol_find(SYMBOL_LEVEL, text, ret_level))
		return 0;
	if (parse_int(text, 0, INT_MAX, &number, NULL) < 0)
		return error_set(e, ERROR_USAGE, "'%s' is not a level: a number, or %s", text,
		    symbol_words(SYMBOL_LEVEL));
	*ret_level = (int)number;
	return 0;
}

/* Parses LEVEL:NUMBER=INT or LEVEL:NUMBER=hex:BYTES, already split at ':' and '='. */
static int
raw_parse(const char *level, const char *option, const char *value, struct sockopt_setting *s,
    struct error *e)
{
	int64_t number;

	if (level_parse(level, &s->level, e) < 0 || parse_int(option, 0, INT_MAX, &number, e) < 0)
		return -1;
	s->number = (int)number;
	s->phase = PHASE_SOCKET;
	if (value == NULL)
		return error_set(e, ERROR_USAGE, "a value is missing (INT or hex:BYTES)");
	if (strncmp(value, "hex:", 4) == 0)
		return sockopt_value_hex(value + 4, s, e);
	return sockopt_value_number(value, s, e);
}

static int
named_parse(const char *name, const char *value, struct sockopt_setting *s, struct error *e)
{
	if (name_parse(name, &s->opt, e) < 0)
		return -1;
	s->level = s->opt->level;
	s->number = s->opt->number;
	s->phase = s->opt->phase;
	if (value == NULL && s->opt->type == SOCKOPT_BOOL)
		value = "1";
	if (value == NULL)
		return error_set(e, ERROR_USAGE, "socket option %s wants a value: %s", s->opt->name,
		    s->opt->help);
	if (sockopt_value_parse(value, s, e) < 0)
		return error_prefix(e, "%s", s->opt->name);
	return 0;
}

int
sockopt_parse(const char *text, struct sockopt_setting *ret_setting, struct error *e)
{
	struct sockopt_setting s = { .opt = NULL };
	char name[NAME_MAX_LEN * 2];
	const char *equals = strchr(text, '=');
	size_t n = equals != NULL ? (size_t)(equals - text) : strlen(text);
	const char *value = equals != NULL ? equals + 1 : NULL;
	char *colon;

	if (n >= sizeof(name))
		return error_set(e, ERROR_USAGE, "unknown socket option '%.*s...'", NAME_MAX_LEN,
		    text);
	memcpy(name, text, n);
	name[n] = '\0';
	colon = strchr(name, ':');
	if (colon != NULL) {
		*colon = '\0';
		if (raw_parse(name, colon + 1, value, &s, e) < 0)
			return error_prefix(e, "socket option '%.*s'", (int)n, text);
	} else if (named_parse(name, value, &s, e) < 0) {
		return -1;
	}
	*ret_setting = s;
	return 0;
}

/*
 * The kernel
 */

int
sockopt_set_int(int fd, int level, int number, int value, const char *name, struct error *e)
{
	if (setsockopt(fd, level, number, &value, sizeof(value)) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "setsockopt %s", name);
	return 0;
}

void
sockopt_send_at_once(int fd)
{
	/* other sockets do not know it */
	sockopt_set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY", NULL);
}

void
sockopt_keep_urgent(int fd)
{
	sockopt_set_int(fd, SOL_SOCKET, SO_OOBINLINE, 1, "SO_OOBINLINE", NULL);
}

int
sockopt_get_int(int fd, int level, int number, int *ret_value, const char *name, struct error *e)
{
	int value = 0;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, level, number, &value, &len) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "getsockopt %s", name);
	*ret_value = value;
	return 0;
}

/* One number for what Linux keeps in three options. */
static int
keepalive_apply(int fd, const struct sockopt_setting *s, struct error *e)
{
	const char *name = s->opt->name;
	int minutes;

	memcpy(&minutes, s->value, sizeof(minutes));
	if (sockopt_set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1, name, e) < 0 ||
	    sockopt_set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, minutes * 60, name, e) < 0 ||
	    sockopt_set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, minutes * 60, name, e) < 0)
		return -1;
	return 0;
}

static int
setting_apply(int fd, const struct sockopt_setting *s, struct error *e)
{
	if (s->opt != NULL && s->opt->type == SOCKOPT_MINUTES)
		return keepalive_apply(fd, s, e);
	if (setsockopt(fd, s->level, s->number, s->value, s->len) == 0)
		return 0;
	if (s->opt == NULL)
		return error_errno(e, ERROR_NETWORK, errno, "setsockopt %d:%d", s->level,
		    s->number);
	return error_errno(e, ERROR_NETWORK, errno, "setsockopt %s", s->opt->name);
}

int
sockopt_apply(int fd, const struct sockopt_setting *settings, size_t n, enum sockopt_phase phase,
    struct error *e)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (settings[i].phase == phase && setting_apply(fd, &settings[i], e) < 0)
			return -1;
	return 0;
}

/* For some options (SCTP_MAX_BURST) the kernel does not set the length. Compare what it writes
 * over two different fillings to find the bytes that it wrote. */
static socklen_t
written_length(int fd, const struct sockopt *opt, const char zeroed[SOCKOPT_VALUE_MAX])
{
	char value[SOCKOPT_VALUE_MAX];
	socklen_t n = sizeof(value);

	memset(value, 0xff, sizeof(value));
	if (getsockopt(fd, opt->level, opt->number, value, &n) < 0)
		return sizeof(value);
	while (n > 0 && value[n - 1] != zeroed[n - 1])
		n--;
	return n;
}

int
sockopt_read(int fd, const struct sockopt *opt, struct buf *out, struct error *e)
{
	char value[SOCKOPT_VALUE_MAX] = { 0 };
	socklen_t len = sockopt_value_room(opt->type);

	if (getsockopt(fd, opt->level, opt->number, value, &len) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "getsockopt %s", opt->name);
	if (len == sizeof(value))
		len = written_length(fd, opt, value);
	return sockopt_value_format(opt->type, value, len, out, e);
}

static void
log_one(int fd, const struct sockopt_setting *s, const struct log *log)
{
	struct error e;
	struct buf out;

	if (s->opt == NULL || s->opt->access == SOCKOPT_WRITE_ONLY)
		return;
	buf_init(&out, 4 * SOCKOPT_VALUE_MAX);
	if (sockopt_read(fd, s->opt, &out, &e) == 0)
		log_line(log, LOG_TRACE, "%s is %.*s", s->opt->name, (int)out.len,
		    (const char *)buf_head(&out));
	else
		log_line(log, LOG_TRACE, "%s", e.text);
	buf_fini(&out);
}

void
sockopt_log(int fd, const struct sockopt_setting *settings, size_t n, const struct log *log)
{
	size_t i;

	for (i = 0; log_on(log, LOG_TRACE) && i < n; i++)
		log_one(fd, &settings[i], log);
}

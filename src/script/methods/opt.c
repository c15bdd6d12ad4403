/* setsockopt getsockopt settimeout setblocking */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/parse.h"
#include "net/sockopt/sockopt.h"
#include "script/impl.h"
#include "script/methods/constant.h"
#include "sock/sock.h"

/* A level and an option */
struct named {
	int level, number;
	const struct sockopt *opt; /* NULL: given by number */
};

static int
unknown_option(struct interp *in, struct value *name)
{
	const char *known[256], *nearest;
	size_t n;
	const struct sockopt *table = sockopt_table(&n);

	if (n > ARRAY_LEN(known))
		n = ARRAY_LEN(known);
	for (size_t i = 0; i < n; i++)
		known[i] = table[i].name;
	nearest = parse_nearest(script_word(name), known, n);
	if (nearest == NULL)
		return interp_fail(in, "USOCK usage", NULL, "\"%v\" is not a socket option", name);
	return interp_fail(in, "USOCK usage", NULL,
	    "\"%v\" is not a socket option: did you mean %s?", name, nearest);
}

/* Accepts also the level SOL_SOCKET for TCP_KEEPALIVE, and the documents' number for SOL_SOCKET. */
static bool
is_level_of(const struct sockopt *opt, int level)
{
	if (level == SOCK_SOL_SOCKET_DOC)
		level = SOL_SOCKET;
	return opt->level == level || (opt->type == SOCKOPT_MINUTES && level == SOL_SOCKET);
}

/* Returns the row of a 64-bit option, given by number; NULL for others, which are ints. */
static const struct sockopt *
wide_option(const struct named *o)
{
	size_t n;
	const struct sockopt *table = sockopt_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (table[i].type == SOCKOPT_LONG && is_level_of(&table[i], o->level) &&
		    table[i].number == o->number)
			return &table[i];
	}
	return NULL;
}

static int
get_named(struct interp *in, struct value *level, struct value *name, struct named *ret_named)
{
	int64_t number;

	if (constant_get(in, SYMBOL_LEVEL, level, &ret_named->level) != TCL_OK)
		return TCL_ERROR;
	ret_named->opt = NULL;
	if (value_to_int(name, &number) && number >= INT32_MIN && number <= INT32_MAX) {
		ret_named->number = (int)number;
		ret_named->opt = wide_option(ret_named);
		return TCL_OK;
	}
	ret_named->opt = sockopt_find(script_word(name));
	if (ret_named->opt == NULL)
		return unknown_option(in, name);
	if (!is_level_of(ret_named->opt, ret_named->level))
		return interp_fail(in, "USOCK usage", NULL, "%s is not of level %v",
		    ret_named->opt->name, level);
	ret_named->level = ret_named->opt->level;
	ret_named->number = ret_named->opt->number;
	return TCL_OK;
}

/* ---- setsockopt ---- */

static int
set_by_name(struct sock *s, const struct sockopt *opt, const char *value, struct error *e)
{
	char text[SOCKOPT_VALUE_MAX + 64];

	snprintf(text, sizeof(text), "%s=%.*s", opt->name, SOCKOPT_VALUE_MAX, value);
	return sock_setsockopt_text(s, text, e);
}

/* Returns whether the value is an int: options by number, and time-outs in the dialect of Zerynth. */
static bool
is_plain_int(const struct sock *s, const struct named *o)
{
	return o->opt == NULL ||
	    (o->opt->type == SOCKOPT_TIMEVAL && sock_dialect(s) == SOCK_ZERYNTH);
}

static int
set_value(struct interp *in, struct sock *s, const struct named *o, struct value *v)
{
	const char *text = script_get_text(in, v, "value");
	struct error e;
	int64_t number;
	int rc;

	if (text == NULL)
		return TCL_ERROR;
	if (!is_plain_int(s, o)) {
		rc = set_by_name(s, o->opt, text, &e);
	} else if (!value_to_int(v, &number) || number < INT32_MIN || number > INT32_MAX) {
		return interp_fail(in, "USOCK usage", NULL,
		    "\"%v\" is not an int; for other values there is -bytes", v);
	} else {
		rc = sock_setsockopt_int(s, o->level, o->number, (int)number, &e);
	}
	return rc == -1 ? script_fail(in, &e) : TCL_OK;
}

static int
set_bytes(struct interp *in, struct sock *s, const struct named *o, struct value *v)
{
	struct error e;
	size_t n;
	const char *bytes = value_bytes(v, &n);

	if (sock_setsockopt(s, o->level, o->number, bytes, n, &e) == -1)
		return script_fail(in, &e);
	return TCL_OK;
}

static int
m_setsockopt(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct handle *h = data;
	struct named o;

	if (argc == 6 && !value_is(argv[4], "-bytes"))
		return interp_wrong_args(in, 2, argv, "level option ?-bytes? value");
	if (get_named(in, argv[2], argv[3], &o) != TCL_OK)
		return TCL_ERROR;
	if (argc == 6)
		return set_bytes(in, h->sock, &o, argv[5]);
	return set_value(in, h->sock, &o, argv[4]);
}

/* ---- getsockopt ---- */

static bool
is_int(const struct named *o)
{
	if (o->opt == NULL)
		return true;
	switch (o->opt->type) {
	case SOCKOPT_TIMEVAL:
	case SOCKOPT_LINGER:
	case SOCKOPT_TEXT:
	case SOCKOPT_BYTES:
	case SOCKOPT_MINUTES:
	case SOCKOPT_LONG:
	case SOCKOPT_INTS:
	case SOCKOPT_PORTS:
	case SOCKOPT_INTERFACE_IP:
	case SOCKOPT_GROUP:
		return false;
	default:
		return true;
	}
}

static int
get_int_value(struct interp *in, struct sock *s, const struct named *o)
{
	int value = 0;
	size_t n = sizeof(value);
	struct error e;

	if (sock_getsockopt(s, o->level, o->number, &value, &n, &e) == -1)
		return script_fail(in, &e);
	return interp_return_int(in, value);
}

static int
get_as_text(struct interp *in, struct sock *s, const struct named *o)
{
	struct error e;
	struct buf out;
	int rc;

	/* reading an int fails with the error for a closed socket */
	if (sock_fileno(s) == -1)
		return get_int_value(in, s, o);
	buf_init(&out, 4096);
	rc = sockopt_read(sock_fileno(s), o->opt, &out, &e);
	if (rc == 0)
		interp_return_text(in, out.len > 0 ? buf_head(&out) : "", out.len);
	buf_fini(&out);
	return rc == 0 ? TCL_OK : script_fail(in, &e);
}

static int
get_bytes(struct interp *in, struct sock *s, const struct named *o, struct value *size)
{
	char room[1024]; /* the limit of CPython */
	struct error e;
	int64_t wanted;
	size_t n;

	if (interp_get_int(in, size, &wanted) != TCL_OK)
		return TCL_ERROR;
	if (wanted < 0 || (size_t)wanted > sizeof(room))
		return interp_fail(in, "USOCK usage", NULL, "getsockopt: the size is 0 to 1024");
	n = (size_t)wanted;
	if (sock_getsockopt(s, o->level, o->number, room, &n, &e) == -1)
		return script_fail(in, &e);
	return interp_return_text(in, room, n);
}

static int
m_getsockopt(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct handle *h = data;
	struct named o;

	if (get_named(in, argv[2], argv[3], &o) != TCL_OK)
		return TCL_ERROR;
	if (argc > 4)
		return get_bytes(in, h->sock, &o, argv[4]);
	return is_int(&o) ? get_int_value(in, h->sock, &o) : get_as_text(in, h->sock, &o);
}

/* ---- time-outs ---- */

static int
m_settimeout(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct handle *h = data;
	const char *text = script_get_text(in, argv[2], "time-out");
	struct error e;
	int64_t nsec = DURATION_NONE;
	int rc;

	(void)argc;
	if (text == NULL)
		return TCL_ERROR;
	if (strcmp(text, "None") == 0)
		text = "none";
	if (sock_dialect(h->sock) == SOCK_ZERYNTH) {
		rc = sock_settimeout_text(h->sock, text, &e);
	} else {
		if (strcmp(text, "none") != 0 && script_get_duration(in, argv[2], &nsec) != TCL_OK)
			return TCL_ERROR;
		rc = sock_settimeout(h->sock, nsec, &e);
	}
	return rc == -1 ? script_fail(in, &e) : TCL_OK;
}

static int
m_setblocking(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct handle *h = data;
	struct error e;
	bool on;

	(void)argc;
	if (interp_get_bool(in, argv[2], &on) != TCL_OK)
		return TCL_ERROR;
	if (sock_setblocking(h->sock, on, &e) == -1)
		return script_fail(in, &e);
	return TCL_OK;
}

static const struct interp_command methods[] = {
	{ "setsockopt", m_setsockopt, 3, 4, "level option ?-bytes? value" },
	{ "getsockopt", m_getsockopt, 2, 3, "level option ?size?" },
	{ "settimeout", m_settimeout, 1, 1, "seconds|none" },
	{ "setblocking", m_setblocking, 1, 1, "boolean" },
};

void
script_opt_init(struct script *sc)
{
	script_add_methods(sc, methods, ARRAY_LEN(methods));
}

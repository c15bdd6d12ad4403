/* socket use sockets getaddrinfo resolve ip_to_tuple, and short forms */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"
#include "net/resolve/resolve.h"
#include "script/impl.h"
#include "script/methods/address.h"
#include "script/methods/constant.h"
#include "tcl/value/list.h"

/* ---- socket ---- */

struct socket_args {
	int family, type, proto, dialect, fileno;
};

static int
get_dialect(struct interp *in, struct value *v, int *ret_dialect)
{
	static const char *const words[] = { "quecpython", "zerynth", NULL };

	return interp_get_word(in, v, words, "dialect", ret_dialect);
}

static int
get_fileno(struct interp *in, struct value *v, int *ret_fd)
{
	int64_t fd;

	if (interp_get_int(in, v, &fd) != TCL_OK)
		return TCL_ERROR;
	if (fd < 0 || fd > INT32_MAX)
		return interp_fail(in, "USOCK usage", NULL, "\"%v\" is not a descriptor", v);
	*ret_fd = (int)fd;
	return TCL_OK;
}

static int
get_socket_option(struct interp *in, struct value *name, struct value *v, struct socket_args *w)
{
	static const char *const options[] = { "-family", "-type", "-proto", "-dialect", "-fileno",
		NULL };
	int which;

	if (interp_get_word(in, name, options, "option", &which) != TCL_OK)
		return TCL_ERROR;
	switch (which) {
	case 0:
		return constant_get(in, SYMBOL_FAMILY, v, &w->family);
	case 1:
		return constant_get(in, SYMBOL_TYPE, v, &w->type);
	case 2:
		return constant_get(in, SYMBOL_PROTO, v, &w->proto);
	case 3:
		return get_dialect(in, v, &w->dialect);
	default:
		return get_fileno(in, v, &w->fileno);
	}
}

/* Reads a positional argument, in the order of the documents: family, type, protocol. */
static int
get_positional(struct interp *in, int at, struct value *v, struct socket_args *w)
{
	int *const slots[] = { &w->family, &w->type, &w->proto };

	return constant_get(in, (enum symbol_kind)at, v, slots[at]);
}

static int
get_socket_args(struct interp *in, int argc, struct value *const argv[], struct socket_args *w)
{
	int code = TCL_OK, given = 0;

	for (int at = 1; at < argc && code == TCL_OK; at++) {
		bool option = value_bytes(argv[at], NULL)[0] == '-';

		if (!option && given < 3) {
			code = get_positional(in, given++, argv[at], w);
			continue;
		}
		if (!option || at + 1 == argc)
			return interp_wrong_args(in, 1, argv,
			    "?family? ?type? ?proto? ?-family family? ?-type type? "
			    "?-proto proto? ?-dialect dialect? ?-fileno number?");
		code = get_socket_option(in, argv[at], argv[at + 1], w);
		at++;
	}
	return code;
}

static int
open_socket(struct script *sc, const struct socket_args *w, struct sock **ret_sock, struct error *e)
{
	if (w->fileno >= 0)
		return script_adopt(sc, w->fileno, ret_sock, e);
	return sock_open(ret_sock, sc->how.loop, w->family, w->type, w->proto,
	    (enum sock_dialect)w->dialect, e);
}

static int
cmd_socket(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct socket_args w = { .family = AF_INET, .type = SOCK_STREAM, .fileno = -1 };
	struct script *sc = data;
	struct handle *h;
	struct error e;
	struct sock *s;

	if (get_socket_args(in, argc, argv, &w) != TCL_OK)
		return TCL_ERROR;
	if (open_socket(sc, &w, &s, &e) == -1)
		return script_fail(in, &e);
	h = handle_add(sc, s);
	return h == NULL ? TCL_ERROR : interp_return_text(in, h->name, strlen(h->name));
}

/* ---- use and sockets ---- */

static int
cmd_use(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct script *sc = data;
	struct handle *h = argc > 1 ? handle_find(sc, in, argv[1]) : sc->current;

	if (argc > 1 && h == NULL)
		return TCL_ERROR;
	handle_set_current(sc, h);
	return h == NULL ? TCL_OK : interp_return_text(in, h->name, strlen(h->name));
}

struct listing {
	struct heap *heap;
	struct list *list;
	bool all;
};

static void
list_socket(void *arg, struct handle *h)
{
	struct listing *l = arg;

	if (l->all || handle_is_open(h))
		list_push(l->heap, &l->list, value_string(l->heap, h->name));
}

static int
cmd_sockets(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const words[] = { "-all", NULL };
	struct listing l = { .heap = interp_heap(in), .all = argc > 1 };
	int which;

	if (argc > 1 && interp_get_word(in, argv[1], words, "option", &which) != TCL_OK)
		return TCL_ERROR;
	l.list = list_new(l.heap, 8);
	handles_each(data, list_socket, &l);
	return interp_return(in, value_from_list(l.heap, l.list));
}

/* ---- names ---- */

struct lookup {
	struct resolve_how how;
	int64_t timeout;
};

static int
get_lookup_option(struct interp *in, struct value *name, struct value *v, struct lookup *l)
{
	static const char *const options[] = { "-family", "-type", "-proto", "-timeout", NULL };
	int which;

	if (interp_get_word(in, name, options, "option", &which) != TCL_OK)
		return TCL_ERROR;
	switch (which) {
	case 0:
		return constant_get(in, SYMBOL_FAMILY, v, &l->how.family);
	case 1:
		return constant_get(in, SYMBOL_TYPE, v, &l->how.type);
	case 2:
		return constant_get(in, SYMBOL_PROTO, v, &l->how.proto);
	default:
		return script_get_duration(in, v, &l->timeout);
	}
}

static int
get_lookup(struct interp *in, int argc, struct value *const argv[], struct lookup *l)
{
	int code = TCL_OK;

	for (int at = 3; at < argc && code == TCL_OK; at += 2) {
		if (at + 1 == argc)
			return interp_wrong_args(in, 1, argv,
			    "host port ?-family family? ?-type type? ?-proto proto? "
			    "?-timeout duration?");
		code = get_lookup_option(in, argv[at], argv[at + 1], l);
	}
	return code;
}

/* Rejects a port out of range; getaddrinfo(3) would wrap it around. */
static int
check_port(struct interp *in, struct value *v, const char *port)
{
	uint16_t ignored;
	struct error e;
	int64_t number;

	if (!value_to_int(v, &number) || parse_port(port, &ignored, &e) == 0)
		return TCL_OK;
	return script_fail(in, &e);
}

static int
cmd_getaddrinfo(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const char *host = script_get_text(in, argv[1], "host");
	const char *port = script_get_text(in, argv[2], "port");
	struct lookup l = { .how = { .canonname = true }, .timeout = DURATION_NONE };
	struct script *sc = data;
	struct heap *h = interp_heap(in);
	struct resolved *found;
	struct list *list;
	struct error e;
	size_t n;

	if (host != NULL && host[0] == '\0')
		return interp_fail(in, "USOCK usage", NULL,
		    "getaddrinfo: the host is empty: any is written as *");
	if (host == NULL || port == NULL || check_port(in, argv[2], port) != TCL_OK ||
	    get_lookup(in, argc, argv, &l) != TCL_OK)
		return TCL_ERROR;
	if (resolve(sc->how.loop, host, port, &l.how, deadline_in(l.timeout), &found, &n, &e) == -1)
		return script_fail(in, &e);
	list = list_new(h, n);
	for (size_t i = 0; i < n; i++)
		list_push(h, &list, address_answer_value(in, &found[i]));
	free(found);
	return interp_return(in, value_from_list(h, list));
}

static int
cmd_ip_to_tuple(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const char *text = script_get_text(in, argv[1], "address");
	struct heap *h = interp_heap(in);
	struct list *l;
	uint8_t quad[4];
	struct error e;

	(void)data;
	(void)argc;
	if (text == NULL)
		return TCL_ERROR;
	if (ip_to_tuple(text, quad, &e) == -1)
		return script_fail(in, &e);
	l = list_new(h, 4);
	for (size_t i = 0; i < 4; i++)
		list_push(h, &l, value_int(h, quad[i]));
	return interp_return(in, value_from_list(h, l));
}

static const struct interp_command commands[] = {
	{ "socket", cmd_socket, 0, -1, "" },
	{ "use", cmd_use, 0, 1, "?socket?" },
	{ "sockets", cmd_sockets, 0, 1, "?-all?" },
	{ "getaddrinfo", cmd_getaddrinfo, 2, -1, "host port ?option value ...?" },
	{ "resolve", cmd_getaddrinfo, 2, -1, "host port ?option value ...?" },
	{ "ip_to_tuple", cmd_ip_to_tuple, 1, 1, "address" },
	{ NULL, NULL, 0, 0, NULL },
};

void
script_socket_init(struct script *sc)
{
	static const char *const shorts[] = { "send", "recv", "readline", "status", "close" };

	script_add_commands(sc, commands);
	for (size_t i = 0; i < ARRAY_LEN(shorts); i++)
		script_add_short(sc, shorts[i]);
}

#include "script/methods/address.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/parse.h"
#include "net/ports.h"
#include "net/resolve/resolve.h"
#include "script/args.h"
#include "script/error.h"
#include "script/script.h"
#include "tcl/interp.h"
#include "tcl/value/list.h"

static int
no_address(struct interp *in, struct value *v)
{
	return interp_fail(in, "USOCK usage", NULL,
	    "\"%v\" is not an address: host port, {host port} or host:port", v);
}

static int
set_endpoint(struct interp *in, const char *host, const char *port, struct value *written,
    struct address *ret_address)
{
	struct endpoint ep;
	struct error e;

	if (endpoint_parse(host, port, &ep, &e) == -1)
		return script_fail(in, &e);
	if (ep.kind != ENDPOINT_INET || ep.transport != TRANSPORT_NONE ||
	    (ep.port[0] != '\0' && !ports_is_single(ep.port)))
		return no_address(in, written);
	memcpy(ret_address->host, ep.host, sizeof(ep.host));
	memcpy(ret_address->port, ep.port, sizeof(ep.port));
	return TCL_OK;
}

static int
from_pair(struct interp *in, struct value *host_value, struct value *port_value,
    struct address *ret_address)
{
	const char *host = script_get_text(in, host_value, "address");
	const char *port = script_get_text(in, port_value, "port");

	if (host == NULL || port == NULL)
		return TCL_ERROR;
	return set_endpoint(in, host, port, host_value, ret_address);
}

/* Reads the tuple {a b c d} or {a b c d port}. */
static int
from_tuple(struct interp *in, size_t n, struct value *const *items, struct value *written,
    struct address *ret_address)
{
	int64_t number;

	ret_address->host[0] = '\0';
	for (size_t i = 0; i < 4; i++) {
		size_t used = strlen(ret_address->host);

		if (!value_to_int(items[i], &number) || number < 0 || number > 255)
			return no_address(in, written);
		snprintf(ret_address->host + used, sizeof(ret_address->host) - used, "%s%d",
		    i > 0 ? "." : "", (int)number);
	}
	ret_address->port[0] = '\0';
	if (n == 4)
		return TCL_OK;
	if (!value_to_int(items[4], &number) || number < 0 || number > 65535)
		return no_address(in, written);
	snprintf(ret_address->port, sizeof(ret_address->port), "%d", (int)number);
	return TCL_OK;
}

static int
from_word(struct interp *in, struct value *v, struct address *ret_address)
{
	const char *text = script_get_text(in, v, "address");

	return text == NULL ? TCL_ERROR : set_endpoint(in, text, NULL, v, ret_address);
}

static int
from_one(struct interp *in, struct value *v, struct address *ret_address)
{
	struct value *const *items;
	size_t n;

	if (interp_get_list(in, v, &n, &items) != TCL_OK)
		return TCL_ERROR;
	switch (n) {
	case 1:
		return from_word(in, items[0], ret_address);
	case 2:
		return from_pair(in, items[0], items[1], ret_address);
	case 4:
	case 5:
		return from_tuple(in, n, items, v, ret_address);
	default:
		return no_address(in, v);
	}
}

/* Accepts "unix:/path" and "/path". */
static int
from_path(struct interp *in, int argc, struct value *v, struct address *ret_address)
{
	const char *path = script_get_text(in, v, "path");

	if (path == NULL)
		return TCL_ERROR;
	if (strncmp(path, "unix:", 5) == 0)
		path += 5;
	if (argc > 1 || path[0] == '\0' || strlen(path) >= sizeof(ret_address->host))
		return interp_fail(in, "USOCK usage", NULL, "\"%v\" is not a path", v);
	snprintf(ret_address->host, sizeof(ret_address->host), "%s", path);
	ret_address->port[0] = '\0';
	return TCL_OK;
}

/* ---- vsock and can ---- */

/* Returns the number of words of an address, one or two; 0 with the error set. */
static size_t
address_words(struct interp *in, int argc, struct value *const argv[], const char *words[2])
{
	struct value *const *items = argv;
	size_t n = (size_t)argc;

	if (argc == 1 && interp_get_list(in, argv[0], &n, &items) != TCL_OK)
		return 0;
	if (n < 1 || n > 2) {
		no_address(in, argv[0]);
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		words[i] = script_get_text(in, items[i], "address");
		if (words[i] == NULL)
			return 0;
	}
	return n;
}

/* Reads vsock:CID:PORT, CID:PORT or CID PORT; for bind also a port alone. */
static int
from_vsock(struct interp *in, enum address_role role, int argc, struct value *const argv[],
    struct address *ret_address)
{
	const char *words[2];
	char text[128];
	struct endpoint ep;
	struct error e;
	size_t n = address_words(in, argc, argv, words);

	if (n == 0)
		return TCL_ERROR;
	if (n == 2)
		snprintf(text, sizeof(text), "vsock:%s:%s", words[0], words[1]);
	else if (strncmp(words[0], "vsock:", 6) == 0)
		snprintf(text, sizeof(text), "%s", words[0]);
	else
		snprintf(text, sizeof(text), "vsock:%s%s",
		    role == ADDRESS_BIND && strchr(words[0], ':') == NULL ? "any:" : "", words[0]);
	if (endpoint_parse(text, NULL, &ep, &e) == -1)
		return script_fail(in, &e);
	snprintf(ret_address->host, sizeof(ret_address->host), "%u", (unsigned)ep.cid);
	memcpy(ret_address->port, ep.port, sizeof(ep.port));
	return TCL_OK;
}

/* Reads can:INTERFACE or INTERFACE; * is all interfaces. */
static int
from_can(struct interp *in, int argc, struct value *const argv[], struct address *ret_address)
{
	const char *words[2];
	const char *name;

	if (address_words(in, argc, argv, words) != 1)
		return interp_fail(in, "USOCK usage", NULL, "\"%v\" is not a CAN interface",
		    argv[0]);
	name = strncmp(words[0], "can:", 4) == 0 ? words[0] + 4 : words[0];
	snprintf(ret_address->host, sizeof(ret_address->host), "%.*s", ENDPOINT_HOST_MAX,
	    strcmp(name, "*") == 0 ? "" : name);
	ret_address->port[0] = '\0';
	return TCL_OK;
}

/* ---- every family ---- */

int
address_get(struct interp *in, struct sock *s, enum address_role role, int argc,
    struct value *const argv[], struct address *ret_address)
{
	int code;

	if (sock_family(s) == AF_UNIX)
		return from_path(in, argc, argv[0], ret_address);
	if (sock_family(s) == AF_VSOCK)
		return from_vsock(in, role, argc, argv, ret_address);
	if (sock_family(s) == AF_CAN)
		return from_can(in, argc, argv, ret_address);
	code = argc == 2 ? from_pair(in, argv[0], argv[1], ret_address)
			 : from_one(in, argv[0], ret_address);
	if (code != TCL_OK || role == ADDRESS_BIND)
		return code;
	if (ret_address->port[0] == '\0' && sock_dialect(s) == SOCK_ZERYNTH)
		memcpy(ret_address->port, "0", 2);
	if (ret_address->port[0] == '\0' || ret_address->host[0] == '\0')
		return interp_fail(in, "USOCK usage", NULL,
		    "\"%v\": an address to connect to has a host and a port", argv[0]);
	return TCL_OK;
}

struct value *
address_host_value(struct interp *in, const struct sockname *name)
{
	char text[SOCKNAME_TEXT_MAX] = "";

	return value_string(interp_heap(in),
	    name->len == 0 ? "" : sockname_host(name, text, sizeof(text)));
}

int64_t
address_port(const struct sockname *name)
{
	return name->sa.sa_family == AF_VSOCK ? sockname_vsock_port(name) : sockname_port(name);
}

struct value *
address_value(struct interp *in, const struct sockname *name)
{
	struct heap *h = interp_heap(in);
	struct value *items[2], *list;
	int family = name->sa.sa_family;
	bool has_port = family != AF_UNIX && family != AF_CAN;

	if (name->len == 0)
		return value_new(h);
	items[0] = address_host_value(in, name);
	items[1] = value_int(h, address_port(name));
	list = value_list(h, has_port ? 2 : 1, items);
	value_unref(items[0]);
	value_unref(items[1]);
	return list;
}

struct value *
address_answer_value(struct interp *in, const struct resolved *r)
{
	struct heap *h = interp_heap(in);
	struct list *l = list_new(h, 5);

	list_push(h, &l, value_int(h, r->family));
	list_push(h, &l, value_int(h, r->type));
	list_push(h, &l, value_int(h, r->proto));
	list_push(h, &l, value_string(h, r->canonname));
	list_push(h, &l, address_value(in, &r->name));
	return value_from_list(h, l);
}

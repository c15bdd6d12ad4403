#include "script/methods/constant.h"

#include <strings.h>
#include <sys/socket.h>

#include "net/proto.h"
#include "net/sockopt/symbol.h"
#include "script/args.h"
#include "script/script.h"
#include "sock/sock.h"
#include "tcl/interp.h"

/* Further protocols of the documents, and flags of send(2) and recv(2) */
static const struct constant {
	const char *name;
	int number;
} documented[] = {
	{ "IPPROTO_TCP_SER", SOCK_PROTO_TCP_SER },
	{ "tcp_ser", SOCK_PROTO_TCP_SER },
	{ "TCP_CUSTOMIZE_PORT", SOCK_PROTO_CUSTOMIZE_PORT },
	{ "IPPROTO_CUSTOMIZE_PORT", SOCK_PROTO_CUSTOMIZE_PORT },
	{ "customize_port", SOCK_PROTO_CUSTOMIZE_PORT },
	{ NULL, 0 },
}, flags[] = {
	{ "MSG_PEEK", MSG_PEEK },
	{ "PEEK", MSG_PEEK },
	{ "MSG_DONTWAIT", MSG_DONTWAIT },
	{ "DONTWAIT", MSG_DONTWAIT },
	{ "MSG_OOB", MSG_OOB },
	{ "OOB", MSG_OOB },
	{ "MSG_MORE", MSG_MORE },
	{ "MORE", MSG_MORE },
	{ NULL, 0 },
};

static bool
find_constant(const struct constant *rows, const char *text, int *ret_number)
{
	for (; rows->name != NULL; rows++) {
		if (strcasecmp(rows->name, text) == 0) {
			*ret_number = rows->number;
			return true;
		}
	}
	return false;
}

static int
get_constant_number(struct interp *in, const char *what, const char *known, struct value *v,
    int *ret_number)
{
	int64_t number;

	if (value_to_int(v, &number) && number >= INT32_MIN && number <= INT32_MAX) {
		*ret_number = (int)number;
		return TCL_OK;
	}
	return interp_fail(in, "USOCK usage", NULL, "bad %s \"%v\": must be %s, or a number", what,
	    v, known);
}

int
constant_get(struct interp *in, enum symbol_kind kind, struct value *v, int *ret_number)
{
	static const char *const what[] = { "family", "type", "protocol", "level" };
	const char *text = script_word(v);

	if (symbol_find(kind, text, ret_number))
		return TCL_OK;
	/* proto_parse() also reads /etc/protocols */
	if (kind == SYMBOL_PROTO &&
	    (find_constant(documented, text, ret_number) ||
		proto_parse(text, ret_number, NULL) == 0))
		return TCL_OK;
	return get_constant_number(in, what[kind],
	    kind == SYMBOL_PROTO ? "tcp, udp, tcp_ser, customize_port" : symbol_words(kind), v,
	    ret_number);
}

int
constant_get_flags(struct interp *in, struct value *v, int *ret_flags)
{
	struct value *const *items;
	int flag = 0;
	size_t n;

	if (interp_get_list(in, v, &n, &items) != TCL_OK)
		return TCL_ERROR;
	*ret_flags = 0;
	for (size_t i = 0; i < n; i++) {
		if (!find_constant(flags, script_word(items[i]), &flag) &&
		    get_constant_number(in, "flag", "MSG_PEEK, MSG_DONTWAIT, MSG_OOB", items[i],
			&flag) != TCL_OK)
			return TCL_ERROR;
		*ret_flags |= flag;
	}
	return TCL_OK;
}

/* ws send|recv|close|info: messages with their types, and the close frame */
#include "stream/websocket/websocket.h"

#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/codec/utf8.h"
#include "script/dict_put.h"
#include "script/impl.h"
#include "script/methods/method_io.h"
#include "sock/websocket/websocket.h"
#include "tcl/value/dict.h"
#include "tcl/value/list.h"

/* $s ws send ?-text|-binary? message */
static int
ws_send(struct interp *in, struct handle *h, int argc, struct value *const argv[])
{
	static const char *const types[] = { "-text", "-binary", NULL };
	struct error e = { 0 };
	const char *bytes;
	int binary = 0;
	size_t n;

	if (argc != 4 && argc != 5)
		return interp_wrong_args(in, 3, argv, "?-text|-binary? message");
	if (argc == 5 && interp_get_word(in, argv[3], types, "type", &binary) != TCL_OK)
		return TCL_ERROR;
	bytes = value_bytes(argv[argc - 1], &n);
	if (sock_send_message(h->sock, bytes, n, binary == 1, &e) == -1)
		return script_fail(in, &e);
	handle_traffic(h, '>', bytes, n);
	return interp_return_int(in, (int64_t)n);
}

/* Returns {text MESSAGE} or {binary MESSAGE}; nothing at the end. */
static int
ws_recv(struct interp *in, struct handle *h, int argc, struct value *const argv[])
{
	struct heap *heap = interp_heap(in);
	struct list *l = list_new(heap, 2);
	struct error e = { 0 };
	bool binary = false;
	struct buf out;
	int rc;

	(void)argc;
	(void)argv;
	buf_init(&out, METHOD_IO_ALL_MAX);
	rc = sock_recv_message(h->sock, &out, &binary, &e);
	if (rc == 1) {
		const char *bytes = out.len > 0 ? buf_head(&out) : "";

		handle_traffic(h, '<', bytes, out.len);
		list_push(heap, &l, value_string(heap, binary ? "binary" : "text"));
		list_push(heap, &l, value_text(heap, bytes, out.len));
	}
	buf_fini(&out);
	interp_return(in, value_from_list(heap, l));
	return rc == -1 ? script_fail(in, &e) : TCL_OK;
}

static int
get_code(struct interp *in, struct value *v, unsigned *ret_code)
{
	int64_t code;

	if (interp_get_int(in, v, &code) != TCL_OK)
		return TCL_ERROR;
	if (code < 0 || code > UINT16_MAX || !websocket_code_is_valid((unsigned)code))
		return interp_fail(in, "USOCK usage", NULL,
		    "ws close: %l is no code of a close frame: 1000 and others of RFC 6455, 3000 "
		    "to "
		    "4999",
		    code);
	*ret_code = (unsigned)code;
	return TCL_OK;
}

static int
get_reason(struct interp *in, struct value *v, const char **ret_reason)
{
	size_t n;

	*ret_reason = script_get_text(in, v, "reason");
	if (*ret_reason == NULL)
		return TCL_ERROR;
	n = strlen(*ret_reason);
	if (n <= WEBSOCKET_REASON_MAX && utf8_is_valid(*ret_reason, n))
		return TCL_OK;
	return interp_fail(in, "USOCK usage", NULL,
	    "ws close: the reason is not UTF-8, or longer than %l bytes",
	    (int64_t)WEBSOCKET_REASON_MAX);
}

/* $s ws close ?code? ?reason? */
static int
ws_close(struct interp *in, struct handle *h, int argc, struct value *const argv[])
{
	unsigned code = WEBSOCKET_NORMAL;
	const char *reason = NULL;
	struct error e = { 0 };

	if (argc > 5)
		return interp_wrong_args(in, 3, argv, "?code? ?reason?");
	if (argc > 3 && get_code(in, argv[3], &code) != TCL_OK)
		return TCL_ERROR;
	if (argc > 4 && get_reason(in, argv[4], &reason) != TCL_OK)
		return TCL_ERROR;
	return sock_close_websocket(h->sock, code, reason, &e) == -1 ? script_fail(in, &e) : TCL_OK;
}

/* The first close frame of either side counts. */
static int
ws_info(struct interp *in, struct handle *h, int argc, struct value *const argv[])
{
	struct websocket_end end;
	struct dict *d = dict_new(interp_heap(in));

	(void)argc;
	(void)argv;
	if (sock_websocket_end(h->sock, &end)) {
		dict_put_text(in, d, "subprotocol", sock_websocket_subprotocol(h->sock));
		if (end.code != 0) {
			dict_put_int(in, d, "code", end.code);
			dict_put_text(in, d, "reason", end.reason);
			dict_put_text(in, d, "by", end.from_peer ? "peer" : "us");
		}
	}
	return interp_return(in, value_from_dict(interp_heap(in), d));
}

static int
m_ws(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const words[] = { "send", "recv", "close", "info", NULL };
	static int (*const actions[])(struct interp * in, struct handle * h, int argc,
	    struct value *const argv[]) = { ws_send, ws_recv, ws_close, ws_info };
	int which;

	if (interp_get_word(in, argv[2], words, "action", &which) != TCL_OK)
		return TCL_ERROR;
	if (argc > 3 && (actions[which] == ws_recv || actions[which] == ws_info))
		return interp_wrong_args(in, 3, argv, "");
	return actions[which](in, data, argc, argv);
}

void
script_websocket_init(struct script *sc)
{
	static const struct interp_command row = { "ws", m_ws, 1, 3,
		"send|recv|close|info ?arg ...?" };

	script_add_methods(sc, &row, 1);
}

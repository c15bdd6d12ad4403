/* getsocketsta status end fileno close abort shutdown */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/array.h"
#include "script/dict_put.h"
#include "script/impl.h"
#include "script/methods/address.h"
#include "status/code.h"
#include "status/tcp_info.h"
#include "stream/tls.h"
#include "tcl/value/dict.h"

static int
m_getsocketsta(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct handle *h = data;

	(void)argc;
	(void)argv;
	return interp_return_int(in, sock_getsocketsta(h->sock));
}

/* ---- status ---- */

/* Adds the number of unread bytes, buffered here or in the kernel, and of unacknowledged bytes. */
static void
put_queues(struct interp *in, struct dict *d, const struct sock *s)
{
	int unread = 0, unsent = 0;

	ioctl(sock_fileno(s), FIONREAD, &unread);
	ioctl(sock_fileno(s), TIOCOUTQ, &unsent);
	dict_put_int(in, d, "rqueue", (int64_t)sock_pending(s) + unread);
	dict_put_int(in, d, "wqueue", unsent);
}

static void
put_counts(struct interp *in, struct dict *d, const struct sock *s)
{
	uint64_t sent, received;

	if (status_bytes(sock_fileno(s), &sent, &received) == -1)
		return;
	dict_put_int(in, d, "sent", (int64_t)sent);
	dict_put_int(in, d, "received", (int64_t)received);
}

/* Adds the fields of TCP_INFO: tcp(7). */
static void
put_metrics(struct interp *in, struct dict *d, const struct sock *s)
{
	struct status_metric metrics[STATUS_METRICS];
	size_t n = status_metrics_of(sock_fileno(s), metrics);
	struct dict *info = dict_new(interp_heap(in));

	for (size_t i = 0; i < n; i++)
		dict_put_int(in, info, metrics[i].name, (int64_t)metrics[i].value);
	dict_put(in, d, "info", value_from_dict(interp_heap(in), info));
}

static void
put_tls(struct interp *in, struct dict *d, const struct sock *s)
{
	struct tls_info info;

	if (sock_tls_info(s, &info))
		dict_put_text(in, d, "tls", info.version);
}

static void
put_time_wait(struct interp *in, struct dict *d, int64_t left)
{
	char text[40];

	if (left == 0)
		return;
	snprintf(text, sizeof(text), "%.3f", (double)left / (double)NSEC_PER_SEC);
	dict_put_text(in, d, "time_wait", text);
}

static bool
is_listening(const struct sock_status *st)
{
	return st->kernel_code == TCP_CODE_LISTEN;
}

static struct value *
status_value(struct interp *in, struct sock *s, const struct sock_status *st)
{
	struct dict *d = dict_new(interp_heap(in));

	dict_put_int(in, d, "code", st->code);
	dict_put_int(in, d, "state", st->kernel_code);
	dict_put_text(in, d, "name", st->name);
	dict_put(in, d, "local", address_value(in, &st->local));
	dict_put(in, d, "peer", address_value(in, &st->peer));
	dict_put_text(in, d, "end", sock_end_word(sock_end(s)));
	if (sock_fileno(s) != -1 && !is_listening(st)) {
		put_queues(in, d, s);
		put_counts(in, d, s);
		put_tls(in, d, s);
		put_metrics(in, d, s);
	}
	put_time_wait(in, d, st->time_wait_left);
	return value_from_dict(interp_heap(in), d);
}

static int
m_status(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct handle *h = data;
	struct sock_status st;
	struct error e;

	(void)argc;
	(void)argv;
	if (sock_status(h->sock, &st, &e) == -1)
		return script_fail(in, &e);
	return interp_return(in, status_value(in, h->sock, &st));
}

static int
m_end(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct handle *h = data;
	const char *word = sock_end_word(sock_end(h->sock));

	(void)argc;
	(void)argv;
	return interp_return_text(in, word, strlen(word));
}

static int
m_fileno(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct handle *h = data;

	(void)argc;
	(void)argv;
	return interp_return_int(in, sock_fileno(h->sock));
}

/* ---- close, abort, shutdown ---- */

static int
m_close(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct handle *h = data;
	struct error e;

	(void)argc;
	(void)argv;
	handle_stop_serving(h);
	return sock_close(h->sock, &e) == -1 ? script_fail(in, &e) : TCL_OK;
}

static int
m_abort(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct handle *h = data;

	(void)in;
	(void)argc;
	(void)argv;
	handle_stop_serving(h);
	sock_abort(h->sock);
	return TCL_OK;
}

static int
m_shutdown(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const words[] = { "r", "w", "rw", "SHUT_RD", "SHUT_WR", "SHUT_RDWR", "0",
		"1", "2", NULL };
	static const int hows[] = { SHUT_RD, SHUT_WR, SHUT_RDWR };
	const struct handle *h = data;
	struct error e;
	int which = 2;

	if (argc > 2 && interp_get_word(in, argv[2], words, "direction", &which) != TCL_OK)
		return TCL_ERROR;
	if (sock_shutdown(h->sock, hows[which % 3], &e) == -1)
		return script_fail(in, &e);
	return TCL_OK;
}

static const struct interp_command methods[] = {
	{ "getsocketsta", m_getsocketsta, 0, 0, "" },
	{ "status", m_status, 0, 0, "" },
	{ "end", m_end, 0, 0, "" },
	{ "fileno", m_fileno, 0, 0, "" },
	{ "close", m_close, 0, 0, "" },
	{ "abort", m_abort, 0, 0, "" },
	{ "shutdown", m_shutdown, 0, 1, "?r|w|rw?" },
};

void
script_state_init(struct script *sc)
{
	script_add_methods(sc, methods, ARRAY_LEN(methods));
}

#include "cli/commands/script/script_tls.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/commands/script/script_call.h"
#include "cli/commands/script/script_handshakes.h"
#include "cli/core/cmd.h"
#include "script/context.h"
#include "script/error.h"
#include "script/handle.h"
#include "script/handshakes.h"
#include "script/script.h"
#include "tcl/interp.h"

/* ---- starttls ---- */

struct starttls_opts {
	struct tls_opts tls;
	struct time_opts time; /* only the handshake's */
};

static void
starttls_defaults(void *values)
{
	struct starttls_opts *o = values;

	tls_opts_defaults(&o->tls);
	time_opts_defaults(&o->time);
	o->tls.tls = true;
}

/* A DTLS server needs a socket for each client, which only `usock listen` makes. */
static int
check_datagrams(const struct tls_opts *o, const struct sock *s, enum tls_role role, struct error *e)
{
	bool datagrams = sock_type(s) == SOCK_DGRAM;

	if (o->dtls && !datagrams)
		return error_set(e, ERROR_USAGE, "starttls: --dtls: the socket is a stream");
	if (datagrams && role == TLS_SERVER)
		return error_set(e, ERROR_USAGE, "starttls: --server: not with datagrams");
	return 0;
}

/* The operand is the name of the handle. */
static int
secure_handle(struct interp *in, void *values, const struct opt_rest *rest, enum tls_role role)
{
	const struct starttls_opts *o = values;
	struct script *sc = script_of(in);
	struct value *name = value_string(interp_heap(in), rest->operands[0]);
	struct handle *h = handle_find(sc, in, name);
	struct endpoint ep = { .kind = ENDPOINT_INET };
	struct script_handshakes_how how = { .values = values,
		.tls = &o->tls,
		.role = role,
		.endpoint = &ep,
		.timeout = time_opts_handshake(&o->time, NEGOTIATION_TIMEOUT),
		.quiet = role == TLS_SERVER };
	struct handshakes *sec;
	struct error e = { 0 };
	int rc;

	value_unref(name);
	if (h == NULL)
		return TCL_ERROR;
	how.type = sock_type(h->sock);
	if (h->host != NULL && strlen(h->host) < sizeof(ep.host))
		memcpy(ep.host, h->host, strlen(h->host) + 1);
	if (rest->n_operands > 1)
		rc = error_set(&e, ERROR_USAGE, "starttls: '%s' is no option", rest->operands[1]);
	else if (check_datagrams(&o->tls, h->sock, role, &e) == -1)
		rc = -1;
	else if (script_handshakes_make(sc, &how, &sec, &e) == -1)
		rc = error_prefix(&e, "starttls");
	else {
		handle_hold(h);
		rc = handshakes_start(sec, h->sock, deadline_never(), &e);
		/* on failure the socket may still use TLS with its previous context */
		if (rc == 0)
			handle_set_handshakes(h, sec);
		handshakes_drop(sec);
		handle_drop(h);
	}
	return rc == 0 ? TCL_OK : script_fail(in, &e);
}

static int
client_script(struct interp *in, void *values, const struct opt_rest *rest)
{
	return secure_handle(in, values, rest, TLS_CLIENT);
}

static int
server_script(struct interp *in, void *values, const struct opt_rest *rest)
{
	return secure_handle(in, values, rest, TLS_SERVER);
}

static const struct opt starttls_rows[] = {
	HANDSHAKE_TIMEOUT_ROW(offsetof(struct starttls_opts, time.handshake)),
};

static const struct opt_group client_groups[] = {
	{ "TLS", connect_tls_rows, N_CONNECT_TLS, offsetof(struct starttls_opts, tls) },
	{ "Time", starttls_rows, ARRAY_LEN(starttls_rows), 0 },
	{ NULL, NULL, 0, 0 },
};

static const struct opt_group server_groups[] = {
	{ "TLS", listen_tls_rows, N_LISTEN_TLS, offsetof(struct starttls_opts, tls) },
	{ "Time", starttls_rows, ARRAY_LEN(starttls_rows), 0 },
	{ NULL, NULL, 0, 0 },
};

static const char *const not_in_starttls[] = { "tls", NULL };

static const struct cmd starttls_client = {
	.name = "starttls",
	.groups = client_groups,
	.size = sizeof(struct starttls_opts),
	.defaults = starttls_defaults,
	.script = client_script,
	.not_in_script = not_in_starttls,
};

static const struct cmd starttls_server = {
	.name = "starttls",
	.groups = server_groups,
	.size = sizeof(struct starttls_opts),
	.defaults = starttls_defaults,
	.script = server_script,
	.not_in_script = not_in_starttls,
};

/* ---- the method ---- */

/* -ca-file and --ca-file are the same; -proto means --starttls. */
static struct value *
option_word(struct heap *h, struct value *v)
{
	char name[64];
	size_t n;
	const char *text = value_bytes(v, &n);

	if (value_is(v, "-proto") || value_is(v, "--proto"))
		return value_string(h, "--starttls");
	if (n < 3 || n >= sizeof(name) - 1 || text[0] != '-' || text[1] == '-')
		return value_ref(v);
	name[0] = '-';
	memcpy(name + 1, text, n + 1);
	return value_text(h, name, n + 1);
}

/* Makes {starttls HANDLE option ...}; returns the number of words. */
static int
command_words(struct interp *in, const struct handle *h, int argc, struct value *const argv[],
    struct value **words, bool *ret_server)
{
	struct heap *heap = interp_heap(in);
	int n = 0;

	*ret_server = false;
	words[n++] = value_string(heap, "starttls");
	words[n++] = value_string(heap, h->name);
	for (int i = 2; i < argc; i++) {
		if (value_is(argv[i], "-server") || value_is(argv[i], "--server"))
			*ret_server = true;
		else
			words[n++] = option_word(heap, argv[i]);
	}
	return n;
}

static int
m_starttls(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct handle *h = data;
	struct value **words = calloc((size_t)argc + 1, sizeof(struct value *));
	bool server;
	int n, code;

	if (words == NULL)
		return interp_fail(in, "USOCK internal", NULL, "out of memory");
	n = command_words(in, h, argc, argv, words, &server);
	code = script_call_run(in, server ? &starttls_server : &starttls_client, n, words);
	for (int i = 0; i < n; i++)
		value_unref(words[i]);
	free(words);
	return code;
}

void
script_tls_add(struct script *sc)
{
	static const struct interp_command row = { "starttls", m_starttls, 0, -1,
		"?-server? ?-proto protocol? ?option ...?" };

	script_add_methods(sc, &row, 1);
}

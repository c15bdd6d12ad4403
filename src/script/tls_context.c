#include "script/tls_context.h"

#include <stdlib.h>

#include "script/dict_put.h"
#include "script/impl.h"
#include "stream/tls.h"
#include "tcl/value/dict.h"

struct tls_context {
	struct tls_context_how how;
	unsigned refs;
};

struct tls_context *
tls_context_new(const struct tls_context_how *how)
{
	struct tls_context *sec = calloc(1, sizeof(*sec));

	if (sec == NULL) {
		how->free(how->arg);
		return NULL;
	}
	sec->how = *how;
	sec->refs = 1;
	return sec;
}

struct tls_context *
tls_context_hold(struct tls_context *sec)
{
	sec->refs++;
	return sec;
}

void
tls_context_drop(struct tls_context *sec)
{
	if (sec == NULL || --sec->refs > 0)
		return;
	sec->how.free(sec->how.arg);
	free(sec);
}

int
tls_context_start(struct tls_context *sec, struct sock *s, struct deadline until, struct error *e)
{
	struct tls_info info;

	until = deadline_min(until, deadline_in(sec->how.timeout));
	if (sock_start_tls(s, &sec->how.tls, until, e) == -1)
		return -1;
	if (sec->how.secured != NULL && sock_tls_info(s, &info))
		sec->how.secured(sec->how.arg, s, &info);
	return 0;
}

void
handle_set_tls_context(struct handle *h, struct tls_context *sec)
{
	tls_context_drop(h->tls_context);
	h->tls_context = sec == NULL ? NULL : tls_context_hold(sec);
}

/* ---- tls info ---- */

static void
put_peer(struct interp *in, struct dict *d, const struct tls_info *info)
{
	dict_put_text(in, d, "subject", info->subject);
	dict_put_text(in, d, "issuer", info->issuer);
	dict_put_text(in, d, "names", info->names);
	dict_put_text(in, d, "not_before", info->not_before);
	dict_put_text(in, d, "not_after", info->not_after);
	dict_put_text(in, d, "sha256", info->sha256);
	dict_put_text(in, d, "pin", info->pin);
}

static void
put_info(struct interp *in, struct dict *d, const struct tls_info *info)
{
	dict_put_text(in, d, "version", info->version);
	dict_put_text(in, d, "cipher", info->cipher);
	dict_put_text(in, d, "alpn", info->alpn);
	dict_put_text(in, d, "server_name", info->server_name);
	dict_put_text(in, d, "ktls", info->ktls);
	dict_put_int(in, d, "resumed", info->resumed);
	dict_put_int(in, d, "verified", info->verified);
	if (info->has_peer)
		put_peer(in, d, info);
}

/* Of a listener: the certificate that clients will see. */
static void
put_own(struct interp *in, struct dict *d, const struct tls_context *sec)
{
	char sha256[65], pin[64];

	tls_self_signed_digests(sec->how.tls.tls, sha256, pin);
	dict_put_text(in, d, "sha256", sha256);
	dict_put_text(in, d, "pin", pin);
}

static int
m_tls(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const words[] = { "info", NULL };
	const struct handle *h = data;
	struct dict *d;
	struct tls_info info;
	int which;

	(void)argc;
	if (interp_get_word(in, argv[2], words, "option", &which) != TCL_OK)
		return TCL_ERROR;
	d = dict_new(interp_heap(in));
	if (sock_tls_info(h->sock, &info))
		put_info(in, d, &info);
	else if (h->tls_context != NULL && h->tls_context->how.server && handle_is_open(h))
		put_own(in, d, h->tls_context);
	return interp_return(in, value_from_dict(interp_heap(in), d));
}

void
script_tls_context_init(struct script *sc)
{
	static const struct interp_command row = { "tls", m_tls, 1, 1, "info" };

	script_add_methods(sc, &row, 1);
}

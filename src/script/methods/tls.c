/* tls info */
#include "stream/tls.h"
#include "script/dict_put.h"
#include "script/handshakes.h"
#include "script/impl.h"
#include "tcl/value/dict.h"

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
put_session(struct interp *in, struct dict *d, const struct tls_info *info)
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

/* Adds the certificate that clients of a listener will get. */
static void
put_own_certificate(struct interp *in, struct dict *d, const struct handshakes_how *how)
{
	char sha256[65], pin[64];

	tls_self_signed_digests(how->tls.tls, sha256, pin);
	dict_put_text(in, d, "sha256", sha256);
	dict_put_text(in, d, "pin", pin);
}

static int
m_tls(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const words[] = { "info", NULL };
	const struct handle *h = data;
	const struct handshakes_how *how =
	    h->handshakes != NULL ? handshakes_how(h->handshakes) : NULL;
	struct dict *d;
	struct tls_info info;
	int which;

	(void)argc;
	if (interp_get_word(in, argv[2], words, "option", &which) != TCL_OK)
		return TCL_ERROR;
	d = dict_new(interp_heap(in));
	if (sock_tls_info(h->sock, &info))
		put_session(in, d, &info);
	else if (how != NULL && how->tls.tls != NULL && how->server && handle_is_open(h))
		put_own_certificate(in, d, how);
	return interp_return(in, value_from_dict(interp_heap(in), d));
}

void
script_tls_init(struct script *sc)
{
	static const struct interp_command row = { "tls", m_tls, 1, 1, "info" };

	script_add_methods(sc, &row, 1);
}

#include "script/tls_context.h"

#include <stdlib.h>

#include "script/dict_put.h"
#include "script/impl.h"
#include "stream/tls.h"
#include "tcl/value/dict.h"

struct secure {
	struct secure_how how;
	unsigned refs;
};

struct secure *
secure_new(const struct secure_how *how)
{
	struct secure *sec = calloc(1, sizeof(*sec));

	if (sec == NULL) {
		how->free(how->arg);
		return NULL;
	}
	sec->how = *how;
	sec->refs = 1;
	return sec;
}

struct secure *
secure_hold(struct secure *sec)
{
	sec->refs++;
	return sec;
}

void
secure_drop(struct secure *sec)
{
	if (sec == NULL || --sec->refs > 0)
		return;
	sec->how.free(sec->how.arg);
	free(sec);
}

int
secure_start(struct secure *sec, struct sock *s, struct deadline until, struct error *e)
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
handle_set_secure(struct handle *h, struct secure *sec)
{
	secure_drop(h->secure);
	h->secure = sec == NULL ? NULL : secure_hold(sec);
}

/* ---- tls info ---- */

static void
put_peer(struct interp *in, struct dict *d, const struct tls_info *info)
{
	record_put_text(in, d, "subject", info->subject);
	record_put_text(in, d, "issuer", info->issuer);
	record_put_text(in, d, "names", info->names);
	record_put_text(in, d, "not_before", info->not_before);
	record_put_text(in, d, "not_after", info->not_after);
	record_put_text(in, d, "sha256", info->sha256);
	record_put_text(in, d, "pin", info->pin);
}

static void
put_info(struct interp *in, struct dict *d, const struct tls_info *info)
{
	record_put_text(in, d, "version", info->version);
	record_put_text(in, d, "cipher", info->cipher);
	record_put_text(in, d, "alpn", info->alpn);
	record_put_text(in, d, "server_name", info->server_name);
	record_put_text(in, d, "ktls", info->ktls);
	record_put_int(in, d, "resumed", info->resumed);
	record_put_int(in, d, "verified", info->verified);
	if (info->has_peer)
		put_peer(in, d, info);
}

/* Of a listener: the certificate that clients will see. */
static void
put_own(struct interp *in, struct dict *d, const struct secure *sec)
{
	char sha256[65], pin[64];

	tls_self_signed_digests(sec->how.tls.tls, sha256, pin);
	record_put_text(in, d, "sha256", sha256);
	record_put_text(in, d, "pin", pin);
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
	else if (h->secure != NULL && h->secure->how.server && handle_is_open(h))
		put_own(in, d, h->secure);
	return interp_return(in, value_from_dict(interp_heap(in), d));
}

void
script_secure_init(struct script *sc)
{
	static const struct interp_command row = { "tls", m_tls, 1, 1, "info" };

	script_add_methods(sc, &row, 1);
}

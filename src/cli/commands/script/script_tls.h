/*
 * TLS in scripts, by the options of connect and listen: of these commands, and of
 * the method starttls.
 */
#ifndef CLI_COMMANDS_SCRIPT_SCRIPT_TLS_H
#define CLI_COMMANDS_SCRIPT_SCRIPT_TLS_H

#include "cli/options/tls_opts.h"

struct interp;
struct script;
struct tls_context;

/* What the options of a command's values (script_cmd_hold) mean: *ret_context is held by the
 * caller, NULL where they and the address want no TLS. */
struct script_tls_how {
	void *values;
	const struct tls_opts *opts; /* among them */
	enum tls_role role;
	int type; /* of the socket: datagrams speak DTLS; 0: look at the endpoint's descriptor */
	const struct endpoint *endpoint;
	int64_t connect_timeout;
	bool quiet; /* the certificate that was made is not announced: tls info tells it */
};
int script_tls_make(struct script *sc, const struct script_tls_how *how,
    struct tls_context **ret_context, struct error *e);

/* Adds `$s starttls ?-server? ?-proto protocol? ?option ...?`. */
void script_tls_add(struct script *sc);

#endif

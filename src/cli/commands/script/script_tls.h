/*
 * TLS in scripts: the TLS options of connect, listen and the method starttls.
 */
#ifndef CLI_COMMANDS_SCRIPT_SCRIPT_TLS_H
#define CLI_COMMANDS_SCRIPT_SCRIPT_TLS_H

#include "cli/options/tls_opts.h"

struct interp;
struct script;
struct tls_context;

/* Makes a TLS context from the options in a command's values (script_call_hold()). The caller
 * holds *ret_context; NULL: neither options nor address ask for TLS. */
struct script_tls_how {
	void *values;
	const struct tls_opts *opts; /* part of values */
	enum tls_role role;
	/* of the socket: datagrams use DTLS; 0: take the type of the endpoint's descriptor */
	int type;
	const struct endpoint *endpoint;
	int64_t timeout; /* of the handshake: time_opts_handshake() */
	bool quiet; /* do not report a generated certificate: tls info has it */
};
int script_tls_make(struct script *sc, const struct script_tls_how *how,
    struct tls_context **ret_context, struct error *e);

/* Adds `$s starttls ?-server? ?-proto protocol? ?option ...?`. */
void script_tls_add(struct script *sc);

#endif

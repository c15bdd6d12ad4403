/*
 * What connect, listen and the method starttls negotiate in a script, made from the options of the command.
 */
#ifndef CLI_COMMANDS_SCRIPT_SCRIPT_HANDSHAKES_H
#define CLI_COMMANDS_SCRIPT_SCRIPT_HANDSHAKES_H

#include "cli/options/tls_opts.h"
#include "cli/options/websocket_opts.h"

struct handshakes;
struct script;

/* The options are part of a command's values (script_call_hold()), which the handshakes hold. */
struct script_handshakes_how {
	void *values;
	const struct tls_opts *tls;
	const struct websocket_opts *websocket; /* NULL: none */
	const struct data_opts *data;           /* with websocket */
	enum tls_role role;
	/* of the socket: datagrams use DTLS; 0: take the type of the endpoint's descriptor */
	int type;
	const struct endpoint *endpoint;
	int64_t timeout; /* of all of them: time_opts_handshake() */
	bool quiet;      /* do not report a generated certificate: tls info has it */
};

/* The caller holds *ret_handshakes; NULL: neither options nor address ask for any. */
int script_handshakes_make(struct script *sc, const struct script_handshakes_how *how,
    struct handshakes **ret_handshakes, struct error *e);

#endif

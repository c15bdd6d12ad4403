/*
 * The TLS options of connect and listen, and the TLS settings they make.
 */
#ifndef CLI_OPTIONS_TLS_OPTS_H
#define CLI_OPTIONS_TLS_OPTS_H

#include <stdint.h>

#include "cli/core/command_context.h"
#include "cli/options/bind_opts.h"
#include "cli/options/opt.h"
#include "cli/options/session_opts.h"
#include "net/endpoint.h"
#include "stream/tls.h"

struct tls_opts {
	bool tls, dtls, insecure, any_name, self_signed, no_ktls;
	const char *save_chain, *server_name, *alpn, *ca_file, *ca_path, *ciphers, *psk_file,
	    *session, *keylog;
	const char *client_ca, *key_pass_file;
	struct opt_list certs, keys, pins;
	int min, max, client_cert, starttls; /* index of the choice; -1: not given */
};

enum { N_CONNECT_TLS = 21, N_LISTEN_TLS = 15, N_REPLAY_TLS = 21 };

extern const struct opt connect_tls_rows[N_CONNECT_TLS];
extern const struct opt listen_tls_rows[N_LISTEN_TLS];
/* Of both sides. */
extern const struct opt replay_tls_rows[N_REPLAY_TLS];

void tls_opts_defaults(struct tls_opts *o);

/* --dtls implies --udp and --tls. Call it before the socket type is chosen. */
void tls_opts_imply(struct tls_opts *o, struct bind_opts *bind);

/* Returns true where the options or the address ask for TLS. */
bool tls_opts_wanted(const struct tls_opts *o, const struct endpoint *ep);

/* ERROR_USAGE where TLS is asked for on a socket that is neither a stream nor UDP, or STARTTLS
 * on a socket that is not a stream. */
int tls_opts_check_type(const struct tls_opts *o, const struct endpoint *ep, int type,
    struct error *e);

/* ERROR_USAGE where the options and the address ask for DTLS: servers in scripts do not have it. */
int tls_opts_check_script(const struct tls_opts *o, const struct endpoint *ep, int type,
    struct error *e);

/* Reports EVENT_TLS: the TLS handshake of a connection is complete. */
void tls_opts_report_handshake(const struct report *r, unsigned long id, const char *peer,
    const struct tls_info *info);

/* The TLS state that a command keeps until its last session has ended. */
struct tls_use {
	struct command_context *rt;
	int type; /* of the socket: datagrams use DTLS; 0: take the type of ep's descriptor */
	bool keep_secrets; /* for tls_secrets() */
	enum tls_advice advice;
	struct tls *tls; /* NULL: no TLS */
	struct tls_cert *certs;
	/* what to do where the next session cannot be written; NULL: command_context_lost() */
	void (*lost)(void *arg, const struct error *e);
	void *lost_arg;
	const char *session; /* --session, until something was said of it; NULL: none */
	bool secured;        /* a handshake is done */
	/* the server name that a client verifies, as DNS has it */
	char name[ENDPOINT_HOST_MAX + 1];
};

/* Sets the TLS part of how where the options or the address ask for TLS; without TLS, an option
 * of TLS is ERROR_USAGE. */
int tls_use_open(struct tls_use *u, const struct tls_opts *o, enum tls_role role,
    const struct endpoint *ep, struct session_how *how, struct error *e);
/* Call it after the last session has ended. */
void tls_use_close(struct tls_use *u);

#endif

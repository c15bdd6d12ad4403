#include "cli/options/tls_opts.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "cli/core/secret.h"
#include "cli/options/target.h"
#include "net/resolve/idn.h"
#include "stream/negotiate/starttls.h"

#define AT(field) offsetof(struct tls_opts, field)

#define TLS_ROW(text)                                                                              \
	{                                                                                          \
		.name = "tls", .kind = OPT_FLAG, .offset = AT(tls), .help = text                   \
	}

#define DTLS_ROW                                                                                   \
	{                                                                                          \
		.name = "dtls", .kind = OPT_FLAG, .offset = AT(dtls),                              \
		.help = "TLS over datagrams (DTLS 1.2): the same as --udp --tls"                   \
	}

#define CERT_ROWS(cert_help, key_help)                                                             \
	{ .name = "cert",                                                                          \
		.kind = OPT_LIST,                                                                  \
		.offset = AT(certs),                                                               \
		.arg = "FILE",                                                                     \
		.complete = "file",                                                                \
		.reach = REACH_TRUST,                                                              \
		.help = cert_help },                                                               \
	    { .name = "key",                                                                       \
		    .kind = OPT_LIST,                                                              \
		    .offset = AT(keys),                                                            \
		    .arg = "FILE",                                                                 \
		    .complete = "file",                                                            \
		    .reach = REACH_TRUST,                                                          \
		    .help = key_help },                                                            \
	{                                                                                          \
		.name = "key-pass-file", .kind = OPT_TEXT, .offset = AT(key_pass_file),            \
		.arg = "FILE", .complete = "file", .reach = REACH_TRUST,                           \
		.help =                                                                            \
		    "read the pass phrase of an encrypted key from FILE, not from the terminal"    \
	}

#define COMMON_ROWS                                                                                \
	{ .name = "alpn",                                                                          \
		.kind = OPT_TEXT,                                                                  \
		.offset = AT(alpn),                                                                \
		.arg = "LIST",                                                                     \
		.help = "ALPN protocols, best first: h2,http/1.1" },                               \
	    { .name = "tls-min",                                                                   \
		    .kind = OPT_CHOICE,                                                            \
		    .offset = AT(min),                                                             \
		    .arg = "VERSION",                                                              \
		    .choices = "1.2 1.3",                                                          \
		    .help = "require at least this version (1.2)" },                               \
	    { .name = "tls-max",                                                                   \
		    .kind = OPT_CHOICE,                                                            \
		    .offset = AT(max),                                                             \
		    .arg = "VERSION",                                                              \
		    .choices = "1.2 1.3",                                                          \
		    .help = "use at most this version" },                                          \
	    { .name = "ciphers",                                                                   \
		    .kind = OPT_TEXT,                                                              \
		    .offset = AT(ciphers),                                                         \
		    .arg = "LIST",                                                                 \
		    .help = "use only these cipher suites: IANA names separated by :" },           \
	    { .name = "psk-file",                                                                  \
		    .kind = OPT_TEXT,                                                              \
		    .offset = AT(psk_file),                                                        \
		    .arg = "FILE",                                                                 \
		    .complete = "file",                                                            \
		    .reach = REACH_TRUST,                                                          \
		    .help = "pre-shared keys: lines identity:hexadecimal" },                       \
	    { .name = "keylog",                                                                    \
		    .kind = OPT_TEXT,                                                              \
		    .offset = AT(keylog),                                                          \
		    .arg = "FILE",                                                                 \
		    .complete = "file",                                                            \
		    .reach = REACH_FILE,                                                           \
		    .writes = WRITES_FILE,                                                         \
		    .help = "append the TLS secrets to FILE for wireshark ($SSLKEYLOGFILE)" },     \
	{                                                                                          \
		.name = "no-ktls", .kind = OPT_FLAG, .offset = AT(no_ktls),                        \
		.help = "do not give the keys to the kernel"                                       \
	}

#define TRUST_ROWS                                                                                 \
	{ .name = "starttls",                                                                      \
		.kind = OPT_CHOICE,                                                                \
		.offset = AT(starttls),                                                            \
		.arg = "PROTOCOL",                                                                 \
		.choices = STARTTLS_NAMES,                                                         \
		.help = "start TLS with the command of this protocol" },                           \
	    { .name = "server-name",                                                               \
		    .kind = OPT_TEXT,                                                              \
		    .offset = AT(server_name),                                                     \
		    .arg = "NAME",                                                                 \
		    .complete = "host",                                                            \
		    .help = "require this name in the certificate instead of HOST" },              \
	    { .name = "ca-file",                                                                   \
		    .kind = OPT_TEXT,                                                              \
		    .offset = AT(ca_file),                                                         \
		    .arg = "FILE",                                                                 \
		    .complete = "file",                                                            \
		    .reach = REACH_TRUST,                                                          \
		    .help = "trust these certificates, not the system's ($SSL_CERT_FILE)" },       \
	    { .name = "ca-path",                                                                   \
		    .kind = OPT_TEXT,                                                              \
		    .offset = AT(ca_path),                                                         \
		    .arg = "DIR",                                                                  \
		    .complete = "file",                                                            \
		    .reach = REACH_TRUST,                                                          \
		    .help = "trust the certificates in this folder ($SSL_CERT_DIR)" },             \
	    { .name = "pin",                                                                       \
		    .kind = OPT_LIST,                                                              \
		    .offset = AT(pins),                                                            \
		    .arg = "sha256//BASE64",                                                       \
		    .help = "require this public key of the server, or with sha256:HEX this "      \
			    "certificate; repeatable" },                                           \
	{                                                                                          \
		.name = "insecure", .kind = OPT_FLAG, .offset = AT(insecure),                      \
		.help = "do not verify the certificate, only --pin"                                \
	}

#define SERVER_ROWS                                                                                \
	{ .name = "self-signed",                                                                   \
		.kind = OPT_FLAG,                                                                  \
		.offset = AT(self_signed),                                                         \
		.help = "create a certificate; its fingerprint and --pin are reported" },          \
	    { .name = "client-ca",                                                                 \
		    .kind = OPT_TEXT,                                                              \
		    .offset = AT(client_ca),                                                       \
		    .arg = "FILE",                                                                 \
		    .complete = "file",                                                            \
		    .reach = REACH_TRUST,                                                          \
		    .help = "require clients to present a certificate issued by one of these" },   \
	{                                                                                          \
		.name = "client-cert", .kind = OPT_CHOICE, .offset = AT(client_cert),              \
		.arg = "WHEN", .choices = "required optional",                                     \
		.help = "with --client-ca: whether clients without one are refused"                \
	}

const struct opt connect_tls_rows[] = {
	TLS_ROW("use TLS; the server's certificate and name are verified"),
	DTLS_ROW,
	TRUST_ROWS,
	{ .name = "any-name",
	    .kind = OPT_FLAG,
	    .offset = AT(any_name),
	    .help = "verify the certificate, but not its name" },
	{ .name = "save-chain",
	    .kind = OPT_TEXT,
	    .offset = AT(save_chain),
	    .arg = "FILE",
	    .complete = "file",
	    .reach = REACH_FILE,
	    .writes = WRITES_CERTIFICATES,
	    .help = "write the certificates that the server shows to FILE (PEM)" },
	CERT_ROWS("certificate to present, with its chain",
	    "key of the certificate, if not in the same file"),
	{ .name = "session",
	    .kind = OPT_TEXT,
	    .offset = AT(session),
	    .arg = "FILE",
	    .complete = "file",
	    .reach = REACH_FILE,
	    .writes = WRITES_FILE,
	    .help = "resume the TLS session in FILE, and save the next one there" },
	COMMON_ROWS,
};

const struct opt listen_tls_rows[] = {
	TLS_ROW("use TLS with clients"),
	DTLS_ROW,
	CERT_ROWS("certificate to present, with its chain; repeatable: the first "
		  "that has the name which a client wants",
	    "key of the certificate, if not in the same file; in the order of --cert"),
	SERVER_ROWS,
	COMMON_ROWS,
};

const struct opt replay_tls_rows[] = {
	TLS_ROW("use TLS, as a client or a server"),
	DTLS_ROW,
	TRUST_ROWS,
	CERT_ROWS("certificate to present, with its chain",
	    "key of the certificate, if not in the same file"),
	SERVER_ROWS,
	COMMON_ROWS,
};

void
tls_opts_defaults(struct tls_opts *o)
{
	o->min = o->max = o->client_cert = o->starttls = -1;
}

/* ---- options that need TLS ---- */

static const char *
option_given(const struct tls_opts *o)
{
	const struct {
		bool given;
		const char *name;
	} all[] = {
		{ o->server_name != NULL, "server-name" },
		{ o->alpn != NULL, "alpn" },
		{ o->ca_file != NULL, "ca-file" },
		{ o->ca_path != NULL, "ca-path" },
		{ o->ciphers != NULL, "ciphers" },
		{ o->psk_file != NULL, "psk-file" },
		{ o->session != NULL, "session" },
		{ o->keylog != NULL, "keylog" },
		{ o->client_ca != NULL, "client-ca" },
		{ o->certs.n > 0, "cert" },
		{ o->keys.n > 0, "key" },
		{ o->key_pass_file != NULL, "key-pass-file" },
		{ o->pins.n > 0, "pin" },
		{ o->insecure, "insecure" },
		{ o->any_name, "any-name" },
		{ o->save_chain != NULL, "save-chain" },
		{ o->no_ktls, "no-ktls" },
		{ o->self_signed, "self-signed" },
		{ o->min >= 0, "tls-min" },
		{ o->max >= 0, "tls-max" },
		{ o->client_cert >= 0, "client-cert" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].given)
			return all[i].name;
	return NULL;
}

void
tls_opts_imply(struct tls_opts *o, struct bind_opts *bind)
{
	o->tls |= o->dtls;
	bind->udp |= o->dtls;
}

static int
check_absent(const struct tls_opts *o, struct error *e)
{
	const char *name = option_given(o);

	if (name == NULL)
		return 0;
	error_set(e, ERROR_USAGE, "--%s: only with --tls or --dtls, or such an address", name);
	if (strcmp(name, "ca-file") == 0 || strcmp(name, "insecure") == 0)
		error_hint(e, "for an https proxy, usock connect has --proxy-%s", name);
	return -1;
}

static int
check_server(const struct tls_opts *o, struct error *e)
{
	if (o->certs.n == 0 && !o->self_signed && o->psk_file == NULL) {
		error_set(e, ERROR_USAGE, "--tls: a server needs a certificate");
		return error_hint(e, "--cert and --key, --self-signed, or --psk-file");
	}
	if (o->client_cert >= 0 && o->client_ca == NULL)
		return error_set(e, ERROR_USAGE, "--client-cert: needs --client-ca");
	return 0;
}

static int
check_options(const struct tls_opts *o, enum tls_role role, const char *name, struct error *e)
{
	if (o->keys.n > o->certs.n)
		return error_set(e, ERROR_USAGE, "--key: there is no --cert for it");
	if (o->key_pass_file != NULL && o->certs.n == 0)
		return error_set(e, ERROR_USAGE, "--key-pass-file: there is no --cert");
	if (role == TLS_SERVER)
		return check_server(o, e);
	if (name == NULL && !o->insecure && !o->any_name)
		return error_set(e, ERROR_USAGE,
		    "--tls: --server-name is needed: this address has no name to check");
	return 0;
}

/* ---- TLS settings ---- */

static enum tls_version
version_of(int choice)
{
	return choice < 0 ? TLS_ANY : choice == 0 ? TLS_1_2 : TLS_1_3;
}

static const char *
from_environment(const char *option, const char *variable)
{
	const char *value = option != NULL ? option : secure_getenv(variable);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

static int
make_certs(struct tls_use *u, const struct tls_opts *o, struct error *e)
{
	size_t i;

	u->certs = calloc(o->certs.n + 1, sizeof(*u->certs));
	if (u->certs == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (i = 0; i < o->certs.n; i++) {
		u->certs[i].cert_file = o->certs.items[i];
		u->certs[i].key_file = i < o->keys.n ? o->keys.items[i] : NULL;
	}
	return 0;
}

static enum tls_peer
peer_text(const struct tls_opts *o)
{
	if (o->client_ca == NULL)
		return TLS_PEER_NONE;
	return o->client_cert == 1 ? TLS_PEER_OPTIONAL : TLS_PEER_REQUIRED;
}

static ssize_t
ask_pass_phrase(void *arg, const char *key_file, char *buffer, size_t size, struct error *e)
{
	struct tls_use *u = arg;
	const struct file_wait wait = command_context_file_wait(u->rt);
	int fd = secret_open_terminal();
	char prompt[PATH_MAX + 32];
	ssize_t n;

	if (fd == -1) {
		error_set(e, ERROR_TLS,
		    "--key: %s: the key is encrypted, and there is no terminal to ask for its pass "
		    "phrase",
		    key_file);
		return error_hint(e, "--key-pass-file FILE has it");
	}
	snprintf(prompt, sizeof(prompt), "Pass phrase of %s: ", key_file);
	n = secret_read(fd, prompt, &wait, buffer, size, e);
	close(fd);
	return n == -1 && e->code == ERROR_LOCAL_IO ? error_prefix(e, "--key: %s", key_file) : n;
}

static void
report_lost_session(void *arg, const struct error *e)
{
	struct tls_use *u = arg;
	struct error lost = *e;

	u->session = NULL;
	error_prefix(&lost, "--session");
	if (u->lost != NULL)
		u->lost(u->lost_arg, &lost);
	else
		command_context_lost(u->rt, &lost);
}

static int
open_tls(struct tls_use *u, const struct tls_opts *o, enum tls_role role, struct error *e)
{
	const struct file_wait wait = command_context_file_wait(u->rt);
	const struct tls_ask ask = { ask_pass_phrase, u };
	const struct tls_how how = {
		.wait = &wait,
		.ask = &ask,
		.key_pass_file = o->key_pass_file,
		.role = role,
		.advice = u->advice,
		.datagrams = u->type == SOCK_DGRAM,
		.min = version_of(o->min),
		.max = version_of(o->max),
		.ciphers = o->ciphers,
		.alpn = o->alpn,
		.certs = u->certs,
		.n_certs = o->certs.n,
		.self_signed = o->self_signed,
		.psk_file = o->psk_file,
		.ca_file = role == TLS_CLIENT ? o->ca_file : o->client_ca,
		.ca_path = o->ca_path,
		.system_file = from_environment(NULL, "SSL_CERT_FILE"),
		.system_path = from_environment(NULL, "SSL_CERT_DIR"),
		.peer = peer_text(o),
		.insecure = o->insecure,
		.any_name = o->any_name,
		.chain_file = o->save_chain,
		.pins = o->pins.items,
		.n_pins = o->pins.n,
		.session_file = o->session,
		.session_lost = report_lost_session,
		.session_arg = u,
		.keylog_file = from_environment(o->keylog, "SSLKEYLOGFILE"),
		.no_ktls = o->no_ktls,
		.keep_secrets = u->keep_secrets,
	};

	return tls_open(&u->tls, &how, e);
}

/* ---- events ---- */

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

void
tls_opts_report_handshake(const struct report *r, unsigned long id, const char *peer,
    const struct tls_info *info)
{
	const struct field values[] = {
		EVENT_INT(id),
		EVENT_TEXT(peer),
		EVENT_TEXT(info->version),
		EVENT_TEXT(info->cipher),
		EVENT_TEXT(or_null(info->alpn)),
		EVENT_TEXT(or_null(info->server_name)),
		EVENT_TEXT(or_null(info->ktls)),
		EVENT_BOOL(info->resumed),
		EVENT_BOOL(info->verified),
		EVENT_TEXT(or_null(info->subject)),
		EVENT_TEXT(or_null(info->issuer)),
		EVENT_TEXT(or_null(info->names)),
		EVENT_TEXT(or_null(info->not_before)),
		EVENT_TEXT(or_null(info->not_after)),
		EVENT_TEXT(or_null(info->sha256)),
		EVENT_TEXT(or_null(info->pin)),
	};

	if (info->not_offered != NULL)
		log_line(&r->log, LOG_VERBOSE, "tls %s: the session that was kept is not used: %s",
		    peer, info->not_offered);
	report_event(r, EVENT_TLS, values);
}

static void
report_handshake(void *arg, const struct session *s, const struct tls_info *info)
{
	struct tls_use *u = arg;
	char peer[SOCKNAME_TEXT_MAX];
	struct sockname name;

	u->secured = true;
	sock_peer(s->sock, &name);
	sockname_format(&name, peer, sizeof(peer));
	tls_opts_report_handshake(&u->rt->report, s->id, peer, info);
}

static void
report_self_signed(struct command_context *rt, const struct tls *tls)
{
	char sha256[65], pin[64];

	tls_self_signed_digests(tls, sha256, pin);
	const struct field values[] = { EVENT_TEXT(sha256), EVENT_TEXT(pin) };
	report_event(&rt->report, EVENT_SELF_SIGNED, values);
}

static void
report_choices(struct tls_use *u, const struct tls_opts *o)
{
	if (o->insecure)
		log_line(&u->rt->report.log, LOG_NOTE,
		    "tls: the server's certificate is not checked (--insecure)%s",
		    o->pins.n > 0 ? ", only its key (--pin)" : "");
	else if (o->any_name)
		log_line(&u->rt->report.log, LOG_NOTE,
		    "tls: the name of the server's certificate is not checked (--any-name)");
	if (o->self_signed)
		report_self_signed(u->rt, u->tls);
}

/* ---- life ---- */

/* Sets *ret_name to the server name that a client verifies, as DNS has it, stored in buffer; NULL
 * where there is none. */
static int
find_server_name(const struct tls_opts *o, const struct endpoint *ep,
    char buffer[ENDPOINT_HOST_MAX + 1], const char **ret_name, struct error *e)
{
	const char *host = ep->kind == ENDPOINT_INET && ep->host[0] != '\0' ? ep->host : NULL;
	const char *name = o->server_name != NULL ? o->server_name : host;

	*ret_name = name != NULL ? buffer : NULL;
	if (name == NULL || idn_to_ascii(name, strlen(name), buffer, e) == 0)
		return 0;
	return o->server_name != NULL ? error_prefix(e, "--server-name") : -1;
}

bool
tls_opts_wanted(const struct tls_opts *o, const struct endpoint *ep)
{
	return o->tls || o->starttls >= 0 || ep->transport == TRANSPORT_TLS ||
	    ep->transport == TRANSPORT_DTLS || ep->transport == TRANSPORT_WSS;
}

int
tls_opts_check_type(const struct tls_opts *o, const struct endpoint *ep, int type, struct error *e)
{
	if (!tls_opts_wanted(o, ep))
		return 0;
	if (endpoint_is_line(ep))
		return error_set(e, ERROR_USAGE, "--tls: not for a serial line");
	type = endpoint_type(ep, type);
	if (type == 0 || type == SOCK_STREAM)
		return 0;
	if (o->starttls >= 0)
		return error_set(e, ERROR_USAGE, "--starttls: needs a stream, not datagrams");
	if (type != SOCK_DGRAM || (ep->kind != ENDPOINT_INET && ep->kind != ENDPOINT_FD))
		return error_set(e, ERROR_USAGE, "--tls: needs a stream, or UDP, where it is DTLS");
	return 0;
}

int
tls_opts_check_script(const struct tls_opts *o, const struct endpoint *ep, int type,
    struct error *e)
{
	if (o->dtls || (tls_opts_wanted(o, ep) && endpoint_type(ep, type) == SOCK_DGRAM))
		return error_set(e, ERROR_USAGE, "--dtls: not for a server in a script");
	return 0;
}

int
tls_use_open(struct tls_use *u, const struct tls_opts *o, enum tls_role role,
    const struct endpoint *ep, struct session_how *how, struct error *e)
{
	const char *name = NULL;

	if (!tls_opts_wanted(o, ep))
		return check_absent(o, e);
	u->type = endpoint_type(ep, u->type);
	if (role == TLS_CLIENT && find_server_name(o, ep, u->name, &name, e) < 0)
		return -1;
	if (check_options(o, role, name, e) < 0 || make_certs(u, o, e) < 0 ||
	    open_tls(u, o, role, e) < 0)
		return -1;
	report_choices(u, o);
	how->plan.tls = (struct negotiate_tls_how){ .tls = u->tls, .name = name };
	if (how->rules.half_close < 0)
		how->rules.half_close = TLS_HALF_CLOSE;
	/* enum starttls_protocol lists the protocols in the order of the choices, after
	 * STARTTLS_NONE */
	how->plan.starttls.protocol = (enum starttls_protocol)(o->starttls + 1);
	how->plan.starttls.host = name;
	u->session = o->session;
	how->secured = report_handshake;
	how->secured_arg = u;
	return 0;
}

/* With TLS 1.3 a session comes when the server likes, or not at all. An older one may be used again. */
static void
report_no_session(const struct tls_use *u)
{
	if (u->secured && u->session != NULL && access(u->session, F_OK) == -1 && errno == ENOENT)
		log_line(&u->rt->report.log, LOG_NOTE,
		    "--session: no session was kept in %s: the server has sent none", u->session);
}

void
tls_use_close(struct tls_use *u)
{
	report_no_session(u);
	tls_close(u->tls);
	free(u->certs);
}

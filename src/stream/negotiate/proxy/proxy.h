/*
 * Proxies on the way to a target, and what a client says to each of them. A
 * dialogue parses the proxy's bytes without I/O, and asks for no byte behind
 * the proxy's reply: what follows belongs to the stream.
 *
 * SOCKS4, SOCKS4A: the documents of NEC and Ylonen; SOCKS5: RFC 1928 and 1929;
 * CONNECT: RFC 9110, 9.3.6.
 */
#ifndef STREAM_NEGOTIATE_PROXY_PROXY_H
#define STREAM_NEGOTIATE_PROXY_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/endpoint.h"
#include "stream/negotiate/proxy/http_auth.h"

struct error;
struct tls;

enum proxy_kind {
	PROXY_SOCKS4,  /* needs an IPv4 address */
	PROXY_SOCKS4A, /* resolves names itself */
	PROXY_SOCKS5,  /* needs an address */
	PROXY_SOCKS5H, /* resolves names itself */
	PROXY_HTTP,    /* CONNECT; resolves names itself */
	PROXY_HTTPS    /* the same, in TLS */
};

/* The schemes in the order of the enum. */
#define PROXY_SCHEMES "socks4 socks4a socks5 socks5h http https"

#define PROXY_LOGIN_MAX 255 /* RFC 1929, 2 */

struct proxy_hop {
	enum proxy_kind kind;
	struct endpoint ep; /* a host and a port, or a unix socket */
	bool login;         /* user and pass are given */
	char user[PROXY_LOGIN_MAX + 1], pass[PROXY_LOGIN_MAX + 1];
	struct tls *tls; /* for PROXY_HTTPS */
	/* What the proxy asked for last, and how often its nonce was used. Set by the dialogue. */
	struct http_challenge challenge;
	unsigned nonce_count;
};

/* The proxies in the order in which they are reached; shared by all connections of a command. */
struct proxy_route {
	struct proxy_hop *hops;
	size_t n;
};

/* What a proxy is asked to connect to. */
struct proxy_target {
	char host[ENDPOINT_HOST_MAX + 1]; /* a name or an address */
	uint16_t port;
	struct sockname address; /* of host; len 0: it is not resolved */
};

#define PROXY_TEXT_MAX (ENDPOINT_HOST_MAX + 64)

/* Formats as "socks5://host:port", without user and password; returns text. */
const char *proxy_format(const struct proxy_hop *hop, char *text, size_t size);

/* Formats as "host:port", with brackets where they are needed; returns text. */
const char *proxy_target_format(const struct proxy_target *t, char *text, size_t size);

/* Sets a target to the host and port of ep; port is its number. An address counts as resolved. */
void proxy_target_set(struct proxy_target *t, const struct endpoint *ep, uint16_t port);

/* Returns true if the address of t has to be known before this proxy is asked. */
bool proxy_needs_address(const struct proxy_hop *hop, const struct proxy_target *t);

struct proxy_dialogue {
	/* set by the caller, the rest zeroed */
	struct proxy_hop *hop;
	const struct proxy_target *target;
	bool datagrams; /* SOCKS5: ask for a relay of datagrams, not for a connection */
	/* the caller sends and consumes these bytes */
	struct buf out;
	/* The relay of datagrams, once agreed; len 0: not known. */
	struct sockname bound;
	/* Set on failure if the same question may succeed on a new connection: the proxy has told
	 * how to log in, and closes this one. */
	bool again;
	/* private */
	struct buf in;
	size_t need;    /* how many bytes `in` has to hold before it is parsed; 0: agreed */
	unsigned step;  /* of the kind */
	unsigned tries; /* HTTP: how often the login was sent */
	size_t skip;    /* HTTP: bytes of the body that are still to be skipped */
	bool reused;    /* HTTP: the proxy was asked again on this connection */
	size_t received;
};

/* Starts the dialogue; fills out. Fails with ERROR_USAGE if the proxy cannot be asked for this
 * target, and with ERROR_INTERNAL. */
int proxy_begin(struct proxy_dialogue *d, struct error *e);

/* Returns how many bytes to read from the proxy next, at most. 0: the proxy has agreed. */
size_t proxy_wants(const struct proxy_dialogue *d);

/* Parses up to proxy_wants() bytes. Fails with ERROR_PROXY if the proxy refuses (the text quotes
 * it), or speaks another protocol. */
int proxy_feed(struct proxy_dialogue *d, const void *data, size_t n, struct error *e);

/* Fails because the proxy has ended the connection and not agreed. Returns -1. */
int proxy_ended(struct proxy_dialogue *d, struct error *e);

/* Frees everything but d itself. May be called before proxy_begin(). */
void proxy_fini(struct proxy_dialogue *d);

#endif

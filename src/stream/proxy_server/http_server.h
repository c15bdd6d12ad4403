/*
 * A client of our HTTP proxy (RFC 9110, 9112): CONNECT, and requests with an absolute URI of http.
 * Of the latter one is served on a connection (http_exchange).
 */
#ifndef STREAM_PROXY_SERVER_HTTP_SERVER_H
#define STREAM_PROXY_SERVER_HTTP_SERVER_H

struct error;
struct negotiation;
struct proxy_client;

/* Makes the negotiation. It is done once the client knows that it is connected: for a request with an
 * absolute URI, by what its target says. c->first is then what the target has to get first, and
 * c->exchange what is between the two. While the outcome is pending it waits for the caller, who
 * steps the chain. c stays the caller's. Fails with ERROR_INTERNAL; the negotiation fails with ERROR_PROXY. */
int http_server(struct negotiation **ret_first, struct proxy_client *c, struct error *e);

#endif

/*
 * A client of our SOCKS proxy: versions 4, 4a and 5 (RFC 1928; user and password: RFC 1929), told
 * apart by its first byte. Of the commands, CONNECT and UDP ASSOCIATE are served; BIND is refused.
 */
#ifndef STREAM_PROXY_SERVER_SOCKS_SERVER_H
#define STREAM_PROXY_SERVER_SOCKS_SERVER_H

struct error;
struct negotiation;
struct proxy_client;

/* Makes the negotiation. It is done once the client knows that it is connected, or where it sends its
 * datagrams. While the outcome is
 * pending it waits for the caller, who steps the chain. It reads no byte after the request. c stays
 * the caller's. Fails with ERROR_INTERNAL; the negotiation fails with ERROR_PROXY. */
int socks_server(struct negotiation **ret_first, struct proxy_client *c, struct error *e);

#endif

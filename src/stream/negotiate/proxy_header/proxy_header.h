/*
 * The PROXY protocol, versions 1 and 2: what a proxy says about a connection before its bytes. Source:
 * HAProxy, doc/proxy-protocol.txt.
 */
#ifndef STREAM_NEGOTIATE_PROXY_HEADER_PROXY_HEADER_H
#define STREAM_NEGOTIATE_PROXY_HEADER_PROXY_HEADER_H

#include <stdbool.h>

#include "net/sockname.h"

#define PROXY_V1_MAX 107 /* bytes of a header, with CR LF */

#define PROXY_V2_SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define PROXY_V2_SIGNATURE_SIZE 12
#define PROXY_V2_FIXED 16 /* bytes before the addresses */

#define PROXY_V2_LOCAL 0x20 /* version and command */
#define PROXY_V2_PROXY 0x21

/* The high half of the byte of families; the low half is the transport. */
#define PROXY_V2_INET 0x10
#define PROXY_V2_INET6 0x20
#define PROXY_V2_UNIX 0x30
#define PROXY_V2_STREAM 0x01
#define PROXY_V2_DGRAM 0x02

#define PROXY_V2_INET_SIZE 12 /* bytes of both addresses and ports */
#define PROXY_V2_INET6_SIZE 36
#define PROXY_V2_UNIX_SIZE 216
#define PROXY_V2_PATH_SIZE 108

enum proxy_tlv { PROXY_TLV_ALPN = 0x01, PROXY_TLV_AUTHORITY = 0x02, PROXY_TLV_CRC32C = 0x03 };

struct proxy_header {
	/* The connection is the proxy's own, or the proxy does not know: no addresses. */
	bool local;
	struct sockname source, destination;
};

#endif

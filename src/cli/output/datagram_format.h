/*
 * The format of datagrams on standard output: their framing, with the address
 * of the sender in front, or JSON objects.
 */
#ifndef CLI_OUTPUT_DATAGRAM_FORMAT_H
#define CLI_OUTPUT_DATAGRAM_FORMAT_H

#include <stdbool.h>

#include "net/mmsg.h"
#include "relay/filter/framing.h"

struct buf;
struct error;

struct datagram_format {
	struct framing framing; /* of the bytes, where json is false */
	bool sender;            /* "ADDRESS: " in front of each datagram */
	bool json;              /* format with datagram_format_json() */
};

/* Appends a line {"from":ADDRESS,"bytes":N,"data":TEXT}. Bytes that are not UTF-8 are "hex"
 * instead of "data"; a CAN frame has the format of candump; a truncated datagram has "cut":true. */
int datagram_format_json(const struct packet *p, const char *from, bool can, struct buf *out,
    struct error *e);

/* For message_relay_how.show; arg is the struct datagram_format. */
int datagram_format_show(void *arg, const struct packet *p, struct buf *out, struct error *e);

#endif

/*
 * How datagrams are shown on standard output: as their framing says, behind the
 * address of their sender, or as JSON objects.
 */
#ifndef CLI_OUTPUT_DATAGRAM_FORMAT_H
#define CLI_OUTPUT_DATAGRAM_FORMAT_H

#include <stdbool.h>

#include "net/mmsg.h"
#include "relay/filter/framing.h"

struct buf;
struct error;

struct datagram_format {
	struct framing framing; /* of the bytes, without json */
	bool sender;            /* "ADDRESS: " in front of each */
	bool json;              /* as datagram_format_json() */
};

/* Appends a line {"from":ADDRESS,"bytes":N,"data":TEXT}: "hex" and digits instead of "data"
 * where the bytes are not UTF-8, a CAN frame as candump writes it, and "cut":true where
 * only a part came. */
int datagram_format_json(const struct packet *p, const char *from, bool can, struct buf *out,
    struct error *e);

/* message_relay_how.show; arg is the struct datagram_format. */
int datagram_format_show(void *arg, const struct packet *p, struct buf *out, struct error *e);

#endif

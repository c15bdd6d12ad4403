/*
 * A capture file in the format pcapng (draft-ietf-opsawg-pcapng): one section with one interface of
 * raw IP packets, whose times are in nanoseconds. Each function hands whole blocks to write().
 */
#ifndef RELAY_CAPTURE_PCAPNG_H
#define RELAY_CAPTURE_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct error;
struct ip_end;

struct pcapng {
	int (*write)(void *arg, const void *data, size_t n, struct error *e);
	void *arg;
	/* private */
	struct buf block;
	bool torn; /* memory ran out while the block was made */
};

/* What is known of a packet besides its bytes. */
struct pcapng_about {
	int64_t time; /* nanoseconds since 1970-01-01 */
	enum pcapng_direction { PCAPNG_INBOUND = 1, PCAPNG_OUTBOUND = 2 } direction;
	const char *comment; /* NULL: none */
};

/* Writes the heads of the section and of its interface. comment is about the file; NULL: none. -1
 * where write() fails, as every function here. Call pcapng_fini() after failure too. */
int pcapng_init(struct pcapng *p,
    int (*write)(void *arg, const void *data, size_t n, struct error *e), void *arg,
    const char *comment, struct error *e);
void pcapng_fini(struct pcapng *p);

/* Writes an IP packet. */
int pcapng_packet(struct pcapng *p, const struct pcapng_about *about, const void *data, size_t n,
    struct error *e);

/* Says that the address has this name. */
int pcapng_name(struct pcapng *p, const struct ip_end *address, const char *name, struct error *e);

/* Writes secrets of TLS, as lines of the NSS key log format. They decrypt the packets that come
 * after them. */
int pcapng_secrets(struct pcapng *p, const char *lines, size_t n, struct error *e);

#endif

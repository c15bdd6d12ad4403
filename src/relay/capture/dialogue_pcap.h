/*
 * Makes a capture file (pcapng) of the events of a dialogue: packet_flow has what each connection
 * becomes.
 */
#ifndef RELAY_CAPTURE_DIALOGUE_PCAP_H
#define RELAY_CAPTURE_DIALOGUE_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "relay/capture/dialogue.h"
#include "relay/capture/pcapng.h"

struct error;
struct pcap_connection;

struct dialogue_pcap {
	/* The bytes are those of the wire: with TLS, of its records. Secrets are written, too. */
	bool wire;
	/* The packets of a connection are written once its secrets are, or it is over: who reads the file from
	 * its beginning has to know them first. */
	bool awaits_secrets;
	const char *name; /* of the peers' host; NULL: unknown */
	/* private */
	struct pcapng file;
	int64_t started;
	struct pcap_connection *connections; /* those that are open */
};

/* Begins the file; the caller has set the first three, and zeroed the rest. write() gets whole blocks. -1
 * where it fails, as every function here. Call dialogue_pcap_close() after failure too. */
int dialogue_pcap_open(struct dialogue_pcap *p, const struct dialogue_header *header,
    int (*write)(void *arg, const void *data, size_t n, struct error *e), void *arg,
    struct error *e);

/* Writes the packets of an event, or the secret. */
int dialogue_pcap_event(struct dialogue_pcap *p, const struct dialogue_event *happened,
    struct error *e);

/* Writes what has waited for the secrets of the connection, which are all known. */
int dialogue_pcap_release(struct dialogue_pcap *p, uint64_t connection, struct error *e);

/* Writes what is left, and frees everything. */
int dialogue_pcap_close(struct dialogue_pcap *p, struct error *e);

#endif

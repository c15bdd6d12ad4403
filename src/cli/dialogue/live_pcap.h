/*
 * The file of --pcap: the connections of a command as packets, while they run. Of streams it has what
 * goes over the wire, below TLS, with the secrets that decrypt it; so a tap is put below everything
 * else. Datagrams come from the recorder. A file that cannot be written ends the capture with a message;
 * the connections go on.
 */
#ifndef CLI_DIALOGUE_LIVE_PCAP_H
#define CLI_DIALOGUE_LIVE_PCAP_H

#include <stdbool.h>
#include <stdint.h>

#include "relay/capture/dialogue_pcap.h"

struct error;
struct output_queue;
struct report;
struct report_how;
struct session;

struct live_pcap {
	struct dialogue_pcap pcap;
	/* private */
	struct report *report; /* NULL: not open */
	struct output_queue *queue;
	enum dialogue_role role;
	int64_t started; /* CLOCK_MONOTONIC */
	bool over;
};

struct live_pcap_how {
	const char *file;    /* kept by the caller */
	const char *command; /* "connect" */
	const char *name;    /* of the peers' host; NULL: unknown. Kept by the caller. */
	enum dialogue_role role;
};

/* Creates or empties the file, with mode 0600. Waits for the reader of a FIFO. r outlives it. -1:
 * ERROR_LOCAL_IO, ERROR_TIMEOUT or ERROR_SIGNAL. */
int live_pcap_open(struct live_pcap *l, struct report *r, const struct live_pcap_how *how,
    const struct report_how *wait, struct error *e);

/* Writes what is left. Accepts one that is zeroed. */
void live_pcap_close(struct live_pcap *l);

/* For struct session_tap: arg is the struct live_pcap. */
int live_pcap_tap(void *arg, struct session *s, struct error *e);
void live_pcap_secured(void *arg, const struct session *s, const char *secrets);

/* For struct recorder: takes what datagrams there are. */
void live_pcap_observe(void *arg, const struct dialogue_event *event);

#endif

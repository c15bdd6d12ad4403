#include "relay/capture/dialogue_pcap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "relay/capture/packet_flow.h"

#define MESSAGE_MAX ((size_t)256 << 20)

/* Longer than any handshake. */
#define HELD_MAX ((size_t)1 << 20)
#define HELD_EVENTS_MAX 1024

enum text { LOCAL_TEXT, PEER_TEXT, NAME_TEXT, TEXTS };

/* A connection that is open. */
struct pcap_connection {
	struct pcap_connection *next;
	uint64_t id;
	int64_t opened;     /* nanoseconds since the start */
	char *texts[TEXTS]; /* "": unknown */
	char tls[128];      /* "": none */
	bool datagrams, accepted;
	bool paired;    /* its other end is recorded, too, as by a script that plays both */
	uint64_t other; /* that */
	bool begun;     /* flow is open */
	struct packet_flow flow;
	bool waits;       /* for its secrets */
	struct buf bytes; /* a message whose end has not come */
	/* what has happened while it waits, and its bytes one after the other */
	struct dialogue_event *held;
	size_t n_held;
	struct buf held_bytes;
};

/* ---- connections ---- */

static struct pcap_connection **
find_open(struct dialogue_pcap *p, uint64_t id)
{
	struct pcap_connection **at = &p->connections;

	while (*at != NULL && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

static void
free_connection(struct pcap_connection *k)
{
	for (int i = 0; i < TEXTS; i++)
		free(k->texts[i]);
	free(k->held);
	buf_fini(&k->bytes);
	buf_fini(&k->held_bytes);
	free(k);
}

static char *
copy_or_empty(const char *text)
{
	return strdup(text != NULL ? text : "");
}

static int
open_connection(struct dialogue_pcap *p, const struct dialogue_event *event, struct error *e)
{
	struct pcap_connection *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	buf_init(&k->bytes, MESSAGE_MAX);
	buf_init(&k->held_bytes, 2 * HELD_MAX);
	k->waits = p->awaits_secrets;
	k->id = event->connection;
	k->opened = event->time;
	k->datagrams = event->type == DIALOGUE_DATAGRAM;
	k->accepted = event->role == DIALOGUE_SERVER;
	k->texts[LOCAL_TEXT] = copy_or_empty(event->local);
	k->texts[PEER_TEXT] = copy_or_empty(event->peer);
	k->texts[NAME_TEXT] = copy_or_empty(p->name);
	k->next = p->connections;
	p->connections = k;
	if (k->texts[LOCAL_TEXT] == NULL || k->texts[PEER_TEXT] == NULL ||
	    k->texts[NAME_TEXT] == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	return 0;
}

static int
store_tls(struct pcap_connection *k, const struct dialogue_event *event, struct error *e)
{
	snprintf(k->tls, sizeof(k->tls), "%s %s", event->version != NULL ? event->version : "TLS",
	    event->cipher != NULL ? event->cipher : "");
	if (event->server_name == NULL || k->accepted)
		return 0;
	free(k->texts[NAME_TEXT]);
	k->texts[NAME_TEXT] = strdup(event->server_name);
	return k->texts[NAME_TEXT] != NULL ? 0 : error_set(e, ERROR_INTERNAL, "out of memory");
}

/* What was inside TLS looks like a fault where TLS is expected: such ports are written as those of the
 * same protocol without TLS. */
static void
use_plain_port(struct pcap_connection *k)
{
	static const uint16_t ports[][2] = { { 443, 80 }, { 465, 25 }, { 563, 119 }, { 636, 389 },
		{ 853, 53 }, { 990, 21 }, { 993, 143 }, { 995, 110 } };
	struct ip_end *server = &k->flow.ends[k->accepted ? PACKET_LOCAL : PACKET_PEER];
	char line[96];

	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		if (server->port == ports[i][0]) {
			snprintf(line, sizeof(line), "port %u is written as %u", ports[i][0],
			    ports[i][1]);
			packet_flow_comment(&k->flow, line);
			server->port = ports[i][1];
			return;
		}
}

static int
begin_flow(struct dialogue_pcap *p, struct pcap_connection *k, struct error *e)
{
	const struct packet_flow_how how = { .local = k->texts[LOCAL_TEXT],
		.peer = k->texts[PEER_TEXT],
		.name = k->texts[NAME_TEXT],
		.id = (unsigned long)k->id,
		.datagrams = k->datagrams,
		.accepted = k->accepted };
	char line[192];

	k->begun = true;
	packet_flow_init(&k->flow, &p->file, &how);
	if (k->tls[0] != '\0' && !p->wire) {
		snprintf(line, sizeof(line), "these bytes were sent inside %s", k->tls);
		packet_flow_comment(&k->flow, line);
		use_plain_port(k);
	}
	return packet_flow_open(&k->flow, &how, p->started + k->opened, e);
}

/* ---- events ---- */

static enum packet_side
sender_of(const struct dialogue_event *event)
{
	return event->dir == DIALOGUE_RECEIVED ? PACKET_PEER : PACKET_LOCAL;
}

static int
write_packets(struct dialogue_pcap *p, struct pcap_connection *k,
    const struct dialogue_event *event, struct error *e)
{
	const int64_t time = p->started + event->time;

	if (!k->begun && begin_flow(p, k, e) == -1)
		return -1;
	switch (event->kind) {
	case DIALOGUE_DATA:
		return packet_flow_data(&k->flow, sender_of(event), event->data, event->n, time, e);
	case DIALOGUE_END:
		return packet_flow_end(&k->flow, sender_of(event), time, e);
	case DIALOGUE_RESET:
		return packet_flow_reset(&k->flow, sender_of(event), time, e);
	case DIALOGUE_CLOSE:
		return packet_flow_end(&k->flow, PACKET_LOCAL, time, e);
	case DIALOGUE_ERROR:
		if (event->text != NULL)
			packet_flow_comment(&k->flow, event->text);
		return packet_flow_end(&k->flow, PACKET_LOCAL, time, e);
	case DIALOGUE_OPEN:
	case DIALOGUE_TLS:
	case DIALOGUE_SECRET:
	case DIALOGUE_KINDS_N:
		break;
	}
	return 0;
}

/* ---- what waits ---- */

/* Writes all that is held, and waits no more. */
static int
release_held(struct dialogue_pcap *p, struct pcap_connection *k, struct error *e)
{
	const char *bytes = k->held_bytes.len > 0 ? buf_head(&k->held_bytes) : "";
	int rc = 0;

	k->waits = false;
	for (size_t i = 0; i < k->n_held && rc == 0; i++) {
		k->held[i].data = bytes;
		bytes += k->held[i].n;
		rc = write_packets(p, k, &k->held[i], e);
	}
	k->n_held = 0;
	buf_fini(&k->held_bytes);
	return rc;
}

static int
hold_event(struct pcap_connection *k, const struct dialogue_event *event, struct error *e)
{
	if (k->held == NULL)
		k->held = calloc(HELD_EVENTS_MAX, sizeof(*k->held));
	if (k->held == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if (event->n > 0 && buf_append(&k->held_bytes, event->data, event->n, e) == -1)
		return -1;
	k->held[k->n_held] = *event;
	k->held[k->n_held++].text = NULL;
	return 0;
}

static int
write_or_hold(struct dialogue_pcap *p, struct pcap_connection *k,
    const struct dialogue_event *event, struct error *e)
{
	const bool room = k->n_held < HELD_EVENTS_MAX && k->held_bytes.len + event->n < HELD_MAX;

	if (k->waits && room && !dialogue_is_last(event->kind))
		return hold_event(k, event, e);
	if (k->waits && release_held(p, k, e) == -1)
		return -1;
	return write_packets(p, k, event, e);
}

/* Puts the pieces of a message together. */
static int
add_piece(struct dialogue_pcap *p, struct pcap_connection *k, const struct dialogue_event *event,
    struct error *e)
{
	struct dialogue_event whole = *event;
	int rc;

	if (!event->more && k->bytes.len == 0)
		return write_or_hold(p, k, event, e);
	if (event->n > 0 && buf_append(&k->bytes, event->data, event->n, e) == -1)
		return -1;
	if (event->more)
		return 0;
	whole.data = buf_head(&k->bytes);
	whole.n = k->bytes.len;
	rc = write_or_hold(p, k, &whole, e);
	buf_consume(&k->bytes, k->bytes.len);
	return rc;
}

/* Recorded bytes are those inside TLS, which need no secrets. */
static int
write_secret(struct dialogue_pcap *p, const char *line, struct error *e)
{
	struct buf lines;
	int rc;

	if (!p->wire || line == NULL)
		return 0;
	buf_init(&lines, 4096);
	rc = buf_printf(&lines, e, "%s\n", line);
	if (rc == 0)
		rc = pcapng_secrets(&p->file, buf_head(&lines), lines.len, e);
	buf_fini(&lines);
	return rc;
}

static int
add_event(struct dialogue_pcap *p, struct pcap_connection *k, const struct dialogue_event *event,
    struct error *e)
{
	switch (event->kind) {
	case DIALOGUE_TLS:
		return store_tls(k, event, e);
	case DIALOGUE_SECRET:
		return write_secret(p, event->text, e);
	case DIALOGUE_DATA:
		return add_piece(p, k, event, e);
	default:
		return write_or_hold(p, k, event, e);
	}
}

/* ---- both ends ---- */

/* Returns true where the connection that opens is the other end of one that is open. */
static bool
pair_other_end(struct dialogue_pcap *p, const struct dialogue_event *open)
{
	struct pcap_connection *k = p->connections;

	if (p->wire || open->local == NULL || open->peer == NULL)
		return false;
	while (k != NULL &&
	    (k->paired || strcmp(k->texts[LOCAL_TEXT], open->peer) != 0 ||
		strcmp(k->texts[PEER_TEXT], open->local) != 0))
		k = k->next;
	if (k == NULL)
		return false;
	k->paired = true;
	k->other = open->connection;
	return true;
}

/* Makes of an event of either end what is to be written: what each has sent. Returns false for what the other end
 * shows. */
static bool
map_other_end(const struct dialogue_pcap *p, struct dialogue_event *event)
{
	const struct pcap_connection *k = p->connections;
	bool other;

	while (k != NULL && k->id != event->connection &&
	    (!k->paired || k->other != event->connection))
		k = k->next;
	if (k == NULL || !k->paired)
		return k != NULL;
	other = k->id != event->connection;
	if (event->dir == DIALOGUE_RECEIVED)
		return false;
	if (!other)
		return true;
	event->connection = k->id;
	event->dir = DIALOGUE_RECEIVED;
	/* the end that is shown has its own last event */
	if (event->kind == DIALOGUE_CLOSE || event->kind == DIALOGUE_ERROR)
		event->kind = DIALOGUE_END;
	return event->kind != DIALOGUE_TLS && event->kind != DIALOGUE_SECRET;
}

int
dialogue_pcap_event(struct dialogue_pcap *p, const struct dialogue_event *happened, struct error *e)
{
	struct dialogue_event shown = *happened, *event = &shown;
	struct pcap_connection **at, *k;
	int rc;

	if (event->kind == DIALOGUE_OPEN)
		return pair_other_end(p, event) ? 0 : open_connection(p, event, e);
	if (!map_other_end(p, event))
		return 0;
	at = find_open(p, event->connection);
	k = *at;
	rc = add_event(p, k, event, e);
	if (dialogue_is_last(event->kind)) {
		*at = k->next;
		free_connection(k);
	}
	return rc;
}

int
dialogue_pcap_release(struct dialogue_pcap *p, uint64_t connection, struct error *e)
{
	struct pcap_connection *k = *find_open(p, connection);

	return k != NULL ? release_held(p, k, e) : 0;
}

/* ---- the file ---- */

int
dialogue_pcap_open(struct dialogue_pcap *p, const struct dialogue_header *header,
    int (*write)(void *arg, const void *data, size_t n, struct error *e), void *arg,
    struct error *e)
{
	char comment[128];

	p->started = header->started;
	snprintf(comment, sizeof(comment),
	    "made by usock %s: the bytes and times are real, the packets are made up",
	    header->command);
	return pcapng_init(&p->file, write, arg, comment, e);
}

int
dialogue_pcap_close(struct dialogue_pcap *p, struct error *e)
{
	struct pcap_connection *k;
	int rc = 0;

	while ((k = p->connections) != NULL) {
		p->connections = k->next;
		if (rc == 0)
			rc = release_held(p, k, e);
		if (rc == 0 && !k->begun)
			rc = begin_flow(p, k, e);
		free_connection(k);
	}
	pcapng_fini(&p->file);
	return rc;
}

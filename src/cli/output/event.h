/*
 * Events of a running command. One table gives each event its fields, in
 * order, and its line; both the JSON object of --events and the line of -v are
 * made from it.
 */
#ifndef CLI_OUTPUT_EVENT_H
#define CLI_OUTPUT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "base/record.h"

struct buf;
struct error;

/* The values of an event come in the order given here; the table in event.c has their names. */
enum event {
	EVENT_LISTENING,   /* local, port */
	EVENT_RESERVED,    /* local, port, seconds */
	EVENT_CONNECTED,   /* id, local, peer */
	EVENT_ACCEPTED,    /* id, local, peer */
	EVENT_DENIED,      /* local, peer, uid, gid, reason */
	EVENT_PROXY,       /* proxy, target */
	EVENT_PROXIED,     /* id, local, peer, proxy */
	EVENT_SELF_SIGNED, /* sha256, pin */
	EVENT_TLS,         /* id, peer, version, cipher, alpn, server_name, ktls, resumed, checked,
			     * subject, issuer, names, not_before, not_after, sha256, pin */
	EVENT_END, /* id, local, peer, end, sent, received, datagrams_sent, datagrams_received,
			     * seconds, code, state, time_wait_left, exit,
			     * messages_sent, messages_received, close, close_reason */
	EVENT_END_SERVED,   /* the same, for a connection that was accepted */
	EVENT_DRAINING,     /* clients, seconds */
	EVENT_WORKER_DIED,  /* pid, signal, exit, clients */
	EVENT_RECONNECTING, /* id, peer, end, unacknowledged, unsent, seconds */
	EVENT_ATTEMPT,      /* peer, reason: no connection to this address */
	EVENT_PORT,         /* peer, port, verdict, reason: what a scan says of a port */
	EVENT_ERROR,        /* error, message, hint */
	EVENT_LOST,         /* count */
	EVENT_TEST,         /* file, name, outcome, todo, reason, message, at, end, left, seconds */
	EVENTS
};

enum { EVENT_FIELDS_MAX = 17 };

/* Values. An absent value is left out of the object, as is the part of the line that contains
 * it. */
#define EVENT_TEXT(v)                                                                              \
	{                                                                                          \
		.kind = FIELD_TEXT, .text = (v)                                                    \
	}
#define EVENT_INT(v)                                                                               \
	{                                                                                          \
		.kind = FIELD_INT, .number = (int64_t)(v)                                          \
	}
#define EVENT_REAL(v)                                                                              \
	{                                                                                          \
		.kind = FIELD_REAL, .real = (v)                                                    \
	}
#define EVENT_BOOL(v)                                                                              \
	{                                                                                          \
		.kind = FIELD_BOOL, .number = (v)                                                  \
	}
#define EVENT_INT_IF(known, v)                                                                     \
	{                                                                                          \
		.kind = (known) ? FIELD_INT : FIELD_TEXT, .number = (int64_t)(v)                   \
	}
#define EVENT_REAL_IF(known, v)                                                                    \
	{                                                                                          \
		.kind = (known) ? FIELD_REAL : FIELD_TEXT, .real = (v)                             \
	}

/* Appends the object and a newline. ERROR_INTERNAL. */
int event_json(struct buf *out, enum event event, const struct field *values, struct error *e);

/* Copies the values of the event, with their names, to ret_fields, which has room for
 * EVENT_FIELDS_MAX + 1. Returns how many there are. */
size_t event_name_fields(enum event event, const struct field *values, struct field *ret_fields);

/* Appends a line in the syntax of event.c with fields that have names; they end with FIELD_END. */
void event_format(struct buf *out, const char *format, const struct field *fields);

/* Logs the lines of the event, where log wants them. */
void event_lines(const struct log *log, enum event event, const struct field *values);

/* Appends the record that stands for count lost lines: the object, or a message line. */
int event_lost(struct buf *out, bool json, uint64_t count);

#endif

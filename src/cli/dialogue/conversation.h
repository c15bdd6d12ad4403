/*
 * A recording in memory, as pictures and figures need it: its connections, and what passed on them as
 * messages. Pieces of a stream that go the same way one right after the other are one message.
 */
#ifndef CLI_DIALOGUE_CONVERSATION_H
#define CLI_DIALOGUE_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/capture/dialogue.h"

struct error;

/* Pieces of a stream that are further apart are different messages. */
#define CONVERSATION_GAP (10 * INT64_C(1000000))

struct conversation_message {
	enum dialogue_kind kind;
	enum dialogue_direction dir;
	size_t connection;  /* its index */
	int64_t time, last; /* of the first and the last piece: nanoseconds since the start */
	uint64_t bytes;
	unsigned long pieces;
	char *data; /* the first n bytes; NULL where n is 0 */
	size_t n;
	char *text; /* what is to be said of an event; NULL: nothing */
};

struct conversation_connection {
	uint64_t id;
	enum dialogue_role role;
	enum dialogue_type type;
	char *local, *peer;
	char *tls, *server_name; /* "TLSv1.3 NAME-OF-CIPHER"; NULL: none */
	uint64_t bytes[2];       /* by direction */
	bool over;               /* its last event has come */
	bool goes_on;            /* the last piece of a datagram has not come */
	size_t last;             /* the index of its last message + 1; 0: none */
};

struct conversation {
	struct dialogue_header header;
	struct conversation_connection *connections;
	size_t n_connections, connections_size;
	struct conversation_message *messages; /* in the order of their first pieces */
	size_t n_messages, messages_size;
	size_t keep; /* how many bytes of a message are kept */
	/* Gets each message once another of its connection follows, which then takes its place: so there is
	 * one for each connection. NULL: all messages are kept. */
	void (*followed)(void *arg, const struct conversation *c,
	    const struct conversation_message *m);
	void *arg;
};

/* Makes c empty. Of each message at most keep bytes are kept. */
void conversation_init(struct conversation *c, size_t keep);
void conversation_fini(struct conversation *c);

/* Adds an event; those of a connection that is not open are left out. ERROR_INTERNAL. */
int conversation_add(struct conversation *c, const struct dialogue_event *event, struct error *e);

/* Forgets the messages, and the connections that are over. */
void conversation_forget(struct conversation *c);

/* Forgets the first n messages. */
void conversation_drop(struct conversation *c, size_t n);

/* True where the client of the connection has sent the message. */
bool conversation_is_request(const struct conversation *c, const struct conversation_message *m);

/* Returns the address that a message comes from, or goes to; "" where none was recorded. */
const char *conversation_end(const struct conversation *c, const struct conversation_message *m,
    bool from);

/* Returns the addresses of the client and of the server of a connection; "" where none was recorded. */
const char *conversation_client(const struct conversation_connection *k);
const char *conversation_server(const struct conversation_connection *k);

/* Returns such an address, or NULL where none was recorded. */
const char *conversation_known(const char *end);

/* True where n bytes read as text: valid UTF-8 without control characters other than blanks. */
bool conversation_is_text(const char *data, size_t n);

/* Returns the word of an event as people read it: "connects", "ends", "resets". */
const char *conversation_word(enum dialogue_kind kind);

#endif

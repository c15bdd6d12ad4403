/*
 * What a command of the control socket brings: rows of clients, counts, and a state, in the order
 * text or JSON that the request asks for. The last line says whether the command succeeded: `ok` or
 * `error: REASON`, in JSON {"ok":true} or {"ok":false,"error":"REASON"}.
 */
#ifndef CONTROL_CONTROL_ANSWER_H
#define CONTROL_CONTROL_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct error;

/* Counts of a server, in the order of `stats`. They add up over several processes. */
#define CONTROL_COUNTS(X)                                                                          \
	X(COUNT_CONNECTED, "connected")                                                            \
	X(COUNT_ACCEPTED, "accepted")                                                              \
	X(COUNT_REFUSED, "refused")                                                                \
	X(COUNT_DENIED, "denied")                                                                  \
	X(COUNT_FAILED, "failed")                                                                  \
	X(COUNT_KICKED, "kicked")                                                                  \
	X(COUNT_SENT, "sent")                                                                      \
	X(COUNT_RECEIVED, "received")

enum control_count {
#define X(count, word) count,
	CONTROL_COUNTS(X)
#undef X
	    CONTROL_COUNTS_N
};

struct control_answer {
	struct buf rows;   /* of clients, complete lines */
	const char *state; /* NULL: not part of the answer */
	bool has_counts;   /* all counts are part of the answer */
	uint64_t counts[CONTROL_COUNTS_N];
	bool partial; /* what there is of it precedes the reason of a failure, too */
};

/* One client of the server. */
struct control_client {
	unsigned long id;
	const char *peer;
	int64_t since; /* clock_now() when it came */
	bool counted;  /* sent and received are known */
	uint64_t sent, received;
	const char *state; /* "negotiating", "open", "closing" */
	const char *what;  /* what the client gets */
};

void control_answer_init(struct control_answer *a);
void control_answer_fini(struct control_answer *a);

/* Appends a row. ERROR_INTERNAL, also for more than 64 MiB. */
int control_answer_client(struct control_answer *a, const struct control_client *c, bool json,
    struct error *e);

/* Appends the titles of the rows. */
int control_answer_titles(struct buf *out, struct error *e);

/* Adds a line of `stats` to the counts. Returns false if it is none. */
bool control_answer_add(struct control_answer *a, const char *line);

/* Appends the counts and the state: one a line, or one object. */
int control_answer_counts(const struct control_answer *a, bool json, struct buf *out,
    struct error *e);

/* Appends the last line. failure is NULL for success. */
int control_answer_end(const struct error *failure, bool json, struct buf *out, struct error *e);

/* Returns true if line is the last one of an answer. *ret_failure is then the reason, or NULL for
 * success; it points into line. */
bool control_answer_is_end(char *line, const char **ret_failure);

#endif

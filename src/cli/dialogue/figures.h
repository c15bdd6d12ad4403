/*
 * Figures of a conversation: how long servers took to answer and clients to go on, and how large
 * requests and answers were.
 */
#ifndef CLI_DIALOGUE_FIGURES_H
#define CLI_DIALOGUE_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct conversation;
struct conversation_message;
struct error;

/* How many buckets of values a figure has; their means are within a hundredth of what is in them. */
#define FIGURES_BUCKETS 7296

enum figure { ROUND_TRIPS, THINK_TIMES, REQUESTS, ANSWERS, FIGURES };

struct figures_bucket {
	uint64_t n;
	int64_t sum;
};

/* Times in nanoseconds, sizes in bytes. */
struct figures_samples {
	uint64_t n;
	int64_t least, most;
	struct figures_bucket buckets[FIGURES_BUCKETS];
};

/* The last data of a connection. */
struct figures_turn {
	bool begun, request;
	int64_t last;
};

/* What is measured while a recording is read: memory for connections, and not for messages. */
struct figures {
	struct figures_samples of[FIGURES];
	struct figures_turn *turns; /* by the index of a connection */
	size_t n_turns;
	int64_t end; /* of the last message */
	bool torn;   /* memory ran out */
};

struct figures_how {
	size_t columns; /* of the terminal; 0: no limit */
	bool color;
};

/* Returns NULL with ERROR_INTERNAL. */
struct figures *figures_open(struct error *e);
void figures_close(struct figures *f);

/* Measures a message after those before it, for conversation->followed: arg is the struct figures. */
void figures_measure(void *arg, const struct conversation *c, const struct conversation_message *m);

/* Measures the last message of each connection. ERROR_INTERNAL, also where measuring has failed. */
int figures_finish(struct figures *f, const struct conversation *c, struct error *e);

/* Appends tables and histograms for people. ERROR_INTERNAL. */
int figures_text(const struct figures *f, const struct conversation *c,
    const struct figures_how *how, struct buf *out, struct error *e);

/* Appends a JSON object a line: one for each kind of figure, with "what", and one for each
 * connection. */
int figures_json(const struct figures *f, const struct conversation *c, struct buf *out,
    struct error *e);

#endif

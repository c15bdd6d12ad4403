/*
 * What happens to bytes on their way: a chain of small filters and observers.
 * A chain turns input into output in a buffer; each filter sees what the one
 * before it made.
 */
#ifndef RELAY_FILTER_FILTER_H
#define RELAY_FILTER_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct buf;
struct framing;

struct filter {
	/* Appends to out what becomes of n bytes. 0 or -1. */
	int (*run)(struct filter *t, const char *data, size_t n, struct buf *out, struct error *e);
	/* The source ended: appends what was held back. NULL: nothing ever is. */
	int (*finish)(struct filter *t, struct buf *out, struct error *e);
	void (*close)(struct filter *t); /* NULL: free() */
	struct filter *next;
};

/* Appends t to the chain. -1 where t is NULL. */
int filters_add(struct filter **filters, struct filter *t);

int filters_run(struct filter *filters, const char *data, size_t n, struct buf *out,
    struct error *e);
int filters_finish(struct filter *filters, struct buf *out, struct error *e);
void filters_close(struct filter *filters);

/* LF becomes CR LF; a CR LF that is there stays, over read boundaries too. */
struct filter *filter_crlf(struct error *e);

/* Inbound telnet (RFC 854): takes commands out; refuses every option by
 * appending DONT/WONT to replies (what the other way holds for its sink), through the filters
 * `seen` of that other way, which stay its own; NULL: none. */
struct filter *filter_telnet_in(struct buf *replies, struct filter *seen, struct error *e);
/* Outbound: doubles IAC. */
struct filter *filter_telnet_out(struct error *e);

/* Bytes go on as soon as their record is complete, the last one at the end, as framing_put()
 * writes it. A record that is none is an error of this code. */
struct filter *filter_framing(const struct framing *framing, enum error_code fault,
    struct error *e);

/* Gives fn the bytes as text, 16 a line: "> 00000000  68 65 ..  |he..|\n". Bytes
 * pass unchanged. mark is '>' for sent, '<' for received. */
struct filter *filter_hexdump(char mark, void (*fn)(void *arg, const char *text, size_t n),
    void *arg, struct error *e);

/* One at the end of each chain; none where fn is NULL. */
int filters_add_hexdump(struct filter **sent, struct filter **received,
    void (*fn)(void *arg, const char *text, size_t n), void *arg, struct error *e);

#endif

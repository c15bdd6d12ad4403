/*
 * Transformations and observers of bytes: a chain of small filters. Each sees
 * what the one before made, and the result is appended to a buffer.
 */
#ifndef RELAY_FILTER_FILTER_H
#define RELAY_FILTER_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct buf;
struct framing;

struct filter {
	/* Appends the result for n bytes to out. Returns 0 or -1. */
	int (*run)(struct filter *t, const char *data, size_t n, struct buf *out, struct error *e);
	/* Appends what was held back, at the end of the source. NULL: nothing is. */
	int (*finish)(struct filter *t, struct buf *out, struct error *e);
	void (*close)(struct filter *t); /* NULL: free() is enough */
	struct filter *next;
};

/* Appends t to the chain. Returns -1 if t is NULL. */
int filters_add(struct filter **filters, struct filter *t);

int filters_run(struct filter *filters, const char *data, size_t n, struct buf *out,
    struct error *e);
int filters_finish(struct filter *filters, struct buf *out, struct error *e);
void filters_close(struct filter *filters);

/* Converts LF to CR LF, except after a CR, also across reads. */
struct filter *filter_crlf(struct error *e);

/* Drops everything. */
struct filter *filter_drop(struct error *e);

/* Telnet input (RFC 854): removes commands, and refuses every option. The DONT and WONT are
 * appended to replies, the buffer of the other direction, after the filters `seen` of that
 * direction, which it does not own; NULL: none. */
struct filter *filter_telnet_in(struct buf *replies, struct filter *seen, struct error *e);
/* Telnet output: doubles IAC. */
struct filter *filter_telnet_out(struct error *e);

/* Passes bytes on when their record is complete, as framing_put() writes it; the last record at the
 * end. A malformed record is an error with code `fault`. */
struct filter *filter_framing(const struct framing *framing, enum error_code fault,
    struct error *e);

/* Who looks at the data of both directions. A NULL fn: nobody. */
struct dump {
	void (*fn)(void *arg, const char *data, size_t n);
	void *arg;
	size_t per_line; /* bytes in a line of a hexdump, as hexdump_line() has it; 0: 16 */
};

/* Passes bytes on unchanged, and gives to->fn a dump of them: "> 00000000  68 65 .. |he..|\n".
 * mark is '>' for sent, '<' for received; with a mark of 0, to->fn gets the bytes as they are. */
struct filter *filter_dump(char mark, const struct dump *to, struct error *e);

/* Passes bytes on unchanged, and gives to->fn each line of them as "> text\n", without its end and
 * with control characters escaped; the last line of a piece, too, where its end has not come. */
struct filter *filter_lines(char mark, const struct dump *to, struct error *e);

struct dumps {
	struct dump hex;   /* gets a hexdump */
	struct dump plain; /* gets the bytes as they are, of both directions in their order */
	bool lines;        /* plain gets them as filter_lines() writes them */
};

bool dumps_any(const struct dumps *d);

/* Adds the filters of the dumps to the end of both chains. */
int filters_add_dumps(struct filter **sent, struct filter **received, const struct dumps *d,
    struct error *e);

#endif

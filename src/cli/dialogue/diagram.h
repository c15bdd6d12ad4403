/*
 * A conversation as a sequence diagram in SVG: a lane for each endpoint, an arrow for each message,
 * time from top to bottom. The picture needs no script; a pointer that rests on an arrow shows the
 * payload. Colors follow prefers-color-scheme, and what a color says a word or an arrow says, too.
 */
#ifndef CLI_DIALOGUE_DIAGRAM_H
#define CLI_DIALOGUE_DIAGRAM_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct conversation;
struct error;

struct diagram_how {
	bool scale;         /* as far apart as in time, though never too close to read */
	bool inside;        /* of a page that has diagram_style() once; else a file of its own */
	const char *anchor; /* arrows are links to "#ANCHORn"; NULL: they are none */
};

/* Appends the picture. Fails like buf_append(). */
int diagram_draw(const struct conversation *c, const struct diagram_how *how, struct buf *out,
    struct error *e);

/* Appends the rules of CSS of diagrams. */
int diagram_style(struct buf *out, struct error *e);

/* Appends the payload of a message as text of SVG or HTML: as it is where it is text, else as a
 * hexdump. A last line says how much was not kept. */
struct conversation_message;
int diagram_payload(const struct conversation_message *m, struct buf *out, struct error *e);

/* Appends its beginning in one line, of at most `columns` characters. */
int diagram_preview(const struct conversation_message *m, size_t columns, struct buf *out,
    struct error *e);

#endif

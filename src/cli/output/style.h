/*
 * Color: the one palette of the program, by meaning. What is in color is always said in words or
 * marks, too, so nothing is lost without it.
 */
#ifndef CLI_OUTPUT_STYLE_H
#define CLI_OUTPUT_STYLE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct error;

/* The sixteen colors of a terminal's own scheme, so that they are legible on light and on dark. */
enum style {
	STYLE_PLAIN,
	STYLE_GOOD,     /* open, ok, connected */
	STYLE_BAD,      /* closed, not ok, an error */
	STYLE_UNSURE,   /* filtered, skipped, a state on its way */
	STYLE_NOTE,     /* a hint, the name of a socket */
	STYLE_DIM,      /* what is secondary */
	STYLE_TITLE,    /* titles of columns and groups */
	STYLE_SENT,     /* bytes to the peer */
	STYLE_RECEIVED, /* bytes from the peer */
	STYLES
};

/* The words of --color, in the order of its row. */
enum style_when { STYLE_AUTO, STYLE_ALWAYS, STYLE_NEVER };
#define STYLE_WORDS "auto always never"
#define STYLE_HELP "colors: auto (on a terminal, unless NO_COLOR is set), always or never"

/* True where output to fd has colors. AUTO asks in this order: NO_COLOR that is not empty says no;
 * CLICOLOR_FORCE that is neither empty nor 0 says yes; else style_has_sequences(). */
bool style_wanted(enum style_when when, int fd);

/* True where fd is a terminal that knows control sequences: TERM is set and not dumb. */
bool style_has_sequences(int fd);

/* The sequences in front of a piece of output and after it; "" without color, and for PLAIN. */
const char *style_on(bool color, enum style style);
const char *style_off(bool color, enum style style);

/* Appends n bytes of text in a style. The text has no control characters. */
int style_append(struct buf *out, bool color, enum style style, const char *text, size_t n,
    struct error *e);

/* Appends lines that begin with '>' (sent) or '<' (received) in the color of their direction; other
 * lines stay as they are. */
int style_append_directions(struct buf *out, bool color, const char *text, size_t n,
    struct error *e);

/* The style of the word of a verdict: open, closed, filtered, error; of a state such as
 * ESTABLISHED; PLAIN for any other word. */
enum style style_of_word(const char *word);

#endif

/*
 * Fits a text of help, which is written for 80 columns, into fewer.
 */
#ifndef CLI_HELP_REFLOW_H
#define CLI_HELP_REFLOW_H

#include <stddef.h>

struct buf;
struct error;

/* Appends text with lines of at most width columns, where its words allow that. Lines of a paragraph
 * flow together. A term with words on its right, as an option with its help, becomes a term with the
 * words below it where too little room is left beside it. A usage or term that has several lines is
 * indented further after the first. */
int reflow(struct buf *out, const char *text, size_t width, struct error *e);

#endif

/*
 * Pages of HTML: one file each, without a script, light or dark as the reader's system is, and for
 * paper.
 */
#ifndef CLI_DIALOGUE_PAGE_H
#define CLI_DIALOGUE_PAGE_H

#include <stdbool.h>

struct buf;
struct conversation;
struct error;

/* Append the head of a page with its title, and its end. more (may be NULL) are rules of CSS. Fail like
 * buf_append(). */
int page_begin(const char *title, const char *more, struct buf *out, struct error *e);
int page_end(struct buf *out, struct error *e);

/* Appends a conversation: its connections, its diagram and the messages with their payloads, folded
 * where they are large. anchor begins the names of its messages, and is unique in the page. */
int page_conversation(const struct conversation *c, const char *anchor, bool scale, struct buf *out,
    struct error *e);

#endif

/*
 * A conversation as a script of usock: it plays the client, and expects from the server what the
 * recording has.
 */
#ifndef CLI_DIALOGUE_SCENARIO_H
#define CLI_DIALOGUE_SCENARIO_H

struct buf;
struct conversation;
struct error;

/* Appends the script. c keeps all bytes of its messages. ERROR_USAGE: nothing is in it; ERROR_INTERNAL. */
int scenario_write(const struct conversation *c, struct buf *out, struct error *e);

#endif

/*
 * Serial lines that may not be there yet, and listening on one: who has the line is the
 * client.
 */
#ifndef STREAM_SERIAL_LINE_H
#define STREAM_SERIAL_LINE_H

#include <stdbool.h>

#include "base/deadline.h"

struct connect_how;
struct endpoint;
struct error;
struct line_listener;
struct log;
struct loop;
struct stream;

/* Opens the line of ep, again after how->retry_interval where that fails, how->retries times. Waits on
 * the loop. Returns -1 with "connect ADDRESS: reason", ERROR_TIMEOUT or ERROR_SIGNAL. */
int line_connect(struct stream **ret_stream, struct loop *l, const struct endpoint *ep,
    const struct connect_how *how, struct deadline until, const struct log *log, struct error *e);

/* Makes a listener. *ret_fd, which becomes the caller's, is readable when a client may be there. A
 * device has to be there, and is the first client; when it has hung up, it is opened again, once a second.
 * With a link, each opener is a client. Returns -1 with "listen ADDRESS: reason". */
int line_listen(struct line_listener **ret_listener, const struct endpoint *ep, int *ret_fd,
    const struct log *log, struct error *e);

/* Makes a stream of the next client; fd is that of line_listen(). Returns 1, 0 if none is there, or
 * -1. */
int line_accept(struct line_listener *line, int fd, struct stream **ret_stream, struct error *e);

/* Returns the address of the listener. */
const struct endpoint *line_endpoint(const struct line_listener *line);

/* Accepts NULL. */
void line_close(struct line_listener *line);

#endif

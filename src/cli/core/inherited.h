/*
 * The descriptors that the program inherited. Only these may be named by
 * number (fd:N, --ready-fd, --events fd:N); a user or a script cannot name
 * those that the program opens itself.
 */
#ifndef CLI_CORE_INHERITED_H
#define CLI_CORE_INHERITED_H

#include <stdbool.h>

struct bind_how;
struct endpoint;
struct error;
struct loop;
struct sock;

/* Records the open descriptors, and those of LISTEN_FDS, which are meant for the process that
 * records them first (sd_listen_fds(3)), and opens the standard descriptors that are closed. Call it
 * before the program opens any of its own; later calls do nothing. */
void inherited_record(void);

/* True where fd was inherited and has not been taken since. */
bool inherited_has(int fd);

/* Marks fd as taken: it is in use or closed, and its number no longer names what was inherited. */
void inherited_mark_used(int fd);

/* Turns systemd:NAME into fd:N. ERROR_USAGE where no such socket was passed, and where ep is fd:N
 * and N is open but was not inherited. A descriptor that is not open is reported by the code that
 * uses it. */
int inherited_resolve(struct endpoint *ep, struct error *e);

/* Closes all inherited descriptors above 2 that have not been taken. */
void inherited_close_unused(void);

/* sock_adopt() of an inherited descriptor, with the socket options (--sockopt) of how. On success the
 * descriptor is marked as taken. */
int inherited_adopt(struct sock **ret_sock, struct loop *l, int fd, const struct bind_how *how,
    bool listening, struct error *e);

#endif

/*
 * A unix path that this process created, and that close removes.
 */
#ifndef SOCK_UNIX_PATH_H
#define SOCK_UNIX_PATH_H

struct error;
struct sock;

/* Record a unix path that this process created: the one that s listens on, or the one that it is
 * bound to, if any. sock_path_remove() unlinks it, unless it is another file by now. */
int sock_path_keep(struct sock *s, const char *path, struct error *e);
int sock_path_keep_source(struct sock *s, struct error *e);
void sock_path_remove(struct sock *s);

#endif

/*
 * The names of a socket object that it keeps beyond its descriptor.
 */
#ifndef SOCK_NAMES_H
#define SOCK_NAMES_H

struct sock;
struct sockname;

/* Record the peer's name: the given one, or the one that the kernel knows. */
void sock_keep_peer(struct sock *s, const struct sockname *peer);
void sock_learn_peer(struct sock *s);
/* The local name for when the kernel does not say it any more. */
void sock_keep_local(struct sock *s, const struct sockname *local);
/* Both names are that of a line. */
void sock_keep_line_name(struct sock *s, const struct sockname *name);
/* Gets the peer that the kernel knows, whatever a proxy has told. */
void sock_kernel_peer(const struct sock *s, struct sockname *ret_name);
/* Records both names. Called before the descriptor is closed. */
void sock_keep_names(struct sock *s);

#endif

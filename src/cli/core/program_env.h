/*
 * What a program that serves or uses a connection finds in its environment:
 * USOCK_* and the names of UCSPI (TCPREMOTEIP ...).
 */
#ifndef CLI_CORE_PROGRAM_ENV_H
#define CLI_CORE_PROGRAM_ENV_H

#include <stddef.h>

struct sock;
struct sockname;

/* session_how.env_fn; arg is the struct session_how. */
int program_env(void *arg, unsigned long id, struct sock *s, char **env, size_t n);

/* The same for a sender of datagrams: PROTO=UDP, UDPREMOTEIP ... */
int program_env_dgram(unsigned long id, struct sock *s, const struct sockname *local,
    const struct sockname *peer, char **env, size_t n);

#endif

/*
 * The environment of a program that serves or uses a connection: USOCK_*,
 * the names of UCSPI (TCPREMOTEIP ...) and those of ncat; and PATH.
 */
#ifndef CLI_CORE_PROGRAM_ENV_H
#define CLI_CORE_PROGRAM_ENV_H

#include <stddef.h>

struct error;
struct sock;
struct sockname;

/* For session_how.env_fn; arg is the struct session_how. Writes at most n pointers to env, NULL
 * last; the caller frees the strings. -1: out of memory. */
int program_env(void *arg, unsigned long id, struct sock *s, char **env, size_t n);

/* The same for the sender of datagrams: PROTO=UDP, UDPREMOTEIP ... */
int program_env_dgram(unsigned long id, struct sock *s, const struct sockname *local,
    const struct sockname *peer, char **env, size_t n);

/* For a program that is no server of a client but uses the listening socket fd: USOCK_ADDR and
 * USOCK_PORT. For a socket on all addresses USOCK_ADDR is that of loopback. Fails with
 * ERROR_INTERNAL. */
int program_env_listener(int fd, char **env, size_t n, struct error *e);

/* Looks for a program before anything depends on it, as a server that would accept clients without
 * one: as execvp(3) does, in PATH where name has no slash. Returns 0 where an executable file is found,
 * which may still be removed later. Else -1 with ERROR_NOT_FOUND or ERROR_NOT_EXECUTABLE and the text of
 * process_exec_error(). */
int program_env_check_path(const char *name, struct error *e);

#endif

/*
 * Handles: the names of sockets in a script. Each handle is a command (`sock1 send hello`); all of them share
 * one table of methods, to which the files of methods/ and expect/ add rows.
 *
 * The command owns the handle. A closed socket keeps its handle, so that a script can query its state; of the
 * closed ones the newest HANDLE_CLOSED_MAX stay, and older ones are deleted when sockets are made.
 */
#ifndef SCRIPT_HANDLE_H
#define SCRIPT_HANDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct interp;
struct interp_command;
struct script;
struct handshakes;
struct sock;
struct sock_file;
struct value;

#define HANDLE_CLOSED_MAX 1000

struct handle {
	struct script *sc;
	char name[24];     /* "sock1", "file1" */
	struct sock *sock; /* a socket, or the one under a file; NULL once a file is closed */
	bool is_file;      /* made by makefile: it has the methods of files */
	struct sock_file *file;
	struct handle *of;             /* of a file: its socket, held */
	struct handshakes *handshakes; /* of this connection, or for accepted clients; held; NULL */
	char *host;                    /* the host that it was connected to, as written; NULL */
	struct serving *serving;       /* its clients are accepted for a body (server.c); NULL */
	void (*stop_serving)(struct handle *h); /* frees serving */
	struct socket_record *record; /* of socket_recorder.c; freed with the handle; NULL: none */
	void *expect;                 /* the expect that waits for this socket; NULL */
	bool end_seen;                /* that expect has seen the end of the stream */
	struct handle *next, *prev;   /* in the order of creation */
	unsigned holds;
	bool orphan;   /* its command is deleted */
	bool attended; /* the body of a server uses it */
};

/* Makes a command with the next free name and makes it the current socket. Takes s; on failure frees it and
 * returns NULL with the error of the interpreter set (out of memory). */
struct handle *handle_add(struct script *sc, struct sock *s);

/* Does the same, but s stays the caller's on failure. */
struct handle *handle_try_add(struct script *sc, struct sock *s);

/* Returns the socket of that name; NULL with the error set. Ignores files. */
struct handle *handle_find(struct script *sc, struct interp *in, struct value *name);

/* Returns the current socket; NULL with the error set ("no current socket: ..."). */
struct handle *handle_current(struct script *sc, struct interp *in);
/* Returns the current socket or NULL. */
struct handle *handle_get_current(struct script *sc);
void handle_set_current(struct script *sc, struct handle *h);

/* Calls fn for all sockets in the order of creation, closed ones included. fn may close sockets, but must not
 * make any. */
void handles_each(struct script *sc, void (*fn)(void *arg, struct handle *h), void *arg);

/* Keeps a copy of the host name that the certificate of the peer must match. */
void handle_set_host(struct handle *h, const char *host);

/* Returns false once the socket is closed. */
bool handle_is_open(const struct handle *h);

/* Stops accepting clients for the body of a server; does nothing for other sockets. */
void handle_stop_serving(struct handle *h);

/* Code that waits with a handle holds it meanwhile, since a callback may delete its command. handle_drop() may
 * free h. */
void handle_hold(struct handle *h);
void handle_drop(struct handle *h);

/* Calls script_how.traffic: '>' for sent bytes, '<' for bytes returned to the script. */
void handle_traffic(struct handle *h, char direction, const void *bytes, size_t n);

/* Adds methods of sockets. Their data is the struct handle, argv[0] the handle, argv[1] the method; min and max
 * count the arguments after that. Copies the rows; their strings must outlive the script. */
void script_add_methods(struct script *sc, const struct interp_command *rows, size_t n);

/* Returns the methods of sockets or of files, sorted by name; the last row is empty. */
const struct interp_command *script_methods(const struct script *sc, bool of_files);

/* Makes a command that calls a method of the current socket ("send bytes"). */
void script_add_short(struct script *sc, const char *method);

/* Runs a method as the command of the handle does; argv[0] is the method. */
int handle_call(struct handle *h, struct interp *in, int argc, struct value *const argv[]);

#endif

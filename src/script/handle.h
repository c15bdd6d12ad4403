/*
 * Handles: what a script calls its sockets by. Each is a command (`sock1 send
 * hello`) with one table of methods, to which every room adds its rows.
 *
 * The command owns the handle. A closed socket keeps its handle, so that its
 * state can be asked for; of those the newest HANDLE_CLOSED_MAX stay, and older
 * ones go when another is made.
 */
#ifndef SCRIPT_HANDLE_H
#define SCRIPT_HANDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct interp;
struct interp_command;
struct script;
struct tls_context;
struct sock;
struct sock_file;
struct value;

#define HANDLE_CLOSED_MAX 1000

struct handle {
	struct script *sc;
	char name[24];     /* "sock1", "file1" */
	struct sock *sock; /* a socket, or the one under a file; NULL once a file is closed */
	bool is_file;      /* made by makefile: files have methods of their own */
	struct sock_file *file;
	struct handle *of;               /* the socket's, held */
	struct tls_context *tls_context; /* TLS, its own or for those that it accepts; NULL */
	char *host;                      /* that it was connected to, as written; NULL */
	struct serving *serving;         /* clients are accepted for a body (script/server) */
	/* whoever looks for something in what has come remembers here what it has
	 * seen; expect/expect's */
	void *expect;
	bool end_told;                     /* to the expect that goes on */
	void (*expect_free)(void *expect); /* called before the handle goes */
	struct handle *next, *prev;        /* in the order they were made */
	unsigned holds;
	bool orphan;   /* its command is gone */
	bool attended; /* the body of a server is busy with it */
};

/* Makes the command of the next free name, and s the current socket; s is the
 * handle's from now on. NULL: out of memory, s freed, the error of in set. */
struct handle *handle_add(struct script *sc, struct sock *s);

/* The socket of that name; NULL with the error set. Files do not count. */
struct handle *handle_find(struct script *sc, struct interp *in, struct value *name);

/* NULL with the error set ("no current socket: ..."). */
struct handle *handle_current(struct script *sc, struct interp *in);
/* NULL: none. */
struct handle *handle_get_current(struct script *sc);
void handle_set_current(struct script *sc, struct handle *h);

/* Sockets in the order they were made, closed ones too; fn may close, but not
 * make one. */
void handles_each(struct script *sc, void (*fn)(void *arg, struct handle *h), void *arg);

/* Remembers the name that a certificate has to have. */
void handle_set_host(struct handle *h, const char *host);

/* True until the socket is closed. */
bool handle_is_open(const struct handle *h);

/* Whoever waits on a handle outside of its own command holds it meanwhile: a
 * callback may delete the command. After handle_drop h may be gone. */
void handle_hold(struct handle *h);
void handle_drop(struct handle *h);

/* Tells script_how.traffic: '>' sent, '<' given to the script. */
void handle_traffic(struct handle *h, char direction, const void *bytes, size_t n);

/* Adds methods {name, run, min, max, usage} of sockets; run gets the struct
 * handle as data, argv[0] is the handle, argv[1] the method, min and max count
 * behind that. Rows are copied, their strings must stay. */
void script_add_methods(struct script *sc, const struct interp_command *rows, size_t n);

/* Those of sockets, or of files, in the order of their names; ends with an empty row. */
const struct interp_command *script_methods(const struct script *sc, bool of_files);

/* Makes a command that is a method of the current socket ("send bytes"). */
void script_add_short(struct script *sc, const char *method);

/* Runs a method as its own command would: argv[0] is the method here. */
int handle_call(struct handle *h, struct interp *in, int argc, struct value *const argv[]);

#endif

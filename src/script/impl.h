/*
 * The structures of a script. Only files of src/script include this header.
 */
#ifndef SCRIPT_IMPL_H
#define SCRIPT_IMPL_H

#include "base/error.h"
#include "loop/loop.h"
#include "script/args.h"
#include "script/context.h"
#include "script/coroutine/coroutine.h"
#include "script/error.h"
#include "script/handle.h"
#include "script/script.h"
#include "script/socket_recorder.h"
#include "tcl/interp.h"

/* Methods sorted by name; the row after the last is empty. */
struct methods {
	struct interp_command *rows;
	size_t n;
};

/* The running method: its socket, and when it began. */
struct acting {
	struct handle *handle; /* NULL: no method runs */
	int64_t since;
};

struct script {
	struct script_how how;
	struct interp *in;

	struct handle *first, *last; /* in the order of creation */
	struct handle *current;
	struct acting acting;
	unsigned long sockets, files;                  /* the last number in a name */
	struct recorder *recorders[SOCKET_RECORDINGS]; /* NULL: none */
	void (*on_socket)(struct handle *h); /* a socket has a handle now; NULL: nobody asks */
	unsigned since_sweep;
	struct methods socket_methods, file_methods;
	struct expects *expects; /* owned by expect/expect.c */

	struct deadline until;
	int64_t until_since; /* when the deadline was set */
	struct timer timer;
	bool timed_out;

	bool exited; /* the script called exit with this status */
	int status;
	bool stopped; /* by a signal or the deadline, for this reason */
	struct error stop;

	/* the last error of script_fail() and its -errorcode, by which script_error() recognizes it */
	struct error failed;
	struct value *failed_code;

	struct coroutines *coroutines;
	bool has_background;
	struct error background;
};

/* A file that adds commands or methods; fini (may be NULL) runs before the interpreter is freed. */
struct script_part {
	void (*init)(struct script *sc);
	void (*fini)(struct script *sc);
};

/* The last row has no init. */
extern const struct script_part script_parts[];

void script_socket_init(struct script *sc);
void script_connect_init(struct script *sc);
void script_io_init(struct script *sc);
void script_opt_init(struct script *sc);
void script_state_init(struct script *sc);
void script_makefile_init(struct script *sc);
void script_tls_init(struct script *sc);
void script_websocket_init(struct script *sc);
void script_server_init(struct script *sc);
void script_expect_init(struct script *sc);
void script_expect_fini(struct script *sc);
void script_fault_injection_init(struct script *sc);

/* The hook of `source`: reads the files that how.allow_files and how.folder permit. */
int script_load(struct interp *in, void *data, struct value *name, struct value **ret_text);

/* Adds a row. False: out of memory. */
bool methods_add(struct methods *m, const struct interp_command *row);
void methods_fini(struct methods *m);

/* Deletes the oldest closed sockets where there are too many; most calls only count. Call it when a socket was
 * made or closed. */
void handle_sweep(struct script *sc);

/* Makes a handle for a file object of a socket, as handle_add() does for a socket. */
struct handle *handle_add_file(struct handle *of, struct sock_file *file);

#endif

/*
 * What the files of src/script share and nobody else sees.
 */
#ifndef SCRIPT_IMPL_H
#define SCRIPT_IMPL_H

#include "base/error.h"
#include "loop/loop.h"
#include "script/coroutine.h"
#include "script/handle.h"
#include "script/script.h"
#include "tcl/interp.h"

/* Sub-commands, in the order of their names, an empty row behind them. */
struct methods {
	struct interp_command *rows;
	size_t n;
};

/* The method that runs, of which socket, and since when. */
struct acting {
	struct handle *handle; /* NULL: none */
	int64_t since;
};

struct script {
	struct script_how how;
	struct interp *in;

	struct handle *first, *last; /* in the order they were made */
	struct handle *current;
	struct acting acting;
	unsigned long sockets, files; /* numbers given out */
	unsigned since_sweep;
	struct methods socket_methods, file_methods;
	struct expects *expects; /* expect/expect's */

	struct deadline until;
	int64_t until_since; /* when that was set */
	struct timer timer;
	bool timed_out;

	bool left; /* exit was called, with this status */
	int status;
	bool stopped; /* by a signal or the deadline; stop says why */
	struct error stop;

	/* the last that script_fail told, and its -errorcode, to know it again */
	struct error failed;
	struct value *failed_code;

	struct coroutines *coroutines;
	bool has_background;
	struct error background;
};

/* Ends the script for this reason. Returns TCL_ERROR. */
int script_stop(struct script *sc, const struct error *e);

/* The hook of `source`: what how.allow_files and how.folder let it read. */
int script_load(struct interp *in, void *data, struct value *name, struct value **ret_text);

/* sock_adopt() of a descriptor that scripts may name; any other is as good as none (EBADF). */
int script_adopt(struct script *sc, int fd, struct sock **ret_sock, struct error *e);

/* A row more. False: out of memory. */
bool methods_add(struct methods *m, const struct interp_command *row);
void methods_fini(struct methods *m);

/* One more has come or gone: now and then the oldest closed ones go. */
void handle_sweep(struct script *sc);

/* As handle_add, for a file object of that socket. */
struct handle *handle_add_file(struct handle *of, struct sock_file *file);

/* Ends what accepts clients for h; nothing where it does not (script/server). */
void serve_end(struct handle *h);

/* Each adds its commands and methods. */
void script_sock_init(struct script *sc);
void script_sock_name_init(struct script *sc);
void script_sock_io_init(struct script *sc);
void script_sock_opt_init(struct script *sc);
void script_sock_state_init(struct script *sc);
void script_sock_file_init(struct script *sc);
void script_serve_init(struct script *sc);
void script_expect_init(struct script *sc);
void script_fault_injection_init(struct script *sc);
void script_tls_context_init(struct script *sc);

/* Before the interpreter goes. */
void script_expect_fini(struct script *sc);

/* Adds all rows of a table that ends with an empty one. */
void script_add_commands(struct script *sc, const struct interp_command *rows);

#endif

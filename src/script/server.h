/*
 * Bodies of scripts for clients: `server` accepts them itself, and script_serve() is for who has accepted one.
 */
#ifndef SCRIPT_SERVER_H
#define SCRIPT_SERVER_H

struct error;
struct script;
struct sock;
struct value;

struct script_serve_how {
	struct value *lambda; /* {{handle address port} BODY}; the caller's */
	/* Called in the coroutine when the body is over; s is closed by a body that does so. e is why it failed,
	 * or NULL; a body that was stopped has not failed. Its socket lives until this returns. */
	void (*done)(void *arg, const struct error *e);
	void *arg;
};

/* Takes s and runs the body for it in a coroutine, at once until its first wait. Fails without memory; then done is
 * not called, and s stays the caller's. */
int script_serve(struct script *sc, struct sock *s, const struct script_serve_how *how,
    struct error *e);

#endif

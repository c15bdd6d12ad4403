#include "script/script.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/loop_child.h"

#include "net/sys.h"
#include "script/impl.h"
#include "script/regex/script_regex.h"
#include "sock/sock.h"

/* ---- how it ends ---- */

int
script_stop(struct script *sc, const struct error *e)
{
	if (!sc->stopped)
		sc->stop = *e;
	sc->stopped = true;
	interp_stop(sc->in, sc->stop.text);
	return TCL_ERROR;
}

/* All that goes on ends; the loop tells those that wait. */
static int
hook_leave(struct interp *in, void *data, int status)
{
	struct script *sc = data;

	sc->left = true;
	sc->status = status;
	if (coroutine_is_inner(sc->coroutines))
		loop_interrupt(sc->how.loop, SIGTERM);
	interp_stop(in, "exit");
	return TCL_ERROR;
}

static int
stop_in_time(struct script *sc)
{
	struct error e = { 0 };

	(void)error_errno(&e, ERROR_TIMEOUT, ETIMEDOUT, "script");
	return script_stop(sc, &e);
}

/* While it waits: as a signal would, but script_fail knows better. */
static void
on_deadline(struct timer *t)
{
	struct script *sc = t->arg;

	sc->timed_out = true;
	loop_interrupt(sc->how.loop, SIGALRM);
}

/* While it computes. */
static int
poll_outside(struct interp *in, void *data)
{
	struct script *sc = data;
	struct error e = { 0 };
	int signo = loop_interrupted(sc->how.loop);

	if (sc->timed_out || deadline_passed(sc->until)) {
		stop_in_time(sc);
		return 1;
	}
	if (sc->left)
		interp_stop(in, "exit");
	if (sc->left || signo == 0)
		return sc->left;
	(void)error_signal(&e, signo);
	script_stop(sc, &e);
	return 1;
}

int
script_set_deadline(struct script *sc, struct deadline until, struct error *e)
{
	if (loop_timer_set(sc->how.loop, &sc->timer, until, e) == -1)
		return -1;
	sc->until = until;
	sc->until_since = clock_now();
	return 0;
}

/* ---- hooks ---- */

/* All of it: a standard descriptor may be non-blocking through no doing of ours. */
static int
write_out(struct script *sc, int fd, const char *bytes, size_t n, struct error *e)
{
	ssize_t put;

	while (n > 0) {
		put = sys_write(fd, bytes, n, e);
		if (put == SYS_AGAIN)
			put = loop_wait(sc->how.loop, fd, LOOP_WRITE, deadline_never(), e) == -1
			    ? -1
			    : 0;
		if (put == -1)
			return -1;
		bytes += put;
		n -= (size_t)put;
	}
	return 0;
}

static int
hook_put(struct interp *in, void *data, const char *channel, const char *bytes, size_t n)
{
	struct script *sc = data;
	int fd = strcmp(channel, "stdout") == 0 ? sc->how.out_fd : sc->how.err_fd;
	struct error e = { 0 };

	if (fd == -1)
		error_errno(&e, ERROR_LOCAL_IO, EBADF, "write %s", channel);
	if (fd == -1 || write_out(sc, fd, bytes, n, &e) == -1)
		return script_fail(in, &e);
	return TCL_OK;
}

static int
hook_wait(struct interp *in, void *data, int64_t msec)
{
	struct script *sc = data;
	const bool never = false;
	int64_t nsec = msec < DURATION_NONE / NSEC_PER_MSEC ? msec * NSEC_PER_MSEC : DURATION_NONE;
	struct error e;

	if (loop_run(sc->how.loop, &never, deadline_in(nsec), &e) == -1) {
		(void)error_prefix(&e, "after %" PRId64, msec);
		return script_fail(in, &e);
	}
	return TCL_OK;
}

static int
hook_ready(struct interp *in, void *data, int fd, bool write)
{
	struct script *sc = data;
	struct error e = { 0 };

	if (loop_wait(sc->how.loop, fd, write ? LOOP_WRITE : LOOP_READ, deadline_never(), &e) == -1)
		return script_fail(in, &e);
	return TCL_OK;
}

/* A program that exec waits for. */
struct reaping {
	struct child_watch watch;
	bool done;
	int status;
};

static void
on_end(struct child_watch *c, int status)
{
	struct reaping *r = c->arg;

	r->done = true;
	r->status = status;
}

static int
hook_reap(struct interp *in, void *data, pid_t pid, int *ret_status)
{
	struct script *sc = data;
	struct reaping r = { .watch = { .pid = pid, .fn = on_end } };
	struct error e = { 0 };

	r.watch.arg = &r;
	loop_child_watch(sc->how.loop, &r.watch);
	if (ret_status != NULL && loop_run(sc->how.loop, &r.done, deadline_never(), &e) != -1) {
		*ret_status = r.status;
		return TCL_OK;
	}
	loop_child_disown(sc->how.loop, &r.watch);
	return ret_status == NULL ? TCL_OK : script_fail(in, &e);
}

/* ---- descriptors ---- */

int
script_adopt(struct script *sc, int fd, struct sock **ret_sock, struct error *e)
{
	int rc;

	if (sc->how.has_fd != NULL && !sc->how.has_fd(fd))
		return error_errno(e, ERROR_NETWORK, EBADF, "fd:%d", fd);
	rc = sock_adopt(ret_sock, sc->how.loop, fd, e);
	if (rc == 0 && sc->how.took_fd != NULL)
		sc->how.took_fd(fd);
	return rc;
}

/* ---- life ---- */

void
script_add_commands(struct script *sc, const struct interp_command *rows)
{
	for (; rows->name != NULL; rows++)
		interp_add(sc->in, rows, sc, NULL);
}

static void
add_all(struct script *sc)
{
	script_sock_init(sc);
	script_sock_name_init(sc);
	script_sock_io_init(sc);
	script_sock_opt_init(sc);
	script_sock_state_init(sc);
	script_sock_file_init(sc);
	script_serve_init(sc);
	script_expect_init(sc);
	script_fault_injection_init(sc);
	script_tls_context_init(sc);
	interp_set_regex(sc->in, &script_regex);
}

int
script_open(struct script **ret_script, const struct script_how *how, struct error *e)
{
	struct script *sc = calloc(1, sizeof(*sc));

	if (sc == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	sc->in = interp_new();
	if (sc->in == NULL) {
		free(sc);
		return error_set(e, ERROR_INTERNAL, "out of memory");
	}
	sc->how = *how;
	loop_busy_poll(how->loop);
	sc->until = deadline_never();
	sc->timer.fn = on_deadline;
	sc->timer.arg = sc;
	interp_set_hooks(sc->in,
	    &(struct interp_hooks){ .data = sc,
		.put = hook_put,
		.wait = hook_wait,
		.load = script_load,
		.leave = hook_leave,
		.ready = hook_ready,
		.reap = hook_reap,
		.errno_name = error_errno_name });
	interp_allow(sc->in,
	    (how->allow_files ? INTERP_FILES : 0) | (how->allow_exec ? INTERP_EXEC : 0));
	if (how->env != NULL)
		interp_set_env(sc->in, how->env);
	interp_set_program_env(sc->in, how->program_env);
	interp_set_poll(sc->in, poll_outside, sc);
	sc->coroutines = coroutines_open(sc);
	if (sc->coroutines == NULL) {
		interp_free(sc->in);
		free(sc);
		return error_set(e, ERROR_INTERNAL, "out of memory");
	}
	add_all(sc);
	*ret_script = sc;
	return 0;
}

static void
stop_serving(struct script *sc)
{
	for (struct handle *h = sc->first; h != NULL; h = h->next)
		serve_end(h);
}

/* While what they hold is there. */
static void
stop_bodies(struct script *sc)
{
	loop_timer_stop(sc->how.loop, &sc->timer);
	stop_serving(sc);
	coroutines_close(sc->coroutines);
	sc->coroutines = NULL;
}

static void
close_socket(void *arg, struct handle *h)
{
	struct script *sc = arg;
	struct error e;

	if (sock_close(h->sock, &e) == -1)
		script_note_background(sc, h->name, &e);
}

int
script_finish(struct script *sc, struct error *e)
{
	bool stopped = sc->stopped;

	stop_bodies(sc);
	/* that bodies were ended here is no failure */
	sc->stopped = stopped;
	sc->has_background = false;
	handles_each(sc, close_socket, sc);
	return script_take_background(sc, e) ? -1 : 0;
}

void
script_close(struct script *sc)
{
	if (sc == NULL)
		return;
	stop_bodies(sc);
	while (sc->first != NULL)
		interp_delete(sc->in, sc->first->name);
	script_expect_fini(sc);
	value_unref(sc->failed_code);
	interp_free(sc->in);
	methods_fini(&sc->socket_methods);
	methods_fini(&sc->file_methods);
	free(sc);
}

struct interp *
script_interp(struct script *sc)
{
	return sc->in;
}

struct script *
script_of(struct interp *in)
{
	return interp_owner(in);
}

const struct script_how *
script_how(const struct script *sc)
{
	return &sc->how;
}

void
script_set_args(struct script *sc, const char *name, int argc, char *const *argv)
{
	struct heap *h = interp_heap(sc->in);
	struct value **items = calloc((size_t)argc + 1, sizeof(struct value *));

	if (items == NULL)
		return;
	for (int i = 0; i < argc; i++)
		items[i] = value_string(h, argv[i]);
	interp_set_var(sc->in, "argv0", value_string(h, name));
	interp_set_var(sc->in, "argv", value_list(h, (size_t)argc, items));
	interp_set_var(sc->in, "argc", value_int(h, argc));
	for (int i = 0; i < argc; i++)
		value_unref(items[i]);
	free(items);
}

/* ---- running ---- */

void
script_note_background(struct script *sc, const char *what, const struct error *e)
{
	if (sc->has_background)
		return;
	sc->background = *e;
	if (what != NULL)
		(void)error_prefix(&sc->background, "%s", what);
	sc->has_background = true;
}

bool
script_was_stopped(const struct script *sc, struct error *ret_error)
{
	if (sc->stopped)
		*ret_error = sc->stop;
	return sc->stopped;
}

bool
script_take_background(struct script *sc, struct error *ret_error)
{
	if (!sc->has_background)
		return false;
	*ret_error = sc->background;
	sc->has_background = false;
	return true;
}

/* What an evaluation that is over means to who wanted it. */
static int
outcome(struct script *sc, int code, int *ret_status, struct error *e)
{
	struct error err = { 0 };
	int rc = 0;

	if (sc->left)
		*ret_status = sc->status;
	else if (code == TCL_ERROR)
		rc = -1;
	if (rc == -1)
		script_error(sc, &err);
	else if (script_take_background(sc, &err))
		rc = -1;
	if (rc == -1 && e != NULL)
		*e = err;
	return rc;
}

int
script_run(struct script *sc, const char *text, size_t n, const char *file, unsigned line,
    int *ret_status, bool *ret_left, struct error *e)
{
	bool left;
	int code, rc;

	sc->left = sc->stopped = sc->timed_out = false;
	sc->status = *ret_status = 0;
	if (ret_left != NULL)
		*ret_left = false;
	if (deadline_passed(sc->until))
		return error_errno(e, ERROR_TIMEOUT, ETIMEDOUT, "script");
	code = interp_conclude(sc->in, interp_eval(sc->in, text, n, file, line));
	/* the last command may have been long */
	if (code != TCL_ERROR && !sc->left && poll_outside(sc->in, sc) != 0)
		code = TCL_ERROR;
	left = sc->left;
	/* ours, and nobody else shall find it */
	if (sc->timed_out || left)
		loop_clear_interrupt(sc->how.loop);
	if (ret_left != NULL)
		*ret_left = left;
	rc = outcome(sc, code, ret_status, e);
	/* cleanups are to come */
	sc->left = false;
	return rc;
}

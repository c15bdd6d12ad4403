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

/* ---- exit, signals and the deadline ---- */

/* Ends all coroutines: interrupts the waits of those that wait. */
static int
hook_exit(struct interp *in, void *data, int status)
{
	struct script *sc = data;

	sc->exited = true;
	sc->status = status & 0xff; /* as exit(3) does */
	if (coroutine_is_inner(sc->coroutines))
		loop_interrupt(sc->how.loop, SIGTERM);
	interp_stop(in, "exit");
	return TCL_ERROR;
}

static int
stop_by_deadline(struct script *sc)
{
	struct error e = { 0 };

	(void)error_errno(&e, ERROR_TIMEOUT, ETIMEDOUT, "script");
	return script_stop(sc, &e);
}

/* Ends a wait as a signal does; script_fail() recognizes the deadline by timed_out. */
static void
on_deadline(struct timer *t)
{
	struct script *sc = t->arg;

	sc->timed_out = true;
	loop_interrupt(sc->how.loop, SIGALRM);
}

/* Checks signals and the deadline while the script computes. */
static int
check_stop(struct interp *in, void *data)
{
	struct script *sc = data;
	struct error e = { 0 };
	int signo = loop_interrupted(sc->how.loop);

	if (sc->timed_out || deadline_passed(sc->until)) {
		stop_by_deadline(sc);
		return 1;
	}
	if (sc->exited)
		interp_stop(in, "exit");
	if (sc->exited || signo == 0)
		return sc->exited;
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

/* Writes all bytes. Another owner of a standard descriptor may have made it non-blocking. */
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
hook_write(struct interp *in, void *data, const char *channel, const char *bytes, size_t n)
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

/* A program that exec waits for */
struct child_wait {
	struct child_watch watch;
	bool done;
	int status;
};

static void
on_child_exit(struct child_watch *c, int status)
{
	struct child_wait *r = c->arg;

	r->done = true;
	r->status = status;
}

static int
hook_reap(struct interp *in, void *data, pid_t pid, int *ret_status)
{
	struct script *sc = data;
	struct child_wait r = { .watch = { .pid = pid, .fn = on_child_exit } };
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

/* ---- creation and destruction ---- */

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
		.write = hook_write,
		.wait = hook_wait,
		.load = script_load,
		.exit = hook_exit,
		.ready = hook_ready,
		.reap = hook_reap,
		.errno_name = error_errno_name });
	interp_allow(sc->in,
	    (how->allow_files ? INTERP_FILES : 0) | (how->allow_exec ? INTERP_EXEC : 0));
	if (how->env != NULL)
		interp_set_env(sc->in, how->env);
	interp_set_programs(sc->in, how->program_env, how->out_fd);
	interp_set_poll(sc->in, check_stop, sc);
	sc->coroutines = coroutines_open(sc);
	if (sc->coroutines == NULL) {
		interp_free(sc->in);
		free(sc);
		return error_set(e, ERROR_INTERNAL, "out of memory");
	}
	for (const struct script_part *p = script_parts; p->init != NULL; p++)
		p->init(sc);
	interp_set_regex(sc->in, &script_regex);
	*ret_script = sc;
	return 0;
}

static void
stop_servers(struct script *sc)
{
	for (struct handle *h = sc->first; h != NULL; h = h->next)
		handle_stop_serving(h);
}

/* Ends the bodies of servers while what they hold still exists. */
static void
end_bodies(struct script *sc)
{
	loop_timer_stop(sc->how.loop, &sc->timer);
	stop_servers(sc);
	coroutines_close(sc->coroutines);
	sc->coroutines = NULL;
}

static void
close_at_finish(void *arg, struct handle *h)
{
	struct script *sc = arg;
	struct error e;

	if (sock_close(h->sock, &e) == -1)
		script_note_background(sc, h->name, &e);
}

/* Files that the script has left open may not get rid of all their bytes either. */
static void
close_files(struct script *sc)
{
	struct error e;

	if (interp_close_channels(sc->in) == TCL_OK)
		return;
	(void)error_set(&e, ERROR_LOCAL_IO, "%s", value_bytes(interp_result(sc->in), NULL));
	script_note_background(sc, "a file that was not closed", &e);
}

int
script_finish(struct script *sc, struct error *e)
{
	bool stopped = sc->stopped;

	end_bodies(sc);
	/* ending the bodies is not a failure */
	sc->stopped = stopped;
	sc->has_background = false;
	handles_each(sc, close_at_finish, sc);
	close_files(sc);
	return script_take_background(sc, e) ? -1 : 0;
}

void
script_close(struct script *sc)
{
	if (sc == NULL)
		return;
	end_bodies(sc);
	while (sc->first != NULL)
		interp_delete(sc->in, sc->first->name);
	for (const struct script_part *p = script_parts; p->init != NULL; p++) {
		if (p->fini != NULL)
			p->fini(sc);
	}
	value_unref(sc->failed_code);
	interp_free(sc->in);
	methods_fini(&sc->socket_methods);
	methods_fini(&sc->file_methods);
	free(sc);
}

void
script_set_args(struct script *sc, const char *name, int argc, char *const *argv)
{
	struct heap *h = interp_heap(sc->in);
	struct value **items = calloc((size_t)argc + 1, sizeof(struct value *));

	if (items == NULL) {
		heap_fail(h, "out of memory");
		return;
	}
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

/* Turns the end of an evaluation into the results of script_run(). */
static int
finish_run(struct script *sc, int code, int *ret_status, struct error *e)
{
	struct error err = { 0 };
	int rc = 0;

	if (sc->exited)
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
    int *ret_status, bool *ret_exited, struct error *e)
{
	bool exited;
	int code, rc;

	sc->exited = sc->stopped = sc->timed_out = false;
	sc->status = *ret_status = 0;
	if (ret_exited != NULL)
		*ret_exited = false;
	if (deadline_passed(sc->until))
		return error_errno(e, ERROR_TIMEOUT, ETIMEDOUT, "script");
	code = interp_conclude(sc->in, interp_eval(sc->in, text, n, file, line));
	/* the last command may have passed the deadline */
	if (code != TCL_ERROR && !sc->exited && check_stop(sc->in, sc) != 0)
		code = TCL_ERROR;
	exited = sc->exited;
	/* clear the interrupt that the deadline or exit has set */
	if (sc->timed_out || exited)
		loop_clear_interrupt(sc->how.loop);
	if (ret_exited != NULL)
		*ret_exited = exited;
	rc = finish_run(sc, code, ret_status, e);
	/* cleanups run after this */
	sc->exited = false;
	return rc;
}

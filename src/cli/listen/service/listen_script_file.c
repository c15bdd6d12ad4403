#include "cli/listen/service/listen_script_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/commands/script/script_cmds.h"
#include "cli/core/inherited.h"
#include "cli/listen/listen_serve.h"
#include "cli/run/confine_script.h"
#include "relay/ending.h"
#include "script/context.h"
#include "script/error.h"
#include "script/script.h"
#include "script/server.h"
#include "sock/sock.h"
#include "tcl/interp.h"

/* How often --idle-timeout looks whether bytes have moved: it is up to an eighth late. */
enum { IDLE_LOOKS = 8 };

/* Waits until the server is over, while the bodies of clients take turns with it. */
static const char program[] = "serve_until_over";

/* The body for each client. Errors name the line of the file. */
static const char body[] = "source $::script_file\n$handle close\n";
static const char names[] = "handle address port";

struct listen_script_file {
	struct listen_server *sv;
	char path[PATH_MAX];
	char folder[PATH_MAX];
	struct script *script;
	struct value *lambda;
	struct session_dialler dialler;
	struct ending_rules rules; /* of clients */
};

/* A client, until its body is over: then its session may be gone. */
struct attended {
	struct listen_script_file *file;
	struct session *session; /* NULL: it has ended before the body */
	struct sock_observer observer;
	struct timer idle;
	struct ending ending;    /* of idle time alone */
	uint64_t sent, received; /* at the last look */
};

/* ---- --idle-timeout ---- */

static void
begin_idle(struct attended *a)
{
	struct ending_rules *rules = &a->file->rules;

	*rules = (struct ending_rules){ .after_eof = DURATION_NONE,
		.idle = a->file->sv->how.rules.idle,
		.accept = DURATION_NONE,
		.until = deadline_never() };
	ending_init(&a->ending, rules, &(struct ending_how){ .input = false }, clock_now());
}

static void
await_idle(struct attended *a)
{
	const struct listen_server *sv = a->file->sv;
	int64_t idle = sv->how.rules.idle;

	if (idle == DURATION_NONE)
		return;
	loop_timer_set(sv->rt.loop, &a->idle, deadline_in(idle / IDLE_LOOKS), NULL);
}

static void
on_look(struct timer *t)
{
	struct attended *a = t->arg;
	int64_t now = clock_now();
	uint64_t sent, received;

	session_bytes(a->session, &sent, &received);
	if (sent != a->sent || received != a->received)
		ending_moved(&a->ending, now);
	a->sent = sent;
	a->received = received;
	if (ending_time(&a->ending, now))
		session_methods_idle(a->session, "script");
	else
		await_idle(a);
}

/* ---- one client ---- */

/* The session may have ended before, and reset its connection: then what the body says is of no interest. */
static void
on_script_done(void *arg, const struct error *e)
{
	struct attended *a = arg;
	struct session *s = a->session;

	loop_timer_stop(a->file->sv->rt.loop, &a->idle);
	if (s != NULL)
		session_methods_done(s, "script", e);
	free(a);
}

static void
start_script(void *arg, struct session *s)
{
	struct listen_script_file *f = arg;
	struct attended *a = session_start_dialling(s, sizeof(*a));
	const struct script_serve_how how = { .lambda = f->lambda,
		.done = on_script_done,
		.arg = a };
	struct error e = { 0 };

	if (a == NULL)
		return;
	*a = (struct attended){ .file = f, .session = s, .idle = { .fn = on_look, .arg = a } };
	begin_idle(a);
	await_idle(a);
	if (script_serve(f->script, session_lend(s, &a->observer), &how, &e) == -1)
		session_local_failed(s, &e, false);
}

static void
leave_script(void *arg, struct session *s)
{
	struct listen_script_file *f = arg;
	struct attended *a = s->dialling;

	loop_timer_stop(f->sv->rt.loop, &a->idle);
	a->session = NULL;
	if (s->lent == NULL)
		free(a);
}

/* ---- the script ---- */

static int
locate_script(struct listen_script_file *f, const char *name, struct error *e)
{
	char *slash;

	if (realpath(name, f->path) == NULL || access(f->path, R_OK) < 0)
		return error_errno(e, ERROR_LOCAL_IO, errno, "open %s", name);
	memcpy(f->folder, f->path, strlen(f->path) + 1);
	slash = strrchr(f->folder, '/');
	*slash = '\0';
	if (slash == f->folder)
		return error_set(e, ERROR_USAGE, "--script: '%s' is in the root folder", name);
	return 0;
}

/* Reports a missing file before the socket is opened. */
int
listen_script_file_set_up(struct listen_server *sv, struct error *e)
{
	struct listen_script_file *f = sv->script_file = calloc(1, sizeof(*f));

	if (f == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	f->sv = sv;
	f->dialler =
	    (struct session_dialler){ .start = start_script, .stop = leave_script, .arg = f };
	sv->how.local = SESSION_METHODS;
	sv->how.dialler = &f->dialler;
	return locate_script(f, sv->opts->script_file, e);
}

static int
open_script(struct listen_script_file *f, struct error *e)
{
	const struct listen_opts *o = f->sv->opts;
	const struct script_how how = {
		.loop = f->sv->rt.loop,
		.log = &f->sv->rt.report.log,
		.out_fd = STDOUT_FILENO,
		.err_fd = STDERR_FILENO,
		.allow_exec = o->allow.exec,
		.allow_files = o->allow.files,
		.folder = f->folder,
		.env = o->allow.env ? environ : NULL,
		.program_env = environ,
		.has_fd = inherited_has,
		.took_fd = inherited_mark_used,
	};

	if (script_open(&f->script, &how, e) < 0)
		return -1;
	interp_set_stdin(script_interp(f->script), STDIN_FILENO);
	script_set_args(f->script, o->script_file, 0, NULL);
	/* several processes would write one file */
	script_cmds_add(f->script, f->sv->workers == NULL ? &f->sv->rt : NULL);
	if (!deadline_is_never(f->sv->until))
		return script_set_deadline(f->script, f->sv->until, e);
	return 0;
}

static int
serve_until_over(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct listen_server *sv = data;
	struct error e = { 0 };

	(void)argc;
	(void)argv;
	if (loop_run(sv->rt.loop, &sv->over, deadline_never(), &e) == -1)
		return script_fail(in, &e);
	return TCL_OK;
}

int
listen_script_file_open(struct listen_server *sv, struct error *e)
{
	static const struct interp_command row = { program, serve_until_over, 0, 0, "" };
	struct listen_script_file *f = sv->script_file;
	struct value *parts[2];
	struct interp *in;

	if (open_script(f, e) < 0)
		return -1;
	in = script_interp(f->script);
	interp_add(in, &row, sv, NULL);
	interp_set_var(in, "script_file", value_string(interp_heap(in), f->path));
	parts[0] = value_string(interp_heap(in), names);
	parts[1] = value_string(interp_heap(in), body);
	f->lambda = value_list(interp_heap(in), 2, parts);
	value_unref(parts[0]);
	value_unref(parts[1]);
	(void)confine_script(&sv->opts->allow, NULL);
	return 0;
}

/* Returns as loop_run(). */
int
listen_script_file_run(struct listen_server *sv, struct error *e)
{
	bool exited;
	int status = 0;

	if (script_run(sv->script_file->script, program, sizeof program - 1, "listen", 1, &status,
		&exited, e) < 0)
		return -1;
	if (exited)
		sv->once.status = status;
	return 1;
}

/* Sockets that scripts have opened themselves may not get rid of all their bytes. */
void
listen_script_file_close(struct listen_server *sv)
{
	struct listen_script_file *f = sv->script_file;
	struct error late = { 0 };

	if (f->script == NULL)
		return;
	if (script_finish(f->script, &late) < 0)
		client_failures_add(&sv->failures, &late);
	value_unref(f->lambda);
	script_close(f->script);
	f->script = NULL;
}

void
listen_script_file_fini(struct listen_server *sv)
{
	free(sv->script_file);
	sv->script_file = NULL;
}

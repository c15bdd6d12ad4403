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
#include "script/context.h"
#include "script/handle.h"
#include "script/script.h"
#include "script/tls_context.h"
#include "tcl/interp.h"

/* The handle of the listener is the first of the script. Errors name the line of the file. */
static const char program[] = "server sock1 {handle address port} {\n"
			      "source $::script_file\n"
			      "$handle close\n"
			      "}\n"
			      "while 1 {after 3600000}\n";

struct script_file {
	struct listen_server *sv;
	char path[PATH_MAX];
	char folder[PATH_MAX];
	struct script *script;
};

static int
locate_script(struct script_file *f, struct error *e)
{
	const char *name = f->sv->opts->script_file;
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
	struct script_file f = { .sv = sv };

	for (unsigned i = 0; i < sv->bind.n_settings; i++)
		if (sv->bind.settings[i].phase == PHASE_CONNECTED)
			return error_set(e, ERROR_USAGE,
			    "--sockopt: with --script, set options of connections there");
	return locate_script(&f, e);
}

static int
open_script(struct script_file *f, struct error *e)
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
	script_cmds_add(f->script);
	if (!deadline_is_never(f->sv->until))
		return script_set_deadline(f->script, f->sv->until, e);
	return 0;
}

/* Gives the script the listener, as its first handle. */
static int
pass_listener(struct script_file *f, struct error *e)
{
	struct listen_server *sv = f->sv;
	struct tls_context_how tls = { .timeout = sv->how.handshake_timeout, .server = true };
	struct tls_context *tc = NULL;
	struct handle *h = handle_add(f->script, sv->listener);

	tls.tls.tls = sv->how.plan.tls.tls;
	if (tls.tls.tls != NULL)
		tc = tls_context_new(&tls);
	sv->listener = NULL;
	if (h == NULL || (tc == NULL && tls.tls.tls != NULL)) {
		tls_context_drop(tc);
		return error_set(e, ERROR_INTERNAL, "out of memory");
	}
	handle_set_tls_context(h, tc);
	tls_context_drop(tc);
	return 0;
}

/* Serves until a signal, --timeout or exit in the script. */
static int
run_script_file(struct script_file *f, struct error *e)
{
	struct error late = { 0 };
	struct interp *in;
	int status = 0, rc;

	if (open_script(f, e) < 0 || pass_listener(f, e) < 0)
		return -1;
	in = script_interp(f->script);
	interp_set_var(in, "script_file", value_string(interp_heap(in), f->path));
	(void)confine_script(&f->sv->opts->allow, NULL);
	rc = script_run(f->script, program, sizeof program - 1, "listen", 1, &status, NULL, e);
	if (script_finish(f->script, &late) < 0 && rc == 0) {
		*e = late;
		rc = -1;
	}
	return rc < 0 ? -1 : status;
}

int
listen_script_file_serve(struct listen_server *sv, struct error *e)
{
	struct script_file f = { .sv = sv };
	int rc = locate_script(&f, e) < 0 ? -1 : run_script_file(&f, e);

	script_close(f.script);
	return rc;
}

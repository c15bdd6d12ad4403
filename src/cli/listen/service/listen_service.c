#include "cli/listen/service/listen_service.h"

#include <errno.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "base/file.h"
#include "cli/core/program_env.h"
#include "cli/listen/listen_serve.h"
#include "cli/listen/service/listen_broadcast.h"
#include "cli/listen/service/listen_forward.h"
#include "cli/listen/service/listen_proxy.h"
#include "cli/listen/service/listen_replay.h"
#include "cli/listen/service/listen_script_file.h"
#include "stream/fd.h"

/* ---- the services ---- */

static void
set_program(struct session_how *how, const struct listen_opts *o, char **argv)
{
	how->local = SESSION_PROGRAM;
	how->program.argv = (const char *const *)argv;
	how->program.shell_line = o->shell_line;
	how->program.stderr_to_stdout = o->exec_stderr;
	how->rules.local_program = true;
	how->env_fn = program_env;
	how->env_arg = how;
}

static int
set_up_shell(struct listen_server *sv, struct error *e)
{
	(void)e;
	set_program(&sv->how, sv->opts, NULL);
	return 0;
}

static int
set_up_echo(struct listen_server *sv, struct error *e)
{
	(void)e;
	sv->how.local = SESSION_ECHO;
	return 0;
}

static int
set_up_discard(struct listen_server *sv, struct error *e)
{
	(void)e;
	sv->how.local = SESSION_DISCARD;
	return 0;
}

/* Opens the file once, to report an error before the first client. A FIFO is not opened: its
 * writer would lose its reader. */
static int
check_send_file(struct session_how *how, struct error *e)
{
	struct stream *file;

	how->file_fifo = file_is_fifo(how->file);
	if (how->file_fifo && access(how->file, R_OK) < 0)
		return error_errno(e, ERROR_LOCAL_IO, errno, "open %s", how->file);
	if (how->file_fifo)
		return 0;
	if (fd_stream_file(&file, how->file, false, e) < 0)
		return -1;
	stream_close(file);
	return 0;
}

static int
set_up_send(struct listen_server *sv, struct error *e)
{
	struct session_how *how = &sv->how;

	how->local = SESSION_FILE;
	how->file = sv->opts->send_file;
	how->rules.half_open = true;
	/* wait for nothing that the client might still send */
	if (how->rules.half_close < 0)
		how->rules.half_close = 0;
	return check_send_file(how, e);
}

#define AT(field) offsetof(struct listen_opts, field)

static const struct listen_service services[] = {
	{ .option = "--echo", .offset = AT(echo), .is_flag = true, .set_up = set_up_echo },
	{ .option = "--discard", .offset = AT(discard), .is_flag = true, .set_up = set_up_discard },
	{ .option = "--send", .offset = AT(send_file), .sends = true, .set_up = set_up_send },
	{ .option = "--broker",
	    .offset = AT(broker),
	    .is_flag = true,
	    .keep_open = true,
	    .connected = true,
	    .one_process = true,
	    .set_up = listen_broker_set_up,
	    .open = listen_broker_open,
	    .close = listen_broadcast_close },
	{ .option = "--chat",
	    .offset = AT(chat),
	    .is_flag = true,
	    .keep_open = true,
	    .connected = true,
	    .one_process = true,
	    .set_up = listen_chat_set_up,
	    .open = listen_chat_open,
	    .close = listen_broadcast_close },
	{ .option = "--broadcast-input",
	    .offset = AT(broadcast_input),
	    .is_flag = true,
	    .keep_open = true,
	    .one_process = true,
	    .sends = true,
	    .set_up = listen_broadcast_set_up,
	    .open = listen_broadcast_open,
	    .close = listen_broadcast_close },
	{ .option = "--forward",
	    .offset = AT(forward.forward.items),
	    .set_up = listen_forward_set_up,
	    .fini = listen_forward_fini },
	{ .option = "--proxy-server",
	    .offset = AT(forward.proxy_server),
	    .is_choice = true,
	    .set_up = listen_proxy_set_up,
	    .fini = listen_proxy_fini },
	{ .option = "--script",
	    .offset = AT(script_file),
	    .keep_open = true,
	    .connected = true,
	    .one_process = true,
	    .set_up = listen_script_file_set_up,
	    .open = listen_script_file_open,
	    .run = listen_script_file_run,
	    .close = listen_script_file_close,
	    .fini = listen_script_file_fini },
	{ .option = "replay",
	    .offset = AT(replay),
	    .keep_open = true,
	    .one_process = true,
	    .set_up = listen_replay_set_up,
	    .open = listen_replay_open,
	    .ended = listen_replay_ended,
	    .close = listen_replay_close },
	{ .option = "--sh", .offset = AT(shell_line), .set_up = set_up_shell },
};

/* ---- the table ---- */

static bool
is_chosen(const struct listen_service *s, const struct listen_opts *o)
{
	const char *value = (const char *)o + s->offset;

	if (s->is_choice)
		return *(const int *)(const void *)value >= 0;
	return s->is_flag ? *(const bool *)value : *(const void *const *)value != NULL;
}

const struct listen_service *
listen_service_of(const struct listen_opts *o)
{
	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		if (is_chosen(&services[i], o))
			return &services[i];
	return NULL;
}

static int
set_up_program(struct listen_server *sv, char **argv, struct error *e)
{
	set_program(&sv->how, sv->opts, argv);
	return program_env_check_path(argv[0], e);
}

/* Clients get standard input and output; with --keep-open they have no input. */
static void
use_stdio(struct listen_server *sv)
{
	struct session_how *how = &sv->how;

	const struct data_opts *data = &sv->opts->data;

	if ((sv->opts->keep_open && !sv->opts->serial) ||
	    (how->in_fd >= 0 && !command_context_use_stdin(&sv->rt, session_opts_sends(data))))
		how->in_fd = -1;
}

int
listen_service_set_up(struct listen_server *sv, const struct opt_rest *rest, struct error *e)
{
	sv->service = listen_service_of(sv->opts);
	sv->how.shared_out = sv->opts->keep_open;
	sv->how.counted = sv->opts->data.progress;
	if (rest->program != NULL && set_up_program(sv, rest->program, e) < 0)
		return -1;
	if (rest->program == NULL && sv->service == NULL)
		use_stdio(sv);
	if (sv->service != NULL && sv->service->set_up != NULL && sv->service->set_up(sv, e) < 0)
		return -1;
	return sv->opts->pty ? program_terminal_open(&sv->terminal, sv->rt.loop, &sv->how, e) : 0;
}

/* ---- what all clients share ---- */

/* Opens a client's part of standard output, where records of clients stay whole. */
static int
open_shared_output(void *arg, struct session *s, struct stream **ret_local, struct error *e)
{
	struct listen_server *sv = arg;

	(void)s;
	return shared_out_stream(ret_local, &sv->out, e);
}

int
listen_service_open(struct listen_server *sv, struct error *e)
{
	if (sv->how.local == SESSION_STDIO && sv->how.framed) {
		sv->how.local_fn = open_shared_output;
		sv->how.local_arg = sv;
		if (shared_out_open(&sv->out, sv->how.out_fd, e) < 0)
			return -1;
	}
	return sv->service != NULL && sv->service->open != NULL ? sv->service->open(sv, e) : 0;
}

void
listen_service_close(struct listen_server *sv)
{
	if (sv->service != NULL && sv->service->close != NULL)
		sv->service->close(sv);
}

void
listen_service_fini(struct listen_server *sv)
{
	if (sv->service != NULL && sv->service->fini != NULL)
		sv->service->fini(sv);
}

#include "cli/suite/while_command.h"

#include <signal.h>
#include <unistd.h>

#include "base/error.h"
#include "base/wait_status.h"
#include "cli/core/program_env.h"
#include "stream/process.h"
#include "stream/terminal.h"

/* From the signal to SIGKILL, as for the programs of clients. */
#define GRACE (2 * NSEC_PER_SEC)
/* Time for the kernel to end a killed command. */
#define REAP NSEC_PER_SEC

static void
signal_command(const struct while_command *wc, int signo)
{
	if (!wc->over)
		kill(wc->group ? -wc->child.pid : wc->child.pid, signo);
}

static void
on_command_ended(struct child_watch *c, int status)
{
	struct while_command *wc = c->arg;

	wc->over = true;
	wc->status = wait_status_code(status);
	loop_timer_stop(wc->rt->loop, &wc->grace);
	if (wc->signo == 0 && wc->ended != NULL)
		wc->ended(wc->arg);
	else
		loop_interrupt(wc->rt->loop, wc->signo != 0 ? wc->signo : SIGTERM);
}

static void
on_grace_over(struct timer *t)
{
	signal_command(t->arg, SIGKILL);
}

/* The terminal has sent SIGINT to the command, too, which shares our process group there; a second
 * one would interrupt its cleanup. */
static void
pass_signal(void *arg, int signo)
{
	struct while_command *wc = arg;

	if (wc->signo != 0) {
		signal_command(wc, SIGKILL);
		return;
	}
	wc->signo = signo;
	loop_timer_set(wc->rt->loop, &wc->grace, deadline_in(GRACE), NULL);
	if (wc->group || signo != SIGINT)
		signal_command(wc, signo);
}

static int
start_command(struct while_command *wc, const char *line, int listener, struct error *e)
{
	char *env[PROCESS_ENV_MAX] = { NULL };
	const struct process_how how = { .shell_line = line,
		.env = env,
		.own_stdio = true,
		.own_group = wc->group };
	int rc = program_env_listener(listener, env, PROCESS_ENV_MAX, e);

	if (rc == 0)
		rc = process_start(&how, -1, false, &wc->child.pid, e);
	process_env_free(env);
	return rc;
}

int
while_command_start(struct while_command *wc, struct command_context *rt, const char *line,
    int listener, struct error *e)
{
	wc->rt = rt;
	wc->group = !terminal_exists();
	wc->child = (struct child_watch){ .fn = on_command_ended, .arg = wc };
	wc->grace = (struct timer){ .fn = on_grace_over, .arg = wc };
	if (start_command(wc, line, listener, e) < 0)
		return -1;
	loop_child_watch(rt->loop, &wc->child);
	command_context_divert_signals(rt, pass_signal, wc);
	return 0;
}

static void
await_end(struct while_command *wc, struct deadline until)
{
	struct error ignored;

	do {
		loop_clear_interrupt(wc->rt->loop);
	} while (!wc->over && loop_run(wc->rt->loop, &wc->over, until, &ignored) < 0);
}

static void
end_command(struct while_command *wc)
{
	if (wc->over)
		return;
	pass_signal(wc, SIGTERM);
	await_end(wc, deadline_in(GRACE + REAP));
	loop_child_unwatch(wc->rt->loop, &wc->child);
}

int
while_command_finish(struct while_command *wc, int rc, struct error *e)
{
	bool failed = rc > 0 && wc->rt->killed_by == 0;
	bool reason = rc < 0 && e->code != ERROR_SIGNAL;

	wc->ended = NULL;
	if (failed)
		await_end(wc, wc->rt->until);
	if (!wc->over) {
		end_command(wc);
		return rc;
	}
	loop_timer_stop(wc->rt->loop, &wc->grace);
	command_context_divert_signals(wc->rt, NULL, NULL);
	if (wc->signo != 0)
		return error_signal(e, wc->signo);
	if (wc->status == 0 && (failed || reason))
		return rc;
	if (reason)
		(void)command_context_fail(wc->rt, e);
	/* the server ended because the command did */
	return wc->status;
}

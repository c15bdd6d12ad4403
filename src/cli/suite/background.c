#include "cli/suite/background.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/wait_status.h"
#include "cli/core/inherited.h"
#include "loop/loop_child.h"
#include "net/sys.h"

/* What the second process writes after its line when it has failed after all. */
#define TAKEN_BACK '!'

/* Time for a reader of standard error. */
#define PATIENCE (50 * NSEC_PER_MSEC)

enum { LINE_MAX_BYTES = 400 };

/* ---- the first process ---- */

struct waiter {
	struct command_context rt;
	struct child_watch child;
	int fd;
	size_t n;
	char line[LINE_MAX_BYTES + 1];
	int status;
	bool over;
};

static void
on_server_ended(struct child_watch *c, int status)
{
	struct waiter *w = c->arg;

	w->status = wait_status_code(status);
	w->over = true;
}

/* Reads up to the end, which comes when the second process is released, becomes a program, or
 * ends. */
static int
read_ready_line(struct waiter *w, struct error *e)
{
	ssize_t n;

	do {
		if (loop_wait(w->rt.loop, w->fd, LOOP_READ, deadline_never(), e) < 0)
			return -1;
		n = sys_read(w->fd, w->line + w->n, LINE_MAX_BYTES - w->n, e);
		if (n > 0)
			w->n += (size_t)n;
	} while (n > 0 || n == SYS_AGAIN);
	return n < 0 ? -1 : 0;
}

static bool
has_line(const struct waiter *w)
{
	return w->n > 0 && w->line[w->n - 1] == '\n';
}

static int
await_line(struct waiter *w, struct error *e)
{
	struct output_queue *out;

	if (read_ready_line(w, e) < 0)
		return -1;
	if (!has_line(w))
		return loop_run(w->rt.loop, &w->over, deadline_never(), e) < 0 ? -1 : w->status;
	loop_child_unwatch(w->rt.loop, &w->child);
	if (command_context_results(&w->rt, &out, e) < 0 ||
	    output_queue_result(out, w->line, w->n, e) < 0)
		return -1;
	return output_queue_drain(out, deadline_never(), e);
}

/* What ends this process ends the other one, too. */
static int
await_server(struct waiter *w, struct error *e)
{
	int rc;

	loop_child_watch(w->rt.loop, &w->child);
	rc = await_line(w, e);
	if (rc < 0)
		kill(w->child.pid, e->code == ERROR_SIGNAL ? e->number : SIGTERM);
	return rc;
}

static int
run_waiter(pid_t pid, int fd)
{
	static const struct report_opts report;
	struct waiter w = { .fd = fd, .child = { .pid = pid, .fn = on_server_ended } };
	const struct opt_rest none = { .n_operands = 0 };
	struct error e = { 0 };
	int status = command_context_begin(&w.rt, "listen", &report, deadline_never(), &e);

	w.child.arg = &w;
	if (status == 0)
		status = await_server(&w, &e);
	status = command_context_end(&w.rt, status, &none, &e);
	sys_close(fd);
	return status;
}

int
background_start(struct background *b, int *ret_status, struct error *e)
{
	int fds[2];
	pid_t pid;

	/* LISTEN_PID is the number of the first process */
	inherited_record();
	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_errno(e, ERROR_INTERNAL, errno, "pipe");
	pid = fork();
	if (pid < 0) {
		sys_close(fds[0]);
		sys_close(fds[1]);
		return error_errno(e, ERROR_INTERNAL, errno, "fork");
	}
	*b = (struct background){ .forked = true, .ready = fds[1], .old_stderr = -1 };
	sys_close(fds[pid > 0]);
	if (pid > 0)
		*ret_status = run_waiter(pid, fds[0]);
	return pid > 0;
}

/* ---- the second process ---- */

/* A terminal may go away later; messages are then lost. */
static bool
is_file_or_terminal(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || isatty(fd));
}

static int
leave(struct background *b, bool keep_stderr, struct error *e)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return error_errno(e, ERROR_LOCAL_IO, errno, "open /dev/null");
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (!keep_stderr && !is_file_or_terminal(STDERR_FILENO)) {
		b->old_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		dup2(null, STDERR_FILENO);
	}
	close(null);
	inherited_close_unused();
	return 0;
}

int
background_ready(struct background *b, struct report *r, const char *address, bool keep_stderr,
    struct error *e)
{
	char line[LINE_MAX_BYTES];
	size_t put;
	int n;

	if (!b->forked)
		return 0;
	n = snprintf(line, sizeof line, "%s %ld\n", address, (long)getpid());
	if (output_queue_flush_all(r->queues, PATIENCE, deadline_never(), e) < 0 ||
	    leave(b, keep_stderr, e) < 0)
		return -1;
	if (file_write(b->ready, line, (size_t)n, &put) < 0)
		return error_errno(e, ERROR_LOCAL_IO, errno, "--background");
	return 0;
}

void
background_release(struct background *b)
{
	if (!b->forked)
		return;
	sys_close(b->ready);
	sys_close(b->old_stderr);
	b->ready = b->old_stderr = -1;
}

void
background_fail(struct background *b)
{
	const char mark = TAKEN_BACK;
	size_t put;

	if (!b->forked)
		return;
	(void)file_write(b->ready, &mark, 1, &put);
	if (b->old_stderr >= 0)
		dup2(b->old_stderr, STDERR_FILENO);
	background_release(b);
}

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "net/sys.h"
#include "stream/fd.h"
#include "stream/process.h"
#include "stream/pty.h"

/* From <linux/close_range.h>, which older headers lack. */
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

extern char **environ;

static size_t
count_strings(char *const *list)
{
	size_t n = 0;

	while (list != NULL && list[n] != NULL)
		n++;
	return n;
}

static bool
is_same_variable(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return n == strcspn(b, "=") && memcmp(a, b, n) == 0;
}

/* Returns our environment with the variables of `more` added or replaced. The strings are not
 * copied. */
static char **
merge_env(char *const *more)
{
	size_t n_more = count_strings(more), n = 0, i, j;
	char **env = calloc(count_strings(environ) + n_more + 1, sizeof *env);

	if (env == NULL)
		return NULL;
	for (i = 0; environ != NULL && environ[i] != NULL; i++) {
		for (j = 0; j < n_more && !is_same_variable(environ[i], more[j]); j++)
			;
		if (j == n_more)
			env[n++] = environ[i];
	}
	for (j = 0; j < n_more; j++)
		if (strchr(more[j], '=') != NULL)
			env[n++] = more[j];
	return env;
}

void
process_env_free(char **env)
{
	for (; *env != NULL; env++)
		free(*env);
}

/* The child starts as from a shell: no signal is ignored or blocked. With a terminal it leads a
 * session. */
static int
set_attributes(const struct process_how *how, posix_spawnattr_t *attr)
{
	const int leader = how->terminal != NULL ? POSIX_SPAWN_SETSID
	    : how->own_group                     ? POSIX_SPAWN_SETPGROUP
						 : 0;
	sigset_t all, none;

	sigfillset(&all);
	sigdelset(&all, SIGKILL);
	sigdelset(&all, SIGSTOP);
	sigemptyset(&none);
	if (posix_spawnattr_setsigdefault(attr, &all) != 0 ||
	    posix_spawnattr_setsigmask(attr, &none) != 0)
		return ENOMEM;
	return posix_spawnattr_setflags(attr,
	    (short)(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | leader));
}

/* What the program has as its standard descriptors. */
struct program_stdio {
	int fd;               /* a socket */
	const char *terminal; /* or the path of a terminal; NULL: fd */
};

/* A session leader that opens a terminal gets it as its controlling one. */
static int
redirect_stdio(posix_spawn_file_actions_t *acts, const struct program_stdio *io, bool err_too)
{
	int fd = io->terminal != NULL ? STDIN_FILENO : io->fd;
	int rc = io->terminal != NULL
	    ? posix_spawn_file_actions_addopen(acts, STDIN_FILENO, io->terminal, O_RDWR, 0)
	    : posix_spawn_file_actions_adddup2(acts, fd, STDIN_FILENO);

	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(acts, fd, STDOUT_FILENO);
	if (rc == 0 && (err_too || io->terminal != NULL))
		rc = posix_spawn_file_actions_adddup2(acts, fd, STDERR_FILENO);
	return rc;
}

static int
spawn_program(const struct process_how *how, const char *const *argv, char **env,
    const struct program_stdio *io, pid_t *ret_pid)
{
	posix_spawn_file_actions_t acts;
	posix_spawnattr_t attr;
	int rc;

	if ((rc = posix_spawn_file_actions_init(&acts)) != 0)
		return rc;
	if ((rc = posix_spawnattr_init(&attr)) != 0) {
		posix_spawn_file_actions_destroy(&acts);
		return rc;
	}
	if ((how->own_stdio || (rc = redirect_stdio(&acts, io, how->stderr_to_stdout)) == 0) &&
	    (rc = set_attributes(how, &attr)) == 0)
		rc = posix_spawnp(ret_pid, argv[0], &acts, &attr, (char *const *)argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&acts);
	return rc;
}

int
process_exec_error(const char *name, int errnum, struct error *e)
{
	enum error_code code = ERROR_NOT_EXECUTABLE;

	if (errnum == ENOENT || errnum == ENOTDIR)
		code = ERROR_NOT_FOUND;
	else if (errnum == EAGAIN || errnum == ENOMEM)
		code = ERROR_INTERNAL;
	return error_errno(e, code, errnum, "exec %s", name);
}

/* Sets the soft limit that the next program inherits. Returns the old one. */
static uint64_t
limit_descriptors(uint64_t n)
{
	struct rlimit limit;
	uint64_t before;

	if (n == 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	before = limit.rlim_cur;
	limit.rlim_cur = n;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? before : 0;
}

/* Descriptors that usock inherited, or was given as fd:N, are not for its programs. Our own are
 * close-on-exec from birth. */
static void
close_inherited_on_exec(void)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
#endif
	for (int fd = STDERR_FILENO + 1; fd < FD_SETSIZE; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int
start_with_stdio(const struct process_how *how, const struct program_stdio *io, pid_t *ret_pid,
    struct error *e)
{
	const char *const shell[] = { "/bin/sh", "-c", how->shell_line, NULL };
	const char *const *argv = how->shell_line != NULL ? shell : how->argv;
	uint64_t ours;
	char **env;
	int rc;

	if ((env = merge_env(how->env)) == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	close_inherited_on_exec();
	ours = limit_descriptors(how->descriptors);
	rc = spawn_program(how, argv, env, io, ret_pid);
	limit_descriptors(ours);
	free(env);
	return rc == 0 ? 0 : process_exec_error(argv[0], rc, e);
}

int
process_start(const struct process_how *how, int fd, bool block, pid_t *ret_pid, struct error *e)
{
	if (block && sys_set_nonblocking(fd, false, e) < 0)
		return -1;
	return start_with_stdio(how, &(struct program_stdio){ .fd = fd }, ret_pid, e);
}

/* ---- instead of us ---- */

enum { PASSED_FD = 3 }; /* SD_LISTEN_FDS_START of sd_listen_fds(3) */

static void
default_signals(void)
{
	sigset_t none;

	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Makes a copy of fd descriptor 3, which is not close-on-exec. */
static int
pass_descriptor(int fd)
{
	if (fd == PASSED_FD)
		return fcntl(fd, F_SETFD, 0);
	return dup2(fd, PASSED_FD) == -1 ? -1 : 0;
}

int
process_exec(const struct process_how *how, int fd, struct error *e)
{
	char **env = merge_env(how->env);
	int errnum;

	if (env == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	close_inherited_on_exec();
	if (pass_descriptor(fd) == -1) {
		free(env);
		return error_errno(e, ERROR_INTERNAL, errno, "dup2");
	}
	default_signals();
	execvpe(how->argv[0], (char *const *)how->argv, env);
	errnum = errno;
	signal(SIGPIPE, SIG_IGN);
	free(env);
	return process_exec_error(how->argv[0], errnum, e);
}

/* ---- a stream ---- */

static int
start_on_terminal(struct stream **ret_stream, const struct process_how *how, pid_t *ret_pid,
    struct error *e)
{
	char path[PTY_PATH_MAX];
	struct stream *s;

	if (pty_stream(&s, how->terminal, path, e) < 0)
		return -1;
	if (start_with_stdio(how, &(struct program_stdio){ .terminal = path }, ret_pid, e) < 0) {
		stream_close(s);
		return -1;
	}
	*ret_stream = s;
	return 0;
}

int
process_stream(struct stream **ret_stream, const struct process_how *how, pid_t *ret_pid,
    struct error *e)
{
	int pair[2];

	if (how->terminal != NULL)
		return start_on_terminal(ret_stream, how, ret_pid, e);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error_errno(e, ERROR_INTERNAL, errno, "socketpair");
	if (sys_set_nonblocking(pair[0], true, e) < 0 ||
	    process_start(how, pair[1], false, ret_pid, e) < 0) {
		sys_close(pair[0]);
		sys_close(pair[1]);
		return -1;
	}
	sys_close(pair[1]);
	if (fd_stream_socket(ret_stream, pair[0], e) < 0) {
		sys_close(pair[0]);
		return -1;
	}
	return 0;
}

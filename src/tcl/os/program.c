#include "tcl/os/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcl/eval/eval.h"
#include "tcl/os/channel.h"
#include "tcl/os/posix.h"

/* ---- creation and destruction ---- */

static void
drop_fd(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static int
no_memory(struct interp *in)
{
	return interp_fail(in, NULL, NULL, "out of memory");
}

int
program_init(struct interp *in, struct program *p, size_t words)
{
	*p = (struct program){ .in = -1, .out = -1, .captured = -1, .errors = -1 };
	p->argv = calloc(words + 1, sizeof(*p->argv));
	return p->argv == NULL ? no_memory(in) : TCL_OK;
}

void
program_fini(struct interp *in, struct program *p)
{
	drop_fd(&p->in);
	drop_fd(&p->out);
	drop_fd(&p->captured);
	drop_fd(&p->errors);
	if (p->pid > 0 && !p->over) {
		if (!p->background)
			kill(p->pid, SIGTERM);
		(void)in->hooks.reap(in, in->hooks.data, p->pid, NULL);
	}
	free(p->argv);
}

/* ---- redirections ---- */

int
program_write_to(struct interp *in, struct program *p, struct value *path)
{
	drop_fd(&p->out);
	p->out = open(value_bytes(path, NULL), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY,
	    0666);
	return p->out != -1 ? TCL_OK
			    : posix_fail(in, errno, "couldn't write file \"%v\"", path, NULL);
}

/* Opens a temporary file without a name. */
static int
temporary_file(void)
{
	FILE *f = tmpfile();
	int fd = f == NULL ? -1 : fcntl(fileno(f), F_DUPFD_CLOEXEC, 3);

	if (f != NULL)
		fclose(f);
	return fd;
}

int
program_feed(struct interp *in, struct program *p, struct value *bytes)
{
	size_t n;
	const char *text = value_bytes(bytes, &n);
	struct channel *ch;
	int copy, code, closed;

	drop_fd(&p->in);
	p->in = temporary_file();
	copy = p->in == -1 ? -1 : fcntl(p->in, F_DUPFD_CLOEXEC, 3);
	if (copy == -1)
		return posix_fail(in, errno, "couldn't create input file for command", NULL, NULL);
	ch = channel_add(in, copy, true);
	code = channel_write(in, ch, text, n);
	closed = channel_close(in, ch);
	(void)lseek(p->in, 0, SEEK_SET);
	return code == TCL_OK ? closed : code;
}

/* ---- starting ---- */

static size_t
count_words(char *const *words)
{
	size_t n = 0;

	while (words != NULL && words[n] != NULL)
		n++;
	return n;
}

/* Appends a copy of pair to the n strings of env, unless one of them has the same name. */
static void
add_pair(char **env, size_t *n, const char *pair)
{
	size_t len = strcspn(pair, "=") + 1;

	for (size_t i = 0; i < *n; i++)
		if (strncmp(env[i], pair, len) == 0)
			return;
	env[*n] = strdup(pair);
	*n += env[*n] != NULL;
}

/* Makes the environment of a program: the array env of the script, then program_env. */
static char **
make_environment(struct interp *in)
{
	struct value *name = value_string(&in->heap, "::env"), *pair;
	struct table *array = var_array(in, name);
	const struct table_entry *entry = NULL;
	size_t given = count_words(in->program_env), n = 0;
	char **env = calloc((array == NULL ? 0 : array->count) + given + 1, sizeof(*env));

	value_unref(name);
	while (env != NULL && array != NULL && (entry = table_next(array, entry)) != NULL) {
		const struct element *el = (const struct element *)entry;

		if (el->var.kind != VAR_VALUE)
			continue;
		pair = value_copy(entry->key);
		value_append_string(pair, "=");
		value_append_value(pair, el->var.as.value);
		add_pair(env, &n, value_bytes(pair, NULL));
		value_unref(pair);
	}
	for (size_t i = 0; env != NULL && i < given; i++)
		add_pair(env, &n, in->program_env[i]);
	return env;
}

static void
free_environment(char **env)
{
	for (size_t i = 0; env != NULL && env[i] != NULL; i++)
		free(env[i]);
	free(env);
}

static const char *
search_path(char **env)
{
	for (; env != NULL && *env != NULL; env++) {
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	}
	return "/usr/local/bin:/usr/bin:/bin";
}

/* Returns the path of the program, which the caller frees; searches PATH for a name without a slash. NULL
 * with errno set. */
static char *
find_program(const char *name, const char *path)
{
	char *file = NULL;
	int number = ENOENT;

	if (strchr(name, '/') != NULL || *name == '\0')
		return strdup(name);
	for (size_t n; file == NULL; path += n + 1) {
		n = strcspn(path, ":");
		if (asprintf(&file, "%.*s/%s", n > 0 ? (int)n : 1, n > 0 ? path : ".", name) == -1)
			return NULL;
		if (access(file, X_OK) == 0)
			return file;
		number = errno == EACCES ? EACCES : number;
		free(file);
		file = NULL;
		if (path[n] == '\0')
			break;
	}
	errno = number;
	return NULL;
}

/* Resets all signals, so that the program ignores and blocks none. */
static void
plain_signals(posix_spawnattr_t *attr)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigemptyset(&all);
	for (int i = 1; i < 32; i++)
		if (i != SIGKILL && i != SIGSTOP)
			sigaddset(&all, i);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* Returns 0 or an errno value. fds are its standard descriptors; -1: inherited. */
static int
spawn(struct program *p, char **env, const int fds[3])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	char *file = find_program(p->argv[0], search_path(env));
	int rc;

	if (file == NULL)
		return errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	plain_signals(&attr);
	for (int i = 0; i < 3; i++) {
		if (fds[i] != -1)
			posix_spawn_file_actions_adddup2(&actions, fds[i], i);
	}
	rc = posix_spawn(&p->pid, file, &actions, &attr, p->argv, env);
	p->pid = rc != 0 ? 0 : p->pid;
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	free(file);
	return rc;
}

/* Captures output without a redirection in a pipe, whose descriptors are above 2, and standard error in a
 * file. */
static int
capture(struct interp *in, struct program *p)
{
	int ends[2];

	if (p->out == -1) {
		if (pipe2(ends, O_CLOEXEC) == -1)
			return posix_fail(in, errno, "couldn't create output pipe for command",
			    NULL, NULL);
		p->captured = fcntl(ends[0], F_DUPFD_CLOEXEC, 3);
		p->out = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
		close(ends[0]);
		close(ends[1]);
	}
	if (!p->merge && (p->errors = temporary_file()) == -1)
		return posix_fail(in, errno, "couldn't create error file for command", NULL, NULL);
	return TCL_OK;
}

int
program_start(struct interp *in, struct program *p)
{
	int code = p->background ? TCL_OK : capture(in, p), rc;
	char **env = make_environment(in);

	if (code == TCL_OK && env == NULL)
		code = no_memory(in);
	if (code == TCL_OK) {
		int out = p->out != -1 ? p->out : in->program_out > 0 ? in->program_out : 1;

		rc = spawn(p, env, (const int[3]){ p->in, out, p->merge ? out : p->errors });
		if (rc != 0) {
			struct value *name = value_string(&in->heap, p->argv[0]);

			code = posix_fail(in, rc, "couldn't execute \"%v\"", name, NULL);
			value_unref(name);
		}
	}
	free_environment(env);
	/* else the pipe would have no end */
	drop_fd(&p->out);
	return code;
}

/* ---- the end ---- */

/* Reads with line ends converted. */
static int
read_converted(struct interp *in, int *fd, struct value *out)
{
	struct channel *ch = channel_add(in, *fd, false);
	int code = channel_read(in, ch, out, SIZE_MAX);

	*fd = -1;
	(void)channel_close(in, ch);
	return in->heap.fault == NULL ? code : TCL_ERROR;
}

int
program_finish(struct interp *in, struct program *p, struct value *printed, struct value *errors)
{
	if (p->captured != -1 && read_converted(in, &p->captured, printed) != TCL_OK)
		return TCL_ERROR;
	if (in->hooks.reap(in, in->hooks.data, p->pid, &p->status) != TCL_OK)
		return TCL_ERROR;
	p->over = true;
	if (p->errors == -1)
		return TCL_OK;
	(void)lseek(p->errors, 0, SEEK_SET);
	return read_converted(in, &p->errors, errors);
}

#include "tcl/pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcl/channel.h"
#include "tcl/eval.h"
#include "tcl/posix.h"

/* ---- life ---- */

void
pipeline_init(struct pipeline *p)
{
	memset(p, 0, sizeof(*p));
	p->in.fd = p->out.fd = p->err.fd = p->captured = p->errors = -1;
}

static void
drop_end(struct pipe_end *end)
{
	if (end->fd != -1 && !end->lent)
		close(end->fd);
	end->fd = -1;
	end->lent = false;
}

static void
drop_fd(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

void
pipeline_fini(struct interp *in, struct pipeline *p)
{
	drop_end(&p->in);
	if (p->err.fd == p->out.fd)
		p->err.fd = -1;
	drop_end(&p->out);
	drop_end(&p->err);
	drop_fd(&p->captured);
	drop_fd(&p->errors);
	for (size_t i = 0; i < p->n; i++) {
		struct stage *s = &p->stages[i];

		bool runs = s->pid > 0 && !s->over;

		if (runs && !p->detached)
			kill(s->pid, SIGTERM);
		if (runs)
			(void)in->hooks.reap(in, in->hooks.data, s->pid, NULL);
		for (size_t k = 0; k < s->n; k++)
			free(s->argv[k]);
		free(s->argv);
	}
	free(p->stages);
}

static int
no_memory(struct interp *in)
{
	return interp_fail(in, NULL, NULL, "out of memory");
}

int
pipeline_stage(struct interp *in, struct pipeline *p)
{
	struct stage *stages = realloc(p->stages, (p->n + 1) * sizeof(*stages));

	if (stages == NULL)
		return no_memory(in);
	p->stages = stages;
	memset(&stages[p->n++], 0, sizeof(*stages));
	return TCL_OK;
}

int
pipeline_word(struct interp *in, struct pipeline *p, struct value *word)
{
	struct stage *s = &p->stages[p->n - 1];
	char **argv = realloc(s->argv, (s->n + 2) * sizeof(*argv));

	if (argv == NULL)
		return no_memory(in);
	s->argv = argv;
	argv[s->n] = strdup(value_bytes(word, NULL));
	if (argv[s->n] == NULL)
		return no_memory(in);
	argv[++s->n] = NULL;
	return TCL_OK;
}

/* ---- its ends ---- */

static void
set_end(struct pipeline *p, unsigned to, int fd, bool lent)
{
	/* one descriptor for both is closed once */
	if ((to & PIPELINE_IN) != 0) {
		drop_end(&p->in);
		p->in = (struct pipe_end){ fd, lent };
	}
	if ((to & PIPELINE_OUT) != 0) {
		drop_end(&p->out);
		p->out = (struct pipe_end){ fd, lent };
		lent = true;
	}
	if ((to & PIPELINE_ERR) != 0) {
		drop_end(&p->err);
		p->err = (struct pipe_end){ fd, lent };
		p->merge = false;
	}
}

int
pipeline_open(struct interp *in, struct pipeline *p, unsigned to, struct value *path, bool append)
{
	int flags =
	    (to & PIPELINE_IN) != 0 ? O_RDONLY : O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC);
	int fd = open(value_bytes(path, NULL), flags | O_CLOEXEC | O_NOCTTY, 0666);

	if (fd == -1)
		return posix_fail(in, errno,
		    (to & PIPELINE_IN) != 0 ? "couldn't read file \"%v\""
					    : "couldn't write file \"%v\"",
		    path, NULL);
	set_end(p, to, fd, false);
	return TCL_OK;
}

void
pipeline_lend(struct pipeline *p, unsigned to, int fd)
{
	set_end(p, to, fd, true);
}

/* A file that has no name. */
static int
scratch(void)
{
	FILE *f = tmpfile();
	int fd = f == NULL ? -1 : fcntl(fileno(f), F_DUPFD_CLOEXEC, 3);

	if (f != NULL)
		fclose(f);
	return fd;
}

int
pipeline_feed(struct interp *in, struct pipeline *p, struct value *bytes)
{
	size_t n, done = 0;
	const char *text = value_bytes(bytes, &n);
	int fd = scratch();

	while (fd != -1 && done < n) {
		ssize_t put = write(fd, text + done, n - done);

		if (put == -1 && errno != EINTR)
			drop_fd(&fd);
		else if (put > 0)
			done += (size_t)put;
	}
	if (fd == -1 || lseek(fd, 0, SEEK_SET) == -1) {
		drop_fd(&fd);
		return posix_fail(in, errno, "couldn't create input file for command", NULL, NULL);
	}
	set_end(p, PIPELINE_IN, fd, false);
	return TCL_OK;
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

static bool
has_name(char *const *env, size_t n, const char *pair)
{
	size_t len = strcspn(pair, "=") + 1;

	for (size_t i = 0; i < n; i++)
		if (strncmp(env[i], pair, len) == 0)
			return true;
	return false;
}

/* The environment of programs: what the script's array env holds, then what we were given. */
static char **
environment(struct interp *in)
{
	struct value *name = value_string(&in->heap, "::env");
	struct table *array = var_array(in, name);
	const struct table_entry *entry = NULL;
	size_t own = array == NULL ? 0 : array->count, given = count_words(in->program_env), n = 0;
	char **env = calloc(own + given + 1, sizeof(*env));

	value_unref(name);
	while (env != NULL && array != NULL && (entry = table_next(array, entry)) != NULL) {
		const struct element *el = (const struct element *)entry;
		struct value *pair;

		if (el->var.kind != VAR_VALUE)
			continue;
		pair = value_copy(entry->key);
		value_append_string(pair, "=");
		value_append_value(pair, el->var.as.value);
		env[n] = strdup(value_bytes(pair, NULL));
		n += env[n] != NULL;
		value_unref(pair);
	}
	own = n;
	for (size_t i = 0; env != NULL && i < given; i++) {
		if (has_name(env, own, in->program_env[i]))
			continue;
		env[n] = strdup(in->program_env[i]);
		n += env[n] != NULL;
	}
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

/* Where the program is, to be freed; without a slash in its name it is looked for. NULL with errno. */
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

/* A program starts as a shell would have started it: no signal ignored or blocked. */
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

/* 0 or the number of the error; fds for its standard input, output and error, -1: ours. */
static int
spawn(struct stage *s, char **env, const int fds[3])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	char *file = find_program(s->argv[0], search_path(env));
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
	rc = posix_spawn(&s->pid, file, &actions, &attr, s->argv, env);
	if (rc != 0)
		s->pid = 0;
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	free(file);
	return rc;
}

/* Descriptors that are standard ones are moved out of the way of each other. */
static int
pipe_high(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	for (int i = 0; i < 2; i++) {
		int high = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);

		close(ends[i]);
		ends[i] = high;
	}
	return 0;
}

static int
start_stage(struct interp *in, struct pipeline *p, size_t i, char **env, int *input)
{
	struct stage *s = &p->stages[i];
	int ends[2] = { -1, -1 }, fds[3] = { *input, p->out.fd, p->err.fd }, rc;

	if (i + 1 < p->n) {
		if (pipe_high(ends) == -1)
			return posix_fail(in, errno, "couldn't create pipe", NULL, NULL);
		fds[1] = ends[1];
	}
	if ((i + 1 < p->n && s->both) || (i + 1 == p->n && p->merge))
		fds[2] = fds[1] != -1 ? fds[1] : 1;
	rc = spawn(s, env, fds);
	drop_fd(&ends[1]);
	if (i > 0)
		drop_fd(input);
	*input = ends[0];
	if (rc != 0) {
		struct value *name = value_string(&in->heap, s->argv[0]);

		posix_fail(in, rc, "couldn't execute \"%v\"", name, NULL);
		value_unref(name);
	}
	return rc == 0 ? TCL_OK : TCL_ERROR;
}

/* What is not said to go elsewhere is captured. */
static int
capture(struct interp *in, struct pipeline *p, bool wait, bool complain)
{
	int ends[2];

	if (wait && p->out.fd == -1) {
		if (pipe_high(ends) == -1)
			return posix_fail(in, errno, "couldn't create output pipe for command",
			    NULL, NULL);
		p->captured = ends[0];
		p->out = (struct pipe_end){ ends[1], false };
	}
	if (p->err.fd == -1 && !p->merge && !complain) {
		p->errors = scratch();
		if (p->errors == -1)
			return posix_fail(in, errno, "couldn't create error file for command", NULL,
			    NULL);
		p->err = (struct pipe_end){ p->errors, true };
	}
	return TCL_OK;
}

int
pipeline_start(struct interp *in, struct pipeline *p, bool wait, bool complain)
{
	int input = p->in.fd, code = capture(in, p, wait, complain);
	char **env = environment(in);

	if (code == TCL_OK && env == NULL)
		code = no_memory(in);
	for (size_t i = 0; i < p->n && code == TCL_OK; i++)
		code = start_stage(in, p, i, env, &input);
	free_environment(env);
	if (input != p->in.fd)
		drop_fd(&input);
	/* or its end would never come */
	if (p->err.fd == p->out.fd)
		p->err.fd = -1;
	drop_end(&p->out);
	p->detached = !wait && code == TCL_OK;
	return code;
}

/* ---- the end ---- */

/* As a file of the script: with its line ends. */
static int
read_whole(struct interp *in, int *fd, struct value *out)
{
	struct channel *ch = channel_add(in, *fd, true, false);
	int code = channel_read(in, ch, out, SIZE_MAX);

	*fd = -1;
	(void)channel_close(in, ch);
	return in->heap.fault == NULL ? code : TCL_ERROR;
}

int
pipeline_finish(struct interp *in, struct pipeline *p, struct value *printed, struct value *errors)
{
	if (p->captured != -1 && read_whole(in, &p->captured, printed) != TCL_OK)
		return TCL_ERROR;
	for (size_t i = 0; i < p->n; i++) {
		struct stage *s = &p->stages[i];

		if (in->hooks.reap(in, in->hooks.data, s->pid, &s->status) != TCL_OK)
			return TCL_ERROR;
		s->over = true;
	}
	if (p->errors == -1)
		return TCL_OK;
	(void)lseek(p->errors, 0, SEEK_SET);
	return read_whole(in, &p->errors, errors);
}

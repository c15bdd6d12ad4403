#include "cli/prompt/getpass.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/core/secret.h"
#include "loop/loop.h"
#include "script/args.h"
#include "script/context.h"
#include "script/error.h"
#include "script/script.h"
#include "tcl/interp.h"

enum { SECRET_MAX = 4096 };

struct getpass {
	struct script *sc;
	void (*callback)(void *arg, const char *bytes, size_t n);
	void *arg;
	/* fd of the terminal, opened before the script is confined; -1: no terminal, for the
	 * reason errnum */
	int fd, errnum;
};

static int
wait_terminal_readable(void *arg, int fd, struct error *e)
{
	struct script *sc = arg;

	return loop_wait(script_how(sc)->loop, fd, LOOP_READ, deadline_never(), e) == -1 ? -1 : 0;
}

static ssize_t
read_password(const struct getpass *g, const char *prompt, char *buffer, struct error *e)
{
	const struct file_wait wait = { wait_terminal_readable, g->sc };
	ssize_t n;

	if (g->fd == -1)
		return error_errno(e, ERROR_LOCAL_IO, g->errnum, "getpass: no terminal");
	n = secret_read(g->fd, prompt, &wait, buffer, SECRET_MAX, e);
	return n == -1 && e->code == ERROR_LOCAL_IO ? error_prefix(e, "getpass") : n;
}

static int
cmd_getpass(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct getpass *g = data;
	const char *prompt = argc > 1 ? script_get_text(in, argv[1], "getpass") : "Password: ";
	char buffer[SECRET_MAX];
	struct error e = { 0 };
	ssize_t n;
	int code;

	if (prompt == NULL)
		return TCL_ERROR;
	n = read_password(g, prompt, buffer, &e);
	if (n == -1)
		return script_fail(in, &e);
	if (g->callback != NULL)
		g->callback(g->arg, buffer, (size_t)n);
	code = interp_return_text(in, buffer, (size_t)n);
	explicit_bzero(buffer, sizeof(buffer));
	return code;
}

static void
free_getpass(void *data)
{
	struct getpass *g = data;

	if (g->fd != -1)
		close(g->fd);
	free(g);
}

void
getpass_add(struct script *sc, void (*callback)(void *arg, const char *bytes, size_t n), void *arg)
{
	static const struct interp_command row = { "getpass", cmd_getpass, 0, 1, "?prompt?" };
	struct getpass *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return;
	*g = (struct getpass){ .sc = sc, .callback = callback, .arg = arg };
	g->fd = secret_open_terminal();
	g->errnum = errno;
	interp_add(script_interp(sc), &row, g, free_getpass);
}

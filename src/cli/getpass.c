/* getpass: a line from the terminal that it does not show */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "base/loop.h"
#include "cli/prompt.h"
#include "net/sys.h"
#include "tcl/interp.h"

enum { SECRET_MAX = 4096 };

struct getpass {
	struct script *sc;
	void (*got)(void *arg, const char *bytes, size_t n);
	void *arg;
	/* The terminal, since a script is confined before it asks; -1: there is none, for this reason. */
	int fd, errnum;
};

/* A line of the terminal's, in its canonical mode; its length without the end, or -1. */
static ssize_t
read_secret(struct script *sc, int fd, char *room, struct error *e)
{
	ssize_t got = SYS_AGAIN;

	while (got == SYS_AGAIN) {
		if (loop_wait(script_how(sc)->loop, fd, LOOP_READ, deadline_never(), e) == -1)
			return -1;
		got = sys_read(fd, room, SECRET_MAX, e);
	}
	if (got == 0)
		return error_set(e, ERROR_LOCAL_IO, "getpass: the input has ended");
	return got > 0 && room[got - 1] == '\n' ? got - 1 : got;
}

static ssize_t
ask(struct script *sc, int fd, const char *prompt, char *room, struct error *e)
{
	struct termios before, silent;
	ssize_t n;

	if (tcgetattr(fd, &before) == -1)
		return error_errno(e, ERROR_LOCAL_IO, errno, "getpass");
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	silent.c_lflag |= ICANON | ISIG;
	if (sys_write(fd, prompt, strlen(prompt), e) == -1)
		return -1;
	tcsetattr(fd, TCSAFLUSH, &silent);
	n = read_secret(sc, fd, room, e);
	tcsetattr(fd, TCSAFLUSH, &before);
	(void)sys_write(fd, "\n", 1, NULL);
	return n;
}

static int
cmd_getpass(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct getpass *g = data;
	const char *prompt = argc > 1 ? script_get_text(in, argv[1], "getpass") : "Password: ";
	char room[SECRET_MAX];
	struct error e = { 0 };
	ssize_t n = -1;
	int code;

	if (g->fd == -1)
		(void)error_errno(&e, ERROR_LOCAL_IO, g->errnum, "getpass: no terminal");
	else if (prompt != NULL)
		n = ask(g->sc, g->fd, prompt, room, &e);
	if (prompt == NULL)
		return TCL_ERROR;
	if (n == -1)
		return script_fail(in, &e);
	if (g->got != NULL)
		g->got(g->arg, room, (size_t)n);
	code = interp_return_text(in, room, (size_t)n);
	explicit_bzero(room, sizeof(room));
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
getpass_add(struct script *sc, void (*got)(void *arg, const char *bytes, size_t n), void *arg)
{
	static const struct interp_command row = { "getpass", cmd_getpass, 0, 1, "?prompt?" };
	struct getpass *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return;
	*g = (struct getpass){ .sc = sc, .got = got, .arg = arg };
	g->fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	g->errnum = errno;
	interp_add(script_interp(sc), &row, g, free_getpass);
}

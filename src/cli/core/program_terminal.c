#include "cli/core/program_terminal.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "relay/session.h"

/* Where usock has no terminal. */
enum { ROWS_DEFAULT = 24, COLUMNS_DEFAULT = 80 };

/* Returns the size of the first standard descriptor that is a terminal and knows its size. */
static struct winsize
our_size(void)
{
	struct winsize size;

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
			return size;
	return (struct winsize){ .ws_row = ROWS_DEFAULT, .ws_col = COLUMNS_DEFAULT };
}

static void
follow_size(struct program_terminal *t)
{
	struct winsize size = our_size();

	pty_group_resize(&t->group, size.ws_row, size.ws_col);
}

static void
on_resized(struct signal_watch *w)
{
	follow_size(w->arg);
}

int
program_terminal_open(struct program_terminal *t, struct loop *l, struct session_how *how,
    struct error *e)
{
	t->resized = (struct signal_watch){ .signo = SIGWINCH, .fn = on_resized, .arg = t };
	if (loop_signal_watch(l, &t->resized, e) < 0)
		return -1;
	t->loop = l;
	follow_size(t);
	how->program.terminal = &t->group;
	how->rules.local_terminal = true;
	return 0;
}

void
program_terminal_close(struct program_terminal *t)
{
	if (t->loop != NULL)
		loop_signal_unwatch(t->loop, &t->resized);
	t->loop = NULL;
}

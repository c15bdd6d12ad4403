#include "cli/core/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "net/sys.h"

int
secret_open_terminal(void)
{
	return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

/* Reads a line from the terminal in canonical mode. Returns its length without the newline, or
 * -1. */
static ssize_t
read_terminal_line(int fd, const struct file_wait *wait, char *buffer, size_t size, struct error *e)
{
	ssize_t got = SYS_AGAIN;

	while (got == SYS_AGAIN) {
		if (wait->readable(wait->arg, fd, e) == -1)
			return -1;
		got = sys_read(fd, buffer, size, e);
	}
	if (got == 0)
		return error_set(e, ERROR_LOCAL_IO, "the input has ended");
	return got > 0 && buffer[got - 1] == '\n' ? got - 1 : got;
}

/* A process that is stopped, or quits with a core, would leave the terminal without echo. */
static struct termios
silent_modes(const struct termios *before)
{
	struct termios silent = *before;

	silent.c_lflag &= ~(tcflag_t)ECHO;
	silent.c_lflag |= ICANON | ISIG;
	silent.c_cc[VQUIT] = _POSIX_VDISABLE;
	silent.c_cc[VSUSP] = _POSIX_VDISABLE;
	return silent;
}

ssize_t
secret_read(int fd, const char *prompt, const struct file_wait *wait, char *buffer, size_t size,
    struct error *e)
{
	struct termios before, silent;
	ssize_t n;

	if (tcgetattr(fd, &before) == -1)
		return error_errno(e, ERROR_LOCAL_IO, errno, "/dev/tty");
	silent = silent_modes(&before);
	/* who answers the prompt at once must not have it echoed or discarded */
	tcsetattr(fd, TCSAFLUSH, &silent);
	n = sys_write(fd, prompt, strlen(prompt), e);
	if (n != -1)
		n = read_terminal_line(fd, wait, buffer, size, e);
	/* a line that is typed already is the program's input; a part of a secret is not for the shell to see */
	tcsetattr(fd, n != -1 ? TCSADRAIN : TCSAFLUSH, &before);
	(void)sys_write(fd, "\n", 1, NULL);
	return n;
}

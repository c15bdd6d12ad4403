#include "stream/terminal.h"

#include <fcntl.h>
#include <unistd.h>

#include "loop/loop_gate.h"

/* A process has at most one controlling terminal. */
static struct {
	int fd, gate; /* gate is -1 until somebody waits */
} terminal = { -1, -1 };

bool
terminal_exists(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd == -1)
		return false;
	close(fd);
	return true;
}

bool
terminal_is_controlling(int fd)
{
	/* tcgetpgrp fails with ENOTTY for any other terminal, which never sends SIGTTIN */
	return tcgetpgrp(fd) != -1;
}

bool
terminal_may_read(int fd)
{
	pid_t foreground = tcgetpgrp(fd);

	return foreground == -1 || foreground == getpgrp();
}

int
terminal_wait_fd(int fd)
{
	if (!terminal_is_controlling(fd))
		return fd;
	if (terminal.gate == -1) {
		terminal.gate = loop_gate_new();
		terminal.fd = fd;
		terminal_recheck();
	}
	return terminal.gate != -1 && terminal.fd == fd ? terminal.gate : fd;
}

void
terminal_recheck(void)
{
	if (terminal.gate != -1)
		loop_gate_set(terminal.gate, terminal.fd, terminal_may_read(terminal.fd));
}

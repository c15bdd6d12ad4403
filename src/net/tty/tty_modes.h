/*
 * The modes of a terminal device: raw, with the settings of a line. termios(3),
 * ioctl_tty(2).
 */
#ifndef NET_TTY_TTY_MODES_H
#define NET_TTY_TTY_MODES_H

#include <termios.h>

#include "net/tty/tty_line.h"

struct tty_modes {
	struct termios modes;
	uint32_t speed; /* struct termios has only some */
};

/* Makes the terminal raw and sets it as line says. *ret_before is what tty_modes_restore() takes.
 * Returns -1 with ERROR_NETWORK and the reason alone, with the modes as they were; a device that
 * does not do all of it is an error. */
int tty_modes_set(int fd, const struct tty_line *line, struct tty_modes *ret_before,
    struct error *e);

void tty_modes_restore(int fd, const struct tty_modes *before);

/* Returns how many bytes were written and are not sent yet; for the master of a pseudo-terminal,
 * not read by the slave. 0 where that is not known. */
int tty_modes_unsent(int fd);

#endif

/*
 * Speeds of a serial line: any number on Linux, those of termios(3) elsewhere.
 */
#ifndef NET_TTY_TTY_SPEED_H
#define NET_TTY_TTY_SPEED_H

#include <stdint.h>

/* Sets the speed in both directions. Returns -1 with errno; EINVAL where the system does not know the
 * speed, or the device is more than 3 percent off. */
int tty_speed_set(int fd, uint32_t speed);

/* Returns the speed of output; 0 where it is not known. */
uint32_t tty_speed_get(int fd);

#endif

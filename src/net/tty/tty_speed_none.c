#include "net/tty/tty_speed.h"

#include <errno.h>
#include <stdbool.h>
#include <termios.h>

/* In the systems that this file is for, a speed of termios(3) is its number. */
static bool
speeds_are_numbers(void)
{
	return B9600 == 9600;
}

int
tty_speed_set(int fd, uint32_t speed)
{
	struct termios modes;

	if (!speeds_are_numbers()) {
		errno = EINVAL;
		return -1;
	}
	if (tcgetattr(fd, &modes) < 0 || cfsetospeed(&modes, (speed_t)speed) < 0 ||
	    cfsetispeed(&modes, (speed_t)speed) < 0)
		return -1;
	return tcsetattr(fd, TCSANOW, &modes);
}

uint32_t
tty_speed_get(int fd)
{
	struct termios modes;

	return speeds_are_numbers() && tcgetattr(fd, &modes) == 0 ? (uint32_t)cfgetospeed(&modes)
								  : 0;
}

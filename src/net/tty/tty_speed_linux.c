#include "net/tty/tty_speed.h"

#include <errno.h>
#include <stddef.h>
#include <sys/ioctl.h>

/* Has a struct termios of its own, so this file cannot have <termios.h>. */
#include <asm/termbits.h>

#include "base/array.h"

/* musl's <sys/ioctl.h> does not have them. */
#ifndef TCGETS2
#define TCGETS2 _IOR('T', 0x2A, struct termios2)
#define TCSETS2 _IOW('T', 0x2B, struct termios2)
#endif

/* A device with one of these shows it to stty(1) and the like; others they call 0 or "custom". */
static const struct {
	uint32_t speed;
	tcflag_t code;
} codes[] = {
	{ 50, B50 },
	{ 75, B75 },
	{ 110, B110 },
	{ 134, B134 },
	{ 150, B150 },
	{ 200, B200 },
	{ 300, B300 },
	{ 600, B600 },
	{ 1200, B1200 },
	{ 1800, B1800 },
	{ 2400, B2400 },
	{ 4800, B4800 },
	{ 9600, B9600 },
	{ 19200, B19200 },
	{ 38400, B38400 },
	{ 57600, B57600 },
	{ 115200, B115200 },
	{ 230400, B230400 },
	{ 460800, B460800 },
	{ 500000, B500000 },
	{ 576000, B576000 },
	{ 921600, B921600 },
	{ 1000000, B1000000 },
	{ 1152000, B1152000 },
	{ 1500000, B1500000 },
	{ 2000000, B2000000 },
	{ 2500000, B2500000 },
	{ 3000000, B3000000 },
	{ 3500000, B3500000 },
	{ 4000000, B4000000 },
};

static tcflag_t
code_of(uint32_t speed)
{
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].speed == speed)
			return codes[i].code;
	return BOTHER;
}

int
tty_speed_set(int fd, uint32_t speed)
{
	struct termios2 modes;
	uint64_t off;

	if (ioctl(fd, TCGETS2, &modes) < 0)
		return -1;
	/* without a code of its own, the speed of input is that of output */
	modes.c_cflag &= ~(tcflag_t)(CBAUD | CIBAUD);
	modes.c_cflag |= code_of(speed);
	modes.c_ispeed = modes.c_ospeed = speed;
	if (ioctl(fd, TCSETS2, &modes) < 0 || ioctl(fd, TCGETS2, &modes) < 0)
		return -1;
	off = modes.c_ospeed > speed ? modes.c_ospeed - speed : speed - modes.c_ospeed;
	if (off * 100 <= (uint64_t)speed * 3)
		return 0;
	errno = EINVAL;
	return -1;
}

uint32_t
tty_speed_get(int fd)
{
	struct termios2 modes;

	return ioctl(fd, TCGETS2, &modes) == 0 ? modes.c_ospeed : 0;
}

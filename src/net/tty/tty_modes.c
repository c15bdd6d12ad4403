#include "net/tty/tty_modes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/error.h"
#include "net/sys.h"
#include "net/tty/tty_speed.h"

#define FRAME (tcflag_t)(CSIZE | PARENB | PARODD | CSTOPB)

static tcflag_t
frame_of(const struct tty_line *line)
{
	static const tcflag_t sizes[] = { CS5, CS6, CS7, CS8 };
	tcflag_t frame;

	if (line->bits == 0)
		return CS8;
	frame = sizes[line->bits - 5];
	if (line->parity != 'n')
		frame |= PARENB;
	if (line->parity == 'o')
		frame |= PARODD;
	return line->stops == 2 ? frame | CSTOPB : frame;
}

static void
make_raw(struct termios *modes, const struct tty_line *line)
{
	cfmakeraw(modes);
	modes->c_cc[VMIN] = 1;
	modes->c_cc[VTIME] = 0;
	modes->c_iflag &= ~(tcflag_t)(IXON | IXOFF | IXANY | INPCK);
	if (line->xonxoff)
		modes->c_iflag |= IXON | IXOFF;
	if (line->parity == 'e' || line->parity == 'o')
		modes->c_iflag |= INPCK;
	modes->c_cflag &= ~(FRAME | CRTSCTS | CLOCAL);
	modes->c_cflag |= CREAD | frame_of(line);
	if (line->rtscts)
		modes->c_cflag |= CRTSCTS;
	if (line->no_carrier)
		modes->c_cflag |= CLOCAL;
}

/* tcsetattr(3) succeeds when any of the changes could be made. */
static int
check_modes(int fd, const struct termios *want, struct error *e)
{
	const tcflag_t mask = FRAME | CRTSCTS;
	struct termios got;

	if (tcgetattr(fd, &got) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "read its modes");
	if ((got.c_cflag & mask & ~(tcflag_t)CRTSCTS) !=
	    (want->c_cflag & mask & ~(tcflag_t)CRTSCTS))
		return error_set(e, ERROR_NETWORK,
		    "the device does not have these data bits, parity and stop bits");
	if ((got.c_cflag & CRTSCTS) != (want->c_cflag & CRTSCTS))
		return error_set(e, ERROR_NETWORK, "the device does not have crtscts");
	return 0;
}

int
tty_modes_set(int fd, const struct tty_line *line, struct tty_modes *ret_before, struct error *e)
{
	struct tty_modes before = { .speed = tty_speed_get(fd) };
	struct termios modes;

	if (tcgetattr(fd, &before.modes) < 0)
		return error_errno(e, ERROR_NETWORK, errno == EINVAL ? ENOTTY : errno,
		    "it is no terminal device");
	modes = before.modes;
	make_raw(&modes, line);
	if (tcsetattr(fd, TCSANOW, &modes) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "set its modes");
	if (check_modes(fd, &modes, e) < 0) {
		tty_modes_restore(fd, &before);
		return -1;
	}
	if (line->speed != 0 && tty_speed_set(fd, line->speed) < 0) {
		error_errno(e, ERROR_NETWORK, errno, "the device does not have the speed %u",
		    (unsigned)line->speed);
		tty_modes_restore(fd, &before);
		return -1;
	}
	*ret_before = before;
	return 0;
}

void
tty_modes_restore(int fd, const struct tty_modes *before)
{
	(void)tcsetattr(fd, TCSANOW, &before->modes);
	if (before->speed != 0 && before->speed != tty_speed_get(fd))
		(void)tty_speed_set(fd, before->speed);
}

/* What was written to a master is in the queue of the slave. */
static int
unread_by_slave(int master)
{
	int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK), n = 0;

	if (slave < 0)
		return 0;
	if (ioctl(slave, FIONREAD, &n) < 0)
		n = 0;
	sys_close(slave);
	return n;
}

int
tty_modes_unsent(int fd)
{
	int n = 0;

	if (ioctl(fd, TIOCOUTQ, &n) < 0)
		return 0;
	return n > 0 ? n : unread_by_slave(fd);
}

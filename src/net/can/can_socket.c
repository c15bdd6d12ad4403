#include "net/can/can_socket.h"

#include <errno.h>

#include <linux/can.h>
#include <linux/can/raw.h>

#include "base/error.h"
#include "net/bind.h"
#include "net/sys.h"

int
can_socket_open(const struct endpoint *ep, const struct bind_how *how, const struct log *log,
    int *ret_fd, struct sockname *ret_name, struct error *e)
{
	const struct bind_spec b = { .how = how, .family = AF_CAN, .v6only = -1 };
	unsigned port = 0;
	int fd;

	/* create the socket first, so that a kernel without CAN fails here and not at the
	 * interface */
	if (bind_open(&b, log, &port, &fd, e) != 0)
		return -1;
	/* a kernel without CAN FD has no such frames to receive */
	(void)sockopt_set_int(fd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, 1, "CAN_RAW_FD_FRAMES", NULL);
	if (sockname_can(ep, ret_name, e) != 0 || sys_bind(fd, ret_name, e) != 0) {
		if (e->number == ENODEV)
			error_hint(e, "`ip link show type can` (or vcan) lists the interfaces");
		sys_close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}

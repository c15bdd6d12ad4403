#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "status/code.h"
#include "status/tcp_info.h"

/* The kernel counts a received FIN as one byte. */
static uint64_t
fin_received(int state)
{
	int code = status_code_of_linux(state);

	return code == TCP_CODE_CLOSE_WAIT || code == TCP_CODE_LAST_ACK ||
	    code == TCP_CODE_CLOSING || code == TCP_CODE_TIME_WAIT;
}

int
status_bytes(int fd, uint64_t *ret_sent, uint64_t *ret_received)
{
	struct tcp_info info;
	socklen_t len = sizeof info;
	uint64_t fin;

	memset(&info, 0, sizeof info);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
	    len < offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof info.tcpi_bytes_retrans)
		return -1;
	*ret_sent = info.tcpi_bytes_sent - info.tcpi_bytes_retrans;
	fin = fin_received(info.tcpi_state);
	*ret_received = info.tcpi_bytes_received - (info.tcpi_bytes_received > 0 ? fin : 0);
	return 0;
}

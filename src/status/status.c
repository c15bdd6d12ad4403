#include "status/status.h"

#include <netinet/tcp.h>
#include <stddef.h>

/* NEW_SYN_RECV, a request on its way to SYN_RECV, is in no header of the C library. */
#define LINUX_NEW_SYN_RECV 12

/* What Linux calls CLOSE is CLOSED; a bound idle socket (13) is that too. */
static const signed char codes[] = {
	[TCP_ESTABLISHED] = TCP_CODE_ESTABLISHED,
	[TCP_SYN_SENT] = TCP_CODE_SYN_SENT,
	[TCP_SYN_RECV] = TCP_CODE_SYN_RCVD,
	[TCP_FIN_WAIT1] = TCP_CODE_FIN_WAIT_1,
	[TCP_FIN_WAIT2] = TCP_CODE_FIN_WAIT_2,
	[TCP_TIME_WAIT] = TCP_CODE_TIME_WAIT,
	[TCP_CLOSE] = TCP_CODE_CLOSED,
	[TCP_CLOSE_WAIT] = TCP_CODE_CLOSE_WAIT,
	[TCP_LAST_ACK] = TCP_CODE_LAST_ACK,
	[TCP_LISTEN] = TCP_CODE_LISTEN,
	[TCP_CLOSING] = TCP_CODE_CLOSING,
	[LINUX_NEW_SYN_RECV] = TCP_CODE_SYN_RCVD,
};

static const char *const names[] = {
	[TCP_CODE_CLOSED] = "CLOSED",
	[TCP_CODE_LISTEN] = "LISTEN",
	[TCP_CODE_SYN_SENT] = "SYN_SENT",
	[TCP_CODE_SYN_RCVD] = "SYN_RCVD",
	[TCP_CODE_ESTABLISHED] = "ESTABLISHED",
	[TCP_CODE_FIN_WAIT_1] = "FIN_WAIT_1",
	[TCP_CODE_FIN_WAIT_2] = "FIN_WAIT_2",
	[TCP_CODE_CLOSE_WAIT] = "CLOSE_WAIT",
	[TCP_CODE_CLOSING] = "CLOSING",
	[TCP_CODE_LAST_ACK] = "LAST_ACK",
	[TCP_CODE_TIME_WAIT] = "TIME_WAIT",
};

int
status_code_of_linux(int state)
{
	if (state < 0 || (size_t)state >= sizeof(codes) / sizeof(codes[0]))
		return TCP_CODE_CLOSED;
	return codes[state];
}

const char *
status_code_name(int code)
{
	if (code == TCP_CODE_RELEASED)
		return "RELEASED";
	if (code < 0 || (size_t)code >= sizeof(names) / sizeof(names[0]))
		return "UNKNOWN";
	return names[code];
}

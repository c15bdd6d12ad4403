/* Replaces net/mmsg. */
#include "net/mmsg.h"

#include "sim.h"

void
mmsg_enable_pktinfo(int fd)
{
	(void)fd;
}

void
mmsg_enable_end(int fd)
{
	(void)fd;
}

bool
mmsg_enable_errors(int fd)
{
	(void)fd;
	return false;
}

int
mmsg_next_error(int fd, struct sockname *ret_name)
{
	(void)fd;
	(void)ret_name;
	return 0;
}

uint32_t
mmsg_dropped(int fd)
{
	(void)fd;
	return sim->dropped;
}

int
mmsg_recv(int fd, struct packet *packets, unsigned n, struct error *e)
{
	return sim->batch->recv(fd, packets, n, e);
}

int
mmsg_send(int fd, const struct packet *packets, unsigned n, struct error *e)
{
	return sim->batch->send(fd, packets, n, e);
}

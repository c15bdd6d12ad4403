/* In place of net/mmsg. */
#include "net/mmsg.h"

#include "sim.h"

void
batch_ask_here(int fd)
{
	(void)fd;
}

void
batch_ask_end(int fd)
{
	(void)fd;
}

void
batch_ask_refusals(int fd)
{
	(void)fd;
}

int
batch_refusal(int fd, struct sockname *ret_name)
{
	(void)fd;
	(void)ret_name;
	return 0;
}

uint32_t
batch_dropped(int fd)
{
	(void)fd;
	return sim->dropped;
}

int
batch_recv(int fd, struct packet *packets, unsigned n, struct error *e)
{
	return sim->batch->recv(fd, packets, n, e);
}

int
batch_send(int fd, const struct packet *packets, unsigned n, struct error *e)
{
	return sim->batch->send(fd, packets, n, e);
}

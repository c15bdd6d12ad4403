#include "base/error.h"
#include "status/owners.h"
#include "status/table.h"
#include "status/tcp_info.h"

static int
unknown(struct error *e)
{
	return error_set(e, ERROR_NETWORK, "status: this system does not show its socket table");
}

int
status_lookup(const struct sockname *local, const struct sockname *peer, struct status_row *ret_row,
    struct error *e)
{
	(void)local;
	(void)peer;
	(void)ret_row;
	return unknown(e);
}

int
status_by_port(uint16_t port, int (*fn)(void *arg, const struct status_row *row), void *arg,
    struct error *e)
{
	(void)port;
	(void)fn;
	(void)arg;
	return unknown(e);
}

int
status_holder(uint64_t inode, pid_t *ret_pid, char *ret_command, size_t size)
{
	(void)inode;
	(void)ret_pid;
	(void)ret_command;
	(void)size;
	return 0;
}

int
status_bytes(int fd, uint64_t *ret_sent, uint64_t *ret_received)
{
	(void)fd;
	(void)ret_sent;
	(void)ret_received;
	return -1;
}

int
status_each(const struct status_how *how, int (*fn)(void *arg, const struct status_row *row),
    void *arg, bool *ret_inconsistent, struct error *e)
{
	(void)how;
	(void)fn;
	(void)arg;
	(void)ret_inconsistent;
	return unknown(e);
}

int
status_kill(const struct status_row *row, struct error *e)
{
	(void)row;
	return unknown(e);
}

int
status_destroyed_open(struct error *e)
{
	return unknown(e);
}

bool
status_destroyed_read(int fd, const struct status_filter *f)
{
	(void)fd;
	(void)f;
	return true;
}

size_t
status_metrics(const struct status_row *row, struct status_metric metrics[STATUS_METRICS])
{
	(void)row;
	(void)metrics;
	return 0;
}

size_t
status_metrics_of(int fd, struct status_metric metrics[STATUS_METRICS])
{
	(void)fd;
	(void)metrics;
	return 0;
}

int
status_owners_open(struct status_owners **ret_owners, struct error *e)
{
	(void)ret_owners;
	return error_set(e, ERROR_NETWORK, "status: this system does not show who holds a socket");
}

void
status_owners_close(struct status_owners *o)
{
	(void)o;
}

const struct status_owner *
status_owners_find(const struct status_owners *o, uint64_t inode, size_t *ret_n)
{
	(void)o;
	(void)inode;
	*ret_n = 0;
	return NULL;
}

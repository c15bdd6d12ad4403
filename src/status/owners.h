/*
 * The processes that hold a socket, from /proc.
 */
#ifndef STATUS_OWNERS_H
#define STATUS_OWNERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;

struct status_owner {
	uint64_t inode;
	pid_t pid;
	char command[16]; /* proc(5), comm */
};

struct status_owners;

/* Reads the owners of all sockets. Skips processes that this one may not inspect. Returns -1 when
 * the list would be incomplete for another reason. */
int status_owners_open(struct status_owners **ret_owners, struct error *e);
void status_owners_close(struct status_owners *o);

/* Returns the owners of one socket, the lowest pid first, and their number in *ret_n. */
const struct status_owner *status_owners_find(const struct status_owners *o, uint64_t inode,
    size_t *ret_n);

/* Finds one owner without reading the others: sets pid and command. Returns 1 when found, 0 when
 * there is none or it may not be inspected. */
int status_holder(uint64_t inode, pid_t *ret_pid, char *ret_command, size_t size);

#endif

/*
 * TCP_INFO of the kernel (tcp(7)) as named metrics, and the bytes of a connection.
 */
#ifndef STATUS_TCP_INFO_H
#define STATUS_TCP_INFO_H

#include <stddef.h>
#include <stdint.h>

struct status_row;

/* The name ends in the unit: _us, _ms, _bytes, _bytes_s; without one, the value counts segments or
 * events. */
struct status_metric {
	const char *name;
	uint64_t value;
};

#define STATUS_METRICS 48

/* Sets the metrics that this kernel reported for a row; returns their number, 0 without info and for a
 * listener. */
size_t status_metrics(const struct status_row *row, struct status_metric metrics[STATUS_METRICS]);

/* The same for a TCP socket of this process; returns 0 for other sockets. */
size_t status_metrics_of(int fd, struct status_metric metrics[STATUS_METRICS]);

/* Sets the numbers of payload bytes that a TCP connection has sent and received so far. Returns
 * -1 when the kernel does not count them. */
int status_bytes(int fd, uint64_t *ret_sent, uint64_t *ret_received);

#endif

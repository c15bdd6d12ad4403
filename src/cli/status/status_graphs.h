/*
 * The figures of one connection over time, drawn as graphs: rates, round-trip time, congestion window
 * and queues, from TCP_INFO (tcp(7)).
 */
#ifndef CLI_STATUS_STATUS_GRAPHS_H
#define CLI_STATUS_STATUS_GRAPHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;
struct status_row;

enum status_graph {
	GRAPH_SENT,
	GRAPH_RECEIVED,
	GRAPH_RTT,
	GRAPH_CWND,
	GRAPH_SEND_QUEUE,
	GRAPH_RECV_QUEUE,
	STATUS_GRAPHS
};

enum { STATUS_GRAPH_HISTORY = 240 };

/* Zeroed at the start. */
struct status_graphs {
	double values[STATUS_GRAPHS][STATUS_GRAPH_HISTORY]; /* the newest is the last */
	bool known[STATUS_GRAPHS];                          /* the kernel tells it */
	size_t n;                                           /* samples so far */
	uint64_t sent, received;                            /* bytes in total */
};

/* Adds a sample of the connection, `seconds` after the last one. */
void status_graphs_add(struct status_graphs *g, const struct status_row *row, double seconds);

/* Returns a line of it, as "rtt  0.04 ms ▁▂▃", which fits into the columns; the largest value is named
 * where there is room. plain: with digits instead of blocks. Returns text. */
enum { STATUS_GRAPH_LINE_MAX = 1024 };
const char *status_graphs_line(const struct status_graphs *g, enum status_graph which,
    size_t columns, bool plain, char text[STATUS_GRAPH_LINE_MAX]);

/* Draws the newest `width` of `size` values, each as one block or digit, relative to the largest.
 * text has room for 3 bytes of each and a NUL. Returns the length. */
size_t status_graphs_sparkline(const double *values, size_t size, size_t width, bool plain,
    char *text);

#endif

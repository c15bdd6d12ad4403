#include "cli/status/status_graphs.h"

#include <linux/tcp.h>
#include <string.h>

#include "status/table.h"
#include "test.h"

static struct status_graphs graphs;
static char line[STATUS_GRAPH_LINE_MAX];

/* A sample of a connection that has received so many bytes in all. */
static void
add_sample(uint64_t received, uint32_t rtt_us, double seconds)
{
	struct tcp_info info = { .tcpi_bytes_received = received, .tcpi_rtt = rtt_us };
	const struct status_row row = { .info = &info, .info_len = sizeof info, .rqueue = 2048 };

	status_graphs_add(&graphs, &row, seconds);
}

TEST("a sparkline shows each value relative to the largest, as digits or as blocks")
{
	const double values[] = { 0, 1, 3.5, 7 };
	char text[3 * 4 + 1];

	check_int(status_graphs_sparkline(values, 4, 4, true, text), 4);
	check_str(text, "0137");
	check_int(status_graphs_sparkline(values, 4, 2, true, text), 2);
	check_str(text, "37");
	check_int(status_graphs_sparkline(values, 4, 4, false, text), 12);
	check_str(text, "\xe2\x96\x81\xe2\x96\x82\xe2\x96\x84\xe2\x96\x88");
}

TEST("rates are of the time between two samples, and the first has none")
{
	memset(&graphs, 0, sizeof graphs);
	add_sample(1000000, 100, 1);
	check_int((long)graphs.values[GRAPH_RECEIVED][STATUS_GRAPH_HISTORY - 1], 0);
	add_sample(1000000 + 4096, 200, 2);
	check_int((long)graphs.values[GRAPH_RECEIVED][STATUS_GRAPH_HISTORY - 1], 2048);
	check_int((long)graphs.values[GRAPH_RTT][STATUS_GRAPH_HISTORY - 1], 200);
	check_int((long)graphs.values[GRAPH_RTT][STATUS_GRAPH_HISTORY - 2], 100);
	status_graphs_line(&graphs, GRAPH_RECEIVED, 60, true, line);
	check(strstr(line, "received") == line);
	check(strstr(line, "2.00 KiB/s") != NULL || strstr(line, "2.0 KiB/s") != NULL);
	check(strstr(line, " most ") != NULL);
}

TEST("lines fit their columns, and a narrow one leaves out the largest value")
{
	static const size_t widths[] = { 40, 80, 200 };

	memset(&graphs, 0, sizeof graphs);
	for (int i = 0; i < 300; i++)
		add_sample((uint64_t)i * 123456789, 1000U * (unsigned)i, 0.5);
	for (size_t w = 0; w < 3; w++) {
		for (int which = 0; which < STATUS_GRAPHS; which++) {
			status_graphs_line(&graphs, (enum status_graph)which, widths[w], true,
			    line);
			check(strlen(line) <= widths[w]);
			check((strstr(line, " most ") != NULL) == (widths[w] >= 60));
		}
	}
}

TEST("a graph begins with the first sample, at its right")
{
	memset(&graphs, 0, sizeof graphs);
	for (int i = 0; i < 3; i++)
		add_sample(0, 100, 1);
	status_graphs_line(&graphs, GRAPH_RTT, 40, true, line);
	check_str(line, "rtt             0.10 ms              777");
}

TEST("what the kernel does not tell is a dash, and no graph")
{
	const struct status_row row = { .rqueue = 1 };

	memset(&graphs, 0, sizeof graphs);
	status_graphs_add(&graphs, &row, 1);
	status_graphs_line(&graphs, GRAPH_RTT, 80, true, line);
	check(strstr(line, "- ") != NULL);
	check(strchr(line, '0') == NULL);
	status_graphs_line(&graphs, GRAPH_RECV_QUEUE, 80, true, line);
	check(strstr(line, "1 B") != NULL);
}

#include "cli/status/status_graphs.h"

#include <stdio.h>
#include <string.h>

#include "cli/output/table/units.h"
#include "status/table.h"
#include "status/tcp_info.h"

enum {
	NAME_WIDTH = 11,
	VALUE_WIDTH = 12,
	TOP_WIDTH = 18,   /* of " most 20.0 MiB/s" */
	TOP_COLUMNS = 60, /* wider lines name the largest value */
	GRAPH_LEAST = 8
};

static const char *const names[STATUS_GRAPHS] = {
	[GRAPH_SENT] = "sent",
	[GRAPH_RECEIVED] = "received",
	[GRAPH_RTT] = "rtt",
	[GRAPH_CWND] = "cwnd",
	[GRAPH_SEND_QUEUE] = "send queue",
	[GRAPH_RECV_QUEUE] = "recv queue",
};

/* ---- samples ---- */

/* Returns the value of a metric, or -1. */
static double
metric_of(const struct status_metric *metrics, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(metrics[i].name, name) == 0)
			return (double)metrics[i].value;
	return -1;
}

static void
push_sample(struct status_graphs *g, enum status_graph which, double value)
{
	double *values = g->values[which];

	g->known[which] = g->known[which] || value >= 0;
	memmove(values, values + 1, (STATUS_GRAPH_HISTORY - 1) * sizeof(*values));
	values[STATUS_GRAPH_HISTORY - 1] = value > 0 ? value : 0;
}

/* Returns the rate since the last sample, and stores the total. */
static double
rate_of(const struct status_graphs *g, uint64_t *total, double now, double seconds)
{
	const double before = (double)*total;

	if (now < 0)
		return -1;
	*total = (uint64_t)now;
	return g->n > 0 && seconds > 0 && now >= before ? (now - before) / seconds : 0;
}

void
status_graphs_add(struct status_graphs *g, const struct status_row *row, double seconds)
{
	struct status_metric metrics[STATUS_METRICS];
	const size_t n = status_metrics(row, metrics);
	const double cwnd = metric_of(metrics, n, "snd_cwnd");
	const double mss = metric_of(metrics, n, "snd_mss_bytes");

	push_sample(g, GRAPH_SENT,
	    rate_of(g, &g->sent, metric_of(metrics, n, "acked_bytes"), seconds));
	push_sample(g, GRAPH_RECEIVED,
	    rate_of(g, &g->received, metric_of(metrics, n, "received_bytes"), seconds));
	push_sample(g, GRAPH_RTT, metric_of(metrics, n, "rtt_us"));
	push_sample(g, GRAPH_CWND, cwnd >= 0 && mss >= 0 ? cwnd * mss : -1);
	push_sample(g, GRAPH_SEND_QUEUE, row->wqueue);
	push_sample(g, GRAPH_RECV_QUEUE, row->rqueue);
	g->n++;
}

/* ---- lines ---- */

size_t
status_graphs_sparkline(const double *values, size_t size, size_t width, bool plain, char *text)
{
	size_t len = 0;
	double top = 1;

	for (size_t i = size - width; i < size; i++)
		if (values[i] > top)
			top = values[i];
	for (size_t i = size - width; i < size; i++) {
		int level = (int)(values[i] * 7 / top);

		if (!plain) {
			memcpy(text + len, "\xe2\x96", 2);
			len += 2;
		}
		text[len++] = (char)((plain ? '0' : 0x81) + level);
	}
	text[len] = '\0';
	return len;
}

static const char *
format_value(enum status_graph which, double value, char text[UNITS_TEXT_MAX])
{
	switch (which) {
	case GRAPH_SENT:
	case GRAPH_RECEIVED:
		return units_rate(value, text);
	case GRAPH_RTT:
		return units_time((int64_t)(value * 1000), text);
	default:
		return units_size(value, text);
	}
}

static double
largest_of(const double *values, size_t width)
{
	double top = 0;

	for (size_t i = STATUS_GRAPH_HISTORY - width; i < STATUS_GRAPH_HISTORY; i++)
		top = values[i] > top ? values[i] : top;
	return top;
}

const char *
status_graphs_line(const struct status_graphs *g, enum status_graph which, size_t columns,
    bool plain, char text[STATUS_GRAPH_LINE_MAX])
{
	const double *values = g->values[which];
	const size_t before = NAME_WIDTH + VALUE_WIDTH + 1;
	const size_t after = columns >= TOP_COLUMNS ? TOP_WIDTH : 0;
	size_t width =
	    columns > before + after + GRAPH_LEAST ? columns - before - after : GRAPH_LEAST;
	size_t drawn, blank;
	char graph[3 * STATUS_GRAPH_HISTORY + 1], value[UNITS_TEXT_MAX], most[UNITS_TEXT_MAX];
	int len;

	if (width > STATUS_GRAPH_HISTORY)
		width = STATUS_GRAPH_HISTORY;
	/* of the time before the first sample nothing is known */
	drawn = !g->known[which] ? 0 : g->n < width ? g->n : width;
	blank = g->known[which] ? width - drawn : 0;
	status_graphs_sparkline(values, STATUS_GRAPH_HISTORY, drawn, plain, graph);
	len = snprintf(text, STATUS_GRAPH_LINE_MAX, "%-*s%*s %*s%s", NAME_WIDTH, names[which],
	    VALUE_WIDTH,
	    g->known[which] ? format_value(which, values[STATUS_GRAPH_HISTORY - 1], value) : "-",
	    (int)blank, "", graph);
	if (after > 0 && g->known[which])
		snprintf(text + len, STATUS_GRAPH_LINE_MAX - (size_t)len, " most %s",
		    format_value(which, largest_of(values, width), most));
	return text;
}

#include "cli/status/status_info.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/deadline.h"
#include "cli/output/table/text_table.h"
#include "cli/output/table/units.h"
#include "status/table.h"
#include "status/tcp_info.h"

enum { INDENT = 4, TITLE_WIDTH = 10, NARROW = 60, NARROW_INDENT = 2 };
enum { LINE_MAX_BYTES = 1024, ITEMS_MAX = 12 };

/* A limit that has not been set yet. */
#define UNSET_SSTHRESH 0x7fffffffU

/* A metric by its name in status/tcp_info.h, and what it is called here. */
struct item {
	const char *metric, *label;
};

static const struct group {
	const char *title;
	struct item items[ITEMS_MAX];
} groups[] = {
	{ "time",
	    { { "rtt_us", "rtt" }, { "rttvar_us", "variation" }, { "min_rtt_us", "least" },
		{ "rcv_rtt_us", "receiver" }, { "rto_us", "retransmit after" },
		{ "ato_us", "acknowledge after" } } },
	{ "bytes",
	    { { "sent_bytes", "sent" }, { "acked_bytes", "acknowledged" },
		{ "received_bytes", "received" }, { "retrans_bytes", "sent again" },
		{ "notsent_bytes", "not sent yet" } } },
	{ "rate",
	    { { "delivery_rate_bytes_s", "delivery" }, { "pacing_rate_bytes_s", "pacing" } } },
	{ "window",
	    { { "snd_cwnd", "congestion" }, { "snd_ssthresh", "slow start up to" },
		{ "snd_wnd_bytes", "peer" }, { "rcv_space_bytes", "ours" },
		{ "rcv_ssthresh_bytes", "ours at most" } } },
	{ "size",
	    { { "snd_mss_bytes", "mss" }, { "rcv_mss_bytes", "received mss" },
		{ "advmss_bytes", "advertised mss" }, { "pmtu_bytes", "path mtu" } } },
	{ "segments",
	    { { "segs_out", "out" }, { "segs_in", "in" }, { "data_segs_out", "data out" },
		{ "data_segs_in", "data in" }, { "delivered", "delivered" } } },
	{ "loss",
	    { { "unacked", "unacknowledged" }, { "sacked", "sacked" }, { "lost", "lost" },
		{ "retrans", "being sent again" }, { "total_retrans", "sent again" },
		{ "retransmits", "time-outs" }, { "probes", "probes" }, { "backoff", "backoff" },
		{ "dsack_dups", "duplicates" }, { "reord_seen", "reordered" } } },
	{ "waited",
	    { { "busy_time_us", "busy" }, { "rwnd_limited_us", "for the peer's window" },
		{ "sndbuf_limited_us", "for the send buffer" } } },
	{ "last",
	    { { "last_data_sent_ms", "sent" }, { "last_data_recv_ms", "received" },
		{ "last_ack_recv_ms", "acknowledged" } } },
};

struct lines {
	struct text_table *table;
	const char *title; /* of the group; NULL once it is written */
	char text[LINE_MAX_BYTES];
	size_t len, width; /* bytes, and columns of the screen */
};

static bool
ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0;
}

static const char *
value_text(const struct status_metric *m, char text[UNITS_TEXT_MAX])
{
	if (ends_in(m->name, "_us"))
		return units_time((int64_t)m->value * (NSEC_PER_MSEC / 1000), text);
	if (ends_in(m->name, "_ms"))
		return units_time((int64_t)m->value * NSEC_PER_MSEC, text);
	if (ends_in(m->name, "_bytes_s"))
		return units_rate((double)m->value, text);
	if (ends_in(m->name, "_bytes"))
		return units_size((double)m->value, text);
	snprintf(text, UNITS_TEXT_MAX, "%" PRIu64, m->value);
	return text;
}

/* What every connection has from its start says nothing. */
static bool
says_something(const struct status_metric *m)
{
	if (strcmp(m->name, "snd_ssthresh") == 0)
		return m->value != UNSET_SSTHRESH && m->value != 0;
	return m->value != 0;
}

static void
append_words(struct lines *l, const char *text)
{
	size_t n = strlen(text);

	if (l->len + n >= sizeof(l->text))
		return;
	memcpy(l->text + l->len, text, n + 1);
	l->len += n;
}

static int
end_figures(struct lines *l, struct error *e)
{
	int rc = l->width > 0 ? text_table_add_line(l->table, l->text, e) : 0;

	l->len = l->width = 0;
	l->text[0] = '\0';
	return rc;
}

/* Begins a line: with the title, where it is the first one of the group. On a narrow terminal the
 * others begin further left, where a long figure has room. */
static void
begin_figures(struct lines *l)
{
	bool color = l->table->how.color;
	bool narrow = l->table->how.width > 0 && l->table->how.width < NARROW;
	int width = l->title == NULL && narrow ? NARROW_INDENT : TITLE_WIDTH;
	char text[64];

	snprintf(text, sizeof(text), "%*s%s%-*s%s", INDENT, "", style_on(color, STYLE_DIM), width,
	    l->title != NULL ? l->title : "", style_off(color, STYLE_DIM));
	append_words(l, text);
	l->width = INDENT + (size_t)width;
	l->title = NULL;
}

static int
add_figure(struct lines *l, const char *label, const struct status_metric *m, struct error *e)
{
	char value[UNITS_TEXT_MAX], text[UNITS_TEXT_MAX + 64];
	size_t limit = l->table->how.width;

	snprintf(text, sizeof(text), "%s %s", label, value_text(m, value));
	if (l->width > 0) {
		append_words(l, ",");
		l->width++;
		if (limit > 0 && l->width + 1 + strlen(text) + 1 > limit && end_figures(l, e) == -1)
			return -1;
	}
	if (l->width == 0) {
		begin_figures(l);
	} else {
		append_words(l, " ");
		l->width++;
	}
	append_words(l, text);
	l->width += strlen(text);
	return 0;
}

static const struct status_metric *
find_metric(const struct status_metric *metrics, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(metrics[i].name, name) == 0)
			return &metrics[i];
	return NULL;
}

int
status_info_add_metrics(struct text_table *t, const struct status_metric *metrics, size_t n,
    struct error *e)
{
	struct lines l = { .table = t };
	const struct status_metric *m;

	for (size_t g = 0; n > 0 && g < ARRAY_LEN(groups); g++) {
		l.title = groups[g].title;
		for (const struct item *it = groups[g].items; it->metric != NULL; it++) {
			m = find_metric(metrics, n, it->metric);
			if (m != NULL && says_something(m) && add_figure(&l, it->label, m, e) == -1)
				return -1;
		}
		if (end_figures(&l, e) == -1)
			return -1;
	}
	return 0;
}

int
status_info_add(struct text_table *t, const struct status_row *row, struct error *e)
{
	struct status_metric metrics[STATUS_METRICS];
	size_t n = status_metrics(row, metrics);

	return status_info_add_metrics(t, metrics, n, e);
}

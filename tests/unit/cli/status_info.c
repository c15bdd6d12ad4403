#include "test.h"

#include "base/array.h"
#include "cli/output/table/text_table.h"
#include "cli/status/status_info.h"
#include "status/tcp_info.h"

static const struct text_table_column columns[] = { { .title = "SOCKET" } };

/* What a table of this width has below its rows. */
static const char *
lines_of(size_t width, const struct status_metric *metrics, size_t n)
{
	const struct text_table_how how = { .width = width };
	static struct buf out;
	struct text_table t;

	buf_fini(&out);
	buf_init(&out, 10000);
	text_table_init(&t, columns, ARRAY_LEN(columns), &how);
	check_int(text_table_add(&t, STYLE_PLAIN, "sock1", NULL), 0);
	check_int(status_info_add_metrics(&t, metrics, n, NULL), 0);
	check_int(text_table_print(&t, &out, NULL), 0);
	text_table_fini(&t);
	return buf_text(&out, NULL);
}

static const struct status_metric times[] = {
	{ "rtt_us", 90 },
	{ "rttvar_us", 50 },
	{ "rto_us", 204000 },
	{ "ato_us", 40000 },
};

TEST("the figures of TCP_INFO follow each other where there is room")
{
	check_str(lines_of(0, times, ARRAY_LEN(times)),
	    "sock1\n"
	    "    time      rtt 0.09 ms, variation 0.05 ms, retransmit after 204.00 ms, acknowledge "
	    "after 40.00 ms\n");
	check_str(lines_of(80, times, ARRAY_LEN(times)),
	    "sock1\n"
	    "    time      rtt 0.09 ms, variation 0.05 ms, retransmit after 204.00 ms,\n"
	    "              acknowledge after 40.00 ms\n");
}

TEST("on a narrow terminal no figure is longer than the line")
{
	check_str(lines_of(40, times, ARRAY_LEN(times)),
	    "sock1\n"
	    "    time      rtt 0.09 ms,\n"
	    "      variation 0.05 ms,\n"
	    "      retransmit after 204.00 ms,\n"
	    "      acknowledge after 40.00 ms\n");
}

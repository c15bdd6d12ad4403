#include "test.h"

#include <stdint.h>

#include "base/deadline.h"
#include "cli/output/table/text_table.h"
#include "cli/output/table/units.h"

static const struct text_table_column columns[] = {
	{ .title = "NAME" },
	{ .title = "BYTES", .right = true, .rank = 1 },
	{ .title = "STATE", .rank = 2 },
};

static struct buf out;

static struct text_table
table_of(size_t width, bool titles)
{
	const struct text_table_how how = { .width = width, .titles = titles };
	struct text_table t;

	buf_fini(&out);
	buf_init(&out, 10000);
	text_table_init(&t, columns, 3, &how);
	return t;
}

static void
add_row(struct text_table *t, const char *name, uint64_t bytes, const char *state)
{
	check_int(text_table_add(t, STYLE_PLAIN, name, NULL), 0);
	check_int(text_table_add_number(t, STYLE_PLAIN, bytes, NULL), 0);
	check_int(text_table_add(t, STYLE_PLAIN, state, NULL), 0);
}

TEST("columns are as wide as what is in them, numbers are at the right")
{
	struct text_table t = table_of(0, true);

	add_row(&t, "a", 5, "open");
	add_row(&t, "long name", 123456, "");
	check_int(text_table_print(&t, &out, NULL), 0);
	check_int(text_table_note(&t, "x", &out, NULL), 0);
	check_str(buf_text(&out, NULL),
	    "NAME       BYTES STATE\n"
	    "a              5 open\n"
	    "long name 123456 -\n");
	text_table_fini(&t);
}

TEST("on a narrow terminal columns move together, then the least important are left out")
{
	struct text_table t = table_of(22, false);

	add_row(&t, "long name", 123456, "open");
	check_int(text_table_print(&t, &out, NULL), 0);
	check_str(buf_text(&out, NULL), "long name 123456 open\n");
	text_table_fini(&t);

	t = table_of(24, false);
	add_row(&t, "long name", 123456, "open");
	check_int(text_table_print(&t, &out, NULL), 0);
	check_str(buf_text(&out, NULL), "long name  123456  open\n");
	text_table_fini(&t);

	t = table_of(20, false);
	add_row(&t, "long name", 123456, "open");
	check_int(text_table_print(&t, &out, NULL), 0);
	check_int(text_table_note(&t, "--json has them", &out, NULL), 0);
	check_str(buf_text(&out, NULL), "long name 123456\nleft out: STATE;\n--json has them\n");
	text_table_fini(&t);

	t = table_of(10, false);
	add_row(&t, "much longer than that", 1, "open");
	check_int(text_table_print(&t, &out, NULL), 0);
	check_int(text_table_note(&t, "none", &out, NULL), 0);
	check_str(buf_text(&out, NULL), "much longer than that\nleft out:\nBYTES,\nSTATE;\nnone\n");
	text_table_fini(&t);
}

TEST("where nothing more may be left out, a row has several lines")
{
	static const struct text_table_column wide[] = {
		{ .title = "STATE" },
		{ .title = "LOCAL" },
		{ .title = "BYTES", .right = true, .rank = 1 },
		{ .title = "PEER" },
		{ .title = "N", .right = true },
	};
	const struct text_table_how how = { .width = 16, .titles = true };
	struct text_table t;

	buf_fini(&out);
	buf_init(&out, 10000);
	text_table_init(&t, wide, 5, &how);
	for (int i = 0; i < 2; i++) {
		check_int(text_table_add(&t, STYLE_PLAIN, "open", NULL), 0);
		check_int(text_table_add(&t, STYLE_PLAIN, i > 0 ? "a:1" : "a.test:80", NULL), 0);
		check_int(text_table_add_number(&t, STYLE_PLAIN, 5, NULL), 0);
		check_int(text_table_add(&t, STYLE_PLAIN, "b.example.test:4000", NULL), 0);
		check_int(text_table_add_number(&t, STYLE_PLAIN, 7, NULL), 0);
	}
	check_int(text_table_print(&t, &out, NULL), 0);
	check_str(buf_text(&out, NULL),
	    "STATE LOCAL\n  PEER\n  N\n"
	    "open  a.test:80\n  b.example.test:4000\n  7\n"
	    "open  a:1\n  b.example.test:4000\n  7\n");
	text_table_fini(&t);
}

TEST("... as few as it can, and other columns are shown where these have room")
{
	static const struct text_table_column wide[] = {
		{ .title = "CODE", .right = true, .rank = 1 },
		{ .title = "STATE" },
		{ .title = "LOCAL" },
		{ .title = "PEER" },
		{ .title = "UID", .right = true, .rank = 3 },
		{ .title = "TIMER", .rank = 2 },
	};
	const struct text_table_how how = { .width = 20, .titles = true };
	struct text_table t;

	buf_fini(&out);
	buf_init(&out, 10000);
	text_table_init(&t, wide, 6, &how);
	check_int(text_table_add_number(&t, STYLE_PLAIN, 4, NULL), 0);
	check_int(text_table_add(&t, STYLE_PLAIN, "open", NULL), 0);
	check_int(text_table_add(&t, STYLE_PLAIN, "a.test:80", NULL), 0);
	check_int(text_table_add(&t, STYLE_PLAIN, "b.test:4000", NULL), 0);
	check_int(text_table_add_number(&t, STYLE_PLAIN, 7, NULL), 0);
	check_int(text_table_add(&t, STYLE_PLAIN, "on 2 s", NULL), 0);
	check_int(text_table_print(&t, &out, NULL), 0);
	check_int(text_table_note(&t, "none", &out, NULL), 0);
	check_str(buf_text(&out, NULL),
	    "CODE STATE LOCAL\n  PEER        TIMER\n"
	    "   4 open  a.test:80\n  b.test:4000 on 2 s\n"
	    "left out: UID; none\n");
	text_table_fini(&t);
}

TEST("an empty cell that does not fit makes no line")
{
	static const struct text_table_column reasons[] = { { .title = "NAME" },
		{ .title = "REASON" } };
	const struct text_table_how how = { .width = 9 };
	struct text_table t;

	buf_fini(&out);
	buf_init(&out, 10000);
	text_table_init(&t, reasons, 2, &how);
	check_int(text_table_add(&t, STYLE_PLAIN, "long name", NULL), 0);
	check_int(text_table_add(&t, STYLE_PLAIN, " ", NULL), 0);
	check_int(text_table_print(&t, &out, NULL), 0);
	check_int(text_table_add(&t, STYLE_PLAIN, "b", NULL), 0);
	check_int(text_table_add(&t, STYLE_PLAIN, "refused", NULL), 0);
	check_int(text_table_add(&t, STYLE_PLAIN, "c", NULL), 0);
	check_int(text_table_add(&t, STYLE_PLAIN, " ", NULL), 0);
	check_int(text_table_print(&t, &out, NULL), 0);
	check_str(buf_text(&out, NULL), "long name\nb\n  refused\nc\n");
	text_table_fini(&t);
}

TEST("characters of UTF-8 take one column, and what is none is escaped")
{
	struct text_table t = table_of(0, false);

	add_row(&t, "\xc3\xa4\xc3\xb6", 1, "x");
	add_row(&t, "abc", 2, "\033[2J\xff");
	check_int(text_table_print(&t, &out, NULL), 0);
	check_str(buf_text(&out, NULL), "\xc3\xa4\xc3\xb6  1 x\nabc 2 \\e[2J\\xff\n");
	text_table_fini(&t);
}

TEST("an empty last cell leaves no blanks, and a line stands below its row")
{
	struct text_table t = table_of(0, false);

	add_row(&t, "a", 1, " ");
	check_int(text_table_add_line(&t, "    more", NULL), 0);
	add_row(&t, "b", 2, "c");
	check_int(text_table_print(&t, &out, NULL), 0);
	check_str(buf_text(&out, NULL), "a 1\n    more\nb 2 c\n");
	text_table_fini(&t);
}

TEST("what is printed in pieces has its titles once, and keeps its columns")
{
	struct text_table t = table_of(0, true);

	add_row(&t, "long name", 1, "a");
	check_int(text_table_print(&t, &out, NULL), 0);
	add_row(&t, "b", 2, "c");
	check_int(text_table_print(&t, &out, NULL), 0);
	check_str(buf_text(&out, NULL),
	    "NAME      BYTES STATE\nlong name     1 a\nb             2 c\n");
	text_table_fini(&t);
}

TEST("color is around the text, not around the blanks")
{
	const struct text_table_how how = { .color = true };
	struct text_table t;

	buf_fini(&out);
	buf_init(&out, 1000);
	text_table_init(&t, columns, 3, &how);
	check_int(text_table_add(&t, STYLE_GOOD, "a", NULL), 0);
	check_int(text_table_add_number(&t, STYLE_PLAIN, 10, NULL), 0);
	check_int(text_table_add(&t, STYLE_BAD, "b", NULL), 0);
	text_table_widen(&t, 0, "abc");
	check_int(text_table_print(&t, &out, NULL), 0);
	check_str(buf_text(&out, NULL), "\033[32ma\033[m   10 \033[1;31mb\033[m\n");
	text_table_fini(&t);
}

static const char *
size_of(double bytes)
{
	static char text[UNITS_TEXT_MAX];

	return units_size(bytes, text);
}

static const char *
time_of(int64_t nsec)
{
	static char text[UNITS_TEXT_MAX];

	return units_time(nsec, text);
}

TEST("sizes have steps of 1024, and one decimal")
{
	char text[UNITS_TEXT_MAX];

	check_str(size_of(0), "0 B");
	check_str(size_of(1023), "1023 B");
	check_str(size_of(1024), "1.0 KiB");
	check_str(size_of(1024 * 1024 - 1), "1.0 MiB");
	check_str(size_of(20.0 * 1024 * 1024), "20.0 MiB");
	check_str(size_of(5e15), "4547.5 TiB");
	check_str(units_rate(20.0 * 1024 * 1024, text), "20.0 MiB/s");
}

TEST("times are in milliseconds below a second")
{
	check_str(time_of(40000), "0.04 ms");
	check_str(time_of(999990000), "999.99 ms");
	check_str(time_of(NSEC_PER_SEC), "1.0 s");
	check_str(time_of(59800 * NSEC_PER_MSEC), "59.8 s");
	check_str(time_of(720 * NSEC_PER_SEC), "12 min");
	check_str(time_of(2 * 3600 * NSEC_PER_SEC), "2.0 h");
}

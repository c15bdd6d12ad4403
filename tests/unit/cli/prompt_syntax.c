#include "test.h"

#include "cli/prompt/prompt_syntax.h"

static const char *
open_in(const char *text)
{
	static char open[PROMPT_OPEN_MAX];

	prompt_syntax_open(text, strlen(text), open);
	return open;
}

TEST("what is open: braces, brackets and quotes, the outermost first")
{
	check_str(open_in("puts a"), "");
	check_str(open_in("proc x {a} {"), "{");
	check_str(open_in("proc x {} {\n\tif {1} {"), "{{");
	check_str(open_in("puts [string length"), "[");
	check_str(open_in("puts \"a [b \"c"), "\"[\"");
	check_str(open_in("puts {a \"b"), "{");
	check_str(open_in("puts \"a {b"), "\"");
}

TEST("what is closed or escaped is not open")
{
	check_str(open_in("puts {a}"), "");
	check_str(open_in("puts \"a\""), "");
	check_str(open_in("puts [a]"), "");
	check_str(open_in("puts \\{"), "");
	check_str(open_in("puts a{b"), "");
	check_str(open_in("puts {a \\{ }"), "");
	check_str(open_in("puts [a {b} \"c\"]"), "");
}

TEST("of many the innermost are shown")
{
	check_str(open_in("{{{{{{{{{{{{{{{{{{{{\"["), "{{{{{{{{{{{{{{{");
}

TEST("a command begins after a separator")
{
	check_int((int)prompt_syntax_start("puts a"), 0);
	check_int((int)prompt_syntax_start("puts a; send "), 7);
	check_int((int)prompt_syntax_start("puts [send "), 6);
	check_int((int)prompt_syntax_start("puts \"a;b "), 0);
}

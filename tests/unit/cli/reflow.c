#include "test.h"

#include "base/buf.h"
#include "cli/help/reflow.h"

static struct buf out;

static const char *
reflowed(const char *text, size_t width)
{
	buf_fini(&out);
	buf_init(&out, 10000);
	check_int(reflow(&out, text, width, NULL), 0);
	return buf_text(&out, NULL);
}

TEST("the lines of a paragraph flow together, a short line ends it")
{
	check_str(reflowed("This is the first line of a paragraph that goes on in the\n"
			   "second line.\nAnother one.\n\nEnd.\n",
		      30),
	    "This is the first line of a\nparagraph that goes on in the\nsecond line.\n"
	    "Another one.\n\nEnd.\n");
}

TEST("words stand beside their term where there is room, else below it")
{
	static const char text[] = "  -v, --verbose   report what happens and\n"
				   "                  how it ended\n"
				   "  -q              nothing\n";

	check_str(reflowed(text, 44),
	    "  -v, --verbose   report what happens and\n                  how it ended\n"
	    "  -q              nothing\n");
	check_str(reflowed(text, 30),
	    "  -v, --verbose\n          report what happens\n          and how it ended\n"
	    "  -q\n      nothing\n");
}

TEST("words below options begin in one column, with a letter and without")
{
	check_str(reflowed("  -4, --ipv4          IPv4\n      --tcp           TCP\n"
			   "  -p, --source-port PORT|LO-HI\n"
			   "                      the local port\n",
		      34),
	    "  -4, --ipv4\n          IPv4\n      --tcp\n          TCP\n"
	    "  -p, --source-port PORT|LO-HI\n          the local port\n");
}

TEST("further lines of a usage, a term and an example are indented")
{
	check_str(reflowed("usage: usock connect [OPTION...] ADDRESS [-- PROGRAM]\n\n"
			   "  usock listen -k PORT --forward  forward it\n"
			   "  usock listen -k PORT\n",
		      20),
	    "usage: usock connect\n       [OPTION...]\n       ADDRESS [--\n       PROGRAM]\n\n"
	    "  usock listen -k\n    PORT --forward\n      forward it\n"
	    "  usock listen -k\n    PORT\n");
}

TEST("no line is longer than the width, but for a word that is")
{
	check_str(reflowed("a bb ccc averyveryverylongword d\n", 8),
	    "a bb ccc\naveryveryverylongword\nd\n");
}

TEST("words on a line below their term are not squeezed to the right")
{
	check_str(
	    reflowed("  --join GROUP\n                    join this\n                    group\n"
		     "  usock sendto a very long example  # does it\n",
		26),
	    "  --join GROUP\n      join this group\n"
	    "  usock sendto a very long\n    example\n      # does it\n");
}

#include "test.h"

#include <unistd.h>

#include "base/buf.h"
#include "cli/output/style.h"

/* A descriptor that is no terminal. */
static int pipe_end = -1;

static bool
wanted(enum style_when when, const char *no_color, const char *force)
{
	int fds[2];

	if (pipe_end == -1 && pipe(fds) == 0)
		pipe_end = fds[1];
	unsetenv("NO_COLOR");
	unsetenv("CLICOLOR_FORCE");
	if (no_color != NULL)
		setenv("NO_COLOR", no_color, 1);
	if (force != NULL)
		setenv("CLICOLOR_FORCE", force, 1);
	return style_wanted(when, pipe_end);
}

TEST("the option is stronger than the environment, NO_COLOR than CLICOLOR_FORCE")
{
	check(!wanted(STYLE_AUTO, NULL, NULL));
	check(wanted(STYLE_AUTO, NULL, "1"));
	check(!wanted(STYLE_AUTO, NULL, "0"));
	check(!wanted(STYLE_AUTO, NULL, ""));
	check(!wanted(STYLE_AUTO, "1", "1"));
	check(wanted(STYLE_AUTO, "", "1"));
	check(wanted(STYLE_ALWAYS, "1", NULL));
	check(!wanted(STYLE_NEVER, NULL, "1"));
}

TEST("without color, and for plain text, nothing is added")
{
	struct buf b;

	check_str(style_on(false, STYLE_BAD), "");
	check_str(style_off(false, STYLE_BAD), "");
	check_str(style_off(true, STYLE_PLAIN), "");
	buf_init(&b, 100);
	check_int(style_append(&b, false, STYLE_BAD, "ab", 2, NULL), 0);
	check_int(style_append(&b, true, STYLE_PLAIN, "cd", 2, NULL), 0);
	check_str(buf_text(&b, NULL), "abcd");
	buf_fini(&b);
}

TEST("lines have the color of their direction, others none")
{
	static const char lines[] = "> a\n< b\nc\n> d";
	struct buf b;

	buf_init(&b, 200);
	check_int(style_append_directions(&b, true, lines, strlen(lines), NULL), 0);
	check_str(buf_text(&b, NULL), "\033[36m> a\033[m\n\033[32m< b\033[m\nc\n\033[36m> d\033[m");
	buf_fini(&b);
}

TEST("words have their meaning")
{
	check_int(style_of_word("open"), STYLE_GOOD);
	check_int(style_of_word("closed"), STYLE_BAD);
	check_int(style_of_word("filtered"), STYLE_UNSURE);
	check_int(style_of_word("ESTABLISHED"), STYLE_GOOD);
	check_int(style_of_word("opener"), STYLE_PLAIN);
	check_int(style_of_word(""), STYLE_PLAIN);
}

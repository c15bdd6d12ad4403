#include <errno.h>

#include "base/log.h"
#include "test.h"

struct sink {
	int lines;
	enum log_level level;
	char line[4096];
};

static void
take(void *arg, enum log_level level, const char *line)
{
	struct sink *s = arg;

	s->lines++;
	s->level = level;
	snprintf(s->line, sizeof(s->line), "%s", line);
	errno = EIO;
}

TEST("a log passes lines up to its level")
{
	struct sink s = { 0 };
	struct log log = { LOG_VERBOSE, take, &s };

	log_line(&log, LOG_NOTE, "port %d", 80);
	check_int(s.lines, 1);
	check_str(s.line, "port 80");
	log_line(&log, LOG_VERBOSE, "connected");
	check_int(s.lines, 2);
	check_int(s.level, LOG_VERBOSE);
	log_line(&log, LOG_TRACE, "read");
	check_int(s.lines, 2);
	check(log_on(&log, LOG_VERBOSE));
	check(!log_on(&log, LOG_TRACE));
}

TEST("a NULL log discards lines")
{
	const struct log *none = NULL;

	check(!log_on(none, LOG_NOTE));
	log_line(none, LOG_NOTE, "x");
}

TEST("log_line keeps errno")
{
	struct sink s = { 0 };
	struct log log = { LOG_NOTE, take, &s };

	errno = EAGAIN;
	log_line(&log, LOG_NOTE, "x");
	check_int(errno, EAGAIN);
	log_line(&log, LOG_TRACE, "x");
	check_int(errno, EAGAIN);
}

TEST("a very long line is truncated")
{
	static char text[10000];
	struct sink s = { 0 };
	struct log log = { LOG_NOTE, take, &s };

	memset(text, 'x', sizeof(text) - 1);
	log_line(&log, LOG_NOTE, "%s", text);
	check_int(strlen(s.line), 2047);
}

#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void
log_discard(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

void
log_line(const struct log *log, enum log_level level, const char *fmt, ...)
{
	int saved = errno;
	char line[2048];
	va_list ap;

	if (!log_on(log, level))
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	log->fn(log->arg, level, line);
	errno = saved;
}

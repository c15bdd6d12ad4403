/*
 * Where lower layers say what happens, without printing: each line goes to the
 * sink that the command line (or a test) put there. A NULL log says nothing.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level {
	LOG_NOTE,  /* always shown unless --quiet: warnings, the port chosen for port 0 */
	LOG_LIFE,  /* -v: resolved, trying, connected, end record */
	LOG_TRACE, /* -vv: the race, every read and write */
};

struct log {
	enum log_level level; /* lines above this are not made at all */
	void (*fn)(void *arg, enum log_level level, const char *line);
	void *arg;
};

/* True where a line of this level would be shown: for lines costly to make. */
#define log_on(log, lvl) ((log) != NULL && (log)->level >= (lvl))

/* One line without newline; longer than 2 KiB is cut. errno is kept. */
void log_line(const struct log *log, enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif

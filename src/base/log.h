/*
 * Log lines of the lower layers, which do not print: each line goes to the function that the
 * command line (or a test) has set. A NULL log discards everything.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level {
	LOG_NOTE = -1,   /* shown except with --quiet: warnings */
	LOG_CHOSEN = 0,  /* the same: the port chosen for port 0 */
	LOG_VERBOSE = 1, /* -v: resolved, trying, connected, end record */
	LOG_TRACE = 2,   /* -vv: the Happy Eyeballs race, every read and write */
};

struct log {
	enum log_level level; /* lines above this level are not formatted */
	void (*fn)(void *arg, enum log_level level, const char *line);
	void *arg;
};

/* True when a line of this level would be shown; check it before costly formatting. */
#define log_on(log, lvl) ((log) != NULL && (log)->level >= (lvl))

/* A fn that discards its line. */
void log_discard(void *arg, enum log_level level, const char *line);

/* Logs one line, without a newline, truncated to 2 KiB. Keeps errno. */
void log_line(const struct log *log, enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif

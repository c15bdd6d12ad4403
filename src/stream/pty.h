/*
 * Pseudo-terminals for programs: pty(7). The program's terminal is the slave; the
 * stream is the master. Closing the stream hangs the terminal up.
 */
#ifndef STREAM_PTY_H
#define STREAM_PTY_H

#include "stream/stream.h"

/* "/dev/pts/N" */
enum { PTY_PATH_MAX = 64 };

struct pty;

/* The terminals of all programs of a command: they have one size. Zeroed but for the size. */
struct pty_group {
	unsigned short rows, columns;
	struct pty *list; /* private: the open ones */
};

/* Opens a pair with the size of the group, and writes the slave's path to path[PTY_PATH_MAX].
 * Reading gives the end when nobody has the slave open any more. stream_shut() writes the
 * terminal's end-of-file character, if it edits lines (termios(3), ICANON). ERROR_INTERNAL. */
int pty_stream(struct stream **ret_stream, struct pty_group *group, char *path, struct error *e);

/* Opens a master without a size and writes the path of its slave to path[PTY_PATH_MAX]. Returns the
 * descriptor, or -1 with ERROR_INTERNAL. */
int pty_open_master(char *path, struct error *e);

/* Reports that the program has exited: the stream ends after what was written so far, whoever
 * else has the terminal open. s is of pty_stream(). */
void pty_program_gone(struct stream *s);

/* Gives all terminals of the group this size; the kernel sends SIGWINCH. */
void pty_group_resize(struct pty_group *group, unsigned short rows, unsigned short columns);

#endif

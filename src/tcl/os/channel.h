/*
 * Files that a script has open, to be read or to be written: bytes with a
 * buffer. What could wait for another program waits with the hook `ready`.
 */
#ifndef TCL_OS_CHANNEL_H
#define TCL_OS_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "tcl/interp.h"

struct channel {
	struct channel *next;
	struct value *name;
	int fd;
	bool writes;         /* else it reads */
	bool inherited;      /* standard input: closing forgets it only */
	bool binary;         /* else \r and \r\n are \n, too */
	struct value *input; /* as it was read, from `at` on; NULL: nothing */
	size_t at;
	struct value *output; /* what is still to be written */
	bool skip_newline;    /* the \n of an \r\n whose \r has ended a line */
	bool eof;             /* the last read met the end */
};

/* Takes fd. The name is "file<fd>", or stdin. */
struct channel *channel_add(struct interp *in, int fd, bool writes);
/* NULL with tclsh's error where there is none of that name. */
struct channel *channel_find(struct interp *in, struct value *name);
/* The same, and that it reads (writes). */
struct channel *channel_for(struct interp *in, struct value *name, bool writes);

/* Reads until there are n bytes, SIZE_MAX: all, or the end; as they are for the script, appended to out. */
int channel_read(struct interp *in, struct channel *ch, struct value *out, size_t n);
/* A line without its end; *ret_found false at the end of the file. */
int channel_gets(struct interp *in, struct channel *ch, struct value *out, bool *ret_found);
int channel_write(struct interp *in, struct channel *ch, const char *bytes, size_t n);
int channel_flush(struct interp *in, struct channel *ch);
/* Writes what is left, and forgets it whatever that gives. */
int channel_close(struct interp *in, struct channel *ch);
/* All, when the interpreter ends. */
void channel_close_all(struct interp *in);

#endif

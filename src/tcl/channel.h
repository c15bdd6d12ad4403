/*
 * Files that a script has open: bytes with a buffer each way, and line ends.
 * What could wait for another program waits with the hook `ready`.
 */
#ifndef TCL_CHANNEL_H
#define TCL_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "tcl/interp.h"

/* How lines end outside. */
enum line_end { LINE_AUTO, LINE_LF, LINE_CRLF, LINE_CR };
enum buffering { BUFFER_FULL, BUFFER_LINE, BUFFER_NONE };

struct channel {
	struct channel *next;
	struct value *name;
	int fd;
	bool can_read, can_write;
	bool inherited; /* standard input: closing forgets it only */
	bool binary;    /* what -encoding says; bytes are bytes */
	enum line_end in_end, out_end;
	enum buffering buffering;
	size_t size;         /* of what is written at a time */
	struct value *input; /* as it was read, from `at` on; NULL: nothing */
	size_t at;
	struct value *output; /* as it will be written */
	bool skip_newline;    /* the \n of an \r\n whose \r has ended a line */
	bool eof;             /* the last read met the end */
};

/* Takes fd. The name is "file<fd>", or stdin. */
struct channel *channel_add(struct interp *in, int fd, bool can_read, bool can_write);
/* NULL with tclsh's error where there is none of that name. */
struct channel *channel_find(struct interp *in, struct value *name);
/* The same, and that it can be read (written). */
struct channel *channel_for(struct interp *in, struct value *name, bool write);

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

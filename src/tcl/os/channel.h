/* Open files of a script, for reading or for writing, with a buffer. Waits for another program use the hook
 * `ready`. */
#ifndef TCL_OS_CHANNEL_H
#define TCL_OS_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "tcl/interp.h"

struct channel {
	struct channel *next;
	struct value *name;
	int fd;
	bool writes;         /* for writing; else for reading */
	bool inherited;      /* standard input: close leaves the descriptor open */
	bool binary;         /* else reads \r and \r\n as \n */
	struct value *input; /* bytes as read, from `at` on; NULL: none */
	size_t at;
	struct value *output; /* bytes not written yet */
	bool skip_newline;    /* skip a \n, since the \r before it has ended a line */
	bool eof;             /* the last read reached the end */
};

/* Takes fd. The name is "file<fd>" or stdin. */
struct channel *channel_add(struct interp *in, int fd, bool writes);
/* NULL with the error set where there is no such channel. */
struct channel *channel_find(struct interp *in, struct value *name);
/* Does the same, and checks that the channel is for reading or for writing. */
struct channel *channel_for(struct interp *in, struct value *name, bool writes);

/* Reads up to n bytes (SIZE_MAX: all) or to the end; appends them to out, with line ends converted. */
int channel_read(struct interp *in, struct channel *ch, struct value *out, size_t n);
/* Reads a line without its end; *ret_found is false at the end of the file. */
int channel_gets(struct interp *in, struct channel *ch, struct value *out, bool *ret_found);
int channel_write(struct interp *in, struct channel *ch, const char *bytes, size_t n);
int channel_flush(struct interp *in, struct channel *ch);
/* Writes what is buffered and closes the channel, also on failure. */
int channel_close(struct interp *in, struct channel *ch);

#endif

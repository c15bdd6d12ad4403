/*
 * Files that options write. Two outputs of one file destroy what the other has written, and an
 * output that is an input destroys that before it is read.
 */
#ifndef CLI_OUTPUT_FILES_WRITTEN_FILES_H
#define CLI_OUTPUT_FILES_WRITTEN_FILES_H

struct cmd;
struct error;

/* Whether the file that a value names is written. */
enum opt_writes {
	WRITES_NOTHING,
	WRITES_FILE,
	WRITES_DUMP, /* emptied first, but with --append */
	WRITES_RECORDING,
	WRITES_CERTIFICATES,
	WRITES_MARKUP /* XML or HTML */
};

/* ERROR_USAGE where an option of cmd writes a file that another one writes or reads, or that is
 * standard input, output or error, or where overwrite_check() fails. Two that append may share a
 * file, and so may all that is no regular file. */
int written_files_check(const struct cmd *cmd, const void *values, struct error *e);

/* The same for a file that the command reads; what names it: "the recording". */
int written_files_check_input(const struct cmd *cmd, const void *values, const char *what,
    const char *path, struct error *e);

#endif

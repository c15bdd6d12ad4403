/*
 * Whether an output may destroy a file that is there. A name that stands in the wrong place, as in
 * `run --junit *.us`, would cost the user a script, a recording or a key.
 */
#ifndef CLI_OUTPUT_FILES_OVERWRITE_H
#define CLI_OUTPUT_FILES_OVERWRITE_H

#include "cli/output/files/written_files.h"

struct error;

/* ERROR_USAGE "would overwrite PATH, which is ...", with a hint, where PATH is a regular file that is
 * named or begins like something that usock reads, or, for WRITES_MARKUP, is neither named nor
 * begins like a report. An empty file, and one that cannot be read, is no reason: opening it says
 * why. ERROR_LOCAL_IO where another process is recording into it. */
int overwrite_check(const char *path, enum opt_writes how, struct error *e);

#endif

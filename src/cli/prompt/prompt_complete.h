/*
 * Completes a line of script at the cursor.
 */
#ifndef CLI_PROMPT_PROMPT_COMPLETE_H
#define CLI_PROMPT_PROMPT_COMPLETE_H

#include <stddef.h>

struct prompt;

/* For editor_how.complete. */
size_t prompt_complete(struct prompt *p, const char *line,
    void (*offer_to)(void *to, const char *word), void *to);

#endif

/*
 * The record of a session, which `save` writes as a script.
 */
#ifndef CLI_PROMPT_PROMPT_RECORD_H
#define CLI_PROMPT_PROMPT_RECORD_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct prompt_record;

struct prompt_record *prompt_record_open(void);
void prompt_record_close(struct prompt_record *j);
/* A command is about to run; it has ended, and may have failed. */
void prompt_record_begin(struct prompt_record *j, const char *text, size_t n);
void prompt_record_end(struct prompt_record *j, bool failed);
/* Bytes were shown; bytes were received by the script. */
void prompt_record_arrived(struct prompt_record *j, const char *handle, const char *bytes,
    size_t n);
void prompt_record_received(struct prompt_record *j, const char *handle, const char *bytes,
    size_t n);
/* Bytes were sent; those of interact become a send of their own. */
void prompt_record_sent(struct prompt_record *j, const char *handle, const char *bytes, size_t n);
/* interact has ended our side of the connection. */
void prompt_record_half_close(struct prompt_record *j, const char *handle);
/* Marks bytes as a secret, which is saved and shown nowhere. */
void prompt_record_add_secret(struct prompt_record *j, const char *bytes, size_t n);
/* Replaces secrets in text with asterisks. */
void prompt_record_mask(const struct prompt_record *j, char *text, size_t n);
/* Writes the session as a script. ERROR_LOCAL_IO. */
int prompt_record_save(const struct prompt_record *j, const char *path, struct error *e);

#endif

/*
 * The prompt: an interpreter (script) that reads its lines from a terminal.
 * The module usock-prompt edits the lines; without it the terminal does. Data
 * that arrives meanwhile is shown, and a later command can still receive it.
 */
#ifndef CLI_PROMPT_PROMPT_H
#define CLI_PROMPT_PROMPT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "cli/core/command_context.h"
#include "cli/prompt/prompt_edit.h"
#include "script/handle.h"
#include "script/script.h"

struct incoming;
struct prompt_record;

struct prompt {
	struct command_context *rt;
	struct script *sc;
	const struct editor_ops *ops; /* NULL: the terminal edits the lines */
	struct editor *editor;
	FILE *out;          /* the terminal */
	bool waiting;       /* for the terminal: output appears above the line */
	bool own_line;      /* the cursor is after the prompt (without an editor) */
	struct buf pending; /* lines of an incomplete command */
	char text[256];     /* the prompt's text */
	struct signal_watch stop, resize;
	struct incoming *incoming;
	struct prompt_record *record;
	struct error over; /* why there is no more input; code 0 and no text: its end */
	bool ended;
	int status;            /* exit status */
	char folder[PATH_MAX]; /* scripts below it may be read without --allow-files */
};

/* Writes whole lines above the line that is edited. */
void prompt_show(struct prompt *p, const char *text, size_t n);

/* Waits until the terminal has input; incoming data is shown meanwhile. */
enum editor_wait prompt_wait(struct prompt *p);

/* ---- prompt_text.c ---- */

/* Appends bytes for display: escape sequences and bytes that are no character of the locale
 * become \xHH; tabs and line feeds stay. */
void prompt_escape(struct buf *out, const char *bytes, size_t n);
/* The same with "NAME< " in front of each line, and a line feed at the end. */
void prompt_quote(struct buf *out, const char *name, const char *bytes, size_t n);
/* Writes the prompt's text: the current socket with its state. */
void prompt_compose(struct prompt *p, char *text, size_t size);
/* "sock1 127.0.0.1:25 ESTABLISHED" */
void prompt_describe(const struct handle *h, char *text, size_t size);

/* ---- prompt_incoming.c: data that arrives while no command waits for it ---- */

/* Watches each socket that no server body uses. Call it again after each command, as sockets
 * come and go. */
void prompt_incoming_watch(struct prompt *p);
/* Stops watching. Call it before a command runs, which may wait for the same sockets. */
void prompt_incoming_unwatch(struct prompt *p);
/* The script has received n of the buffered bytes. */
void prompt_incoming_given(struct prompt *p, const char *handle, size_t n);
/* Returns how many of the buffered bytes were shown. */
size_t prompt_incoming_shown(const struct prompt *p, const struct handle *h);
void prompt_incoming_close(struct prompt *p);

/* ---- prompt_record.c: the session that `save` writes ---- */

struct prompt_record *prompt_record_open(void);
void prompt_record_close(struct prompt_record *j);
/* A command is about to run; it has ended, and may have failed. */
void prompt_record_begin(struct prompt_record *j, const char *text, size_t n);
void prompt_record_end(struct prompt_record *j, bool failed);
/* Bytes were shown; bytes were received by the script. */
void prompt_record_arrived(struct prompt_record *j, const char *handle, const char *bytes,
    size_t n);
void prompt_record_given(struct prompt_record *j, const char *handle, const char *bytes, size_t n);
/* Marks bytes as a secret, which is saved and shown nowhere. */
void prompt_record_add_secret(struct prompt_record *j, const char *bytes, size_t n);
/* Replaces secrets in text with asterisks. */
void prompt_record_mask(const struct prompt_record *j, char *text, size_t n);
/* Writes the session as a script. ERROR_LOCAL_IO. */
int prompt_record_save(const struct prompt_record *j, const char *path, struct error *e);

/* ---- prompt_cmds.c, prompt_interact.c, getpass.c ---- */

/* Adds the prompt's own commands: help, save, clear, interact. */
void prompt_cmds_add(struct prompt *p);
void prompt_interact_add(struct prompt *p);
/* Adds getpass. Calls got (may be NULL) with what was typed. */
void getpass_add(struct script *sc, void (*got)(void *arg, const char *bytes, size_t n), void *arg);

/* ---- prompt_complete.c ---- */

/* For editor_how.complete. */
size_t prompt_complete(struct prompt *p, const char *line,
    void (*offer_to)(void *to, const char *word), void *to);

#endif

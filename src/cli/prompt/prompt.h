/*
 * The prompt: an interpreter (script) whose lines come from a terminal. What is
 * typed is edited by the module usock-prompt, or taken as the terminal gives it
 * where there is none; what arrives meanwhile is shown, and stays to be received.
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
	const struct editor_ops *ops; /* NULL: lines are what the terminal makes of them */
	struct editor *editor;
	FILE *out;          /* the terminal */
	bool waiting;       /* for the terminal: what is shown stands above the line */
	bool own_line;      /* the cursor is behind the prompt (without an editor) */
	struct buf pending; /* a command that has begun */
	char text[256];     /* what is before the line */
	struct signal_watch stop, resize;
	struct incoming *incoming;
	struct prompt_record *record;
	struct error over; /* why there is no more input; code 0 and no text: its end */
	bool ended;
	int status;            /* of exit */
	char folder[PATH_MAX]; /* below which scripts may be read without --allow-files */
};

/* Shows whole lines, above what is being typed. */
void prompt_show(struct prompt *p, const char *text, size_t n);

/* Waits until the terminal has input, while data is shown. */
enum editor_wait prompt_wait(struct prompt *p);

/* ---- prompt_text.c ---- */

/* Appends what a person may see of bytes: escapes and what is no character of the
 * locale as \xHH; tabs and line feeds stay. */
void prompt_escape(struct buf *out, const char *bytes, size_t n);
/* The same, each line behind "NAME< ", and with a line feed at the end. */
void prompt_quote(struct buf *out, const char *name, const char *bytes, size_t n);
/* What is before a line: the current socket with its state. */
void prompt_compose(struct prompt *p, char *text, size_t size);
/* "sock1 127.0.0.1:25 ESTABLISHED" */
void prompt_describe(const struct handle *h, char *text, size_t size);

/* ---- prompt_incoming.c: what arrives while nobody waits for it ---- */

/* Waits for data at every socket that no body of a server has; again as sockets
 * come and go. */
void prompt_incoming_watch(struct prompt *p);
/* Before a command runs, which may wait for the same sockets. */
void prompt_incoming_unwatch(struct prompt *p);
/* n bytes that were held were given to the script. */
void prompt_incoming_given(struct prompt *p, const char *handle, size_t n);
/* How many of the bytes that are held were shown. */
size_t prompt_incoming_shown(const struct prompt *p, const struct handle *h);
void prompt_incoming_close(struct prompt *p);

/* ---- prompt_record.c: what save writes ---- */

struct prompt_record *prompt_record_open(void);
void prompt_record_close(struct prompt_record *j);
/* A command that is about to run, and whether it failed. */
void prompt_record_begin(struct prompt_record *j, const char *text, size_t n);
void prompt_record_end(struct prompt_record *j, bool failed);
/* Bytes were shown, or given to the script. */
void prompt_record_arrived(struct prompt_record *j, const char *handle, const char *bytes,
    size_t n);
void prompt_record_given(struct prompt_record *j, const char *handle, const char *bytes, size_t n);
/* Bytes that are shown and written nowhere. */
void prompt_record_add_secret(struct prompt_record *j, const char *bytes, size_t n);
/* Replaces secrets in text by stars. */
void prompt_record_mask(const struct prompt_record *j, char *text, size_t n);
/* The session as a script. ERROR_LOCAL_IO. */
int prompt_record_save(const struct prompt_record *j, const char *path, struct error *e);

/* ---- prompt_cmds.c, prompt_interact.c, getpass.c ---- */

/* Adds what only a prompt has: help save clear interact. */
void prompt_cmds_add(struct prompt *p);
void prompt_interact_add(struct prompt *p);
/* Adds getpass; got (may be NULL) is told what was typed. */
void getpass_add(struct script *sc, void (*got)(void *arg, const char *bytes, size_t n), void *arg);

/* ---- prompt_complete.c ---- */

/* editor_how.complete */
size_t prompt_complete(struct prompt *p, const char *line,
    void (*offer_to)(void *to, const char *word), void *to);

#endif

/*
 * A line editor on the terminal, as the prompt sees it: the module usock-prompt
 * has one that is libedit's (prompt_edit.c). It draws and edits; what a line is
 * completed with, and all waiting, are the prompt's.
 */
#ifndef CLI_PROMPT_PROMPT_EDIT_H
#define CLI_PROMPT_PROMPT_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/module.h"

#define EDITOR_ABI 1

struct editor;

enum editor_wait { EDITOR_READY, EDITOR_INTERRUPTED, EDITOR_OVER };

struct editor_how {
	void *arg; /* of all of these */
	/* The text before the line; asked for each time it is drawn. */
	const char *(*prompt)(void *arg);
	/* Until the terminal has input. May call the editor's show, pause and resume. */
	enum editor_wait (*wait)(void *arg);
	/* Calls offer with every word that could stand at the end of line, which ends at
	 * the cursor, and says how many bytes of it are the beginning of that word. */
	size_t (*complete)(void *arg, const char *line, void (*offer)(void *to, const char *word),
	    void *to);
	FILE *out;           /* the terminal */
	const char *history; /* path of the file, NULL: none is kept */
};

enum { EDITOR_LINE, EDITOR_ABANDONED, EDITOR_END };

struct editor_ops {
	struct module_head head;
	/* On standard input, whose modes are as before until a line is read. Reads the
	 * user's editrc and the history. NULL: out of memory, or no such terminal. */
	struct editor *(*open)(const struct editor_how *how);
	/* EDITOR_LINE and the line without its end, until the next call; EDITOR_ABANDONED:
	 * interrupted; EDITOR_END. The modes are as before when it returns. */
	int (*line)(struct editor *ed, const char **ret_line, size_t *ret_n);
	/* From wait: shows text, of whole lines, above the line that is edited, and draws
	 * that again with its prompt. Empty: only that. */
	void (*show)(struct editor *ed, const char *text, size_t n);
	/* From wait: the terminal as it was before, below the line; and back. */
	void (*pause)(struct editor *ed);
	void (*resume)(struct editor *ed);
	/* From wait: the terminal has another size. */
	void (*resize)(struct editor *ed);
	/* Keeps a line, and adds it to the file. */
	void (*remember)(struct editor *ed, const char *line);
	/* Every line that is kept, the newest first. */
	void (*each_line)(struct editor *ed, void (*fn)(void *arg, const char *line), void *arg);
	void (*close)(struct editor *ed);
};

#endif

/*
 * Interface of a line editor on the terminal. The module usock-prompt
 * implements it with libedit (prompt_edit.c). The editor draws and edits; the
 * prompt waits and finds completions.
 */
#ifndef CLI_PROMPT_PROMPT_EDIT_H
#define CLI_PROMPT_PROMPT_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/module.h"

#define EDITOR_ABI 2

/* Encloses bytes of the prompt that take no room on the screen. A printable character follows. */
#define EDITOR_ESCAPE "\001"

struct editor;

enum editor_wait { EDITOR_READY, EDITOR_INTERRUPTED, EDITOR_OVER };

struct editor_how {
	void *arg; /* argument of the functions */
	/* Returns the prompt; called for each redraw. */
	const char *(*prompt)(void *arg);
	/* Waits until the terminal has input. May call the editor's show, pause and resume. */
	enum editor_wait (*wait)(void *arg);
	/* Calls offer for each completion of line, which ends at the cursor. Returns how many
	 * bytes at its end belong to the word. */
	size_t (*complete)(void *arg, const char *line, void (*offer)(void *to, const char *word),
	    void *to);
	/* Writes what may follow line, which ends at the cursor; returns its length, 0: nothing. Shown
	 * behind the cursor while it is at the end of the line. */
	size_t (*hint)(void *arg, const char *line, char *text, size_t size);
	/* the sequences around a hint */
	const char *hint_on, *hint_off;
	FILE *out;           /* the terminal */
	const char *history; /* path of the file; NULL: no history file */
};

enum { EDITOR_LINE, EDITOR_ABANDONED, EDITOR_END };

struct editor_ops {
	struct module_head head;
	/* Opens an editor on standard input; the terminal's modes stay as they are until a line
	 * is read. Reads the user's editrc and the history. NULL: out of memory, or the terminal
	 * is unusable. */
	struct editor *(*open)(const struct editor_how *how);
	/* Returns EDITOR_LINE, with the line without its end, which may have line feeds from the history, valid until the next call;
	 * EDITOR_ABANDONED where it was interrupted; EDITOR_END. Restores the terminal's modes. */
	int (*line)(struct editor *ed, const char **ret_line, size_t *ret_n);
	/* From wait: writes text, which is whole lines, above the edited line, and redraws that
	 * with its prompt. With empty text only redraws. */
	void (*show)(struct editor *ed, const char *text, size_t n);
	/* From wait: pause restores the terminal, below the line; resume undoes that. */
	void (*pause)(struct editor *ed);
	void (*resume)(struct editor *ed);
	/* From wait: the size of the terminal has changed. */
	void (*resize)(struct editor *ed);
	/* Adds a line to the history and to its file; it may have line feeds. */
	void (*remember)(struct editor *ed, const char *line);
	/* Calls fn for each line of the history, the newest first. */
	void (*each_line)(struct editor *ed, void (*fn)(void *arg, const char *line), void *arg);
	void (*close)(struct editor *ed);
};

#endif

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
	struct buf pending; /* lines of an incomplete command */
	char text[400];     /* the prompt's text */
	bool color;
	const char *question; /* asked instead of the prompt; NULL: none */
	struct signal_watch stop, resize;
	struct incoming *incoming;
	struct prompt_record *record;
	struct error over; /* why there is no more input; code 0 and no text: its end */
	bool ended;
	int status;            /* exit status */
	char folder[PATH_MAX]; /* scripts below it may be read without --allow-files */
};

#endif

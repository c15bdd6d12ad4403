/* From the text of scripts to trees. */
#ifndef TCL_SYNTAX_SYNTAX_H
#define TCL_SYNTAX_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#include "tcl/syntax/ast.h"

struct parser {
	struct heap *heap;
	const char *at, *end;
	unsigned line;
	unsigned short source;
	unsigned depth;
	const char *mistake;
	const char *term; /* where the mistake is: an opening delimiter */
	bool incomplete;
};

/* Which substitutions syntax_parts() leaves alone. */
enum { KEEP_BACKSLASHES = 1, KEEP_COMMANDS = 2, KEEP_VARIABLES = 4 };

/* Never fails: a mistake is the last node. */
struct script *syntax_script(struct heap *h, struct value *text);

void syntax_parser(struct parser *p, struct heap *h, const char *text, size_t n);
/* One word up to the character stop, or the end where stop is 0; at is behind it. False with
 * mistake set; w is then empty. */
bool syntax_parts(struct parser *p, char stop, int keep, struct word *w);
/* The next piece: a run of bytes, or what begins at a backslash, $ or [. False with mistake set; w may then
 * hold a script of the commands that were complete. */
bool syntax_piece(struct parser *p, int keep, struct word *w);
/* At $, [, " or {: what an expression may begin an operand with. $ alone is a literal. */
bool syntax_operand(struct parser *p, struct word *w);

bool syntax_is_complete(struct heap *h, const char *text, size_t n);
/* How many bytes from the start are complete commands; the next one is where it ends. */
size_t syntax_whole_commands(struct heap *h, const char *text, size_t n);

#endif

/* The parser of scripts. */
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
	const char *term; /* the opening delimiter of the error */
	bool incomplete;
};

/* The substitutions that syntax_parts() does not do. */
enum { KEEP_BACKSLASHES = 1, KEEP_COMMANDS = 2, KEEP_VARIABLES = 4 };

/* Does not fail: a syntax error is the last node. */
struct script *syntax_script(struct heap *h, struct value *text);

void syntax_parser(struct parser *p, struct heap *h, const char *text, size_t n);
/* Parses a word up to the character stop, or to the end where stop is 0. False with mistake set, and w empty. */
bool syntax_parts(struct parser *p, char stop, int keep, struct word *w);
/* Parses the next piece: a run of bytes, or a substitution. False with mistake set; w may then have a script
 * of the complete commands. */
bool syntax_piece(struct parser *p, int keep, struct word *w);
/* Parses an operand of an expression at $, [, " or {. A $ alone is a literal. */
bool syntax_operand(struct parser *p, struct word *w);

bool syntax_is_complete(struct heap *h, const char *text, size_t n);
/* Returns the length of the complete commands at the beginning. */
size_t syntax_whole_commands(struct heap *h, const char *text, size_t n);

#endif

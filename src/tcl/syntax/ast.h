/* Scripts as trees: parsed once, run many times. */
#ifndef TCL_SYNTAX_AST_H
#define TCL_SYNTAX_AST_H

#include <stdbool.h>
#include <stddef.h>

#include "tcl/value/value.h"

struct command;

enum word_kind {
	WORD_LITERAL,
	WORD_VAR,     /* $name */
	WORD_ELEMENT, /* $name(parts) */
	WORD_SCRIPT,  /* [script] */
	WORD_PARTS,   /* several of these, joined */
};

struct word {
	unsigned char kind;
	bool expand;  /* {*} */
	bool escaped; /* there was a backslash to substitute: tclsh does not compile it as a body */
	unsigned n;   /* parts */
	struct value *value; /* the literal, or the name */
	struct word *parts;
	struct script *script;
};

/* Words of a command that are evaluated without a list being made for them. */
enum { SYNTAX_FEW = 8 };

/* One command. */
struct node {
	const char *text;
	size_t len;
	unsigned line; /* in the file */
	unsigned n;
	struct word *words;
	struct value **argv;     /* where all words are literals, else NULL */
	struct command *command; /* what argv[0] was when it was last looked up */
	unsigned epoch;
	bool named;          /* its name is a literal */
	bool many;           /* more than SYNTAX_FEW words, or expansions */
	const char *mistake; /* then this is the last one, and runs to an error */
};

struct script {
	unsigned refs;
	unsigned n;
	struct node *nodes;
	struct value *text; /* NULL in a script within another */
	unsigned line;
	unsigned short source;
};

/* How many members there is room for where n are used: arrays double. */
size_t ast_room(unsigned n);
void ast_word_fini(struct heap *h, struct word *w);
void ast_node_fini(struct heap *h, struct node *node);
/* Internal: the last reference is gone. */
void ast_script_free(struct heap *h, struct script *s);
static inline void
ast_script_unref(struct heap *h, struct script *s)
{
	if (--s->refs == 0)
		ast_script_free(h, s);
}
/* Frees the form VALUE_SCRIPT. */
void ast_free(struct value *v);
/* Returns whether v is a word of the command, written as a literal. */
bool ast_is_literal(const struct node *node, const struct value *v);

#endif

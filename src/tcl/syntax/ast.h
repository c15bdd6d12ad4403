/* Syntax trees of scripts: parsed once, evaluated many times. */
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
	WORD_PARTS,   /* several of these, concatenated */
};

struct word {
	unsigned char kind;
	bool expand;         /* {*} */
	bool escaped;        /* it had a backslash, so tclsh does not compile it as a body */
	unsigned n;          /* the number of parts */
	struct value *value; /* the literal, or the name */
	struct word *parts;
	struct script *script;
};

/* Up to this many words are evaluated without allocating a list. */
enum { SYNTAX_FEW = 8 };

/* A command. */
struct node {
	const char *text;
	size_t len;
	unsigned line; /* in the file */
	unsigned n;
	struct word *words;
	struct value **argv;     /* set where all words are literals */
	struct command *command; /* the cached command of argv[0] */
	unsigned epoch;
	bool named;          /* its name is a literal */
	bool many;           /* more than SYNTAX_FEW words, or expansions */
	const char *mistake; /* a syntax error: this is the last node, and evaluates to the error */
};

struct script {
	unsigned refs;
	unsigned n;
	struct node *nodes;
	struct value *text; /* NULL in a nested script */
	unsigned line;
	unsigned short source;
};

/* Returns the room of an array of n members; arrays double. */
size_t ast_room(unsigned n);
void ast_word_fini(struct heap *h, struct word *w);
void ast_node_fini(struct heap *h, struct node *node);
/* Internal: frees a script without references. */
void ast_script_free(struct heap *h, struct script *s);
static inline void
ast_script_unref(struct heap *h, struct script *s)
{
	if (--s->refs == 0)
		ast_script_free(h, s);
}
/* For struct value_form. */
void ast_free(struct value *v);
/* Returns whether v is a word of the command, written as a literal. */
bool ast_is_literal(const struct node *node, const struct value *v);

#endif

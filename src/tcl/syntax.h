/*
 * Scripts as trees: parsed once, run many times.
 */
#ifndef TCL_SYNTAX_H
#define TCL_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#include "tcl/value.h"

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
void syntax_script_unref(struct heap *h, struct script *s);

void syntax_parser(struct parser *p, struct heap *h, const char *text, size_t n);
/* One word up to the character stop, or the end where stop is 0; at is behind it. False with
 * mistake set; w is then empty. */
bool syntax_parts(struct parser *p, char stop, int keep, struct word *w);
/* At $, [, " or {: what an expression may begin an operand with. $ alone is a literal. */
bool syntax_operand(struct parser *p, struct word *w);
void syntax_word_fini(struct heap *h, struct word *w);

bool syntax_is_complete(struct heap *h, const char *text, size_t n);
/* How many bytes from the start are complete commands; the next one is where it ends. */
size_t syntax_whole_commands(struct heap *h, const char *text, size_t n);

/* At a backslash: the byte that it stands for; returns how many were read. */
size_t syntax_escape(const char *p, size_t n, char *ret_c);

#endif

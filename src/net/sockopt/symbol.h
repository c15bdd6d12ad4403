/*
 * Families, types, protocols and levels of sockets by name, for options and scripts: the short
 * word (inet, stream, tcp, socket) or the constant (AF_INET, SOCK_STREAM, IPPROTO_TCP, SOL_TCP,
 * SOL_SOCKET), in any case.
 */
#ifndef NET_SOCKOPT_SYMBOL_H
#define NET_SOCKOPT_SYMBOL_H

#include <stdbool.h>

enum symbol_kind { SYMBOL_FAMILY, SYMBOL_TYPE, SYMBOL_PROTO, SYMBOL_LEVEL };

struct symbol {
	const char *word; /* the short word */
	int number;
	const char *title; /* NULL: needs none */
};

/* Sets *ret_number and returns true when text names a symbol of that kind. */
bool symbol_find(enum symbol_kind kind, const char *text, int *ret_number);

/* Returns the short word; NULL when the number has none. */
const char *symbol_word(enum symbol_kind kind, int number);

/* Returns the name of a feature that a kernel may lack, or the heading of a level's options;
 * NULL when the symbol needs none. */
const char *symbol_title(enum symbol_kind kind, int number);

/* Returns all symbols of a kind; the last row has no word. */
const struct symbol *symbol_rows(enum symbol_kind kind);

/* Returns all short words of a kind for messages: "inet, inet6, unix". */
const char *symbol_words(enum symbol_kind kind);

#endif

/*
 * Families, types, protocols and levels of sockets by name, for options and
 * scripts alike: as the short word (inet, stream, tcp, socket) or the constant
 * (AF_INET, SOCK_STREAM, IPPROTO_TCP, SOL_TCP, SOL_SOCKET), in any case.
 */
#ifndef NET_SOCKOPT_SYMBOL_H
#define NET_SOCKOPT_SYMBOL_H

#include <stdbool.h>

enum symbol_kind { SYMBOL_FAMILY, SYMBOL_TYPE, SYMBOL_PROTO, SYMBOL_LEVEL };

struct symbol {
	const char *word; /* short */
	int number;
	const char *title; /* NULL: nothing needs one */
};

/* False where the text is none of that kind. */
bool symbol_find(enum symbol_kind kind, const char *text, int *ret_number);

/* The short word; NULL where the number has none. */
const char *symbol_word(enum symbol_kind kind, int number);

/* As its users call what a kernel may lack, and the heading of a level's options; NULL where
 * nothing needs that. */
const char *symbol_title(enum symbol_kind kind, int number);

/* All of a kind, up to the row without a word. */
const struct symbol *symbol_rows(enum symbol_kind kind);

/* All short words, "inet, inet6, unix": for messages. */
const char *symbol_words(enum symbol_kind kind);

#endif

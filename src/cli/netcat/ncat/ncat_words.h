/*
 * The words of a command line, as ncat splits what --exec is given: at white space, without quotes; a
 * backslash takes the special meaning from the character behind it.
 */
#ifndef CLI_NETCAT_NCAT_WORDS_H
#define CLI_NETCAT_NCAT_WORDS_H

#include <stddef.h>

enum { NCAT_WORDS_MAX = 64 };

/* The words are malloc'ed. All zero holds none. */
struct ncat_words {
	char *words[NCAT_WORDS_MAX];
	size_t n;
};

/* Returns 0, or -1 where there is no word, too many, or no memory; ncat_words_fini() is called in any
 * case. */
int ncat_words_split(struct ncat_words *w, const char *line);

void ncat_words_fini(struct ncat_words *w);

#endif

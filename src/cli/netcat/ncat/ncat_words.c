#include "cli/netcat/ncat/ncat_words.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n\v\f"

/* Copies a word without its backslashes. Returns where it ends. */
static const char *
copy_word(char *to, const char *from)
{
	while (*from != '\0' && strchr(BLANKS, *from) == NULL) {
		if (*from == '\\' && from[1] != '\0')
			from++;
		*to++ = *from++;
	}
	*to = '\0';
	return from;
}

int
ncat_words_split(struct ncat_words *w, const char *line)
{
	char *word;

	for (line += strspn(line, BLANKS); *line != '\0'; line += strspn(line, BLANKS)) {
		word = w->n < NCAT_WORDS_MAX ? malloc(strlen(line) + 1) : NULL;
		if (word == NULL)
			return -1;
		w->words[w->n++] = word;
		line = copy_word(word, line);
	}
	return w->n > 0 ? 0 : -1;
}

void
ncat_words_fini(struct ncat_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->words[i]);
	w->n = 0;
}

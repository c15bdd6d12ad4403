#include "cli/core/complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "test.h"

enum { WORDS_MAX = 20000 };

static char *words[WORDS_MAX];
static size_t n_words;

static void
keep_word(void *arg, const char *word, const char *help)
{
	(void)arg, (void)help;
	if (n_words < WORDS_MAX)
		words[n_words++] = strdup(word);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
forget_words(void)
{
	while (n_words > 0)
		free(words[--n_words]);
}

/* Completes the last of n words, and keeps what is offered, in order. */
static void
offer_once(int n, const char *const *line)
{
	complete_words(n, (char *const *)line, keep_word, NULL);
	qsort(words, n_words, sizeof words[0], compare);
	for (size_t i = 1; i < n_words; i++)
		if (strcmp(words[i - 1], words[i]) == 0)
			check_str("offered twice", words[i]);
}

/* All options of a command, and the values of each. */
static void
check_command(const char *command)
{
	char *options[1000];
	size_t n = 0;

	offer_once(2, (const char *[]){ command, "-" });
	for (; n < n_words && n < ARRAY_LEN(options); n++)
		options[n] = strdup(words[n]);
	check(n > 3);
	forget_words();
	for (size_t i = 0; i < n; i++) {
		offer_once(3, (const char *[]){ command, options[i], "" });
		forget_words();
		free(options[i]);
	}
}

TEST("no command offers a word twice: options, and their values")
{
	static const char *const commands[] = { "connect", "listen", "sendto", "resolve", "status",
		"run", "replay", "nc", "ncat", "socat" };

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		check_command(commands[i]);
	offer_once(3, (const char *[]){ "nc", "--openbsd", "-" });
	forget_words();
}

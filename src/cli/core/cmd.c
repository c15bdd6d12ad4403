#include "cli/core/cmd.h"

#include <stdbool.h>
#include <string.h>

#include "base/array.h"
#include "cli/netcat/hints.h"

#define COMMANDS(X)                                                                                \
	X(connect)                                                                                 \
	X(listen)                                                                                  \
	X(sendto)                                                                                  \
	X(replay)                                                                                  \
	X(resolve)                                                                                 \
	X(status)                                                                                  \
	X(shell)                                                                                   \
	X(run)                                                                                     \
	X(nc)                                                                                      \
	X(ncat)                                                                                    \
	X(socat)                                                                                   \
	X(help)

#define X(name) extern const struct cmd cmd_##name;
COMMANDS(X)
#undef X

const struct cmd *const commands[] = {
#define X(name) &cmd_##name,
	COMMANDS(X) NULL,
#undef X
};

enum { N_COMMANDS = ARRAY_LEN(commands) - 1 };

const struct cmd *
cmd_find(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

bool
cmd_takes_program(const struct cmd *cmd)
{
	return strstr(cmd->operands, "-- ") != NULL;
}

/* True where word is one of the words of list. */
static bool
is_link_name(const char *word, const char *list)
{
	size_t len;

	for (; *list != '\0'; list += len + (list[len] == ' ')) {
		len = strcspn(list, " ");
		if (strlen(word) == len && strncmp(word, list, len) == 0)
			return true;
	}
	return false;
}

const struct cmd *
cmd_of_link(const char *program)
{
	const char *slash = program != NULL ? strrchr(program, '/') : NULL;
	const char *word = slash != NULL ? slash + 1 : program;

	for (size_t i = 0; word != NULL && i < N_COMMANDS; i++)
		if (commands[i]->links != NULL && is_link_name(word, commands[i]->links))
			return commands[i];
	return NULL;
}

/* True for a word that names a script: a path, or NAME.us. */
static bool
is_script(const char *word)
{
	size_t len = strlen(word);

	return word[0] != '-' && hints_for_address(word, true, NULL) == 0 &&
	    (strchr(word, '/') != NULL || (len > 3 && strcmp(word + len - 3, ".us") == 0));
}

const struct cmd *
cmd_of_word(const char *word, int *ret_named)
{
	const struct cmd *cmd = cmd_find(word);

	*ret_named = cmd != NULL;
	if (cmd == NULL && (strcmp(word, "-c") == 0 || is_script(word)))
		return &cmd_run;
	return cmd;
}

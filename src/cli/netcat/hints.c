#include "cli/netcat/hints.h"

#include <stdbool.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/netcat/foreign.h"
#include "cli/netcat/socat/socat_words.h"
#include "cli/options/opt.h"
#include "net/endpoint.h"

static unsigned
bit_of(const char *command)
{
	static const struct {
		const char *name;
		unsigned bit;
	} commands[] = {
		{ "connect", FOREIGN_CONNECT },
		{ "listen", FOREIGN_LISTEN },
		{ "sendto", FOREIGN_SENDTO },
	};

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(command, commands[i].name) == 0)
			return commands[i].bit;
	return 0;
}

const char *
hints_for_letter(const char *command, char letter)
{
	return foreign_hint_letter(bit_of(command), letter);
}

const char *
hints_for_name(const char *command, const char *name, size_t len)
{
	return foreign_hint_name(bit_of(command), name, len);
}

const char *
hints_for_command(const char *word)
{
	if (word[0] != '-' || word[1] == '-')
		return "usock help";
	if (strchr(word, 'l') != NULL)
		return strchr(word, 'k') != NULL ? "usock listen -k [HOST] PORT"
						 : "usock listen [HOST] PORT";
	if (strchr(word, 'z') != NULL)
		return "usock connect -z HOST PORT...";
	return strchr(word, 'u') != NULL ? "usock connect -u HOST PORT" : "usock help";
}

/* ---- socat ---- */

/* A host can be called pipe or proxy: only the spelling of socat's manual means the address. */
static bool
may_be_host(const char *word)
{
	size_t len = strcspn(word, ":,");

	return memchr(word, '-', len) == NULL && word[0] >= 'a' && word[0] <= 'z';
}

int
hints_for_address(const char *word, bool sure, struct error *e)
{
	size_t len = strcspn(word, ":,");
	const struct socat_word *type = socat_word_find(word, len, NULL);
	char hint[512];

	if (type == NULL || (sure && may_be_host(word)))
		return 0;
	socat_word_hint(type, word[len] == ':' ? word + len + 1 : "", hint, sizeof(hint));
	(void)error_hint(e, "%s", hint);
	return 1;
}

/* The options of an address of socat follow a comma; else unix:PATH means the same here. */
static bool
is_plain_address(const char *word)
{
	return strchr(word, ',') == NULL && endpoint_is_reserved(word, strcspn(word, ":"));
}

void
hints_complete(const char *command, const struct opt_rest *rest, struct error *e)
{
	if (e->code == ERROR_USAGE)
		(void)error_prefix(e, "%s", command);
	if ((e->code != ERROR_USAGE && e->code != ERROR_RESOLVE) || e->hint[0] != '\0')
		return;
	for (int i = 0; i < rest->n_operands && i < 2; i++)
		if (!is_plain_address(rest->operands[i]) &&
		    hints_for_address(rest->operands[i], e->code == ERROR_RESOLVE, e) == 1)
			return;
}

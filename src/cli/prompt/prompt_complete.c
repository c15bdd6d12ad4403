#include "cli/prompt/prompt_complete.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/core/cmd.h"
#include "cli/core/complete.h"
#include "cli/core/known_hosts.h"
#include "cli/prompt/prompt.h"
#include "cli/prompt/prompt_syntax.h"
#include "net/sockopt/sockopt.h"
#include "net/sockopt/symbol.h"
#include "script/context.h"
#include "tcl/interp.h"

enum { WORDS = 64 };

struct completion {
	struct prompt *prompt;
	char *line; /* split into words */
	char *words[WORDS];
	int n;            /* of words; the last one is completed */
	const char *last; /* the part of the last word that is completed */
	void (*offer)(void *to, const char *word);
	void *to;
};

static void
offer_if_matching(const struct completion *c, const char *word)
{
	if (strncmp(word, c->last, strlen(c->last)) == 0)
		c->offer(c->to, word);
}

static void
offer_name(void *arg, const char *name)
{
	offer_if_matching(arg, name);
}

static void
offer_all(const struct completion *c, const char *const *words)
{
	for (; *words != NULL; words++)
		offer_if_matching(c, *words);
}

/* ---- files and hosts ---- */

static void
offer_entry(const struct completion *c, const struct dirent *entry, size_t folder)
{
	const char *beginning = c->last + folder;
	char path[PATH_MAX];
	int n;

	if (strncmp(entry->d_name, beginning, strlen(beginning)) != 0 ||
	    (entry->d_name[0] == '.' && beginning[0] != '.'))
		return;
	n = snprintf(path, sizeof(path), "%.*s%s%s", (int)folder, c->last, entry->d_name,
	    entry->d_type == DT_DIR ? "/" : "");
	if (n >= 0 && (size_t)n < sizeof(path))
		c->offer(c->to, path);
}

static void
offer_files(const struct completion *c)
{
	const char *slash = strrchr(c->last, '/');
	size_t folder = slash == NULL ? 0 : (size_t)(slash - c->last) + 1;
	char path[PATH_MAX];
	const struct dirent *entry;
	DIR *dir;

	if (folder >= sizeof(path))
		return;
	snprintf(path, sizeof(path), "%.*s", (int)folder, c->last);
	dir = opendir(folder == 0 ? "." : path);
	if (dir == NULL)
		return;
	/* cppcheck-suppress readdirCalled ; there are no threads that read it */
	while ((entry = readdir(dir)) != NULL)
		offer_entry(c, entry, folder);
	closedir(dir);
}

/* Offers the operands of a line of the history that named a host. */
static void
offer_hosts_of(void *arg, const char *line)
{
	static const char *const commands_of_hosts[] = { "connect", "sendto", "resolve",
		"getaddrinfo", NULL };
	const struct completion *c = arg;
	size_t length = strcspn(line, " "), i = 0;
	char word[256];

	while (commands_of_hosts[i] != NULL &&
	    (strlen(commands_of_hosts[i]) != length ||
		strncmp(line, commands_of_hosts[i], length) != 0))
		i++;
	if (commands_of_hosts[i] == NULL)
		return;
	for (line += length; *line != '\0'; line += length) {
		line += strspn(line, " ");
		length = strcspn(line, " ");
		snprintf(word, sizeof(word), "%.*s", (int)length, line);
		/* an operand that is neither an option, nor a port, nor an option's value such
		 * as 10ms */
		if (word[0] != '-' && word[strspn(word, "0123456789.ms")] != '\0')
			offer_if_matching(c, word);
		else if (strchr(word, '.') != strrchr(word, '.'))
			offer_if_matching(c, word);
	}
}

static void
offer_hosts(struct completion *c)
{
	const struct prompt *p = c->prompt;

	if (p->editor != NULL)
		p->ops->each_line(p->editor, offer_hosts_of, c);
	known_hosts_each(offer_name, c);
	offer_if_matching(c, "localhost");
}

/* ---- words of a command ---- */

static void
offer_from_table(void *arg, const char *word, const char *help)
{
	struct completion *c = arg;

	if (help != NULL)
		c->offer(c->to, word);
	else if (strcmp(word, ":file") == 0)
		offer_files(c);
	else if (strcmp(word, ":host") == 0)
		offer_hosts(c);
}

static void
offer_handle(void *arg, struct handle *h)
{
	offer_if_matching(arg, h->name);
}

static void
offer_methods(const struct completion *c, bool of_files)
{
	const struct interp_command *row;

	for (row = script_methods(c->prompt->sc, of_files); row->name != NULL; row++)
		offer_if_matching(c, row->name);
}

static void
offer_sockopt_names(const struct completion *c)
{
	static const char *const levels[] = { "SOL_SOCKET", "IPPROTO_TCP", "IPPROTO_IP",
		"IPPROTO_IPV6", "IPPROTO_UDP", "IPPROTO_UDPLITE", "IPPROTO_SCTP", NULL };
	const struct sockopt *table;
	size_t n;

	if (c->n == 3) {
		offer_all(c, levels);
		return;
	}
	table = sockopt_table(&n);
	for (size_t i = 0; i < n; i++)
		offer_if_matching(c, table[i].name);
}

static void
offer_of_method(const struct completion *c)
{
	static const char *const ways[] = { "r", "w", "rw", NULL };
	const char *method = c->words[1];

	if (strcmp(method, "setsockopt") == 0 || strcmp(method, "getsockopt") == 0)
		offer_sockopt_names(c);
	else if (strcmp(method, "shutdown") == 0)
		offer_all(c, ways);
}

static void
offer_topics(struct completion *c)
{
	static const char *const topics[] = { "commands", "methods", "script", "address", "exit",
		"sockopt", NULL };

	offer_all(c, topics);
	for (const struct cmd *const *cmd = commands; *cmd != NULL; cmd++)
		offer_if_matching(c, (*cmd)->name);
	interp_each_command(script_interp(c->prompt->sc), c->last, offer_name, c);
	offer_methods(c, false);
}

static bool
is_one_of(const char *word, const char *const *words)
{
	while (*words != NULL && strcmp(word, *words) != 0)
		words++;
	return *words != NULL;
}

static void
offer_socket_words(const struct completion *c)
{
	static const char *const options[] = { "-family", "-type", "-proto", "-dialect", NULL };
	static const char *const documented[] = { "tcp_ser", "customize_port", NULL };

	if (c->last[0] == '-') {
		offer_all(c, options);
		return;
	}
	for (int kind = SYMBOL_FAMILY; kind <= SYMBOL_PROTO; kind++)
		for (const struct symbol *s = symbol_rows(kind); s->word != NULL; s++)
			offer_if_matching(c, s->word);
	offer_all(c, documented);
}

static void
offer_argument(struct completion *c)
{
	static const char *const of_handles[] = { "use", "interact", NULL };
	static const char *const of_files[] = { "source", "save", NULL };
	static const char *const expect_words[] = { "-timeout", "-from", "-ex", "-gl", "-re",
		"-hex", "-len", "-count", "-end", "-nocase", "eof", "reset", "timeout", "silence",
		NULL };
	const struct cmd *cmd = cmd_find(c->words[0]);

	if (strcmp(c->words[0], "help") == 0)
		offer_topics(c);
	else if (cmd != NULL && cmd->script != NULL)
		complete_words(c->n, c->words, offer_from_table, c);
	else if (is_one_of(c->words[0], of_handles))
		handles_each(c->prompt->sc, offer_handle, c);
	else if (is_one_of(c->words[0], of_files))
		offer_files(c);
	else if (strcmp(c->words[0], "socket") == 0)
		offer_socket_words(c);
	else if (strcmp(c->words[0], "expect") == 0)
		offer_all(c, expect_words);
	else if (strcmp(c->words[0], "getaddrinfo") == 0)
		offer_hosts(c);
}

static void
offer_completions(struct completion *c)
{
	struct interp *in = script_interp(c->prompt->sc);
	const char *name = c->words[0];
	bool of_handle = prompt_syntax_handle(c->prompt, name, strlen(name)) != NULL;

	if (c->last[0] == '$') {
		c->last++;
		interp_each_var(in, c->last, offer_name, c);
		return;
	}
	if (c->n == 1) {
		interp_each_command(in, c->last, offer_name, c);
		return;
	}
	if (!of_handle)
		offer_argument(c);
	else if (c->n == 2)
		offer_methods(c, false);
	else
		offer_of_method(c);
}

/* ---- the line ---- */

size_t
prompt_complete(struct prompt *p, const char *line, void (*offer_to)(void *to, const char *word),
    void *to)
{
	struct completion c = { .prompt = p, .offer = offer_to, .to = to };
	size_t typed;
	char *at;

	c.line = strdup(line + prompt_syntax_start(line));
	if (c.line == NULL)
		return 0;
	for (at = c.line + strspn(c.line, " \t"); c.n < WORDS; at += strspn(at, " \t")) {
		c.words[c.n++] = at;
		at += strcspn(at, " \t");
		if (*at == '\0')
			break;
		*at++ = '\0';
	}
	c.last = c.words[c.n - 1];
	offer_completions(&c);
	typed = strlen(c.last);
	free(c.line);
	return typed;
}

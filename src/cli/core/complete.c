#include "cli/core/complete.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <netdb.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/core/cmd.h"
#include "cli/core/known_hosts.h"
#include "cli/netcat/foreign.h"
#include "cli/options/proxy/proxy_opts.h"
#include "control/control_server.h"
#include "net/endpoint.h"
#include "net/proto.h"
#include "net/sockopt/sockopt.h"
#include "relay/filter/framing.h"
#include "status/table.h"

struct candidate_sink {
	void (*offer)(void *arg, const char *word, const char *help);
	void *arg;
	void **offered; /* a tree of words, for tsearch(3) */
};

/* The words before the one that is completed, as the parser reads them. */
struct command_line {
	const struct cmd *cmd;
	/* the last word is this option, and its value follows; or NULL */
	const struct opt *open;
	int n_operands;
	const char *first; /* the first operand; NULL: there is none */
	int n_program;     /* words after "--"; -1: no "--" */
	bool ended;        /* "--" has ended the options */
};

/* The word to complete: a prefix that stays ("--name=") and the text after it. */
struct partial_word {
	const struct candidate_sink *sink;
	const char *before;
	size_t before_len;
	const char *text;
};

static int
compare_candidates(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Returns whether it is new. Two variants of a program may have the same letter, and two protocols
 * the same service: the first row counts. */
static bool
note_candidate(void **offered, const char *word)
{
	char *copy = strdup(word);
	void **node = copy != NULL ? tsearch(copy, offered, compare_candidates) : NULL;

	if (node != NULL && *node == copy)
		return true;
	free(copy);
	return node == NULL;
}

static void
offer_candidate(const struct partial_word *u, const char *word, size_t len, const char *after,
    const char *help)
{
	size_t typed = strlen(u->text);
	char text[512];
	int n;

	if (typed > len || strncmp(word, u->text, typed) != 0)
		return;
	n = snprintf(text, sizeof(text), "%.*s%.*s%s", (int)u->before_len, u->before, (int)len,
	    word, after);
	/* a part of a word is no candidate */
	if (n >= 0 && (size_t)n < sizeof(text) && note_candidate(u->sink->offered, text))
		u->sink->offer(u->sink->arg, text, help);
}

/* Offers a kind of word that the caller completes itself: ":file". */
static void
offer_kind(const struct partial_word *u, const char *kind)
{
	char text[32];

	snprintf(text, sizeof(text), ":%s", kind);
	u->sink->offer(u->sink->arg, text, NULL);
}

static void
offer_word(const struct partial_word *u, const char *word, const char *help)
{
	offer_candidate(u, word, strlen(word), "", help);
}

static void
offer_commands(const struct partial_word *u)
{
	for (const struct cmd *const *c = commands; *c != NULL; c++)
		offer_word(u, (*c)->name, (*c)->summary);
}

/* ---- options ---- */

struct lookup {
	const char *name; /* NULL: by letter */
	size_t len;
	char letter;
	const struct opt *found;
};

static void
match_option(void *arg, const struct opt_group *group, const struct opt *opt)
{
	struct lookup *l = arg;
	bool same;

	(void)group;
	if (l->name == NULL)
		same = opt->letter == l->letter;
	else
		same = strncmp(opt->name, l->name, l->len) == 0 &&
		    (l->found == NULL || opt->name[l->len] == '\0');
	if (same)
		l->found = opt;
}

static const struct opt *
find_option(const struct cmd *cmd, const char *name, size_t len, char letter)
{
	struct lookup l = { name, len, letter, NULL };

	opt_each(cmd, match_option, &l);
	return l.found;
}

static bool
wants_value(const struct opt *opt)
{
	return opt != NULL && opt->arg != NULL && opt->kind != OPT_OPTIONAL_TEXT;
}

/* Returns the option of this word whose value is the next word, or NULL. */
static const struct opt *
option_left_open(const struct cmd *cmd, const char *word)
{
	const struct opt *opt;

	if (strncmp(word, "--", 2) == 0) {
		if (strchr(word, '=') != NULL)
			return NULL;
		opt = find_option(cmd, word + 2, strlen(word + 2), 0);
		return wants_value(opt) ? opt : NULL;
	}
	for (const char *c = word + 1; *c != '\0'; c++) {
		opt = find_option(cmd, NULL, 0, *c);
		if (wants_value(opt))
			return c[1] == '\0' ? opt : NULL;
	}
	return NULL;
}

static void
offer_option(void *arg, const struct opt_group *group, const struct opt *opt)
{
	const struct partial_word *u = arg;
	char word[64];

	(void)group;
	snprintf(word, sizeof(word), "--%s", opt->name);
	offer_word(u, word, opt->help);
}

static void
offer_foreign_options(const struct foreign *f, const struct partial_word *u)
{
	char word[64];

	for (size_t i = 0; i < f->n_opts; i++) {
		const struct foreign_opt *o = &f->opts[i];

		snprintf(word, sizeof(word), "-%c", o->letter);
		if (o->letter != '\0')
			offer_word(u, word, o->help);
		snprintf(word, sizeof(word), "--%s", o->name);
		if (o->name != NULL)
			offer_word(u, word, o->help);
	}
}

static void
offer_options(const struct cmd *cmd, struct partial_word *u)
{
	if (cmd->foreign != NULL)
		offer_foreign_options(cmd->foreign, u);
	opt_each(cmd, offer_option, u);
	offer_word(u, "--help", "show the help of this command");
}

/* ---- values ---- */

static void
offer_choices(const struct partial_word *u, const char *choices)
{
	size_t len;

	for (; *choices != '\0'; choices += len + strspn(choices + len, " ")) {
		len = strcspn(choices, " ");
		offer_candidate(u, choices, len, "", "");
	}
}

static void
offer_interfaces(const struct partial_word *u)
{
	struct if_nameindex *list = if_nameindex();

	for (size_t i = 0; list != NULL && list[i].if_name != NULL; i++)
		offer_word(u, list[i].if_name, "network interface");
	if (list != NULL)
		if_freenameindex(list);
}

static void
offer_sockopts(const struct partial_word *u)
{
	const struct sockopt *table;
	size_t n;

	table = sockopt_table(&n);
	for (size_t i = 0; i < n; i++)
		if (table[i].access != SOCKOPT_READ_ONLY)
			offer_candidate(u, table[i].name, strlen(table[i].name), "=",
			    table[i].help);
}

/* Returns what follows the last separator: only that is completed. */
static struct partial_word
last_part(const struct partial_word *u, char separator)
{
	const char *at = strrchr(u->text, separator);
	struct partial_word last = *u;

	if (at != NULL) {
		size_t typed = (size_t)(at + 1 - u->text);

		last.before = u->text - u->before_len;
		last.before_len += typed;
		last.text += typed;
	}
	return last;
}

/* Offers names of states as users type them. */
static void
offer_states(const struct partial_word *u, bool list)
{
	struct partial_word last = list ? last_part(u, ',') : *u;
	char name[32];

	for (int code = 0; code < TCP_CODES; code++) {
		size_t n = 0;

		for (const char *c = status_code_name(code); *c != '\0' && n + 1 < sizeof(name);
		     c++)
			name[n++] = (char)(*c == '_' ? '-' : tolower((unsigned char)*c));
		offer_candidate(&last, name, n, "", "");
	}
}

static void
offer_goals(const struct partial_word *u)
{
	offer_word(u, "listening", "a server is there");
	offer_word(u, "gone", "there is no such socket any more");
	offer_word(u, "established=", "so many connections");
	offer_word(u, "time-wait<=", "no more than so many");
	offer_states(u, false);
}

/* getservent(3) returns the protocols of one service one after the other. */
static void
offer_services(const struct partial_word *u)
{
	char before[64] = "", help[32];
	const struct servent *s;

	setservent(1);
	/* cppcheck-suppress getserventCalled ; there are no threads */
	while ((s = getservent()) != NULL) {
		if (strcmp(s->s_name, before) == 0)
			continue;
		snprintf(before, sizeof(before), "%s", s->s_name);
		snprintf(help, sizeof(help), "port %u", (unsigned)ntohs((uint16_t)s->s_port));
		offer_word(u, s->s_name, help);
	}
	endservent();
}

static void
offer_known_host(void *arg, const char *name)
{
	offer_word(arg, name, "");
}

/* The shell adds those that it knows itself. After HOST: follows a service. */
static void
offer_addresses(const struct partial_word *u)
{
	const char *colon = strchr(u->text, ':');
	struct partial_word word = *u;

	if (colon != NULL && strchr(colon + 1, ':') == NULL) {
		struct partial_word port = last_part(u, ':');

		offer_services(&port);
		return;
	}
	known_hosts_each(offer_known_host, &word);
	offer_kind(u, "host");
}

static void
offer_service_list(const struct partial_word *u)
{
	struct partial_word last = last_part(u, ',');

	offer_services(&last);
}

static void
offer_values(const struct opt *opt, const struct partial_word *u)
{
	if (opt->kind == OPT_CHOICE)
		offer_choices(u, opt->choices);
	else if (opt->complete == NULL)
		return;
	else if (strcmp(opt->complete, "interface") == 0)
		offer_interfaces(u);
	else if (strcmp(opt->complete, "sockopt") == 0)
		offer_sockopts(u);
	else if (strcmp(opt->complete, "proto") == 0)
		offer_choices(u, PROTO_WORDS);
	else if (strcmp(opt->complete, "states") == 0)
		offer_states(u, true);
	else if (strcmp(opt->complete, "goals") == 0)
		offer_goals(u);
	else if (strcmp(opt->complete, "proxy") == 0)
		offer_choices(u, PROXY_WORDS);
	else if (strcmp(opt->complete, "framing") == 0)
		offer_choices(u, FRAMING_WORDS);
	else if (strcmp(opt->complete, "tap") == 0)
		offer_choices(u, "13 14");
	else if (strcmp(opt->complete, "host") == 0)
		offer_addresses(u);
	else if (strcmp(opt->complete, "services") == 0)
		offer_service_list(u);
	else
		offer_kind(u, opt->complete);
}

/* ---- operands ---- */

/* Returns the part of "[COMMAND|exit] FILE..." that describes operand n, and its length in
 * *ret_len; 0: none. The last part stands for all further operands where it ends with dots. */
static const char *
operand_part(const char *operands, int n, size_t *ret_len)
{
	const char *p = operands;
	size_t len = strcspn(p, " ");

	for (; len > 0 && strncmp(p, "--", 2) != 0 && strncmp(p, "[--", 3) != 0; n--) {
		*ret_len = len;
		if (n == 0 || (len > 3 && strstr(p, "...") != NULL && p[len] == '\0'))
			return p;
		p += len + strspn(p + len, " ");
		len = strcspn(p, " ");
	}
	*ret_len = 0;
	return p;
}

static bool
is_same_word(const char *word, size_t len, const char *what)
{
	return strlen(what) == len && strncmp(word, what, len) == 0;
}

/* True for an address that is a unix socket. */
static bool
is_path(const char *text)
{
	return strchr(text, '/') != NULL || strncmp(text, "unix:", 5) == 0;
}

static int
offer_control_socket(void *arg, const struct status_row *row)
{
	char path[SOCKNAME_TEXT_MAX];
	size_t kind = strlen("unix:");

	sockname_format(&row->local, path, sizeof(path));
	if (strncmp(path, "unix:", kind) == 0 && control_path_is(path + kind))
		offer_word(arg, path + kind, "control socket of a server");
	return 0;
}

/* Offers the control sockets of running servers. */
static void
offer_control_sockets(const struct partial_word *u)
{
	const struct status_how how = {
		.filter = { .protos = 1U << STATUS_UNIX, .states = 1U << TCP_CODE_LISTEN },
	};
	struct partial_word word = *u;

	(void)status_each(&how, offer_control_socket, &word, NULL, NULL);
}

/* Offers one alternative of an operand: a word in small letters stands for itself, a word in
 * capitals is a kind of word. */
static void
offer_alternative(const struct partial_word *u, const char *word, size_t len)
{
	if (is_same_word(word, len, "LOCAL"))
		offer_control_sockets(u);
	if (is_same_word(word, len, "COMMAND"))
		offer_commands(u);
	else if (is_same_word(word, len, "FILE") || is_same_word(word, len, "ARG") ||
	    is_path(u->text))
		offer_kind(u, "file");
	else if (is_same_word(word, len, "ADDRESS") || is_same_word(word, len, "LOCAL") ||
	    is_same_word(word, len, "PEER") || is_same_word(word, len, "HOST"))
		offer_addresses(u);
	else if (is_same_word(word, len, "SERVICE") || is_same_word(word, len, "PORT"))
		offer_services(u);
	else if (word[0] >= 'a' && word[0] <= 'z')
		offer_candidate(u, word, len, "", "");
}

/* True for a port after HOST, where the command takes HOST PORT as its address. */
static bool
is_port_operand(const struct command_line *s)
{
	const char *operands = s->cmd->operands + (s->cmd->operands[0] == '[');

	return s->n_operands == 1 && s->first != NULL && strchr(s->first, ':') == NULL &&
	    !is_path(s->first) && strncmp(operands, "ADDRESS", strlen("ADDRESS")) == 0;
}

static void
offer_operand(const struct command_line *s, const struct partial_word *u)
{
	size_t len, used;
	const char *p = operand_part(s->cmd->operands, s->n_operands, &len);

	if (is_port_operand(s))
		offer_services(u);
	for (const char *end = p + len; p < end; p += used + strspn(p + used, "|[].")) {
		used = strcspn(p, "|[]. ");
		if (used > 0)
			offer_alternative(u, p, used);
	}
}

/* Offers a program and its arguments, where the command takes one. */
static void
offer_program(const struct command_line *s, const struct partial_word *u)
{
	if (cmd_takes_program(s->cmd))
		offer_kind(u, s->n_program == 0 ? "command" : "file");
}

/* ---- the line ---- */

static void
end_options(struct command_line *s)
{
	if (cmd_takes_program(s->cmd))
		s->n_program = 0;
	else
		s->ended = !s->cmd->options_first;
}

static void
add_word(struct command_line *s, const char *word)
{
	if (s->n_program >= 0)
		s->n_program++;
	else if (s->open != NULL)
		s->open = NULL;
	else if (s->cmd->options_first && s->n_operands > 0)
		s->n_operands++;
	else if (strcmp(word, "--") == 0 && !s->ended)
		end_options(s);
	else if (word[0] == '-' && word[1] != '\0' && !s->ended)
		s->open = option_left_open(s->cmd, word);
	else if (s->n_operands++ == 0)
		s->first = word;
}

static void
offer_value_of(const struct command_line *s, const struct candidate_sink *sink, const char *word)
{
	size_t len = strcspn(word, "=");
	const struct opt *opt = find_option(s->cmd, word + 2, len - 2, 0);

	if (opt != NULL && opt->arg != NULL)
		offer_values(opt, &(struct partial_word){ sink, word, len + 1, word + len + 1 });
}

static void
complete_command(const struct command_line *s, const struct candidate_sink *sink, const char *word)
{
	struct partial_word u = { sink, "", 0, word };

	if (s->n_program >= 0)
		offer_program(s, &u);
	else if (s->open != NULL)
		offer_values(s->open, &u);
	else if ((s->cmd->options_first && s->n_operands > 0) || s->ended)
		offer_operand(s, &u);
	else if (strncmp(word, "--", 2) == 0 && strchr(word, '=') != NULL)
		offer_value_of(s, sink, word);
	else if (word[0] == '-')
		offer_options(s->cmd, &u);
	else
		offer_operand(s, &u);
}

static void
complete_last(int argc, char *const *argv, const struct candidate_sink *sink)
{
	struct partial_word first = { sink, "", 0, argc > 0 ? argv[0] : "" };
	struct command_line s = { .n_program = -1 };
	int named;

	if (argc <= 1) {
		offer_commands(&first);
		offer_word(&first, "--help", "show what commands there are");
		offer_word(&first, "--version", "show version and features");
		offer_word(&first, "-c", "run a line of script");
		if (strchr(first.text, '/') != NULL)
			offer_kind(&first, "file");
		return;
	}
	s.cmd = cmd_of_word(argv[0], &named);
	if (s.cmd == NULL)
		return;
	for (int i = named; i < argc - 1; i++)
		add_word(&s, argv[i]);
	complete_command(&s, sink, argv[argc - 1]);
}

void
complete_words(int argc, char *const *argv,
    void (*offer)(void *arg, const char *word, const char *help), void *arg)
{
	void *offered = NULL;
	const struct candidate_sink sink = { offer, arg, &offered };

	complete_last(argc, argv, &sink);
	tdestroy(offered, free);
}

static void
print_offer(void *arg, const char *word, const char *help)
{
	(void)arg;
	if (help == NULL)
		puts(word);
	else
		printf("%s\t%s\n", word, help);
}

int
complete_main(int argc, char **argv)
{
	complete_words(argc, argv, print_offer, NULL);
	return 0;
}

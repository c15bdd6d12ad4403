#include "cli/options/opt.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/parse.h"
#include "cli/core/cmd.h"
#include "cli/core/wished.h"
#include "cli/netcat/hints.h"
#include "cli/output/files/written_files.h"

/* More than any command has; bounds what is remembered of one command line. */
enum { OPTIONS_MAX = 128 };

/* Each command has it without a row in its own table. */
static const struct opt help_row = { .name = "help", .letter = 'h', .kind = OPT_FLAG };

struct row {
	const struct opt *opt;
	size_t base; /* of the group's structure */
};

struct parser {
	const struct cmd *cmd;
	int argc, next; /* next: index of the next word */
	char **argv;
	void *values;
	const struct opt *given[OPTIONS_MAX];
	size_t n_given;
};

void
opt_each(const struct cmd *cmd,
    void (*fn)(void *arg, const struct opt_group *group, const struct opt *opt), void *arg)
{
	for (const struct opt_group *g = cmd->groups; g->opts != NULL; g++)
		for (size_t i = 0; i < g->n; i++)
			fn(arg, g, &g->opts[i]);
}

/* ---- values ---- */

static int
store_flag(const struct opt *opt, const char *text, void *value, struct error *e)
{
	(void)text;
	(void)e;
	*(bool *)value = opt->kind == OPT_FLAG;
	return 0;
}

static int
store_count(const struct opt *opt, const char *text, void *value, struct error *e)
{
	(void)opt;
	(void)text;
	(void)e;
	++*(int *)value;
	return 0;
}

static int
store_constant(const struct opt *opt, const char *text, void *value, struct error *e)
{
	(void)text;
	(void)e;
	*(int *)value = opt->value;
	return 0;
}

static int
store_string(const struct opt *opt, const char *text, void *value, struct error *e)
{
	if (text[0] == '\0' && opt->kind != OPT_OPTIONAL_TEXT && !opt->may_be_empty)
		return error_set(e, ERROR_USAGE, "the value is empty");
	*(const char **)value = text;
	return 0;
}

static int
add_to_list(const struct opt *opt, const char *text, void *value, struct error *e)
{
	struct opt_list *list = value;
	const char **items = realloc(list->items, (list->n + 1) * sizeof *items);

	(void)opt;
	if (items == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	list->items = items;
	list->items[list->n++] = text;
	return 0;
}

static int
store_int(const struct opt *opt, const char *text, void *value, struct error *e)
{
	return parse_int(text, opt->min, opt->max, value, e);
}

static int
store_duration(const struct opt *opt, const char *text, void *value, struct error *e)
{
	int64_t nsec;

	if (parse_duration(text, &nsec, e) == -1)
		return -1;
	if (nsec < opt->min)
		return error_set(e, ERROR_USAGE, "'%s' is too short a time", text);
	*(int64_t *)value = nsec;
	return 0;
}

static int
store_size(const struct opt *opt, const char *text, void *value, struct error *e)
{
	uint64_t bytes;

	if (parse_size(text, &bytes, e) == -1)
		return -1;
	if (bytes < (uint64_t)opt->min)
		return error_set(e, ERROR_USAGE, "'%s' is less than %llu", text,
		    (unsigned long long)opt->min);
	*(uint64_t *)value = bytes;
	return 0;
}

static int
store_ports(const struct opt *opt, const char *text, void *value, struct error *e)
{
	struct opt_ports *ports = value;

	(void)opt;
	if (parse_port_range(text, &ports->lo, &ports->hi, e) == -1)
		return -1;
	ports->given = true;
	return 0;
}

static int
store_choice(const struct opt *opt, const char *text, void *value, struct error *e)
{
	const char *word = opt->choices;
	size_t len;

	for (int i = 0; *word != '\0'; i++) {
		len = strcspn(word, " ");
		if (strlen(text) == len && strncmp(text, word, len) == 0) {
			*(int *)value = i;
			return 0;
		}
		word += len + strspn(word + len, " ");
	}
	return error_set(e, ERROR_USAGE, "'%.200s' is none of: %s", text, opt->choices);
}

static int (*const setters[])(const struct opt *, const char *, void *, struct error *) = {
	[OPT_FLAG] = store_flag,
	[OPT_UNFLAG] = store_flag,
	[OPT_COUNT] = store_count,
	[OPT_SET] = store_constant,
	[OPT_TEXT] = store_string,
	[OPT_OPTIONAL_TEXT] = store_string,
	[OPT_LIST] = add_to_list,
	[OPT_INT] = store_int,
	[OPT_DURATION] = store_duration,
	[OPT_SIZE] = store_size,
	[OPT_PORTS] = store_ports,
	[OPT_CHOICE] = store_choice,
};

static bool
has_value(const struct opt *opt)
{
	return opt->kind >= OPT_TEXT;
}

/* True where opt needs a value. */
static bool
wants_value(const struct opt *opt)
{
	return has_value(opt) && opt->kind != OPT_OPTIONAL_TEXT;
}

/* ---- one option ---- */

static bool
is_given(const struct parser *p, const struct opt *opt)
{
	for (size_t i = 0; i < p->n_given; i++)
		if (p->given[i] == opt)
			return true;
	return false;
}

/* Remembers that opt was used. A second value would silently replace the first and is an error. */
static int
note_given(struct parser *p, const struct opt *opt, struct error *e)
{
	if (is_given(p, opt)) {
		if (has_value(opt) && opt->kind != OPT_LIST)
			return error_set(e, ERROR_USAGE, "given twice");
		return 0;
	}
	if (p->n_given == OPTIONS_MAX)
		return error_set(e, ERROR_INTERNAL, "more than %d options", OPTIONS_MAX);
	p->given[p->n_given++] = opt;
	return 0;
}

/* Stores an option with its value (NULL: none was written). Returns 1 for help. */
static int
store_option(struct parser *p, const struct row *row, const char *text, struct error *e)
{
	const struct opt *opt = row->opt;
	void *value = (char *)p->values + row->base + opt->offset;

	if (opt == &help_row)
		return 1;
	if (text != NULL && text[0] == '\0' && opt->kind == OPT_OPTIONAL_TEXT)
		return error_set(e, ERROR_USAGE, "--%s: the value is empty", opt->name);
	if (text == NULL && opt->kind == OPT_OPTIONAL_TEXT)
		text = "";
	if (note_given(p, opt, e) == -1 || setters[opt->kind](opt, text, value, e) == -1)
		return error_prefix(e, "--%s", opt->name);
	return 0;
}

/* Returns the next word as the option's value. A "--" there is more often a forgotten value than
 * an intended one; --name=-- still passes it. */
static int
next_value(struct parser *p, const struct opt *opt, const char **ret_text, struct error *e)
{
	if (p->next == p->argc || strcmp(p->argv[p->next], "--") == 0)
		return error_set(e, ERROR_USAGE, "--%s: wants a value (%s)", opt->name, opt->arg);
	*ret_text = p->argv[p->next++];
	return 0;
}

/* ---- names ---- */

struct search {
	const char *name;
	size_t len;
	bool exact;
	struct row row; /* the first match, or the exact one */
	int matches;
	char names[256]; /* all that match, for the error message */
};

static void
match_long(void *arg, const struct opt_group *group, const struct opt *opt)
{
	struct search *s = arg;
	size_t used = strlen(s->names);

	if (s->exact || strncmp(opt->name, s->name, s->len) != 0)
		return;
	s->exact = opt->name[s->len] == '\0';
	if (s->exact || s->matches++ == 0)
		s->row = (struct row){ opt, group != NULL ? group->base : 0 };
	snprintf(s->names + used, sizeof(s->names) - used, "%s--%s", used > 0 ? ", " : "",
	    opt->name);
}

struct names {
	const char *items[OPTIONS_MAX];
	size_t n;
};

static void
add_match(void *arg, const struct opt_group *group, const struct opt *opt)
{
	struct names *names = arg;

	(void)group;
	if (names->n < OPTIONS_MAX)
		names->items[names->n++] = opt->name;
}

/* An operand that may hold anything may look like an option. */
static int
hint_at_data(const struct cmd *cmd, struct error *e)
{
	return cmd->data_operands
	    ? error_hint(e, "DATA that begins with - stands behind --: usock %s ADDRESS -- DATA",
		  cmd->name)
	    : -1;
}

static int
unknown_long(const struct cmd *cmd, const struct search *s, struct error *e)
{
	struct names names = { .n = 0 };
	char name[65];
	const char *nearest;

	opt_each(cmd, add_match, &names);
	snprintf(name, sizeof(name), "%.*s", s->len < sizeof(name) ? (int)s->len : 64, s->name);
	nearest = parse_nearest(name, names.items, names.n);
	error_set(e, ERROR_USAGE, "--%s: unknown option%s%s%s", name,
	    nearest != NULL ? ", did you mean --" : "", nearest != NULL ? nearest : "",
	    nearest != NULL ? "?" : "");
	return hint_at_data(cmd, e);
}

static int
find_long(const struct cmd *cmd, const char *name, size_t len, struct row *ret_row, struct error *e)
{
	struct search s = { .name = name, .len = len };
	const char *hint;

	opt_each(cmd, match_long, &s);
	match_long(&s, NULL, &help_row);
	hint = s.exact ? NULL : hints_for_name(cmd->name, name, len);
	if (hint == NULL && s.matches == 0)
		hint = wished_option(cmd->name, name, len);
	if (hint != NULL) {
		error_set(e, ERROR_USAGE, "--%.*s: unknown option", (int)len, name);
		return error_hint(e, "%s", hint);
	}
	if (s.exact || s.matches == 1) {
		*ret_row = s.row;
		return 0;
	}
	if (s.matches == 0)
		return unknown_long(cmd, &s, e);
	return error_set(e, ERROR_USAGE, "--%.*s: ambiguous: could be %s", (int)len, name, s.names);
}

struct letter_search {
	char letter;
	struct row row; /* opt is NULL until found */
};

static void
match_letter(void *arg, const struct opt_group *group, const struct opt *opt)
{
	struct letter_search *s = arg;

	if (s->row.opt == NULL && opt->letter == s->letter)
		s->row = (struct row){ opt, group != NULL ? group->base : 0 };
}

static bool
find_letter(const struct cmd *cmd, char letter, struct row *ret_row)
{
	struct letter_search s = { .letter = letter };

	opt_each(cmd, match_letter, &s);
	match_letter(&s, NULL, &help_row);
	*ret_row = s.row;
	return s.row.opt != NULL;
}

/* ---- words ---- */

/* "--name", "--name=VALUE", "--name VALUE" */
static int
parse_long_option(struct parser *p, const char *word, struct error *e)
{
	const char *name = word + 2, *text = NULL;
	size_t len = strcspn(name, "=");
	struct row row;

	if (find_long(p->cmd, name, len, &row, e) == -1)
		return -1;
	if (name[len] == '=')
		text = name + len + 1;
	if (text != NULL && !has_value(row.opt))
		return error_set(e, ERROR_USAGE, "--%s: takes no value", row.opt->name);
	if (text == NULL && wants_value(row.opt) && next_value(p, row.opt, &text, e) == -1)
		return -1;
	return store_option(p, &row, text, e);
}

static int
unknown_letter(const struct parser *p, const char *word, char letter, struct error *e)
{
	const char *hint = hints_for_letter(p->cmd->name, letter);
	struct search s = { .name = word + 1, .len = strcspn(word + 1, "=") };

	if (s.len > 1)
		opt_each(p->cmd, match_long, &s);
	if (s.exact)
		return error_set(e, ERROR_USAGE, "%.*s: unknown option, did you mean -%.*s?",
		    (int)s.len + 1, word, (int)s.len + 1, word);
	error_set(e, ERROR_USAGE, "-%c: unknown option", letter);
	return hint != NULL ? error_hint(e, "%s", hint) : hint_at_data(p->cmd, e);
}

/* "-a", "-abc", "-xVALUE", "-x VALUE" */
static int
parse_letter_options(struct parser *p, const char *word, struct error *e)
{
	const char *text;
	struct row row;
	int status;

	for (const char *c = word + 1; *c != '\0'; c++) {
		if (!find_letter(p->cmd, *c, &row))
			return unknown_letter(p, word, *c, e);
		if (!wants_value(row.opt)) {
			if ((status = store_option(p, &row, NULL, e)) != 0)
				return status;
			continue;
		}
		text = c + 1;
		if (*text == '\0' && next_value(p, row.opt, &text, e) == -1)
			return -1;
		return store_option(p, &row, text, e);
	}
	return 0;
}

/* -1.5 is a number. -46 is two options where both digits are option letters. */
static bool
is_negative_number(const struct cmd *cmd, const char *word)
{
	bool all_letters = true;
	struct row row;

	for (const char *c = word + 1; *c != '\0'; c++) {
		if ((*c < '0' || *c > '9') && *c != '.')
			return false;
		if (!find_letter(cmd, *c, &row))
			all_letters = false;
	}
	return !all_letters;
}

static bool
is_operand_word(const struct cmd *cmd, const char *word)
{
	return word[0] != '-' || word[1] == '\0' || is_negative_number(cmd, word);
}

static const struct opt *
given_named(const struct parser *p, const char *name, size_t len)
{
	for (size_t i = 0; i < p->n_given; i++)
		if (strncmp(p->given[i]->name, name, len) == 0 && p->given[i]->name[len] == '\0')
			return p->given[i];
	return NULL;
}

static int
check_conflicts(const struct parser *p, struct error *e)
{
	const char *const *row = p->cmd->conflicts;
	const struct opt *one, *other;

	for (; row != NULL && *row != NULL; row++) {
		const char *at = *row;
		size_t len = strcspn(at, " ");

		one = given_named(p, at, len);
		while (one != NULL && at[len] == ' ') {
			at += len + 1;
			len = strcspn(at, " ");
			other = given_named(p, at, len);
			if (other != NULL)
				return error_set(e, ERROR_USAGE, "--%s: not together with --%s",
				    one->name, other->name);
		}
	}
	return 0;
}

/* Returns true where name is one of the words of list. */
static bool
is_companion(const char *name, const char *list)
{
	size_t len;

	for (; *list != '\0'; list += len + (list[len] == ' ')) {
		len = strcspn(list, " ");
		if (strncmp(name, list, len) == 0 && name[len] == '\0')
			return true;
	}
	return false;
}

static int
check_alone(const struct parser *p, struct error *e)
{
	const char *const *row = p->cmd->alone;

	for (; row != NULL && *row != NULL; row++) {
		const struct opt *one = given_named(p, *row, strcspn(*row, " "));

		for (size_t i = 0; one != NULL && i < p->n_given; i++)
			if (!is_companion(p->given[i]->name, *row))
				return error_set(e, ERROR_USAGE, "--%s: not together with --%s",
				    one->name, p->given[i]->name);
	}
	return 0;
}

/* ---- in a script ---- */

/* Returns the value of one of cmd's own rows. */
static const void *
value_of_row(const struct parser *p, const struct opt *opt)
{
	const struct opt_group *g = p->cmd->groups;

	while (opt < g->opts || opt >= g->opts + g->n)
		g++;
	return (const char *)p->values + g->base + opt->offset;
}

/* Parses a number, or the number after "fd:". */
static int64_t
descriptor_of(const struct opt *opt, const void *value)
{
	int64_t fd;

	if (opt->kind == OPT_INT)
		return *(const int64_t *)value;
	return parse_int(*(const char *const *)value + 3, 0, INT_MAX, &fd, NULL) == 0 ? fd : -1;
}

static bool
names_descriptor(const struct opt *opt, const void *value)
{
	if (opt->reach == REACH_FILE_FD)
		return strncmp(*(const char *const *)value, "fd:", 3) == 0;
	return opt->reach == REACH_FD;
}

static int
check_reach(const struct parser *p, const struct opt *opt, const struct opt_grant *grant,
    struct error *e)
{
	const void *value = value_of_row(p, opt);
	bool file = opt->reach == REACH_FILE || opt->reach == REACH_FILE_FD;
	int64_t fd;

	if (names_descriptor(opt, value)) {
		fd = descriptor_of(opt, value);
		/* the code that uses the option reports text that is no number */
		if (fd >= 0 && !grant->has_fd((int)fd))
			return error_set(e, ERROR_USAGE,
			    "--%s: descriptor %d is not one that usock was started with", opt->name,
			    (int)fd);
		return 0;
	}
	/* without a value it means standard error */
	if (opt->kind == OPT_OPTIONAL_TEXT && (*(const char *const *)value)[0] == '\0')
		return 0;
	if (file && !grant->files)
		return error_set(e, ERROR_USAGE, "--%s: not allowed without --allow-files",
		    opt->name);
	if (opt->reach == REACH_PROGRAM && !grant->programs)
		return error_set(e, ERROR_USAGE, "--%s: not allowed without --allow-exec",
		    opt->name);
	return 0;
}

static int
check_script(const struct parser *p, const struct opt_grant *grant, struct error *e)
{
	const char *const *name;

	for (name = p->cmd->not_in_script; name != NULL && *name != NULL; name++)
		if (given_named(p, *name, strlen(*name)) != NULL)
			return error_set(e, ERROR_USAGE, "--%s: not in a script", *name);
	for (size_t i = 0; i < p->n_given; i++)
		if (check_reach(p, p->given[i], grant, e) == -1)
			return -1;
	return 0;
}

static int
parse_option_word(struct parser *p, const char *word, struct error *e)
{
	return word[1] == '-' ? parse_long_option(p, word, e) : parse_letter_options(p, word, e);
}

/* Takes the words after "--". */
static void
take_last_words(struct parser *p, struct opt_rest *rest)
{
	if (cmd_takes_program(p->cmd)) {
		rest->program = p->argv + p->next;
		return;
	}
	while (p->next < p->argc)
		rest->operands[rest->n_operands++] = p->argv[p->next++];
}

/* Parses all words. Returns 1 for help. */
static int
parse_all_words(struct parser *p, struct opt_rest *rest, struct error *e)
{
	bool first = p->cmd->options_first;
	int status = 0;

	while (p->next < p->argc && status == 0) {
		char *word = p->argv[p->next++];
		bool ends = strcmp(word, "--") == 0;

		if (ends && !first) {
			take_last_words(p, rest);
			break;
		}
		if (first && (ends || is_operand_word(p->cmd, word))) {
			rest->operands = p->argv + p->next - !ends;
			rest->n_operands = p->argc - p->next + !ends;
			break;
		}
		if (is_operand_word(p->cmd, word))
			rest->operands[rest->n_operands++] = word;
		else
			status = parse_option_word(p, word, e);
	}
	return status;
}

static int
parse_args(struct parser *p, struct opt_rest *ret_rest, struct error *e)
{
	struct opt_rest rest = { .operands = p->argv + 1 };
	int status = parse_all_words(p, &rest, e);

	if (status == 0)
		status = check_conflicts(p, e);
	if (status == 0)
		status = check_alone(p, e);
	if (status == 0)
		*ret_rest = rest;
	return status;
}

int
opt_parse(const struct cmd *cmd, int argc, char **argv, void *values, struct opt_rest *ret_rest,
    struct error *e)
{
	struct parser p = { .cmd = cmd, .argc = argc, .next = 1, .argv = argv, .values = values };

	int status = parse_args(&p, ret_rest, e);

	return status == 0 ? written_files_check(cmd, values, e) : status;
}

int
opt_parse_script(const struct cmd *cmd, const struct opt_grant *grant, int argc, char **argv,
    void *values, struct opt_rest *ret_rest, struct error *e)
{
	struct parser p = { .cmd = cmd, .argc = argc, .next = 1, .argv = argv, .values = values };
	int status = parse_args(&p, ret_rest, e);

	if (status == 0)
		status = check_script(&p, grant, e);
	/* what a file is like is no business of a script that may not read it */
	return status == 0 ? written_files_check(cmd, values, e) : status;
}

void
opt_free(const struct cmd *cmd, void *values)
{
	for (const struct opt_group *g = cmd->groups; g->opts != NULL; g++) {
		for (size_t i = 0; i < g->n; i++) {
			struct opt_list *list =
			    (void *)((char *)values + g->base + g->opts[i].offset);

			if (g->opts[i].kind != OPT_LIST)
				continue;
			free(list->items);
			*list = (struct opt_list){ NULL, 0 };
		}
	}
}

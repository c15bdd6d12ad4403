#include "cli/netcat/socat/socat_address.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/error.h"

/* ---- parts ---- */

struct part {
	const char *from;
	char *to, *end; /* end: of the room */
	bool full;
	unsigned depth; /* of brackets */
};

static void
add_part_char(struct part *p, char c)
{
	p->full = p->full || p->to + 1 >= p->end;
	if (!p->full)
		*p->to++ = c;
}

/* Copies what is in quotes, without them. */
static void
copy_quoted(struct part *p)
{
	const char quote = *p->from++;

	for (; *p->from != '\0' && *p->from != quote; p->from++) {
		if (quote == '"' && *p->from == '\\' && p->from[1] != '\0')
			p->from++;
		add_part_char(p, *p->from);
	}
}

const char *
socat_address_part(const char *text, const char *ends, char *to, size_t size)
{
	struct part p = { .from = text, .to = to, .end = to + size };

	if (size == 0)
		return NULL;
	for (; *p.from != '\0'; p.from += *p.from != '\0') {
		if (p.depth == 0 && strchr(ends, *p.from) != NULL)
			break;
		if (*p.from == '"' || *p.from == '\'') {
			copy_quoted(&p);
			continue;
		}
		if (*p.from == '\\' && p.from[1] != '\0')
			p.from++;
		else if (strchr("([{", *p.from) != NULL)
			p.depth++;
		else if (strchr(")]}", *p.from) != NULL && p.depth > 0)
			p.depth--;
		add_part_char(&p, *p.from);
	}
	*p.to = '\0';
	return p.full ? NULL : p.from;
}

/* ---- an address ---- */

struct address_parser {
	struct socat_address *address;
	const char *from;
	size_t used; /* of the room */
	struct error *e;
};

/* Returns the next part, which ends at one of ends, or NULL. */
static const char *
next_part(struct address_parser *p, const char *ends)
{
	struct socat_address *a = p->address;
	char *to = a->room + p->used;
	const char *end = socat_address_part(p->from, ends, to, sizeof(a->room) - p->used);

	if (end == NULL) {
		error_set(p->e, ERROR_USAGE, "%.80s...: the address is too long", p->from);
		return NULL;
	}
	p->from = end;
	p->used += strlen(to) + 1;
	return to;
}

static bool
is_socket_path(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* A path that is a socket is connected to. */
static void
find_socket(struct socat_address *a)
{
	if (strcasecmp(a->type->name, "gopen") != 0 || !is_socket_path(a->params[0]))
		return;
	a->type = socat_word_find("unix-connect", strlen("unix-connect"), NULL);
	a->role = a->type->role;
}

/* A type may be left out: in front of a number, and of a path. */
static const char *
unnamed_type(const char *word)
{
	size_t len = strcspn(word, ":,");

	if (strcmp(word, "-") == 0 || strncmp(word, "-,", 2) == 0)
		return "STDIO";
	if (word[0] >= '0' && word[0] <= '9')
		return "FD";
	return memchr(word, '/', len) != NULL ? "GOPEN" : NULL;
}

static int
parse_type(struct address_parser *p)
{
	struct socat_address *a = p->address;
	const char *unnamed = unnamed_type(p->from);

	a->name = unnamed != NULL ? unnamed : next_part(p, ":,");
	if (a->name == NULL)
		return -1;
	a->type = socat_word_find(a->name, strlen(a->name), &a->family);
	if (a->type == NULL)
		return error_set(p->e, ERROR_USAGE, "%.200s: socat has no such address", a->name);
	a->role = a->type->role;
	if (a->role == SOCAT_NONE) {
		error_set(p->e, ERROR_USAGE, "%.200s: usock has no counterpart", a->name);
		return error_hint(p->e, "%s", a->type->hint);
	}
	if (unnamed != NULL && strcmp(unnamed, "STDIO") == 0)
		p->from++;
	else if (unnamed != NULL && (a->params[a->n_params++] = next_part(p, ",")) == NULL)
		return -1;
	return 0;
}

static int
parse_params(struct address_parser *p)
{
	struct socat_address *a = p->address;

	while (*p->from == ':') {
		p->from++;
		if (a->n_params == SOCAT_PARAMS_MAX)
			break;
		if ((a->params[a->n_params++] = next_part(p, ":,")) == NULL)
			return -1;
	}
	if (a->n_params >= a->type->params && a->n_params <= a->type->params_max)
		return 0;
	return error_set(p->e, ERROR_USAGE, "%.200s: wrong number of parameters: %zu, not %u",
	    a->name, a->n_params, a->type->params);
}

/* Options that a terminal device has, and no other file. */
static bool
is_line_option(const struct socat_option *o)
{
	return o->words[SOCAT_FILE] != NULL && o->words[SOCAT_STDIO] == NULL &&
	    o->words[SOCAT_ECHO] == NULL;
}

/* A file with a speed and the like is a serial line. */
static void
find_line(struct socat_address *a)
{
	if (a->role != SOCAT_FILE)
		return;
	a->is_line = strncmp(a->params[0], "/dev/tty", 8) == 0;
	for (size_t i = 0; i < a->n_given; i++)
		a->is_line = a->is_line || is_line_option(a->given[i].option);
	if (a->is_line)
		a->role = SOCAT_CLIENT;
}

static int
check_option(const struct address_parser *p, const struct socat_given *g)
{
	const struct socat_address *a = p->address;
	const char *words = g->option != NULL ? g->option->words[a->role] : NULL;

	if (words != NULL)
		return 0;
	error_set(p->e, ERROR_USAGE, "%.200s: usock has no counterpart of the option %.100s",
	    a->name, g->name);
	if (g->option != NULL && g->option->instead != NULL)
		return error_hint(p->e, "%s", g->option->instead);
	return -1;
}

static int
parse_option(struct address_parser *p)
{
	struct socat_address *a = p->address;
	struct socat_given *g = &a->given[a->n_given];

	if (a->n_given == SOCAT_GIVEN_MAX)
		return error_set(p->e, ERROR_USAGE, "%.200s: too many options", a->name);
	if ((g->name = next_part(p, ",=")) == NULL)
		return -1;
	g->value = NULL;
	if (*p->from == '=') {
		p->from++;
		if ((g->value = next_part(p, ",")) == NULL)
			return -1;
	}
	/* two commas in a row */
	if (g->name[0] == '\0')
		return 0;
	g->option = socat_option_find(g->name);
	a->n_given++;
	return check_option(p, g);
}

int
socat_address_parse(struct socat_address *a, const char *word, struct error *e)
{
	struct address_parser p = { .address = a, .from = word, .e = e };

	*a = (struct socat_address){ .n_params = 0 };
	if (strstr(word, "!!") != NULL) {
		error_set(e, ERROR_USAGE, "%.200s: usock has no counterpart of !!", word);
		return error_hint(e, "usock ... < FILE > FILE");
	}
	if (parse_type(&p) < 0 || parse_params(&p) < 0)
		return -1;
	find_socket(a);
	/* a pipe with a name is a file */
	if (a->role == SOCAT_ECHO && a->n_params > 0)
		a->role = SOCAT_FILE;
	while (*p.from == ',') {
		p.from++;
		if (parse_option(&p) < 0)
			return -1;
	}
	find_line(a);
	return 0;
}

const struct socat_given *
socat_address_find(const struct socat_address *a, const char *name)
{
	const struct socat_option *option = socat_option_find(name);

	for (size_t i = a->n_given; i-- > 0;)
		if (a->given[i].option == option)
			return &a->given[i];
	return NULL;
}

const char *
socat_address_value(const struct socat_address *a, const char *name)
{
	const struct socat_given *g = socat_address_find(a, name);

	if (g == NULL || (g->value != NULL && strcmp(g->value, "0") == 0))
		return NULL;
	return g->value != NULL ? g->value : "";
}

bool
socat_address_has(const struct socat_address *a, const char *name)
{
	for (size_t i = 0; i < a->n_given; i++) {
		const char *given = a->given[i].name, *value = a->given[i].value;

		if (strncasecmp(given, "o-", 2) == 0)
			given += 2;
		if (strcasecmp(given, name) == 0)
			return value == NULL || strcmp(value, "0") != 0;
	}
	return false;
}

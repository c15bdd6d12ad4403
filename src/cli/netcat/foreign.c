#include "cli/netcat/foreign.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/parse.h"

/* The words are right and a value is not. */
#define FOREIGN_BAD_VALUE (-2)

struct foreign_parser {
	struct foreign_args *args;
	int argc, next; /* next: index of the next word */
	char **argv;
	struct error *e;
};

const char *
foreign_speaker(const struct foreign *program)
{
	return program->speaker != NULL ? program->speaker : program->command;
}

bool
foreign_has(const struct foreign_opt *o, unsigned variant)
{
	return o->variants == 0 || (o->variants & variant) != 0;
}

static size_t
index_of_letter(const struct foreign_args *args, char letter)
{
	const struct foreign *f = args->program;
	size_t i = 0;

	while (i < f->n_opts &&
	    (f->opts[i].letter != letter || !foreign_has(&f->opts[i], args->variant)))
		i++;
	return i;
}

unsigned
foreign_count(const struct foreign_args *args, char letter)
{
	size_t i = index_of_letter(args, letter);

	return i < args->program->n_opts ? args->counts[i] : 0;
}

const char *
foreign_value(const struct foreign_args *args, char letter)
{
	size_t i = index_of_letter(args, letter);

	return i < args->program->n_opts ? args->values[i] : NULL;
}

static size_t
index_of_name(const struct foreign *f, const char *name)
{
	size_t i = 0;

	while (i < f->n_opts && (f->opts[i].name == NULL || strcmp(f->opts[i].name, name) != 0))
		i++;
	return i;
}

unsigned
foreign_count_name(const struct foreign_args *args, const char *name)
{
	size_t i = index_of_name(args->program, name);

	return i < args->program->n_opts ? args->counts[i] : 0;
}

const char *
foreign_value_name(const struct foreign_args *args, const char *name)
{
	size_t i = index_of_name(args->program, name);

	return i < args->program->n_opts ? args->values[i] : NULL;
}

/* ---- one option ---- */

/* Returns what is wrong with a number, in the words of strtonum(3), or NULL. */
static const char *
number_fault(const struct foreign_opt *o, const char *text)
{
	const char *digits = text + (text[0] == '-');
	int64_t n;

	if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		return "invalid";
	if (parse_int(text, INT64_MIN, INT64_MAX, &n, NULL) < 0)
		n = text[0] == '-' ? INT64_MIN : INT64_MAX;
	if (n < o->min)
		return "too small";
	return n > o->max ? "too large" : NULL;
}

static int
store_foreign_option(struct foreign_parser *p, size_t i, const char *text)
{
	const struct foreign_opt *o = &p->args->program->opts[i];
	const char *fault = o->number != NULL && text != NULL ? number_fault(o, text) : NULL;

	p->args->values[i] = text;
	p->args->counts[i]++;
	if (p->args->n_given == FOREIGN_GIVEN_MAX) {
		error_set(p->e, ERROR_USAGE, "too many options");
		return FOREIGN_BAD_VALUE;
	}
	p->args->given[p->args->n_given++] = (struct foreign_given){ o, text };
	if (o->refused == NULL && fault == NULL)
		return 0;
	if (o->refused != NULL)
		error_set(p->e, ERROR_USAGE, "%s", o->refused);
	else if (strchr(o->number, '%') != NULL)
		error_set(p->e, ERROR_USAGE, "%.*s%s", (int)strcspn(o->number, "%"), o->number,
		    fault);
	else
		error_set(p->e, ERROR_USAGE, "%s %s: %s", o->number, fault, text);
	return FOREIGN_BAD_VALUE;
}

static bool
has_required_value(const struct foreign_opt *o)
{
	return o->arg != NULL && o->arg[0] != '[';
}

static int
refuse_letter(struct foreign_parser *p, char letter)
{
	p->args->unknown = letter;
	return error_set(p->e, ERROR_USAGE, "invalid option -- '%c'", letter);
}

/* "-a", "-abc", "-xVALUE", "-x VALUE" */
static int
parse_letters(struct foreign_parser *p, const char *word)
{
	const struct foreign *f = p->args->program;
	int rc;

	for (const char *c = word + 1; *c != '\0'; c++) {
		size_t i = index_of_letter(p->args, *c);

		if (i == f->n_opts)
			return refuse_letter(p, *c);
		if (f->opts[i].arg != NULL && c[1] != '\0')
			return store_foreign_option(p, i, c + 1);
		if (has_required_value(&f->opts[i]) && p->next == p->argc)
			return error_set(p->e, ERROR_USAGE, "option requires an argument -- '%c'",
			    *c);
		if ((rc = store_foreign_option(p, i,
			 has_required_value(&f->opts[i]) ? p->argv[p->next++] : NULL)) < 0)
			return rc;
	}
	return 0;
}

/* ---- long names ---- */

struct name_search {
	size_t index;
	unsigned matches;
	char names[256]; /* all that match */
};

static void
find_name(const struct foreign *f, const char *name, size_t len, struct name_search *s)
{
	s->index = f->n_opts;
	s->matches = 0;
	s->names[0] = '\0';
	for (size_t i = 0; i < f->n_opts; i++) {
		const char *other = f->opts[i].name;

		if (other == NULL || strncmp(other, name, len) != 0)
			continue;
		if (s->matches++ == 0 || other[len] == '\0')
			s->index = i;
		if (other[len] == '\0') {
			s->matches = 1;
			return;
		}
		snprintf(s->names + strlen(s->names), sizeof(s->names) - strlen(s->names),
		    " '--%s'", other);
	}
}

static int
parse_name(struct foreign_parser *p, const char *word)
{
	const struct foreign *f = p->args->program;
	size_t len = strcspn(word + 2, "=");
	const char *text = word[2 + len] == '=' ? word + 3 + len : NULL;
	struct name_search s;

	find_name(f, word + 2, len, &s);
	if (s.matches == 0)
		return error_set(p->e, ERROR_USAGE, "unrecognized option '%s'", word);
	if (s.matches > 1)
		return error_set(p->e, ERROR_USAGE, "option '%s' is ambiguous; possibilities:%s",
		    word, s.names);
	if (text != NULL && f->opts[s.index].arg == NULL)
		return error_set(p->e, ERROR_USAGE, "option '--%s' doesn't allow an argument",
		    f->opts[s.index].name);
	if (text == NULL && has_required_value(&f->opts[s.index])) {
		if (p->next == p->argc)
			return error_set(p->e, ERROR_USAGE, "option '--%s' requires an argument",
			    f->opts[s.index].name);
		text = p->argv[p->next++];
	}
	return store_foreign_option(p, s.index, text);
}

/* ---- words ---- */

static int
parse_foreign_word(struct foreign_parser *p, char *word)
{
	const struct foreign *f = p->args->program;

	if (strcmp(word, "--explain") == 0) {
		p->args->explain = true;
		return 0;
	}
	if (f->other != NULL && strncmp(word, "--", 2) == 0 && strcmp(word + 2, f->other) == 0) {
		p->args->variant = FOREIGN_OTHER;
		return 0;
	}
	if (word[1] == '-' && f->long_names)
		return parse_name(p, word);
	return parse_letters(p, word);
}

int
foreign_parse(const struct foreign *program, int argc, char **argv, struct foreign_args *ret_args,
    struct error *e)
{
	struct foreign_parser p = { .args = ret_args,
		.argc = argc,
		.next = 1,
		.argv = argv,
		.e = e };
	bool ended = false;
	int rc;

	*ret_args = (struct foreign_args){ .program = program,
		.variant = FOREIGN_USUAL,
		.operands = argv + 1 };
	while (p.next < argc) {
		char *word = argv[p.next++];
		bool operand = ended || word[0] != '-' || word[1] == '\0' ||
		    (program->dash_options && word[1] == ',');

		if (!operand && strcmp(word, "--") == 0) {
			ended = true;
			continue;
		}
		if (operand) {
			ended = ended || !program->permutes;
			ret_args->operands[ret_args->n_operands++] = word;
		} else if ((rc = parse_foreign_word(&p, word)) < 0) {
			return rc;
		}
	}
	ret_args->operands[ret_args->n_operands] = NULL;
	return 0;
}

/* ---- hints ---- */

static const struct foreign *const programs[] = { &foreign_nc, &foreign_ncat, &foreign_socat };

/* Returns the hint of a row for the command, or NULL. */
static const char *
hint_of(const struct foreign_opt *o, unsigned command)
{
	for (size_t i = 0; i < FOREIGN_HINTS_MAX; i++)
		if ((o->hints[i].commands & command) != 0)
			return o->hints[i].text;
	return NULL;
}

const char *
foreign_hint_letter(unsigned command, char letter)
{
	const char *hint = NULL;

	for (size_t p = 0; p < ARRAY_LEN(programs) && hint == NULL; p++)
		for (size_t i = 0; i < programs[p]->n_opts && hint == NULL; i++)
			if (programs[p]->opts[i].letter == letter)
				hint = hint_of(&programs[p]->opts[i], command);
	return hint;
}

const char *
foreign_hint_name(unsigned command, const char *name, size_t len)
{
	const char *hint = NULL;

	for (size_t p = 0; p < ARRAY_LEN(programs) && hint == NULL; p++)
		for (size_t i = 0; i < programs[p]->n_opts && hint == NULL; i++) {
			const char *other = programs[p]->opts[i].name;

			if (other != NULL && strlen(other) == len && memcmp(other, name, len) == 0)
				hint = hint_of(&programs[p]->opts[i], command);
		}
	return hint;
}

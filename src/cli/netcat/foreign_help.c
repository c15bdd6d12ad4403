#include "cli/netcat/foreign_help.h"

#include <string.h>

#include "cli/netcat/usock_line.h"

enum { WIDTH = 79, INDENT = 10 };

/* ---- the synopsis ---- */

struct synopsis {
	FILE *to;
	int column;
};

/* Prints " [-xy z]", on a new line where it does not fit. */
static void
print_part(struct synopsis *s, const char *part)
{
	int n = (int)strlen(part);

	if (s->column + 1 + n > WIDTH) {
		fprintf(s->to, "\n%*s", INDENT - 1, "");
		s->column = INDENT - 1;
	}
	s->column += fprintf(s->to, " %s", part);
}

/* True for a letter that is offered. */
static bool
is_offered(const struct foreign_opt *o, unsigned variant)
{
	return o->letter != '\0' && o->refused == NULL && foreign_has(o, variant);
}

void
foreign_help_synopsis(FILE *to, const struct foreign *program, unsigned variant,
    const char *operands)
{
	struct synopsis s = { .to = to };
	char part[128];
	size_t n = 2;

	s.column = fprintf(to, "usage: %s", program->command);
	memcpy(part, "[-", n);
	for (size_t i = 0; i < program->n_opts; i++)
		if (is_offered(&program->opts[i], variant) && program->opts[i].arg == NULL &&
		    n < sizeof(part) - 2)
			part[n++] = program->opts[i].letter;
	memcpy(part + n, "]", 2);
	print_part(&s, part);
	for (size_t i = 0; i < program->n_opts; i++) {
		const struct foreign_opt *o = &program->opts[i];

		if (!is_offered(o, variant) || o->arg == NULL)
			continue;
		snprintf(part, sizeof(part), "[-%c %s]", o->letter, o->arg);
		print_part(&s, part);
	}
	print_part(&s, operands);
	fputc('\n', to);
}

const char *
foreign_help_term(const struct foreign_opt *o, char text[FOREIGN_TERM_MAX])
{
	const char *dashes = o->name != NULL ? "--" : "";
	char letter[] = "    ";

	if (o->letter != '\0')
		snprintf(letter, sizeof(letter), "-%c%s", o->letter, o->name != NULL ? ", " : "");
	snprintf(text, FOREIGN_TERM_MAX, "%s%s%s%s%s", letter, dashes,
	    o->name != NULL ? o->name : "", o->arg != NULL ? " " : "",
	    o->arg != NULL ? o->arg : "");
	return text;
}

void
foreign_help_options(FILE *to, const struct foreign *program, unsigned variant)
{
	char term[FOREIGN_TERM_MAX];

	for (size_t i = 0; i < program->n_opts; i++)
		if (program->opts[i].help != NULL && foreign_has(&program->opts[i], variant))
			fprintf(to, "\t\t%-24s %s\n", foreign_help_term(&program->opts[i], term),
			    program->opts[i].help);
}

/* ---- --explain ---- */

/* Prints a word with the quotes that a shell needs. */
static void
print_quoted(const char *word)
{
	const char *plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			    "-_./:,@%+=";

	if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
		fputs(word, stdout);
		return;
	}
	fputc('\'', stdout);
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			fputs("'\\'", stdout);
		fputc(*word, stdout);
	}
	fputc('\'', stdout);
}

static void
print_redirection(const char *const redirection[2])
{
	if (redirection[0] == NULL)
		return;
	printf(" %s", redirection[0]);
	print_quoted(redirection[1]);
}

void
foreign_help_explain(const struct usock_line *line, const struct foreign_args *args,
    const char *const *notes, size_t n_notes)
{
	const struct foreign *f = args->program;

	fputs("usock", stdout);
	for (int i = 0; i < line->n; i++) {
		fputc(' ', stdout);
		print_quoted(line->words[i]);
	}
	print_redirection(line->input);
	print_redirection(line->output);
	fputc('\n', stdout);
	for (size_t i = 0; i < n_notes; i++)
		printf("# %s\n", notes[i]);
	for (size_t i = 0; i < f->n_opts; i++)
		if (args->counts[i] > 0 && f->opts[i].differs != NULL)
			printf("# %s\n", f->opts[i].differs);
}

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

static bool
is_flag(const struct foreign_opt *o)
{
	return o->letter != '\0' && o->arg == NULL && o->refused == NULL;
}

void
foreign_help_synopsis(FILE *to, const struct foreign *program, const char *operands)
{
	struct synopsis s = { .to = to };
	char part[128];
	size_t n = 2;

	s.column = fprintf(to, "usage: %s", program->command);
	memcpy(part, "[-", n);
	for (size_t i = 0; i < program->n_opts; i++)
		if (is_flag(&program->opts[i]) && n < sizeof(part) - 2)
			part[n++] = program->opts[i].letter;
	memcpy(part + n, "]", 2);
	print_part(&s, part);
	for (size_t i = 0; i < program->n_opts; i++) {
		const struct foreign_opt *o = &program->opts[i];

		if (o->letter == '\0' || o->arg == NULL || o->refused != NULL)
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
foreign_help_options(FILE *to, const struct foreign *program)
{
	char term[FOREIGN_TERM_MAX];

	for (size_t i = 0; i < program->n_opts; i++)
		if (program->opts[i].help != NULL)
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

void
foreign_help_explain(const struct usock_line *line, const struct foreign_args *args)
{
	const struct foreign *f = args->program;

	fputs("usock", stdout);
	for (int i = 0; i < line->n; i++) {
		fputc(' ', stdout);
		print_quoted(line->words[i]);
	}
	fputc('\n', stdout);
	for (size_t i = 0; i < f->n_opts; i++)
		if (args->counts[i] > 0 && f->opts[i].differs != NULL)
			printf("# %s\n", f->opts[i].differs);
}

/* Command lines against the option tables of all commands. Input: the first byte chooses the
 * command, each line after it is one argument. */
#include "base/deadline.h"
#include "cli/core/cmd.h"
#include "cli/options/address_args.h"
#include "cli/options/opt.h"
#include "fuzz.h"
#include "net/connect.h"
#include "net/endpoint.h"

enum { ARGS_MAX = 64 };

struct line {
	char *text;
	int argc;
	char *argv[ARGS_MAX + 1];
	char *given[ARGS_MAX + 1]; /* argv before it was permuted */
};

static const struct cmd *
choose_command(uint8_t byte)
{
	size_t n = 0;

	while (commands[n] != NULL)
		n++;
	return commands[byte % n];
}

static void
cut_line(struct line *line, const uint8_t *data, size_t size, const char *name)
{
	char *next;

	line->text = next = fuzz_text(data, size);
	line->argv[0] = (char *)(uintptr_t)name;
	line->argc = 1;
	while (next != NULL && line->argc < ARGS_MAX) {
		line->argv[line->argc++] = next;
		next = strchr(next, '\n');
		if (next != NULL)
			*next++ = '\0';
	}
	line->argv[line->argc] = NULL;
	memcpy(line->given, line->argv, sizeof(line->given));
}

static bool
is_among(const char *word, char *const *words)
{
	while (*words != NULL && *words != word)
		words++;
	return *words != NULL;
}

/* The value is within what its row allows. */
static void
check_value(void *arg, const struct opt_group *group, const struct opt *opt)
{
	const char *value = (const char *)arg + group->base + opt->offset;
	const struct opt_ports *ports = (const void *)value;
	const struct opt_list *list = (const void *)value;
	const char *choice = opt->choices;

	switch (opt->kind) {
	case OPT_FLAG:
	case OPT_UNFLAG:
		must(*value == 0 || *value == 1);
		break;
	case OPT_PORTS:
		must(ports->lo <= ports->hi);
		break;
	case OPT_DURATION:
		/* -1: not given */
		must(*(const int64_t *)(const void *)value >= -1);
		break;
	case OPT_CHOICE:
		for (int i = *(const int *)(const void *)value; i > 0; i--)
			must((choice = strchr(choice + 1, ' ')) != NULL);
		break;
	case OPT_LIST:
		must((list->n == 0) == (list->items == NULL));
		for (size_t i = 0; i < list->n; i++)
			must(list->items[i] != NULL);
		break;
	default:
		break;
	}
}

/* What is left: operands in the order in which they were given, then the program. */
static void
check_rest(const struct line *line, const struct opt_rest *rest)
{
	char *const *from = line->given + 1;

	must(rest->n_operands >= 0 && rest->n_operands < line->argc);
	for (int i = 0; i < rest->n_operands; i++) {
		must(is_among(rest->operands[i], from));
		while (*from++ != rest->operands[i])
			;
	}
	if (rest->program == NULL)
		return;
	for (int i = 0; rest->program[i] != NULL; i++)
		must(is_among(rest->program[i], from));
	must(is_among(line->given[line->argc - 1], rest->program) || rest->program[0] == NULL);
}

static void
check_operands(const struct opt_rest *rest)
{
	struct endpoint ep;
	struct error e;

	fuzz_stain(&e, sizeof(e));
	if (fuzz_succeeded(address_args_endpoint(rest, true, &ep, &e), &e))
		address_args_check_port(rest, &ep, &(const struct bind_how){ 0 }, NULL);
	else
		must(e.code == ERROR_USAGE);
}

static void
check_line(const struct cmd *cmd, struct line *line, void *values)
{
	struct opt_rest rest;
	struct error e;
	int rc;

	fuzz_stain(&e, sizeof(e));
	fuzz_stain(&rest, sizeof(rest));
	rc = opt_parse(cmd, line->argc, line->argv, values, &rest, &e);
	if (rc == 1) {
		must(fuzz_stained(&e, sizeof(e)));
	} else if (fuzz_succeeded(rc, &e)) {
		opt_each(cmd, check_value, values);
		check_rest(line, &rest);
		check_operands(&rest);
	} else {
		must(e.code == ERROR_USAGE);
		must(fuzz_stained(&rest, sizeof(rest)));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cmd *cmd;
	struct line line;
	void *values;

	if (size < 1 || size > 4096)
		return 0;
	cmd = choose_command(data[0]);
	values = calloc(1, cmd->size > 0 ? cmd->size : 1);
	must(values != NULL);
	if (cmd->defaults != NULL)
		cmd->defaults(values);
	cut_line(&line, data + 1, size - 1, cmd->name);
	check_line(cmd, &line, values);
	opt_free(cmd, values);
	free(values);
	free(line.text);
	return 0;
}

#include "cli/commands/script/script_call.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/core/cmd.h"
#include "cli/core/inherited.h"
#include "script/context.h"
#include "script/error.h"
#include "script/handle.h"
#include "script/handshakes.h"
#include "script/script.h"
#include "tcl/interp.h"

/* A running command, or one that an object it made still refers to. It owns copies of its words,
 * which the values point into. */
struct call {
	const struct cmd *cmd;
	unsigned refs;
	int argc;
	const char **words; /* in order, each with a NUL after it */
	size_t *sizes;
	char *bytes;
	max_align_t values[];
};

/* ---- life ---- */

static struct call *
call_of_values(void *values)
{
	return CONTAINER_OF(values, struct call, values);
}

void *
script_call_hold(void *values)
{
	call_of_values(values)->refs++;
	return values;
}

void
script_call_drop(void *values)
{
	struct call *c = call_of_values(values);

	if (--c->refs > 0)
		return;
	opt_free(c->cmd, c->values);
	free(c->words);
	free(c->sizes);
	free(c->bytes);
	free(c);
}

bool
script_call_is_bare(const void *values)
{
	return call_of_values((void *)values)->argc == 1;
}

size_t
script_call_size(const void *values, const char *operand)
{
	const struct call *c = call_of_values((void *)values);

	for (int i = 0; i < c->argc; i++) {
		if (c->words[i] == operand)
			return c->sizes[i];
	}
	return strlen(operand);
}

static bool
copy_words(struct call *c, struct value *const argv[])
{
	const char *bytes;
	size_t total = 0, n;
	char *at;

	for (int i = 0; i < c->argc; i++) {
		value_bytes(argv[i], &n);
		total += n + 1;
	}
	c->words = calloc((size_t)c->argc + 1, sizeof(*c->words));
	c->sizes = calloc((size_t)c->argc + 1, sizeof(*c->sizes));
	c->bytes = at = calloc(total + 1, 1);
	if (c->words == NULL || c->sizes == NULL || at == NULL)
		return false;
	for (int i = 0; i < c->argc; i++) {
		bytes = value_bytes(argv[i], &n);
		memcpy(at, bytes, n);
		c->words[i] = at;
		c->sizes[i] = n;
		at += n + 1;
	}
	return true;
}

static struct call *
call_new(const struct cmd *cmd, int argc, struct value *const argv[])
{
	struct call *c = calloc(1, sizeof(*c) + cmd->size);

	if (c == NULL)
		return NULL;
	c->cmd = cmd;
	c->refs = 1;
	c->argc = argc;
	if (cmd->defaults != NULL)
		cmd->defaults(c->values);
	if (copy_words(c, argv))
		return c;
	script_call_drop(c->values);
	return NULL;
}

int
script_call_fail(struct interp *in, const void *values, struct error *e)
{
	if (e->code == ERROR_USAGE)
		error_prefix(e, "%s", call_of_values((void *)values)->cmd->name);
	return script_fail(in, e);
}

int
script_call_return_sock(struct interp *in, struct sock *s, struct handshakes *handshakes,
    const char *host)
{
	struct handle *h = handle_add(script_of(in), s);

	if (h == NULL)
		return TCL_ERROR;
	handle_set_handshakes(h, handshakes);
	if (host != NULL)
		handle_set_host(h, host);
	return interp_return_text(in, h->name, strlen(h->name));
}

/* ---- running ---- */

static bool
is_data_word(const struct opt_rest *rest, const char *word)
{
	for (int i = 0; i < rest->n_operands; i++) {
		if (rest->operands[i] == word)
			return true;
	}
	return false;
}

/* Refuses NUL in a word, where it would end the text. rest is NULL before the operands are
 * known. */
static int
check_bytes(const struct call *c, const struct opt_rest *rest, struct error *e)
{
	for (int i = 0; i < c->argc; i++) {
		if (strlen(c->words[i]) == c->sizes[i])
			continue;
		if (!c->cmd->data_operands || (rest != NULL && !is_data_word(rest, c->words[i])))
			return error_set(e, ERROR_USAGE, "a NUL byte has no place in it");
	}
	return 0;
}

static int
parse_call_words(struct call *c, const struct script_how *how, char **words, struct opt_rest *rest,
    struct error *e)
{
	const struct opt_grant grant = { .files = how->allow_files,
		.programs = how->allow_exec,
		.has_fd = inherited_has };
	int help = check_bytes(c, NULL, e);

	if (help == 0)
		help = opt_parse_script(c->cmd, &grant, c->argc, words, c->values, rest, e);
	if (help == 1)
		return error_set(e, ERROR_USAGE, "--help: not in a script; usock help %s",
		    c->cmd->name);
	if (help == 0 && rest->program != NULL)
		return error_set(e, ERROR_USAGE,
		    "a program after --: not in a script, which is the program itself");
	return help == 0 ? check_bytes(c, rest, e) : -1;
}

int
script_call_run(struct interp *in, const struct cmd *cmd, int argc, struct value *const argv[])
{
	struct call *c = call_new(cmd, argc, argv);
	char **words = calloc((size_t)argc + 1, sizeof(*words));
	struct error e = { 0 };
	struct opt_rest rest;
	int code;

	if (c == NULL || words == NULL) {
		code = interp_fail(in, "USOCK internal", NULL, "out of memory");
	} else {
		memcpy(words, c->words, (size_t)argc * sizeof(*words));
		if (parse_call_words(c, script_how(script_of(in)), words, &rest, &e) == 0) {
			code = cmd->script(in, c->values, &rest);
		} else {
			error_prefix(&e, "%s", cmd->name);
			code = script_fail(in, &e);
		}
	}
	free(words);
	if (c != NULL)
		script_call_drop(c->values);
	return code;
}

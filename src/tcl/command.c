#include "tcl/command.h"

#include <string.h>

#include "tcl/eval/eval.h"

/* ---- commands ---- */

void
command_free(struct interp *in, struct command *c)
{
	if (c->destroy != NULL)
		c->destroy(c->data);
	value_unref(c->name);
	heap_release(&in->heap, c, sizeof(*c));
}

void
command_drop(struct interp *in, struct command *c)
{
	table_remove(&in->commands, &c->entry);
	in->epoch++;
	if (--c->refs == 0)
		command_free(in, c);
}

struct command *
command_add(struct interp *in, struct value *name, const struct interp_command *row, void *data,
    void (*destroy)(void *data))
{
	struct command *c = heap_resize(&in->heap, NULL, 0, sizeof(*c));
	struct table_entry *old = table_find(&in->commands, name->bytes, name->len);

	if (old != NULL)
		command_drop(in, (struct command *)old);
	memset(c, 0, sizeof(*c));
	c->refs = 1;
	c->row = *row;
	c->data = data;
	c->destroy = destroy;
	c->name = name;
	table_insert(&in->commands, &c->entry, c->name);
	in->epoch++;
	return c;
}

void
interp_add_named(struct interp *in, const char *name, const struct interp_command *row, void *data,
    void (*destroy)(void *data))
{
	(void)command_add(in, value_string(&in->heap, name), row, data, destroy);
}

void
interp_add(struct interp *in, const struct interp_command *row, void *data,
    void (*destroy)(void *data))
{
	interp_add_named(in, row->name, row, data, destroy);
}

bool
interp_delete(struct interp *in, const char *name)
{
	struct table_entry *entry = table_find(&in->commands, name, strlen(name));

	if (entry == NULL)
		return false;
	command_drop(in, (struct command *)entry);
	return true;
}

bool
interp_has(struct interp *in, const char *name)
{
	return table_find(&in->commands, name, strlen(name)) != NULL;
}

void
interp_each_command(struct interp *in, const char *prefix,
    void (*each)(void *data, const char *name), void *data)
{
	struct table_entry *entry = NULL;

	while ((entry = table_next(&in->commands, entry)) != NULL) {
		if (strncmp(entry->key->bytes, prefix, strlen(prefix)) == 0)
			each(data, entry->key->bytes);
	}
}

struct command *
command_find(struct interp *in, struct value *name)
{
	size_t n;
	const char *bytes = value_bytes(name, &n);

	if (n > 2 && bytes[0] == ':' && bytes[1] == ':') {
		bytes += 2;
		n -= 2;
	}
	return (struct command *)table_find(&in->commands, bytes, n);
}

/* ---- results ---- */

void
interp_set_result(struct interp *in, struct value *v)
{
	eval_set_result(in, v);
}

int
interp_return(struct interp *in, struct value *v)
{
	eval_set_result(in, v);
	return TCL_OK;
}

int
interp_return_int(struct interp *in, int64_t number)
{
	return interp_return(in, value_int(&in->heap, number));
}

int
interp_return_text(struct interp *in, const void *bytes, size_t n)
{
	return interp_return(in, value_text(&in->heap, bytes, n));
}

struct value *
interp_result(struct interp *in)
{
	return in->result;
}

const char *
interp_file(struct interp *in)
{
	unsigned source = in->script == NULL ? 0 : in->script->source;

	return value_bytes(in->files->items[source < in->files->n ? source : 0], NULL);
}

unsigned
interp_line(struct interp *in)
{
	return in->node == NULL ? 0 : in->node->line;
}

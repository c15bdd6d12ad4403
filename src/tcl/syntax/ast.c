#include "tcl/syntax/ast.h"

#include <string.h>

size_t
ast_room(unsigned n)
{
	size_t room = 4;

	/* exact for small arrays: most commands have few words */
	if (n <= room)
		return n;
	while (room < n)
		room *= 2;
	return room;
}

void
ast_word_fini(struct heap *h, struct word *w)
{
	value_unref(w->value);
	if (w->script != NULL)
		ast_script_unref(h, w->script);
	for (unsigned i = 0; i < w->n; i++)
		ast_word_fini(h, &w->parts[i]);
	heap_release(h, w->parts, ast_room(w->n) * sizeof(*w->parts));
	memset(w, 0, sizeof(*w));
}

void
ast_node_fini(struct heap *h, struct node *node)
{
	for (unsigned i = 0; i < node->n; i++)
		ast_word_fini(h, &node->words[i]);
	heap_release(h, node->words, ast_room(node->n) * sizeof(*node->words));
	heap_release(h, node->argv, node->n * sizeof(struct value *));
}

void
ast_script_free(struct heap *h, struct script *s)
{
	for (unsigned i = 0; i < s->n; i++)
		ast_node_fini(h, &s->nodes[i]);
	heap_release(h, s->nodes, ast_room(s->n) * sizeof(*s->nodes));
	value_unref(s->text);
	heap_release(h, s, sizeof(*s));
}

void
ast_free(struct value *v)
{
	ast_script_unref(v->heap, v->as.script);
}

bool
ast_is_literal(const struct node *node, const struct value *v)
{
	bool found = false;

	for (unsigned i = node == NULL ? 0 : node->n; i > 0; i--) {
		const struct word *w = &node->words[i - 1];

		if (w->expand)
			return false;
		if (w->kind == WORD_LITERAL && w->value == v && !found) {
			if (w->escaped)
				return false;
			found = true;
		}
	}
	return found;
}

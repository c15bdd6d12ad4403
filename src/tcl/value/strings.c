#include "tcl/value/strings.h"

#include <string.h>

#include "tcl/eval/args.h"
#include "tcl/value/charclass.h"

int
strings_compare(struct text a, struct text b, bool nocase)
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < n; i++) {
		unsigned char x = (unsigned char)(nocase ? charclass_lower(a.p[i]) : a.p[i]);
		unsigned char y = (unsigned char)(nocase ? charclass_lower(b.p[i]) : b.p[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a.n > b.n) - (a.n < b.n);
}

static bool
text_begins(struct text t, struct text key, bool nocase)
{
	struct text head = { t.p, key.n };

	return key.n > 0 && key.n <= t.n && strings_compare(head, key, nocase) == 0;
}

/* Returns the pair whose key begins t, or -1. */
static long
find_pair(const struct list *pairs, struct text t, bool nocase)
{
	for (size_t i = 0; i < pairs->n && !heap_work(pairs->items[i]->heap, 1); i += 2) {
		if (text_begins(t, text_of(pairs->items[i]), nocase))
			return (long)i;
	}
	return -1;
}

static void
map_text(struct value *out, struct text t, const struct list *pairs, bool nocase)
{
	bool wanted[256] = { false };
	size_t plain = 0;

	for (size_t i = 0; i < pairs->n; i += 2) {
		struct text key = text_of(pairs->items[i]);

		if (key.n > 0) {
			wanted[(unsigned char)key.p[0]] = true;
			wanted[(unsigned char)charclass_lower(key.p[0])] |= nocase;
			wanted[(unsigned char)charclass_upper(key.p[0])] |= nocase;
		}
	}
	while (plain < t.n && !heap_work(out->heap, 1)) {
		long pair = -1;

		if (wanted[(unsigned char)t.p[plain]])
			pair = find_pair(pairs, (struct text){ t.p + plain, t.n - plain }, nocase);
		if (pair == -1) {
			plain++;
			continue;
		}
		value_append(out, t.p, plain);
		value_append_value(out, pairs->items[pair + 1]);
		plain += text_of(pairs->items[pair]).n;
		t.p += plain;
		t.n -= plain;
		plain = 0;
	}
	value_append(out, t.p, t.n);
}

int
strings_map(struct interp *in, void *data, int argc, struct value *const argv[])
{
	size_t n = text_of(argv[2]).n;
	struct list *pairs;
	struct value *v;

	if (argc == 5 && (n < 2 || strncmp(value_bytes(argv[2], NULL), "-nocase", n) != 0))
		return interp_fail(in, "TCL LOOKUP INDEX option", argv[2],
		    "bad option \"%v\": must be -nocase", argv[2]);
	pairs = args_list(in, argv[argc - 2]);
	if (pairs == NULL)
		return TCL_ERROR;
	if (pairs->n % 2 != 0)
		return interp_fail(in, "TCL OPERATION MAP UNBALANCED", NULL,
		    "char map list unbalanced");
	for (size_t i = 0; i < pairs->n; i++)
		value_forget_real(pairs->items[i]);
	v = value_new(&in->heap);
	map_text(v, text_within(argv[argc - 1]), pairs, argc == 5);
	return interp_return(in, v);
}

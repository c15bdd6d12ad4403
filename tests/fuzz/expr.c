/* Any bytes are an expression that has a value or an error, the same each time: read anew, and from what was
 * parsed. Input: the expression; $a, $b and $c are an integer, a double and a list. */
#include "fuzz.h"
#include "tcl/interp.h"

enum { ROUNDS = 4, LARGEST = 1024, MEMORY = 8 << 20, DEPTH = 40, STACK = 1 << 20 };

static int
count(struct interp *in, void *data)
{
	int *rounds = data;

	(void)in;
	return ++*rounds > ROUNDS;
}

static void
set_variables(struct interp *in)
{
	struct heap *h = interp_heap(in);

	must(interp_set_var(in, "a", value_int(h, 7)) == TCL_OK);
	must(interp_set_var(in, "b", value_double(h, -2.5)) == TCL_OK);
	must(interp_set_var(in, "c", value_string(h, "x {y z} 10")) == TCL_OK);
}

static int
evaluate(struct interp *in, struct value *text, int *rounds, struct value **ret_result)
{
	int code;

	set_variables(in);
	*rounds = 0;
	code = interp_expr(in, text);
	*ret_result = value_ref(interp_result(in));
	return code;
}

/* What is not the same each time: random numbers, time, what commands change. */
static bool
is_steady(const char *text)
{
	return strstr(text, "rand") == NULL && strchr(text, '[') == NULL;
}

static void
check_same(struct value *a, struct value *b)
{
	size_t n, m;
	const char *p = value_bytes(a, &n), *q = value_bytes(b, &m);

	must(n == m && memcmp(p, q, n) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct value *text, *again, *results[3];
	struct interp *in;
	int rounds = 0, codes[3];
	bool truth;
	char *bytes;

	if (size > LARGEST)
		return 0;
	in = interp_new();
	must(in != NULL);
	interp_set_poll(in, count, &rounds);
	interp_limit_memory(in, MEMORY);
	interp_limit_depth(in, DEPTH, STACK);
	bytes = fuzz_text(data, size);
	text = value_text(interp_heap(in), bytes, size);
	again = value_text(interp_heap(in), bytes, size);
	codes[0] = evaluate(in, text, &rounds, &results[0]);
	codes[1] = evaluate(in, text, &rounds, &results[1]);
	codes[2] = evaluate(in, again, &rounds, &results[2]);
	if (is_steady(bytes)) {
		must(codes[0] == codes[1] && codes[0] == codes[2]);
		check_same(results[0], results[1]);
		check_same(results[0], results[2]);
	}
	interp_expr_bool(in, text, &truth);
	for (int i = 0; i < 3; i++)
		value_unref(results[i]);
	value_unref(text);
	value_unref(again);
	free(bytes);
	interp_free(in);
	return 0;
}

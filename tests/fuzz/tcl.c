/* Any bytes are a script that ends: with a result or an error, within its limits, and with nothing lost.
 * The second time it runs from what was parsed the first time. */
#include "fuzz.h"
#include "script/regex/regex_pcre2.h"
#include "tcl/interp.h"

/* Rounds of the poll hook, one every few thousand commands. */
enum { ROUNDS = 8, LARGEST = 4096, MEMORY = 8 << 20, DEPTH = 60, STACK = 1 << 20 };

struct run {
	int rounds;
	bool left;
};

static int
put(struct interp *in, void *data, const char *channel, const char *bytes, size_t n)
{
	(void)data;
	must(memchr(channel, '\0', 4 * LARGEST) != NULL);
	must(bytes[n] == '\0' || n > 0);
	return strcmp(channel, "stdout") == 0 ? TCL_OK : interp_fail(in, NULL, NULL, "no channel");
}

static int
leave(struct interp *in, void *data, int status)
{
	struct run *run = data;

	(void)status;
	run->left = true;
	interp_stop(in, "exit");
	return TCL_ERROR;
}

static int
wait_msec(struct interp *in, void *data, int64_t msec)
{
	(void)in;
	(void)data;
	(void)msec;
	return TCL_OK;
}

static int
count(struct interp *in, void *data)
{
	struct run *run = data;

	(void)in;
	return ++run->rounds > ROUNDS;
}

static void
evaluate(struct interp *in, struct run *run, struct value *script)
{
	int code;
	size_t n;

	run->rounds = 0;
	code = interp_eval_value(in, script);
	must(!run->left || code == TCL_ERROR);
	must(value_bytes(interp_result(in), &n)[n] == '\0');
	if (code == TCL_ERROR) {
		must(value_bytes(interp_errorcode(in), &n)[n] == '\0');
		must(value_bytes(interp_errorinfo(in), &n)[n] == '\0');
		must(interp_errorplace(in) != NULL);
	}
	run->left = false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run run = { .rounds = 0 };
	struct interp_hooks hooks = { .data = &run,
		.write = put,
		.wait = wait_msec,
		.exit = leave };
	struct interp *in;
	struct value *script;
	char *text;

	if (size > LARGEST)
		return 0;
	in = interp_new();
	must(in != NULL);
	interp_set_hooks(in, &hooks);
	interp_set_regex(in, &usock_module_regex.ops);
	interp_set_poll(in, count, &run);
	interp_limit_memory(in, MEMORY);
	interp_limit_depth(in, DEPTH, STACK);
	text = fuzz_text(data, size);
	must(interp_whole_commands(in, text, size) <= size);
	interp_is_complete(in, text, size);
	script = value_text(interp_heap(in), text, size);
	evaluate(in, &run, script);
	evaluate(in, &run, script);
	value_unref(script);
	free(text);
	interp_free(in);
	return 0;
}

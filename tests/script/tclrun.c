/*
 * Runs scripts of the language and prints the outcome of each, in the format of
 * tclref.tcl, which runs them in tclsh, so that both can be compared byte by byte.
 *
 *	tclrun [-m BYTES] FILE...
 *	                    scripts between lines of "%%", each in an interpreter of its own
 *	tclrun -c SCRIPT    one script; its result, or the trace of its error
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "script/regex/regex_pcre2.h"
#include "tcl/interp.h"

static int
put(struct interp *in, void *data, const char *channel, const char *bytes, size_t n)
{
	(void)in;
	(void)data;
	fwrite(bytes, 1, n, strcmp(channel, "stdout") == 0 ? stdout : stderr);
	return TCL_OK;
}

static int
leave(struct interp *in, void *data, int status)
{
	(void)in;
	(void)data;
	fflush(NULL);
	exit(status);
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
reap(struct interp *in, void *data, pid_t pid, int *ret_status)
{
	(void)in;
	(void)data;
	if (ret_status != NULL)
		waitpid(pid, ret_status, 0);
	return TCL_OK;
}

static struct interp *
new_interp(void)
{
	static const struct interp_hooks hooks = { .write = put,
		.wait = wait_msec,
		.exit = leave,
		.reap = reap,
		.errno_name = error_errno_name };
	struct interp *in = interp_new();

	if (in == NULL) {
		fprintf(stderr, "tclrun: out of memory\n");
		exit(1);
	}
	interp_set_hooks(in, &hooks);
	interp_set_regex(in, &usock_module_regex.ops);
	interp_allow(in, INTERP_FILES | INTERP_EXEC);
	interp_set_env(in, environ);
	return in;
}

static char *
read_file(const char *path, size_t *ret_n)
{
	FILE *f = fopen(path, "rb");
	char *text = NULL;
	size_t n = 0, size = 0, got = 1;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	while (got > 0) {
		if (n == size) {
			size = size * 2 + 65536;
			text = realloc(text, size + 1);
		}
		got = fread(text + n, 1, size - n, f);
		n += got;
	}
	fclose(f);
	text[n] = '\0';
	*ret_n = n;
	return text;
}

static void
run_one(const char *text, size_t n, int number, size_t memory)
{
	static const char harness[] = "puts \"#$__n\"\n"
				      "set __c [catch $__s __m __o]\n"
				      "puts \"= $__c\\n$__m\"\n"
				      "if {$__c == 1} {puts \"[dict get $__o -errorcode]\\n[dict "
				      "get $__o -errorline]\\n[dict get $__o "
				      "-errorinfo]\"}\n";
	struct interp *in = new_interp();

	if (memory > 0)
		interp_limit_memory(in, memory);
	interp_set_var(in, "__s", value_text(interp_heap(in), text, n));
	interp_set_var(in, "__n", value_int(interp_heap(in), number));
	if (interp_eval(in, harness, strlen(harness), NULL, 1) != TCL_OK)
		printf("%s\n", value_bytes(interp_errorinfo(in), NULL));
	interp_free(in);
}

static void
run_file(const char *path, size_t memory)
{
	size_t n;
	char *text = read_file(path, &n), *at = text, *end;
	int number = 0;

	while (at != NULL) {
		end = strstr(at, "\n%%\n");
		run_one(at, end == NULL ? (size_t)(text + n - at) : (size_t)(end - at), ++number,
		    memory);
		at = end == NULL ? NULL : end + 4;
	}
	free(text);
}

static int
run_script(const char *text, const char *name)
{
	struct interp *in = new_interp();
	int code = interp_eval(in, text, strlen(text), name, 1);
	struct value *v = code == TCL_ERROR ? interp_errorinfo(in) : interp_result(in);
	size_t n;
	const char *bytes = value_bytes(v, &n);

	if (n > 0) {
		fwrite(bytes, 1, n, code == TCL_ERROR ? stderr : stdout);
		fputc('\n', code == TCL_ERROR ? stderr : stdout);
	}
	if (code == TCL_ERROR)
		fprintf(stderr, "at %s\n", interp_errorplace(in));
	interp_free(in);
	return code;
}

int
main(int argc, char **argv)
{
	size_t memory = 0;
	int i = 1;

	if (argc == 3 && strcmp(argv[1], "-c") == 0)
		return run_script(argv[2], "-c");
	if (argc > 2 && strcmp(argv[1], "-m") == 0) {
		memory = strtoul(argv[2], NULL, 10);
		i = 3;
	}
	for (; i < argc; i++)
		run_file(argv[i], memory);
	return 0;
}

#include "script/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/deadline.h"
#include "base/error.h"
#include "script/context.h"
#include "script/handle.h"
#include "script/impl.h"
#include "script/script.h"
#include "sock/sock.h"
#include "tcl/interp.h"
#include "tcl/value/list.h"

/* The maximum length of the text about open handles. */
enum { LEFT_MAX = 4096 };

/* A body of cleanup; the last one runs first. */
struct cleanup {
	struct value *body;
	struct cleanup *next;
};

/* One test, or the script outside of its tests */
struct test {
	struct value *name;
	struct value *reason; /* the argument of skip or todo; NULL */
	bool skipped, todo;
	bool silent; /* failed in a way that tests_finish() returns, or exit has as status */
	struct cleanup *cleanups;
	int64_t since;
	/* the first failure */
	bool failed;
	struct value *message, *code;
	struct buf place;
	const char *end;
	/* the names of the sockets that were open before */
	char (*before)[sizeof(((struct handle *)NULL)->name)];
	size_t n_before;
	struct buf left;
};

struct tests {
	struct script *sc;
	struct interp *in;
	struct tests_how how;
	struct test *now; /* the running test; &outer outside of tests */
	struct test outer;
	unsigned long count, failures;
	int exit_status; /* of the script; 0: it has not called exit */
};

/* ---- one test ---- */

static void
note_open(void *arg, struct handle *h)
{
	struct test *test = arg;
	void *grown;

	if (!handle_is_open(h))
		return;
	grown = realloc(test->before, (test->n_before + 1) * sizeof(*test->before));
	/* a handle that is not known here would count as leaked */
	if (grown == NULL) {
		heap_fail(interp_heap(script_interp(h->sc)), "out of memory");
		return;
	}
	test->before = grown;
	memcpy(test->before[test->n_before++], h->name, sizeof(h->name));
}

static void
test_init(struct tests *t, struct test *test, struct value *name)
{
	*test = (struct test){ .name = name, .since = clock_now() };
	buf_init(&test->place, LEFT_MAX);
	buf_init(&test->left, LEFT_MAX);
	handles_each(t->sc, note_open, test);
}

static void
test_fini(struct test *test)
{
	struct cleanup *c;

	while ((c = test->cleanups) != NULL) {
		test->cleanups = c->next;
		value_unref(c->body);
		free(c);
	}
	value_unref(test->name);
	value_unref(test->reason);
	value_unref(test->message);
	value_unref(test->code);
	buf_fini(&test->place);
	buf_fini(&test->left);
	free(test->before);
}

/* Returns the word for the end of the current socket; NULL: it has not ended. */
static const char *
current_end_word(struct tests *t)
{
	struct handle *h = handle_get_current(t->sc);

	if (h == NULL || sock_end(h->sock) == END_NONE)
		return NULL;
	return sock_end_word(sock_end(h->sock));
}

/* Shows NUL bytes as \x00, for C strings. */
static struct value *
escape_nul(struct value *v)
{
	size_t n;
	const char *bytes = value_bytes(v, &n);
	struct value *shown;

	if (memchr(bytes, '\0', n) == NULL)
		return value_ref(v);
	shown = value_new(v->heap);
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\0')
			value_append_string(shown, "\\x00");
		else
			value_append_char(shown, bytes[i]);
	}
	return shown;
}

/* Returns why the body was ended from outside, or the error of the interpreter. */
static struct value *
failure_message(struct tests *t)
{
	struct heap *h = interp_heap(t->in);
	struct error stop;

	if (script_was_stopped(t->sc, &stop))
		return value_string(h, stop.text);
	if (t->sc->exited) {
		(void)error_set(&stop, ERROR_SCRIPT, "exit %d", t->sc->status);
		return value_string(h, stop.text);
	}
	return escape_nul(interp_result(t->in));
}

/* Keeps the error of the interpreter; the report shows the first one. */
static void
record_failure(struct tests *t, struct test *test)
{
	const char *place = interp_errorplace(t->in);

	if (test->failed)
		return;
	test->failed = true;
	test->message = failure_message(t);
	test->code = interp_errorcode(t->in);
	if (test->code != NULL)
		value_ref(test->code);
	buf_append(&test->place, place, strlen(place), NULL);
	test->end = current_end_word(t);
}

/* Returns whether the error is {USOCK skip}, by which skip ends a test. */
static bool
is_skip(struct interp *in)
{
	struct list_error ignored;
	struct value *code = interp_errorcode(in);
	struct list *l = code != NULL ? value_to_list(code, &ignored) : NULL;

	return l != NULL && l->n == 2 && value_is(l->items[0], "USOCK") &&
	    value_is(l->items[1], "skip");
}

/* Records how a body ended. */
static void
record_outcome(struct tests *t, struct test *test, int code)
{
	if (interp_conclude(t->in, code) == TCL_OK)
		return;
	if (!interp_stopped(t->in) && is_skip(t->in)) {
		test->skipped = true;
	} else {
		record_failure(t, test);
	}
}

/* A background error from before the test */
struct earlier {
	bool failed;
	struct error error;
};

static void
save_background(struct tests *t, struct earlier *earlier)
{
	earlier->failed = script_take_background(t->sc, &earlier->error);
}

/* Makes a background error during the test its failure. */
static void
record_background(struct tests *t, struct test *test, const struct earlier *earlier)
{
	struct error e;

	if (script_take_background(t->sc, &e) && !test->failed && !interp_stopped(t->in)) {
		test->failed = true;
		test->message = value_string(interp_heap(t->in), e.text);
	}
	if (earlier->failed)
		script_note_background(t->sc, NULL, &earlier->error);
}

static void
run_cleanups(struct tests *t, struct test *test)
{
	struct error stop;
	struct cleanup *c;
	int code;

	while ((c = test->cleanups) != NULL && !interp_stopped(t->in)) {
		test->cleanups = c->next;
		code = interp_eval_value(t->in, c->body);
		/* that error is the end of the script, which the caller reports */
		if (test != &t->outer || !script_was_stopped(t->sc, &stop))
			record_outcome(t, test, code);
		value_unref(c->body);
		free(c);
	}
}

/* ---- open sockets ---- */

struct leaks {
	struct tests *t;
	struct test *test;
	struct value *close;
};

static void
close_new(void *arg, struct handle *h)
{
	struct leaks *leaks = arg;
	struct test *test = leaks->test;

	if (!handle_is_open(h))
		return;
	for (size_t i = 0; i < test->n_before; i++)
		if (strcmp(test->before[i], h->name) == 0)
			return;
	buf_printf(&test->left, NULL, "%s%s", test->left.len > 0 ? ", " : "", h->name);
	handle_call(h, leaks->t->in, 1, &leaks->close);
}

static void
close_leaks(struct tests *t, struct test *test)
{
	struct leaks leaks = { t, test, value_string(interp_heap(t->in), "close") };

	handles_each(t->sc, close_new, &leaks);
	value_unref(leaks.close);
}

/* ---- results ---- */

static const char *
buf_or_empty(struct buf *b)
{
	const char *text = buf_text(b, NULL);

	return text != NULL ? text : "";
}

/* Reads {USOCK expect WANTED GOT}, or {USOCK expect WHY WANTED GOT} of expect. */
static void
set_comparison(const struct test *test, struct test_result *r)
{
	struct list_error ignored;
	struct list *l = test->code != NULL ? value_to_list(test->code, &ignored) : NULL;

	if (l == NULL || l->n < 4 || l->n > 5 || !value_is(l->items[0], "USOCK") ||
	    !value_is(l->items[1], "expect"))
		return;
	r->expected = l->items[l->n - 2];
	r->received = l->items[l->n - 1];
}

static void
report_test(struct tests *t, struct test *test)
{
	struct test_result r = {
		.name = value_bytes(test->name, NULL),
		.script = test == &t->outer,
		.silent = test->silent,
		.outcome = test->failed ? TEST_FAILED
		    : test->skipped     ? TEST_SKIPPED
					: TEST_PASSED,
		.todo = test->todo,
		.reason = test->reason != NULL ? value_bytes(test->reason, NULL) : "",
		.nsec = clock_now() - test->since,
	};

	if (test->failed) {
		r.message = value_bytes(test->message, NULL);
		set_comparison(test, &r);
		r.end = test->end;
	}
	r.place = buf_or_empty(&test->place);
	r.left = buf_or_empty(&test->left);
	t->count++;
	t->failures += test->failed && !test->todo;
	t->how.done(t->how.arg, &r);
}

/* ---- commands ---- */

static int
run_test(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct tests *t = data;
	struct earlier earlier;
	struct test test;
	int code;

	(void)argc;
	if (t->now != &t->outer)
		return interp_fail(in, "USOCK usage", NULL, "test: not within another test");
	test_init(t, &test, escape_nul(argv[1]));
	save_background(t, &earlier);
	t->now = &test;
	record_outcome(t, &test, interp_eval_value(in, argv[2]));
	run_cleanups(t, &test);
	if (!interp_stopped(in))
		close_leaks(t, &test);
	record_background(t, &test, &earlier);
	t->now = &t->outer;
	report_test(t, &test);
	code = interp_stopped(in) ? TCL_ERROR : interp_return_text(in, "", 0);
	test_fini(&test);
	return code;
}

/* Takes message. */
static int
fail_expectation(struct interp *in, struct value *wanted, struct value *got, struct value *message)
{
	struct heap *h = interp_heap(in);
	struct list *code = list_new(h, 4);

	list_push(h, &code, value_string(h, "USOCK"));
	list_push(h, &code, value_string(h, "expect"));
	if (wanted != NULL) {
		list_push(h, &code, value_ref(wanted));
		list_push(h, &code, value_ref(got));
	}
	return interp_fail_with(in, value_from_list(h, code), message);
}

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || c == ':';
}

/* Returns the length of the name after a $: name, name(index) or {name}. */
static size_t
variable_name_length(const char *text, bool braces)
{
	size_t n = 0;

	if (braces)
		return strcspn(text, "}");
	while (is_name_char(text[n]))
		n++;
	if (n > 0 && text[n] == '(' && strchr(text + n, ')') != NULL &&
	    strcspn(text + n, "$[\\ ") > strcspn(text + n, ")"))
		n += strcspn(text + n, ")") + 1;
	return n;
}

/* Appends the values of the variables in an expression: " ($n is 3, $x is {a b})". */
static void
append_variables(struct interp *in, struct value *message, const char *text)
{
	struct heap *h = interp_heap(in);
	const char *before = " (";

	while ((text = strchr(text, '$')) != NULL) {
		bool braces = *++text == '{';
		size_t n = variable_name_length(text + braces, braces);
		struct value *name = value_text(h, text + braces, n);
		struct value *found = n > 0 ? interp_get_var(in, value_bytes(name, NULL)) : NULL;

		text += n;
		if (found != NULL) {
			value_append_string(message, before);
			value_append_char(message, '$');
			value_append_value(message, name);
			value_append_string(message, " is ");
			list_append_quoted(message, found, true);
			before = ", ";
		}
		value_unref(name);
	}
	if (before[0] == ',')
		value_append_char(message, ')');
}

static int
run_assert(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *message;
	bool truth;

	(void)data;
	if (interp_expr_bool(in, argv[1], &truth) != TCL_OK)
		return TCL_ERROR;
	if (truth)
		return interp_return_text(in, "", 0);
	message = value_string(interp_heap(in), "assert: ");
	value_append_value(message, argc > 2 ? argv[2] : argv[1]);
	if (argc == 2) {
		value_append_string(message, " is false");
		append_variables(in, message, value_bytes(argv[1], NULL));
	}
	return fail_expectation(in, NULL, NULL, message);
}

static int
run_assert_eq(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *message;

	(void)data;
	if (value_equal(argv[1], argv[2]))
		return interp_return_text(in, "", 0);
	message = value_string(interp_heap(in), "assert-eq: ");
	if (argc > 3) {
		value_append_value(message, argv[3]);
		value_append_string(message, ": ");
	}
	value_append_string(message, "got ");
	list_append_quoted(message, argv[1], true);
	value_append_string(message, ", expected ");
	list_append_quoted(message, argv[2], true);
	return fail_expectation(in, argv[2], argv[1], message);
}

static int
run_fail(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	return fail_expectation(in, NULL, NULL,
	    argc > 1 ? value_ref(argv[1]) : value_string(interp_heap(in), "fail"));
}

static void
set_test_reason(struct tests *t, int argc, struct value *const argv[])
{
	value_unref(t->now->reason);
	t->now->reason = argc > 1 ? escape_nul(argv[1]) : NULL;
}

static int
run_skip(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct tests *t = data;

	set_test_reason(t, argc, argv);
	t->now->todo = false;
	return interp_fail(in, "USOCK skip", NULL, "skip outside of a test");
}

static int
run_todo(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct tests *t = data;

	/* the failure of a script is never hidden */
	if (t->now == &t->outer)
		return interp_fail(in, "USOCK usage", NULL, "todo: only within a test");
	set_test_reason(t, argc, argv);
	t->now->todo = true;
	return interp_return_text(in, "", 0);
}

static int
run_cleanup(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct tests *t = data;
	struct cleanup *c = calloc(1, sizeof(*c));

	(void)argc;
	if (c == NULL)
		return interp_fail(in, "USOCK internal", NULL, "out of memory");
	c->body = value_ref(argv[1]);
	c->next = t->now->cleanups;
	t->now->cleanups = c;
	return interp_return_text(in, "", 0);
}

static const struct interp_command commands[] = {
	{ "test", run_test, 2, 2, "name body" },
	{ "assert", run_assert, 1, 2, "expression ?message?" },
	{ "assert-eq", run_assert_eq, 2, 3, "got expected ?message?" },
	{ "fail", run_fail, 0, 1, "?message?" },
	{ "skip", run_skip, 0, 1, "?reason?" },
	{ "todo", run_todo, 0, 1, "?reason?" },
	{ "cleanup", run_cleanup, 1, 1, "body" },
};

/* ---- creation and destruction ---- */

int
tests_open(struct tests **ret_tests, struct script *sc, const struct tests_how *how,
    struct error *e)
{
	struct tests *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	t->sc = sc;
	t->in = script_interp(sc);
	t->how = *how;
	t->now = &t->outer;
	test_init(t, &t->outer, NULL);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		interp_add(t->in, &commands[i], t, NULL);
	*ret_tests = t;
	return 0;
}

void
tests_close(struct tests *t)
{
	free(t);
}

bool
tests_is_skip(const struct tests *t, const struct error *e)
{
	return e->code != ERROR_SIGNAL && e->code != ERROR_TIMEOUT && is_skip(t->in);
}

void
tests_exited(struct tests *t, int status)
{
	t->exit_status = status;
}

/* A script that has called exit has failed by its status, where nothing else has. */
static void
record_exit(struct tests *t)
{
	struct error e;

	if (t->exit_status == 0 || t->failures > 0 || t->outer.failed)
		return;
	(void)error_set(&e, ERROR_SCRIPT, "exit %d", t->exit_status);
	t->outer.failed = t->outer.silent = true;
	t->outer.message = value_string(interp_heap(t->in), e.text);
}

/* Records the end of the script as a failure or a skip outside of tests. */
static void
record_script_end(struct tests *t, const struct error *e)
{
	const char *place = interp_errorplace(t->in), *text;
	size_t n = strlen(place);

	if (e == NULL)
		return;
	text = e->text;
	if (tests_is_skip(t, e)) {
		t->outer.skipped = true;
		return;
	}
	t->outer.failed = true;
	if (n > 0 && strncmp(text, place, n) == 0 && strncmp(text + n, ": ", 2) == 0) {
		buf_append(&t->outer.place, place, n, NULL);
		text += n + 2;
	}
	t->outer.message = value_string(interp_heap(t->in), text);
	t->outer.code = interp_errorcode(t->in);
	if (t->outer.code != NULL)
		value_ref(t->outer.code);
	t->outer.end = current_end_word(t);
}

int
tests_finish(struct tests *t, const char *name, const struct error *e, struct error *ret_late)
{
	struct test *test = &t->outer;
	struct error unsent;
	int late;
	bool was_stopped = e != NULL && (e->code == ERROR_SIGNAL || e->code == ERROR_TIMEOUT);

	record_script_end(t, e);
	if (e == NULL || e->code != ERROR_SIGNAL)
		run_cleanups(t, test);
	late = !was_stopped && script_was_stopped(t->sc, ret_late) ? -1 : 0;
	/* bodies of servers and the deadline are still active in it */
	if (script_finish(t->sc, &unsent) == -1 && late == 0) {
		*ret_late = unsent;
		late = -1;
		test->silent = !test->failed;
		record_script_end(t, e == NULL ? ret_late : NULL);
	}
	record_exit(t);
	close_leaks(t, test);
	test->name = value_string(interp_heap(t->in), name);
	if (t->count == 0 || test->failed || test->skipped)
		report_test(t, test);
	test_fini(test);
	*test = (struct test){ 0 };
	return late;
}

bool
tests_failed(const struct tests *t)
{
	return t->failures > 0;
}

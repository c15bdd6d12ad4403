/*
 * Tests in a script: test, assert, assert-eq, fail, skip, todo and cleanup.
 * Nothing is printed here; results go to whoever runs the script.
 *
 * A failed assertion is an error with -errorcode {USOCK expect WANTED GOT}; who
 * fails with such a code has both in the report, as has expect, which puts a word
 * in between: {USOCK expect timeout WANTED GOT}.
 */
#ifndef SCRIPT_TEST_H
#define SCRIPT_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct script;
struct tests;
struct value;

enum test_outcome { TEST_PASSED, TEST_FAILED, TEST_SKIPPED };

/* Everything is borrowed during the call. */
struct test_result {
	const char *name;
	bool script; /* what is outside of the tests: the script itself */
	enum test_outcome outcome;
	bool todo;              /* a failure was foreseen: it does not count */
	const char *reason;     /* given to skip or todo; "" */
	const char *message;    /* TEST_FAILED: of the error */
	const char *place;      /* "file:line" of it; "" where unknown */
	struct value *expected; /* NULL: it was no comparison */
	struct value *received;
	const char *end;  /* why the current socket had ended, in a word; NULL: it had not */
	const char *left; /* handles that were left open: "sock1, sock2"; "" */
	int64_t nsec;
};

struct tests_how {
	void (*done)(void *arg, const struct test_result *result);
	void *arg;
};

/* Adds the commands. how is copied. tests_close comes after script_close. */
int tests_open(struct tests **ret_tests, struct script *sc, const struct tests_how *how,
    struct error *e);
void tests_close(struct tests *t);

/* True where the error that script_run gave is that of a skip outside of a test, before
 * anything else is run. */
bool tests_is_skip(const struct tests *t, const struct error *e);

/* The script has ended, with this error or NULL: runs what cleanup outside of a
 * test has left to do. A script without a test is one test of this name; one
 * that fails outside of its tests is one more. Then script_finish(). -1 with what stopped
 * a cleanup, or what script_finish() gave. */
int tests_finish(struct tests *t, const char *name, const struct error *e, struct error *ret_late);

/* True where one failed that counts. */
bool tests_failed(const struct tests *t);

#endif

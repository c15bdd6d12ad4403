/*
 * Tests in a script: the commands test, assert, assert-eq, fail, skip, todo and cleanup. Nothing is printed
 * here; each result goes to the callback tests_how.done.
 *
 * A failed assertion is an error with -errorcode {USOCK expect WANTED GOT}. The report shows both values of any
 * error with such a code, also of expect, whose code has one word more: {USOCK expect timeout WANTED GOT}.
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

/* All pointers are valid during the call only. */
struct test_result {
	const char *name;
	bool script; /* not a test, but the script outside of its tests */
	bool silent; /* the caller of tests_finish() tells of its failure */
	enum test_outcome outcome;
	bool todo;              /* the test called todo: a failure does not count */
	const char *reason;     /* the argument of skip or todo; "" */
	const char *message;    /* of the error, where the outcome is TEST_FAILED */
	const char *place;      /* "file:line" of the error; "" where unknown */
	struct value *expected; /* NULL: the error is not a failed comparison */
	struct value *received;
	const char *end;  /* the word for the end of the current socket; NULL: it had not ended */
	const char *left; /* handles that the test left open: "sock1, sock2"; "" */
	int64_t nsec;
};

struct tests_how {
	void (*done)(void *arg, const struct test_result *result);
	void *arg;
};

/* Adds the commands. Copies *how. Call tests_close() after script_close(). */
int tests_open(struct tests **ret_tests, struct script *sc, const struct tests_how *how,
    struct error *e);
void tests_close(struct tests *t);

/* Returns whether e, the error of script_run(), comes from a skip outside of a test. Call it before anything
 * else runs. */
bool tests_is_skip(const struct tests *t, const struct error *e);

/* Says that the script has called exit with this status. Where it is not 0 and no test has failed, the script
 * has. Call it before tests_finish(). */
void tests_exited(struct tests *t, int status);

/* Ends the tests of a script that ended with e (NULL: without error): runs the cleanups outside of tests, calls
 * script_finish(), and reports. A script without a test counts as one test of this name; one that fails outside
 * of its tests counts as one more. -1 with the error that stopped a cleanup, or that of script_finish(). */
int tests_finish(struct tests *t, const char *name, const struct error *e, struct error *ret_late);

/* Returns whether a test failed that counts. */
bool tests_failed(const struct tests *t);

#endif

/*
 * Reports the results of a script's tests: TAP on standard output, JUnit XML
 * in a file, a page of HTML, lines on standard error, events.
 */
#ifndef CLI_RUN_TEST_REPORT_H
#define CLI_RUN_TEST_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "cli/core/command_context.h"
#include "cli/run/test_page.h"
#include "script/test.h"

struct test_report {
	struct command_context *rt;
	const char *file;        /* path of the script, the name of the suite */
	int tap;                 /* version of the TAP on standard output; 0: none */
	const char *junit;       /* path of the XML; NULL: none */
	const char *html;        /* path of the page; NULL: none */
	bool reported_elsewhere; /* the caller reports the failure of the script itself */
	unsigned long n, failures, skipped;
	unsigned long named; /* of n: not the script as a whole */
	double seconds;
	struct buf cases; /* XML of the test cases */
	struct buf left;  /* XML of what tests left open */
	struct test_page page;
	bool failed; /* writing failed; error has the reason */
	struct error error;
};

/* Returns the version of TAP that a value of --tap asks for; 0 for NULL. 13 is what prove(1) reads; 14
 * has subtests. */
enum { TAP_DEFAULT = 13, TAP_NESTED = 14 };
int test_report_tap_version(const char *text);

/* The caller sets rt, file, tap, junit and html, and has zeroed the rest. */
void test_report_init(struct test_report *r);
void test_report_fini(struct test_report *r);

/* For tests_how.done; arg is the struct test_report. */
void test_report_done(void *arg, const struct test_result *t);

/* Writes the plan, the XML and the page. -1 where something could not be written. */
int test_report_finish(struct test_report *r, struct error *e);

/* Enqueues data for standard output. ERROR_LOCAL_IO. */
int test_report_print(struct command_context *rt, const char *data, size_t n, struct error *e);

/* Waits until all enqueued data is written. ERROR_LOCAL_IO, ERROR_TIMEOUT, ERROR_SIGNAL. */
int test_report_drain(struct command_context *rt, struct error *e);

/* The attributes of a suite with these counts, and what it begins and ends with. */
struct test_suite {
	const char *name;
	unsigned long tests, failures, errors, skipped;
	double seconds;
};
void test_report_suite_begin(struct buf *out, const struct test_suite *suite);
/* left is XML of what tests left open; NULL: nothing. */
int test_report_suite_end(struct buf *out, const struct buf *left, struct error *e);

/* Appends a part of a description of TAP: # and \ have a meaning in it, and a line feed would end it. */
void test_report_tap_text(struct buf *out, const char *text);

/* Appends a line of TAP; where color is true, "ok" and "not ok" at its beginning are in color. */
int test_report_tap_line(struct buf *out, bool color, const char *line, size_t n, struct error *e);

/* Writes file: the XML document around suites. Waits for the reader of a FIFO. ERROR_LOCAL_IO,
 * ERROR_TIMEOUT, ERROR_SIGNAL. */
int test_report_junit(struct command_context *rt, const char *file, const char *suites, size_t n,
    struct error *e);

/* Writes file: a page of HTML with these sections. Waits and fails as test_report_junit(). */
int test_report_page(struct command_context *rt, const char *file, const struct buf *sections,
    struct error *e);

#endif

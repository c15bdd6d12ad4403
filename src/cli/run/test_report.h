/*
 * Reports the results of a script's tests: TAP 14 on standard output, JUnit
 * XML in a file, lines on standard error, events.
 */
#ifndef CLI_RUN_TEST_REPORT_H
#define CLI_RUN_TEST_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "cli/core/command_context.h"
#include "script/test.h"

struct test_report {
	struct command_context *rt;
	const char *file;        /* path of the script, the name of the suite */
	bool tap;                /* write TAP to standard output */
	const char *junit;       /* path of the XML; NULL: none */
	bool reported_elsewhere; /* the caller reports the failure of the script itself */
	unsigned long n, failures, skipped;
	double seconds;
	struct buf cases; /* XML of the test cases */
	bool failed;      /* writing failed; error has the reason */
	struct error error;
};

void test_report_init(struct test_report *r, struct command_context *rt, const char *file, bool tap,
    const char *junit);
void test_report_fini(struct test_report *r);

/* For tests_how.done; arg is the struct test_report. */
void test_report_done(void *arg, const struct test_result *t);

/* Writes the plan and the XML. -1 where something could not be written. */
int test_report_finish(struct test_report *r, struct error *e);

/* Enqueues data for standard output. ERROR_LOCAL_IO. */
int test_report_print(struct command_context *rt, const char *data, size_t n, struct error *e);

/* Waits until all enqueued data is written. ERROR_LOCAL_IO, ERROR_TIMEOUT, ERROR_SIGNAL. */
int test_report_drain(struct command_context *rt, struct error *e);

/* Appends text, escaped for an attribute or element of XML. */
void test_report_xml(struct buf *out, const char *text);

/* Writes file: the XML document around suites. Waits for the reader of a FIFO. ERROR_LOCAL_IO,
 * ERROR_TIMEOUT, ERROR_SIGNAL. */
int test_report_junit(struct command_context *rt, const char *file, const char *suites, size_t n,
    struct error *e);

#endif

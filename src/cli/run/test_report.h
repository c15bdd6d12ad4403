/*
 * What a script's tests gave, for people and machines: TAP 14 on standard
 * output, JUnit's XML in a file, lines on standard error, events.
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
	const char *file;  /* the script, as the suite's name */
	bool tap;          /* to standard output */
	const char *junit; /* NULL: no such file */
	bool told;         /* the failure of the script itself is told elsewhere */
	unsigned long n, failures, skipped;
	double seconds;
	struct buf cases; /* of the XML */
	bool failed;      /* to write; error says why */
	struct error error;
};

void test_report_init(struct test_report *r, struct command_context *rt, const char *file, bool tap,
    const char *junit);
void test_report_fini(struct test_report *r);

/* For tests_how.done; arg is the struct test_report. */
void test_report_done(void *arg, const struct test_result *t);

/* The plan and the XML. -1 where something could not be written. */
int test_report_finish(struct test_report *r, struct error *e);

/* All of data on standard output, as soon as that takes it. ERROR_LOCAL_IO. */
int test_report_put(struct command_context *rt, const char *data, size_t n, struct error *e);

/* Waits until all that was put is written. ERROR_LOCAL_IO, ERROR_TIMEOUT, ERROR_SIGNAL. */
int test_report_drain(struct command_context *rt, struct error *e);

/* Text for an attribute or element of XML. */
void test_report_xml(struct buf *out, const char *text);

/* Writes FILE: the XML around suites. A FIFO is waited for. ERROR_LOCAL_IO, ERROR_TIMEOUT,
 * ERROR_SIGNAL. */
int test_report_junit(struct command_context *rt, const char *file, const char *suites, size_t n,
    struct error *e);

#endif

/*
 * Results of tests as a page of HTML (--report): a list, and for each test that failed what was
 * expected, what came, and the dialogue of its sockets as a sequence diagram. A page needs no script
 * and no other file. It has a section for each test file.
 */
#ifndef CLI_RUN_TEST_PAGE_H
#define CLI_RUN_TEST_PAGE_H

#include <stdint.h>

#include "base/buf.h"
#include "cli/run/test_dialogue.h"
#include "script/test.h"

struct error;

struct test_counts {
	uint64_t tests, failed, skipped;
	int64_t nsec;
};

/* The section of one test file. */
struct test_page {
	struct test_dialogue dialogue; /* its recorder is for the script */
	/* private */
	const char *file;
	struct test_counts counts;
	struct buf list, details;
};

/* The caller keeps file, the name of the section. */
void test_page_init(struct test_page *p, const char *file);
void test_page_fini(struct test_page *p);

/* Adds a result, with the dialogue since the one before. */
void test_page_add(struct test_page *p, const struct test_result *t);

/* Appends the section. Fails like buf_append(). */
int test_page_section(const struct test_page *p, struct buf *out, struct error *e);

/* Appends the section of a file without results, whose process has ended with this status. */
int test_page_missing(const char *file, int status, struct buf *out, struct error *e);

/* Makes a page of sections. */
int test_page_whole(const struct buf *sections, struct buf *out, struct error *e);

/* Appends the sections that a page has. */
int test_page_extract(const char *page, size_t n, struct buf *sections, struct error *e);

#endif

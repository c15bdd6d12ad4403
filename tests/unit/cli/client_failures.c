#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/core/command_context.h"
#include "cli/output/client_failures.h"
#include "test.h"

/* Redirects standard error to memory. */
struct bench {
	struct command_context rt;
	struct report_opts opts;
	struct client_failures cf;
	int old, memory;
};

static bool
begin(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->memory = memfd_create("stderr", MFD_CLOEXEC);
	b->old = dup(STDERR_FILENO);
	if (b->memory == -1 || b->old == -1 || dup2(b->memory, STDERR_FILENO) == -1 ||
	    command_context_open(&b->rt, &b->opts, deadline_never(), NULL) == -1)
		return false;
	b->cf.rt = &b->rt;
	return true;
}

/* Returns what was written; the caller frees it. */
static char *
end(struct bench *b)
{
	char *text = calloc(1, 65536);

	client_failures_report(&b->cf);
	command_context_close(&b->rt, 0);
	dup2(b->old, STDERR_FILENO);
	close(b->old);
	if (pread(b->memory, text, 65535, 0) < 0)
		abort();
	close(b->memory);
	return text;
}

static void
fails(struct bench *b, enum error_code code, const char *text, int times)
{
	for (int i = 0; i < times; i++) {
		struct error e = { 0 };

		error_set(&e, code, "%s", text);
		client_failures_add(&b->cf, &e);
	}
}

static int
count(const char *text, const char *line)
{
	int n = 0;

	while ((text = strstr(text, line)) != NULL) {
		n++;
		text++;
	}
	return n;
}

TEST("a period reports ten of a kind, the others counted, and ten again in the next one")
{
	struct bench b;
	char *said;

	require(begin(&b));
	fails(&b, ERROR_LOCAL_IO, "no file", 15);
	b.cf.kinds[0].next = deadline_in(0);
	fails(&b, ERROR_LOCAL_IO, "no file", 12);
	said = end(&b);
	check_int(count(said, "usock: no file\n"), 20);
	check_int(count(said, "usock: no file: 5 more of this kind\n"), 1);
	check_int(count(said, "usock: no file: 2 more of this kind\n"), 1);
	free(said);
}

TEST("a flood of one kind hides no other")
{
	struct bench b;
	char *said;

	require(begin(&b));
	fails(&b, ERROR_LOCAL_IO, "no file", 100);
	fails(&b, ERROR_TLS, "no certificate", 1);
	said = end(&b);
	check_int(count(said, "no certificate\n"), 1);
	check_int(count(said, "90 more"), 1);
	free(said);
}

TEST("resets are a number at the end, once")
{
	struct error e = { 0 };
	struct bench b;
	char *said;

	require(begin(&b));
	client_failures_add_reset(&b.cf, &e);
	client_failures_report(&b.cf);
	client_failures_report(&b.cf);
	client_failures_add_reset(&b.cf, &e);
	client_failures_add_reset(&b.cf, &e);
	said = end(&b);
	check_str(said,
	    "usock: 1 client ended with a reset\nusock: 2 clients ended with a reset\n");
	free(said);
}

/*
 * Runs each file tests/script/NAME.us as a test: a script with the procedures of
 * lib.us, which fails by an error.
 */
#include <limits.h>
#include <unistd.h>

#include "script_test.h"

static void
run_file(const char *name)
{
	char text[3 * PATH_MAX], path[TEST_PATH_MAX];

	test_path(path, "script_files.sock");
	unlink(path);
	require(begin_as(&(struct script_how){ .out_fd = STDOUT_FILENO,
	    .err_fd = STDERR_FILENO,
	    .folder = TEST_SCRIPTS }));
	snprintf(text, sizeof(text), "set path {%s}; source {%s/lib.us}; source {%s/%s.us}", path,
	    TEST_SCRIPTS, TEST_SCRIPTS, name);
	if (!check_int(run(text), 0))
		printf("#   %s\n", error.text);
	end();
	unlink(path);
}

#define FILE_TEST(name)                                                                            \
	TEST(name ".us passes")                                                                    \
	{                                                                                          \
		run_file(name);                                                                    \
	}

FILE_TEST("names")
FILE_TEST("life")
FILE_TEST("timeout")
FILE_TEST("connect")
FILE_TEST("listen")
FILE_TEST("receive")
FILE_TEST("send")
FILE_TEST("datagram")
FILE_TEST("makefile")
FILE_TEST("options")
FILE_TEST("state")
FILE_TEST("addresses")
FILE_TEST("zerynth")
FILE_TEST("unix")
FILE_TEST("vsock")
FILE_TEST("server")
FILE_TEST("current")
FILE_TEST("expect")
FILE_TEST("fault")

#include "base/module.h"
#include "base/error.h"
#include "test.h"

TEST("a missing module is an error that names it")
{
	struct error e = { .text = "" };

	check(!module_exists("nosuch"));
	check(module_open("nosuch", 1, &e) == NULL);
	check_int(e.code, ERROR_LOCAL_IO);
	check(strstr(e.text, "usock-nosuch") != NULL);
	check(module_open("nosuch", 1, NULL) == NULL);
}

TEST("a module of another version is an error")
{
	struct error e = { .text = "" };

	if (!module_exists("tls"))
		skip("this build has no TLS");
	check(module_open("tls", 0xffffffff, &e) == NULL);
	check_int(e.code, ERROR_LOCAL_IO);
	check(strstr(e.text, "usock-tls") != NULL);
}

/*
 * Shared by the tests of src/script: a loop and a script.
 */
#ifndef UNIT_SCRIPT_SCRIPT_TEST_H
#define UNIT_SCRIPT_SCRIPT_TEST_H

#include <signal.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "loop/loop.h"
#include "script/context.h"
#include "script/handle.h"
#include "script/script.h"
#include "tcl/interp.h"
#include "test.h"

#define MSEC NSEC_PER_MSEC

static struct loop *loop;
static struct script *script;
static struct error error;
static int status;
static bool left;

static void
show_note(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	printf("# %s\n", line);
}

static const struct log test_log = { .level = LOG_CHOSEN, .fn = show_note };

/* The command later MS SCRIPT runs a callback, for tests of waits. */
struct later {
	struct timer timer;
	struct value *script;
	struct later *next;
};

static struct later *laters;

static void
later_done(struct interp *in, void *data, int code)
{
	(void)data;
	if (code == TCL_ERROR && !interp_stopped(in))
		check_str(value_bytes(interp_result(in), NULL), "no error in what comes later");
}

static void
later_run(struct timer *t)
{
	struct later *later = (struct later *)(void *)t;

	interp_callback(script_interp(script), later->script, later_done, NULL);
}

static int
cmd_later(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct later *later = calloc(1, sizeof(*later));
	int64_t msec = 0;

	(void)data;
	(void)argc;
	if (later == NULL || interp_get_int(in, argv[1], &msec) != TCL_OK) {
		free(later);
		return TCL_ERROR;
	}
	later->timer.fn = later_run;
	later->script = value_ref(argv[2]);
	later->next = laters;
	laters = later;
	check_int(loop_timer_set(loop, &later->timer, deadline_in(msec * MSEC), &error), 0);
	return TCL_OK;
}

static inline bool
begin_with(const struct script_how *how)
{
	static const struct interp_command later = { "later", cmd_later, 2, 2, "ms script" };
	struct script_how own = *how;

	signal(SIGPIPE, SIG_IGN);
	own.loop = loop;
	if (own.log == NULL)
		own.log = &test_log;
	if (!check_int(script_open(&script, &own, &error), 0))
		return false;
	interp_add(script_interp(script), &later, NULL, NULL);
	return true;
}

static inline bool
begin(void)
{
	return check_int(loop_open(&loop, &error), 0) &&
	    begin_with(&(struct script_how){ .out_fd = STDOUT_FILENO, .err_fd = STDERR_FILENO });
}

/* Begins with other permissions. */
static inline bool
begin_as(const struct script_how *how)
{
	return check_int(loop_open(&loop, &error), 0) && begin_with(how);
}

static inline void
end(void)
{
	struct later *next;

	for (; laters != NULL; laters = next) {
		next = laters->next;
		loop_timer_stop(loop, &laters->timer);
		value_unref(laters->script);
		free(laters);
	}
	script_close(script);
	loop_close(loop);
	script = NULL;
	loop = NULL;
}

static inline int
run(const char *text)
{
	return script_run(script, text, strlen(text), "test.us", 1, &status, &left, &error);
}

/* Checks that the script succeeds with this result. */
#define check_script(text, want) test_script((text), (want), __FILE__, __LINE__)

static inline bool
test_script(const char *text, const char *want, const char *file, int line)
{
	if (!test_int(run(text), 0, file, line, text)) {
		printf("#   %s\n", error.text);
		return false;
	}
	return test_str(value_bytes(interp_result(script_interp(script)), NULL), want, file, line,
	    text);
}

/* Checks that the script fails with this text. */
#define check_failure(script, want_code, want_text)                                                \
	(error.text[0] = '\0', check_int(run(script), -1), check_int(error.code, want_code),       \
	    check_str(error.text, want_text))

#endif

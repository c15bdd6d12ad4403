/*
 * What a command that talks has besides its own work: the loop with its
 * signals, the report, the end record and the exit status that follows from it.
 */
#ifndef CLI_CORE_COMMAND_CONTEXT_H
#define CLI_CORE_COMMAND_CONTEXT_H

#include <stdbool.h>

#include "base/file.h"
#include "cli/options/groups.h"
#include "cli/output/report.h"
#include "loop/loop.h"
#include "relay/copy/scratch.h"
#include "relay/session.h"

enum { COMMAND_CONTEXT_SIGNALS = 3 };

struct command_context {
	struct report report;
	struct loop *loop;
	struct scratch scratch;
	struct signal_watch signals[COMMAND_CONTEXT_SIGNALS];
	struct signal_watch continued; /* SIGCONT, where the controlling terminal is our input */
	struct timer terminal_timer;
	struct output_queue *dump; /* -x; NULL: none */
	struct deadline
	    until;     /* of --timeout: files, and what is still to be written, wait no longer */
	int killed_by; /* signal that ends the process after all is tidied up; 0: none */
};

/* until: --timeout, or never. Descriptors 0-2 are made to exist, SIGPIPE is an error of write, INT, TERM and
 * HUP interrupt the loop unless they were ignored. */
int command_context_open(struct command_context *rt, const struct report_opts *opts,
    struct deadline until, struct error *e);

/* Writes out what is still to be said and releases everything; then, where a signal ended the work, ends by it. Returns status. */
int command_context_close(struct command_context *rt, int status);

/* A command from its start to its exit status. */
struct runtime_work {
	const char *name; /* of the command, for messages */
	const struct report_opts *report;
	struct deadline until;
	/* Returns an exit status, or -1 with the failure. */
	int (*run)(void *arg, const struct opt_rest *rest, struct error *e);
	void *arg;
};

/* Opens rt, runs the work and closes rt. A failure is reported, with a hint where the words are those of
 * another netcat. Returns the exit status. */
int runtime_run(struct command_context *rt, const struct runtime_work *work,
    const struct opt_rest *rest);

/* Reports e and returns the exit status, noting a signal for command_context_close. A
 * closed standard output is not reported: it ends us as SIGPIPE does. */
int command_context_fail(struct command_context *rt, const struct error *e);

/* The event of a failure, without the message. */
void command_context_error_event(struct command_context *rt, const struct error *e);

/* For a command inside a script, on the loop of that: no signals, no events, no report. */
void command_context_borrow(struct command_context *rt, struct loop *loop, const struct log *log);
void command_context_give_back(struct command_context *rt);

/* -x: where the dump goes. ERROR_LOCAL_IO. */
int command_context_hexdump(struct command_context *rt, const char *where, struct session_how *how,
    struct error *e);

/* True where standard input is to be read. False: it is closed, or /dev/null, and not what is
 * sent (send_only); with -v that is said. A terminal is watched as below. */
bool command_context_take_stdin(struct command_context *rt, bool send_only);

/* From now on reading or writing the controlling terminal from the background does not stop us, and
 * streams (stream/terminal) notice when we come to the foreground. */
void command_context_watch_terminal(struct command_context *rt);

/* Waits until we are in the foreground of our terminal. -1: a signal. */
int command_context_await_foreground(struct command_context *rt, struct error *e);

/* Fills the caller's part of a zeroed session; session_start is next. */
void command_context_session(struct command_context *rt, struct session *s,
    const struct session_how *how, unsigned long id, void (*done)(struct session *s), void *arg);

/* Runs a session that was started until *over; a signal or the deadline ends it. 0, or
 * -1 with the signal or the time-out. */
int command_context_finish(struct command_context *rt, struct session *s, const bool *over,
    struct deadline until, struct error *e);

/* Says how a session ended: its failure (unless quiet_failures), the end record, the event. */
void report_session(struct command_context *rt, const struct session *s, bool client);
/* The same without its failure, which session_failure() gives: one line, verb, address, reason.
 * False: it has none to report. */
void report_session_end(struct command_context *rt, const struct session *s, bool client);
bool session_failure(const struct session *s, struct error *ret_error);

/* EVENT_CONNECTED, EVENT_ACCEPTED. */
void report_start(struct command_context *rt, enum event event, unsigned long id,
    const struct sock *s);

/* The queue of results on standard output. */
int command_context_results(struct command_context *rt, struct output_queue **ret_queue,
    struct error *e);

/* How a file that is a pipe is waited for: until --timeout. Lives as long as rt. */
struct file_wait command_context_file_wait(struct command_context *rt);

/* The exit status that a session's end means. */
int session_status(struct command_context *rt, const struct session *s);

#endif

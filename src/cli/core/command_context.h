/*
 * What every command that uses sockets needs: the loop with its signals, the
 * report, the end record and the exit status.
 */
#ifndef CLI_CORE_COMMAND_CONTEXT_H
#define CLI_CORE_COMMAND_CONTEXT_H

#include <stdbool.h>

#include "base/file.h"
#include "cli/dialogue/live_pcap.h"
#include "cli/options/session_opts.h"
#include "cli/output/recording.h"
#include "cli/output/report.h"
#include "loop/loop.h"
#include "loop/loop_signal.h"
#include "relay/copy/scratch.h"
#include "relay/session.h"

enum { COMMAND_CONTEXT_SIGNALS = 3 };

struct command_context {
	struct report report;
	const char *name; /* of the command */
	struct recording recording;
	struct live_pcap pcap; /* of --pcap */
	struct session_tap tap;
	struct loop *loop;
	struct scratch scratch;
	struct signal_watch signals[COMMAND_CONTEXT_SIGNALS];
	/* SIGCONT, where standard input is the controlling terminal */
	struct signal_watch continued;
	struct timer terminal_timer;
	struct deadline until; /* --timeout: also limits waits for files and the last writes */
	/* what to do on SIGINT, SIGTERM and SIGHUP; NULL: interrupt the loop */
	void (*divert)(void *arg, int signo);
	void *divert_arg;
	bool lost;     /* an output could not be written, and that was said */
	int killed_by; /* signal that ends the process once everything is released; 0: none */
};

/* Opens the loop and the report. until is --timeout, or never. Opens descriptors 0-2 where they
 * are closed, ignores SIGPIPE so that write(2) fails with EPIPE, and lets INT, TERM and HUP
 * interrupt the loop unless they were ignored. The caller calls command_context_close() after a
 * failure too. */
int command_context_open(struct command_context *rt, const struct report_opts *opts,
    struct deadline until, struct error *e);

/* Writes what is still queued and releases everything. Where a signal ended the work, raises it
 * with its default action. Returns status, or that of an output that could not be written. */
int command_context_close(struct command_context *rt, int status);

/* From now on calls fn on SIGINT, SIGTERM and SIGHUP, instead of interrupting the loop; NULL
 * interrupts it again. */
void command_context_divert_signals(struct command_context *rt, void (*fn)(void *arg, int signo),
    void *arg);

/* Opens rt for the command of this name. The caller works only if it returns 0, and calls
 * command_context_end() in either case. */
int command_context_begin(struct command_context *rt, const char *name,
    const struct report_opts *opts, struct deadline until, struct error *e);

/* Closes rt. status is that of the work, or -1 where it failed: reports e then, with a hint where
 * the operands are those of another netcat. Returns the exit status. */
int command_context_end(struct command_context *rt, int status, const struct opt_rest *rest,
    struct error *e);

/* Reports e and returns the exit status. A signal, and EPIPE on standard output as SIGPIPE, is
 * not reported but kept for command_context_close(). */
int command_context_fail(struct command_context *rt, const struct error *e);

/* Reports that an output could not be written, while the work goes on: where nothing else fails, that
 * is the exit status. */
void command_context_lost(struct command_context *rt, const struct error *e);

/* Reports EVENT_ERROR without the message. */
void command_context_error_event(struct command_context *rt, const struct error *e);

/* For a command inside a script: rt uses the script's loop and log, and has no signals, no
 * events and no report. Ends with command_context_release(). */
void command_context_borrow(struct command_context *rt, struct loop *loop, const struct log *log);
void command_context_release(struct command_context *rt);

/* Opens the dumps and the recording, and sets them in how. ERROR_LOCAL_IO. */
int command_context_dumps(struct command_context *rt, const struct dump_files *files,
    enum dialogue_role role, struct session_how *how, struct error *e);

/* True where standard input is to be read. False where it is /dev/null or closed, unless its end
 * is something that the peer is told (sends); a line with -v says so. Calls command_context_watch_terminal(). */
bool command_context_use_stdin(struct command_context *rt, bool sends);

/* From now on reading or writing the controlling terminal from the background does not stop the
 * process; streams (stream/terminal) notice when the process comes to the foreground. Does
 * nothing where standard input is not that terminal. */
void command_context_watch_terminal(struct command_context *rt);

/* Waits until the process is in the foreground of its terminal. -1: ERROR_SIGNAL. */
int command_context_await_foreground(struct command_context *rt, struct error *e);

/* Sets the caller's fields of a zeroed session; call session_start() next. */
void command_context_session(struct command_context *rt, struct session *s,
    const struct session_how *how, unsigned long id, void (*done)(struct session *s), void *arg);

/* Runs the loop until *over is true. A signal or the deadline ends the session. Returns 0, or -1
 * with ERROR_SIGNAL or ERROR_TIMEOUT. */
int command_context_finish(struct command_context *rt, struct session *s, const bool *over,
    struct deadline until, struct error *e);

/* Opens the queue of results on standard output. */
int command_context_results(struct command_context *rt, struct output_queue **ret_queue,
    struct error *e);

/* Returns how to wait for a file that is a pipe: until --timeout. Valid as long as rt. */
struct file_wait command_context_file_wait(struct command_context *rt);

#endif

/*
 * What a command that talks has besides its own work: the loop with its
 * signals, the report, the end record and the exit status that follows from it.
 */
#ifndef CLI_RUNTIME_H
#define CLI_RUNTIME_H

#include <stdbool.h>

#include "base/loop.h"
#include "cli/groups.h"
#include "cli/report.h"
#include "relay/scratch.h"
#include "relay/session.h"

enum { RUNTIME_SIGNALS = 3 };

struct runtime {
	struct report report;
	struct loop *loop;
	struct scratch scratch;
	struct signal_watch signals[RUNTIME_SIGNALS];
	int hexdump_fd;
	int killed_by; /* signal that ends the process after all is tidied up; 0: none */
};

/* Descriptors 0-2 are made to exist, SIGPIPE is an error of write, INT, TERM and
 * HUP interrupt the loop unless they were ignored. */
int runtime_open(struct runtime *rt, const struct report_opts *opts, struct error *e);

/* Releases everything; then, where a signal ended the work, ends by it. Returns status. */
int runtime_close(struct runtime *rt, int status);

/* Reports e and returns the exit status, noting a signal for runtime_close. A
 * closed standard output is not reported: it ends us as SIGPIPE does. */
int runtime_fail(struct runtime *rt, const struct error *e);

/* The event of a failure, without the message. */
void runtime_error_event(struct runtime *rt, const struct error *e);

/* For a command inside a script, on the loop of that: no signals, no events, no report. */
void runtime_borrow(struct runtime *rt, struct loop *loop, const struct log *log);
void runtime_give_back(struct runtime *rt);

/* -x: where the dump goes. ERROR_LOCAL_IO. */
int runtime_hexdump(struct runtime *rt, const char *where, struct session_how *how,
    struct error *e);

/* Standard input that is no input: closed, /dev/null, the terminal of a background job. */
bool stdin_is_idle(void);

/* Fills the caller's part of a zeroed session; session_start is next. */
void runtime_session(struct runtime *rt, struct session *s, const struct session_how *how,
    unsigned long id, void (*done)(struct session *s), void *arg);

/* Runs a session that was started until *over; a signal or the deadline ends it. 0, or
 * -1 with the signal or the time-out. */
int runtime_finish(struct runtime *rt, struct session *s, const bool *over, struct deadline until,
    struct error *e);

/* Says how a session ended: its failure (unless quiet_failures), the end record, the event. */
void report_session(struct runtime *rt, const struct session *s, bool client);
/* The same without its failure, which session_failure() gives: one line, verb, address, reason.
 * False: it has none to report. */
void report_session_end(struct runtime *rt, const struct session *s, bool client);
bool session_failure(const struct session *s, struct error *ret_error);

/* "connected" / "accepted" as an event and with -v. */
void report_start(struct runtime *rt, const char *event, unsigned long id, const struct sock *s);

/* The exit status that a session's end means. */
int session_status(struct runtime *rt, const struct session *s);

#endif

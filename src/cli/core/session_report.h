/*
 * Reports about a session: its start, its end with the state of its socket, its
 * failure, and the exit status that follows.
 */
#ifndef CLI_CORE_SESSION_REPORT_H
#define CLI_CORE_SESSION_REPORT_H

#include <stdbool.h>

#include "cli/output/event.h"

struct command_context;
struct error;
struct session;
struct sock;

/* Reports EVENT_CONNECTED or EVENT_ACCEPTED. */
void session_report_start(struct command_context *rt, enum event event, unsigned long id,
    const struct sock *s);

/* Reports how a session ended: the end record and the event, then its failure. */
void session_report(struct command_context *rt, const struct session *s, bool client);

/* The end record and the event only. */
void session_report_end(struct command_context *rt, const struct session *s, bool client);

/* Sets *ret_error to the failure of a session: one line of verb, address and reason. Returns false
 * where there is none to report. */
bool session_report_failure(const struct session *s, struct error *ret_error);

/* Returns the exit status for the end of a session. A closed standard output ends the process with
 * SIGPIPE in command_context_close(). */
int session_report_status(struct command_context *rt, const struct session *s);

#endif

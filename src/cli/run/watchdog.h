/*
 * Ends a script whose current command does not return. A library call, or a
 * long time of freeing memory, checks neither signals nor the clock. Commands
 * of the language check both, and then the script ends in good order; the
 * watchdog ends the others.
 */
#ifndef CLI_RUN_WATCHDOG_H
#define CLI_RUN_WATCHDOG_H

#include "base/deadline.h"

struct loop;
struct command_context;

/* Until watchdog_stop(), ends the process as the signal would, or with status 124, once it has
 * used another 50 to 75 ms of processor time after SIGINT, SIGTERM or SIGHUP or after the
 * deadline. There is only one watchdog at a time. */
void watchdog_start(struct loop *l, struct deadline until);

/* Stops the watchdog. Returns the exit status: that of a signal that came after the end of the
 * script, else status. */
int watchdog_stop(struct command_context *rt, int status);

#endif

/*
 * What ends a script whose command does not come back: one call of a library,
 * or memory that is given back for seconds, looks at no signal and no clock.
 * The commands of the language look for themselves, and then the script ends
 * in good order; this is for what does not.
 */
#ifndef CLI_RUN_WATCHDOG_H
#define CLI_RUN_WATCHDOG_H

#include "base/deadline.h"

struct loop;
struct command_context;

/* Until watchdog_stop() the process ends, as of the signal or with status 124, when it has computed for another
 * 50 to 75 ms of processor time after SIGINT, SIGTERM or SIGHUP came or the deadline passed. One at a time. */
void watchdog_start(struct loop *l, struct deadline until);

/* The status to end with: that of a signal that came when the script was over already, else status. */
int watchdog_stop(struct command_context *rt, int status);

#endif

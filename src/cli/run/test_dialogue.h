/*
 * What the sockets of the running test say, for its report. Where a script plays both ends of a connection,
 * they are shown as one.
 */
#ifndef CLI_RUN_TEST_DIALOGUE_H
#define CLI_RUN_TEST_DIALOGUE_H

#include "cli/dialogue/both_ends.h"
#include "cli/dialogue/conversation.h"
#include "relay/capture/recorder.h"

struct test_dialogue {
	struct recorder recorder; /* for socket_recorder_set() */
	/* readable */
	struct conversation conversation; /* since the last test_dialogue_forget() */
	unsigned long left_out;           /* messages before those of the conversation */
	/* private */
	struct both_ends ends;
};

void test_dialogue_init(struct test_dialogue *d);
void test_dialogue_fini(struct test_dialogue *d);

/* The next test begins. */
void test_dialogue_forget(struct test_dialogue *d);

#endif

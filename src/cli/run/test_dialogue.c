#include "cli/run/test_dialogue.h"

/* The bytes of a message that are kept; the messages that are shown, at least. */
enum { SHOWN_BYTES = 4 << 10, SHOWN_MESSAGES = 500 };

static void
on_recorded(void *observer, const struct dialogue_event *event)
{
	struct test_dialogue *d = observer;
	struct conversation *c = &d->conversation;
	struct dialogue_event shown = *event;

	/* a picture that lacks something is better than a test that fails for it */
	if (both_ends_event(&d->ends, c, &shown))
		(void)conversation_add(c, &shown, NULL);
	if (c->n_messages < 2 * SHOWN_MESSAGES)
		return;
	d->left_out += SHOWN_MESSAGES;
	conversation_drop(c, SHOWN_MESSAGES);
}

void
test_dialogue_init(struct test_dialogue *d)
{
	*d = (struct test_dialogue){ .recorder = { .observe = on_recorded, .observer = d } };
	conversation_init(&d->conversation, SHOWN_BYTES);
	recorder_watch(&d->recorder);
}

void
test_dialogue_fini(struct test_dialogue *d)
{
	recorder_close(&d->recorder);
	conversation_fini(&d->conversation);
	both_ends_fini(&d->ends);
}

/* Times begin again with the test. */
void
test_dialogue_forget(struct test_dialogue *d)
{
	conversation_forget(&d->conversation);
	both_ends_forget(&d->ends, &d->conversation);
	d->left_out = 0;
	recorder_watch(&d->recorder);
}

#include "cli/prompt/prompt_line.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/module.h"
#include "cli/output/style.h"
#include "cli/prompt/prompt.h"
#include "cli/prompt/prompt_complete.h"
#include "cli/prompt/prompt_incoming.h"
#include "cli/prompt/prompt_syntax.h"
#include "cli/prompt/prompt_terminal.h"
#include "loop/loop.h"
#include "net/sys.h"

/* Longer than a line of a terminal in canonical mode. */
#define LINE_MAX_BYTES 4096

static enum editor_wait
wait_for_terminal(struct prompt *p)
{
	struct error e = { 0 };
	int rc;

	p->waiting = true;
	prompt_incoming_watch(p);
	rc = loop_wait(p->rt->loop, STDIN_FILENO, LOOP_READ, deadline_never(), &e);
	p->waiting = false;
	/* Ctrl-C discards what was typed before it; bytes read with it belong to the next line */
	if (rc != -1 && loop_interrupted(p->rt->loop) == SIGINT) {
		loop_clear_interrupt(p->rt->loop);
		return EDITOR_INTERRUPTED;
	}
	if (rc != -1)
		return EDITOR_READY;
	if (e.code != ERROR_SIGNAL || e.number != SIGINT) {
		p->over = e;
		return EDITOR_OVER;
	}
	loop_clear_interrupt(p->rt->loop);
	return EDITOR_INTERRUPTED;
}

/* ---- the editor ---- */

static const char *
on_prompt(void *arg)
{
	return prompt_compose(arg);
}

static enum editor_wait
on_wait(void *arg)
{
	return wait_for_terminal(arg);
}

static size_t
on_complete(void *arg, const char *line, void (*offer)(void *to, const char *word), void *to)
{
	return prompt_complete(arg, line, offer, to);
}

static size_t
on_hint(void *arg, const char *line, char *text, size_t size)
{
	const struct prompt *p = arg;

	/* continued lines are no command of their own */
	return p->pending.len > 0 || p->question != NULL ? 0
							 : prompt_syntax_hint(p, line, text, size);
}

int
prompt_line_open_editor(struct prompt *p, const char *history, struct error *e)
{
	const struct editor_how how = { .arg = p,
		.prompt = on_prompt,
		.wait = on_wait,
		.complete = on_complete,
		.hint = on_hint,
		.hint_on = p->color ? style_on(true, STYLE_DIM) : "<",
		.hint_off = p->color ? style_off(true, STYLE_DIM) : ">",
		.out = p->out,
		.history = history };
	const struct module_head *head = module_open("prompt", EDITOR_ABI, e);

	if (head == NULL)
		return -1;
	p->ops = (const struct editor_ops *)head;
	p->editor = p->ops->open(&how);
	return 0;
}

/* ---- lines ---- */

/* Reads a line that the terminal edited itself. */
static int
read_plain_line(struct prompt *p, const char **ret_line, size_t *ret_n)
{
	static char line[LINE_MAX_BYTES + 1];
	enum editor_wait ready;
	ssize_t n = SYS_AGAIN;

	prompt_write_prompt(p);
	while (n == SYS_AGAIN) {
		ready = wait_for_terminal(p);
		if (ready == EDITOR_INTERRUPTED)
			prompt_write(p, "\n", 1);
		if (ready != EDITOR_READY)
			return ready == EDITOR_INTERRUPTED ? EDITOR_ABANDONED : EDITOR_END;
		n = sys_read(STDIN_FILENO, line, LINE_MAX_BYTES, NULL);
	}
	if (n <= 0)
		return EDITOR_END;
	line[n] = '\0';
	*ret_n = strcspn(line, "\n");
	line[*ret_n] = '\0';
	*ret_line = line;
	return EDITOR_LINE;
}

/* Ctrl-Z: restores the terminal's modes for the next job. */
static void
on_stop(struct signal_watch *s)
{
	struct prompt *p = s->arg;

	p->ops->pause(p->editor);
	raise(SIGSTOP);
	p->ops->resume(p->editor);
}

static void
on_resize(struct signal_watch *s)
{
	struct prompt *p = s->arg;

	p->ops->resize(p->editor);
}

static int
read_edited_line(struct prompt *p, const char **ret_line, size_t *ret_n)
{
	struct loop *l = p->rt->loop;
	struct error e;
	int rc;

	p->stop = (struct signal_watch){ .signo = SIGTSTP, .fn = on_stop, .arg = p };
	p->resize = (struct signal_watch){ .signo = SIGWINCH, .fn = on_resize, .arg = p };
	(void)loop_signal_watch(l, &p->stop, &e);
	(void)loop_signal_watch(l, &p->resize, &e);
	rc = p->ops->line(p->editor, ret_line, ret_n);
	loop_signal_unwatch(l, &p->stop);
	loop_signal_unwatch(l, &p->resize);
	return rc;
}

int
prompt_line_read(struct prompt *p, const char **ret_line, size_t *ret_n)
{
	int rc;

	rc = p->editor != NULL ? read_edited_line(p, ret_line, ret_n)
			       : read_plain_line(p, ret_line, ret_n);
	prompt_incoming_unwatch(p);
	return rc;
}

bool
prompt_line_ask(struct prompt *p, const char *question)
{
	const char *line;
	size_t n;
	bool yes;

	p->question = question;
	yes = prompt_line_read(p, &line, &n) == EDITOR_LINE && (line[0] == 'y' || line[0] == 'Y');
	p->question = NULL;
	return yes;
}

#include "cli/prompt/prompt_terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "cli/output/style.h"
#include "cli/output/table/text_table.h"
#include "cli/prompt/prompt.h"
#include "cli/prompt/prompt_syntax.h"
#include "sock/sock.h"

/* Returns the length of the character at the start of bytes; 0: not printable. */
static size_t
printable_length(const char *bytes, size_t n)
{
	mbstate_t state = { 0 };
	wchar_t c;
	size_t used = mbrtowc(&c, bytes, n, &state);

	return used >= 1 && used <= n && iswprint((wint_t)c) ? used : 0;
}

void
prompt_escape(struct buf *out, const char *bytes, size_t n)
{
	size_t used;

	for (size_t i = 0; i < n; i += used) {
		used =
		    bytes[i] == '\n' || bytes[i] == '\t' ? 1 : printable_length(bytes + i, n - i);
		if (used > 0) {
			(void)buf_append(out, bytes + i, used, NULL);
			continue;
		}
		used = 1;
		if (bytes[i] == '\r')
			(void)buf_append(out, "\\r", 2, NULL);
		else
			(void)buf_printf(out, NULL, "\\x%02x", (unsigned char)bytes[i]);
	}
}

void
prompt_quote(struct buf *out, bool color, const char *name, const char *bytes, size_t n)
{
	const char *end = bytes + n, *next, *stop;

	for (; bytes < end; bytes = next) {
		stop = memchr(bytes, '\n', (size_t)(end - bytes));
		next = stop == NULL ? end : stop + 1;
		if (stop == NULL)
			stop = end;
		else if (stop > bytes && stop[-1] == '\r')
			stop--;
		(void)buf_printf(out, NULL, "%s%s<%s ", style_on(color, STYLE_RECEIVED), name,
		    style_off(color, STYLE_RECEIVED));
		prompt_escape(out, bytes, (size_t)(stop - bytes));
		(void)buf_append(out, "\n", 1, NULL);
	}
}

/* ---- the prompt ---- */

/* What the prompt says of the current socket. */
struct shown {
	char name[24], address[SOCKNAME_TEXT_MAX];
	const char *state;
};

static void
show_handle(const struct handle *h, struct shown *s)
{
	struct sock_status st = { .name = NULL };

	*s = (struct shown){ .state = "" };
	snprintf(s->name, sizeof(s->name), "%s", h->name);
	if (sock_status(h->sock, &st, NULL) == -1) {
		sock_local(h->sock, &st.local);
		sock_peer(h->sock, &st.peer);
	}
	if (st.peer.len > 0 || st.local.len > 0)
		sockname_format(st.peer.len > 0 ? &st.peer : &st.local, s->address,
		    sizeof(s->address));
	if (st.name != NULL)
		s->state = st.name;
}

void
prompt_describe(const struct handle *h, char *text, size_t size)
{
	struct shown s;

	show_handle(h, &s);
	snprintf(text, size, "%s%s%s%s%s", s.name, s.address[0] != '\0' ? " " : "", s.address,
	    s.state[0] != '\0' ? " " : "", s.state);
}

/* The editor has to know which bytes take no room. */
static const char *
escape_text(const struct prompt *p, const char *sequence, char text[16])
{
	const char *mark = p->editor != NULL && sequence[0] != '\0' ? EDITOR_ESCAPE : "";

	snprintf(text, 16, "%s%s%s", mark, sequence, mark);
	return text;
}

static void
append_styled(struct prompt *p, enum style style, const char *before, const char *text)
{
	char on[16], off[16];
	size_t n = strlen(p->text);

	if (text[0] == '\0')
		return;
	snprintf(p->text + n, sizeof(p->text) - n, "%s%s%s%s", before,
	    escape_text(p, style_on(p->color, style), on), text,
	    escape_text(p, style_off(p->color, style), off));
}

/* Leaves out the address, then the state, where too little of the line would be left to type. */
static void
compose_socket(struct prompt *p, struct shown *s)
{
	size_t width = text_table_width_of(fileno(p->out));
	size_t room = width == 0 ? 60 : width >= 60 ? width - 20 : width / 2;
	size_t least = strlen(s->name) + strlen(" > ");

	if (least + strlen(s->address) + 1 + strlen(s->state) > room)
		s->address[0] = '\0';
	if (least + strlen(s->state) > room)
		s->state = "";
	append_styled(p, STYLE_NOTE, "", s->name);
	append_styled(p, STYLE_PLAIN, " ", s->address);
	append_styled(p, style_of_word(s->state), " ", s->state);
	append_styled(p, STYLE_PLAIN, "", "> ");
}

const char *
prompt_compose(struct prompt *p)
{
	const struct handle *h = handle_get_current(p->sc);
	char open[PROMPT_OPEN_MAX];
	struct shown s;

	p->text[0] = '\0';
	if (p->question != NULL) {
		append_styled(p, STYLE_PLAIN, "", p->question);
	} else if (p->pending.len > 0) {
		prompt_syntax_open(buf_head(&p->pending), p->pending.len, open);
		snprintf(p->text, sizeof(p->text), "... %s%s", open, open[0] != '\0' ? " " : "");
	} else if (h == NULL || h->sock == NULL) {
		snprintf(p->text, sizeof(p->text), "usock> ");
	} else {
		show_handle(h, &s);
		compose_socket(p, &s);
	}
	return p->text;
}

/* ---- writing ---- */

void
prompt_note(const struct prompt *p, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(p->out, "%s%s%s\n", style_on(p->color, STYLE_DIM), text,
	    style_off(p->color, STYLE_DIM));
	fflush(p->out);
}

void
prompt_write(const struct prompt *p, const char *text, size_t n)
{
	fwrite(text, 1, n, p->out);
	fflush(p->out);
}

void
prompt_write_prompt(struct prompt *p)
{
	const char *text = prompt_compose(p);

	prompt_write(p, text, strlen(text));
}

void
prompt_show(struct prompt *p, const char *text, size_t n)
{
	if (p->editor != NULL && p->waiting) {
		p->ops->show(p->editor, text, n);
		return;
	}
	if (p->waiting && n > 0)
		prompt_write(p, "\n", 1);
	prompt_write(p, text, n);
	if (p->waiting)
		prompt_write_prompt(p);
}

#include "cli/prompt/prompt_terminal.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "cli/prompt/prompt.h"
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
prompt_quote(struct buf *out, const char *name, const char *bytes, size_t n)
{
	const char *end = bytes + n, *next, *stop;

	for (; bytes < end; bytes = next) {
		stop = memchr(bytes, '\n', (size_t)(end - bytes));
		next = stop == NULL ? end : stop + 1;
		if (stop == NULL)
			stop = end;
		else if (stop > bytes && stop[-1] == '\r')
			stop--;
		(void)buf_printf(out, NULL, "%s< ", name);
		prompt_escape(out, bytes, (size_t)(stop - bytes));
		(void)buf_append(out, "\n", 1, NULL);
	}
}

void
prompt_describe(const struct handle *h, char *text, size_t size)
{
	struct sock_status st = { 0 };
	char name[SOCKNAME_TEXT_MAX] = "";

	if (sock_status(h->sock, &st, NULL) == -1) {
		sock_local(h->sock, &st.local);
		sock_peer(h->sock, &st.peer);
	}
	if (st.peer.len > 0 || st.local.len > 0)
		sockname_format(st.peer.len > 0 ? &st.peer : &st.local, name, sizeof(name));
	snprintf(text, size, "%s%s%s%s%s", h->name, name[0] != '\0' ? " " : "", name,
	    st.name != NULL ? " " : "", st.name != NULL ? st.name : "");
}

const char *
prompt_compose(struct prompt *p)
{
	const struct handle *h = handle_get_current(p->sc);
	size_t size = sizeof(p->text);

	if (p->pending.len > 0) {
		snprintf(p->text, size, "... ");
	} else if (h == NULL || h->sock == NULL) {
		snprintf(p->text, size, "usock> ");
	} else {
		prompt_describe(h, p->text, size - 2);
		snprintf(p->text + strlen(p->text), 3, "> ");
	}
	return p->text;
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

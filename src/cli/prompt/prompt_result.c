#include "cli/prompt/prompt_result.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/output/table/text_table.h"
#include "cli/prompt/prompt.h"
#include "cli/prompt/prompt_record.h"
#include "cli/prompt/prompt_syntax.h"
#include "cli/prompt/prompt_terminal.h"
#include "cli/status/status_info.h"
#include "script/context.h"
#include "sock/sock.h"
#include "status/tcp_info.h"
#include "tcl/interp.h"
#include "tcl/value/dict.h"
#include "tcl/value/list.h"
#include "tcl/value/value.h"

enum { WORD_MAX = 32, TITLE_MAX = 24, SHOWN_MAX = 64 << 20 };

/* ---- words ---- */

/* What was typed: its command, or the method of a socket. */
struct typed {
	char word[WORD_MAX];
	struct handle *handle; /* whose method it is; of a command the current socket, or NULL */
	bool method;           /* the socket is named */
	bool alone;            /* without arguments */
	bool no_newline;       /* the arguments are as typed, and have no line end */
};

static const char *
read_typed_word(const char *text, char word[WORD_MAX])
{
	size_t n = strcspn(text, " \t\n");

	snprintf(word, WORD_MAX, "%.*s", (int)(n < WORD_MAX ? n : 0), text);
	return text + n + strspn(text + n, " \t\n");
}

/* Several commands, or one in brackets, are none of which the result has words of its own. */
static struct typed
read_typed(struct prompt *p, const char *text)
{
	struct typed t = { .word = "", .handle = handle_get_current(p->sc) };
	struct handle *named;
	const char *rest = text + strspn(text, " \t\n");

	if (strpbrk(rest, ";") != NULL)
		return t;
	rest = read_typed_word(rest, t.word);
	named = prompt_syntax_handle(p, t.word, strlen(t.word));
	if (named != NULL) {
		t.handle = named;
		t.method = true;
		rest = read_typed_word(rest, t.word);
	}
	t.alone = *rest == '\0';
	t.no_newline = strpbrk(rest, "$[\n") == NULL && strstr(rest, "\\n") == NULL;
	return t;
}

/* ---- plain results ---- */

static void
show_bytes_of(struct prompt *p, const char *bytes, size_t n)
{
	struct buf text;

	buf_init(&text, SHOWN_MAX);
	prompt_escape(&text, bytes, n);
	if (text.len > 0) {
		prompt_record_mask(p->record, buf_head(&text), text.len);
		prompt_write(p, buf_head(&text), text.len);
		if (buf_head(&text)[text.len - 1] != '\n')
			prompt_write(p, "\n", 1);
	}
	buf_fini(&text);
}

static bool
is_count(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* "5 bytes sent". A server that waits for the end of a line would seem to be silent. */
static bool
show_count(struct prompt *p, const struct typed *t, const char *result)
{
	enum { LINE_SENDERS = 3 };
	static const char *const senders[] = { "send", "sendall", "write", "sendto", "drip",
		"split", "garbage", "duplicate" };
	size_t i = 0;

	while (i < ARRAY_LEN(senders) && strcmp(t->word, senders[i]) != 0)
		i++;
	if (i == ARRAY_LEN(senders) || !is_count(result))
		return false;
	prompt_note(p, "%s byte%s sent%s", result, strcmp(result, "1") == 0 ? "" : "s",
	    t->no_newline && i < LINE_SENDERS ? ", without a line end" : "");
	return true;
}

/* "sock1: connected to 127.0.0.1:25" */
static bool
show_socket(struct prompt *p, const struct typed *t, const char *result)
{
	char name[SOCKNAME_TEXT_MAX];
	const struct handle *h = prompt_syntax_handle(p, result, strlen(result));
	bool listens = strcmp(t->word, "listen") == 0;
	struct sockname address = { .len = 0 };

	if (h == NULL || h->sock == NULL || (!listens && strcmp(t->word, "connect") != 0))
		return false;
	if (listens)
		sock_local(h->sock, &address);
	else
		sock_peer(h->sock, &address);
	if (address.len == 0)
		return false;
	sockname_format(&address, name, sizeof(name));
	prompt_note(p, "%s: %s %s", h->name, listens ? "listening on" : "connected to", name);
	return true;
}

/* ---- tables ---- */

static struct text_table_how
text_table_how(const struct prompt *p)
{
	return (struct text_table_how){ .width = text_table_width_of(fileno(p->out)),
		.color = p->color,
		.titles = true };
}

static void
write_table(struct prompt *p, struct text_table *t)
{
	struct buf text;

	buf_init(&text, SHOWN_MAX);
	if (text_table_print(t, &text, NULL) == 0 &&
	    text_table_note(t, "a wider terminal shows them", &text, NULL) == 0 && text.len > 0)
		prompt_write(p, buf_head(&text), text.len);
	buf_fini(&text);
	text_table_fini(t);
}

struct socket_rows {
	struct prompt *prompt;
	struct text_table table;
};

static void
add_address_cell(struct text_table *t, const struct sockname *address)
{
	char text[SOCKNAME_TEXT_MAX] = "";

	if (address->len > 0)
		sockname_format(address, text, sizeof(text));
	(void)text_table_add(t, STYLE_PLAIN, text, NULL);
}

static void
add_socket(void *arg, struct handle *h)
{
	struct socket_rows *rows = arg;
	bool current = handle_get_current(rows->prompt->sc) == h;
	struct sock_status st = { .name = NULL };

	if (h->sock == NULL || h->is_file)
		return;
	if (sock_status(h->sock, &st, NULL) == -1) {
		sock_local(h->sock, &st.local);
		sock_peer(h->sock, &st.peer);
	}
	(void)text_table_add(&rows->table, STYLE_PLAIN, current ? "*" : " ", NULL);
	(void)text_table_add(&rows->table, STYLE_NOTE, h->name, NULL);
	(void)text_table_add(&rows->table, style_of_word(st.name != NULL ? st.name : ""),
	    st.name != NULL ? st.name : "", NULL);
	add_address_cell(&rows->table, &st.local);
	add_address_cell(&rows->table, &st.peer);
}

static void
show_sockets(struct prompt *p)
{
	static const struct text_table_column columns[] = {
		{ .title = " " },
		{ .title = "SOCKET" },
		{ .title = "STATE" },
		{ .title = "LOCAL", .rank = 1 },
		{ .title = "PEER" },
	};
	const struct text_table_how how = text_table_how(p);
	struct socket_rows rows = { .prompt = p };

	text_table_init(&rows.table, columns, ARRAY_LEN(columns), &how);
	handles_each(p->sc, add_socket, &rows);
	write_table(p, &rows.table);
}

/* ---- dictionaries ---- */

static struct dict *
dict_of(struct value *v)
{
	struct list_error ignored;

	return value_to_dict(v, &ignored);
}

/* Keys whose values are lists of values. */
static bool
is_nested_key(const char *key)
{
	return strcmp(key, "info") == 0 || strcmp(key, "processes") == 0;
}

/* The state of one socket: a line for each key, then the figures of TCP_INFO. */
static bool
show_status(struct prompt *p, const struct handle *h, const struct dict *d)
{
	static const struct text_table_column columns[] = { { .title = "KEY" },
		{ .title = "VALUE" } };
	struct status_metric metrics[STATUS_METRICS];
	struct text_table_how how = text_table_how(p);
	struct text_table t;
	size_t n;

	how.titles = false;
	text_table_init(&t, columns, ARRAY_LEN(columns), &how);
	for (unsigned i = dict_next(d, 0); i < d->used; i = dict_next(d, i + 1)) {
		const char *key = value_bytes(d->entries[i].key, NULL);
		const char *value = value_bytes(d->entries[i].value, NULL);

		if (!is_nested_key(key) &&
		    (text_table_add(&t, STYLE_DIM, key, NULL) == -1 ||
			text_table_add(&t, style_of_word(value), value, NULL) == -1))
			break;
	}
	n = h != NULL && h->sock != NULL && sock_fileno(h->sock) != -1
	    ? status_metrics_of(sock_fileno(h->sock), metrics)
	    : 0;
	(void)status_info_add_metrics(&t, metrics, n, NULL);
	write_table(p, &t);
	return true;
}

/* The columns of a table are the keys of its first row. */
struct key_columns {
	struct text_table_column columns[TEXT_TABLE_COLUMNS_MAX];
	char titles[TEXT_TABLE_COLUMNS_MAX][TITLE_MAX];
	struct value *keys[TEXT_TABLE_COLUMNS_MAX];
	size_t n;
};

static void
read_keys(struct key_columns *k, const struct dict *first)
{
	for (unsigned i = dict_next(first, 0); i < first->used && k->n < TEXT_TABLE_COLUMNS_MAX;
	     i = dict_next(first, i + 1)) {
		const char *key = value_bytes(first->entries[i].key, NULL);
		char *title = k->titles[k->n];

		if (is_nested_key(key))
			continue;
		snprintf(title, TITLE_MAX, "%s", key);
		for (char *c = title; *c != '\0'; c++)
			*c = (char)toupper((unsigned char)*c);
		k->keys[k->n] = first->entries[i].key;
		/* later ones are left out first */
		k->columns[k->n] =
		    (struct text_table_column){ .title = title, .rank = (unsigned char)k->n };
		k->n++;
	}
}

static bool
show_rows(struct prompt *p, struct value *result)
{
	const struct text_table_how how = text_table_how(p);
	struct key_columns k = { .n = 0 };
	struct list_error ignored;
	struct list *rows = value_to_list(result, &ignored);
	const struct dict *d = rows != NULL && rows->n > 0 ? dict_of(rows->items[0]) : NULL;
	struct text_table t;

	if (d == NULL)
		return false;
	read_keys(&k, d);
	if (k.n < 2)
		return false;
	text_table_init(&t, k.columns, k.n, &how);
	for (size_t i = 0; i < rows->n && (d = dict_of(rows->items[i])) != NULL; i++) {
		for (size_t c = 0; c < k.n; c++) {
			struct value *cell = dict_get(d, k.keys[c]);
			const char *text = cell != NULL ? value_bytes(cell, NULL) : "";

			(void)text_table_add(&t, style_of_word(text), text, NULL);
		}
	}
	write_table(p, &t);
	return true;
}

static bool
show_table(struct prompt *p, const struct typed *t, struct value *result)
{
	const struct dict *d;

	if (strcmp(t->word, "sockets") == 0 && t->alone && !t->method) {
		show_sockets(p);
		return true;
	}
	if (strcmp(t->word, "status") != 0)
		return false;
	if (!t->alone)
		return show_rows(p, result);
	d = dict_of(result);
	return d != NULL && show_status(p, t->handle, d);
}

void
prompt_result_show(struct prompt *p, const char *text)
{
	struct value *result = interp_result(script_interp(p->sc));
	const struct typed t = read_typed(p, text);
	size_t n;
	const char *bytes = value_bytes(result, &n);

	if (n == 0)
		return;
	if (show_count(p, &t, bytes) || show_socket(p, &t, bytes) || show_table(p, &t, result))
		return;
	show_bytes_of(p, bytes, n);
}

#include "cli/prompt/prompt_record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"

/* A longer session loses its beginning. */
#define TEXT_MAX_BYTES ((size_t)64 << 20)

enum entry_kind { ENTRY_COMMAND, ENTRY_ARRIVED, ENTRY_SENT, ENTRY_HALF_CLOSED };

struct entry {
	enum entry_kind kind;
	char handle[24]; /* the socket of the bytes; "" while there are none */
	struct buf text; /* the command */
	struct buf bytes;
	bool failed, mixed; /* mixed: the command received bytes of several sockets */
	bool taken;         /* arrived bytes that interact has received: they stay where they are */
	struct entry *next;
};

struct secret {
	struct buf bytes;
	struct secret *next;
};

struct prompt_record {
	struct entry *first, *last, *running;
	struct secret *secrets;
};

struct prompt_record *
prompt_record_open(void)
{
	return calloc(1, sizeof(struct prompt_record));
}

void
prompt_record_close(struct prompt_record *j)
{
	struct entry *next;
	struct secret *after;

	if (j == NULL)
		return;
	for (struct entry *it = j->first; it != NULL; it = next) {
		next = it->next;
		buf_fini(&it->text);
		buf_fini(&it->bytes);
		free(it);
	}
	for (struct secret *s = j->secrets; s != NULL; s = after) {
		after = s->next;
		buf_fini(&s->bytes);
		free(s);
	}
	free(j);
}

static struct entry *
add_entry(struct prompt_record *j, enum entry_kind kind)
{
	struct entry *it = calloc(1, sizeof(*it));

	if (it == NULL)
		return NULL;
	it->kind = kind;
	buf_init(&it->text, TEXT_MAX_BYTES);
	buf_init(&it->bytes, TEXT_MAX_BYTES);
	if (j->last != NULL)
		j->last->next = it;
	else
		j->first = it;
	j->last = it;
	return it;
}

static void
set_handle(struct entry *it, const char *handle)
{
	snprintf(it->handle, sizeof(it->handle), "%s", handle);
}

/* ---- the session ---- */

/* Returns whether the command is this word, with or without arguments. */
static bool
is_command(const struct entry *it, const char *word)
{
	const char *text = it->text.len > 0 ? buf_head(&it->text) : "";
	size_t n = strlen(word);

	while (*text == ' ' || *text == '\t' || *text == '\n')
		text++;
	return strncmp(text, word, n) == 0 &&
	    (text[n] == '\0' || strchr(" \t\n;", text[n]) != NULL);
}

static bool
is_interacting(const struct prompt_record *j)
{
	return j->running != NULL && is_command(j->running, "interact");
}

void
prompt_record_begin(struct prompt_record *j, const char *text, size_t n)
{
	j->running = add_entry(j, ENTRY_COMMAND);
	if (j->running != NULL && buf_append(&j->running->text, text, n, NULL) == 0)
		(void)buf_text(&j->running->text, NULL);
}

void
prompt_record_end(struct prompt_record *j, bool failed)
{
	if (j->running != NULL)
		j->running->failed = failed;
	j->running = NULL;
}

static void
add_arrived(struct prompt_record *j, const char *handle, bool taken, const char *bytes, size_t n)
{
	struct entry *it = j->last;

	if (it == NULL || it->kind != ENTRY_ARRIVED || it->taken != taken ||
	    strcmp(it->handle, handle) != 0)
		it = add_entry(j, ENTRY_ARRIVED);
	if (it == NULL)
		return;
	set_handle(it, handle);
	it->taken = taken;
	(void)buf_append(&it->bytes, bytes, n, NULL);
}

void
prompt_record_arrived(struct prompt_record *j, const char *handle, const char *bytes, size_t n)
{
	add_arrived(j, handle, false, bytes, n);
}

/* interact receives all that has arrived before, and then what comes. */
static void
take_arrived(struct prompt_record *j, const char *handle, const char *bytes, size_t n)
{
	size_t before = 0;

	for (struct entry *it = j->first; it != NULL; it = it->next) {
		if (it->kind != ENTRY_ARRIVED || it->taken || strcmp(it->handle, handle) != 0)
			continue;
		before += it->bytes.len;
		it->taken = true;
	}
	if (n > before)
		add_arrived(j, handle, true, bytes + before, n - before);
}

/* Removes n bytes that the running command receives from the entries of arrived bytes. The bytes
 * that arrived after them get an entry after that command. */
static void
move_arrived(struct prompt_record *j, const char *handle, size_t n)
{
	struct buf rest;

	buf_init(&rest, TEXT_MAX_BYTES);
	for (struct entry *it = j->first; it != NULL; it = it->next) {
		size_t part;

		if (it->kind != ENTRY_ARRIVED || it->taken || strcmp(it->handle, handle) != 0)
			continue;
		part = it->bytes.len < n ? it->bytes.len : n;
		buf_consume(&it->bytes, part);
		n -= part;
		if (it->bytes.len > 0)
			(void)buf_append(&rest, buf_head(&it->bytes), it->bytes.len, NULL);
		buf_consume(&it->bytes, it->bytes.len);
	}
	if (rest.len > 0)
		prompt_record_arrived(j, handle, buf_head(&rest), rest.len);
	buf_fini(&rest);
}

void
prompt_record_received(struct prompt_record *j, const char *handle, const char *bytes, size_t n)
{
	struct entry *it = j->running;

	if (is_interacting(j)) {
		take_arrived(j, handle, bytes, n);
		return;
	}
	move_arrived(j, handle, n);
	if (it == NULL)
		return;
	if (it->handle[0] != '\0' && strcmp(it->handle, handle) != 0)
		it->mixed = true;
	set_handle(it, handle);
	(void)buf_append(&it->bytes, bytes, n, NULL);
}

void
prompt_record_sent(struct prompt_record *j, const char *handle, const char *bytes, size_t n)
{
	struct entry *it = j->last;

	if (!is_interacting(j))
		return;
	if (it == NULL || it->kind != ENTRY_SENT || strcmp(it->handle, handle) != 0)
		it = add_entry(j, ENTRY_SENT);
	if (it == NULL)
		return;
	set_handle(it, handle);
	(void)buf_append(&it->bytes, bytes, n, NULL);
}

void
prompt_record_half_close(struct prompt_record *j, const char *handle)
{
	struct entry *it = add_entry(j, ENTRY_HALF_CLOSED);

	if (it != NULL)
		set_handle(it, handle);
}

/* ---- secrets ---- */

void
prompt_record_add_secret(struct prompt_record *j, const char *bytes, size_t n)
{
	struct secret *s = n > 0 ? calloc(1, sizeof(*s)) : NULL;

	if (s == NULL)
		return;
	buf_init(&s->bytes, n);
	(void)buf_append(&s->bytes, bytes, n, NULL);
	s->next = j->secrets;
	j->secrets = s;
}

void
prompt_record_mask(const struct prompt_record *j, char *text, size_t n)
{
	for (const struct secret *s = j->secrets; s != NULL; s = s->next) {
		char *at = text, *found;

		while (s->bytes.len > 0 &&
		    (found = memmem(at, n - (size_t)(at - text), buf_head(&s->bytes),
			 s->bytes.len)) != NULL) {
			memset(found, '*', s->bytes.len);
			at = found + s->bytes.len;
		}
	}
}

static bool
has_secret(const struct prompt_record *j, const struct buf *b)
{
	for (const struct secret *s = j->secrets; s != NULL && b->len > 0; s = s->next)
		if (s->bytes.len > 0 &&
		    memmem(buf_head(b), b->len, buf_head(&s->bytes), s->bytes.len) != NULL)
			return true;
	return false;
}

/* ---- save ---- */

/* Writes a word of a script that stands for exactly these bytes. */
static void
write_word(struct buf *out, const struct buf *bytes)
{
	const char *head = buf_head(bytes);

	(void)buf_append(out, "\"", 1, NULL);
	for (size_t i = 0; i < bytes->len; i++) {
		unsigned char c = (unsigned char)head[i];

		if (c == '\r' || c == '\n' || c == '\t')
			(void)buf_printf(out, NULL, "\\%c",
			    c == '\r'       ? 'r'
				: c == '\n' ? 'n'
					    : 't');
		else if (c < ' ' || c > '~')
			(void)buf_printf(out, NULL, "\\%03o", c);
		else if (strchr("\"\\$[]{}", c) != NULL)
			(void)buf_printf(out, NULL, "\\%c", c);
		else
			(void)buf_append(out, &head[i], 1, NULL);
	}
	(void)buf_append(out, "\"", 1, NULL);
}

static void
write_sent(const struct prompt_record *j, struct buf *out, const struct entry *it)
{
	if (has_secret(j, &it->bytes)) {
		(void)buf_printf(out, NULL, "# left out: what was sent holds a secret\n");
		return;
	}
	(void)buf_printf(out, NULL, "%s sendall ", it->handle);
	write_word(out, &it->bytes);
	(void)buf_append(out, "\n", 1, NULL);
}

static void
write_expectation(const struct prompt_record *j, struct buf *out, const struct entry *it)
{
	if (it->bytes.len == 0)
		return;
	if (has_secret(j, &it->bytes)) {
		(void)buf_printf(out, NULL, "# from %s came what holds a secret\n", it->handle);
		return;
	}
	(void)buf_printf(out, NULL, "%s expect -ex ", it->handle);
	write_word(out, &it->bytes);
	(void)buf_append(out, "\n", 1, NULL);
}

/* True where the command only receives and its result was shown, not used: in the script an
 * expect of its bytes replaces it. */
static bool
only_receives(const struct entry *it)
{
	static const char *const words[] = { "recv", "read", "readall", "readline", "recv_into",
		"readinto" };
	const char *text = buf_head(&it->text);
	size_t first = strcspn(text, " \t\n"), length;

	if (it->mixed || it->bytes.len == 0 || strpbrk(text, ";[\n") != NULL)
		return false;
	if (strncmp(text, it->handle, first) == 0 && it->handle[first] == '\0')
		text += first + strspn(text + first, " \t");
	length = strcspn(text, " \t");
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i]) == length && strncmp(words[i], text, length) == 0)
			return true;
	return false;
}

static void
write_comment(struct buf *out, const char *why, const char *text)
{
	size_t n;

	for (; *text != '\0'; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		(void)buf_printf(out, NULL, "# %s: %.*s\n", why, (int)n, text);
	}
}

static void
write_command(const struct prompt_record *j, struct buf *out, struct entry *it)
{
	static const char *const prompt_only[] = { "save", "help", "clear", "quit", "exit",
		"interact", "status", "sockets", "record" };
	const char *text = buf_text(&it->text, NULL);

	for (size_t i = 0; i < ARRAY_LEN(prompt_only); i++)
		if (text == NULL || is_command(it, prompt_only[i]))
			return;
	if (has_secret(j, &it->text)) {
		write_comment(out, "left out", "a command with a secret in it");
	} else if (it->failed) {
		write_comment(out, "failed", text);
	} else if (only_receives(it)) {
		write_comment(out, "was", text);
		write_expectation(j, out, it);
	} else {
		(void)buf_printf(out, NULL, "%s\n", text);
	}
}

static int
write_script(const char *path, const struct buf *text, struct error *e)
{
	int fd = file_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666, e), rc;
	size_t put;

	if (fd == -1)
		return -1;
	rc = file_write(fd, buf_head(text), text->len, &put);
	if (rc == -1)
		error_errno(e, ERROR_LOCAL_IO, errno, "write %s", path);
	if (close(fd) == -1 && rc == 0)
		return error_errno(e, ERROR_LOCAL_IO, errno, "write %s", path);
	return rc;
}

int
prompt_record_save(const struct prompt_record *j, const char *path, struct error *e)
{
	struct buf text;
	int rc;

	buf_init(&text, TEXT_MAX_BYTES);
	(void)buf_printf(&text, NULL, "#!/usr/bin/env usock\n");
	for (struct entry *it = j->first; it != NULL; it = it->next) {
		if (it->kind == ENTRY_COMMAND && it != j->running)
			write_command(j, &text, it);
		else if (it->kind == ENTRY_ARRIVED)
			write_expectation(j, &text, it);
		else if (it->kind == ENTRY_SENT)
			write_sent(j, &text, it);
		else if (it->kind == ENTRY_HALF_CLOSED)
			(void)buf_printf(&text, NULL, "%s shutdown w\n", it->handle);
	}
	rc = write_script(path, &text, e);
	buf_fini(&text);
	return rc;
}

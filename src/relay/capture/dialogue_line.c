#include "relay/capture/dialogue_line.h"

#include <string.h>

#include "base/array.h"
#include "base/codec/base64.h"
#include "base/codec/json.h"
#include "base/error.h"

/* All members that a line may have. */
enum member {
	HAS_T = 1 << 0,
	HAS_C = 1 << 1,
	HAS_EVENT = 1 << 2,
	HAS_DIR = 1 << 3,
	HAS_TEXT = 1 << 4,
	HAS_BASE64 = 1 << 5,
	HAS_MORE = 1 << 6,
	HAS_ROLE = 1 << 7,
	HAS_TYPE = 1 << 8,
	HAS_LOCAL = 1 << 9,
	HAS_PEER = 1 << 10,
	HAS_VERSION = 1 << 11,
	HAS_CIPHER = 1 << 12,
	HAS_ALPN = 1 << 13,
	HAS_SERVER_NAME = 1 << 14,
	HAS_LINE = 1 << 15,
	HAS_REASON = 1 << 16,
	HAS_USOCK = 1 << 17,
	HAS_STARTED = 1 << 18,
	HAS_COMMAND = 1 << 19,
};

enum { MEMBERS = 20 };

static const struct member_row {
	const char *name;
	enum json_kind kind;
} members[MEMBERS] = {
	{ "t", JSON_INTEGER },
	{ "c", JSON_INTEGER },
	{ "event", JSON_STRING },
	{ "dir", JSON_STRING },
	{ "text", JSON_STRING },
	{ "base64", JSON_STRING },
	{ "more", JSON_BOOL },
	{ "role", JSON_STRING },
	{ "type", JSON_STRING },
	{ "local", JSON_STRING },
	{ "peer", JSON_STRING },
	{ "version", JSON_STRING },
	{ "cipher", JSON_STRING },
	{ "alpn", JSON_STRING },
	{ "server_name", JSON_STRING },
	{ "line", JSON_STRING },
	{ "reason", JSON_STRING },
	{ "usock", JSON_STRING },
	{ "started", JSON_STRING },
	{ "command", JSON_STRING },
};

/* What each kind of line has besides t, c and event, and what it may have. */
static const struct {
	unsigned has, may;
} rules[DIALOGUE_KINDS_N] = {
	[DIALOGUE_DATA] = { HAS_DIR, HAS_TEXT | HAS_BASE64 | HAS_MORE },
	[DIALOGUE_OPEN] = { HAS_ROLE | HAS_TYPE, HAS_LOCAL | HAS_PEER },
	[DIALOGUE_TLS] = { HAS_VERSION, HAS_CIPHER | HAS_ALPN | HAS_SERVER_NAME },
	[DIALOGUE_SECRET] = { HAS_LINE, 0 },
	[DIALOGUE_END] = { HAS_DIR, 0 },
	[DIALOGUE_CLOSE] = { 0, HAS_REASON },
	[DIALOGUE_RESET] = { HAS_DIR, HAS_REASON },
	[DIALOGUE_ERROR] = { 0, HAS_DIR | HAS_REASON },
};

/* The members of a line by their places in the table. */
struct line_members {
	struct json_member of[MEMBERS];
	unsigned has; /* bits of those that are there */
};

/* Returns the place of a member, or -1. */
static int
find_member(const struct json_member *m)
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (strlen(members[i].name) == m->name_n &&
		    memcmp(members[i].name, m->name, m->name_n) == 0)
			return (int)i;
	return -1;
}

/* The version of the format is a number; that of TLS is text. */
static enum json_kind
kind_of(int place, const struct line_members *l)
{
	if (1u << place == HAS_VERSION && (l->has & HAS_USOCK) != 0)
		return JSON_INTEGER;
	return members[place].kind;
}

static int
note_member(struct line_members *l, const struct json_member *m, struct error *e)
{
	static const char *const kinds[] = { [JSON_STRING] = "a string",
		[JSON_INTEGER] = "an integer",
		[JSON_BOOL] = "true or false" };
	const int shown = m->name_n < 40 ? (int)m->name_n : 40;
	int place = find_member(m);

	if (place < 0)
		return error_set(e, ERROR_USAGE, "\"%.*s\" is no member of a recording", shown,
		    m->name);
	if ((l->has & 1u << place) != 0)
		return error_set(e, ERROR_USAGE, "\"%.*s\" is there twice", shown, m->name);
	if (m->kind != kind_of(place, l))
		return error_set(e, ERROR_USAGE, "\"%.*s\" is not %s", shown, m->name,
		    kinds[kind_of(place, l)]);
	l->of[place] = *m;
	l->has |= 1u << place;
	return 0;
}

static int
read_members(const char *line, size_t n, struct line_members *l, struct error *e)
{
	struct json_object o = { .at = line, .end = line + n };
	struct json_member m;
	int rc;

	l->has = 0;
	while ((rc = json_object_next(&o, &m, e)) > 0)
		if (note_member(l, &m, e) < 0)
			return -1;
	return rc;
}

/* Checks that the line has what it has to, and nothing besides what it may have. */
static int
check_members(const struct line_members *l, unsigned has, unsigned may, struct error *e)
{
	const unsigned missing = has & ~l->has, surplus = l->has & ~(has | may);

	for (size_t i = 0; i < MEMBERS; i++) {
		if ((missing & 1u << i) != 0)
			return error_set(e, ERROR_USAGE, "\"%s\" is missing", members[i].name);
		if ((surplus & 1u << i) != 0)
			return error_set(e, ERROR_USAGE, "\"%s\" does not belong here",
			    members[i].name);
	}
	return 0;
}

static const struct json_member *
get(const struct line_members *l, enum member bit)
{
	return (l->has & bit) != 0 ? &l->of[__builtin_ctz(bit)] : NULL;
}

static int
set_unknown(const struct json_member *m, const char *name, struct error *e)
{
	return error_set(e, ERROR_USAGE, "'%.*s' is no \"%s\"", m->n < 40 ? (int)m->n : 40,
	    m->string, name);
}

/* ---- header ---- */

static int
check_recording_format(const struct line_members *l, struct error *e)
{
	const struct json_member *usock = get(l, HAS_USOCK), *version = get(l, HAS_VERSION);

	if (usock == NULL || usock->n != 9 || memcmp(usock->string, "recording", 9) != 0)
		return error_set(e, ERROR_USAGE, "not a recording of usock");
	if (version != NULL && version->integer != 1)
		return error_set(e, ERROR_USAGE,
		    "version %lld of the format, of which only 1 is known here",
		    (long long)version->integer);
	return check_members(l, HAS_USOCK | HAS_VERSION | HAS_STARTED, HAS_COMMAND, e);
}

/* What a writer would escape is no name of a command. */
static bool
is_command_name(const struct json_member *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->string[i] < ' ' || m->string[i] > '~' || m->string[i] == '\\')
			return false;
	return m->n < sizeof(((struct dialogue_header *)NULL)->command);
}

int
dialogue_line_header(const char *line, size_t n, struct dialogue_header *ret_header,
    struct error *e)
{
	struct line_members l;
	const struct json_member *started, *command;
	struct dialogue_header header = { 0 };

	if (read_members(line, n, &l, e) < 0)
		return error_prefix(e, "not a recording of usock");
	if (check_recording_format(&l, e) < 0)
		return -1;
	started = get(&l, HAS_STARTED);
	command = get(&l, HAS_COMMAND);
	if (dialogue_parse_time(started->string, started->n, &header.started) < 0 ||
	    header.started > DIALOGUE_START_MOST)
		return set_unknown(started, "started", e);
	if (command != NULL) {
		if (!is_command_name(command))
			return set_unknown(command, "command", e);
		memcpy(header.command, command->string, command->n);
	}
	*ret_header = header;
	return 0;
}

/* ---- events ---- */

void
dialogue_storage_init(struct dialogue_storage *s)
{
	buf_init(&s->data, DIALOGUE_DATA_MAX);
	buf_init(&s->texts, SIZE_MAX / 2);
}

void
dialogue_storage_fini(struct dialogue_storage *s)
{
	buf_fini(&s->data);
	buf_fini(&s->texts);
}

/* There is room for all texts of the line, so none of them moves. */
static int
read_text(const struct line_members *l, enum member bit, struct buf *texts, const char **ret_text,
    struct error *e)
{
	const struct json_member *m = get(l, bit);
	const size_t before = texts->len;

	*ret_text = NULL;
	if (m == NULL)
		return 0;
	if (json_string_decode(texts, m->string, m->n, e) < 0)
		return -1;
	*ret_text = buf_head(texts) + before;
	if (memchr(*ret_text, '\0', texts->len - before) != NULL)
		return error_set(e, ERROR_USAGE, "\"%s\" has a NUL",
		    members[__builtin_ctz(bit)].name);
	return buf_append(texts, "", 1, e);
}

static int
read_texts(const struct line_members *l, size_t n, struct buf *texts, struct dialogue_event *event,
    struct error *e)
{
	const enum member reason = event->kind == DIALOGUE_SECRET ? HAS_LINE : HAS_REASON;

	buf_consume(texts, texts->len);
	if (buf_reserve(texts, n + MEMBERS, e) == NULL ||
	    read_text(l, HAS_LOCAL, texts, &event->local, e) < 0 ||
	    read_text(l, HAS_PEER, texts, &event->peer, e) < 0 ||
	    read_text(l, HAS_VERSION, texts, &event->version, e) < 0 ||
	    read_text(l, HAS_CIPHER, texts, &event->cipher, e) < 0 ||
	    read_text(l, HAS_ALPN, texts, &event->alpn, e) < 0 ||
	    read_text(l, HAS_SERVER_NAME, texts, &event->server_name, e) < 0)
		return -1;
	return read_text(l, reason, texts, &event->text, e);
}

static int
decode_data(const struct line_members *l, struct buf *data, struct error *e)
{
	const struct json_member *text = get(l, HAS_TEXT), *base64 = get(l, HAS_BASE64);

	if (text != NULL)
		return json_string_decode(data, text->string, text->n, e);
	return base64_decode(data, base64->string, base64->n, e);
}

static int
read_line_data(const struct line_members *l, struct buf *data, struct dialogue_event *event,
    struct error *e)
{
	const struct json_member *more = get(l, HAS_MORE);
	struct error own;

	if (((l->has & HAS_TEXT) != 0) == ((l->has & HAS_BASE64) != 0))
		return error_set(e, ERROR_USAGE, "data is in one of \"text\" and \"base64\"");
	buf_consume(data, data->len);
	if (decode_data(l, data, &own) < 0) {
		/* its own code says that the peer sent too much */
		if (own.code == ERROR_NETWORK)
			return error_set(e, ERROR_USAGE, "data of %s", own.text);
		return error_set(e, own.code, "%s", own.text);
	}
	event->data = data->len > 0 ? buf_head(data) : "";
	event->n = data->len;
	event->more = more != NULL && more->is_true;
	return 0;
}

/* Reads the members that are a word of a list. */
static int
read_words(const struct line_members *l, struct dialogue_event *event, struct error *e)
{
	const struct json_member *dir = get(l, HAS_DIR), *role = get(l, HAS_ROLE),
				 *type = get(l, HAS_TYPE);

	event->dir = DIALOGUE_NO_DIRECTION;
	if (dir != NULL && dialogue_find_direction(dir->string, dir->n, &event->dir) < 0)
		return set_unknown(dir, "dir", e);
	if (role != NULL && dialogue_find_role(role->string, role->n, &event->role) < 0)
		return set_unknown(role, "role", e);
	if (type != NULL && dialogue_find_type(type->string, type->n, &event->type) < 0)
		return set_unknown(type, "type", e);
	return 0;
}

static int
read_numbers(const struct line_members *l, struct dialogue_event *event, struct error *e)
{
	const struct json_member *t = get(l, HAS_T), *c = get(l, HAS_C);

	if (t->integer < 0 || c->integer < 0)
		return error_set(e, ERROR_USAGE, "\"%s\" is negative", t->integer < 0 ? "t" : "c");
	if (t->integer > DIALOGUE_TIME_MOST)
		return error_set(e, ERROR_USAGE, "\"t\" is more than 73 years");
	event->time = t->integer;
	event->connection = (uint64_t)c->integer;
	return 0;
}

int
dialogue_line_event(const char *line, size_t n, struct dialogue_storage *s,
    struct dialogue_event *ret_event, struct error *e)
{
	struct line_members l;
	struct dialogue_event event = { .kind = DIALOGUE_DATA };
	const struct json_member *word;
	const unsigned all = HAS_T | HAS_C;

	if (read_members(line, n, &l, e) < 0)
		return -1;
	word = get(&l, HAS_EVENT);
	if (word != NULL && dialogue_find_kind(word->string, word->n, &event.kind) < 0)
		return set_unknown(word, "event", e);
	if (check_members(&l, all | rules[event.kind].has, HAS_EVENT | rules[event.kind].may, e) <
		0 ||
	    read_numbers(&l, &event, e) < 0 || read_words(&l, &event, e) < 0 ||
	    read_texts(&l, n, &s->texts, &event, e) < 0)
		return -1;
	if (event.kind == DIALOGUE_DATA && read_line_data(&l, &s->data, &event, e) < 0)
		return -1;
	*ret_event = event;
	return 0;
}

int
dialogue_line_connection(const char *line, size_t n, uint64_t *ret_connection, struct error *e)
{
	struct json_object o = { .at = line, .end = line + n };
	struct json_member m;
	int rc;

	while ((rc = json_object_next(&o, &m, e)) > 0) {
		if (m.name_n == 1 && m.name[0] == 'c' && m.kind == JSON_INTEGER) {
			*ret_connection = (uint64_t)m.integer;
			return 0;
		}
	}
	return rc < 0 ? -1 : error_set(e, ERROR_USAGE, "\"c\" is missing");
}

#include "relay/server/broadcast/chat_command.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "relay/server/broadcast/chat_room.h"

struct chat_verb {
	const char *name, *usage, *help;
	/* rest: what follows the name, without spaces in front */
	int (*run)(struct chat_user *u, char *rest, struct error *e);
	bool operator_only;
};

static const struct chat_verb verbs[];

bool
chat_is_name(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= CHAT_NAME_MAX && strcspn(name, " \\<>/*") == n &&
	    strncasecmp(name, "guest", 5) != 0 && strcasecmp(name, CHAT_OPERATOR) != 0;
}

static int
tell_user(const struct chat_user *u, const char *text, struct error *e)
{
	return chat_room_tell(u->room, NULL, u, e, "* %s", text);
}

/* Splits the first word off. Returns what follows it. */
static char *
split_word(char *text)
{
	char *end = text + strcspn(text, " ");

	if (*end != '\0')
		*end++ = '\0';
	return end + strspn(end, " ");
}

/* ---- the commands ---- */

static int
change_name(struct chat_user *u, char *rest, struct error *e)
{
	char before[sizeof u->name];

	if (u->local == NULL)
		return tell_user(u, "your name is " CHAT_OPERATOR, e);
	if (!chat_is_name(rest))
		return tell_user(u,
		    "a name has 1 to 32 bytes without spaces, < > / * \\, and no guest in front",
		    e);
	if (chat_room_find(u->room, rest) != NULL)
		return chat_room_tell(u->room, NULL, u, e, "* %s is taken", rest);
	snprintf(before, sizeof before, "%s", u->name);
	snprintf(u->name, sizeof u->name, "%s", rest);
	return chat_room_tell(u->room, NULL, NULL, e, "* %s is now %s", before, u->name);
}

static int
list_users(struct chat_user *u, char *rest, struct error *e)
{
	struct chat_user *other;
	struct buf names;
	const char *text;
	int rc = 0;

	(void)rest;
	buf_init(&names, SIZE_MAX / 2);
	for (other = u->room->users; other != NULL && rc == 0; other = other->next)
		if (!other->gone)
			rc = buf_printf(&names, e, " %s", other->name);
	text = rc == 0 ? buf_text(&names, e) : NULL;
	if (text != NULL)
		rc = chat_room_tell(u->room, NULL, u, e, "* here:%s", text);
	buf_fini(&names);
	return text != NULL ? rc : -1;
}

static int
tell_nobody(const struct chat_user *u, const char *name, struct error *e)
{
	return chat_room_tell(u->room, NULL, u, e, "* nobody is called %s", name);
}

static int
send_private(struct chat_user *u, char *rest, struct error *e)
{
	const char *text = split_word(rest);
	const struct chat_user *to = chat_room_find(u->room, rest);

	if (*text == '\0')
		return tell_user(u, "/msg NAME TEXT", e);
	if (to == NULL)
		return tell_nobody(u, rest, e);
	return chat_room_tell(u->room, NULL, to, e, "<%s> (only to you) %s", u->name, text);
}

static int
leave_chat(struct chat_user *u, char *rest, struct error *e)
{
	(void)rest;
	if (u->local == NULL)
		return tell_user(u, "the server ends with Ctrl-C", e);
	chat_room_part(u);
	return chat_room_tell(u->room, u, NULL, e, "* %s has left", u->name);
}

static int
kick_user(struct chat_user *u, char *rest, struct error *e)
{
	struct chat_user *other = chat_room_find(u->room, rest);

	if (other == NULL)
		return tell_nobody(u, rest, e);
	if (other == u)
		return tell_user(u, "that is you", e);
	if (tell_user(other, "you are kicked", e) < 0)
		return -1;
	chat_room_part(other);
	return chat_room_tell(u->room, other, NULL, e, "* %s is kicked", other->name);
}

static int
show_help(struct chat_user *u, char *rest, struct error *e)
{
	const struct chat_verb *v;

	(void)rest;
	for (v = verbs; v->name != NULL; v++)
		if ((!v->operator_only || u->local == NULL) &&
		    chat_room_tell(u->room, NULL, u, e, "* /%s%s: %s", v->name, v->usage, v->help) <
			0)
			return -1;
	return 0;
}

static const struct chat_verb verbs[] = {
	{ "nick", " NAME", "change your name", change_name, false },
	{ "list", "", "who is here", list_users, false },
	{ "msg", " NAME TEXT", "tell one user alone", send_private, false },
	{ "quit", "", "leave", leave_chat, false },
	{ "help", "", "these lines", show_help, false },
	{ "kick", " NAME", "end the connection of a user", kick_user, true },
	{ NULL, NULL, NULL, NULL, false },
};

static int
run_verb(struct chat_user *u, char *line, struct error *e)
{
	char *rest = split_word(line);
	const struct chat_verb *v;

	for (v = verbs; v->name != NULL; v++)
		if (strcmp(line, v->name) == 0 && (!v->operator_only || u->local == NULL))
			return v->run(u, rest, e);
	return chat_room_tell(u->room, NULL, u, e, "* /%s is no command; /help lists them", line);
}

int
chat_command(struct chat_user *u, char *line, struct error *e)
{
	if (line[0] == '\0')
		return 0;
	if (line[0] == '/' && line[1] != '/')
		return run_verb(u, line + 1, e);
	return chat_room_tell(u->room, u, NULL, e, "<%s> %s", u->name, line + (line[0] == '/'));
}

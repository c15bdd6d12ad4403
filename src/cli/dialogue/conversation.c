#include "cli/dialogue/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/codec/utf8.h"
#include "base/error.h"

void
conversation_init(struct conversation *c, size_t keep)
{
	*c = (struct conversation){ .keep = keep };
}

void
conversation_drop(struct conversation *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(c->messages[i].data);
		free(c->messages[i].text);
	}
	for (size_t i = 0; i < c->n_connections; i++) {
		struct conversation_connection *k = &c->connections[i];

		k->last = k->last > n ? k->last - n : 0;
	}
	c->n_messages -= n;
	if (c->n_messages > 0)
		memmove(c->messages, c->messages + n, c->n_messages * sizeof(*c->messages));
}

static void
free_texts_of(struct conversation_connection *k)
{
	free(k->local);
	free(k->peer);
	free(k->tls);
	free(k->server_name);
}

void
conversation_forget(struct conversation *c)
{
	size_t n = 0;

	conversation_drop(c, c->n_messages);
	for (size_t i = 0; i < c->n_connections; i++) {
		struct conversation_connection *k = &c->connections[i];

		if (k->over) {
			free_texts_of(k);
			continue;
		}
		k->bytes[DIALOGUE_SENT] = k->bytes[DIALOGUE_RECEIVED] = 0;
		c->connections[n++] = *k;
	}
	c->n_connections = n;
}

void
conversation_fini(struct conversation *c)
{
	conversation_drop(c, c->n_messages);
	for (size_t i = 0; i < c->n_connections; i++)
		free_texts_of(&c->connections[i]);
	free(c->connections);
	free(c->messages);
	*c = (struct conversation){ .keep = c->keep };
}

/* ---- adding ---- */

static int
fail_memory(struct error *e)
{
	return error_set(e, ERROR_INTERNAL, "out of memory");
}

/* Makes room for one element more. Returns the new array, or NULL with the old one untouched. */
static void *
grow_array(void *array, size_t n, size_t *size, size_t element)
{
	size_t more = *size == 0 ? 16 : 2 * *size;
	void *grown;

	if (n < *size)
		return array;
	grown = reallocarray(array, more, element);
	if (grown != NULL)
		*size = more;
	return grown;
}

static struct conversation_connection *
connection_of(const struct conversation *c, uint64_t id)
{
	for (size_t i = c->n_connections; i > 0; i--)
		if (c->connections[i - 1].id == id)
			return &c->connections[i - 1];
	return NULL;
}

static int
copy_text(char **ret_text, const char *text, struct error *e)
{
	if (text == NULL)
		return 0;
	free(*ret_text);
	*ret_text = strdup(text);
	return *ret_text != NULL ? 0 : fail_memory(e);
}

static int
append_connection(struct conversation *c, const struct dialogue_event *event, struct error *e)
{
	struct conversation_connection *k,
	    *grown =
		grow_array(c->connections, c->n_connections, &c->connections_size, sizeof(*grown));

	if (grown == NULL)
		return fail_memory(e);
	c->connections = grown;
	k = &grown[c->n_connections++];
	*k = (struct conversation_connection){ .id = event->connection,
		.role = event->role,
		.type = event->type };
	if (copy_text(&k->local, event->local != NULL ? event->local : "", e) == -1)
		return -1;
	return copy_text(&k->peer, event->peer != NULL ? event->peer : "", e);
}

/* Returns where the next message of a connection goes, or NULL. */
static struct conversation_message *
next_message(struct conversation *c, struct conversation_connection *k)
{
	struct conversation_message *m = k->last > 0 ? &c->messages[k->last - 1] : NULL;

	if (c->followed != NULL && m != NULL) {
		c->followed(c->arg, c, m);
		free(m->data);
		free(m->text);
		return m;
	}
	m = grow_array(c->messages, c->n_messages, &c->messages_size, sizeof(*m));
	if (m == NULL)
		return NULL;
	c->messages = m;
	k->last = ++c->n_messages;
	return &m[k->last - 1];
}

static int
append_message(struct conversation *c, struct conversation_connection *k,
    const struct dialogue_event *event, struct error *e)
{
	struct conversation_message *m;
	char *text = NULL;

	if (copy_text(&text, event->text, e) == -1)
		return -1;
	m = next_message(c, k);
	if (m == NULL) {
		free(text);
		return fail_memory(e);
	}
	*m = (struct conversation_message){ .kind = event->kind,
		.dir = event->dir,
		.connection = (size_t)(k - c->connections),
		.time = event->time,
		.last = event->time,
		.text = text };
	return 0;
}

/* Returns the message that the bytes of the event belong to, or NULL. */
static struct conversation_message *
find_message(const struct conversation *c, const struct conversation_connection *k,
    const struct dialogue_event *event)
{
	struct conversation_message *m = k->last > 0 ? &c->messages[k->last - 1] : NULL;

	if (m == NULL || m->kind != DIALOGUE_DATA || m->dir != event->dir)
		return NULL;
	if (k->type != DIALOGUE_STREAM)
		return k->goes_on ? m : NULL;
	return event->time - m->last <= CONVERSATION_GAP ? m : NULL;
}

static int
append_data(struct conversation_message *m, const struct dialogue_event *event, size_t keep,
    struct error *e)
{
	size_t room = keep - m->n, n = event->n < room ? event->n : room;
	char *grown;

	m->bytes += event->n;
	m->pieces++;
	m->last = event->time;
	if (n == 0)
		return 0;
	grown = realloc(m->data, m->n + n);
	if (grown == NULL)
		return fail_memory(e);
	memcpy(grown + m->n, event->data, n);
	m->data = grown;
	m->n += n;
	return 0;
}

static int
add_data(struct conversation *c, struct conversation_connection *k,
    const struct dialogue_event *event, struct error *e)
{
	struct conversation_message *m = find_message(c, k, event);

	if (m == NULL && append_message(c, k, event, e) == -1)
		return -1;
	k->bytes[event->dir] += event->n;
	k->goes_on = event->more;
	return append_data(m != NULL ? m : &c->messages[k->last - 1], event, c->keep, e);
}

static int
append_tls_facts(struct conversation *c, struct conversation_connection *k,
    const struct dialogue_event *event, struct error *e)
{
	struct dialogue_event named = *event;
	struct buf text;
	int rc;

	buf_init(&text, 4096);
	buf_printf(&text, NULL, "%s%s%s", event->version != NULL ? event->version : "TLS",
	    event->cipher != NULL ? " " : "", event->cipher != NULL ? event->cipher : "");
	named.text = buf_text(&text, e);
	rc = named.text == NULL || copy_text(&k->tls, named.text, e) == -1 ||
		copy_text(&k->server_name, event->server_name, e) == -1
	    ? -1
	    : append_message(c, k, &named, e);
	buf_fini(&text);
	return rc;
}

int
conversation_add(struct conversation *c, const struct dialogue_event *event, struct error *e)
{
	struct conversation_connection *k;

	if (event->kind == DIALOGUE_OPEN && append_connection(c, event, e) == -1)
		return -1;
	k = connection_of(c, event->connection);
	if (k == NULL || event->kind == DIALOGUE_SECRET)
		return 0;
	/* who sees both ends knows the close of the peer, too */
	k->over = k->over ||
	    (dialogue_is_last(event->kind) &&
		!(event->kind == DIALOGUE_CLOSE && event->dir == DIALOGUE_RECEIVED));
	if (event->kind == DIALOGUE_DATA)
		return add_data(c, k, event, e);
	return event->kind == DIALOGUE_TLS ? append_tls_facts(c, k, event, e)
					   : append_message(c, k, event, e);
}

/* ---- looking ---- */

/* An event without a direction is one of ours. */
static bool
is_from_us(const struct conversation_connection *k, const struct conversation_message *m)
{
	if (m->kind == DIALOGUE_OPEN || m->kind == DIALOGUE_TLS)
		return k->role == DIALOGUE_CLIENT;
	return m->dir != DIALOGUE_RECEIVED;
}

bool
conversation_is_request(const struct conversation *c, const struct conversation_message *m)
{
	const struct conversation_connection *k = &c->connections[m->connection];

	return is_from_us(k, m) == (k->role == DIALOGUE_CLIENT);
}

const char *
conversation_end(const struct conversation *c, const struct conversation_message *m, bool from)
{
	const struct conversation_connection *k = &c->connections[m->connection];

	return is_from_us(k, m) == from ? k->local : k->peer;
}

const char *
conversation_known(const char *end)
{
	return end[0] != '\0' ? end : NULL;
}

const char *
conversation_client(const struct conversation_connection *k)
{
	return k->role == DIALOGUE_CLIENT ? k->local : k->peer;
}

const char *
conversation_server(const struct conversation_connection *k)
{
	return k->role == DIALOGUE_CLIENT ? k->peer : k->local;
}

bool
conversation_is_text(const char *data, size_t n)
{
	struct utf8 state = { 0 };

	for (size_t i = 0; i < n; i++) {
		const unsigned char c = (unsigned char)data[i];

		if (c == 0x7f || (c < ' ' && strchr("\t\r\n", c) == NULL) || c == '\0')
			return false;
	}
	/* a character may be cut off where not all is kept */
	return utf8_check(&state, data, n);
}

const char *
conversation_word(enum dialogue_kind kind)
{
	/* in the order of DIALOGUE_KINDS */
	static const char *const words[DIALOGUE_KINDS_N] = { "sends", "connects", "TLS", "secret",
		"ends", "closes", "resets", "fails" };

	return words[kind];
}

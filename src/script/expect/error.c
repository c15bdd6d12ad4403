/* The message of an expect that failed: what it expected, what it received, and how long it waited */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "net/endpoint.h"
#include "script/expect/impl.h"
#include "sock/sock.h"

/* The number of received bytes shown, at the beginning and at the end. */
#define HEAD ((size_t)40)
#define TAIL ((size_t)100)
/* The number of bytes shown of each pattern, and the number of patterns. */
#define PATTERN_SHOWN ((size_t)60)
#define PATTERNS_SHOWN 4
/* With -v: the number of last bytes dumped, and of bytes in a row. */
#define DUMPED ((size_t)512)
#define ROW 16

/* quote: also escapes quotes and backslashes. Patterns have backslashes of their own. */
static void
append_visible(struct value *out, const char *bytes, size_t n, bool quote)
{
	static const char plain[] = "\n\r\t\"\\", letters[] = "nrt\"\\";
	char hex[5];

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];
		const char *special = c == '\0' ? NULL : strchr(plain, c);

		if (special != NULL && (quote || special < plain + 3)) {
			value_append_char(out, '\\');
			value_append_char(out, letters[special - plain]);
		} else if (c >= ' ' && c < 0x7f) {
			value_append_char(out, (char)c);
		} else {
			snprintf(hex, sizeof(hex), "\\x%02x", c);
			value_append_string(out, hex);
		}
	}
}

/* Appends the text in quotes; shortens a long one in the middle. */
static void
append_quoted(struct value *out, const char *bytes, size_t n, size_t head, size_t tail, bool quote)
{
	value_append_char(out, '"');
	if (n <= head + tail) {
		append_visible(out, bytes, n, quote);
	} else {
		append_visible(out, bytes, head, quote);
		value_append_string(out, "\"...\"");
		append_visible(out, bytes + n - tail, tail, quote);
	}
	value_append_char(out, '"');
}

static void
append_size(struct value *out, const char *before, size_t n, const char *behind)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", n);
	value_append_string(out, before);
	value_append_string(out, text);
	value_append_string(out, behind);
}

static void
append_pattern(struct value *out, const struct clause *c)
{
	size_t n;
	const char *bytes = value_bytes(c->text, &n);

	if (c->kind != CLAUSE_PATTERN) {
		value_append_value(out, c->text);
		return;
	}
	if (c->at_end)
		value_append_string(out, "-end ");
	if (strcmp(c->flag, "-gl") != 0) {
		value_append_string(out, c->flag);
		value_append_char(out, ' ');
	}
	if (strcmp(c->flag, "-len") == 0 || strcmp(c->flag, "-count") == 0)
		append_visible(out, bytes, n, true);
	else
		append_quoted(out, bytes, n, PATTERN_SHOWN, 0, strcmp(c->flag, "-ex") == 0);
}

static bool
is_listed(const struct clause *c)
{
	return c->kind == CLAUSE_PATTERN || c->kind == CLAUSE_EOF || c->kind == CLAUSE_RESET;
}

/* Appends the patterns for this source, or for all. */
static void
append_patterns(struct value *out, const struct expect_call *call, size_t source)
{
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < call->n_clauses; i++) {
		bool applies = source == call->n_sources ||
		    call->searches[source * call->n_clauses + i].applies;

		if (!is_listed(call->clauses[i]) || !applies)
			continue;
		if (shown >= PATTERNS_SHOWN) {
			more++;
			continue;
		}
		value_append_string(out, shown++ == 0 ? "" : ", ");
		append_pattern(out, call->clauses[i]);
	}
	if (more > 0)
		append_size(out, " and ", more, " more");
}

static void
append_socket(struct value *out, const struct source *s)
{
	char text[SOCKNAME_TEXT_MAX];
	struct sockname peer;

	value_append_string(out, s->h->name);
	sock_peer(s->sock, &peer);
	if (peer.len == 0)
		return;
	value_append_char(out, ' ');
	value_append_string(out, sockname_format(&peer, text, sizeof(text)));
}

static void
append_sockets(struct value *out, const struct expect_call *call, size_t source)
{
	for (size_t i = 0; i < call->n_sources; i++) {
		if (source < call->n_sources && i != source)
			continue;
		value_append_string(out, i > 0 && source == call->n_sources ? ", " : " ");
		append_socket(out, &call->sources[i]);
	}
}

static void
append_received(struct value *out, const struct expect_call *call, size_t source,
    const char *before)
{
	size_t n, shown = 0;

	for (size_t i = 0; i < call->n_sources; i++) {
		const char *bytes = sock_buffered(call->sources[i].sock, &n);

		if ((source < call->n_sources && i != source) || bytes == NULL)
			continue;
		value_append_string(out, shown++ == 0 ? before : ", ");
		if (call->n_sources > 1) {
			value_append_string(out, call->sources[i].h->name);
			value_append_char(out, ' ');
		}
		append_quoted(out, bytes, n, HEAD, TAIL, true);
		if (n > HEAD + TAIL)
			append_size(out, " (", n, " bytes)");
	}
	if (shown == 0) {
		value_append_string(out, before);
		value_append_string(out, "nothing");
	}
}

static void
append_elapsed(struct value *out, const struct expect_call *call)
{
	int64_t msec = call->began == 0 ? 0 : (clock_now() - call->began) / NSEC_PER_MSEC;
	char text[48];

	snprintf(text, sizeof(text), " in %d.%03d s", (int)(msec / 1000), (int)(msec % 1000));
	value_append_string(out, text);
}

/* ---- dump for -v ---- */

static void
dump_row(const struct log *log, const char *name, size_t at, const char *bytes, size_t n)
{
	char hex[3 * ROW + 1] = "", text[ROW + 1];

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];

		snprintf(hex + 3 * i, 4, "%02x ", c);
		text[i] = (char)(c >= ' ' && c < 0x7f ? c : '.');
	}
	text[n] = '\0';
	log_line(log, LOG_VERBOSE, "%s %06zx  %-48s |%s|", name, at, hex, text);
}

static void
dump_received(const struct expect_call *call, size_t source)
{
	const struct log *log = script_how(call->x->sc)->log;
	const struct source *s = &call->sources[source];
	size_t n, at;
	const char *bytes = sock_buffered(s->sock, &n);

	if (!log_on(log, LOG_VERBOSE) || bytes == NULL)
		return;
	for (at = n > DUMPED ? n - DUMPED : 0; at < n; at += ROW)
		dump_row(log, s->h->name, at, bytes + at, n - at < ROW ? n - at : ROW);
}

/* ---- the error ---- */

/* Returns the last received bytes of one socket; for several sockets, the text of the message. */
static struct value *
received_value(const struct expect_call *call, size_t source)
{
	struct heap *h = interp_heap(call->in);
	struct value *text;
	const char *bytes;
	size_t n, from;

	if (source == call->n_sources && call->n_sources == 1)
		source = 0;
	if (source < call->n_sources) {
		bytes = sock_buffered(call->sources[source].sock, &n);
		from = n > DUMPED ? n - DUMPED : 0;
		return value_text(h, n > 0 ? bytes + from : "", n - from);
	}
	text = value_new(h);
	append_received(text, call, source, "");
	return text;
}

static struct value *
wanted_value(const struct expect_call *call, size_t source)
{
	struct value *text = value_new(interp_heap(call->in));

	append_patterns(text, call, source);
	if (text->len == 0)
		value_append_string(text, "what was asked for");
	return text;
}

/* {USOCK expect WHY WANTED GOT} */
static struct value *
code_value(const struct expect_call *call, size_t source, const char *why, struct value *wanted)
{
	struct heap *h = interp_heap(call->in);
	struct value *items[5] = { value_string(h, "USOCK"), value_string(h, "expect"),
		value_string(h, why), value_ref(wanted), received_value(call, source) };
	struct value *code = value_list(h, 5, items);

	for (size_t i = 0; i < 5; i++)
		value_unref(items[i]);
	return code;
}

void
expect_prefix_error(const struct expect_call *call, struct error *e)
{
	struct value *text = value_string(interp_heap(call->in), "expect");
	const char *reason = strrchr(e->text, ' ');
	char kept[64];

	append_sockets(text, call, call->n_sources);
	value_append_string(text, ": ");
	append_patterns(text, call, call->n_sources);
	snprintf(kept, sizeof(kept), "%.63s", reason != NULL ? reason + 1 : e->text);
	snprintf(e->text, sizeof(e->text), "%.900s: %s", value_bytes(text, NULL), kept);
	value_unref(text);
}

int
expect_error(struct expect_call *call, size_t source, const char *why, const char *what)
{
	struct value *text = value_string(interp_heap(call->in), "expect");
	struct value *wanted = wanted_value(call, source);

	append_sockets(text, call, source);
	value_append_string(text, ": ");
	value_append_string(text, what);
	value_append_string(text, strcmp(why, "timeout") == 0 ? "" : ", no match");
	value_append_string(text, " for ");
	value_append_value(text, wanted);
	append_elapsed(text, call);
	append_received(text, call, source, "; got ");
	for (size_t i = 0; i < call->n_sources; i++) {
		if (source == call->n_sources || i == source)
			dump_received(call, i);
	}
	interp_fail_with(call->in, code_value(call, source, why, wanted), text);
	value_unref(wanted);
	return TCL_ERROR;
}

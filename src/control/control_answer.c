#include "control/control_answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/record.h"

/* A hundred thousand clients have some ten megabytes. */
#define ROWS_MAX (64u << 20)

static const char *const words[] = {
#define X(count, word) word,
	CONTROL_COUNTS(X)
#undef X
};

void
control_answer_init(struct control_answer *a)
{
	*a = (struct control_answer){ .state = NULL };
	buf_init(&a->rows, ROWS_MAX);
}

void
control_answer_fini(struct control_answer *a)
{
	buf_fini(&a->rows);
}

/* ---- clients ---- */

int
control_answer_client(struct control_answer *a, const struct control_client *c, bool json,
    struct error *e)
{
	enum field_kind bytes = c->counted ? FIELD_INT : FIELD_TEXT;
	const struct field fields[] = {
		{ "id", FIELD_INT, .number = (int64_t)c->id, .width = 7 },
		{ "peer", FIELD_TEXT, .text = c->peer, .width = -24 },
		{ "seconds", FIELD_REAL,
		    .real = (double)(clock_now() - c->since) / (double)NSEC_PER_SEC, .width = 12 },
		{ "sent", bytes, .number = (int64_t)c->sent, .width = 12 },
		{ "received", bytes, .number = (int64_t)c->received, .width = 12 },
		{ "state", FIELD_TEXT, .text = c->state, .width = -11 },
		{ "what", FIELD_TEXT, .text = c->what },
		{ .kind = FIELD_END },
	};

	return json ? record_json(&a->rows, fields, e) : record_text(&a->rows, fields, e);
}

int
control_answer_titles(struct buf *out, struct error *e)
{
	static const struct field fields[] = {
		{ "id", FIELD_TEXT, .text = "ID", .width = 7 },
		{ "peer", FIELD_TEXT, .text = "PEER", .width = -24 },
		{ "seconds", FIELD_TEXT, .text = "SECONDS", .width = 12 },
		{ "sent", FIELD_TEXT, .text = "SENT", .width = 12 },
		{ "received", FIELD_TEXT, .text = "RECEIVED", .width = 12 },
		{ "state", FIELD_TEXT, .text = "STATE", .width = -11 },
		{ "what", FIELD_TEXT, .text = "WHAT" },
		{ .kind = FIELD_END },
	};

	return record_text(out, fields, e);
}

/* ---- counts ---- */

bool
control_answer_add(struct control_answer *a, const char *line)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]);
		int64_t value;

		if (strncmp(line, words[i], n) != 0 || line[n] != ' ' ||
		    parse_int(line + n + 1, 0, INT64_MAX, &value, NULL) < 0)
			continue;
		a->counts[i] += (uint64_t)value;
		a->has_counts = true;
		return true;
	}
	return false;
}

static int
counts_json(const struct control_answer *a, struct buf *out, struct error *e)
{
	struct field fields[CONTROL_COUNTS_N + 2] = {
		{ "state", FIELD_TEXT, .text = a->state },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		fields[i + 1] =
		    (struct field){ words[i], FIELD_INT, .number = (int64_t)a->counts[i] };
	return record_json(out, fields, e);
}

int
control_answer_counts(const struct control_answer *a, bool json, struct buf *out, struct error *e)
{
	size_t before = out->len;
	int rc = 0;

	if (json)
		return counts_json(a, out, e);
	if (a->state != NULL)
		rc = buf_printf(out, e, "state %s\n", a->state);
	for (size_t i = 0; i < ARRAY_LEN(words) && rc == 0; i++)
		rc = buf_printf(out, e, "%s %llu\n", words[i], (unsigned long long)a->counts[i]);
	if (rc < 0)
		out->len = before;
	return rc;
}

/* ---- the end ---- */

#define END_TEXT "ok"
#define END_JSON "{\"ok\":true}"
#define FAILURE_TEXT "error: "
#define FAILURE_JSON "{\"ok\":false,\"error\":\""
#define FAILURE_JSON_TAIL "\"}"

int
control_answer_end(const struct error *failure, bool json, struct buf *out, struct error *e)
{
	size_t before = out->len;

	if (failure == NULL)
		return buf_printf(out, e, "%s\n", json ? END_JSON : END_TEXT);
	if (json) {
		const struct field fields[] = {
			{ "ok", FIELD_BOOL, .number = false },
			{ "error", FIELD_TEXT, .text = failure->text },
			{ .kind = FIELD_END },
		};

		return record_json(out, fields, e);
	}
	if (buf_printf(out, e, FAILURE_TEXT) == 0 &&
	    record_escape(out, failure->text, strlen(failure->text), e) == 0 &&
	    buf_append(out, "\n", 1, e) == 0)
		return 0;
	out->len = before;
	return -1;
}

static bool
starts_with(const char *line, const char *start)
{
	return strncmp(line, start, strlen(start)) == 0;
}

bool
control_answer_is_end(char *line, const char **ret_failure)
{
	size_t n = strlen(line), tail = strlen(FAILURE_JSON_TAIL);

	*ret_failure = NULL;
	if (strcmp(line, END_TEXT) == 0 || strcmp(line, END_JSON) == 0)
		return true;
	if (starts_with(line, FAILURE_TEXT)) {
		*ret_failure = line + strlen(FAILURE_TEXT);
		return true;
	}
	if (!starts_with(line, FAILURE_JSON) || n < strlen(FAILURE_JSON) + tail)
		return false;
	line[n - tail] = '\0';
	*ret_failure = line + strlen(FAILURE_JSON);
	return true;
}

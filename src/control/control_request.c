#include "control/control_request.h"

#include <limits.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/record.h"

enum { WORDS_MAX = 4 };

static const struct verb {
	const char *word, *operand, *help;
} verbs[] = {
#define X(verb, word, operand, help) { word, operand, help },
	CONTROL_VERBS(X)
#undef X
};

/* ---- words ---- */

struct words {
	char text[CONTROL_LINE_MAX + 1];
	const char *list[WORDS_MAX];
	size_t n;
};

/* Options are taken out of the words. */
static int
take_word(struct words *w, struct control_request *rq, const char *word, struct error *e)
{
	if (strcmp(word, "-json") == 0)
		rq->json = true;
	else if (strcmp(word, "-no-header") == 0)
		rq->no_header = true;
	else if (word[0] == '-')
		return error_set(e, ERROR_USAGE, "unknown option '%s'", word);
	else if (w->n == WORDS_MAX)
		return error_set(e, ERROR_USAGE, "unexpected argument '%s'", word);
	else
		w->list[w->n++] = word;
	return 0;
}

static int
split_words(struct words *w, const char *line, size_t n, struct control_request *rq,
    struct error *e)
{
	static const char blanks[] = " \t\r";
	struct error first;
	int rc = 0;
	char *rest, *word;

	if (n > CONTROL_LINE_MAX)
		return error_set(e, ERROR_USAGE, "the line is longer than %d bytes",
		    CONTROL_LINE_MAX);
	if (memchr(line, '\0', n) != NULL)
		return error_set(e, ERROR_USAGE, "the line contains a NUL byte");
	memcpy(w->text, line, n);
	w->text[n] = '\0';
	/* to the end of the line, so that a failure is answered in the form that was asked for */
	for (word = strtok_r(w->text, blanks, &rest); word != NULL;
	     word = strtok_r(NULL, blanks, &rest))
		if (take_word(w, rq, word, rc == 0 ? &first : NULL) < 0)
			rc = -1;
	if (rc < 0)
		*e = first;
	return rc;
}

/* ---- commands ---- */

static int
find_verb(const char *word, enum control_verb *ret_verb, struct error *e)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (strcmp(word, verbs[i].word) != 0)
			continue;
		*ret_verb = (enum control_verb)i;
		return 0;
	}
	error_set(e, ERROR_USAGE, "unknown command '%s': help lists the commands", word);
	return -1;
}

static int
parse_kick(const char *word, struct control_request *rq, struct error *e)
{
	int64_t id;

	rq->all = strcmp(word, "all") == 0;
	if (rq->all)
		return 0;
	if (parse_int(word, 1, INT64_MAX / 2, &id, NULL) < 0)
		return error_set(e, ERROR_USAGE, "kick: '%s' is not the number of a client", word);
	rq->id = (unsigned long)id;
	return 0;
}

static int
parse_verb_operand(const char *word, struct control_request *rq, struct error *e)
{
	const struct verb *verb = &verbs[rq->verb];

	if (word == NULL && (verb->operand[0] == '\0' || verb->operand[0] == '?'))
		return 0;
	if (word == NULL)
		return error_set(e, ERROR_USAGE, "%s: %s is missing", verb->word, verb->operand);
	if (rq->verb == CONTROL_KICK)
		return parse_kick(word, rq, e);
	if (rq->verb != CONTROL_DRAIN)
		return error_set(e, ERROR_USAGE, "%s: unexpected argument '%s'", verb->word, word);
	if (parse_duration(word, &rq->patience, e) < 0)
		return error_prefix(e, "drain");
	return 0;
}

int
control_request_parse(const char *line, size_t n, struct control_request *ret_request,
    struct error *e)
{
	struct words words = { .n = 0 };

	*ret_request = (struct control_request){ .patience = DURATION_NONE };
	if (split_words(&words, line, n, ret_request, e) < 0)
		return -1;
	if (words.n == 0)
		return error_set(e, ERROR_USAGE, "a command is missing: help lists the commands");
	if (find_verb(words.list[0], &ret_request->verb, e) < 0)
		return -1;
	if (words.n > 2)
		return error_set(e, ERROR_USAGE, "%s: unexpected argument '%s'", words.list[0],
		    words.list[2]);
	return parse_verb_operand(words.n == 2 ? words.list[1] : NULL, ret_request, e);
}

/* ---- text ---- */

int
control_request_format(const struct control_request *rq, struct buf *out, struct error *e)
{
	size_t before = out->len;
	int rc = buf_printf(out, e, "%s", verbs[rq->verb].word);

	if (rc == 0 && rq->verb == CONTROL_KICK)
		rc = rq->all ? buf_printf(out, e, " all") : buf_printf(out, e, " %lu", rq->id);
	if (rc == 0 && rq->verb == CONTROL_DRAIN && rq->patience != DURATION_NONE)
		rc = buf_printf(out, e, " %lldus", (long long)(rq->patience / 1000));
	if (rc == 0)
		rc = buf_printf(out, e, "%s%s\n", rq->json ? " -json" : "",
		    rq->no_header ? " -no-header" : "");
	if (rc < 0)
		out->len = before;
	return rc;
}

int
control_request_help(struct buf *out, bool json, struct error *e)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(verbs) && rc == 0; i++) {
		const struct field fields[] = {
			{ "command", FIELD_TEXT, .text = verbs[i].word, .width = -7 },
			{ "operand", FIELD_TEXT, .text = verbs[i].operand, .width = -7 },
			{ "help", FIELD_TEXT, .text = verbs[i].help },
			{ .kind = FIELD_END },
		};

		rc = json ? record_json(out, fields, e) : record_text(out, fields, e);
	}
	return rc;
}

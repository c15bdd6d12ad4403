#include <ctype.h>

#include "relay/ending.h"
#include "test.h"

/* Reads docs/ends.md: its tables are the specification of the machine. */

enum { ROWS_MAX = 90, CELLS = 9 };

struct row {
	char cells[CELLS][60];
	/* the first five columns as bits: of a rule, and of when the relay is over */
	unsigned send, receive, with, without;
	/* of a rule: all of it is looked at in millions of states */
	int event;
	unsigned actions, learned;
};

struct table {
	struct row rows[ROWS_MAX];
	int n;
};

/* constant, word */
#define FACTS(X)                                                                                   \
	X(HALF_OPEN, "half-open")                                                                  \
	X(NO_HALF_CLOSE, "no-half-close")                                                          \
	X(SEND_ONLY, "send-only")                                                                  \
	X(PROGRAM, "program")                                                                      \
	X(QUIET_ENDS, "quiet-ends")                                                                \
	X(DELAY, "delay")                                                                          \
	X(CLOSES_BOTH, "closes-both")                                                              \
	X(ECHO, "echo")                                                                            \
	X(FAILED, "failed")                                                                        \
	X(LIMITED, "limited")                                                                      \
	X(GONE, "gone")                                                                            \
	X(CONNECTION, "connection")                                                                \
	X(CONTINUES, "continues")                                                                  \
	X(LOCAL_DELAY, "local-delay")                                                              \
	X(OUTLIVES, "outlives")

enum fact {
#define X(fact, word) fact,
	FACTS(X)
#undef X
	    N_FACTS
};

static const char *const facts[] = {
#define X(fact, word) word,
	FACTS(X)
#undef X
};

static bool
has_word(const char *list, const char *word)
{
	size_t n = strlen(word);
	const char *at = list;

	while ((at = strstr(at, word)) != NULL) {
		bool starts = at == list || at[-1] == ' ',
		     ends = at[n] == '\0' || at[n] == ',' || at[n] == ';';

		if (starts && ends)
			return true;
		at += n;
	}
	return false;
}

static void
read_cells(struct row *r, const char *line)
{
	int i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < CELLS && *line == '|'; i++) {
		size_t n = strcspn(++line, "|"), from = 0, to = n;

		while (from < to && isspace((unsigned char)line[from]))
			from++;
		while (to > from && isspace((unsigned char)line[to - 1]))
			to--;
		snprintf(r->cells[i], sizeof(r->cells[i]), "%.*s", (int)(to - from), line + from);
		line += n;
	}
}

/* Reads the table after this heading. */
static void
read_table(struct table *t, const char *heading)
{
	FILE *f = fopen(TEST_ENDS, "r");
	bool in = false;
	char line[400];

	t->n = 0;
	require(f != NULL);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "## ", 3) == 0)
			in = strstr(line, heading) != NULL;
		if (!in || line[0] != '|' || line[1] == '-')
			continue;
		if (check(t->n < ROWS_MAX))
			read_cells(&t->rows[t->n++], line);
	}
	fclose(f);
	check(t->n > 1);
}

static const char *const event_words[] = {
#define X(event, word) word,
	ENDING_EVENTS(X)
#undef X
};

static const char *
state_word(enum ending_state state)
{
	static const char *const words[] = { "open", "draining", "delayed", "shutting", "idle",
		"closed" };

	return words[state];
}

static bool
is_in(const char *set, enum ending_state state)
{
	if (strcmp(set, "any") == 0)
		return true;
	if (strncmp(set, "not ", 4) == 0)
		return strcmp(set + 4, state_word(state)) != 0;
	return has_word(set, state_word(state));
}

static unsigned
facts_in(const char *list)
{
	unsigned set = 0;
	int i;

	for (i = 0; i < N_FACTS; i++)
		set |= has_word(list, facts[i]) ? 1u << i : 0;
	return set;
}

/* Parses the cells from this column on. */
static void
make_sets(struct table *t, int column)
{
	int i, state;

	for (i = 0; i < t->n; i++) {
		struct row *r = &t->rows[i];

		for (state = 0; state < ENDING_STATES; state++) {
			r->send |=
			    is_in(r->cells[column], (enum ending_state)state) ? 1u << state : 0;
			r->receive |=
			    is_in(r->cells[column + 1], (enum ending_state)state) ? 1u << state : 0;
		}
		r->with = facts_in(r->cells[column + 2]);
		r->without = facts_in(r->cells[column + 3]);
	}
}

static bool
fits(const struct row *r, const struct ending *x, unsigned have)
{
	return (r->send >> x->send & 1) != 0 && (r->receive >> x->receive & 1) != 0 &&
	    (have & r->with) == r->with && (have & r->without) == 0;
}

static bool
fact(unsigned have, enum fact fact)
{
	return (have >> fact & 1) != 0;
}

/* ---- the machine in a given state ---- */

static struct ending_rules rules;

/* Returns false for facts that contradict each other, or that mean nothing for the event. */
static bool
is_possible(unsigned have, int event)
{
	bool program = fact(have, PROGRAM), connection = fact(have, CONNECTION);

	if (fact(have, OUTLIVES) && event != ENDING_OUTPUT_GONE)
		return false;
	if (fact(have, ECHO) && (program || fact(have, SEND_ONLY) || connection))
		return false;
	/* a connection implies half-open */
	if (connection && (program || !fact(have, HALF_OPEN)))
		return false;
	return connection || !fact(have, LOCAL_DELAY);
}

/* Returns false where the relay is over. */
static bool
bring_to(struct ending *x, enum ending_state send, enum ending_state receive, unsigned have)
{
	bool echo = fact(have, ECHO);
	struct ending_how how = { .input = !echo,
		.echo = echo,
		.connection = fact(have, CONNECTION),
		.continues = fact(have, CONTINUES) };

	rules = (struct ending_rules){ .half_open = fact(have, HALF_OPEN),
		.no_half_close = fact(have, NO_HALF_CLOSE),
		.send_only = fact(have, SEND_ONLY),
		.local_program = fact(have, PROGRAM),
		.quiet_ends = fact(have, QUIET_ENDS),
		.closes_both = fact(have, CLOSES_BOTH),
		.reader = fact(have, OUTLIVES) ? ENDING_READER_OUTLIVED : ENDING_READER_NEEDED,
		.half_close = fact(have, DELAY) ? NSEC_PER_SEC : 0,
		.local_half_close = fact(have, LOCAL_DELAY) ? NSEC_PER_SEC : 0,
		.after_eof = DURATION_NONE,
		.idle = DURATION_NONE,
		.until = deadline_never() };
	/* a program is half-open, unless it has a terminal */
	rules.local_terminal = rules.local_program && !rules.half_open;
	ending_init(x, &rules, &how, 0);
	if (fact(have, GONE))
		ending_event(x, ENDING_PROGRAM_GONE, 0);
	if (fact(have, FAILED))
		ending_event(x, ENDING_PEER_CUT, 0);
	x->receive = ENDING_OPEN;
	if (fact(have, LIMITED))
		ending_event(x, ENDING_RECEIVE_LIMIT, 0);
	x->send = send;
	x->receive = receive;
	x->actions = 0;
	return !ending_is_over(x);
}

static void
check_state(enum ending_state got, const char *want, enum ending_state before)
{
	check_str(state_word(got), want[0] != '\0' ? want : state_word(before));
}

static unsigned
actions_of(const char *text)
{
	return (has_word(text, "half-close") ? ENDING_ACT_SHUT_SEND : 0) |
	    (strstr(text, "close the output") != NULL ? ENDING_ACT_SHUT_RECEIVE : 0) |
	    (strstr(text, "drop what is to be sent") != NULL ? ENDING_ACT_DROP_SEND : 0) |
	    (strstr(text, "drop what is to be delivered") != NULL ? ENDING_ACT_DROP_RECEIVE : 0) |
	    (strstr(text, "discard") != NULL ? ENDING_ACT_DISCARD : 0) |
	    (strstr(text, "finish") != NULL ? ENDING_ACT_FINISH : 0);
}

/* What comes is discarded from then on: it is as if nothing but sending had been asked for. */
static bool
becomes_send_only(const struct row *r)
{
	return fact(r->with, OUTLIVES);
}

/* What holds after the event. */
static unsigned
learned_from(const struct row *r)
{
	unsigned learned = becomes_send_only(r) ? 1u << SEND_ONLY : 0;

	if (r->cells[8][0] != '\0' && strcmp(r->cells[8], "quiet") != 0)
		learned |= 1u << FAILED;
	if (r->event == ENDING_RECEIVE_LIMIT)
		learned |= 1u << LIMITED;
	if (r->event == ENDING_PROGRAM_GONE)
		learned |= 1u << GONE;
	return learned;
}

static int
event_of(const char *word)
{
	int event;

	for (event = 0; event < ENDING_EVENT_COUNT; event++)
		if (strcmp(event_words[event], word) == 0)
			break;
	return event;
}

static void
make_effects(struct table *t)
{
	for (int i = 0; i < t->n; i++) {
		struct row *r = &t->rows[i];

		r->event = event_of(r->cells[0]);
		r->actions = actions_of(r->cells[7]);
		r->learned = learned_from(r);
	}
}

static const struct row *
find(const struct table *t, int event, const struct ending *x, unsigned have)
{
	int i;

	for (i = 0; i < t->n; i++) {
		const struct row *r = &t->rows[i];

		if (r->event == event && fits(r, x, have))
			return r;
	}
	return NULL;
}

static const struct row *
find_verdict(const struct table *t, const struct ending *x, unsigned have)
{
	int i;

	for (i = 0; i < t->n; i++)
		if (fits(&t->rows[i], x, have))
			return &t->rows[i];
	return NULL;
}

static struct table events, verdicts;

static void
check_event(enum ending_event event, enum ending_state send, enum ending_state receive,
    unsigned have)
{
	struct ending x, before;
	const struct row *r, *v;
	const char *end;
	unsigned actions;

	if (!bring_to(&x, send, receive, have))
		return;
	before = x;
	r = find(&events, (int)event, &x, have);
	ending_event(&x, event, 1);
	if (r == NULL) {
		check_int(x.send, before.send);
		check_int(x.receive, before.receive);
		check_int(x.actions, 0);
		check(!ending_is_over(&x));
		return;
	}
	check_state(x.send, r->cells[5], before.send);
	check_state(x.receive, r->cells[6], before.receive);
	actions = r->actions;
	end = before.end != END_NONE ? sock_end_word(before.end) : r->cells[8];
	v = (actions & ENDING_ACT_FINISH) == 0 ? find_verdict(&verdicts, &x, have | r->learned)
					       : NULL;
	if (v != NULL)
		actions |= ENDING_ACT_FINISH;
	if (v != NULL && end[0] == '\0')
		end = v->cells[4];
	check_int(x.actions, actions);
	check_int(ending_is_over(&x), (actions & ENDING_ACT_FINISH) != 0);
	check_str(sock_end_word(x.end), end[0] != '\0' ? end : "open");
}

TEST("every event does in every state what docs/ends.md says")
{
	int event, send, receive;
	unsigned have;

	read_table(&events, "What happens");
	read_table(&verdicts, "When it is over");
	make_sets(&events, 1);
	make_sets(&verdicts, 0);
	make_effects(&events);
	for (have = 0; have < 1u << N_FACTS; have++)
		for (event = 0; event < ENDING_EVENT_COUNT; event++)
			for (send = 0; send < ENDING_STATES && is_possible(have, event); send++)
				for (receive = 0; receive < ENDING_STATES; receive++)
					check_event((enum ending_event)event,
					    (enum ending_state)send, (enum ending_state)receive,
					    have);
}

TEST("every event has a row, and every row an event")
{
	int event, i, rows, known;

	read_table(&events, "What happens");
	for (event = 0; event < ENDING_EVENT_COUNT; event++) {
		for (rows = i = 0; i < events.n; i++)
			rows += strcmp(events.rows[i].cells[0], event_words[event]) == 0;
		check(rows > 0);
	}
	for (i = 1; i < events.n; i++) {
		for (known = event = 0; event < ENDING_EVENT_COUNT; event++)
			known += strcmp(events.rows[i].cells[0], event_words[event]) == 0;
		check_int(known, 1);
	}
}

/* ---- time ---- */

static void
begin(struct ending *x, bool terminal)
{
	struct ending_how how = { .input = true, .terminal = terminal };

	ending_init(x, &rules, &how, 0);
}

static void
no_limits(void)
{
	rules = (struct ending_rules){ .after_eof = DURATION_NONE,
		.idle = DURATION_NONE,
		.until = deadline_never() };
}

#define MSEC NSEC_PER_MSEC

TEST("nothing is due where no time is limited")
{
	struct ending x;

	no_limits();
	begin(&x, false);
	check(deadline_is_never(ending_next(&x)));
	check(!ending_time(&x, INT64_MAX - 1));
}

TEST("the half-close waits for the peer's silence, counted from its last byte")
{
	struct ending x;

	no_limits();
	rules.half_close = 2000 * MSEC;
	begin(&x, false);
	ending_event(&x, ENDING_INPUT_ENDED, 100 * MSEC);
	ending_event(&x, ENDING_SENT, 100 * MSEC);
	check_int(ending_next(&x).at, 2100 * MSEC);
	ending_received(&x, 1500 * MSEC);
	check_int(ending_next(&x).at, 3500 * MSEC);
	check(!ending_time(&x, 3499 * MSEC));
	check(ending_time(&x, 3500 * MSEC));
	check_int(x.actions, ENDING_ACT_SHUT_SEND);
}

TEST("while received bytes wait for the output, the peer does not count as silent")
{
	struct ending x;

	no_limits();
	rules.half_close = 2000 * MSEC;
	rules.after_eof = 1000 * MSEC;
	begin(&x, false);
	ending_event(&x, ENDING_INPUT_ENDED, 0);
	ending_event(&x, ENDING_SENT, 0);
	ending_stalls(&x, true);
	check(deadline_is_never(ending_next(&x)));
	ending_stalls(&x, false);
	check_int(ending_next(&x).at, 1000 * MSEC);
}

TEST("after the peer's end an input counts as silent half a second after its last byte, if it "
     "starves")
{
	struct ending x;

	no_limits();
	begin(&x, false);
	ending_sent(&x, 300 * MSEC);
	ending_event(&x, ENDING_PEER_ENDED, 400 * MSEC);
	check(deadline_is_never(ending_next(&x)));
	ending_starves(&x, true);
	check_int(ending_next(&x).at, 800 * MSEC);
	ending_sent(&x, 700 * MSEC);
	check_int(ending_next(&x).at, 1200 * MSEC);
	check(ending_time(&x, 1200 * MSEC));
	check_int(x.send, ENDING_DRAINING);
}

TEST("an input that has said nothing yet has half a second from the start, a terminal has none")
{
	struct ending x;

	no_limits();
	begin(&x, false);
	ending_event(&x, ENDING_PEER_ENDED, 0);
	ending_starves(&x, true);
	check_int(ending_next(&x).at, 500 * MSEC);
	begin(&x, true);
	ending_event(&x, ENDING_PEER_ENDED, 10 * MSEC);
	ending_starves(&x, true);
	check(ending_time(&x, 10 * MSEC));
	check_int(x.send, ENDING_DRAINING);
}

TEST("an input that is half-open is never silent")
{
	struct ending x;

	no_limits();
	rules.half_open = true;
	begin(&x, false);
	ending_event(&x, ENDING_PEER_ENDED, 0);
	ending_starves(&x, true);
	check(deadline_is_never(ending_next(&x)));
}

TEST("silence after the end of input is counted from the peer's last byte, or from the end where "
     "it is fixed")
{
	struct ending x;

	no_limits();
	rules.after_eof = 1000 * MSEC;
	begin(&x, false);
	check(deadline_is_never(ending_next(&x)));
	ending_event(&x, ENDING_INPUT_ENDED, 100 * MSEC);
	ending_event(&x, ENDING_SENT, 200 * MSEC);
	ending_received(&x, 900 * MSEC);
	check_int(ending_next(&x).at, 1900 * MSEC);
	rules.silence_fixed = true;
	check_int(ending_next(&x).at, 1200 * MSEC);
}

TEST("a byte in either direction restarts the idle time, and the largest one never passes")
{
	struct ending x;

	no_limits();
	rules.idle = 100 * MSEC;
	begin(&x, false);
	ending_sent(&x, 50 * MSEC);
	check_int(ending_next(&x).at, 150 * MSEC);
	ending_received(&x, 120 * MSEC);
	check_int(ending_next(&x).at, 220 * MSEC);
	ending_moved(&x, 200 * MSEC);
	check_int(ending_next(&x).at, 300 * MSEC);
	check(ending_time(&x, 300 * MSEC));
	check_int(x.end, END_IDLE_TIMEOUT);
	rules.idle = INT64_MAX - 1;
	begin(&x, false);
	ending_sent(&x, 50 * MSEC);
	check(deadline_is_never(ending_next(&x)));
}

TEST("if several are due the deadline counts first")
{
	struct ending x;

	no_limits();
	rules.idle = 100 * MSEC;
	rules.until = (struct deadline){ 100 * MSEC };
	begin(&x, false);
	check(ending_time(&x, 200 * MSEC));
	check_int(x.end, END_DEADLINE);
	check_int(x.decided_by, ENDING_DEADLINE);
}

TEST("the caller's reason counts if there is none yet, and nothing happens afterwards")
{
	struct ending x;

	no_limits();
	begin(&x, false);
	ending_stop(&x, END_SIGNAL, 1);
	check(ending_is_over(&x));
	check_int(x.end, END_SIGNAL);
	ending_event(&x, ENDING_SEND_RESET, 2);
	check_int(x.end, END_SIGNAL);
	begin(&x, false);
	ending_event(&x, ENDING_RECEIVE_RESET, 1);
	ending_stop(&x, END_SIGNAL, 2);
	check_int(x.end, END_PEER_RESET);
}

TEST("an awaited peer is neither silent nor idle before its first byte, which has to come in time")
{
	const struct ending_how how = { .input = true, .awaited = true };
	struct ending x;

	rules = (struct ending_rules){ .after_eof = 10,
		.idle = 20,
		.accept = 100,
		.no_half_close = true,
		.quiet_ends = true,
		.until = deadline_never() };
	ending_init(&x, &rules, &how, 1000);
	ending_event(&x, ENDING_INPUT_ENDED, 1000);
	ending_event(&x, ENDING_SENT, 1000);
	check_int(ending_next(&x).at, 1100);
	check(!ending_time(&x, 1099));
	check(ending_time(&x, 1100));
	check_int(x.end, END_DEADLINE);
	check_int(x.decided_by, ENDING_NOBODY);
	check_int(x.verb, ENDING_VERB_ACCEPT);
	ending_init(&x, &rules, &how, 1000);
	ending_event(&x, ENDING_INPUT_ENDED, 1000);
	ending_event(&x, ENDING_SENT, 1000);
	ending_received(&x, 1050);
	check_int(ending_next(&x).at, 1060);
	check(ending_time(&x, 1060));
	check_int(x.end, END_QUIET);
}

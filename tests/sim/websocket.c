/*
 * Schedules of WebSocket: the message relay on the stream of messages on a fake
 * stream of bytes. The peer's frames are drawn, with fragments, control frames
 * between them, violations, and an end at any byte; what we send is read by a
 * reader of frames that is written apart from the code.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "fake.h"
#include "records.h"
#include "relay/copy/scratch.h"
#include "relay/message_relay.h"
#include "sim.h"
#include "stream/websocket/websocket.h"

#define SLACK (5 * MSEC)
#define GRACE (10 * SEC) /* to answer our close frame */

enum {
	MESSAGES = 10,
	PINGS = 24,
	PING_MAX = 20,
	LONGEST = 300,  /* message of the peer */
	WIRE = 1 << 15, /* bytes of the peer */
	PART_MAX = 1 << 14
};

enum { CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

/* How the peer's bytes end. */
enum ending_kind { CLOSES, VIOLATES, IS_CUT, STAYS };

/* A frame of ours, as it comes in. */
struct frame {
	unsigned char head[14];
	size_t n_head, n_payload, want; /* want: of the head */
	unsigned char payload[PART_MAX];
};

struct ws {
	struct loop *loop;
	struct scratch scratch;
	struct fake local, net;
	struct sink output, window;
	struct stream *top;
	struct ending_rules rules;
	struct message_relay_how how;
	struct relay *relay;
	struct records records; /* of the local side */
	bool server, echo, over, stopped, healthy;
	int64_t began, ended, shut_at;
	/* the peer's plan */
	char wire[WIRE];
	size_t n_wire;
	enum ending_kind kind;
	unsigned code; /* of its close frame, or the one that its violation gets */
	size_t n_messages, sizes[MESSAGES], end_of[MESSAGES]; /* the offset behind the last byte */
	bool binary[MESSAGES];
	char messages[MESSAGES][LONGEST];
	size_t n_pings, ping_sizes[PINGS], ping_ends[PINGS];
	char pings[PINGS][PING_MAX];
	/* what has come of us */
	struct frame frame;
	size_t n_got, next_ping;
	unsigned n_pongs, closed; /* 0: no close frame; 1005: one without a code */
	/* what was delivered */
	char expected[MESSAGES * (LONGEST + 2)];
	size_t n_expected;
};

static struct ws *w;

/* ---- the peer's frames ---- */

static void
put(const void *data, size_t n)
{
	must(w->n_wire + n <= WIRE, "the plan is too long");
	memcpy(w->wire + w->n_wire, data, n);
	w->n_wire += n;
}

/* Writes a frame; first is its first byte. The mask is that of RFC 6455, 5.3. */
static void
put_frame(unsigned first, const char *data, size_t n)
{
	unsigned masked = w->server ? 0x80 : 0;
	char key[4],
	    head[4] = { (char)first, (char)(masked | (n < 126 ? n : 126)), (char)(n >> 8),
		    (char)n };
	size_t i;

	put(head, n < 126 ? 2 : 4);
	for (i = 0; i < 4; i++)
		key[i] = (char)draw(256);
	if (w->server)
		put(key, 4);
	for (i = 0; i < n; i++) {
		char c = w->server ? (char)(data[i] ^ key[i % 4]) : data[i];

		put(&c, 1);
	}
}

static void
put_control(void)
{
	char text[PING_MAX];
	size_t n = (size_t)draw(PING_MAX), i;

	for (i = 0; i < n; i++)
		text[i] = (char)draw(256);
	if (one_in(3) || w->n_pings == PINGS) {
		put_frame(0x80 | PONG, text, n);
		return;
	}
	put_frame(0x80 | PING, text, n);
	memcpy(w->pings[w->n_pings], text, n);
	w->ping_sizes[w->n_pings] = n;
	w->ping_ends[w->n_pings++] = w->n_wire;
}

/* Text of bytes below 128 is UTF-8 wherever it is cut. */
static void
put_message(void)
{
	size_t k = w->n_messages++, size = one_in(5) ? 0 : (size_t)draw(LONGEST), at = 0, i;
	bool first = true;

	w->sizes[k] = size;
	w->binary[k] = one_in(2);
	for (i = 0; i < size; i++)
		w->messages[k][i] = (char)draw(w->binary[k] ? 256 : 128);
	do {
		size_t n = one_in(2) ? size - at : (size_t)draw(size - at + 1);
		bool last = at + n == size && !one_in(4);

		put_frame((last ? 0x80 : 0) |
			(unsigned)(!first      ? CONTINUATION
				: w->binary[k] ? BINARY
					       : TEXT),
		    w->messages[k] + at, n);
		first = false;
		at += n;
		if (last)
			break;
		while (one_in(3))
			put_control();
	} while (true);
	w->end_of[k] = w->n_wire;
}

static void
put_close(void)
{
	static const unsigned codes[] = { 1000, 1001, 1011, 3000, 4999, 1005 };
	char body[20];
	size_t n = (size_t)draw(18);

	w->code = codes[draw(sizeof(codes) / sizeof(codes[0]))];
	body[0] = (char)(w->code >> 8);
	body[1] = (char)w->code;
	memset(body + 2, 'r', n);
	put_frame(0x80 | CLOSE, body, w->code == 1005 ? 0 : 2 + n);
}

/* What RFC 6455 forbids, with the code that it gets. */
static void
put_violation(void)
{
	static const struct {
		unsigned first;
		const char *payload;
		unsigned code;
	} bad[] = {
		{ 0x83, "", 1002 },         /* an unknown opcode */
		{ 0xc1, "", 1002 },         /* a reserved bit */
		{ 0x09, "", 1002 },         /* a fragment of a control frame */
		{ 0x80, "", 1002 },         /* it continues nothing */
		{ 0x88, "\x01", 1002 },     /* half a code */
		{ 0x88, "\x03\xed", 1002 }, /* 1005 is never sent */
		{ 0x81, "\xff", 1007 },     /* a text that is not UTF-8 */
		{ 0x81, "a\xc3", 1007 },    /* or ends in a character */
	};
	size_t i = (size_t)draw(sizeof(bad) / sizeof(bad[0]));

	w->code = bad[i].code;
	put_frame(bad[i].first, bad[i].payload, strlen(bad[i].payload));
}

static void
plan_frames(void)
{
	size_t n = (size_t)draw(MESSAGES), i;

	for (i = 0; i < n; i++) {
		while (one_in(4))
			put_control();
		put_message();
	}
	while (one_in(3))
		put_control();
	w->kind = one_in(5) ? STAYS : one_in(5) ? VIOLATES : one_in(3) ? IS_CUT : CLOSES;
	if (w->kind == CLOSES)
		put_close();
	else if (w->kind == VIOLATES)
		put_violation();
	else if (w->kind == IS_CUT)
		w->n_wire = (size_t)draw(w->n_wire + 1);
}

/* The bytes come in pieces unrelated to frames. */
static void
plan_wire(void)
{
	struct source *s = &w->net.source;
	size_t left = w->n_wire;

	w->net.bytes = w->wire;
	for (s->n_segments = 0; left > 0; s->n_segments++) {
		size_t n = s->n_segments == SEGMENTS - 1 ? left : 1 + (size_t)draw(left);

		s->segments[s->n_segments] = (struct segment){ draw_time(), n };
		left -= n;
	}
	/* a peer that has closed ends its stream when it has our answer, or soon */
	s->fate = w->kind == IS_CUT ? (one_in(3) ? FATE_RESET : FATE_END) : FATE_NONE;
	s->fate_after = draw_time();
}

/* ---- what we send ---- */

static void
check_record(const struct frame *f)
{
	const struct records *r = &w->records;
	size_t i = w->n_got++;

	if (w->echo) {
		must(i < w->n_messages, "an echo of nothing");
		must((f->head[0] & 15) == (w->binary[i] ? BINARY : TEXT),
		    "an echo of another type");
		must(f->n_payload == w->sizes[i] &&
			memcmp(f->payload, w->messages[i], f->n_payload) == 0,
		    "an echo of something else");
		return;
	}
	must((f->head[0] & 15) == BINARY, "a message of another type");
	must(i < r->n, "a message from nowhere");
	must(f->n_payload == r->sizes[i] && memcmp(f->payload, r->data[i], f->n_payload) == 0,
	    "message %zu is not what was sent", i);
}

/* Of several pings the last may be answered alone (5.5.3), but none twice, and none before it came. */
static void
check_pong(const struct frame *f)
{
	size_t i = w->next_ping;

	w->n_pongs++;
	for (; i < w->n_pings; i++)
		if (w->ping_ends[i] <= w->net.source.given && w->ping_sizes[i] == f->n_payload &&
		    memcmp(w->pings[i], f->payload, f->n_payload) == 0)
			break;
	must(i < w->n_pings, "a pong that answers no ping");
	w->next_ping = i + 1;
}

static void
on_frame(struct frame *f)
{
	unsigned masked = f->head[1] & 0x80, first = f->head[0];
	size_t i;

	must((masked != 0) == !w->server, "a frame has the wrong mask");
	must(w->closed == 0, "a frame after the close frame");
	must((first & 0xf0) == 0x80, "a frame is in pieces, or has reserved bits");
	for (i = 0; i < f->n_payload && masked; i++)
		f->payload[i] ^= f->head[f->want - 4 + i % 4];
	sim_trace("peer: frame %#x of %zu", first, f->n_payload);
	switch (first & 15) {
	case TEXT:
	case BINARY:
		check_record(f);
		break;
	case PONG:
		check_pong(f);
		break;
	case CLOSE:
		must(f->n_payload != 1, "half a code");
		w->closed = f->n_payload == 0 ? 1005 : (unsigned)f->payload[0] << 8 | f->payload[1];
		break;
	default:
		sim_fail("a frame of ours has the opcode %u", first & 15);
	}
}

static size_t
head_length(const struct frame *f)
{
	size_t n = 2;

	if (f->n_head < 2)
		return 2;
	n += (f->head[1] & 0x7f) == 126 ? 2 : (f->head[1] & 0x7f) == 127 ? 8 : 0;
	return n + ((f->head[1] & 0x80) != 0 ? 4 : 0);
}

static size_t
payload_length(const struct frame *f)
{
	unsigned n = f->head[1] & 0x7f;

	must(n != 127, "a frame is too long");
	return n < 126 ? n : (size_t)f->head[2] << 8 | f->head[3];
}

static void
takes(struct fake *net, const char *data, size_t n)
{
	struct frame *f = &w->frame;
	size_t i;

	(void)net;
	for (i = 0; i < n; i++) {
		if (f->n_head < (f->want = head_length(f)))
			f->head[f->n_head++] = (unsigned char)data[i];
		else
			f->payload[f->n_payload++] = (unsigned char)data[i];
		f->want = head_length(f);
		if (f->n_head < f->want || f->n_payload < payload_length(f))
			continue;
		on_frame(f);
		f->n_head = f->n_payload = 0;
	}
}

/* ---- what is delivered ---- */

static void
delivers(struct fake *local, const char *data, size_t n)
{
	must(local->taken + n <= w->n_expected, "more was delivered than came");
	must(memcmp(w->expected + local->taken, data, n) == 0, "other bytes were delivered");
}

static void
expect_messages(void)
{
	size_t i;

	for (i = 0; i < w->n_messages && w->end_of[i] <= w->n_wire; i++) {
		w->expected[w->n_expected++] = (char)(w->sizes[i] >> 8);
		w->expected[w->n_expected++] = (char)w->sizes[i];
		memcpy(w->expected + w->n_expected, w->messages[i], w->sizes[i]);
		w->n_expected += w->sizes[i];
	}
}

/* ---- the schedule ---- */

static void
plan_local(void)
{
	fake_init(&w->local, "local", 0, 7);
	sink_init(&w->output);
	w->local.sink = &w->output;
	w->local.unchecked = true;
	w->local.takes = delivers;
	if (one_in(8)) {
		w->output.fate = one_in(2) ? FATE_RESET : FATE_FAIL;
		w->output.fails_after = draw(500);
	}
	records_plan(&w->records, &w->local);
	w->local.source.fate = one_in(10) ? FATE_FAIL : one_in(4) ? FATE_NONE : FATE_END;
	w->local.source.fate_after = draw_time();
}

static void
plan_net(void)
{
	struct error e = { 0 };
	const struct websocket_how how = { .server = w->server,
		.binary = true,
		.max_message = LONGEST,
		.subprotocol = "" };

	fake_init(&w->net, "net", 1, 0);
	w->net.in_kind = w->net.out_kind = STREAM_OPAQUE;
	sink_init(&w->window);
	w->net.sink = &w->window;
	w->net.unchecked = true;
	if (one_in(3))
		fake_make_layered(&w->net);
	w->net.takes = takes;
	w->healthy = !one_in(6);
	if (!w->healthy && one_in(2)) {
		w->window.rate = 0; /* it reads nothing */
	} else if (!w->healthy) {
		w->window.fate = FATE_RESET;
		w->window.fails_after = draw(2000);
	}
	if (websocket_stream(&w->top, &w->net.stream, &how, &e) < 0)
		sim_fail("websocket: %s", e.text);
}

static void
plan_rules(void)
{
	int64_t half_close = one_in(2) ? 0 : draw_time();

	w->rules = (struct ending_rules){ .closes_both = true,
		.half_close = half_close,
		.after_eof = half_close + GRACE,
		.idle = one_in(6) ? 1 + draw_time() : DURATION_NONE };
	w->how = (struct message_relay_how){ .in.kind = FRAMING_LEN16, .out.kind = FRAMING_LEN16 };
	w->rules.until = deadline_in(SEC + (int64_t)draw(40 * SEC));
}

static void
plan(void)
{
	w->server = one_in(2);
	w->echo = one_in(4);
	plan_local();
	plan_net();
	plan_frames();
	plan_wire();
	expect_messages();
	plan_rules();
	sim_trace(
	    "server %d echo %d records %u messages %zu pings %zu kind %d code %u half-close %lld",
	    w->server, w->echo, w->records.n, w->n_messages, w->n_pings, (int)w->kind, w->code,
	    (long long)w->rules.half_close);
}

/* ---- the expected result ---- */

static bool
has_error(int number)
{
	const struct error *e = w->relay->error;

	return e != NULL && e->origin == ORIGIN_WEBSOCKET && (number == 0 || e->number == number);
}

static bool
everything_came(void)
{
	return w->net.source.given == w->n_wire;
}

/* The peer has closed: everything before is there, and its close frame is answered with its code. */
static void
check_closed(void)
{
	bool failed = w->local.first != FATE_NONE || w->net.first != FATE_NONE;

	must(w->kind == CLOSES && everything_came(), "peer-fin, and the peer has not closed");
	must(failed || w->echo || w->local.taken == w->n_expected,
	    "%llu of %zu bytes were delivered", (unsigned long long)w->local.taken, w->n_expected);
	must(failed || !w->echo || w->n_got == w->n_messages || w->window.rate == 0 ||
		w->closed != 0,
	    "%zu of %zu echoes were sent", w->n_got, w->n_messages);
	must(failed || !w->healthy || w->closed != 0, "the close frame was not answered");
	must(w->closed == 0 || w->closed == w->code || w->closed == 1000,
	    "the close frame was answered with %u", w->closed);
	must(w->closed != 1000 || w->code == 1000 || w->shut_at <= w->net.source.last,
	    "a code of ours after the peer's");
}

/* A ping is answered, if anything can be sent at all. */
static void
check_pings(void)
{
	bool fast = w->healthy && !w->net.layered && w->window.room >= 1000 &&
	    w->window.rate == UINT64_C(1000000000);

	if (!fast || w->n_pings == 0 || w->ping_ends[0] > w->net.source.given || w->stopped ||
	    w->kind == VIOLATES || w->closed == 1000)
		return;
	must(w->n_pongs > 0 || w->relay->ending.end == END_ERROR ||
		w->relay->ending.end == END_STDOUT_CLOSED || w->local.source.told,
	    "no ping was answered");
}

static void
check_end(void)
{
	const struct relay *r = w->relay;
	enum sock_end end = r->ending.end;

	must(r->n_received <= w->n_messages, "more messages were received than came");
	must(r->n_sent >= w->n_got, "more messages came than were sent");
	check_pings();
	switch (end) {
	case END_PEER_FIN:
		check_closed();
		break;
	case END_WS_TRUNCATED:
		must(w->kind == IS_CUT && has_error(1006), "truncated, and it was not");
		must(w->local.first != FATE_NONE || w->echo || w->local.taken == w->n_expected ||
			deadline_is_due(w->rules.until, w->ended),
		    "%llu of %zu bytes were delivered before the cut",
		    (unsigned long long)w->local.taken, w->n_expected);
		break;
	case END_PEER_RESET:
		must(w->net.first == FATE_RESET, "a reset that nobody saw");
		break;
	case END_IDLE_TIMEOUT:
	case END_DEADLINE:
		must(r->error != NULL, "a time-out without an error");
		break;
	case END_STDOUT_CLOSED:
		must(w->local.first == FATE_RESET, "stdout-closed, and it is there");
		break;
	case END_ERROR:
		must(r->error != NULL, "a failure without an error");
		must(has_error(0) ? w->kind == VIOLATES
				  : w->local.first != FATE_NONE || w->net.first != FATE_NONE,
		    "a failure that nobody told: %s", r->error->text);
		must(!has_error(0) || r->error->number == (int)w->code, "a violation as %d",
		    r->error->number);
		must(!has_error(0) || !w->healthy || w->closed == w->code || w->closed == 1000 ||
			w->net.layered || w->window.filled > 0,
		    "the violation was answered with %u", w->closed);
		break;
	case END_KICKED:
		must(w->stopped, "kicked by nobody");
		break;
	default:
		sim_fail("an end as %s", sock_end_word(end));
	}
	must(w->ended <= w->rules.until.at + SLACK, "the deadline was overrun");
}

/* ---- running ---- */

static void
on_done(struct relay *r)
{
	must(!w->over, "done() was called twice");
	must(!w->stopped, "done() was called after the stop");
	w->over = true;
	w->ended = sim->now;
	sim_trace("over: end %s, error %s", sock_end_word(r->ending.end),
	    r->error != NULL ? r->error->text : "none");
}

/* As the session does: the peer learns of a clean end. */
static void
say_end(void)
{
	int rc, tries;

	if (w->relay->error != NULL || w->relay->ending.end != END_PEER_FIN)
		return;
	for (tries = 0; tries < 100 && (rc = stream_shut(w->top, NULL)) < -1; tries++)
		sim->now += MSEC;
}

/* Somebody kicks the client, whatever is on its way. */
static void
kick(void *arg)
{
	(void)arg;
	if (w->over)
		return;
	w->stopped = w->over = true;
	w->ended = sim->now;
	relay_stop(w->relay, END_KICKED);
	w->local.closed = w->net.closed = true;
	sim_trace("kicked");
}

static void
run(void)
{
	struct relay_how how = { .loop = w->loop,
		.scratch = &w->scratch,
		.rules = &w->rules,
		.local = w->echo ? NULL : &w->local.stream,
		.remote = w->top,
		.input = !w->echo,
		.limit = UINT64_MAX,
		.rate = one_in(10) ? 100 + draw(100000) : 0,
		.done = on_done };
	struct error e = { 0 };

	w->began = sim->now;
	if (one_in(6))
		sim_at(sim->now + draw_time(), kick, NULL);
	if (message_relay_open(&w->relay, &how, &w->how, &e) < 0)
		sim_fail("open: %s", e.text);
	relay_start(w->relay);
	if (!w->over)
		must(sim_run(w->loop, &w->over), "it hangs");
	w->shut_at = w->local.source.told ? w->local.source.told_at : NEVER;
	say_end();
	check_end();
}

void
sim_websocket(void)
{
	struct error e = { 0 };
	jmp_buf outer;

	w = calloc(1, sizeof(*w));
	w->scratch.size = 1 << 20;
	if (loop_open(&w->loop, &e) < 0)
		sim_fail("loop: %s", e.text);
	plan();
	memcpy(&outer, &sim->out, sizeof(outer));
	if (setjmp(sim->out) == 0)
		run();
	memcpy(&sim->out, &outer, sizeof(outer));
	w->local.closed = w->net.closed = false;
	relay_close(w->relay);
	stream_close(w->top);
	scratch_fini(&w->scratch);
	loop_close(w->loop);
	free(w);
	w = NULL;
	if (sim->failure[0] != '\0')
		longjmp(sim->out, 1);
}

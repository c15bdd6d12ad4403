/*
 * The expected result of a schedule of a datagram server.
 */
#include "base/error.h"
#include "peers.h"

static bool
is_complete(enum sock_end end)
{
	return end == END_QUIET || end == END_LIMIT || end == END_LOCAL_EOF;
}

/* Echoes still owed may only be those of a loop, and of senders without room. */
static void
check_echoes(void)
{
	struct server *v = server;
	const struct udp_server *sv = v->sv;
	uint64_t round = v->round, refused = v->maybe_refused;
	size_t max = v->how.max_senders;
	unsigned i;

	if (v->how.local != DGRAM_ECHO)
		return;
	/* a new sender gets the guard of the forgotten one */
	must(v->round + v->maybe_refused <= sv->looped + sv->refused &&
		(v->maybe_refused <= sv->refused || (max != 0 && max < v->n_peers)),
	    "%llu echoes and %u others are missing, %llu went round and %llu were refused",
	    (unsigned long long)v->round, v->maybe_refused, (unsigned long long)sv->looped,
	    (unsigned long long)sv->refused);
	must(v->was_full || sv->refused == 0, "a sender was refused, and there was room");
	if (!is_complete(sv->relay.ending.end))
		return;
	for (i = 0; i < v->n_owed; i++)
		*(v->peers[v->datagrams[v->owed[i]].peer].bounces ? &round : &refused) += 1;
	must(v->unnamed_told || round + refused == sv->looped + sv->refused,
	    "%llu echoes were not sent, and %llu went round; %llu of others, and %llu were refused",
	    (unsigned long long)round, (unsigned long long)sv->looped, (unsigned long long)refused,
	    (unsigned long long)sv->refused);
}

static void
check_counts(void)
{
	const struct server *v = server;
	const struct udp_server *sv = v->sv;
	const struct relay *r = &sv->relay;

	must(v->cut_short || (r->received == v->received && r->n_received == v->n_received),
	    "%llu datagrams were received and %llu are counted", (unsigned long long)v->n_received,
	    (unsigned long long)r->n_received);
	must(r->sent == v->sent && r->n_sent == v->n_sent,
	    "%llu datagrams were sent and %llu are counted", (unsigned long long)v->n_sent,
	    (unsigned long long)r->n_sent);
	must(v->cut_short || sv->own == v->own,
	    "datagrams from our own address are counted wrongly");
	must(v->started == v->ended && v->known == 0, "a sender was never ended");
	must(v->sum_n_sent == v->n_sent && v->sum_sent == v->sent,
	    "the senders were sent %llu datagrams of %llu", (unsigned long long)v->sum_n_sent,
	    (unsigned long long)v->n_sent);
	must(v->sum_n_received + sv->refused == r->n_received,
	    "%llu of %llu datagrams are of senders, and %llu were refused",
	    (unsigned long long)v->sum_n_received, (unsigned long long)r->n_received,
	    (unsigned long long)sv->refused);
	/* a sender without a name may be one that there was no room for */
	must(v->cut_short || v->told == v->troubles ||
		(v->unnamed_told && sv->refused > 0 && v->told + 1 == v->troubles),
	    "%u failures, and %u were told", v->troubles, v->told);
	must(sv->had_error == (v->told > 0), "troubled, and nothing was told");
}

/* The limit alone decides whether there is room. */
static void
check_refused(void)
{
	const struct server *v = server;
	const struct udp_server *sv = v->sv;

	if (v->how.local == DGRAM_STDIO || v->how.local == DGRAM_DISCARD ||
	    (v->how.keep_open && v->how.max_senders == 0 && v->how.local != DGRAM_ECHO))
		must(sv->refused == 0, "a sender was refused, and there was room");
	must(v->how.local == DGRAM_ECHO || sv->looped == 0, "echoes where there are none");
}

static void
check_output(void)
{
	const struct server *v = server;
	const struct relay *r = &v->sv->relay;

	/* a relay that only sends has no output */
	if (v->how.local != DGRAM_STDIO || !is_complete(r->ending.end) ||
	    r->ending.end == END_LOCAL_EOF || v->local.first != FATE_NONE)
		return;
	must(v->local.taken == v->shown.len, "%llu of %zu bytes were delivered",
	    (unsigned long long)v->local.taken, v->shown.len);
}

/* Each sender that was served to the end got the whole file. */
static void
check_file(void)
{
	const struct server *v = server;
	const struct peer *peer;
	int r;

	for (peer = v->peers; peer < v->peers + v->n_peers; peer++)
		for (r = 0; r < FILE_RECORDS && v->how.local == DGRAM_FILE; r++) {
			must(peer->got[r] >= peer->served, "record %d of the file is missing", r);
			must(peer->got[r] <= peer->started, "record %d of the file too often", r);
		}
}

static bool
input_is_sent(void)
{
	return !server->input || server->n_input == server->records.n ||
	    server->sent >= server->limit;
}

static void
check_quiet(void)
{
	const struct server *v = server;
	int64_t since = v->last_in;

	must(!v->how.keep_open && v->how.local < DGRAM_PROGRAM, "quiet, and it stays");
	must(v->n_received > 0, "quiet before the first datagram");
	must(v->how.quiet != DURATION_NONE, "quiet, without a rule");
	must(input_is_sent() || v->local.source.fate == FATE_FAIL, "quiet, and the input goes on");
	must(v->over_at - since >= v->how.quiet - SLACK, "quiet too early");
}

static void
check_deadline(void)
{
	const struct server *v = server;

	if (v->over_at >= v->rules.until.at - SLACK)
		return;
	must(v->n_received == 0 && v->rules.accept != DURATION_NONE &&
		v->over_at - v->began >= v->rules.accept - SLACK,
	    "deadline too early");
}

static void
check_idle_end(void)
{
	const struct server *v = server;
	int64_t moved = v->last_in > v->last_out ? v->last_in : v->last_out;

	must(v->idle != DURATION_NONE, "idle-timeout, without a rule");
	must(v->how.local >= DGRAM_PROGRAM || !v->how.keep_open, "idle-timeout, and it stays");
	must(v->over_at - moved >= v->idle - SLACK, "idle-timeout, and bytes still moved");
}

static void
check_error(void)
{
	const struct server *v = server;

	must(v->local.first != FATE_NONE || (v->fails_to_start && !v->how.keep_open),
	    "a failure that nobody told: %s", v->sv->relay.error->text);
	must(v->sv->relay.error != NULL, "a failure without an error");
	if (v->local.first == FATE_FAIL && !v->local.first_on_write)
		must(input_is_sent(), "%u of %u records before a failure were sent", v->n_input,
		    v->records.n);
}

static void
check_end(void)
{
	const struct server *v = server;
	const struct relay *r = &v->sv->relay;
	enum sock_end end = r->ending.end;

	switch (end) {
	case END_QUIET:
		check_quiet();
		break;
	case END_LOCAL_EOF:
		must(v->rules.send_only || v->how.local == DGRAM_FILE, "local-eof, and why?");
		must(!v->how.keep_open && input_is_sent(), "local-eof, and there is more to send");
		break;
	case END_CHILD_EXIT:
		must(!v->how.keep_open && v->how.local == DGRAM_PROGRAM,
		    "child-exit, and it stays");
		must(v->sv->has_status, "child-exit without a status");
		break;
	case END_LIMIT:
		must(v->closed, "limit, and it was not reached");
		break;
	case END_DEADLINE:
		check_deadline();
		break;
	case END_IDLE_TIMEOUT:
		check_idle_end();
		break;
	case END_STDOUT_CLOSED:
		must(v->local.first == FATE_RESET && v->local.first_on_write,
		    "stdout-closed, and it is there");
		break;
	case END_SIGNAL:
		must(v->stopped, "signal, and there was none");
		break;
	case END_ERROR:
		check_error();
		break;
	default:
		sim_fail("an end as %s", sock_end_word(end));
	}
	must((r->error != NULL) ==
		    (end == END_DEADLINE || end == END_ERROR || end == END_STDOUT_CLOSED ||
			(end == END_IDLE_TIMEOUT && !v->how.keep_open)) ||
		(end == END_IDLE_TIMEOUT && v->how.local >= DGRAM_PROGRAM),
	    "%s, and an error of it is %s", sock_end_word(end),
	    r->error != NULL ? "told" : "not told");
}

/* Not later than necessary, and not while there was something to do. */
static void
check_time(void)
{
	const struct server *v = server;

	must(deadline_is_never(v->rules.until) || v->over_at <= v->rules.until.at + SLACK,
	    "the deadline was overrun");
	must(deadline_is_never(v->rules.until) == false || v->over_at <= v->stops + SLACK,
	    "it goes on after it was stopped");
}

/* The input keeps its rate, and pauses after each record. */
static void
check_pace(void)
{
	const struct server *v = server;
	int64_t span = v->over_at - v->began + SLACK;

	if (v->how.local != DGRAM_STDIO)
		return;
	if (v->rate != 0)
		must((double)v->sent <= (double)v->rate * ((double)span / 1e9 + 0.06) + RECORD_MAX,
		    "%llu bytes in %lld ms", (unsigned long long)v->sent, (long long)(span / MSEC));
	if (v->delay != 0)
		must((int64_t)v->n_input <= 1 + span / v->delay, "%u records in %lld ms",
		    v->n_input, (long long)(span / MSEC));
}

void
peers_check(void)
{
	check_counts();
	check_echoes();
	check_refused();
	check_output();
	check_file();
	programs_check();
	check_end();
	check_time();
	check_pace();
}

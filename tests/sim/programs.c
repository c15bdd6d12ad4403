/*
 * Programs that answer the peers of a datagram server. Each is a socketpair
 * that follows a plan, which replaces stream/process, and ends at its time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "loop/loop_child.h"
#include "peers.h"
#include "stream/process.h"

/* Calls that are not about these programs go to stream/ and base/ (--wrap). */
int __wrap_process_stream(struct stream **ret_stream, const struct process_how *how, pid_t *ret_pid,
    struct error *e);
void __wrap_loop_child_watch(struct loop *l, struct child_watch *c);
void __wrap_loop_child_disown(struct loop *l, struct child_watch *c);

/* Above the kernel's process IDs. */
enum { FIRST_PID = 100000000 };

/* The peer whose program is started next. */
static unsigned next_peer;

static struct program *
program_of(const struct stream *s)
{
	return (struct program *)(void *)s;
}

static bool
is_whole(void)
{
	return server->how.framing.kind == FRAMING_WHOLE;
}

/* ---- its input ---- */

static bool
is_datagram(unsigned id, const char *data, size_t n)
{
	const struct datagram *d = &server->datagrams[id];
	size_t j;

	if (d->n != n)
		return false;
	for (j = 0; j < n; j++)
		if (data[j] != datagram_byte(id, j))
			return false;
	return true;
}

/* Checks the next record that it reads: one of its own peer. */
static void
look_at(struct program *p, const char *data, size_t n)
{
	for (; p->at < server->n_log; p->at++) {
		unsigned id = server->log[p->at];

		if (server->datagrams[id].peer != p->peer)
			continue;
		if (is_datagram(id, data, n))
			break;
		/* empty ones are all alike */
		p->skipped += p->read > 0 && server->datagrams[id].n > 0;
	}
	must(p->at++ < server->n_log, "a program reads what its peer has not sent");
	p->read++;
}

static void
takes(struct fake *f, const char *data, size_t n)
{
	struct program *p = f->arg;

	buf_append(&p->in, data, n, NULL);
	while (!is_whole() && p->in.len >= 2) {
		const unsigned char *head = (const unsigned char *)buf_head(&p->in);
		size_t size = (size_t)head[0] << 8 | head[1];

		if (p->in.len < 2 + size)
			break;
		look_at(p, buf_head(&p->in) + 2, size);
		buf_consume(&p->in, 2 + size);
	}
}

static int (*fake_shut)(struct stream *s, struct error *e);

static int
program_shut(struct stream *s, struct error *e)
{
	struct program *p = program_of(s);

	if (!p->fake.shut && is_whole())
		look_at(p, p->in.len > 0 ? buf_head(&p->in) : "", p->in.len);
	return fake_shut(s, e);
}

/* ---- its descriptor ---- */

static unsigned
ready_of(int fd)
{
	const struct sim_fd *f = &sim->fds[fd - SIM_FD];

	return f->ready(f->arg);
}

/* Closing only the input is no hangup. */
static unsigned
program_ready(void *arg)
{
	struct program *p = arg;

	if (p->fake.closed)
		return 0;
	return ready_of(p->fake.in_fd) | (ready_of(p->fake.out_fd) & ~(unsigned)LOOP_HANGUP);
}

/* Both descriptors below report their own changes. */
static int64_t
no_change(void *arg)
{
	(void)arg;
	return NEVER;
}

static int
program_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)side;
	return program_of(s)->fd;
}

static void
program_close(struct stream *s)
{
	struct program *p = program_of(s);

	must(!p->fake.closed, "a program's stream is closed twice");
	p->fake.closed = true;
	p->fake.source.start = NEVER;
}

/* ---- start and exit ---- */

static unsigned
exit_ready(void *arg)
{
	const struct program *p = arg;

	return p->exits <= sim->now && !p->reaped ? LOOP_READ : 0;
}

static int64_t
exit_next(void *arg)
{
	const struct program *p = arg;

	return p->exits > sim->now && p->child != NULL ? p->exits : NEVER;
}

static void
on_exit_of(struct watch *w, unsigned ready)
{
	struct program *p = w->arg;

	(void)ready;
	p->reaped = true;
	p->left = source_arrived(&p->fake.source);
	sim->progress++;
	sim_trace("program %d exits", (int)(p - server->programs));
	loop_unwatch(server->loop, w);
	p->child->fn(p->child, 3 << 8);
}

void
__wrap_loop_child_watch(struct loop *l, struct child_watch *c)
{
	struct program *p = &server->programs[c->pid - FIRST_PID];

	p->child = c;
	p->watch = (struct watch){ .fd = p->exit_fd, .fn = on_exit_of, .arg = p };
	loop_watch(l, &p->watch, LOOP_READ, NULL);
}

void
__wrap_loop_child_disown(struct loop *l, struct child_watch *c)
{
	struct program *p = &server->programs[c->pid - FIRST_PID];

	loop_unwatch(l, &p->watch);
	p->child = NULL;
}

static void
plan(struct program *p)
{
	struct source *s = &p->fake.source;
	int i;

	fake_init(&p->fake, "program", 0, 0);
	sink_init(&p->input);
	records_plan(&p->records, &p->fake);
	p->slow = one_in(6);
	p->input.rate = p->slow ? draw(2000) : UINT64_C(1000000000);
	p->input.room = p->slow ? 1000 + draw(100000) : 1 << 22;
	if (one_in(6)) {
		p->input.fate = FATE_RESET;
		p->input.fails_at = sim->now + draw_time();
	}
	p->exits = one_in(2) ? NEVER : sim->now;
	for (i = 0; i < s->n_segments && p->exits != NEVER; i++)
		p->exits += s->segments[i].after;
	p->exits += p->exits != NEVER ? draw_time() : 0;
	/* it may close its output earlier, or leave it open in other processes */
	s->fate = one_in(8) ? FATE_NONE : one_in(3) ? FATE_RESET : FATE_END;
	s->fate_after = p->exits == NEVER ? 1000 * SEC : draw_time();
}

static const struct stream_ops *
program_ops(const struct stream_ops *fake)
{
	static struct stream_ops ops;

	fake_shut = fake->shut;
	ops = *fake;
	ops.shut = program_shut;
	ops.raw_fd = program_raw_fd;
	ops.close = program_close;
	return &ops;
}

int
__wrap_process_stream(struct stream **ret_stream, const struct process_how *how, pid_t *ret_pid,
    struct error *e)
{
	struct program *p = &server->programs[server->n_programs];

	(void)how;
	if (server->n_programs == PROGRAMS || one_in(20)) {
		server->fails_to_start = true;
		server->troubles += server->how.keep_open;
		server->cut_short = !server->how.keep_open;
		return error_set(e, ERROR_NOT_FOUND, "exec: no such program");
	}
	*ret_pid = FIRST_PID + (int)server->n_programs++;
	plan(p);
	p->peer = next_peer;
	p->at = server->batch_at;
	p->fake.sink = &p->input;
	p->fake.unchecked = true;
	p->fake.takes = takes;
	p->fake.arg = p;
	p->fake.stream.ops = program_ops(p->fake.stream.ops);
	p->fd = sim_fd(program_ready, no_change, p);
	p->exit_fd = sim_fd(exit_ready, exit_next, p);
	buf_init(&p->in, SIZE_MAX / 2);
	sim_trace("program %u for peer %u: %u records", server->n_programs - 1, next_peer,
	    p->records.n);
	*ret_stream = &p->fake.stream;
	return 0;
}

int
programs_env(struct udp_server *sv, const struct sender *s, char **env, size_t n)
{
	(void)sv, (void)env, (void)n;
	next_peer = (unsigned)(peer_of(&s->name) - server->peers);
	return 0;
}

/* ---- its answers ---- */

static bool
is_answer(const struct program *p, const struct packet *packet)
{
	const struct records *r = &p->records;

	if (!is_whole())
		return p->sent < r->n && packet->len == r->sizes[p->sent] &&
		    memcmp(packet->data, r->data[p->sent], packet->len) == 0;
	return p->sent == 0 && (p->fake.source.told || p->reaped) &&
	    packet->len == source_total(&p->fake.source) &&
	    memcmp(packet->data, r->bytes, packet->len) == 0;
}

static struct program *
whose_answer(const struct peer *peer, const struct packet *packet, bool closed)
{
	struct program *p = server->programs;

	for (; p < server->programs + server->n_programs; p++)
		if (&server->peers[p->peer] == peer && p->fake.closed == closed &&
		    is_answer(p, packet))
			return p;
	return NULL;
}

void
programs_sent(const struct peer *peer, const struct packet *packet)
{
	struct program *p = whose_answer(peer, packet, false);

	/* empty ones are all alike: one of a closed program may have been matched before */
	if (p == NULL && packet->len == 0 && is_whole())
		p = whose_answer(peer, packet, true);
	must(p != NULL, "%zu bytes to peer %d are not the next answer of its program", packet->len,
	    (int)(peer - server->peers));
	p->sent++;
}

/* ---- the expected result ---- */

/* Returns how many answers are complete within this many bytes. */
static unsigned
answers_in(const struct program *p, uint64_t bytes)
{
	uint64_t at = 0;
	unsigned i;

	if (is_whole())
		return bytes > 0 && bytes == source_total(&p->fake.source);
	for (i = 0; i < p->records.n; i++) {
		at += 2 + p->records.sizes[i];
		if (at > bytes)
			break;
	}
	return i;
}

void
programs_ended(const struct peer *peer, enum sock_end end)
{
	struct program *p = server->programs;

	for (; p < server->programs + server->n_programs; p++) {
		if (&server->peers[p->peer] != peer || !p->fake.closed || p->looked_at)
			continue;
		p->looked_at = true;
		must(end != END_CHILD_EXIT || p->reaped, "child-exit, and the program still runs");
		must(end != END_CHILD_EXIT || p->sent >= answers_in(p, p->left),
		    "%u of %u answers of a program were sent", p->sent, answers_in(p, p->left));
		return;
	}
	must(end == END_ERROR && server->fails_to_start, "an end of no program");
}

/* Returns true if the program reads all the time, and its peer has no other sender. */
static bool
heard_all(const struct program *p)
{
	return server->sv->refused == 0 && !p->slow && p->input.fate == FATE_NONE &&
	    p->exits == NEVER && !is_whole() && server->peers[p->peer].started == 1 &&
	    server->how.keep_open;
}

void
programs_check(void)
{
	const struct program *p;
	unsigned skipped = 0;
	bool deaf = false;

	for (p = server->programs; p < server->programs + server->n_programs; p++) {
		must(p->fake.closed, "the stream of a program is left open");
		must(p->child == NULL || p->reaped, "a program is still watched for");
		must(!heard_all(p) || p->skipped == 0, "a program has not read all of its peer");
		must(!heard_all(p) || p->read == server->peers[p->peer].heard,
		    "a program has read %u of %u datagrams of its peer", p->read,
		    server->peers[p->peer].heard);
		deaf = deaf || p->input.fate != FATE_NONE || p->exits != NEVER;
		skipped += p->skipped;
	}
	must(deaf || is_whole() || skipped <= server->sv->unread,
	    "%u datagrams were lost and %llu are told", skipped,
	    (unsigned long long)server->sv->unread);
}

void
programs_fini(void)
{
	unsigned i;

	for (i = 0; i < server->n_programs; i++)
		buf_fini(&server->programs[i].in);
}

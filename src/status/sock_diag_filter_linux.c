#include <linux/inet_diag.h>
#include <netinet/in.h>
#include <string.h>

#include "base/array.h"
#include "status/sock_diag.h"

/*
 * The bytecode of inet_diag: an operation jumps `yes` or `no` bytes forward from its start; a
 * jump to 4 bytes after the end rejects the socket. A program here is a list of clauses that
 * must all hold; a clause is a list of alternatives of which one must hold.
 *
 * Ports are compared with "at least" and "at most", because S_EQ exists only since Linux 4.16.
 */

#define OP_SIZE sizeof(struct inet_diag_bc_op)
#define RANGE_SIZE (4 * OP_SIZE)
#define JUMP_SIZE OP_SIZE

/* Bound, neither listening nor connected (Linux 6.8). */
#define LINUX_BOUND_INACTIVE 13

struct program {
	unsigned char *bytes;
	size_t len;
};

struct clause {
	size_t alternatives_left; /* alternatives not yet written */
	size_t exits[256];        /* offsets of the jumps to the end of the clause */
	size_t n_exits;
	/* operations of the last alternative whose `no` goes to the end of the program */
	size_t rejects[2];
};

static void
emit_op(struct program *p, unsigned code, size_t yes, size_t no)
{
	struct inet_diag_bc_op op = {
		.code = (unsigned char)code,
		.yes = (unsigned char)yes,
		.no = (unsigned short)no,
	};

	memcpy(p->bytes + p->len, &op, OP_SIZE);
	p->len += OP_SIZE;
}

static void
set_no(struct program *p, size_t at, size_t target)
{
	unsigned short no = (unsigned short)(target - at);

	memcpy(p->bytes + at + offsetof(struct inet_diag_bc_op, no), &no, sizeof(no));
}

/* Writes a jump to the end of the clause, when another alternative follows. */
static void
emit_exit(struct program *p, struct clause *c)
{
	c->exits[c->n_exits++] = p->len;
	emit_op(p, INET_DIAG_BC_JMP, OP_SIZE, 0);
}

/* Writes "port >= lo and port <= hi". */
static void
emit_range(struct program *p, struct clause *c, bool source, const struct status_range *range)
{
	unsigned ge = source ? INET_DIAG_BC_S_GE : INET_DIAG_BC_D_GE;
	unsigned le = source ? INET_DIAG_BC_S_LE : INET_DIAG_BC_D_LE;
	bool last = --c->alternatives_left == 0;
	size_t next = RANGE_SIZE + JUMP_SIZE;

	c->rejects[0] = p->len;
	emit_op(p, ge, 2 * OP_SIZE, next);
	emit_op(p, INET_DIAG_BC_NOP, 0, range->lo);
	c->rejects[1] = p->len;
	emit_op(p, le, 2 * OP_SIZE, next - 2 * OP_SIZE);
	emit_op(p, INET_DIAG_BC_NOP, 0, range->hi);
	if (!last)
		emit_exit(p, c);
}

static void
emit_address(struct program *p, struct clause *c, bool source, const struct sockname *name)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&name->storage;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&name->storage;
	bool v4 = name->sa.sa_family == AF_INET, last = --c->alternatives_left == 0;
	size_t bytes = v4 ? sizeof(in->sin_addr) : sizeof(in6->sin6_addr);
	struct inet_diag_hostcond cond;
	size_t size = OP_SIZE + sizeof(cond) + bytes;

	/* the kernel also copies the padding between the members */
	memset(&cond, 0, sizeof(cond));
	cond.family = (unsigned char)name->sa.sa_family;
	cond.prefix_len = (unsigned char)(bytes * 8);
	cond.port = -1;
	c->rejects[0] = c->rejects[1] = p->len;
	emit_op(p, source ? INET_DIAG_BC_S_COND : INET_DIAG_BC_D_COND, size, size + JUMP_SIZE);
	memcpy(p->bytes + p->len, &cond, sizeof(cond));
	memcpy(p->bytes + p->len + sizeof(cond),
	    v4 ? (const void *)&in->sin_addr : (const void *)&in6->sin6_addr, bytes);
	p->len += sizeof(cond) + bytes;
	if (!last)
		emit_exit(p, c);
}

/* The `no` of the last alternative must jump to the end of the program, which is not known yet.
 * It is marked with 0 here; resolve_rejects() sets it. */
static void
end_clause(struct program *p, const struct clause *c)
{
	for (size_t i = 0; i < c->n_exits; i++)
		set_no(p, c->exits[i], p->len);
	set_no(p, c->rejects[0], c->rejects[0]);
	set_no(p, c->rejects[1], c->rejects[1]);
}

static bool
begin_clause(struct program *p, struct clause *c, size_t alternatives)
{
	const size_t largest = OP_SIZE + sizeof(struct inet_diag_hostcond) + 16 + JUMP_SIZE;

	*c = (struct clause){ .alternatives_left = alternatives };
	return alternatives > 0 && alternatives <= ARRAY_LEN(c->exits) &&
	    p->len + alternatives * largest <= SOCK_DIAG_PROGRAM_MAX;
}

static void
emit_end(struct program *p, bool source, const struct status_end *end)
{
	struct clause c;
	size_t i;

	if (begin_clause(p, &c, end->n_addresses)) {
		for (i = 0; i < end->n_addresses; i++)
			emit_address(p, &c, source, &end->addresses[i]);
		end_clause(p, &c);
	}
	if (begin_clause(p, &c, end->n_ports)) {
		for (i = 0; i < end->n_ports; i++)
			emit_range(p, &c, source, &end->ports[i]);
		end_clause(p, &c);
	}
}

static size_t
op_length(const struct inet_diag_bc_op *op)
{
	/* every operation here continues with the next one when it holds */
	return op->yes;
}

/* Sets each `no` that end_clause() has marked to 4 bytes after the end. */
static void
resolve_rejects(struct program *p)
{
	struct inet_diag_bc_op op;

	for (size_t at = 0; at < p->len; at += op_length(&op)) {
		memcpy(&op, p->bytes + at, OP_SIZE);
		if (op.no == 0)
			set_no(p, at, p->len + OP_SIZE);
	}
}

size_t
sock_diag_program(const struct status_filter *f, unsigned char program[SOCK_DIAG_PROGRAM_MAX])
{
	struct program p = { .bytes = program };
	struct clause c;
	size_t i;

	emit_end(&p, true, &f->local);
	emit_end(&p, false, &f->peer);
	if (begin_clause(&p, &c, 2 * f->n_ports)) {
		for (i = 0; i < 2 * f->n_ports; i++)
			emit_range(&p, &c, i % 2 == 0, &f->ports[i / 2]);
		end_clause(&p, &c);
	}
	resolve_rejects(&p);
	return p.len;
}

uint32_t
sock_diag_states(uint32_t codes)
{
	uint32_t states = 0;

	for (int state = 1; state < LINUX_BOUND_INACTIVE; state++)
		if ((codes & 1U << status_code_of_linux(state)) != 0)
			states |= 1U << state;
	/* requires a walk of another table, which few callers need */
	if (codes == 1U << TCP_CODE_CLOSED)
		states |= 1U << LINUX_BOUND_INACTIVE;
	return states;
}

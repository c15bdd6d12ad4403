#include "net/resolve/dns_srv.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "base/array.h"
#include "base/error.h"
#include "base/log.h"
#include "loop/worker.h"
#include "net/resolve/idn.h"

enum {
	HEADER_SIZE = 12,
	MESSAGE_MAX = 65535,
	NAME_WIRE_MAX = 255, /* RFC 1035, 2.3.4 */
	LABEL_MAX = 63,
	POINTER = 0xc0, /* the two bits that mark a length as a pointer */
	TYPE_CNAME = 5,
	TYPE_SRV = 33,
	CLASS_IN = 1,
	SRV_FIXED = 6 /* bytes before the target */
};

/* ---- message ---- */

struct message {
	const uint8_t *data;
	size_t size, at;
};

/* A name as text; "" for the root and for a name that no host can have. */
struct name {
	char text[NAME_WIRE_MAX + 1];
	bool root, invalid;
};

struct record {
	struct name owner;
	unsigned type, class;
	size_t end; /* offset of the end of its data, which start at the message's offset */
};

static int
malformed(struct error *e, const char *what)
{
	return error_set(e, ERROR_RESOLVE, "malformed answer: %s", what);
}

static int
read_u16(struct message *m, unsigned *ret_value, struct error *e)
{
	if (m->size - m->at < 2)
		return malformed(e, "it is cut short");
	*ret_value = (unsigned)m->data[m->at] << 8 | m->data[m->at + 1];
	m->at += 2;
	return 0;
}

static int
skip(struct message *m, size_t n, struct error *e)
{
	if (m->size - m->at < n)
		return malformed(e, "it is cut short");
	m->at += n;
	return 0;
}

/* Bytes that may occur in a host name, and are safe to print. */
static bool
is_name_byte(uint8_t c)
{
	return c > ' ' && c < 0x7f && c != '.' && c != '\\';
}

/* Appends a label to the name; the caller has checked the lengths. */
static void
name_append(struct name *name, size_t *len, const uint8_t *label, size_t n)
{
	if (*len > 0)
		name->text[(*len)++] = '.';
	for (size_t i = 0; i < n; i++) {
		if (!is_name_byte(label[i]))
			name->invalid = true;
		name->text[(*len)++] = (char)label[i];
	}
}

/* Follows the compression pointer at *at. It must point before the part of the name that it is
 * in, so every name ends. */
static int
name_jump(const struct message *m, size_t *at, size_t *before, struct error *e)
{
	size_t to;

	if (m->size - *at < 2)
		return malformed(e, "a name is cut short");
	to = (size_t)(m->data[*at] & ~POINTER) << 8 | m->data[*at + 1];
	if (to >= *before)
		return malformed(e, "a name points forward");
	*at = *before = to;
	return 0;
}

static int
name_read(struct message *m, struct name *name, struct error *e)
{
	size_t at = m->at, before = m->at, len = 0, wire = 0;
	bool jumped = false;

	*name = (struct name){ .root = true };
	for (;;) {
		unsigned n;

		if (at >= m->size)
			return malformed(e, "a name is cut short");
		n = m->data[at];
		if ((n & POINTER) == POINTER) {
			if (!jumped)
				m->at = at + 2;
			jumped = true;
			if (name_jump(m, &at, &before, e) != 0)
				return -1;
			continue;
		}
		wire += n + 1;
		if (n > LABEL_MAX || wire > NAME_WIRE_MAX)
			return malformed(e, "a name is too long");
		if (n >= m->size - at)
			return malformed(e, "a name is cut short");
		at++;
		if (n == 0)
			break;
		name_append(name, &len, m->data + at, n);
		name->root = false;
		at += n;
	}
	if (!jumped)
		m->at = at;
	name->text[name->invalid ? 0 : len] = '\0';
	return 0;
}

static int
record_read(struct message *m, struct record *r, struct error *e)
{
	unsigned length;

	if (name_read(m, &r->owner, e) != 0 || read_u16(m, &r->type, e) != 0 ||
	    read_u16(m, &r->class, e) != 0 || skip(m, 4, e) != 0 || read_u16(m, &length, e) != 0)
		return -1;
	if (m->size - m->at < length)
		return malformed(e, "a record is cut short");
	r->end = m->at + length;
	return 0;
}

/* ---- answer ---- */

struct answer {
	char owner[NAME_WIRE_MAX + 2]; /* owner of the wanted records */
	struct dns_srv *list;
	size_t n, size;
};

/* Names are equal regardless of case and of the final dot. */
static bool
is_owner(const struct answer *a, const struct name *name)
{
	return !name->invalid && strcasecmp(a->owner, name->text) == 0;
}

static int
answer_add(struct answer *a, const struct dns_srv *srv, struct error *e)
{
	if (a->n == a->size) {
		size_t size = a->size != 0 ? 2 * a->size : 8;
		struct dns_srv *list = realloc(a->list, size * sizeof(*list));

		if (list == NULL)
			return error_set(e, ERROR_INTERNAL, "out of memory");
		a->list = list;
		a->size = size;
	}
	a->list[a->n++] = *srv;
	return 0;
}

/* Parses the whole data of an SRV record. */
static int
srv_read(struct message *m, size_t end, struct dns_srv *srv, struct error *e)
{
	unsigned priority, weight, port;
	struct name target;

	if (end - m->at <= SRV_FIXED)
		return malformed(e, "an SRV record is cut short");
	if (read_u16(m, &priority, e) != 0 || read_u16(m, &weight, e) != 0 ||
	    read_u16(m, &port, e) != 0 || name_read(m, &target, e) != 0)
		return -1;
	if (m->at != end)
		return malformed(e, "an SRV record's target does not end with it");
	if (target.invalid)
		return malformed(e, "an SRV record's target is no host name");
	*srv = (struct dns_srv){
		.priority = (uint16_t)priority,
		.weight = (uint16_t)weight,
		.port = (uint16_t)port,
	};
	memcpy(srv->target, target.text, strlen(target.text));
	return 0;
}

static int
cname_read(struct message *m, size_t end, struct answer *a, struct error *e)
{
	struct name to;

	if (name_read(m, &to, e) != 0)
		return -1;
	if (m->at != end)
		return malformed(e, "an alias does not end with its record");
	/* an alias to an invalid name owns no wanted record */
	memcpy(a->owner, to.text, strlen(to.text) + 1);
	return 0;
}

static int
answer_record(struct message *m, struct answer *a, struct error *e)
{
	struct record r;
	struct dns_srv srv;
	int rc = 0;

	if (record_read(m, &r, e) != 0)
		return -1;
	if (r.class == CLASS_IN && is_owner(a, &r.owner)) {
		if (r.type == TYPE_CNAME)
			rc = cname_read(m, r.end, a, e);
		else if (r.type == TYPE_SRV && (rc = srv_read(m, r.end, &srv, e)) == 0)
			rc = answer_add(a, &srv, e);
	}
	m->at = r.end;
	return rc;
}

static int
answer_read(struct message *m, struct answer *a, struct error *e)
{
	unsigned questions, records;
	struct name name;

	if (skip(m, 4, e) != 0 || read_u16(m, &questions, e) != 0 ||
	    read_u16(m, &records, e) != 0 || skip(m, 4, e) != 0)
		return -1;
	for (; questions > 0; questions--)
		if (name_read(m, &name, e) != 0 || skip(m, 4, e) != 0)
			return -1;
	for (; records > 0; records--)
		if (answer_record(m, a, e) != 0)
			return -1;
	return 0;
}

int
dns_srv_parse(const uint8_t *msg, size_t size, const char *asked, struct dns_srv **ret_list,
    size_t *ret_n, struct error *e)
{
	struct message m = { .data = msg, .size = size };
	struct answer a = { .list = NULL };
	size_t len = strlen(asked);

	if (len > 0 && asked[len - 1] == '.')
		len--;
	if (len > NAME_WIRE_MAX)
		return error_set(e, ERROR_USAGE, "a name has at most %d bytes", NAME_WIRE_MAX);
	memcpy(a.owner, asked, len);
	if (answer_read(&m, &a, e) != 0) {
		free(a.list);
		return -1;
	}
	*ret_list = a.list;
	*ret_n = a.n;
	return 0;
}

/* ---- order ---- */

static int
compare_records(const void *a, const void *b)
{
	const struct dns_srv *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	/* records of weight 0 come first, so that they have a small chance to be chosen (RFC
	 * 2782) */
	if ((x->weight == 0) != (y->weight == 0))
		return x->weight == 0 ? -1 : 1;
	return 0;
}

/* Chooses the next of n records of equal priority, and moves it to the front. */
static void
choose_by_weight(struct dns_srv *list, size_t n, uint32_t random)
{
	uint64_t total = 0, sum = 0, chosen_sum;
	struct dns_srv chosen;
	size_t i;

	for (i = 0; i < n; i++)
		total += list[i].weight;
	chosen_sum = random % (total + 1);
	for (i = 0; i + 1 < n; i++) {
		sum += list[i].weight;
		if (sum >= chosen_sum)
			break;
	}
	chosen = list[i];
	memmove(list + 1, list, i * sizeof(*list));
	list[0] = chosen;
}

void
dns_srv_order(struct dns_srv *list, size_t n, uint32_t (*random)(void *arg), void *arg)
{
	size_t i, equals;

	if (n < 2)
		return;
	qsort(list, n, sizeof(*list), compare_records);
	for (i = 0; i < n; i++) {
		for (equals = 1; i + equals < n; equals++)
			if (list[i + equals].priority != list[i].priority)
				break;
		if (equals > 1)
			choose_by_weight(list + i, equals, random(arg));
	}
}

/* ---- query ---- */

/* A query of the resolver and its answer. */
struct query {
	struct worker worker;
	char name[ENDPOINT_HOST_MAX + 1];
	int length; /* length of the answer, or -1 */
	int reason; /* h_errno of the failure */
	uint8_t answer[MESSAGE_MAX];
};

static void
query_free(struct worker *a)
{
	free(a);
}

static void
query_run_blocking(struct worker *a)
{
	struct query *q = CONTAINER_OF(a, struct query, worker);

	q->length = res_query(q->name, CLASS_IN, TYPE_SRV, q->answer, sizeof(q->answer));
	q->reason = h_errno;
}

static int
report_query_error(const struct query *q, struct error *e)
{
	switch (q->reason) {
	case HOST_NOT_FOUND:
		return error_gai(e, EAI_NONAME, "resolve %s", q->name);
	case TRY_AGAIN:
		return error_gai(e, EAI_AGAIN, "resolve %s", q->name);
	case NO_DATA:
		return error_gai(e, EAI_NODATA, "resolve %s", q->name);
	default:
		return error_gai(e, EAI_FAIL, "resolve %s", q->name);
	}
}

static uint32_t
random_bits(void *arg)
{
	uint32_t bits = 0;

	(void)arg;
	/* without random numbers the order is still a valid one */
	if (getrandom(&bits, sizeof(bits), GRND_NONBLOCK) != sizeof(bits))
		bits = (uint32_t)clock_now();
	return bits;
}

/* Parses the answer and sorts its records. */
static int
query_parse(const struct query *q, struct dns_srv **ret_list, size_t *ret_n, struct error *e)
{
	size_t length = (size_t)q->length;
	struct dns_srv *list;
	size_t n;

	/* the length is that of the full answer, even if it was truncated */
	if (length > sizeof(q->answer))
		length = sizeof(q->answer);
	if (dns_srv_parse(q->answer, length, q->name, &list, &n, e) != 0)
		return error_prefix(e, "resolve %s", q->name);
	if (n == 0)
		return error_gai(e, EAI_NODATA, "resolve %s", q->name);
	if (n == 1 && list[0].target[0] == '\0') {
		free(list);
		return error_set(e, ERROR_RESOLVE,
		    "resolve %s: the domain does not offer this service", q->name);
	}
	dns_srv_order(list, n, random_bits, NULL);
	*ret_list = list;
	*ret_n = n;
	return 0;
}

static int
query_wait(struct query *q, struct loop *l, struct deadline until, const struct log *log,
    struct error *e)
{
	char name[sizeof(q->name)];
	int64_t before = clock_now();
	int rc;

	memcpy(name, q->name, sizeof(name));
	rc = worker_run(&q->worker, l, until, e);
	if (rc == 0)
		return error_set(e, ERROR_TIMEOUT, "resolve %s: timed out", name);
	if (rc < 0)
		return e != NULL && e->code == ERROR_RESOLVE ? error_prefix(e, "resolve %s", name)
							     : -1;
	log_line(log, LOG_VERBOSE, "name server answered for %s after %.3f ms", name,
	    (double)(clock_now() - before) / (double)NSEC_PER_MSEC);
	return q->length < 0 ? report_query_error(q, e) : 0;
}

int
dns_srv_resolve(struct loop *l, const char *name, struct deadline until, const struct log *log,
    struct dns_srv **ret_list, size_t *ret_n, struct error *e)
{
	struct query *q = calloc(1, sizeof(*q));
	int rc;

	if (q == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	worker_init(&q->worker, query_run_blocking, query_free);
	rc = idn_to_ascii(name, strlen(name), q->name, e);
	if (rc == 0)
		rc = query_wait(q, l, until, log, e);
	if (rc == 0)
		rc = query_parse(q, ret_list, ret_n, e);
	worker_release(&q->worker);
	return rc;
}

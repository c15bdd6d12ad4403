#include "net/access/access_set.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Some ten million addresses. */
#define SET_MAX (512u << 20)

void
access_set_init(struct access_set *s)
{
	buf_init(&s->ranges, SET_MAX);
	buf_init(&s->scoped, SET_MAX);
	buf_init(&s->octets, SET_MAX);
	buf_init(&s->uids, SET_MAX);
	buf_init(&s->gids, SET_MAX);
	buf_init(&s->hosts, SET_MAX);
}

void
access_set_fini(struct access_set *s)
{
	buf_fini(&s->ranges);
	buf_fini(&s->scoped);
	buf_fini(&s->octets);
	buf_fini(&s->uids);
	buf_fini(&s->gids);
	buf_fini(&s->hosts);
}

/* ---- members ---- */

int
access_set_add_range(struct access_set *s, const struct access_range *r, struct error *e)
{
	return buf_append(r->scope != 0 ? &s->scoped : &s->ranges, r, sizeof(*r), e);
}

int
access_set_add_octets(struct access_set *s, const struct octets *o, struct error *e)
{
	return buf_append(&s->octets, o, sizeof(*o), e);
}

int
access_set_add_id(struct access_set *s, enum access_entry_kind kind, uint32_t id, struct error *e)
{
	return buf_append(kind == ACCESS_UID ? &s->uids : &s->gids, &id, sizeof(id), e);
}

int
access_set_add_host(struct access_set *s, const char *name, struct error *e)
{
	return buf_append(&s->hosts, name, strlen(name) + 1, e);
}

static int
compare_keys(const struct access_key *a, const struct access_key *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static int
compare_ranges(const void *a, const void *b)
{
	const struct access_range *left = a, *right = b;

	return compare_keys(&left->lo, &right->lo);
}

/* Joins the ranges that overlap, so that at most one contains an address. */
void
access_set_seal(struct access_set *s)
{
	struct access_range *r = (struct access_range *)buf_head(&s->ranges);
	size_t n = s->ranges.len / sizeof(*r), used = 0, i;

	if (n == 0)
		return;
	qsort(r, n, sizeof(*r), compare_ranges);
	for (i = 1; i < n; i++) {
		if (compare_keys(&r[i].lo, &r[used].hi) > 0)
			r[++used] = r[i];
		else if (compare_keys(&r[i].hi, &r[used].hi) > 0)
			r[used].hi = r[i].hi;
	}
	s->ranges.len = (used + 1) * sizeof(*r);
}

/* ---- look-ups ---- */

static bool
contains(const struct access_range *r, const struct access_key *key)
{
	return compare_keys(&r->lo, key) <= 0 && compare_keys(key, &r->hi) <= 0;
}

static int
compare_with_range(const void *key, const void *range)
{
	const struct access_range *r = range;

	if (contains(r, key))
		return 0;
	return compare_keys(key, &r->lo);
}

/* The key of an address of IPv4 begins with 4. */
static bool
has_octets(const struct access_set *s, const struct access_key *key)
{
	const struct octets *o = (const struct octets *)buf_head(&s->octets);
	size_t n = key->bytes[0] == 4 ? s->octets.len / sizeof(*o) : 0, i = 0;

	while (i < n && !octets_has(&o[i], key->bytes + 1))
		i++;
	return i < n;
}

bool
access_set_has_address(const struct access_set *s, const struct access_range *address)
{
	const struct access_range *r = (const struct access_range *)buf_head(&s->scoped);
	size_t n = s->scoped.len / sizeof(*r), i;

	for (i = 0; i < n; i++)
		if (r[i].scope == address->scope && contains(&r[i], &address->lo))
			return true;
	if (has_octets(s, &address->lo))
		return true;
	n = s->ranges.len / sizeof(*r);
	return n > 0 &&
	    bsearch(&address->lo, buf_head(&s->ranges), n, sizeof(*r), compare_with_range) != NULL;
}

bool
access_set_has_id(const struct access_set *s, enum access_entry_kind kind, uint32_t id)
{
	const struct buf *ids = kind == ACCESS_UID ? &s->uids : &s->gids;
	const uint32_t *member = (const uint32_t *)buf_head(ids);
	size_t i;

	for (i = 0; i < ids->len / sizeof(*member); i++)
		if (member[i] == id)
			return true;
	return false;
}

static bool
matches_host(const char *member, const char *name, size_t n)
{
	size_t len = strlen(member);

	if (member[0] != '*')
		return n == len && strncasecmp(member, name, n) == 0;
	/* the dot of "*." is compared too */
	return n > len - 1 && strncasecmp(member + 1, name + n - (len - 1), len - 1) == 0;
}

bool
access_set_has_host(const struct access_set *s, const char *name)
{
	const char *hosts = buf_head(&s->hosts);
	size_t n = strlen(name), at;

	if (n > 1 && name[n - 1] == '.')
		n--;
	for (at = 0; at < s->hosts.len; at += strlen(hosts + at) + 1)
		if (matches_host(hosts + at, name, n))
			return true;
	return false;
}

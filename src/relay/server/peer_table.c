#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "relay/server/peer_table.h"

#define BUCKETS_FIRST 16

void
peer_table_init(struct peer_table *t, size_t max)
{
	*t = (struct peer_table){ .max = max };
	if (getrandom(&t->secret, sizeof t->secret, GRND_NONBLOCK) != (ssize_t)sizeof t->secret)
		t->secret = (uint64_t)(uintptr_t)t ^ UINT64_C(0x9e3779b97f4a7c15);
}

void
peer_table_fini(struct peer_table *t)
{
	struct sender *s, *newer;

	for (s = t->oldest; s != NULL; s = newer) {
		newer = s->newer;
		free(s);
	}
	free(t->buckets);
	peer_table_init(t, t->max);
}

/* ---- lookup ---- */

uint64_t
peer_table_hash(uint64_t seed, const void *data, size_t n)
{
	uint64_t h = seed, word;
	size_t at;

	for (at = 0; at < n; at += sizeof word) {
		word = 0;
		memcpy(&word, (const char *)data + at, n - at < sizeof word ? n - at : sizeof word);
		h = (h ^ word ^ seed) * UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	return h;
}

static bool
is_same(const struct sender *s, const struct sockname *name)
{
	return s->name.len == name->len && memcmp(&s->name.storage, &name->storage, name->len) == 0;
}

struct sender *
peer_table_find(struct peer_table *t, const struct sockname *name)
{
	struct sender *s;
	uint64_t hash;

	/* most datagrams come from the sender of the one before */
	if (t->newest != NULL && is_same(t->newest, name))
		return t->newest;
	if (t->n_buckets == 0)
		return NULL;
	hash = peer_table_hash(t->secret, &name->storage, name->len);
	for (s = t->buckets[hash & (t->n_buckets - 1)]; s != NULL; s = s->chain)
		if (s->hash == hash && is_same(s, name))
			return s;
	return NULL;
}

static void
insert(struct peer_table *t, struct sender *s)
{
	struct sender **bucket = &t->buckets[s->hash & (t->n_buckets - 1)];

	s->chain = *bucket;
	*bucket = s;
}

/* Doubles the buckets once there is a sender for each. Returns -1 if there are none. */
static int
grow_buckets(struct peer_table *t)
{
	size_t n = t->n_buckets == 0 ? BUCKETS_FIRST : 2 * t->n_buckets;
	struct sender **buckets, *s;

	if (t->n < t->n_buckets)
		return 0;
	if ((buckets = calloc(n, sizeof(struct sender *))) == NULL)
		return t->n_buckets == 0 ? -1 : 0;
	free(t->buckets);
	t->buckets = buckets;
	t->n_buckets = n;
	for (s = t->oldest; s != NULL; s = s->newer)
		insert(t, s);
	return 0;
}

/* ---- order ---- */

static void
link_newest(struct peer_table *t, struct sender *s)
{
	s->older = t->newest;
	s->newer = NULL;
	*(t->newest == NULL ? &t->oldest : &t->newest->newer) = s;
	t->newest = s;
}

static void
unlink_order(struct peer_table *t, struct sender *s)
{
	*(s->older == NULL ? &t->oldest : &s->older->newer) = s->newer;
	*(s->newer == NULL ? &t->newest : &s->newer->older) = s->older;
}

void
peer_table_touch(struct peer_table *t, struct sender *s, int64_t now)
{
	s->heard = now;
	if (t->newest == s)
		return;
	unlink_order(t, s);
	link_newest(t, s);
}

/* ---- init and fini ---- */

struct sender *
peer_table_add(struct peer_table *t, const struct sockname *name, int64_t now)
{
	struct sender *s;

	if (t->n >= t->max || grow_buckets(t) < 0 || (s = calloc(1, sizeof *s)) == NULL)
		return NULL;
	s->name = *name;
	s->id = ++t->ids;
	s->started = s->heard = now;
	s->hash = peer_table_hash(t->secret, &name->storage, name->len);
	insert(t, s);
	link_newest(t, s);
	t->n++;
	return s;
}

void
peer_table_remove(struct peer_table *t, struct sender *s)
{
	struct sender **at = &t->buckets[s->hash & (t->n_buckets - 1)];

	while (*at != s)
		at = &(*at)->chain;
	*at = s->chain;
	unlink_order(t, s);
	t->n--;
	free(s);
}

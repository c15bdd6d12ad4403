#include "relay/server/peer_table.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "test.h"

static struct sockname
name_of(unsigned host, unsigned port)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&name.storage;

	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)port);
	in->sin_addr.s_addr = htonl(host);
	return name;
}

static struct sender *
add(struct peer_table *t, unsigned host, unsigned port)
{
	struct sockname name = name_of(host, port);

	return peer_table_add(t, &name, 1);
}

static struct sender *
find(struct peer_table *t, unsigned host, unsigned port)
{
	struct sockname name = name_of(host, port);

	return peer_table_find(t, &name);
}

TEST("a sender is found by its complete address")
{
	struct peer_table t;
	struct sender *a, *b;

	peer_table_init(&t, 10);
	check(find(&t, 1, 1) == NULL);
	a = add(&t, 1, 1);
	b = add(&t, 1, 2);
	require(a != NULL && b != NULL);
	check(find(&t, 1, 1) == a);
	check(find(&t, 1, 2) == b);
	check(find(&t, 2, 1) == NULL);
	check_int(a->id, 1);
	check_int(b->id, 2);
	peer_table_fini(&t);
}

TEST("unix names with a common prefix differ, and so does an empty one")
{
	struct sockname longer = { .len = 6 }, shorter = { .len = 5 }, none = { .len = 2 };
	struct peer_table t;
	struct sender *s;

	memcpy(&longer.storage, "\1\0abcd", 6);
	memcpy(&shorter.storage, "\1\0abcd", 6);
	memcpy(&none.storage, "\1\0abcd", 6);
	peer_table_init(&t, 10);
	s = peer_table_add(&t, &longer, 1);
	check(peer_table_find(&t, &shorter) == NULL);
	check(peer_table_find(&t, &none) == NULL);
	check(peer_table_find(&t, &longer) == s);
	peer_table_fini(&t);
}

TEST("fifty thousand senders are all found, and no forgotten one")
{
	enum { N = 50000 };
	struct peer_table t;
	unsigned i, wrong = 0;

	peer_table_init(&t, N);
	for (i = 0; i < N; i++)
		require(add(&t, 0x7f000000 + i / 1000, i % 1000) != NULL);
	check_int(t.n, N);
	for (i = 0; i < N; i += 2)
		peer_table_remove(&t, find(&t, 0x7f000000 + i / 1000, i % 1000));
	for (i = 0; i < N; i++) {
		struct sender *s = find(&t, 0x7f000000 + i / 1000, i % 1000);

		wrong += (s == NULL) != (i % 2 == 0) || (s != NULL && s->id != i + 1);
	}
	check_int(wrong, 0);
	check_int(t.n, N / 2);
	peer_table_fini(&t);
	check_int(t.n, 0);
}

TEST("a full table takes no sender until one is forgotten")
{
	struct peer_table t;

	peer_table_init(&t, 2);
	add(&t, 1, 1);
	add(&t, 1, 2);
	check(add(&t, 1, 3) == NULL);
	check_int(t.n, 2);
	peer_table_remove(&t, t.oldest);
	check(find(&t, 1, 1) == NULL);
	check(add(&t, 1, 3) != NULL);
	peer_table_fini(&t);
}

TEST("the oldest is the one that was not heard for longest")
{
	struct peer_table t;
	struct sender *a, *b, *c;

	peer_table_init(&t, 3);
	a = add(&t, 1, 1);
	b = add(&t, 1, 2);
	c = add(&t, 1, 3);
	check(t.oldest == a && t.newest == c);
	peer_table_touch(&t, a, 5);
	check(t.oldest == b && t.newest == a);
	check_int(a->heard, 5);
	peer_table_touch(&t, a, 6);
	peer_table_touch(&t, c, 7);
	check(t.oldest == b && t.newest == c);
	peer_table_remove(&t, b);
	check(t.oldest == a && a->newer == c && c->older == a && c->newer == NULL);
	peer_table_fini(&t);
}

TEST("two senders of one name are kept apart")
{
	struct peer_table t;
	struct sender *a, *b;

	peer_table_init(&t, 3);
	a = add(&t, 1, 1);
	b = add(&t, 1, 1);
	require(a != NULL && b != NULL && a != b);
	peer_table_remove(&t, b);
	check(find(&t, 1, 1) == a);
	peer_table_fini(&t);
}

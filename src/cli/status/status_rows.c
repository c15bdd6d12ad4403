#include "cli/status/status_rows.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int
status_rows_add(struct status_rows *rows, const struct status_row *row, struct error *e)
{
	struct status_row *list = rows->list;
	size_t size = rows->size == 0 ? 256 : 2 * rows->size;
	void *info = NULL;

	if (rows->n == rows->size) {
		list = realloc(list, size * sizeof(*list));
		if (list == NULL)
			return error_set(e, ERROR_INTERNAL, "out of memory");
		rows->list = list;
		rows->size = size;
	}
	if (row->info_len > 0) {
		info = malloc(row->info_len);
		if (info == NULL)
			return error_set(e, ERROR_INTERNAL, "out of memory");
		memcpy(info, row->info, row->info_len);
	}
	list[rows->n] = *row;
	list[rows->n++].info = info;
	return 0;
}

void
status_rows_fini(struct status_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		free((void *)rows->list[i].info);
	free(rows->list);
	*rows = (struct status_rows){ .n = 0 };
}

/* ---- order ---- */

static int
compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_addresses(const struct sockname *a, const struct sockname *b)
{
	const struct sockaddr_in *a4 = (const struct sockaddr_in *)(const void *)&a->storage;
	const struct sockaddr_in *b4 = (const struct sockaddr_in *)(const void *)&b->storage;
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)(const void *)&a->storage;
	const struct sockaddr_in6 *b6 = (const struct sockaddr_in6 *)(const void *)&b->storage;

	switch (a->sa.sa_family) {
	case AF_INET:
		return memcmp(&a4->sin_addr, &b4->sin_addr, sizeof(a4->sin_addr));
	case AF_INET6:
		return memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr));
	default:
		return memcmp(&a->storage, &b->storage, a->len < b->len ? a->len : b->len);
	}
}

static int
compare_names(const struct sockname *a, const struct sockname *b)
{
	int order = compare_numbers(a->sa.sa_family, b->sa.sa_family);

	if (order == 0)
		order = compare_addresses(a, b);
	return order != 0 ? order : compare_numbers(sockname_port(a), sockname_port(b));
}

static int
compare_ends(const struct status_row *a, const struct status_row *b)
{
	int order = compare_numbers(a->proto, b->proto);

	if (order == 0)
		order = compare_names(&a->local, &b->local);
	if (order == 0)
		order = compare_names(&a->peer, &b->peer);
	return order != 0 ? order : compare_numbers((int64_t)a->inode, (int64_t)b->inode);
}

/* A comparison for each key, as qsort(3) passes no argument. */
#define COMPARISON(name, order)                                                                    \
	static int compare_by_##name(const void *one, const void *other)                           \
	{                                                                                          \
		const struct status_row *a = one, *b = other;                                      \
		int first = (order);                                                               \
                                                                                                   \
		return first != 0 ? first : compare_ends(a, b);                                    \
	}

COMPARISON(state, compare_numbers(a->code, b->code))
COMPARISON(local, 0)
COMPARISON(peer, compare_names(&a->peer, &b->peer))
COMPARISON(recv_q, compare_numbers(b->rqueue, a->rqueue))
COMPARISON(send_q, compare_numbers(b->wqueue, a->wqueue))
COMPARISON(timer, compare_numbers(a->timer_left, b->timer_left))
COMPARISON(uid, compare_numbers(a->uid, b->uid))

void
status_rows_sort(struct status_rows *rows, enum status_key key)
{
	static int (*const comparisons[])(const void *, const void *) = {
		[STATUS_BY_STATE] = compare_by_state,
		[STATUS_BY_LOCAL] = compare_by_local,
		[STATUS_BY_PEER] = compare_by_peer,
		[STATUS_BY_RECV_Q] = compare_by_recv_q,
		[STATUS_BY_SEND_Q] = compare_by_send_q,
		[STATUS_BY_TIMER] = compare_by_timer,
		[STATUS_BY_UID] = compare_by_uid,
	};

	if (key != STATUS_BY_NONE && rows->n > 0)
		qsort(rows->list, rows->n, sizeof(*rows->list), comparisons[key]);
}

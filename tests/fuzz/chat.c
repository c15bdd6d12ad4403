/* What users of a chat write must not depend on where the writes were cut, and what they hear is whole lines of
 * UTF-8 without control characters. Input: the first byte says after how many bytes the text is cut, the second
 * which user writes first; they take turns at each cut. */
#include "relay/server/broadcast/chat.h"
#include "base/codec/utf8.h"
#include "fuzz.h"
#include "loop/loop.h"
#include "stream/stream.h"

enum { USERS = 3, ROOM = 1 << 16 };

static struct broadcast talk;
static struct chat chat;
static int users[USERS];
static struct stream *locals[USERS];

static void
ignore(void *arg, void *who)
{
	(void)arg;
	(void)who;
}

static uint64_t
nothing_sent(void *arg, void *who)
{
	(void)arg;
	(void)who;
	return 0;
}

static void
check_heard(int i)
{
	static char data[ROOM];
	ssize_t n;

	while ((n = stream_read(locals[i], data, sizeof data, NULL)) > 0) {
		for (ssize_t at = 0; at < n; at++)
			must((unsigned char)data[at] >= ' ' || data[at] == '\n');
		must(data[n - 1] == '\n' || n > 1000);
		must(n > 1000 || utf8_is_valid(data, (size_t)n));
	}
}

static void
write_all(int i, const uint8_t *data, size_t n)
{
	char *piece = fuzz_text(data, n);

	must(n == 0 || stream_write(locals[i], piece, n, NULL) != -1);
	free(piece);
	for (int k = 0; k < USERS; k++)
		check_heard(k);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct loop *loop;
	size_t part = n > 0 ? data[0] + 1u : 1, at;
	int who = n > 1 ? data[1] % USERS : 0;

	must(loop_open(&loop, NULL) == 0);
	talk = (struct broadcast){ .loop = loop,
		.patience = NSEC_PER_SEC,
		.ready = ignore,
		.room = ignore,
		.give_up = ignore,
		.sent = nothing_sent };
	chat = (struct chat){ .room = { .b = &talk, .expel = ignore } };
	must(broadcast_open(&talk, NULL) == 0);
	for (int i = 0; i < USERS; i++)
		must(chat_join(&chat, &users[i], (unsigned long)i, &locals[i], NULL) == 0);
	for (at = 2; at < n; at += part, who = (who + 1) % USERS)
		write_all(who, data + at, n - at < part ? n - at : part);
	for (int i = 0; i < USERS; i++)
		stream_close(locals[i]);
	chat_close(&chat);
	broadcast_close(&talk);
	loop_close(loop);
	return 0;
}

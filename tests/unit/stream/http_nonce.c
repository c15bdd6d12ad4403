#include "stream/proxy_server/http_nonce.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "test.h"

#define NOW (1000 * NSEC_PER_SEC)

static struct http_nonces *
open_nonces(void)
{
	struct http_nonces *s = NULL;
	struct error e;

	check_int(http_nonces_open(&s, &e), 0);
	return s;
}

static void
make(struct http_nonces *s, int64_t now, char text[HTTP_NONCE_TEXT])
{
	struct error e;

	require(http_nonce_make(s, now, text, &e) == 0);
	check_int((int)strlen(text), HTTP_NONCE_TEXT - 1);
}

TEST("a count is taken once, in any order within the window")
{
	static const uint32_t order[] = { 1, 3, 2, 66, 5, 4, 1000, 999, 937 };
	struct http_nonces *s = open_nonces();
	char text[HTTP_NONCE_TEXT];

	make(s, NOW, text);
	check(!http_nonce_use(s, text, 0, NOW));
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		check(http_nonce_use(s, text, order[i], NOW));
		check(!http_nonce_use(s, text, order[i], NOW));
	}
	/* below the window */
	check(http_nonce_use(s, text, 936, NOW));
	check(!http_nonce_use(s, text, 935, NOW));
	check(!http_nonce_use(s, text, 6, NOW));
	http_nonces_close(s);
}

TEST("every count is taken once by the definition of a set")
{
	struct http_nonces *s = open_nonces();
	char text[HTTP_NONCE_TEXT];
	bool seen[300] = { false };
	uint32_t highest = 0, count, seed = 1;

	make(s, NOW, text);
	for (int i = 0; i < 5000; i++) {
		seed = seed * 1103515245 + 12345;
		count = 1 + (seed >> 16) % 299;
		bool wanted = !seen[count] && count + 64 >= highest;

		check_int(http_nonce_use(s, text, count, NOW), wanted);
		seen[count] = seen[count] || wanted;
		highest = count > highest ? count : highest;
	}
	http_nonces_close(s);
}

TEST("a nonce has a life, and one that is forged or another server's is none")
{
	struct http_nonces *s = open_nonces(), *other = open_nonces();
	char text[HTTP_NONCE_TEXT], foreign[HTTP_NONCE_TEXT];

	make(s, NOW, text);
	make(other, NOW, foreign);
	check(!http_nonce_use(s, foreign, 1, NOW));
	check(!http_nonce_use(s, "", 1, NOW));
	check(http_nonce_use(s, text, 1, NOW + HTTP_NONCE_LIFE));
	check(!http_nonce_use(s, text, 2, NOW + HTTP_NONCE_LIFE + 1));
	for (size_t i = 0; i < HTTP_NONCE_TEXT - 1; i++) {
		char before = text[i];

		text[i] = before == '0' ? '1' : '0';
		check(!http_nonce_use(s, text, 3, NOW));
		text[i] = before;
	}
	http_nonces_close(s);
	http_nonces_close(other);
}

TEST("when too many are used the oldest are forgotten, and not taken again")
{
	struct http_nonces *s = open_nonces();
	static char texts[HTTP_NONCES_MAX + 2][HTTP_NONCE_TEXT];

	for (int i = 0; i < HTTP_NONCES_MAX + 2; i++)
		make(s, NOW + i, texts[i]);
	for (int i = 1; i < HTTP_NONCES_MAX + 2; i++)
		check(http_nonce_use(s, texts[i], 1, NOW + 9999));
	/* older than what was forgotten, though never used */
	check(!http_nonce_use(s, texts[0], 1, NOW + 9999));
	check(!http_nonce_use(s, texts[1], 2, NOW + 9999));
	check(http_nonce_use(s, texts[2], 2, NOW + 9999));
	http_nonces_close(s);
}

TEST("processes take the nonces of each other, and a count once")
{
	struct http_nonces *s = open_nonces();
	char text[HTTP_NONCE_TEXT];
	int status;
	pid_t pid;

	make(s, NOW, text);
	pid = fork();
	if (pid == 0)
		_exit(http_nonce_use(s, text, 1, NOW) && http_nonce_use(s, text, 2, NOW) ? 0 : 1);
	check_int(waitpid(pid, &status, 0), pid);
	check_int(status, 0);
	check(!http_nonce_use(s, text, 2, NOW));
	check(http_nonce_use(s, text, 3, NOW));
	http_nonces_close(s);
}

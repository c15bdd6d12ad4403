#include "stream/proxy_server/http_nonce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/codec/sha256.h"
#include "base/error.h"
#include "base/parse.h"

/* The time in nanoseconds, random bits, the first half of a hash of both and the secret. */
enum { TIME = 8, RANDOM = 8, HASH = 16, ALL = TIME + RANDOM + HASH };

/* So many counts below the highest are known: requests on several connections overtake each other. */
enum { WINDOW = 64 };

static void
seal(const struct http_nonces *s, const unsigned char nonce[ALL], unsigned char ret_hash[HASH])
{
	unsigned char text[sizeof(s->secret) + TIME + RANDOM], hash[SHA256_SIZE];

	memcpy(text, s->secret, sizeof(s->secret));
	memcpy(text + sizeof(s->secret), nonce, TIME + RANDOM);
	sha256(text, sizeof(text), hash);
	explicit_bzero(text, sizeof(text));
	memcpy(ret_hash, hash, HASH);
}

static int
draw(void *data, size_t n, struct error *e)
{
	if (getrandom(data, n, GRND_NONBLOCK) == (ssize_t)n)
		return 0;
	return error_set(e, ERROR_INTERNAL, "no random bits for a nonce");
}

int
http_nonce_make(struct http_nonces *s, int64_t now, char ret_text[HTTP_NONCE_TEXT], struct error *e)
{
	unsigned char nonce[ALL];

	if (!s->drawn && draw(s->secret, sizeof(s->secret), e) < 0)
		return -1;
	s->drawn = true;
	memcpy(nonce, &now, TIME);
	if (draw(nonce + TIME, RANDOM, e) < 0)
		return -1;
	seal(s, nonce, nonce + TIME + RANDOM);
	for (size_t i = 0; i < ALL; i++)
		snprintf(ret_text + 2 * i, 3, "%02x", nonce[i]);
	return 0;
}

static bool
decode(const char *text, unsigned char ret_nonce[ALL])
{
	if (strlen(text) != 2 * (size_t)ALL)
		return false;
	for (size_t i = 0; i < ALL; i++) {
		int hi = parse_hex_digit(text[2 * i]), lo = parse_hex_digit(text[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		ret_nonce[i] = (unsigned char)(hi << 4 | lo);
	}
	return true;
}

static bool
has_our_seal(const struct http_nonces *s, const unsigned char nonce[ALL])
{
	unsigned char hash[HASH];
	unsigned wrong = 0;

	seal(s, nonce, hash);
	for (size_t i = 0; i < HASH; i++)
		wrong |= (unsigned)hash[i] ^ nonce[TIME + RANDOM + i];
	return s->drawn && wrong == 0;
}

/* ---- what was used ---- */

static struct http_nonce_used *
find_used(const struct http_nonces *s, int64_t made, uint64_t random)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->used[i].made == made && s->used[i].random == random)
			return &s->used[i];
	return NULL;
}

static struct http_nonce_used *
oldest_used(const struct http_nonces *s)
{
	struct http_nonce_used *oldest = s->used;

	for (size_t i = 1; i < s->n; i++)
		if (s->used[i].made < oldest->made)
			oldest = &s->used[i];
	return oldest;
}

/* Returns room for another, or NULL without memory. */
static struct http_nonce_used *
room_for_nonce(struct http_nonces *s)
{
	struct http_nonce_used *oldest;

	if (s->used == NULL)
		s->used = calloc(HTTP_NONCES_MAX, sizeof(*s->used));
	if (s->used == NULL)
		return NULL;
	if (s->n < HTTP_NONCES_MAX)
		return &s->used[s->n++];
	oldest = oldest_used(s);
	s->forgotten = oldest->made;
	return oldest;
}

/* Returns false if the count has come before, or is below the window. */
static bool
count_use(struct http_nonce_used *u, uint32_t count)
{
	uint32_t ahead = count - u->count, behind = u->count - count;

	if (count > u->count) {
		u->before = ahead >= WINDOW ? 0 : u->before << ahead;
		if (u->count > 0 && ahead <= WINDOW)
			u->before |= UINT64_C(1) << (ahead - 1);
		u->count = count;
		return true;
	}
	if (behind == 0 || behind > WINDOW || (u->before >> (behind - 1) & 1) != 0)
		return false;
	u->before |= UINT64_C(1) << (behind - 1);
	return true;
}

bool
http_nonce_use(struct http_nonces *s, const char *text, uint32_t count, int64_t now)
{
	unsigned char nonce[ALL];
	struct http_nonce_used *u;
	uint64_t random;
	int64_t made;

	if (count == 0 || !decode(text, nonce) || !has_our_seal(s, nonce))
		return false;
	memcpy(&made, nonce, TIME);
	memcpy(&random, nonce + TIME, RANDOM);
	if (now - made > HTTP_NONCE_LIFE || made <= s->forgotten)
		return false;
	u = find_used(s, made, random);
	if (u == NULL) {
		u = room_for_nonce(s);
		if (u == NULL || made <= s->forgotten)
			return false;
		*u = (struct http_nonce_used){ .made = made, .random = random };
	}
	return count_use(u, count);
}

void
http_nonces_fini(struct http_nonces *s)
{
	free(s->used);
	explicit_bzero(s->secret, sizeof(s->secret));
	s->used = NULL;
	s->n = 0;
}

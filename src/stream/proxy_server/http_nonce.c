#include "stream/proxy_server/http_nonce.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "base/codec/sha256.h"
#include "base/error.h"
#include "base/parse.h"

/* The time in nanoseconds, random bits, the first half of a hash of both and the secret. */
enum { TIME = 8, RANDOM = 8, HASH = 16, ALL = TIME + RANDOM + HASH };

/* So many counts below the highest are known: requests on several connections overtake each other. */
enum { WINDOW = 64 };

/* How often the lock is tried: who holds it holds it for microseconds, or was stopped. */
enum { TRIES = 1000 };

/* A nonce that was used. */
struct nonce_used {
	int64_t made;
	uint64_t random;
	uint32_t count;  /* the highest */
	uint64_t before; /* bit i: count - 1 - i has come, too */
};

/* Shared by all processes. */
struct http_nonces {
	pthread_mutex_t lock;
	bool drawn; /* the secret is, with the first nonce */
	unsigned char secret[32];
	int64_t forgotten; /* nonces made until then are not taken any more */
	size_t n;
	struct nonce_used used[HTTP_NONCES_MAX];
};

/* ---- the processes that share them ---- */

/* A process may be killed while it holds the lock. */
static int
init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;
	int rc = pthread_mutexattr_init(&attr);

	if (rc != 0)
		return rc;
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	rc = pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return rc;
}

int
http_nonces_open(struct http_nonces **ret_nonces, struct error *e)
{
	struct http_nonces *s =
	    mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int rc;

	if (s == MAP_FAILED)
		return error_errno(e, ERROR_INTERNAL, errno, "mmap");
	rc = init_lock(&s->lock);
	if (rc != 0) {
		munmap(s, sizeof(*s));
		return error_errno(e, ERROR_INTERNAL, rc, "mutex");
	}
	*ret_nonces = s;
	return 0;
}

void
http_nonces_close(struct http_nonces *s)
{
	if (s != NULL)
		munmap(s, sizeof(*s));
}

/* Never waits for a process that was stopped: returns false. What one has left that was killed is a nonce that
 * is not taken, at worst. */
static bool
lock_nonces(struct http_nonces *s)
{
	int rc = EBUSY;

	for (int i = 0; i < TRIES && rc == EBUSY; i++) {
		rc = pthread_mutex_trylock(&s->lock);
		if (rc == EBUSY)
			sched_yield();
	}
	if (rc == EOWNERDEAD)
		rc = pthread_mutex_consistent(&s->lock);
	return rc == 0;
}

static void
unlock_nonces(struct http_nonces *s)
{
	pthread_mutex_unlock(&s->lock);
}

/* ---- making and reading them ---- */

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

static int
draw_secret(struct http_nonces *s, struct error *e)
{
	int rc = 0;

	if (!lock_nonces(s))
		return error_set(e, ERROR_INTERNAL, "a process that makes nonces was stopped");
	if (!s->drawn)
		rc = draw(s->secret, sizeof(s->secret), e);
	s->drawn = s->drawn || rc == 0;
	unlock_nonces(s);
	return rc;
}

int
http_nonce_make(struct http_nonces *s, int64_t now, char ret_text[HTTP_NONCE_TEXT], struct error *e)
{
	unsigned char nonce[ALL];

	if (draw_secret(s, e) < 0)
		return -1;
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

static struct nonce_used *
find_used(struct http_nonces *s, int64_t made, uint64_t random)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->used[i].made == made && s->used[i].random == random)
			return &s->used[i];
	return NULL;
}

static struct nonce_used *
oldest_used(struct http_nonces *s)
{
	struct nonce_used *oldest = s->used;

	for (size_t i = 1; i < s->n; i++)
		if (s->used[i].made < oldest->made)
			oldest = &s->used[i];
	return oldest;
}

/* Returns room for another. */
static struct nonce_used *
room_for_nonce(struct http_nonces *s)
{
	struct nonce_used *oldest;

	if (s->n < HTTP_NONCES_MAX)
		return &s->used[s->n++];
	oldest = oldest_used(s);
	s->forgotten = oldest->made;
	return oldest;
}

/* Returns false if the count has come before, or is below the window. */
static bool
count_use(struct nonce_used *u, uint32_t count)
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

static bool
use_nonce(struct http_nonces *s, const unsigned char nonce[ALL], uint32_t count, int64_t now)
{
	struct nonce_used *u;
	uint64_t random;
	int64_t made;

	if (!has_our_seal(s, nonce))
		return false;
	memcpy(&made, nonce, TIME);
	memcpy(&random, nonce + TIME, RANDOM);
	if (now - made > HTTP_NONCE_LIFE || made <= s->forgotten)
		return false;
	u = find_used(s, made, random);
	if (u == NULL) {
		u = room_for_nonce(s);
		if (made <= s->forgotten)
			return false;
		*u = (struct nonce_used){ .made = made, .random = random };
	}
	return count_use(u, count);
}

bool
http_nonce_use(struct http_nonces *s, const char *text, uint32_t count, int64_t now)
{
	unsigned char nonce[ALL];
	bool taken;

	if (count == 0 || !decode(text, nonce) || !lock_nonces(s))
		return false;
	taken = use_nonce(s, nonce, count, now);
	unlock_nonces(s);
	return taken;
}

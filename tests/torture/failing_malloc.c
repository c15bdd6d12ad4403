/*
 * Preloaded: malloc(3), calloc(3) and realloc(3) fail when and how TORTURE_MALLOC says, "N" once at the
 * Nth call, "N+" from then on but for as much as has been freed since: the memory is full. The file TORTURE_MALLOC_SEEN gets two long: how many calls there
 * were, and how many failed. With glibc alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

struct seen {
	long calls, failed;
};

static struct seen *seen; /* NULL: nothing fails, before main() */
static long first;
static int for_ever;
static long room; /* bytes that were freed since the first failure */

/* Programs that usock starts are not meant. */
__attribute__((constructor)) static void
begin(void)
{
	const char *when = getenv("TORTURE_MALLOC"), *path = getenv("TORTURE_MALLOC_SEEN");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *map;

	if (when != NULL) {
		first = atol(when);
		for_ever = strchr(when, '+') != NULL;
	}
	unsetenv("LD_PRELOAD");
	if (fd < 0 || ftruncate(fd, sizeof(*seen)) < 0)
		abort();
	map = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		abort();
	seen = map;
}

static int
fits(long n)
{
	if (__atomic_sub_fetch(&room, n, __ATOMIC_RELAXED) >= 0)
		return 1;
	__atomic_add_fetch(&room, n, __ATOMIC_RELAXED);
	return 0;
}

/* Whether a call for n more bytes fails. */
static int
fails(long n)
{
	long call;

	if (seen == NULL)
		return 0;
	call = __atomic_add_fetch(&seen->calls, 1, __ATOMIC_RELAXED);
	if (first == 0 || call < first || (call > first && (!for_ever || fits(n))))
		return 0;
	__atomic_add_fetch(&seen->failed, 1, __ATOMIC_RELAXED);
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t n)
{
	return fails((long)n) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return fails((long)(n * size)) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return fails((long)n - (long)malloc_usable_size(p)) ? NULL : __libc_realloc(p, n);
}

void
free(void *p)
{
	if (for_ever && seen != NULL && seen->failed > 0)
		__atomic_add_fetch(&room, (long)malloc_usable_size(p), __ATOMIC_RELAXED);
	__libc_free(p);
}

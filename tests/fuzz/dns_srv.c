/* Answers of name servers to a question for SRV records. Input: the message. */
#include "net/resolve/dns_srv.h"
#include "fuzz.h"

static uint32_t
next_random(void *arg)
{
	uint32_t *state = arg;

	*state = *state * 1664525U + 1013904223U;
	return *state;
}

static void
check_target(const char *target)
{
	must(strlen(target) < 255);
	for (; *target != '\0'; target++)
		must(*target > ' ' && *target < 0x7f && *target != '\\');
}

static void
check_order(struct dns_srv *list, size_t n, uint32_t seed)
{
	uint64_t before = 0, after = 0;

	for (size_t i = 0; i < n; i++)
		before += list[i].port + 1U;
	dns_srv_order(list, n, next_random, &seed);
	for (size_t i = 0; i < n; i++) {
		after += list[i].port + 1U;
		must(i == 0 || list[i - 1].priority <= list[i].priority);
	}
	must(before == after);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *message;
	struct dns_srv *list;
	struct error e;
	size_t n;

	if (size > 65535)
		return 0;
	message = (uint8_t *)fuzz_text(data, size);
	message = realloc(message, size + (size == 0));
	must(message != NULL);
	fuzz_stain(&e, sizeof(e));
	fuzz_stain(&list, sizeof(list));
	if (fuzz_succeeded(dns_srv_parse(message, size, "_x._tcp.test", &list, &n, &e), &e)) {
		must((n == 0) == (list == NULL) && n <= size);
		for (size_t i = 0; i < n; i++)
			check_target(list[i].target);
		check_order(list, n, (uint32_t)size);
		free(list);
	} else {
		must(e.code == ERROR_RESOLVE);
		must(fuzz_stained(&list, sizeof(list)));
	}
	free(message);
	return 0;
}

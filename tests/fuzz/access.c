/* Entries of access lists. Input: an entry, and in further lines addresses that are asked for: what a
 * set says has to agree with the range of the entry. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "fuzz.h"
#include "net/access/access_entry.h"
#include "net/access/access_set.h"

#define RANGES_MAX 64

/* Reads an address as the kernel would give it. */
static bool
read_name(const char *text, struct sockname *ret_name)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&ret_name->storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ret_name->storage;

	*ret_name = (struct sockname){ .len = sizeof(ret_name->storage) };
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1)
		ret_name->sa.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1)
		ret_name->sa.sa_family = AF_INET6;
	else
		return false;
	return true;
}

static void
check_entry(const struct access_entry *entry)
{
	must(memchr(entry->name, '\0', sizeof(entry->name)) != NULL);
	if (entry->kind == ACCESS_OCTETS) {
		for (int i = 0; i < 4; i++)
			must((entry->octets.allowed[i][0] | entry->octets.allowed[i][1] |
				 entry->octets.allowed[i][2] | entry->octets.allowed[i][3]) != 0);
		return;
	}
	if (entry->kind != ACCESS_RANGE) {
		must(entry->name[0] != '\0');
		return;
	}
	must(memcmp(&entry->range.lo, &entry->range.hi, sizeof(entry->range.lo)) <= 0);
	must(entry->range.lo.bytes[0] == entry->range.hi.bytes[0]);
	must(entry->range.lo.bytes[0] == 4 || entry->range.lo.bytes[0] == 6);
}

static bool
parse(const char *text, struct access_entry *ret_entry)
{
	struct error e;

	fuzz_stain(&e, sizeof(e));
	fuzz_stain(ret_entry, sizeof(*ret_entry));
	if (fuzz_succeeded(access_entry_parse(text, ret_entry, &e), &e)) {
		check_entry(ret_entry);
		return true;
	}
	must(e.code == ERROR_USAGE);
	must(fuzz_stained(ret_entry, sizeof(*ret_entry)));
	return false;
}

static bool
any_contains(const struct access_range *ranges, size_t n, const struct access_range *one)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(&ranges[i].lo, &one->lo, sizeof(one->lo)) <= 0 &&
		    memcmp(&one->lo, &ranges[i].hi, sizeof(one->lo)) <= 0 &&
		    (ranges[i].scope == 0 || ranges[i].scope == one->scope))
			return true;
	return false;
}

static bool
any_octets(const struct octets *all, size_t n, const struct access_key *key)
{
	for (size_t i = 0; i < n && key->bytes[0] == 4; i++)
		if (octets_has(&all[i], key->bytes + 1))
			return true;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct access_range ranges[RANGES_MAX], one;
	struct octets octets[RANGES_MAX];
	struct access_entry entry;
	struct access_set set;
	struct sockname name;
	char *text, *line, *next;
	size_t n = 0, n_octets = 0;

	if (size > 4096)
		return 0;
	text = fuzz_text(data, size);
	access_set_init(&set);
	for (line = text; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (!parse(line, &entry))
			continue;
		if (entry.kind == ACCESS_HOST) {
			must(access_set_add_host(&set, entry.name, NULL) == 0);
			must(access_set_has_host(&set, entry.name[0] == '*' ? "x" : entry.name) ||
			    entry.name[0] == '*');
		}
		if (entry.kind == ACCESS_OCTETS && n_octets < RANGES_MAX) {
			octets[n_octets++] = entry.octets;
			must(access_set_add_octets(&set, &entry.octets, NULL) == 0);
		}
		if (entry.kind != ACCESS_RANGE || n == RANGES_MAX)
			continue;
		ranges[n++] = entry.range;
		must(access_set_add_range(&set, &entry.range, NULL) == 0);
	}
	access_set_seal(&set);
	for (size_t i = 0; i < n; i++) {
		one = ranges[i];
		must(access_set_has_address(&set, &one));
		one.lo = one.hi;
		must(access_set_has_address(&set, &one));
	}
	memcpy(text, data, size);
	for (line = text; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (read_name(line, &name) && access_range_of(&name, &one))
			must(access_set_has_address(&set, &one) ==
			    (any_contains(ranges, n, &one) ||
				any_octets(octets, n_octets, &one.lo)));
	}
	access_set_fini(&set);
	free(text);
	return 0;
}

#include "net/access/access.h"

#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/loop.h"
#include "net/access/access_entry.h"
#include "net/access/access_set.h"
#include "test.h"

/* ---- entries ---- */

static struct sockname
address(const char *text)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in6) };
	struct sockaddr_in *in = (struct sockaddr_in *)&name.storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&name.storage;
	char word[64];
	char *zone;

	snprintf(word, sizeof(word), "%s", text);
	zone = strchr(word, '%');
	if (inet_pton(AF_INET, word, &in->sin_addr) == 1) {
		name.sa.sa_family = AF_INET;
		name.len = sizeof(*in);
		return name;
	}
	if (zone != NULL) {
		*zone = '\0';
		in6->sin6_scope_id = (uint32_t)atoi(zone + 1);
	}
	name.sa.sa_family = AF_INET6;
	check_int(inet_pton(AF_INET6, word, &in6->sin6_addr), 1);
	return name;
}

/* Whether an entry of an address, CIDR or a range contains the address. */
static bool
covers(const char *entry, const char *text)
{
	struct sockname name = address(text);
	struct access_range range;
	struct access_entry parsed;
	struct access_set set;
	struct error e = { 0 };
	bool has;

	if (access_entry_parse(entry, &parsed, &e) < 0) {
		printf("# %s: %s\n", entry, e.text);
		return false;
	}
	check(parsed.kind == ACCESS_RANGE || parsed.kind == ACCESS_OCTETS);
	check(access_range_of(&name, &range));
	access_set_init(&set);
	check_int(parsed.kind == ACCESS_RANGE ? access_set_add_range(&set, &parsed.range, &e)
					      : access_set_add_octets(&set, &parsed.octets, &e),
	    0);
	access_set_seal(&set);
	has = access_set_has_address(&set, &range);
	access_set_fini(&set);
	return has;
}

TEST("an address is itself alone")
{
	check(covers("10.0.0.1", "10.0.0.1"));
	check(!covers("10.0.0.1", "10.0.0.2"));
	check(covers("::1", "::1"));
	check(covers("[::1]", "::1"));
	check(!covers("::1", "::2"));
	/* 10.0.0.1 and a00:1:: have the same first bytes */
	check(!covers("10.0.0.1", "a00:1::"));
	check(!covers("a00:1::", "10.0.0.1"));
}

TEST("a prefix covers what has these bits, and bits behind it do not count")
{
	check(covers("10.0.0.0/8", "10.255.255.255"));
	check(!covers("10.0.0.0/8", "11.0.0.0"));
	check(!covers("10.0.0.0/8", "9.255.255.255"));
	check(covers("10.1.2.3/8", "10.0.0.0"));
	check(covers("0.0.0.0/0", "255.255.255.255"));
	check(covers("10.0.0.1/32", "10.0.0.1"));
	check(!covers("10.0.0.1/32", "10.0.0.0"));
	check(covers("10.0.0.128/25", "10.0.0.200"));
	check(!covers("10.0.0.128/25", "10.0.0.127"));
	check(covers("2001:db8::/33", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"));
	check(!covers("2001:db8::/33", "2001:db8:8000::"));
	check(covers("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
	check(covers("::1/128", "::1"));
}

TEST("prefixes of one family never cover the other")
{
	check(!covers("::/0", "10.0.0.1"));
	check(!covers("0.0.0.0/0", "::1"));
}

TEST("a range covers both its ends")
{
	check(covers("10.0.0.1-10.0.0.9", "10.0.0.1"));
	check(covers("10.0.0.1-10.0.0.9", "10.0.0.9"));
	check(!covers("10.0.0.1-10.0.0.9", "10.0.0.0"));
	check(!covers("10.0.0.1-10.0.0.9", "10.0.0.10"));
	check(covers("9.255.0.0-10.1.0.0", "10.0.77.1"));
	check(covers("::1-::ff", "::80"));
	check(covers("10.0.0.1-10.0.0.1", "10.0.0.1"));
}

TEST("each octet may be a list of ranges")
{
	check(covers("10.0.0.1-9", "10.0.0.9"));
	check(!covers("10.0.0.1-9", "10.0.0.10"));
	check(covers("192.168.0-3.1,7-9", "192.168.3.8"));
	check(covers("192.168.0-3.1,7-9", "192.168.0.1"));
	check(!covers("192.168.0-3.1,7-9", "192.168.3.2"));
	check(!covers("192.168.0-3.1,7-9", "192.168.4.1"));
	check(covers("10.*.0.200-", "10.77.0.255"));
	check(!covers("10.*.0.200-", "10.77.0.199"));
	check(covers("10.-1.-.0", "10.0.255.0"));
	check(!covers("10.-1.-.0", "10.2.255.0"));
	check(covers("*.*.*.*", "::ffff:10.0.0.1"));
	check(!covers("*.*.*.*", "400::"));
}

TEST("a v4-mapped address is the IPv4 address, on both sides")
{
	check(covers("10.0.0.1", "::ffff:10.0.0.1"));
	check(covers("::ffff:10.0.0.1", "10.0.0.1"));
	check(covers("::ffff:10.0.0.0/104", "10.9.9.9"));
	check(!covers("::ffff:10.0.0.0/104", "11.0.0.0"));
	check(covers("::ffff:0:0/96", "192.0.2.1"));
	check(covers("::ffff:10.0.0.1-10.0.0.9", "10.0.0.5"));
}

TEST("a zone restricts an address to one interface, and without one any will do")
{
	check(covers("fe80::1%1", "fe80::1%1"));
	check(!covers("fe80::1%1", "fe80::1%2"));
	check(!covers("fe80::1%1", "fe80::1"));
	check(covers("fe80::1", "fe80::1%2"));
	check(covers("fe80::%1/64", "fe80::77%1"));
	check(!covers("fe80::%1/64", "fe80::77%2"));
	check(covers("fe80::1%lo", "fe80::1%1"));
}

static void
check_refused(const char *text, const char *why)
{
	struct access_entry entry;
	struct error e = { 0 };

	memset(&entry, 0x5a, sizeof(entry));
	check_int(access_entry_parse(text, &entry, &e), -1);
	check_int(e.code, ERROR_USAGE);
	check_str(e.text, why);
	check_int(entry.name[0], 0x5a);
}

TEST("a network that is cut short is refused with the way to write one")
{
	struct access_entry entry;
	struct error e = { 0 };

	check_int(access_entry_parse("127.0.0", &entry, &e), -1);
	check_str(e.hint, "a network is written as 192.0.2.0/24");
	e = (struct error){ 0 };
	check_int(access_entry_parse("a..b", &entry, &e), -1);
	check_str(e.hint, "");
}

TEST("what is neither an address nor a name is refused, and says why")
{
	check_refused("10.0.0.0/33", "'10.0.0.0/33': a prefix of this address is 0 to 32");
	check_refused("10.0.0.0/", "'10.0.0.0/': a prefix of this address is 0 to 32");
	check_refused("10.0.0.0/-1", "'10.0.0.0/-1': a prefix of this address is 0 to 32");
	check_refused("10.0.0.0/08", "'10.0.0.0/08': a prefix of this address is 0 to 32");
	check_refused("::/129", "'::/129': a prefix of this address is 0 to 128");
	check_refused("::ffff:10.0.0.0/64",
	    "'::ffff:10.0.0.0/64': a prefix of this address is 96 to 128");
	check_refused("10.0.0.9-10.0.0.1", "'10.0.0.9-10.0.0.1': start is greater than end");
	check_refused("10.0.0.1-::1",
	    "'10.0.0.1-::1': a range has addresses of one family and one interface");
	check_refused("10.0.0.1-10.0.9", "'10.0.0.1-10.0.9': '10.0.9' is not an address");
	check_refused("10.0.0.9-1", "'10.0.0.9-1': an octet is 0 to 255, a range of these, or *");
	check_refused("10.0.0.1-256",
	    "'10.0.0.1-256': an octet is 0 to 255, a range of these, or *");
	check_refused("10.0.0.1,", "'10.0.0.1,': an octet is 0 to 255, a range of these, or *");
	check_refused("10..*.1", "'10..*.1': an octet is 0 to 255, a range of these, or *");
	check_refused("fe80::1%nosuch0", "'fe80::1%nosuch0': no such interface");
	check_refused("", "'' is not an address, a range or a name");
	check_refused("*", "'*' is not an address, a range or a name");
	check_refused("*.", "'*.' is not an address, a range or a name");
	check_refused("a.*.b", "'a.*.b' is not an address, a range or a name");
	check_refused("host:80", "'host:80' is not an address, a range or a name");
	check_refused("10.0.0.1:80", "'10.0.0.1:80' is not an address, a range or a name");
	check_refused("a b", "'a b' is not an address, a range or a name");
	check_refused("a..b", "'a..b' is not an address, a range or a name");
	check_refused("a..", "'a..' is not an address, a range or a name");
	check_refused(".a", "'.a' is not an address, a range or a name");
	check_refused("a$b", "'a$b' is not an address, a range or a name");
	check_refused("*..a", "'*..a' is not an address, a range or a name");
	check_refused("uid:", "'uid:': a number or a name is missing");
}

TEST("numbers that the resolver would read as another address are refused")
{
	check_refused("010.0.0.1", "'010.0.0.1' is not an address, a range or a name");
	check_refused("127.1", "'127.1' is not an address, a range or a name");
	check_refused("256.0.0.1", "'256.0.0.1' is not an address, a range or a name");
	check_refused("2130706433", "'2130706433' is not an address, a range or a name");
	check_refused("0x7f000001", "'0x7f000001' is not an address, a range or a name");
	check_refused("0X7f000001", "'0X7f000001' is not an address, a range or a name");
}

static void
check_host(const char *text, const char *name)
{
	struct access_entry entry;
	struct error e = { 0 };

	if (!check(access_entry_parse(text, &entry, &e) == 0))
		return;
	check_int(entry.kind, ACCESS_HOST);
	check_str(entry.name, name);
}

TEST("anything else is the name of a host")
{
	check_host("localhost", "localhost");
	check_host("a-b.example.org.", "a-b.example.org");
	check_host("10-20.example.org", "10-20.example.org");
	check_host("*.example.org", "*.example.org");
	check_host("1a", "1a");
}

TEST("uid: and gid: take numbers and names")
{
	struct access_entry entry;
	struct error e = { 0 };

	check_int(access_entry_parse("uid:1000", &entry, &e), 0);
	check_int(entry.kind, ACCESS_UID);
	check_str(entry.name, "1000");
	check_int(access_entry_parse("gid:www-data", &entry, &e), 0);
	check_int(entry.kind, ACCESS_GID);
	check_str(entry.name, "www-data");
}

/* ---- sets ---- */

static void
add(struct access_set *set, const char *text)
{
	struct access_entry entry;
	struct error e = { 0 };

	check_int(access_entry_parse(text, &entry, &e), 0);
	check_int(access_set_add_range(set, &entry.range, &e), 0);
}

static bool
has(const struct access_set *set, const char *text)
{
	struct sockname name = address(text);
	struct access_range range;

	check(access_range_of(&name, &range));
	return access_set_has_address(set, &range);
}

TEST("ranges in any order, nested and overlapping, contain what one of them contains")
{
	struct access_set set;
	unsigned i;

	access_set_init(&set);
	add(&set, "10.0.0.200-10.0.0.250");
	add(&set, "::1");
	add(&set, "10.0.0.0-10.0.0.100");
	add(&set, "10.0.0.10-10.0.0.20");
	add(&set, "10.0.0.90-10.0.0.110");
	add(&set, "10.0.0.90-10.0.0.91");
	add(&set, "2001:db8::/32");
	access_set_seal(&set);
	for (i = 0; i < 256; i++) {
		char text[32];

		snprintf(text, sizeof(text), "10.0.0.%u", i);
		check_int(has(&set, text), i <= 110 || (i >= 200 && i <= 250));
	}
	check(has(&set, "::1"));
	check(!has(&set, "::2"));
	check(has(&set, "2001:db8::77"));
	check(!has(&set, "9.255.255.255"));
	access_set_fini(&set);
}

TEST("a set agrees with a search of all its entries")
{
	struct access_set set;
	struct access_range ranges[200], one;
	unsigned seed = 7, i, j;
	struct error e = { 0 };

	access_set_init(&set);
	for (i = 0; i < 200; i++) {
		struct sockname lo = address("10.0.0.0"), hi;
		struct sockaddr_in *in = (struct sockaddr_in *)&lo.storage;

		seed = seed * 1103515245u + 12345u;
		in->sin_addr.s_addr = htonl(0x0a000000u + (seed >> 8) % 60000);
		hi = lo;
		in = (struct sockaddr_in *)&hi.storage;
		in->sin_addr.s_addr = htonl(ntohl(in->sin_addr.s_addr) + (seed >> 4) % 300);
		check(access_range_of(&lo, &ranges[i]));
		check(access_range_of(&hi, &one));
		ranges[i].hi = one.lo;
		check_int(access_set_add_range(&set, &ranges[i], &e), 0);
	}
	access_set_seal(&set);
	for (i = 0; i < 61000; i++) {
		struct sockname name = address("10.0.0.0");
		bool expected = false;

		((struct sockaddr_in *)&name.storage)->sin_addr.s_addr = htonl(0x0a000000u + i);
		access_range_of(&name, &one);
		for (j = 0; j < 200 && !expected; j++)
			expected = memcmp(&ranges[j].lo, &one.lo, sizeof(one.lo)) <= 0 &&
			    memcmp(&one.lo, &ranges[j].hi, sizeof(one.lo)) <= 0;
		if (access_set_has_address(&set, &one) != expected) {
			check_int(i, -1);
			break;
		}
	}
	access_set_fini(&set);
}

TEST("names match without case, and with a star what is below")
{
	struct access_set set;
	struct error e = { 0 };

	access_set_init(&set);
	check(!access_set_has_host(&set, "example.org"));
	check_int(access_set_add_host(&set, "*.example.org", &e), 0);
	check_int(access_set_add_host(&set, "one.test", &e), 0);
	check(access_set_has_host(&set, "www.example.org"));
	check(access_set_has_host(&set, "a.b.EXAMPLE.org"));
	check(access_set_has_host(&set, "www.example.org."));
	check(!access_set_has_host(&set, "example.org"));
	check(!access_set_has_host(&set, "badexample.org"));
	check(!access_set_has_host(&set, ".example.org"));
	check(access_set_has_host(&set, "One.Test"));
	check(!access_set_has_host(&set, "one.test.evil"));
	check(!access_set_has_host(&set, "x.one.test"));
	check(!access_set_has_host(&set, ""));
	access_set_fini(&set);
}

/* ---- lists ---- */

struct lists {
	struct loop *loop;
	struct access *access;
	struct access_how how;
	struct error e;
	const char *allow[8], *deny[8];
};

static int
lists_open(struct lists *l, const char *allow, const char *deny)
{
	struct error e = { 0 };

	*l = (struct lists){ .allow = { allow }, .deny = { deny } };
	check_int(loop_open(&l->loop, &e), 0);
	l->how = (struct access_how){
		.allow = { l->allow, allow != NULL, "--allow" },
		.deny = { l->deny, deny != NULL, "--deny" },
		.loop = l->loop,
	};
	return access_open(&l->access, &l->how, deadline_in(10 * NSEC_PER_SEC), &l->e);
}

static void
lists_close(struct lists *l)
{
	access_close(l->access);
	loop_close(l->loop);
}

static enum access_verdict
ask(const struct lists *l, const char *text)
{
	struct sockname name = address(text);
	const struct access_subject subject = { .name = &name, .fd = -1 };

	return access_check(l->access, &subject);
}

TEST("without lists everybody is allowed")
{
	const struct access_subject subject = { .fd = -1 };

	check_int(access_check(NULL, &subject), ACCESS_ALLOWED);
}

TEST("deny wins, and where allow is given all others are denied")
{
	struct lists l;

	require(lists_open(&l, "10.0.0.0/8", "10.0.0.66") == 0);
	check_int(ask(&l, "10.0.0.1"), ACCESS_ALLOWED);
	check_int(ask(&l, "10.0.0.66"), ACCESS_DENIED);
	check_int(ask(&l, "11.0.0.1"), ACCESS_NOT_ALLOWED);
	check_int(ask(&l, "::1"), ACCESS_NOT_ALLOWED);
	check(access_names_addresses(l.access));
	check(!access_names_accounts(l.access));
	lists_close(&l);
	require(lists_open(&l, NULL, "10.0.0.66") == 0);
	check_int(ask(&l, "::1"), ACCESS_ALLOWED);
	check_int(ask(&l, "10.0.0.66"), ACCESS_DENIED);
	lists_close(&l);
}

TEST("a name stands for all its addresses")
{
	struct lists l;

	require(lists_open(&l, "localhost", NULL) == 0);
	check_int(ask(&l, "127.0.0.1"), ACCESS_ALLOWED);
	check_int(ask(&l, "127.0.0.2"), ACCESS_NOT_ALLOWED);
	lists_close(&l);
}

TEST("a name with a star is refused where clients have no names")
{
	struct lists l;

	check_int(lists_open(&l, "*.example.org", NULL), -1);
	check_int(l.e.code, ERROR_USAGE);
	check_str(l.e.text,
	    "--allow: '*.example.org': clients have addresses, and names are not looked up for "
	    "them");
	lists_close(&l);
}

TEST("targets match by the name that was asked for, and by address")
{
	struct lists l;
	struct sockname inside = address("10.0.0.1"), outside = address("192.0.2.1");
	struct access_subject subject = { .host = "www.example.org", .name = &outside, .fd = -1 };

	check_int(lists_open(&l, NULL, NULL), 0);
	access_close(l.access);
	l.how.targets = true;
	l.allow[0] = "*.example.org";
	l.how.allow.n = 1;
	l.deny[0] = "10.0.0.0/8";
	l.how.deny.n = 1;
	l.access = NULL;
	check_int(access_open(&l.access, &l.how, deadline_never(), &l.e), 0);
	check_int(access_check(l.access, &subject), ACCESS_ALLOWED);
	/* a name that points inside */
	subject.name = &inside;
	check_int(access_check(l.access, &subject), ACCESS_DENIED);
	subject.name = &outside;
	subject.host = "www.example.com";
	check_int(access_check(l.access, &subject), ACCESS_NOT_ALLOWED);
	lists_close(&l);
}

/* ---- files ---- */

static void
write_list(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	require(f != NULL);
	fputs(text, f);
	fclose(f);
}

TEST("a file has entries apart, with comments, and is read again by a reload")
{
	char path[TEST_PATH_MAX], entry[TEST_PATH_MAX + 1];
	struct lists l;

	test_path(path, "access-list");
	snprintf(entry, sizeof(entry), "@%s", path);
	write_list(path, "# ours\n\n 10.0.0.1 \t# one\r\n10.1.0.0/16#two\n::1 \t10.2.0.1-9\r\n");
	require(lists_open(&l, entry, NULL) == 0);
	check_int(ask(&l, "10.0.0.1"), ACCESS_ALLOWED);
	check_int(ask(&l, "10.1.2.3"), ACCESS_ALLOWED);
	check_int(ask(&l, "::1"), ACCESS_ALLOWED);
	check_int(ask(&l, "10.2.0.9"), ACCESS_ALLOWED);
	check_int(ask(&l, "10.0.0.2"), ACCESS_NOT_ALLOWED);
	write_list(path, "10.0.0.2\n");
	check_int(access_reload(l.access, deadline_never(), &l.e), 0);
	check_int(ask(&l, "10.0.0.2"), ACCESS_ALLOWED);
	check_int(ask(&l, "10.0.0.1"), ACCESS_NOT_ALLOWED);
	/* a list that is broken replaces nothing */
	write_list(path, "10.0.0.3\n\n10.0.0\n");
	check_int(access_reload(l.access, deadline_never(), &l.e), -1);
	check(strstr(l.e.text, "access-list:3: '10.0.0' is not an address") != NULL);
	check_int(ask(&l, "10.0.0.2"), ACCESS_ALLOWED);
	check_int(ask(&l, "10.0.0.3"), ACCESS_NOT_ALLOWED);
	unlink(path);
	check_int(access_reload(l.access, deadline_never(), &l.e), -1);
	check_int(l.e.code, ERROR_LOCAL_IO);
	check_int(ask(&l, "10.0.0.2"), ACCESS_ALLOWED);
	lists_close(&l);
}

TEST("an empty file allows nobody")
{
	char path[TEST_PATH_MAX], entry[TEST_PATH_MAX + 1];
	struct lists l;

	test_path(path, "access-empty");
	snprintf(entry, sizeof(entry), "@%s", path);
	write_list(path, "# nobody yet\n");
	require(lists_open(&l, entry, NULL) == 0);
	check_int(ask(&l, "10.0.0.1"), ACCESS_NOT_ALLOWED);
	check(!access_names_addresses(l.access));
	lists_close(&l);
	unlink(path);
}

TEST("a file that is no list is refused")
{
	char path[TEST_PATH_MAX], entry[TEST_PATH_MAX + 1];
	struct lists l;

	check_int(lists_open(&l, "@", NULL), -1);
	check_str(l.e.text, "--allow: '@': the name of a file is missing");
	lists_close(&l);
	test_path(path, "access-bad");
	snprintf(entry, sizeof(entry), "@%s", path);
	write_list(path, "@other\n");
	check_int(lists_open(&l, entry, NULL), -1);
	check(strstr(l.e.text, ":1: '@other' is not an address, a range or a name") != NULL);
	lists_close(&l);
	unlink(path);
	/* nobody writes to a FIFO, and nothing says how to wait */
	check_int(mkfifo(path, 0600), 0);
	check_int(lists_open(&l, entry, NULL), -1);
	check_int(l.e.code, ERROR_LOCAL_IO);
	lists_close(&l);
	unlink(path);
}

/* ---- users and groups ---- */

static enum access_verdict
ask_unix(const struct lists *l)
{
	struct access_subject subject = { .fd = -1 };
	enum access_verdict verdict;
	int pair[2];

	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	subject.fd = pair[0];
	verdict = access_check(l->access, &subject);
	close(pair[0]);
	close(pair[1]);
	return verdict;
}

TEST("users and groups of a unix peer are those that the kernel names")
{
	char own[32], other[32];
	struct lists l;

	snprintf(own, sizeof(own), "uid:%u", (unsigned)getuid());
	snprintf(other, sizeof(other), "uid:%u", (unsigned)getuid() + 1);
	require(lists_open(&l, own, NULL) == 0);
	check(access_names_accounts(l.access));
	check_int(ask_unix(&l), ACCESS_ALLOWED);
	lists_close(&l);
	require(lists_open(&l, other, NULL) == 0);
	check_int(ask_unix(&l), ACCESS_NOT_ALLOWED);
	lists_close(&l);
	snprintf(own, sizeof(own), "gid:%u", (unsigned)getgid());
	require(lists_open(&l, NULL, own) == 0);
	check_int(ask_unix(&l), ACCESS_DENIED);
	lists_close(&l);
}

TEST("supplementary groups count")
{
	gid_t group = 54321;
	struct lists l;

	if (geteuid() != 0 || setgroups(1, &group) != 0)
		skip("only root sets its groups");
	require(lists_open(&l, "gid:54321", NULL) == 0);
	check_int(ask_unix(&l), ACCESS_ALLOWED);
	lists_close(&l);
	require(lists_open(&l, "gid:54322", NULL) == 0);
	check_int(ask_unix(&l), ACCESS_NOT_ALLOWED);
	lists_close(&l);
}

TEST("names of users and groups are looked up")
{
	struct lists l;

	require(lists_open(&l, "uid:root", NULL) == 0);
	check_int(ask_unix(&l), getuid() == 0 ? ACCESS_ALLOWED : ACCESS_NOT_ALLOWED);
	lists_close(&l);
	check_int(lists_open(&l, "uid:no-such-user", NULL), -1);
	check_str(l.e.text, "--allow: no user 'no-such-user'");
	lists_close(&l);
	check_int(lists_open(&l, NULL, "gid:no-such-group"), -1);
	check_str(l.e.text, "--deny: no group 'no-such-group'");
	check_int(l.e.code, ERROR_USAGE);
	lists_close(&l);
}

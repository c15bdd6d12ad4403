#include "test.h"

#include "base/buf.h"
#include "cli/core/known_hosts.h"

static struct buf names;

static void
add_name(void *arg, const char *name)
{
	(void)arg;
	check_int(buf_printf(&names, NULL, "%s%s", names.len > 0 ? " " : "", name), 0);
}

static const char *
names_in(enum known_hosts_form form, const char *text)
{
	char copy[1000];

	buf_fini(&names);
	buf_init(&names, 1000);
	snprintf(copy, sizeof(copy), "%s", text);
	known_hosts_parse(form, copy, add_name, NULL);
	return buf_text(&names, NULL);
}

TEST("hosts(5): names, not addresses and comments")
{
	check_str(names_in(KNOWN_HOSTS_ETC,
		      "127.0.0.1\tlocalhost local # no\n\n# 1.2.3.4 no\n::1 six\r\n5.6.7.8"),
	    "localhost local six");
}

TEST("known_hosts: lists, ports and markers; nothing hashed, no pattern")
{
	check_str(names_in(KNOWN_HOSTS_SSH,
		      "one.test,[two.test]:2222,192.0.2.1 ssh-ed25519 AAAA\n"
		      "|1|abc=|def= ssh-rsa AAAA\n"
		      "@cert-authority *.test ssh-rsa AAAA\n"
		      "@revoked three.test ssh-rsa AAAA\n"),
	    "one.test two.test 192.0.2.1 three.test");
}

TEST("ssh_config: Host and Hostname, without patterns")
{
	check_str(names_in(KNOWN_HOSTS_SSH_CONFIG,
		      "Host box !bad *.test box2\n  HostName = box.test\n  User me\n"
		      "host \"quoted\"\nHostname %h.test\nHost\n"),
	    "box box2 box.test quoted");
}

#include "cli/netcat/socat/socat_address.h"

#include "base/error.h"
#include "test.h"

static struct socat_address address;

/* Checks the parameters, with '|' after each. */
static void
check_params(const char *want)
{
	char text[300] = "";

	for (size_t i = 0; i < address.n_params; i++) {
		strcat(text, address.params[i]); /* NOLINT */
		strcat(text, "|");               /* NOLINT */
	}
	check_str(text, want);
}

static void
check_parsed(const char *word, enum socat_role role, const char *params)
{
	struct error e = { .text = "" };

	check_int(socat_address_parse(&address, word, &e), 0);
	check_str(e.text, "");
	check_int(address.role, role);
	check_params(params);
}

static void
check_refused(const char *word, const char *want)
{
	struct error e = { 0 };

	check_int(socat_address_parse(&address, word, &e), -1);
	check_int(e.code, ERROR_USAGE);
	check_str(e.text, want);
}

TEST("an address is a type, its parameters and its options")
{
	check_parsed("TCP:host:80,nodelay,retry=3,bind=", SOCAT_CLIENT, "host|80|");
	check_str(address.name, "TCP");
	check_str(address.type->name, "tcp");
	check_int((int)address.n_given, 3);
	check_str(address.given[0].name, "nodelay");
	check_str(address.given[0].value, NULL);
	check_str(address.given[1].value, "3");
	check_str(address.given[2].value, "");
	/* commas in a row, and one at the end */
	check_parsed("tcp-l:80,,fork,", SOCAT_SERVER, "80|");
	check_int((int)address.n_given, 1);
}

TEST("the digit of a family stands anywhere in the type")
{
	check_parsed("TCP4-LISTEN:80", SOCAT_SERVER, "80|");
	check_int(address.family, '4');
	check_parsed("tcp-listen6:80", SOCAT_SERVER, "80|");
	check_int(address.family, '6');
	check_parsed("tcp-listen:80", SOCAT_SERVER, "80|");
	check_int(address.family, 0);
	check_refused("tcp46-listen:80", "tcp46-listen: socat has no such address");
}

TEST("a type may be left out in front of a dash and a path")
{
	check_parsed("-", SOCAT_STDIO, "");
	check_parsed("-,ignoreeof", SOCAT_STDIO, "");
	check_int((int)address.n_given, 1);
	check_parsed("/tmp/file:1", SOCAT_FILE, "/tmp/file:1|");
	check_parsed("./file", SOCAT_FILE, "./file|");
	check_refused("5", "FD: usock has no counterpart");
}

TEST("quotes, backslashes and brackets protect what ends a part")
{
	check_parsed("EXEC:'a:b,c'", SOCAT_PROGRAM, "a:b,c|");
	check_parsed("EXEC:\"a:\\\"b\\\",c\"d", SOCAT_PROGRAM, "a:\"b\",cd|");
	check_parsed("EXEC:'a\\'b", SOCAT_PROGRAM, "a\\b|");
	check_parsed("EXEC:a\\:b\\,c\\\\", SOCAT_PROGRAM, "a:b,c\\|");
	check_parsed("TCP:[::1]:80", SOCAT_CLIENT, "[::1]|80|");
	check_parsed("EXEC:f(a,(b:c),{d,e}),stderr", SOCAT_PROGRAM, "f(a,(b:c),{d,e})|");
	check_int((int)address.n_given, 1);
	/* a bracket that was not opened protects nothing */
	check_parsed("EXEC:a),stderr", SOCAT_PROGRAM, "a)|");
	/* a quote that is not closed ends with the word */
	check_parsed("EXEC:'a,b", SOCAT_PROGRAM, "a,b|");
}

TEST("another number of parameters is refused")
{
	check_refused("TCP:host", "TCP: wrong number of parameters: 1, not 2");
	check_refused("TCP:a:b:c", "TCP: wrong number of parameters: 3, not 2");
	check_refused("TCP:a:b:c:d:e:f:g", "TCP: wrong number of parameters: 5, not 2");
	check_refused("TCP-LISTEN", "TCP-LISTEN: wrong number of parameters: 0, not 1");
	check_parsed("PIPE", SOCAT_ECHO, "");
	check_parsed("PIPE:/tmp/fifo", SOCAT_FILE, "/tmp/fifo|");
	check_refused("PIPE:a:b", "PIPE: wrong number of parameters: 2, not 0");
}

TEST("what has no counterpart says what there is instead")
{
	struct error e = { 0 };

	check_refused("nonsense:1", "nonsense: socat has no such address");
	check_int(socat_address_parse(&address, "a!!b", &e), -1);
	check_str(e.text, "a!!b: usock has no counterpart of !!");
	check_int(socat_address_parse(&address, "TUN:192.0.2.1/24", &e), -1);
	check_str(e.hint, "packets of an interface are not offered: socat");
	check_int(socat_address_parse(&address, "TCP:h:1,fork", &e), -1);
	check_str(e.text, "TCP: usock has no counterpart of the option fork");
	check_str(e.hint, "usock connect --reconnect");
	check_refused("TCP:h:1,nonsense=2", "TCP: usock has no counterpart of the option nonsense");
}

TEST("options are found by any of their names, the last one counts, and 0 switches off")
{
	check_parsed("TCP-L:80,SO-REUSEADDR,max-children=3,max-children=4,fork=0", SOCAT_SERVER,
	    "80|");
	check_str(socat_address_value(&address, "reuseaddr"), "");
	check_str(socat_address_value(&address, "max-children"), "4");
	check_str(socat_address_value(&address, "fork"), NULL);
	check_str(socat_address_value(&address, "backlog"), NULL);
	check(socat_address_has(&address, "so-reuseaddr"));
	check(!socat_address_has(&address, "reuseaddr"));
	check(!socat_address_has(&address, "fork"));
	check(socat_address_find(&address, "fork") != NULL);
	check_parsed("OPEN:file,o-append", SOCAT_FILE, "file|");
	check(socat_address_has(&address, "append"));
}

TEST("a file that is a terminal, or has a speed, is a serial line")
{
	check_parsed("/dev/ttyS0", SOCAT_CLIENT, "/dev/ttyS0|");
	check(address.is_line);
	check_parsed("OPEN:/dev/x,b9600", SOCAT_CLIENT, "/dev/x|");
	check(address.is_line);
	check_parsed("OPEN:/dev/x", SOCAT_FILE, "/dev/x|");
	check(!address.is_line);
}

TEST("too many options are refused")
{
	char word[40 + 2 * 8 * SOCAT_GIVEN_MAX] = "TCP:h:1";
	struct error e = { 0 };

	for (int i = 0; i < SOCAT_GIVEN_MAX; i++)
		strcat(word, ",nodelay"); /* NOLINT */
	check_int(socat_address_parse(&address, word, &e), 0);
	strcat(word, ",nodelay"); /* NOLINT */
	check_refused(word, "TCP: too many options");
}

/* EXEC: and so many characters, and what follows. */
static char *
long_word(size_t n, const char *rest)
{
	static char word[SOCAT_TEXT_MAX + 100];

	memset(word, 'x', sizeof(word));
	memcpy(word, "EXEC:", 5);
	snprintf(word + 5 + n, sizeof(word) - 5 - n, "%s", rest);
	return word;
}

TEST("an address that is too long is refused, and nothing behind its room is written")
{
	/* the type and the parameter with their ends fill the room */
	const size_t most = SOCAT_TEXT_MAX - sizeof("EXEC") - 1;
	char want[200];

	snprintf(want, sizeof(want), "%.80s...: the address is too long", long_word(most, "") + 5);
	check_int(socat_address_parse(&address, long_word(most, ""), NULL), 0);
	check_int((intmax_t)strlen(address.params[0]), (intmax_t)most);
	check_refused(long_word(most + 1, ""), want);
	check_refused(long_word(most, ","), "...: the address is too long");
	check_str(address.name, "EXEC");
	check_refused(long_word(most, ",pty"), "pty...: the address is too long");
	check_str(address.name, "EXEC");
}

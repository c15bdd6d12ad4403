#include "net/tty/tty_line.h"

#include "base/error.h"
#include "net/endpoint.h"
#include "test.h"

static struct error error;

static void
check_line(const char *text, const char *want)
{
	struct tty_line line;
	char formatted[64];

	if (check_int(tty_line_parse(text, &line, &error), 0))
		check_str(tty_line_format(&line, formatted, sizeof(formatted)), want);
}

static void
check_refused(const char *text, const char *want)
{
	struct tty_line line;

	check_int(tty_line_parse(text, &line, &error), -1);
	check_int(error.code, ERROR_USAGE);
	check_str(error.text, want);
}

TEST("the settings of a line are words in any order")
{
	check_line("115200", ",115200");
	check_line("115200,8n1", ",115200,8n1");
	check_line("7e2,300", ",300,7e2");
	check_line("5o1,crtscts,250000", ",250000,5o1,crtscts");
	check_line("xonxoff,clocal", ",xonxoff,clocal");
	check_line("4294967295", ",4294967295");
}

TEST("what is no setting, and what is there twice, is refused")
{
	check_refused("", "a word is missing");
	check_refused("9600,", "a word is missing");
	check_refused(",9600", "a word is missing");
	check_refused("9600,19200", "'19200' is one too many");
	check_refused("8n1,8n1", "'8n1' is one too many");
	check_refused("crtscts,crtscts", "'crtscts' is one too many");
	check_refused("fast",
	    "'fast' is neither a speed nor one of: 8n1 7e1 ... crtscts xonxoff "
	    "clocal");
	check_refused("aVeryLongWordIndeed", "'aVeryLongWordIndeed...' is no setting of a line");
	check_int(tty_line_parse("0", &(struct tty_line){ 0 }, &error), -1);
	check_int(tty_line_parse("4294967296", &(struct tty_line){ 0 }, &error), -1);
	check_int(tty_line_parse("9n1", &(struct tty_line){ 0 }, &error), -1);
	check_int(tty_line_parse("8x1", &(struct tty_line){ 0 }, &error), -1);
	check_int(tty_line_parse("-9600", &(struct tty_line){ 0 }, &error), -1);
}

static void
check_endpoint(const char *word, enum endpoint_kind kind, const char *path, const char *want)
{
	struct endpoint ep;
	char text[SOCKNAME_TEXT_MAX];

	if (!check_int(endpoint_parse(word, NULL, &ep, &error), 0))
		return;
	check_int(ep.kind, kind);
	check(endpoint_is_line(&ep));
	check_str(ep.path, path);
	check_str(endpoint_format(&ep, text, sizeof(text)), want);
}

TEST("an address of a line is tty: and its settings, or pty: and a path")
{
	struct endpoint ep;

	check_endpoint("tty:/dev/ttyUSB0,9600,8n1", ENDPOINT_TTY, "/dev/ttyUSB0",
	    "tty:/dev/ttyUSB0,9600,8n1");
	check_endpoint("tty:com", ENDPOINT_TTY, "com", "tty:com");
	check_endpoint("pty:/tmp/a,b", ENDPOINT_PTY, "/tmp/a,b", "pty:/tmp/a,b");
	check_int(endpoint_parse("tty:", NULL, &ep, &error), -1);
	check_str(error.text, "'tty:': the path is missing");
	check_int(endpoint_parse("tty:,9600", NULL, &ep, &error), -1);
	check_int(endpoint_parse("pty:", NULL, &ep, &error), -1);
	check_int(endpoint_parse("tty:/dev/x,fast", NULL, &ep, &error), -1);
	check_int(endpoint_parse("tty:/dev/x", "80", &ep, &error), -1);
	check_str(error.text, "'tty:/dev/x' takes no port, but '80' follows");
	/* a host of this name needs brackets */
	check_int(endpoint_parse("[tty]:80", NULL, &ep, &error), 0);
	check_int(ep.kind, ENDPOINT_INET);
	check_str(endpoint_format(&ep, error.text, sizeof(error.text)), "[tty]:80");
}

TEST("a sockname of a line is its prefix and path")
{
	struct sockname name;
	struct endpoint ep;
	char text[SOCKNAME_TEXT_MAX];

	check_int(endpoint_parse("tty:/dev/ttyUSB0,9600", NULL, &ep, &error), 0);
	sockname_line(&ep, &name);
	check_str(sockname_format(&name, text, sizeof(text)), "tty:/dev/ttyUSB0");
	check_str(sockname_host(&name, text, sizeof(text)), "/dev/ttyUSB0");
	check_int(sockname_port(&name), 0);
}

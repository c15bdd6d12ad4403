#include "base/buf.h"
#include "base/deadline.h"
#include "base/error.h"
#include "control/control_request.h"
#include "test.h"

/* "" for success. */
static const char *
parse(const char *line, struct control_request *rq)
{
	static struct error e;

	e.text[0] = '\0';
	return control_request_parse(line, strlen(line), rq, &e) < 0 ? e.text : "";
}

TEST("a command is a word")
{
	struct control_request rq;

	check_str(parse("list", &rq), "");
	check_int(rq.verb, CONTROL_LIST);
	check(!rq.json && !rq.no_header);
	check_str(parse("stats", &rq), "");
	check_int(rq.verb, CONTROL_STATS);
	check_str(parse("pause", &rq), "");
	check_int(rq.verb, CONTROL_PAUSE);
	check_str(parse("resume", &rq), "");
	check_int(rq.verb, CONTROL_RESUME);
	check_str(parse("reload", &rq), "");
	check_int(rq.verb, CONTROL_RELOAD);
	check_str(parse("help", &rq), "");
	check_int(rq.verb, CONTROL_HELP);
}

TEST("blanks around words, and CR, mean nothing")
{
	struct control_request rq;

	check_str(parse("  \t kick \t 7  \r", &rq), "");
	check_int(rq.verb, CONTROL_KICK);
	check_int(rq.id, 7);
}

TEST("an operand is required where it says which client")
{
	struct control_request rq;

	check_str(parse("kick", &rq), "kick: ID|all is missing");
	check_str(parse("kick all", &rq), "");
	check(rq.all);
	check_str(parse("kick 0", &rq), "kick: '0' is not the number of a client");
	check_str(parse("kick -1", &rq), "unknown option '-1'");
	check_str(parse("kick 7x", &rq), "kick: '7x' is not the number of a client");
	check_str(parse("kick 99999999999999999999", &rq),
	    "kick: '99999999999999999999' is not the number of a client");
	check_str(parse("kick 1 2", &rq), "kick: unexpected argument '2'");
}

TEST("draining may have a limit of time")
{
	struct control_request rq;

	check_str(parse("drain", &rq), "");
	check_int(rq.patience, DURATION_NONE);
	check_str(parse("drain 250ms", &rq), "");
	check_int(rq.patience, 250 * NSEC_PER_MSEC);
	check(strncmp(parse("drain soon", &rq), "drain: ", 7) == 0);
}

TEST("commands without operands take none")
{
	struct control_request rq;

	check_str(parse("list all", &rq), "list: unexpected argument 'all'");
	check_str(parse("a b c d e", &rq), "unexpected argument 'e'");
}

TEST("an unknown command names the one that lists them")
{
	struct control_request rq;

	check_str(parse("reboot", &rq), "unknown command 'reboot': help lists the commands");
	check_str(parse("   ", &rq), "a command is missing: help lists the commands");
	check_str(parse("list -xml", &rq), "unknown option '-xml'");
}

TEST("-json is known after a failure, too, wherever it stands")
{
	struct control_request rq;

	check_str(parse("-json list", &rq), "");
	check(rq.json);
	check_str(parse("list -no-header -json", &rq), "");
	check(rq.json && rq.no_header);
	check_str(parse("reboot -json", &rq), "unknown command 'reboot': help lists the commands");
	check(rq.json);
	check_str(parse("list -xml -json", &rq), "unknown option '-xml'");
	check(rq.json);
}

TEST("a line has no NUL byte and no more than 1024 bytes")
{
	char line[CONTROL_LINE_MAX + 1];
	struct control_request rq;
	struct error e;

	check_int(control_request_parse("list\0x", 6, &rq, &e), -1);
	check_str(e.text, "the line contains a NUL byte");
	memset(line, ' ', sizeof line);
	memcpy(line, "list", 4);
	check_int(control_request_parse(line, sizeof line, &rq, &e), -1);
	check_str(e.text, "the line is longer than 1024 bytes");
	check_int(control_request_parse(line, sizeof line - 1, &rq, &e), 0);
}

TEST("a formatted request is parsed as it was")
{
	static const char *const lines[] = { "list\n", "list -json\n", "list -no-header\n",
		"stats -json\n", "kick 7\n", "kick all\n", "drain\n", "drain 1500000us\n",
		"help\n" };

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct control_request rq;
		struct buf out;

		check_int(control_request_parse(lines[i], strlen(lines[i]) - 1, &rq, NULL), 0);
		buf_init(&out, 100);
		check_int(control_request_format(&rq, &out, NULL), 0);
		check_str(buf_text(&out, NULL), lines[i]);
		buf_fini(&out);
	}
}

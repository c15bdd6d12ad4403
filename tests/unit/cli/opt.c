#include "cli/options/opt.h"

#include <stddef.h>
#include <stdio.h>

#include "base/deadline.h"
#include "base/error.h"
#include "cli/core/cmd.h"
#include "cli/help/usage.h"
#include "test.h"

struct inner {
	bool keep;
	int level;
	const char *source;
};

struct values {
	int family;
	bool udp, crlf;
	const char *dump;
	struct opt_list set;
	int64_t retry, wait;
	uint64_t rate;
	struct opt_ports ports;
	int color;
	struct inner inner;
};

#define ROW(n, l, k, field, a)                                                                     \
	.name = n, .letter = l, .kind = k, .offset = offsetof(struct values, field), .arg = a,     \
	.help = "help of " n

static const struct opt rows[] = {
	{ ROW("ipv4", '4', OPT_SET, family, NULL), .value = 4 },
	{ ROW("ipv6", '6', OPT_SET, family, NULL), .value = 6 },
	{ ROW("udp", 'u', OPT_FLAG, udp, NULL) },
	{ ROW("crlf", 'C', OPT_FLAG, crlf, NULL) },
	{ ROW("hexdump", 'x', OPT_OPTIONAL_TEXT, dump, "FILE") },
	{ ROW("sockopt", 'o', OPT_LIST, set, "NAME=VALUE") },
	{ ROW("retry", 0, OPT_INT, retry, "N"), .min = 0, .max = 9 },
	{ ROW("retry-interval", 'w', OPT_DURATION, wait, "DUR"), .min = 1 },
	{ ROW("rate", 0, OPT_SIZE, rate, "SIZE"), .min = 10 },
	{ ROW("source-port", 'p', OPT_PORTS, ports, "PORT") },
	{ ROW("color", 0, OPT_CHOICE, color, "WHEN"), .choices = "auto always never" },
};

static const struct opt inner_rows[] = {
	{ .name = "keep", .kind = OPT_FLAG, .offset = offsetof(struct inner, keep) },
	{ .name = "no-keep", .kind = OPT_UNFLAG, .offset = offsetof(struct inner, keep) },
	{ .name = "verbose",
	    .letter = 'v',
	    .kind = OPT_COUNT,
	    .offset = offsetof(struct inner, level) },
	{ .name = "source",
	    .letter = 's',
	    .kind = OPT_TEXT,
	    .offset = offsetof(struct inner, source),
	    .arg = "ADDR" },
};

static const struct opt_group groups[] = {
	{ "One", rows, sizeof(rows) / sizeof(rows[0]), 0 },
	{ "Two", inner_rows, sizeof(inner_rows) / sizeof(inner_rows[0]),
	    offsetof(struct values, inner) },
	{ NULL, NULL, 0, 0 },
};

static const char *const conflicts[] = { "ipv4 ipv6", "udp source-port", NULL };

static const char *const alone[] = { "color retry rate", NULL };

static const struct cmd cmd = {
	.name = "talk",
	.operands = "ADDRESS [-- PROGRAM ARG...]",
	.groups = groups,
	.conflicts = conflicts,
	.alone = alone,
	.size = sizeof(struct values),
};

/* The results of the last parse(). */
static struct {
	struct values v;
	struct opt_rest rest;
	struct error e;
	char *argv[32];
} got;

/* Parses the words after the command's name. */
static int
parse(const char *const *words)
{
	int argc = 1;

	memset(&got, 0, sizeof(got));
	got.argv[0] = (char *)"talk";
	for (; *words != NULL; words++)
		got.argv[argc++] = (char *)*words;
	return opt_parse(&cmd, argc, got.argv, &got.v, &got.rest, &got.e);
}

#define PARSE(...) parse((const char *const[]){ __VA_ARGS__, NULL })

static void
check_refused(int status, const char *text)
{
	check_int(status, -1);
	check_int(got.e.code, ERROR_USAGE);
	check_str(got.e.text, text);
	opt_free(&cmd, &got.v);
}

TEST("no words: the defaults stay")
{
	const char *const none[] = { NULL };

	check_int(parse(none), 0);
	check_int(got.rest.n_operands, 0);
	check(got.rest.program == NULL);
	check(!got.v.udp);
}

TEST("a flag, its opposite and the last of both")
{
	check_int(PARSE("--udp", "--keep"), 0);
	check(got.v.udp);
	check(got.v.inner.keep);
	check_int(PARSE("--keep", "--no-keep"), 0);
	check(!got.v.inner.keep);
	check_int(PARSE("--no-keep", "--keep"), 0);
	check(got.v.inner.keep);
}

TEST("a flag may be repeated and counts where it counts")
{
	check_int(PARSE("-vuv", "--udp", "--verbose"), 0);
	check(got.v.udp);
	check_int(got.v.inner.level, 3);
}

TEST("an option may set a constant")
{
	check_int(PARSE("-6"), 0);
	check_int(got.v.family, 6);
}

TEST("a value follows =, in the next word or on the letter")
{
	check_int(PARSE("--source=a"), 0);
	check_str(got.v.inner.source, "a");
	check_int(PARSE("--source", "b"), 0);
	check_str(got.v.inner.source, "b");
	check_int(PARSE("-sc"), 0);
	check_str(got.v.inner.source, "c");
	check_int(PARSE("-s", "d"), 0);
	check_str(got.v.inner.source, "d");
	check_int(PARSE("-u6se"), 0);
	check_str(got.v.inner.source, "e");
	check(got.v.udp);
	check_refused(PARSE("--source="), "--source: the value is empty");
	check_int(PARSE("--source=x=y"), 0);
	check_str(got.v.inner.source, "x=y");
}

TEST("a value may begin with a dash")
{
	check_int(PARSE("-s", "-u", "--source=-u"), -1);
	check_int(PARSE("-s", "-u"), 0);
	check_str(got.v.inner.source, "-u");
	check(!got.v.udp);
}

TEST("a missing value is named")
{
	check_refused(PARSE("--source"), "--source: wants a value (ADDR)");
	check_refused(PARSE("-us"), "--source: wants a value (ADDR)");
	check_refused(PARSE("-s", "--", "x"), "--source: wants a value (ADDR)");
	check_int(PARSE("--source=--"), 0);
	check_str(got.v.inner.source, "--");
}

TEST("a flag takes no value")
{
	check_refused(PARSE("--udp=1"), "--udp: takes no value");
	check_refused(PARSE("--help=1"), "--help: takes no value");
}

TEST("a value that may be missing never takes the next word")
{
	check_int(PARSE("--hexdump", "file"), 0);
	check_str(got.v.dump, "");
	check_int(got.rest.n_operands, 1);
	check_int(PARSE("--hexdump=file"), 0);
	check_str(got.v.dump, "file");
	check_int(PARSE("-xu"), 0);
	check_str(got.v.dump, "");
	check(got.v.udp);
}

TEST("a list grows with every use, in order")
{
	check_int(PARSE("-o", "a=1", "--sockopt=b=2", "-oc"), 0);
	require(got.v.set.n == 3);
	check_str(got.v.set.items[0], "a=1");
	check_str(got.v.set.items[1], "b=2");
	check_str(got.v.set.items[2], "c");
	opt_free(&cmd, &got.v);
	check(got.v.set.items == NULL);
	check_int((int)got.v.set.n, 0);
}

TEST("a list that was begun is freed after a failure")
{
	check_refused(PARSE("-o", "a", "-o", "b", "--rate", "x"),
	    "--rate: 'x' is not a size (as 4096, 64k, 1.5M, 64KiB, 1MB)");
	check(got.v.set.items == NULL);
}

TEST("numbers outside their limits are refused")
{
	check_int(PARSE("--retry", "9"), 0);
	check_int(got.v.retry, 9);
	check_refused(PARSE("--retry", "10"), "--retry: '10' is not a number (0-9)");
	check_refused(PARSE("--retry=-1"), "--retry: '-1' is not a number (0-9)");
}

TEST("durations are nanoseconds, none is for ever, and some may not be 0")
{
	check_int(PARSE("-w", "1.5"), 0);
	check_int(got.v.wait, 1500 * NSEC_PER_MSEC);
	check_int(PARSE("-w250ms"), 0);
	check_int(got.v.wait, 250 * NSEC_PER_MSEC);
	check_int(PARSE("-w", "none"), 0);
	check(got.v.wait == DURATION_NONE);
	check_refused(PARSE("-w0"), "--retry-interval: '0' is too short a time");
}

TEST("sizes have units and a least value")
{
	check_int(PARSE("--rate=64k"), 0);
	check_int((intmax_t)got.v.rate, 65536);
	check_refused(PARSE("--rate=9"), "--rate: '9' is less than 10");
}

TEST("ports are one or a range")
{
	check_int(PARSE("-p", "80"), 0);
	check(got.v.ports.given && got.v.ports.lo == 80 && got.v.ports.hi == 80);
	check_int(PARSE("-p", "4000-4010"), 0);
	check(got.v.ports.lo == 4000 && got.v.ports.hi == 4010);
	check_int(PARSE("-p", "0"), 0);
	check(got.v.ports.given);
	check_int(PARSE("-p", "65536"), -1);
	check(!got.v.ports.given);
}

TEST("a choice is one of its words, written out")
{
	check_int(PARSE("--color=auto"), 0);
	check_int(got.v.color, 0);
	check_int(PARSE("--color", "never"), 0);
	check_int(got.v.color, 2);
	check_refused(PARSE("--color=al"), "--color: 'al' is none of: auto always never");
	check_refused(PARSE("--color=auto always"),
	    "--color: 'auto always' is none of: auto always never");
	check_refused(PARSE("--color="), "--color: '' is none of: auto always never");
}

TEST("a second value is refused, also by letter, and the same value too")
{
	check_refused(PARSE("--source=a", "-s", "a"), "--source: given twice");
	check_refused(PARSE("-x", "--hexdump=f"), "--hexdump: given twice");
	check_refused(PARSE("-w1", "-w2"), "--retry-interval: given twice");
}

TEST("options that conflict are refused in any order")
{
	check_refused(PARSE("-46"), "--ipv4: not together with --ipv6");
	check_refused(PARSE("-6", "x", "-4"), "--ipv4: not together with --ipv6");
	check_refused(PARSE("-p", "1", "-u"), "--udp: not together with --source-port");
}

TEST("an option that stands alone goes together with its companions only")
{
	check_int(PARSE("--color", "never"), 0);
	check_int(PARSE("--retry=2", "--color", "never", "--rate=10"), 0);
	check_int(PARSE("--retry=2", "-u"), 0);
	check_refused(PARSE("--color", "never", "-u"), "--color: not together with --udp");
	check_refused(PARSE("--retry-interval=1", "--color", "never"),
	    "--color: not together with --retry-interval");
}

TEST("long names may be shortened as long as they are clear")
{
	check_int(PARSE("--ud"), 0);
	check(got.v.udp);
	check_int(PARSE("--hexd=f"), 0);
	check_str(got.v.dump, "f");
	check_int(PARSE("--retry-i", "2"), 0);
	check_int(got.v.wait, 2 * NSEC_PER_SEC);
	check_refused(PARSE("--ip"), "--ip: ambiguous: could be --ipv4, --ipv6");
	check_refused(PARSE("--he"), "--he: ambiguous: could be --hexdump, --help");
}

TEST("a whole name is clear though others begin with it")
{
	check_int(PARSE("--retry", "2", "--source", "x"), 0);
	check_int(got.v.retry, 2);
	check_str(got.v.inner.source, "x");
}

TEST("an unknown option is named, with the nearest one")
{
	check_refused(PARSE("--hexdmp"), "--hexdmp: unknown option, did you mean --hexdump?");
	check_refused(PARSE("--hexdmp=f"), "--hexdmp: unknown option, did you mean --hexdump?");
	check_refused(PARSE("--zzzzzzzz"), "--zzzzzzzz: unknown option");
	check_refused(PARSE("-uq"), "-q: unknown option");
	check_refused(PARSE("---udp"), "---udp: unknown option, did you mean --udp?");
}

TEST("a name of any length is refused, not overrun")
{
	char word[4096];

	memset(word, 'a', sizeof(word) - 1);
	memcpy(word, "--", 2);
	word[sizeof(word) - 1] = '\0';
	check_int(PARSE(word), -1);
	word[1] = 'u';
	check_refused(PARSE(word), "-a: unknown option");
}

TEST("operands and options mix")
{
	check_int(PARSE("localhost", "-u", "80", "--keep"), 0);
	require(got.rest.n_operands == 2);
	check_str(got.rest.operands[0], "localhost");
	check_str(got.rest.operands[1], "80");
	check(got.v.udp && got.v.inner.keep);
	check(got.rest.program == NULL);
}

TEST("a dash alone and negative numbers are operands")
{
	check_int(PARSE("-", "-1", "-5.5", "-64.", "-12"), 0);
	check_int(got.rest.n_operands, 5);
	check_int(got.v.family, 0);
}

TEST("digits that are all letters of options are those options")
{
	check_int(PARSE("-6"), 0);
	check_int(got.v.family, 6);
	check_int(got.rest.n_operands, 0);
}

TEST("an empty word is an operand")
{
	check_int(PARSE(""), 0);
	check_int(got.rest.n_operands, 1);
}

TEST("what follows -- is a program, however it looks")
{
	check_int(PARSE("host", "--", "sh", "-c", "--", "-u"), 0);
	check_int(got.rest.n_operands, 1);
	require(got.rest.program != NULL);
	check_str(got.rest.program[0], "sh");
	check_str(got.rest.program[1], "-c");
	check_str(got.rest.program[2], "--");
	check_str(got.rest.program[3], "-u");
	check(got.rest.program[4] == NULL);
	check(!got.v.udp);
}

TEST("-- with nothing after it is an empty program")
{
	check_int(PARSE("--"), 0);
	require(got.rest.program != NULL);
	check(got.rest.program[0] == NULL);
}

TEST("help is asked for by name, shortened, and by letter among letters")
{
	check_int(PARSE("--help"), 1);
	check_int(PARSE("--hel"), 1);
	check_int(PARSE("-h"), 1);
	check_int(PARSE("-uh"), 1);
	check_int(PARSE("host", "-h"), 1);
	check_int(PARSE("--", "-h"), 0);
	check_int(PARSE("-s", "-h"), 0);
}

TEST("a wrong option before --help is still wrong")
{
	check_int(PARSE("--bogus", "--help"), -1);
}

static void
count_row(void *arg, const struct opt_group *group, const struct opt *opt)
{
	check(group == &groups[0] || group == &groups[1]);
	check(opt->name != NULL);
	++*(int *)arg;
}

TEST("every option of every group is visited")
{
	int n = 0;

	opt_each(&cmd, count_row, &n);
	check_int(n, (int)(groups[0].n + groups[1].n));
}

/* ---- the real tables ---- */

struct tables {
	const struct cmd *cmd;
	const struct opt *seen[128];
	int n;
};

static void
check_row(void *arg, const struct opt_group *group, const struct opt *opt)
{
	struct tables *t = arg;
	bool has_value = opt->kind >= OPT_TEXT;

	(void)group;
	check((opt->arg != NULL) == has_value);
	check(opt->help != NULL);
	check((opt->kind == OPT_CHOICE) == (opt->choices != NULL));
	check(opt->offset < t->cmd->size);
	check(opt->kind != OPT_INT || opt->min < opt->max);
	check(strcmp(opt->name, "help") != 0 && opt->letter != 'h');
	for (int i = 0; i < t->n; i++) {
		check(strcmp(t->seen[i]->name, opt->name) != 0);
		check(opt->letter == 0 || t->seen[i]->letter != opt->letter);
	}
	require(t->n < 128);
	t->seen[t->n++] = opt;
}

static bool
names_option(const struct tables *t, const char *name, size_t len)
{
	for (int i = 0; i < t->n; i++)
		if (strlen(t->seen[i]->name) == len && strncmp(t->seen[i]->name, name, len) == 0)
			return true;
	return false;
}

/* True where the words of the row say that its value is a file, a folder, a descriptor or a
 * command line. */
static bool
reaches(const struct opt *opt)
{
	static const char *const words[] = { "FILE", "DIR", "PATH", "fd:", "LINE", "COMMAND" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (opt->arg != NULL && strstr(opt->arg, words[i]) != NULL)
			return true;
	return (opt->complete != NULL && strcmp(opt->complete, "file") == 0) ||
	    strstr(opt->help, "descriptor") != NULL || strstr(opt->help, "remove") != NULL;
}

static void
check_reach(void *arg, const struct opt_group *group, const struct opt *opt)
{
	int *n = arg;

	(void)group;
	if (reaches(opt) != (opt->reach != REACH_NOTHING))
		printf("# --%s: its row and its reach disagree\n", opt->name);
	check_int(reaches(opt), opt->reach != REACH_NOTHING);
	*n += opt->reach != REACH_NOTHING;
}

/* True where the words of the row say that it writes the file of its value. */
static bool
writes(const struct opt *opt)
{
	static const char *const words[] = { "write", "dump", "record", "append", "save" };
	bool file = opt->arg != NULL && strncmp(opt->arg, "FILE", 4) == 0;

	for (size_t i = 0; file && i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(opt->help, words[i]) != NULL)
			return true;
	return false;
}

static void
check_writes(void *arg, const struct opt_group *group, const struct opt *opt)
{
	int *n = arg;

	(void)group;
	if (writes(opt) != (opt->writes != WRITES_NOTHING))
		printf("# --%s: its row and its writes disagree\n", opt->name);
	check_int(writes(opt), opt->writes != WRITES_NOTHING);
	*n += opt->writes != WRITES_NOTHING;
}

TEST("every option that writes a file says so, for the check that nothing else uses the file")
{
	int n = 0;

	for (size_t i = 0; commands[i] != NULL; i++)
		opt_each(commands[i], check_writes, &n);
	check(n > 10);
}

TEST("every option that names a file, a descriptor or a program says what a script needs for it")
{
	int n = 0;

	for (size_t i = 0; commands[i] != NULL; i++)
		opt_each(commands[i], check_reach, &n);
	check(n > 20);
}

static const struct opt reach_rows[] = {
	{ .name = "in",
	    .kind = OPT_TEXT,
	    .offset = 0,
	    .arg = "FILE",
	    .help = "",
	    .reach = REACH_FILE },
	{ .name = "to",
	    .kind = OPT_TEXT,
	    .offset = 8,
	    .arg = "FILE|fd:N",
	    .help = "",
	    .reach = REACH_FILE_FD },
	{ .name = "key",
	    .kind = OPT_LIST,
	    .offset = 16,
	    .arg = "FILE",
	    .help = "",
	    .reach = REACH_TRUST },
	{ .name = "dump",
	    .kind = OPT_OPTIONAL_TEXT,
	    .offset = 32,
	    .arg = "FILE",
	    .help = "",
	    .reach = REACH_FILE },
	{ .name = "fd",
	    .kind = OPT_INT,
	    .offset = 40,
	    .arg = "N",
	    .help = "",
	    .max = 100,
	    .reach = REACH_FD },
	{ .name = "sh",
	    .kind = OPT_TEXT,
	    .offset = 48,
	    .arg = "LINE",
	    .help = "",
	    .reach = REACH_PROGRAM },
	{ .name = "wipe", .kind = OPT_FLAG, .offset = 56, .help = "", .reach = REACH_FILE },
};

static bool
has_seven(int fd)
{
	return fd == 7;
}

static void
check_granted(bool files, bool programs, const char *word, const char *refusal)
{
	static const struct opt_group reach_groups[] = {
		{ "", reach_rows, sizeof(reach_rows) / sizeof(reach_rows[0]), 0 },
		{ NULL, NULL, 0, 0 },
	};
	static const struct cmd reaching = { .name = "x", .groups = reach_groups, .size = 64 };
	const struct opt_grant grant = { files, programs, has_seven };
	char name[] = "x", text[64], *argv[] = { name, text, NULL };
	uint64_t values[8] = { 0 };
	struct opt_rest rest;
	struct error e = { 0 };

	snprintf(text, sizeof(text), "%s", word);
	check_int(opt_parse_script(&reaching, &grant, 2, argv, values, &rest, &e),
	    refusal == NULL ? 0 : -1);
	check_str(e.text, refusal == NULL ? "" : refusal);
	opt_free(&reaching, values);
}

TEST("a script is refused what it is not granted, with the option that would grant it")
{
	check_granted(false, false, "--in=a", "--in: not allowed without --allow-files");
	check_granted(false, true, "--in=a", "--in: not allowed without --allow-files");
	check_granted(true, false, "--in=a", NULL);
	check_granted(false, false, "--to=a", "--to: not allowed without --allow-files");
	check_granted(false, false, "--to=fd:7", NULL);
	check_granted(true, true, "--to=fd:8",
	    "--to: descriptor 8 is not one that usock was started with");
	check_granted(false, false, "--key=a", NULL);
	check_granted(false, false, "--dump", NULL);
	check_granted(false, false, "--dump=a", "--dump: not allowed without --allow-files");
	check_granted(false, false, "--fd=7", NULL);
	check_granted(true, true, "--fd=6",
	    "--fd: descriptor 6 is not one that usock was started with");
	check_granted(true, false, "--sh=a", "--sh: not allowed without --allow-exec");
	check_granted(false, true, "--sh=a", NULL);
	check_granted(false, false, "--wipe", "--wipe: not allowed without --allow-files");
}

static void
check_conflicts_of(const struct tables *t, const char *const *row)
{
	for (; row != NULL && *row != NULL; row++) {
		const char *at = *row;

		check(strchr(at, ' ') != NULL);
		while (at != NULL) {
			check(names_option(t, at, strcspn(at, " ")));
			at = strchr(at, ' ');
			at += at != NULL;
		}
	}
}

TEST("the tables of all commands are sound: values, names, letters, conflicts")
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		struct tables t = { .cmd = commands[i] };

		opt_each(commands[i], check_row, &t);
		check_conflicts_of(&t, commands[i]->conflicts);
		check_conflicts_of(&t, commands[i]->alone);
	}
}

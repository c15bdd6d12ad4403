#include "relay/dial/forward.h"

#include <time.h>

#include "base/error.h"
#include "base/log.h"
#include "test.h"

/* Replaces base/clock: a test may advance it. */
static int64_t now = NSEC_PER_SEC;

int64_t
clock_now(void)
{
	return now;
}

static char lines[1000];

static void
on_line(void *arg, enum log_level level, const char *line)
{
	size_t n = strlen(lines);

	(void)arg, (void)level;
	snprintf(lines + n, sizeof(lines) - n, "%s\n", line);
}

static const struct log to_lines = { .level = LOG_NOTE, .fn = on_line };

/* Targets "a", "b" and so on. */
struct stage {
	struct forward_target targets[4];
	struct forward forward;
};

static void
stage_open(struct stage *st, size_t n)
{
	*st = (struct stage){ .forward = { .log = &to_lines, .targets = st->targets, .n = n } };
	for (size_t i = 0; i < n; i++)
		snprintf(st->targets[i].name, sizeof(st->targets[i].name), "%c", (char)('a' + i));
	lines[0] = '\0';
}

/* Checks whose turns the next ones are. */
static void
check_turns(struct stage *st, const char *want)
{
	char got[20] = "";

	for (size_t i = 0; i < strlen(want); i++)
		got[i] = forward_take_turn(&st->forward)->name[0];
	check_str(got, want);
}

static void
leave_out(struct stage *st, size_t i)
{
	struct error e = { 0 };

	error_set(&e, ERROR_NETWORK, "connect %s: no", st->targets[i].name);
	forward_leave_out(&st->forward, &st->targets[i], &e);
}

TEST("targets take turns")
{
	struct stage st;

	stage_open(&st, 3);
	check_turns(&st, "abcabca");
	stage_open(&st, 1);
	check_turns(&st, "aaa");
}

TEST("a target that could not be reached is left out for a while, and the others share its turns")
{
	struct stage st;

	stage_open(&st, 3);
	check_turns(&st, "a");
	leave_out(&st, 1);
	check_turns(&st, "cacac");
	now += FORWARD_PAUSE - 1;
	check_turns(&st, "ac");
	now += 1;
	check_turns(&st, "abcabc");
	check_str(lines, "forward: connect b: no; b is left out for 5 s\n");
}

TEST("where all are left out each one is tried in turn")
{
	struct stage st;

	for (size_t first = 0; first < 3; first++) {
		bool tried[3] = { false };

		stage_open(&st, 3);
		st.forward.next = first;
		for (size_t i = 0; i < 3; i++)
			leave_out(&st, i);
		for (int i = 0; i < 3; i++)
			tried[forward_take_turn(&st.forward) - st.targets] = true;
		check(tried[0] && tried[1] && tried[2]);
	}
}

TEST("a client whose target is not reached gets to each of the others")
{
	/* two are left out already: from each place the three tries are of three targets */
	for (size_t first = 0; first < 3; first++) {
		bool tried[3] = { false };
		struct stage st;

		stage_open(&st, 3);
		st.forward.next = first;
		leave_out(&st, 0);
		leave_out(&st, 1);
		for (int i = 0; i < 3; i++) {
			struct forward_target *t = forward_take_turn(&st.forward);

			tried[t - st.targets] = true;
			leave_out(&st, (size_t)(t - st.targets));
		}
		check(tried[0] && tried[1] && tried[2]);
	}
}

TEST("leaving out is told once, and not of the only target")
{
	struct stage st;

	stage_open(&st, 2);
	leave_out(&st, 0);
	now += FORWARD_PAUSE / 2;
	leave_out(&st, 0);
	check_str(lines, "forward: connect a: no; a is left out for 5 s\n");
	/* the pause begins again */
	now += FORWARD_PAUSE / 2;
	check_turns(&st, "bb");
	now += FORWARD_PAUSE / 2;
	leave_out(&st, 0);
	check(strchr(lines, '\n') != strrchr(lines, '\n'));
	stage_open(&st, 1);
	leave_out(&st, 0);
	check_str(lines, "");
	check_turns(&st, "aa");
}

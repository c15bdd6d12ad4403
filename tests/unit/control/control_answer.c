#include "control/control_answer.h"

#include "base/deadline.h"
#include "base/error.h"
#include "test.h"

/* Replaces base/clock. */
int64_t
clock_now(void)
{
	return 10 * NSEC_PER_SEC;
}

static struct buf out;

static const char *
begin(void)
{
	buf_fini(&out);
	buf_init(&out, 10000);
	return "";
}

static const struct control_client client = { .id = 7,
	.peer = "127.0.0.1:1000",
	.since = 7 * NSEC_PER_SEC + NSEC_PER_SEC / 2,
	.counted = true,
	.sent = 12,
	.received = 345,
	.state = "open",
	.what = "echo" };

TEST("a client is a row below its titles, or an object")
{
	struct control_client unknown = client;
	struct control_answer a;

	begin();
	control_answer_init(&a);
	check_int(control_answer_titles(&out, NULL), 0);
	check_int(control_answer_client(&a, &client, false, NULL), 0);
	check_str(buf_text(&out, NULL),
	    "     ID PEER                          SECONDS         SENT     RECEIVED STATE       "
	    "WHAT\n");
	check_str(buf_text(&a.rows, NULL),
	    "      7 127.0.0.1:1000                    2.5           12          345 open        "
	    "echo\n");
	control_answer_fini(&a);
	control_answer_init(&a);
	unknown.counted = false;
	check_int(control_answer_client(&a, &client, true, NULL), 0);
	check_int(control_answer_client(&a, &unknown, true, NULL), 0);
	check_str(buf_text(&a.rows, NULL),
	    "{\"id\":7,\"peer\":\"127.0.0.1:1000\",\"seconds\":2.5,\"sent\":12,\"received\":345,"
	    "\"state\":\"open\",\"what\":\"echo\"}\n"
	    "{\"id\":7,\"peer\":\"127.0.0.1:1000\",\"seconds\":2.5,\"state\":\"open\","
	    "\"what\":\"echo\"}\n");
	control_answer_fini(&a);
}

TEST("counts of several processes add up, and come back as they were written")
{
	struct control_answer one = { .counts = { 1, 2, 3, 4, 5, 6, 7, INT64_MAX / 2 } }, sum;
	char *line;

	begin();
	check_int(control_answer_counts(&one, false, &out, NULL), 0);
	check_str(buf_text(&out, NULL),
	    "connected 1\naccepted 2\nrefused 3\ndenied 4\nfailed 5\nkicked 6\nsent 7\n"
	    "received 4611686018427387903\n");
	control_answer_init(&sum);
	for (line = strtok(buf_text(&out, NULL), "\n"); line != NULL; line = strtok(NULL, "\n")) {
		check(control_answer_add(&sum, line));
		check(control_answer_add(&sum, line));
	}
	check(sum.has_counts);
	check_int((intmax_t)sum.counts[COUNT_CONNECTED], 2);
	check_int((intmax_t)sum.counts[COUNT_SENT], 14);
	check_int((intmax_t)sum.counts[COUNT_RECEIVED], INT64_MAX - 1);
	begin();
	sum.state = "paused";
	check_int(control_answer_counts(&sum, true, &out, NULL), 0);
	check_str(buf_text(&out, NULL),
	    "{\"state\":\"paused\",\"connected\":2,\"accepted\":4,\"refused\":6,\"denied\":8,"
	    "\"failed\":10,\"kicked\":12,\"sent\":14,\"received\":9223372036854775806}\n");
	control_answer_fini(&sum);
}

TEST("what is no line of counts adds nothing")
{
	static const char *const lines[] = { "", "sent", "sent ", "sent x", "sent -1", "sent 1 2",
		"sent 1x", "sender 1", "state 1", " sent 1", "sent 9223372036854775808" };
	struct control_answer a;

	control_answer_init(&a);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		check(!control_answer_add(&a, lines[i]));
	check(!a.has_counts);
	check_int((intmax_t)a.counts[COUNT_SENT], 0);
	control_answer_fini(&a);
}

TEST("an output that is full is left as it was")
{
	struct control_answer a = { .state = "open" };
	struct error failure = { .text = "a reason" };

	begin();
	for (size_t room = 3; room < 60; room++) {
		buf_fini(&out);
		buf_init(&out, room);
		check_int(buf_append(&out, "abc", 3, NULL), 0);
		check_int(control_answer_counts(&a, false, &out, NULL), -1);
		check_str(buf_text(&out, NULL), "abc");
		if (control_answer_end(&failure, false, &out, NULL) < 0)
			check_str(buf_text(&out, NULL), "abc");
	}
}

TEST("the last line says whether the command succeeded")
{
	struct error failure = { .text = "no \"client\"\n7" };

	for (int json = 0; json < 2; json++) {
		const char *why = "";
		char line[200];

		begin();
		check_int(control_answer_end(NULL, json, &out, NULL), 0);
		snprintf(line, sizeof(line), "%s", buf_text(&out, NULL));
		check_int(line[strlen(line) - 1], '\n');
		line[strlen(line) - 1] = '\0';
		check(control_answer_is_end(line, &why));
		check_str(why, NULL);
		begin();
		check_int(control_answer_end(&failure, json, &out, NULL), 0);
		snprintf(line, sizeof(line), "%s", buf_text(&out, NULL));
		line[strlen(line) - 1] = '\0';
		check(strchr(line, '\n') == NULL);
		check(control_answer_is_end(line, &why));
		check_str(why, json ? "no \\\"client\\\"\\n7" : "no \"client\"\\n7");
	}
}

TEST("other lines are not the last one")
{
	static const char *const lines[] = { "", "o", "ok ", "okay", "error:", "errors: x",
		"{\"ok\":true", "{\"ok\":false}", "{\"ok\":false,\"error\":\"",
		"{\"ok\":false,\"error\":\"\"" };
	char line[100];
	const char *why;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(line, sizeof(line), "%s", lines[i]);
		check(!control_answer_is_end(line, &why));
	}
	buf_fini(&out);
}

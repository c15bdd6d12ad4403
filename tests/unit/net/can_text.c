#include <linux/can.h>

#include "base/error.h"
#include "net/can/can_text.h"
#include "test.h"

static struct canfd_frame frame;
static size_t size;
static char text[CAN_TEXT_MAX];

/* Parses and formats a text; returns the result, or the error. */
static const char *
reformat(const char *word)
{
	static struct error e;

	e.text[0] = '\0';
	if (can_text_parse(word, strlen(word), &frame, &size, &e) == -1) {
		check_int(e.code, ERROR_USAGE);
		return e.text;
	}
	return can_text_format(&frame, size, text, &e) == 0 ? text : e.text;
}

TEST("a frame with an 11-bit identifier is parsed")
{
	check_str(reformat("123#DEADBEEF"), "123#DEADBEEF");
	check_int(size, CAN_MTU);
	check_int(frame.can_id, 0x123);
	check_mem(frame.data, frame.len, "\xde\xad\xbe\xef", 4);
}

TEST("a parsed frame is formatted in capitals and without dots")
{
	check_str(reformat("7ff#"), "7FF#");
	check_str(reformat("000#00.11.22.33.44.55.66.77"), "000#0011223344556677");
	check_str(reformat("00000000#aa"), "00000000#AA");
	check_str(reformat("1fffffff#"), "1FFFFFFF#");
	check_str(reformat("123#R"), "123#R");
	check_str(reformat("123#r0"), "123#R");
	check_str(reformat("00000123#R8"), "00000123#R8");
	check_str(reformat("123##0"), "123##0");
	check_str(reformat("123##1112233"), "123##1112233");
	check_str(reformat("20000080#0000000000000000"), "20000080#0000000000000000");
}

TEST("eight digits are a 29-bit identifier, however small its value")
{
	reformat("00000123#");
	check_int(frame.can_id, 0x123 | CAN_EFF_FLAG);
	reformat("20000004#");
	check_int(frame.can_id, 0x4 | CAN_ERR_FLAG);
}

TEST("a remote request has a length and no bytes")
{
	reformat("123#R5");
	check_int(frame.can_id, 0x123 | CAN_RTR_FLAG);
	check_int(frame.len, 5);
	check_int(size, CAN_MTU);
}

TEST("CAN FD has flags, 64 bytes, and gaps between its lengths")
{
	char word[CAN_TEXT_MAX + 2] = "123##3";

	reformat("123##7");
	check_int(size, CANFD_MTU);
	check_int(frame.flags, CANFD_BRS | CANFD_ESI);
	memset(word + 6, '5', 128);
	check_str(reformat(word), word);
	check_int(frame.len, 64);
	memset(word + 6, '5', 130);
	check(strstr(reformat(word), "more than 64 bytes") != NULL);
	check_str(reformat("123##0112233445566778899"),
	    "'123##0112233445566778899' is no CAN frame: CAN FD has no frames of 9 bytes");
	check_str(reformat("123##0112233445566778899AABBCC"), "123##0112233445566778899AABBCC");
}

TEST("an invalid frame is an error that names the fault")
{
	static const char *const words[][2] = {
		{ "", "3 or 8 digits" },
		{ "#", "3 or 8 digits" },
		{ "12#", "3 or 8 digits" },
		{ "1234#", "3 or 8 digits" },
		{ "123456789#", "3 or 8 digits" },
		{ "800#", "more than 7FF" },
		{ "40000000#", "more than 1FFFFFFF" },
		{ "ffffffff#", "more than 1FFFFFFF" },
		{ "123", "a # must follow" },
		{ "123 #", "a # must follow" },
		{ "123#1", "pairs of digits" },
		{ "123#123", "pairs of digits" },
		{ "123#.11", "pairs of digits" },
		{ "123#11.", "pairs of digits" },
		{ "123#11..22", "pairs of digits" },
		{ "123#11 22", "pairs of digits" },
		{ "123#0xff", "pairs of digits" },
		{ "123#112233445566778899", "more than 8 bytes" },
		{ "123#R9", "(0-8)" },
		{ "123#R11", "(0-8)" },
		{ "123#Rx", "(0-8)" },
		{ "123##", "(0-7)" },
		{ "123##8", "(0-7)" },
		{ "123###", "(0-7)" },
		{ "123##1R", "pairs of digits" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!check(strstr(reformat(words[i][0]), words[i][1]) != NULL))
			printf("# %s: %s\n", words[i][0], reformat(words[i][0]));
}

TEST("a NUL does not end the text")
{
	struct error e;

	check_int(can_text_parse("123#\0", 5, &frame, &size, &e), -1);
}

TEST("a received message that is no frame is an error")
{
	struct canfd_frame bad = { .can_id = 1, .len = 9 };
	struct error e;

	check_int(can_text_format(&bad, CAN_MTU, text, &e), -1);
	check_int(e.code, ERROR_NETWORK);
	check_int(can_text_format(&bad, CANFD_MTU, text, &e), -1);
	bad.len = 65;
	check_int(can_text_format(&bad, CANFD_MTU, text, &e), -1);
	bad.len = 0;
	check_int(can_text_format(&bad, 15, text, &e), -1);
	check_int(can_text_format(&bad, 0, text, &e), -1);
}

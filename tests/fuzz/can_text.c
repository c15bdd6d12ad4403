/* CAN frames as text, and as they come from the kernel. */
#include <linux/can.h>

#include "fuzz.h"
#include "net/can/can_text.h"

static void
check_same(const struct canfd_frame *frame, size_t size)
{
	struct canfd_frame again;
	char text[CAN_TEXT_MAX];
	size_t again_size;

	must(can_text_format(frame, size, text, NULL) == 0);
	must(memchr(text, '\0', sizeof(text)) != NULL);
	must(can_text_parse(text, strlen(text), &again, &again_size, NULL) == 0);
	must(again_size == size && memcmp(&again, frame, sizeof(again)) == 0);
}

static void
check_text(const char *text, size_t n)
{
	struct canfd_frame frame;
	struct error e;
	size_t size;

	fuzz_stain(&e, sizeof(e));
	fuzz_stain(&frame, sizeof(frame));
	if (fuzz_succeeded(can_text_parse(text, n, &frame, &size, &e), &e)) {
		check_same(&frame, size);
	} else {
		must(e.code == ERROR_USAGE);
		must(fuzz_stained(&frame, sizeof(frame)));
	}
}

static void
check_frame(const uint8_t *data, size_t n)
{
	struct canfd_frame frame = { .can_id = 0 }, again;
	char text[CAN_TEXT_MAX];
	size_t size;
	struct error e;

	memcpy(&frame, data, n < sizeof(frame) ? n : sizeof(frame));
	fuzz_stain(&e, sizeof(e));
	if (!fuzz_succeeded(can_text_format(&frame, n, text, &e), &e)) {
		must(e.code == ERROR_NETWORK);
		return;
	}
	must(can_text_parse(text, strlen(text), &again, &size, NULL) == 0);
	must(size == n);
	check_same(&again, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 4096)
		return 0;
	check_text((const char *)data, size);
	check_frame(data, size);
	return 0;
}

#include "net/can/can_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <linux/can.h>

#include "base/error.h"
#include "base/parse.h"

#define SHORT_DIGITS 3
#define LONG_DIGITS 8
/* flags that the text has; the kernel knows FD frames by their size */
#define FD_FLAGS (CANFD_BRS | CANFD_ESI)

/* The unparsed rest of a text. */
struct rest {
	const char *at;
	size_t n;
};

static bool
skip_char(struct rest *r, char c)
{
	if (r->n == 0 || r->at[0] != c)
		return false;
	r->at++;
	r->n--;
	return true;
}

/* Consumes a hexadecimal digit and returns its value; -1 when there is none. */
static int
consume_digit(struct rest *r)
{
	int value = r->n > 0 ? parse_hex_digit(r->at[0]) : -1;

	if (value >= 0) {
		r->at++;
		r->n--;
	}
	return value;
}

static int
parse_id(struct rest *r, canid_t *ret_id, struct error *e)
{
	canid_t id = 0;
	int digits = 0, value;

	while (digits <= LONG_DIGITS && (value = consume_digit(r)) >= 0) {
		id = id << 4 | (canid_t)value;
		digits++;
	}
	if (digits != SHORT_DIGITS && digits != LONG_DIGITS)
		return error_set(e, ERROR_USAGE, "the identifier must have 3 or 8 digits");
	if (digits == SHORT_DIGITS && id > CAN_SFF_MASK)
		return error_set(e, ERROR_USAGE, "identifier %03X is more than 7FF", id);
	if (digits == LONG_DIGITS && id > (CAN_EFF_MASK | CAN_ERR_FLAG))
		return error_set(e, ERROR_USAGE, "identifier %08X is more than 1FFFFFFF", id);
	if (digits == LONG_DIGITS && !(id & CAN_ERR_FLAG))
		id |= CAN_EFF_FLAG;
	*ret_id = id;
	return 0;
}

/* Parses bytes up to the end of the text. */
static int
parse_data(struct rest *r, struct canfd_frame *f, size_t max, struct error *e)
{
	int high, low;

	while (r->n > 0) {
		if (f->len > 0)
			(void)skip_char(r, '.');
		high = consume_digit(r);
		low = consume_digit(r);
		if (high < 0 || low < 0)
			return error_set(e, ERROR_USAGE, "the data must be pairs of digits");
		if (f->len == max)
			return error_set(e, ERROR_USAGE, "more than %zu bytes", max);
		f->data[f->len++] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static bool
is_fd_length(size_t len)
{
	static const unsigned char lengths[] = { 12, 16, 20, 24, 32, 48, 64 };

	return len <= CAN_MAX_DLEN || memchr(lengths, (int)len, sizeof(lengths)) != NULL;
}

static int
parse_fd(struct rest *r, struct canfd_frame *f, struct error *e)
{
	int flags = consume_digit(r);

	if (flags < 0 || flags > (FD_FLAGS | CANFD_FDF))
		return error_set(e, ERROR_USAGE, "a digit of flags (0-7) must follow ##");
	f->flags = (uint8_t)flags & FD_FLAGS;
	if (parse_data(r, f, CANFD_MAX_DLEN, e) == -1)
		return -1;
	if (!is_fd_length(f->len))
		return error_set(e, ERROR_USAGE, "CAN FD has no frames of %u bytes", f->len);
	return 0;
}

static int
parse_rtr(struct rest *r, struct canfd_frame *f, struct error *e)
{
	int len = consume_digit(r);

	f->can_id |= CAN_RTR_FLAG;
	if (len > CAN_MAX_DLEN || r->n > 0)
		return error_set(e, ERROR_USAGE, "only a length (0-8) may follow #R");
	f->len = len > 0 ? (uint8_t)len : 0;
	return 0;
}

static int
parse_frame(struct rest *r, struct canfd_frame *f, size_t *ret_size, struct error *e)
{
	*ret_size = CAN_MTU;
	if (parse_id(r, &f->can_id, e) == -1)
		return -1;
	if (!skip_char(r, '#'))
		return error_set(e, ERROR_USAGE, "a # must follow the identifier");
	if (skip_char(r, '#')) {
		*ret_size = CANFD_MTU;
		return parse_fd(r, f, e);
	}
	if (skip_char(r, 'R') || skip_char(r, 'r'))
		return parse_rtr(r, f, e);
	return parse_data(r, f, CAN_MAX_DLEN, e);
}

int
can_text_parse(const char *text, size_t n, struct canfd_frame *ret_frame, size_t *ret_size,
    struct error *e)
{
	struct rest r = { .at = text, .n = n };
	struct canfd_frame frame = { .can_id = 0 };
	size_t size;

	if (parse_frame(&r, &frame, &size, e) == -1)
		return error_prefix(e, "'%.*s' is no CAN frame", n < 80 ? (int)n : 80, text);
	*ret_frame = frame;
	*ret_size = size;
	return 0;
}

int
can_text_format(const struct canfd_frame *frame, size_t size, char text[CAN_TEXT_MAX],
    struct error *e)
{
	bool fd = size == CANFD_MTU;
	bool wide = (frame->can_id & (CAN_EFF_FLAG | CAN_ERR_FLAG)) != 0;
	canid_t id = frame->can_id & (wide ? CAN_EFF_MASK | CAN_ERR_FLAG : CAN_SFF_MASK);
	size_t at, i;

	if (!fd && size != CAN_MTU)
		return error_set(e, ERROR_NETWORK, "%zu bytes are no CAN frame", size);
	if (fd ? !is_fd_length(frame->len) : frame->len > CAN_MAX_DLEN)
		return error_set(e, ERROR_NETWORK, "a CAN frame says it has %u bytes", frame->len);
	at = (size_t)snprintf(text, CAN_TEXT_MAX, wide ? "%08X#" : "%03X#", id);
	if (fd) {
		at +=
		    (size_t)snprintf(text + at, CAN_TEXT_MAX - at, "#%X", frame->flags & FD_FLAGS);
	} else if (frame->can_id & CAN_RTR_FLAG) {
		snprintf(text + at, CAN_TEXT_MAX - at, frame->len > 0 ? "R%u" : "R", frame->len);
		return 0;
	}
	for (i = 0; i < frame->len; i++)
		at += (size_t)snprintf(text + at, CAN_TEXT_MAX - at, "%02X", frame->data[i]);
	return 0;
}

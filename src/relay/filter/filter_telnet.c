/* Telnet option negotiation (RFC 854, 855): every option is refused. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "relay/filter/filter.h"

enum { IAC = 255, DONT = 254, DO = 253, WONT = 252, WILL = 251, SB = 250, SE = 240 };

enum state { DATA, COMMAND, OPTION, SUB, SUB_IAC };

struct telnet {
	struct filter filter;
	enum state state;
	unsigned char verb;
	struct buf *replies;
	struct filter *seen;
};

static int
refuse_option(struct telnet *t, unsigned char option, struct error *e)
{
	unsigned char reply[3] = { IAC, 0, option };

	if (t->verb == DO)
		reply[1] = WONT;
	else if (t->verb == WILL)
		reply[1] = DONT;
	else
		return 0; /* DONT and WONT need no reply: no option is on */
	if (t->seen != NULL)
		return filters_run(t->seen, (const char *)reply, sizeof reply, t->replies, e);
	return buf_append(t->replies, reply, sizeof reply, e);
}

static int
on_command(struct telnet *t, unsigned char c, struct buf *out, struct error *e)
{
	t->state = DATA;
	switch (c) {
	case IAC:
		return buf_append(out, &c, 1, e);
	case DO:
	case DONT:
	case WILL:
	case WONT:
		t->verb = c;
		t->state = OPTION;
		return 0;
	case SB:
		t->state = SUB;
		return 0;
	default:
		return 0;
	}
}

static int
on_byte(struct telnet *t, unsigned char c, struct buf *out, struct error *e)
{
	switch (t->state) {
	case DATA:
		if (c == IAC) {
			t->state = COMMAND;
			return 0;
		}
		return buf_append(out, &c, 1, e);
	case COMMAND:
		return on_command(t, c, out, e);
	case OPTION:
		t->state = DATA;
		return refuse_option(t, c, e);
	case SUB:
		if (c == IAC)
			t->state = SUB_IAC;
		return 0;
	case SUB_IAC:
		t->state = c == SE ? DATA : SUB;
		return 0;
	}
	return 0;
}

static int
telnet_in_run(struct filter *filter, const char *data, size_t n, struct buf *out, struct error *e)
{
	struct telnet *t = CONTAINER_OF(filter, struct telnet, filter);
	size_t i = 0, run;
	const char *iac;

	while (i < n) {
		if (t->state == DATA) {
			iac = memchr(data + i, IAC, n - i);
			run = iac != NULL ? (size_t)(iac - data) - i : n - i;
			if (run > 0 && buf_append(out, data + i, run, e) < 0)
				return -1;
			i += run;
			if (i == n)
				break;
		}
		if (on_byte(t, (unsigned char)data[i++], out, e) < 0)
			return -1;
	}
	return 0;
}

static int
telnet_out_run(struct filter *filter, const char *data, size_t n, struct buf *out, struct error *e)
{
	static const unsigned char iac = IAC;
	const char *end = data + n, *hit;

	(void)filter;
	while ((hit = memchr(data, IAC, (size_t)(end - data))) != NULL) {
		if (buf_append(out, data, (size_t)(hit - data) + 1, e) < 0 ||
		    buf_append(out, &iac, 1, e) < 0)
			return -1;
		data = hit + 1;
	}
	return buf_append(out, data, (size_t)(end - data), e);
}

struct filter *
filter_telnet_in(struct buf *replies, struct filter *seen, struct error *e)
{
	struct telnet *t = calloc(1, sizeof *t);

	if (t == NULL) {
		error_set(e, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	t->filter.run = telnet_in_run;
	t->replies = replies;
	t->seen = seen;
	return &t->filter;
}

struct filter *
filter_telnet_out(struct error *e)
{
	struct telnet *t = calloc(1, sizeof *t);

	if (t == NULL) {
		error_set(e, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	t->filter.run = telnet_out_run;
	return &t->filter;
}

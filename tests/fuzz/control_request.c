/* Lines of the control socket. Input: one line. */
#include "control/control_request.h"
#include "base/buf.h"
#include "fuzz.h"

static bool
same_request(const struct control_request *a, const struct control_request *b)
{
	/* a formatted time has microseconds */
	return a->verb == b->verb && a->json == b->json && a->no_header == b->no_header &&
	    a->all == b->all && a->id == b->id && a->patience / 1000 == b->patience / 1000;
}

static void
check_format(const struct control_request *rq)
{
	struct control_request again;
	struct buf out;

	buf_init(&out, CONTROL_LINE_MAX);
	must(control_request_format(rq, &out, NULL) == 0);
	must(out.len > 1 && buf_find(&out, '\n', 0) == (long)out.len - 1);
	must(control_request_parse(buf_head(&out), out.len - 1, &again, NULL) == 0);
	must(same_request(rq, &again));
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_request rq;
	struct error e;
	char *line;

	if (size > 4096)
		return 0;
	line = fuzz_text(data, size);
	fuzz_stain(&e, sizeof(e));
	if (fuzz_succeeded(control_request_parse(line, size, &rq, &e), &e))
		check_format(&rq);
	else
		must(e.code == ERROR_USAGE);
	free(line);
	return 0;
}

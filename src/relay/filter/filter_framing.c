/* Keeps records whole on a stream: bytes are passed on when a record is complete. */
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "relay/filter/filter.h"
#include "relay/filter/framing.h"

struct framing_filter {
	struct filter filter;
	struct framer framer;
	enum error_code fault; /* for a malformed record */
};

static int
put_complete(struct framing_filter *t, struct buf *out, struct error *e)
{
	struct error reason = { 0 };
	char *record;
	size_t n;
	int rc;

	while ((rc = framer_next(&t->framer, &record, &n, &reason)) > 0)
		if (framing_put(&t->framer.framing, record, n, out, e) < 0)
			return -1;
	if (rc == 0)
		return 0;
	reason.code = t->fault;
	if (e != NULL)
		*e = reason;
	return -1;
}

static int
framing_run(struct filter *filter, const char *data, size_t n, struct buf *out, struct error *e)
{
	struct framing_filter *t = CONTAINER_OF(filter, struct framing_filter, filter);

	if (framer_feed(&t->framer, data, n, e) < 0)
		return -1;
	return put_complete(t, out, e);
}

static int
framing_finish(struct filter *filter, struct buf *out, struct error *e)
{
	struct framing_filter *t = CONTAINER_OF(filter, struct framing_filter, filter);

	framer_end(&t->framer);
	return put_complete(t, out, e);
}

static void
framing_close(struct filter *filter)
{
	struct framing_filter *t = CONTAINER_OF(filter, struct framing_filter, filter);

	framer_fini(&t->framer);
	free(t);
}

struct filter *
filter_framing(const struct framing *framing, enum error_code fault, struct error *e)
{
	struct framing_filter *t = calloc(1, sizeof *t);

	if (t == NULL) {
		error_set(e, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	t->filter.run = framing_run;
	t->filter.finish = framing_finish;
	t->filter.close = framing_close;
	t->fault = fault;
	framer_init(&t->framer, framing, FRAMING_MAX);
	return &t->filter;
}

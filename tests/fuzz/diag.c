/* One datagram of the kernel's socket table. Input: the datagram behind one byte, how many sockets
 * are wanted. */
#include "status/diag.h"
#include "fuzz.h"
#include "net/addr.h"
#include "status/status.h"

struct wanted {
	unsigned n, seen;
};

static void
check_name(const struct sockname *name)
{
	char text[SOCKNAME_TEXT_MAX];

	must(name->sa.sa_family == AF_INET || name->sa.sa_family == AF_INET6);
	must(name->len > 0 && name->len <= sizeof(name->storage));
	must(sockname_format(name, text, sizeof(text))[0] != '\0');
}

static int
take(void *arg, const struct status_row *row)
{
	struct wanted *w = arg;

	must(w->seen < w->n);
	check_name(&row->local);
	check_name(&row->peer);
	must(row->local.sa.sa_family == row->peer.sa.sa_family);
	must(row->code >= TCP_CODE_CLOSED && row->code <= TCP_CODE_TIME_WAIT);
	must(status_code_name(row->code) != NULL);
	must(row->timer_left >= 0);
	return ++w->seen == w->n ? 3 : 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wanted wanted;
	struct diag_sink sink = { .fn = take, .arg = &wanted };
	struct error e;
	void *datagram;
	int rc;

	if (size < 1 || size > 32769)
		return 0;
	wanted = (struct wanted){ .n = 1U + data[0] };
	/* malloc aligns it, and the sanitizer guards its end */
	datagram = malloc(size > 1 ? size - 1 : 1);
	must(datagram != NULL);
	memcpy(datagram, data + 1, size - 1);
	fuzz_stain(&e, sizeof(e));
	rc = diag_parse(datagram, size - 1, &sink, &e);
	if (rc == -1)
		fuzz_succeeded(rc, &e);
	else
		must((rc == DIAG_MORE || rc == DIAG_DONE || rc == DIAG_MISSING) &&
		    fuzz_stained(&e, sizeof(e)));
	must(wanted.seen < wanted.n || (rc == DIAG_DONE && sink.stopped == 3));
	free(datagram);
	return 0;
}

/* One datagram of the kernel's socket table, or one line of /proc/net. Input: behind one byte, which
 * says how many sockets are wanted (6 bits), whether of unix (64), whether it is a line (128). */
#include "status/sock_diag.h"
#include "fuzz.h"
#include "net/endpoint.h"
#include "status/table.h"
#include "status/tcp_info.h"

struct wanted {
	unsigned n, seen;
};

static void
check_name(const struct sockname *name)
{
	char text[SOCKNAME_TEXT_MAX];

	must(name->sa.sa_family == AF_INET || name->sa.sa_family == AF_INET6 ||
	    name->sa.sa_family == AF_UNIX);
	must(name->len > 0 && name->len <= sizeof(name->storage));
	must(sockname_format(name, text, sizeof(text))[0] != '\0');
}

static int
take(void *arg, const struct status_row *row)
{
	struct wanted *w = arg;

	struct status_metric metrics[STATUS_METRICS];

	must(w->seen < w->n);
	must(status_metrics(row, metrics) <= STATUS_METRICS);
	must(status_state_name(row) != NULL && status_timer_name(row->timer) != NULL);
	check_name(&row->local);
	check_name(&row->peer);
	must(row->local.sa.sa_family == row->peer.sa.sa_family);
	must(row->code >= TCP_CODE_CLOSED && row->code <= TCP_CODE_TIME_WAIT);
	must(status_code_name(row->code) != NULL);
	must(row->timer_left >= 0);
	return ++w->seen == w->n ? 3 : 0;
}

static void
read_line(const uint8_t *data, size_t size, enum status_proto proto)
{
	struct wanted wanted = { .n = 2 };
	struct status_row row;
	char *line = fuzz_text(data, size);

	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		int rc = proc_net_parse(line, proto, ipv6 == 1, &row);

		must(rc == 0 || rc == 1);
		if (rc == 1)
			take(&wanted, &row);
	}
	free(line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wanted wanted;
	struct sock_diag_sink sink = { .fn = take, .arg = &wanted, .info = true };
	struct error e;
	void *datagram;
	int rc;

	if (size < 1 || size > 32769)
		return 0;
	sink.proto = (data[0] & 64) != 0 ? STATUS_UNIX : STATUS_TCP;
	if ((data[0] & 128) != 0) {
		read_line(data + 1, size - 1, sink.proto);
		return 0;
	}
	wanted = (struct wanted){ .n = 1U + (data[0] & 63) };
	/* malloc aligns it, and the sanitizer guards its end */
	datagram = malloc(size > 1 ? size - 1 : 1);
	must(datagram != NULL);
	memcpy(datagram, data + 1, size - 1);
	fuzz_stain(&e, sizeof(e));
	rc = sock_diag_parse(datagram, size - 1, &sink, &e);
	if (rc == -1)
		fuzz_succeeded(rc, &e);
	else
		must((rc == SOCK_DIAG_MORE || rc == SOCK_DIAG_DONE || rc == SOCK_DIAG_MISSING) &&
		    fuzz_stained(&e, sizeof(e)));
	must(wanted.seen < wanted.n || (rc == SOCK_DIAG_DONE && sink.stopped == 3));
	free(datagram);
	return 0;
}

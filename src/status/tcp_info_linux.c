#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "status/code.h"
#include "status/table.h"
#include "status/tcp_info.h"

/* A member of struct tcp_info, by its name in tcp(7) and linux/tcp.h plus the unit. */
struct metric {
	const char *name;
	unsigned short offset, size;
};

#define METRIC(name, member)                                                                       \
	{                                                                                          \
		name, offsetof(struct tcp_info, member), sizeof(((struct tcp_info *)NULL)->member) \
	}

static const struct metric table[] = {
	METRIC("rtt_us", tcpi_rtt),
	METRIC("rttvar_us", tcpi_rttvar),
	METRIC("min_rtt_us", tcpi_min_rtt),
	METRIC("rcv_rtt_us", tcpi_rcv_rtt),
	METRIC("rto_us", tcpi_rto),
	METRIC("ato_us", tcpi_ato),
	METRIC("pmtu_bytes", tcpi_pmtu),
	METRIC("snd_mss_bytes", tcpi_snd_mss),
	METRIC("rcv_mss_bytes", tcpi_rcv_mss),
	METRIC("advmss_bytes", tcpi_advmss),
	METRIC("snd_cwnd", tcpi_snd_cwnd),
	METRIC("snd_ssthresh", tcpi_snd_ssthresh),
	METRIC("rcv_ssthresh_bytes", tcpi_rcv_ssthresh),
	METRIC("rcv_space_bytes", tcpi_rcv_space),
	METRIC("reordering", tcpi_reordering),
	METRIC("unacked", tcpi_unacked),
	METRIC("sacked", tcpi_sacked),
	METRIC("lost", tcpi_lost),
	METRIC("retrans", tcpi_retrans),
	METRIC("total_retrans", tcpi_total_retrans),
	METRIC("retransmits", tcpi_retransmits),
	METRIC("probes", tcpi_probes),
	METRIC("backoff", tcpi_backoff),
	METRIC("last_data_sent_ms", tcpi_last_data_sent),
	METRIC("last_data_recv_ms", tcpi_last_data_recv),
	METRIC("last_ack_recv_ms", tcpi_last_ack_recv),
	METRIC("sent_bytes", tcpi_bytes_sent),
	METRIC("acked_bytes", tcpi_bytes_acked),
	METRIC("received_bytes", tcpi_bytes_received),
	METRIC("retrans_bytes", tcpi_bytes_retrans),
	METRIC("notsent_bytes", tcpi_notsent_bytes),
	METRIC("segs_out", tcpi_segs_out),
	METRIC("segs_in", tcpi_segs_in),
	METRIC("data_segs_out", tcpi_data_segs_out),
	METRIC("data_segs_in", tcpi_data_segs_in),
	METRIC("delivered", tcpi_delivered),
	METRIC("dsack_dups", tcpi_dsack_dups),
	METRIC("reord_seen", tcpi_reord_seen),
	METRIC("pacing_rate_bytes_s", tcpi_pacing_rate),
	METRIC("delivery_rate_bytes_s", tcpi_delivery_rate),
	METRIC("busy_time_us", tcpi_busy_time),
	METRIC("rwnd_limited_us", tcpi_rwnd_limited),
	METRIC("sndbuf_limited_us", tcpi_sndbuf_limited),
	METRIC("snd_wnd_bytes", tcpi_snd_wnd),
};

_Static_assert(ARRAY_LEN(table) <= STATUS_METRICS, "STATUS_METRICS is too small");

static uint64_t
read_value(const unsigned char *at, size_t size)
{
	uint32_t word;
	uint64_t value;

	switch (size) {
	case sizeof(word):
		memcpy(&word, at, sizeof(word));
		return word;
	case sizeof(value):
		memcpy(&value, at, sizeof(value));
		return value;
	default:
		return *at;
	}
}

/* It has its queue and its backlog in members that mean something else for a connection. */
static bool
is_listener(const unsigned char *info)
{
	int state = info[offsetof(struct tcp_info, tcpi_state)];

	return status_code_of_linux(state) == TCP_CODE_LISTEN;
}

size_t
status_metrics(const struct status_row *row, struct status_metric metrics[STATUS_METRICS])
{
	const unsigned char *info = row->info;
	uint64_t value;
	size_t n = 0;

	if (info == NULL || row->info_len == 0 || is_listener(info))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		const struct metric *m = &table[i];

		/* older kernels have fewer members */
		if ((size_t)m->offset + m->size > row->info_len)
			continue;
		value = read_value(info + m->offset, m->size);
		/* a rate without a limit */
		if (value != UINT64_MAX)
			metrics[n++] = (struct status_metric){ m->name, value };
	}
	return n;
}

size_t
status_metrics_of(int fd, struct status_metric metrics[STATUS_METRICS])
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	struct status_row row = { .info = &info };

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return 0;
	row.info_len = len;
	return status_metrics(&row, metrics);
}

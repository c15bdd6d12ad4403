#include "relay/capture/dialogue_pcap.h"

#include "capture_file.h"
#include "relay/capture/ip_packet.h"
#include "test.h"

static struct buf file;
static struct dialogue_pcap pcap;
static char types[256];

static void
open_pcap(bool wire, bool awaits_secrets)
{
	const struct dialogue_header header = { .started = 1000000, .command = "test" };

	buf_init(&file, 1 << 20);
	pcap = (struct dialogue_pcap){ .wire = wire, .awaits_secrets = awaits_secrets };
	check_int(dialogue_pcap_open(&pcap, &header, write_capture_file, &file, NULL), 0);
}

static void
add(struct dialogue_event event)
{
	event.connection = 1;
	event.local = "tcp:127.0.0.1:4000";
	event.peer = "tcp:127.0.0.1:443";
	event.n = event.data != NULL ? strlen(event.data) : 0;
	check_int(dialogue_pcap_event(&pcap, &event, NULL), 0);
}

static const char *
blocks_so_far(void)
{
	types_of_blocks(&file, types);
	return types;
}

static void
close_pcap(void)
{
	check_int(dialogue_pcap_close(&pcap, NULL), 0);
	buf_fini(&file);
}

TEST("a connection is a handshake, its data and its ends")
{
	static struct segment segments[SEGMENTS_MAX];
	size_t n, bytes = 0;

	open_pcap(false, false);
	add((struct dialogue_event){ .kind = DIALOGUE_OPEN });
	add((struct dialogue_event){ .data = "hello", .dir = DIALOGUE_SENT });
	add((struct dialogue_event){ .kind = DIALOGUE_END, .dir = DIALOGUE_RECEIVED });
	add((struct dialogue_event){ .kind = DIALOGUE_CLOSE });
	n = segments_of_file(&file, segments);
	require(n >= 3);
	check_int(segments[0].flags, TCP_SYN);
	for (size_t i = 0; i < n; i++)
		bytes += segments[i].n;
	check_int(bytes, 5);
	close_pcap();
}

TEST("packets wait until the secrets of their connection are written")
{
	open_pcap(true, true);
	add((struct dialogue_event){ .kind = DIALOGUE_OPEN });
	add((struct dialogue_event){ .data = "handshake", .dir = DIALOGUE_SENT });
	check_str(blocks_so_far(), "si");
	add((struct dialogue_event){ .kind = DIALOGUE_SECRET, .text = "CLIENT_RANDOM 00 11" });
	check_str(blocks_so_far(), "sik");
	check_int(dialogue_pcap_release(&pcap, 1, NULL), 0);
	check_str(blocks_so_far(), "sikppppp");
	add((struct dialogue_event){ .data = "more", .dir = DIALOGUE_RECEIVED });
	check(strlen(blocks_so_far()) > strlen("sikppppp"));
	close_pcap();
}

TEST("a connection that is over waits for no secrets, and neither does the end of the file")
{
	open_pcap(true, true);
	add((struct dialogue_event){ .kind = DIALOGUE_OPEN });
	add((struct dialogue_event){ .data = "hello", .dir = DIALOGUE_SENT });
	add((struct dialogue_event){ .kind = DIALOGUE_CLOSE });
	check(strlen(blocks_so_far()) > 5);
	close_pcap();
}

TEST("a recording, whose bytes were inside TLS, has no secrets, and a port without TLS")
{
	static struct segment segments[SEGMENTS_MAX];

	open_pcap(false, false);
	add((struct dialogue_event){ .kind = DIALOGUE_OPEN });
	add((struct dialogue_event){ .kind = DIALOGUE_TLS, .version = "TLSv1.3" });
	add((struct dialogue_event){ .kind = DIALOGUE_SECRET, .text = "CLIENT_RANDOM 00 11" });
	add((struct dialogue_event){ .data = "GET /", .dir = DIALOGUE_SENT });
	check(strchr(blocks_so_far(), 'k') == NULL);
	require(segments_of_file(&file, segments) > 3);
	check_int(segments[0].to, 80);
	close_pcap();
}

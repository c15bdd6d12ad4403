/* The text of a --session file, which may be damaged, or of another version: it is taken or it is not,
 * and the connection goes on. Input: an odd first byte puts the right first line in front of the rest, as a session that was kept has it. */
#include "fuzz.h"
#include "stream/fd.h"
#include "stream/mbedtls/conn.h"
#include "stream/mbedtls/session.h"

static const struct tls_how how = { .role = TLS_CLIENT, .insecure = true };
static struct tls *tls;

static struct stream *
open_client(void)
{
	struct stream *lower, *client;

	if (tls == NULL)
		must(tls_open(&tls, &how, NULL) == 0);
	must(fd_stream_null(&lower, NULL) == 0);
	must(tls_stream(&client, tls, lower, "host.test", NULL) == 0);
	return client;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stream *client;
	char line[512], *text;
	size_t head = 0;

	if (size == 0)
		return 0;
	client = open_client();
	if (data[0] % 2 == 1)
		head = (size_t)tls_mbed_session_head((struct tls_conn *)client, line, sizeof(line));
	/* of its own size, so that the sanitizer sees a read behind it */
	text = malloc(head + size - 1);
	must(text != NULL || head + size == 1);
	if (head > 0)
		memcpy(text, line, head);
	if (size > 1)
		memcpy(text + head, data + 1, size - 1);
	tls_mbed_session_load((struct tls_conn *)client, text, head + size - 1);
	stream_close(client);
	free(text);
	return 0;
}

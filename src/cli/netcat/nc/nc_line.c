#include "cli/netcat/nc/nc_line.h"

#include <string.h>

#include "cli/netcat/nc/nc_args.h"
#include "cli/netcat/nc/nc_ports.h"
#include "cli/netcat/nc/nc_tls.h"
#include "cli/netcat/usock_line.h"

/* What one read(2) of nc returns at most, and so the longest datagram that it sends. */
#define READ_FRAMING "read=16384"

/* A server of datagrams that hears every sender. */
static bool
hears_all(const struct nc *nc)
{
	return nc_args_is_datagrams(nc) && nc_args_listens(nc) && GIVEN(nc, 'k');
}

/* True with -q of 0 and more. */
static bool
has_timer(const struct nc *nc)
{
	const char *quit = foreign_value(&nc->args, 'q');

	return quit != NULL && quit[0] != '-' && !hears_all(nc);
}

/* True where the end of the input starts the timer. A client of a stream waits for the peer's end, however long that
 * takes. */
static bool
quits(const struct nc *nc)
{
	return has_timer(nc) && (nc_args_is_datagrams(nc) || nc_args_listens(nc));
}

/* True where our side ends with the input. */
static bool
ends_at_once(const struct nc *nc)
{
	return has_timer(nc) || GIVEN(nc, 'N');
}

/* The timer of the end of input, and what becomes of our side then. */
static void
add_end_options(const struct nc *nc, struct usock_line *line)
{
	if (!nc_args_is_datagrams(nc) && ends_at_once(nc))
		usock_line_add_words(line, "--half-close 0", NULL);
	else if (!nc_args_is_datagrams(nc))
		usock_line_add(line, "--no-half-close");
	if (!nc_args_is_datagrams(nc) && !nc_args_listens(nc))
		usock_line_add(line, "--half-open");
	if (quits(nc))
		usock_line_add_words(line, "--quit-after %", foreign_value(&nc->args, 'q'));
	else if (nc_args_is_datagrams(nc) && !hears_all(nc))
		usock_line_add_words(line, "--after-eof none", NULL);
	if (nc_args_is_datagrams(nc))
		usock_line_add(line, "--framing=" READ_FRAMING);
}

static void
add_timeout(const struct nc *nc, struct usock_line *line)
{
	const char *seconds = foreign_value(&nc->args, 'w');
	bool zero = seconds != NULL && seconds[strspn(seconds, "0")] == '\0';

	if (seconds == NULL)
		return;
	if (!nc_args_listens(nc) && !zero)
		usock_line_add_words(line, "--connect-timeout %", seconds);
	/* it leaves when nothing can be moved at once */
	if (nc_args_relays(nc))
		usock_line_add_words(line, "--idle-timeout %", zero ? "1ms" : seconds);
}

static void
add_proxy(const struct nc *nc, struct usock_line *line)
{
	if (nc->proxy_host[0] != '\0')
		usock_line_add_proxy(line, nc_args_proxy_scheme(nc), nc->login, nc->proxy_host,
		    nc->proxy_port);
}

static void
add_unix_address(const struct nc *nc, struct usock_line *line)
{
	const char *source = foreign_value(&nc->args, 's');

	if (nc_args_listens(nc) && nc->host[0] != '@') {
		usock_line_add(line, "--unlink");
		usock_line_add_mode(line);
	}
	if (!nc_args_listens(nc) && nc_args_is_datagrams(nc) && source != NULL)
		usock_line_add(line, "--source=unix:%s", source);
	usock_line_add(line, "unix:%s", nc->host);
}

/* A port alone is one of IPv4, unless -6 asks for both families. */
static void
add_listening_address(const struct nc *nc, struct usock_line *line)
{
	usock_line_add(line, "--reuse-port");
	if (nc->host == NULL && !GIVEN(nc, '6') && !GIVEN(nc, '4'))
		usock_line_add(line, "-4");
	if (nc->host != NULL && GIVEN(nc, '6'))
		usock_line_add(line, "-6");
	if (nc->host != NULL)
		usock_line_add_host(line, nc->host);
	usock_line_add(line, "%s", nc->ports[0]);
}

/* Returns the mode where standard input is not read. */
static unsigned
silence_of(const struct nc *nc)
{
	return nc_args_relays(nc) && GIVEN(nc, 'd') ? FOREIGN_SILENT : 0;
}

/* Options that need more than their row. */
static void
add_options(const struct nc *nc, struct usock_line *line)
{
	const char *source = foreign_value(&nc->args, 's');

	usock_line_add_options(line, &nc->args, nc->mode | silence_of(nc));
	if (nc->key_file[0] != '\0' && !nc_args_is_unix(nc))
		usock_line_add_words(line, "--md5-file %", nc->key_file);
	if (nc->tls.tos != NULL && !nc_args_is_unix(nc))
		usock_line_add_words(line, "--tos %", nc->tls.tos);
	nc_tls_add(nc, line);
	add_timeout(nc, line);
	if (nc_args_relays(nc))
		add_end_options(nc, line);
	if (hears_all(nc))
		usock_line_add(line, "-k");
	else if (nc_args_listens(nc) && GIVEN(nc, 'k') && !quits(nc))
		/* the timer ends nc, and so the server */
		usock_line_add_words(line, "-k --serial", NULL);
	else if (nc_args_listens(nc) && nc_args_is_datagrams(nc))
		usock_line_add(line, "--first-sender");
	if (!nc_args_listens(nc) && !nc_args_is_unix(nc) && source != NULL)
		usock_line_add_words(line, "--source %", source);
	add_proxy(nc, line);
}

void
nc_line_make(const struct nc *nc, const struct nc_ports *ports, struct usock_line *line)
{
	usock_line_add(line, nc_args_listens(nc) ? "listen" : "connect");
	if ((nc->mode & FOREIGN_SCAN) != 0 && !GIVEN(nc, 'z'))
		usock_line_add(line, "--scan");
	add_options(nc, line);
	if (nc_args_is_unix(nc)) {
		add_unix_address(nc, line);
	} else if (nc_args_listens(nc)) {
		add_listening_address(nc, line);
	} else {
		usock_line_add_host(line, nc->host);
		usock_line_add(line, ports->lo == ports->hi ? "%u" : "%u-%u", ports->lo, ports->hi);
	}
}

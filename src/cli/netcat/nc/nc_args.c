#include "cli/netcat/nc/nc_args.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

unsigned
nc_args_mode(const struct nc *nc)
{
	bool scans = GIVEN(nc, 'z');

	return (GIVEN(nc, 'c') ? FOREIGN_TLS : 0) |
	    (GIVEN(nc, 'l') ? FOREIGN_LISTEN : FOREIGN_CONNECT) |
	    (GIVEN(nc, 'U') ? FOREIGN_UNIX : FOREIGN_INET) | (GIVEN(nc, 'k') ? FOREIGN_KEEPS : 0) |
	    (GIVEN(nc, 'w') ? FOREIGN_TIMED : 0) | (GIVEN(nc, 'u') ? FOREIGN_UDP : 0) |
	    (scans                   ? FOREIGN_SCAN
		    : GIVEN(nc, 'u') ? FOREIGN_DATAGRAM
				     : FOREIGN_STREAM);
}

void
nc_args_settle_family(struct nc *nc)
{
	struct foreign_args *args = &nc->args;
	ptrdiff_t last = -1, at;

	for (size_t i = 0; i < args->n_given; i++) {
		at = args->given[i].opt - args->program->opts;
		if (args->given[i].opt->letter != '4' && args->given[i].opt->letter != '6')
			continue;
		if (last >= 0 && last != at)
			args->counts[last] = 0;
		last = at;
		args->counts[at] = 1;
	}
}

bool
nc_args_is_unix(const struct nc *nc)
{
	return (nc->mode & FOREIGN_UNIX) != 0;
}

bool
nc_args_listens(const struct nc *nc)
{
	return (nc->mode & FOREIGN_LISTEN) != 0;
}

bool
nc_args_is_datagrams(const struct nc *nc)
{
	return GIVEN(nc, 'u');
}

bool
nc_args_is_tls(const struct nc *nc)
{
	return (nc->mode & FOREIGN_TLS) != 0;
}

bool
nc_args_relays(const struct nc *nc)
{
	return (nc->mode & FOREIGN_SCAN) == 0 && !GIVEN(nc, 'F');
}

const char *
nc_args_proxy_scheme(const struct nc *nc)
{
	const char *word = foreign_value(&nc->args, 'X');

	if (word == NULL || strcmp(word, "5") == 0)
		return "socks5h";
	if (strcmp(word, "4") == 0)
		return "socks4";
	return strcasecmp(word, "connect") == 0 ? "http" : NULL;
}

/* The path of a unix socket stands alone, and so may the port to listen on. */
static bool
is_alone(const struct nc *nc)
{
	bool answers = nc_args_is_unix(nc) && nc_args_is_datagrams(nc) && !nc_args_listens(nc);

	return nc->args.n_operands == 1 && !GIVEN(nc, 'p') && (!GIVEN(nc, 's') || answers);
}

bool
nc_args_take_operands(struct nc *nc)
{
	static char *source_port[2];
	char **operands = nc->args.operands;
	int n = nc->args.n_operands;

	if (n == 0 && nc_args_listens(nc)) {
		source_port[0] = (char *)foreign_value(&nc->args, 'p');
		nc->ports = source_port;
		nc->host = foreign_value(&nc->args, 's');
	} else if (is_alone(nc)) {
		nc->host = nc_args_is_unix(nc) ? operands[0] : NULL;
		nc->ports = !nc_args_is_unix(nc) && nc_args_listens(nc) ? operands : NULL;
	} else if (n >= 2) {
		if (nc_args_listens(nc) && (GIVEN(nc, 'p') || GIVEN(nc, 's') || n > 2))
			return false;
		nc->host = operands[0];
		nc->ports = operands + 1;
	} else {
		return false;
	}
	return true;
}

#include "cli/netcat/ncat/ncat_args.h"

#include "base/array.h"

#define DEFAULT_PORT "31337"

bool
ncat_args_listens(const struct ncat *nc)
{
	return (nc->mode & FOREIGN_LISTEN) != 0;
}

bool
ncat_args_is_unix(const struct ncat *nc)
{
	return (nc->mode & FOREIGN_UNIX) != 0;
}

bool
ncat_args_is_datagrams(const struct ncat *nc)
{
	return (nc->mode & FOREIGN_DATAGRAM) != 0;
}

bool
ncat_args_is_proxy(const struct ncat *nc)
{
	return ncat_args_listens(nc) && NAMED(nc, "proxy-type");
}

bool
ncat_args_brokers(const struct ncat *nc)
{
	return NAMED(nc, "broker") || NAMED(nc, "chat");
}

bool
ncat_args_has_program(const struct ncat *nc)
{
	return NAMED(nc, "exec") || NAMED(nc, "sh-exec");
}

/* Each option about TLS asks for TLS. */
bool
ncat_args_is_tls(const struct ncat *nc)
{
	static const char *const names[] = { "ssl", "ssl-cert", "ssl-key", "ssl-verify",
		"ssl-trustfile", "ssl-ciphers", "ssl-servername", "ssl-alpn" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (NAMED(nc, names[i]))
			return true;
	return false;
}

bool
ncat_args_probes(const struct ncat *nc)
{
	return GIVEN(nc, 'z') && (ncat_args_is_tls(nc) || NAMED(nc, "proxy"));
}

unsigned
ncat_args_mode(const struct ncat *nc)
{
	bool server = NAMED(nc, "listen") || NAMED(nc, "broker");
	unsigned how = GIVEN(nc, 'z') && !ncat_args_probes(nc) ? FOREIGN_SCAN
	    : NAMED(nc, "udp")                                 ? FOREIGN_DATAGRAM
							       : FOREIGN_STREAM;

	return how | (server ? FOREIGN_LISTEN : FOREIGN_CONNECT) |
	    (NAMED(nc, "unixsock") ? FOREIGN_UNIX : 0) |
	    (NAMED(nc, "unixsock") || NAMED(nc, "vsock") ? 0 : FOREIGN_INET) |
	    (NAMED(nc, "keep-open") || NAMED(nc, "proxy-type") || ncat_args_brokers(nc)
		    ? FOREIGN_KEEPS
		    : 0) |
	    (NAMED(nc, "udp") ? FOREIGN_UDP : 0) | (ncat_args_is_tls(nc) ? FOREIGN_TLS : 0) |
	    (NAMED(nc, "test") ? FOREIGN_TESTED : 0);
}

const char *
ncat_args_port(const struct ncat *nc)
{
	return nc->port != NULL ? nc->port : DEFAULT_PORT;
}

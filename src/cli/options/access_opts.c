#include "cli/options/access_opts.h"

#include <stddef.h>

const struct opt access_rows[N_ACCESS] = {
	{ .name = "allow",
	    .kind = OPT_LIST,
	    .offset = offsetof(struct access_opts, allow),
	    .arg = "WHO",
	    .complete = "host",
	    .help = "serve only these: an address, CIDR, A-B, octets, host, uid:U, gid:G or @FILE; "
		    "repeatable" },
	{ .name = "deny",
	    .kind = OPT_LIST,
	    .offset = offsetof(struct access_opts, deny),
	    .arg = "WHO",
	    .complete = "host",
	    .help = "serve nobody of these; wins over --allow; repeatable" },
	{ .name = "proxy-protocol",
	    .kind = OPT_OPTIONAL_TEXT,
	    .offset = offsetof(struct access_opts, proxy_protocol),
	    .arg = "LIST",
	    .complete = "host",
	    .help = "read a PROXY header, which names the client, from these peers, or from all" },
};

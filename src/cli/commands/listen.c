#include <stddef.h>

#include "cli/commands/script/listen_script.h"
#include "cli/core/cmd.h"
#include "cli/listen/listen_command.h"
#include "cli/listen/listen_opts.h"

static int
listen_run(const struct cmd *cmd, void *values, const struct opt_rest *rest)
{
	return listen_command_run(cmd->name, values, rest);
}

const struct cmd cmd_listen = {
	.name = "listen",
	.summary = "accept connections and serve them",
	.operands = "ADDRESS [-- PROGRAM ARG...]",
	.about = "Listens on ADDRESS (a PORT alone: both families; HOST PORT, host:port,\n"
		 "unix:/path, unix:@name), accepts one client, connects it to standard input and\n"
		 "output, and exits when the connection ends. With port 0 the kernel chooses a\n"
		 "port, which is reported.\n"
		 "\n"
		 "With -k it serves clients until it is ended. Each client is connected to a\n"
		 "program after --, or to one of --sh, --echo, --discard and --send; to another\n"
		 "server with --forward, or as a proxy with --proxy-server; otherwise the data of\n"
		 "all clients goes to standard output.\n"
		 "\n"
		 "--reserve needs no ADDRESS, or a HOST.\n"
		 "\n"
		 "With -u it receives datagrams of every sender, and answers each.",
	.examples =
	    "usock listen 8080 > upload.bin                    # one client's bytes\n"
	    "usock listen -k 7000 --echo                       # an echo server\n"
	    "usock listen -k localhost 8080 -- ./handler       # a program for each client\n"
	    "usock listen -k unix:/tmp/log.sock >> log         # what everybody writes\n"
	    "usock listen -k --framing line 514 >> log         # ... in whole lines\n"
	    "tail -f log | usock listen -k --broadcast-input 0  # to everybody\n"
	    "usock listen -k --script mock.us 8080             # a script for each client\n"
	    "usock listen -k --broker --framing line 7000      # each to all others\n"
	    "usock listen -k --chat 7000                       # ... with names\n"
	    "usock listen -k 8080 --forward localhost:80       # a way to another server\n"
	    "usock listen -k 1080 --proxy-server socks         # a SOCKS proxy\n"
	    "usock listen -u --print-sender 5140               # every sender's datagrams\n"
	    "usock listen -k --ws --echo 8080                  # WebSocket, for a browser\n"
	    "usock listen -k --tls --self-signed 4433 --echo   # TLS for a try\n"
	    "usock listen -k --dtls --cert a.pem 5684 --echo   # datagrams, encrypted\n"
	    "usock listen -k --allow 10.0.0.0/8 8080 -- ./handler  # for one network\n"
	    "usock listen --ready-file addr 127.0.0.1 0 &      # a test's server\n"
	    "usock listen --while 'make check' --echo 0        # ... for one command\n"
	    "usock listen --background --once 3 --echo 0       # ... of three clients\n"
	    "usock listen --listen-fds 8080 -- ./server        # socket activation\n"
	    "usock listen --reserve=2                          # two free ports\n",
	.groups = listen_groups,
	.conflicts = listen_conflicts,
	.alone = listen_alone,
	.size = sizeof(struct listen_opts),
	.defaults = listen_opts_defaults,
	.run = listen_run,
	.script = listen_script,
	.not_in_script = listen_not_in_script,
};

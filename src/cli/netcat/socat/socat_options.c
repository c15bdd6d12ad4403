#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "cli/netcat/socat/socat_words.h"

/* Where an option has a meaning. */
#define ON_CLIENT(text) [SOCAT_CLIENT] = (text)
#define ON_SERVER(text) [SOCAT_SERVER] = (text)
#define ON_SOCKETS(text) ON_CLIENT(text), ON_SERVER(text)
#define ON_PROGRAMS(text) [SOCAT_PROGRAM] = (text), [SOCAT_SHELL] = (text)
#define ON_STDIO(text) [SOCAT_STDIO] = (text)
#define ON_FILES(text) [SOCAT_FILE] = (text), [SOCAT_ECHO] = (text)
#define ON_ALL(text) ON_SOCKETS(text), ON_PROGRAMS(text), ON_STDIO(text), ON_FILES(text)

#define SOCKOPT(option, text)                                                                      \
	{                                                                                          \
		option, { ON_SOCKETS("--sockopt " text) }, NULL, NULL                              \
	}
#define REFUSED(option, text)                                                                      \
	{                                                                                          \
		option, { NULL }, NULL, (text)                                                     \
	}

#define OTHER_USER "usock does not change its user: setpriv --reuid USER usock ..."
#define LOCK "a lock for the command: flock FILE usock ..."

/* The options that people use with addresses; see socat(1), ADDRESS OPTIONS. */
static const struct socat_option options[] = {
	/* the life of a server */
	{ "fork", { ON_SERVER("-k"), ON_CLIENT(NULL) }, NULL, "usock connect --reconnect" },
	{ "reuseaddr so-reuseaddr", { ON_SOCKETS("") }, NULL, NULL },
	{ "reuseport so-reuseport", { ON_SOCKETS("--reuse-port") }, NULL, NULL },
	{ "max-children", { ON_SERVER("--max-clients %") }, NULL, NULL },
	{ "backlog", { ON_SERVER("--backlog %") }, NULL, NULL },
	{ "accept-timeout listen-timeout", { ON_SERVER("--accept-timeout %") }, NULL, NULL },
	{ "range", { ON_SERVER("--allow %") }, NULL, NULL },
	REFUSED("tcpwrap tcpwrappers allow-table deny-table",
	    "usock listen --allow WHO, --deny WHO"),
	/* addresses */
	{ "bind", { ON_SOCKETS("") }, NULL, NULL },
	{ "sourceport sp", { ON_CLIENT("--source-port %") }, NULL, NULL },
	{ "pf protocol-family", { ON_SOCKETS("") }, NULL, NULL },
	{ "ipv6only ipv6-v6only v6only", { ON_SERVER("") }, NULL, NULL },
	{ "interface if so-bindtodevice", { ON_SOCKETS("--interface %") }, NULL, NULL },
	{ "ip-add-membership add-membership membership ipv6-join-group join-group",
	    { ON_SOCKETS("") }, NULL, NULL },
	{ "connect-timeout", { ON_CLIENT("--connect-timeout %") }, NULL, NULL },
	{ "retry", { ON_CLIENT("--retry %") }, NULL, NULL },
	{ "forever", { ON_CLIENT("--retry 1000000") }, NULL, NULL },
	{ "interval intervall", { ON_CLIENT("--retry-interval %") }, NULL, NULL },
	/* unix paths */
	{ "mode perm", { ON_SERVER("--mode %"), ON_CLIENT(NULL) }, NULL, "chmod(1)" },
	{ "user uid owner", { ON_SERVER("--user %") }, NULL, "chown(1)" },
	{ "group gid", { ON_SERVER("--group %") }, NULL, "chgrp(1)" },
	{ "unlink-early unlink", { ON_SERVER("--unlink") }, NULL, NULL },
	{ "unlink-close", { ON_SOCKETS("") }, NULL, NULL },
	REFUSED("umask", "the umask of the shell: (umask 077; usock ...), or --mode"),
	/* the socket */
	SOCKOPT("nodelay tcp-nodelay", "TCP_NODELAY=1"),
	SOCKOPT("keepalive so-keepalive", "SO_KEEPALIVE=1"),
	SOCKOPT("keepidle tcp-keepidle", "TCP_KEEPIDLE=%"),
	SOCKOPT("keepintvl tcp-keepintvl", "TCP_KEEPINTVL=%"),
	SOCKOPT("keepcnt tcp-keepcnt", "TCP_KEEPCNT=%"),
	SOCKOPT("mss tcp-maxseg", "TCP_MAXSEG=%"),
	SOCKOPT("sndbuf so-sndbuf", "SO_SNDBUF=%"),
	SOCKOPT("rcvbuf so-rcvbuf", "SO_RCVBUF=%"),
	SOCKOPT("priority so-priority", "SO_PRIORITY=%"),
	{ "broadcast so-broadcast", { ON_SOCKETS("--broadcast") }, NULL, NULL },
	{ "ttl ip-ttl ipv6-unicast-hops", { ON_SOCKETS("--ttl %") }, NULL, NULL },
	{ "tos ip-tos ipv6-tclass", { ON_SOCKETS("--tos %") }, NULL, NULL },
	/* ends */
	{ "shut-none", { ON_SOCKETS("--no-half-close") }, NULL, NULL },
	{ "shut-down shut-close end-close cool-write",
	    { ON_SOCKETS(""), ON_PROGRAMS(""), ON_STDIO("") }, NULL, NULL },
	REFUSED("shut-null", "an empty datagram is sent by usock sendto ADDRESS ''"),
	REFUSED("null-eof",
	    "an empty datagram is one like others; --after-eof DUR of silence ends"),
	{ "ignoreeof", { ON_STDIO("--no-half-close"), [SOCAT_FILE] = "--no-half-close" },
	    "ignoreeof: what is appended to a file later is not read: tail -f FILE | usock ...",
	    NULL },
	/* data */
	{ "crnl crlf", { ON_SOCKETS("--crlf") }, "crnl: CR LF that comes is not changed to LF",
	    "--crlf is for what the socket sends" },
	REFUSED("cr", "tr \\\\n \\\\r | usock ..."),
	{ "readbytes", { ON_SOCKETS("--max-bytes %") },
	    "readbytes: the limit is for both directions", "head -c BYTES FILE | usock ..." },
	REFUSED("escape", "the prompt has keys of its own: usock shell"),
	/* TLS */
	{ "verify", { ON_SOCKETS("") }, NULL, NULL },
	{ "cafile ca-file openssl-cafile", { ON_SOCKETS("") }, NULL, NULL },
	{ "capath openssl-capath", { ON_CLIENT("--ca-path %") }, NULL, "--client-ca FILE" },
	{ "cert certificate openssl-certificate", { ON_SOCKETS("--cert %") }, NULL, NULL },
	{ "key openssl-key", { ON_SOCKETS("--key %") }, NULL, NULL },
	{ "commonname openssl-commonname cn snihost openssl-snihost",
	    { ON_CLIENT("--server-name %") }, NULL, NULL },
	{ "cipher ciphers openssl-cipherlist", { ON_SOCKETS("--ciphers %") },
	    "cipher: the list has names of cipher suites, and no classes", NULL },
	{ "alpn openssl-alpn", { ON_SOCKETS("--alpn %") }, NULL, NULL },
	{ "dhparam dh openssl-dhparam compress", { ON_SOCKETS("") }, NULL, NULL },
	REFUSED("min-proto-version max-proto-version openssl-min-proto-version "
		"openssl-max-proto-version method openssl-method",
	    "--tls-min 1.2 and --tls-max 1.3"),
	/* proxies */
	{ "proxyport socksport", { ON_CLIENT("") }, NULL, NULL },
	{ "proxyauth proxy-authorization", { ON_CLIENT("") }, NULL, NULL },
	{ "socksuser", { ON_CLIENT("") }, NULL, NULL },
	{ "resolve proxy-resolve ignorecr", { ON_CLIENT("") }, NULL, NULL },
	/* programs */
	{ "pty openpty ptmx", { ON_PROGRAMS("--pty") }, NULL, NULL },
	{ "stderr", { ON_PROGRAMS("--exec-stderr") }, NULL, NULL },
	{ "setsid ctty sane", { ON_PROGRAMS(""), ON_CLIENT("") }, NULL, NULL },
	{ "nofork pipes socketpair sighup sigint sigquit", { ON_PROGRAMS("") }, NULL, NULL },
	REFUSED("su substuser su-d substuser-delayed setuid setuid-early setgid setgid-early",
	    OTHER_USER),
	REFUSED("chroot chroot-early", "usock does not change its root: chroot(8)"),
	REFUSED("path login fdin fdout", "env(1) and the shell set up a program: --sh LINE"),
	/* files */
	{ "create creat o-creat append o-append trunc o-trunc", { ON_FILES("") }, NULL, NULL },
	{ "rdonly o-rdonly wronly o-wronly rdwr o-rdwr nonblock o-nonblock cloexec noctty",
	    { ON_ALL("") }, NULL, NULL },
	REFUSED("lock lockfile waitlock flock flock-ex setlk setlkw", LOCK),
	/* lines; all that is said of them here is so with tty: and pty: */
	{ "link symbolic-link", { ON_CLIENT("") }, NULL, NULL },
	{ "raw rawer cfmakeraw echo icanon isig opost icrnl onlcr iexten min time cs8 parenb "
	  "cstopb "
	  "wait-slave waitslave pty-wait-slave pty-interval hupcl cread",
	    { [SOCAT_FILE] = "", ON_CLIENT(""), ON_PROGRAMS("") }, NULL,
	    "stty(1) sets the terminal: stty raw -echo; usock ...; stty sane" },
	{ "crtscts clocal ixon ixoff", { [SOCAT_FILE] = "" }, NULL, NULL },
	{ "b300 b1200 b2400 b4800 b9600 b19200 b38400 b57600 b115200 b230400 b460800 b921600",
	    { [SOCAT_FILE] = "", ON_CLIENT("") }, NULL, NULL },
};

static bool
has_name(const char *names, const char *name)
{
	size_t len;

	for (; *names != '\0'; names += len + (names[len] == ' ')) {
		len = strcspn(names, " ");
		if (strlen(name) == len && strncasecmp(names, name, len) == 0)
			return true;
	}
	return false;
}

const struct socat_option *
socat_option_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (has_name(options[i].names, name))
			return &options[i];
	return NULL;
}

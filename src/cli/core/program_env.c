#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/core/program_env.h"
#include "net/proto.h"
#include "net/sys.h"
#include "relay/session.h"
#include "sock/sock.h"
#include "stream/process.h"

struct env_list {
	char **env;
	size_t n, used;
	int failed;
};

static void add_variable(struct env_list *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
add_variable(struct env_list *l, const char *fmt, ...)
{
	va_list ap;
	int rc;

	if (l->used + 1 >= l->n)
		return;
	va_start(ap, fmt);
	rc = vasprintf(&l->env[l->used], fmt, ap);
	va_end(ap);
	if (rc < 0) {
		l->env[l->used] = NULL;
		l->failed = -1;
		return;
	}
	l->env[++l->used] = NULL;
}

/* The prefix of UCSPI names: programs read the names of TCP and UDP. */
static const char *
ucspi_prefix(int proto, int type)
{
	if (type == SOCK_RAW)
		return "IP";
	switch (proto) {
	case IPPROTO_SCTP:
		return "SCTP";
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return "ICMP";
	default:
		return type == SOCK_STREAM ? "TCP" : "UDP";
	}
}

/* For families that do not carry IP protocols. */
static void
add_other(struct env_list *l, const struct sockname *local, const struct sockname *peer)
{
	int family = local->sa.sa_family;
	const char *name = family == AF_CAN ? "can" : family == SOCKNAME_LINE ? "tty" : "vsock";
	char local_text[SOCKNAME_TEXT_MAX], peer_text[SOCKNAME_TEXT_MAX];

	add_variable(l, "USOCK_PROTO=%s", name);
	add_variable(l, "USOCK_LOCAL_ADDR=%s",
	    sockname_format(local, local_text, sizeof local_text));
	add_variable(l, "USOCK_PEER_ADDR=%s", sockname_format(peer, peer_text, sizeof peer_text));
	add_variable(l, "PROTO=%s",
	    family == AF_CAN              ? "CAN"
		: family == SOCKNAME_LINE ? "TTY"
					  : "VSOCK");
}

static void
add_ends(struct env_list *l, const char *proto, const struct sockname *local,
    const struct sockname *peer)
{
	char local_text[SOCKNAME_TEXT_MAX], peer_text[SOCKNAME_TEXT_MAX];

	add_variable(l, "%sLOCALIP=%s", proto, sockname_host(local, local_text, sizeof local_text));
	add_variable(l, "%sLOCALPORT=%u", proto, sockname_port(local));
	add_variable(l, "%sREMOTEIP=%s", proto, sockname_host(peer, peer_text, sizeof peer_text));
	add_variable(l, "%sREMOTEPORT=%u", proto, sockname_port(peer));
}

/* UCSPI calls TLS "SSL"; the names of TCP are set as well. */
static void
add_inet(struct env_list *l, int fd, bool tls, const struct sockname *local,
    const struct sockname *peer)
{
	int number = sys_proto(fd);
	const char *proto = ucspi_prefix(number, sys_type(fd)), *name = proto_name(number);
	char local_text[SOCKNAME_TEXT_MAX], peer_text[SOCKNAME_TEXT_MAX];

	sockname_host(local, local_text, sizeof local_text);
	sockname_host(peer, peer_text, sizeof peer_text);
	if (tls)
		add_variable(l, "USOCK_PROTO=ssl");
	else if (name != NULL)
		add_variable(l, "USOCK_PROTO=%s", name);
	else
		add_variable(l, "USOCK_PROTO=%d", number);
	add_variable(l, "USOCK_LOCAL_ADDR=%s", local_text);
	add_variable(l, "USOCK_LOCAL_PORT=%u", sockname_port(local));
	add_variable(l, "USOCK_PEER_ADDR=%s", peer_text);
	add_variable(l, "USOCK_PEER_PORT=%u", sockname_port(peer));
	add_variable(l, "PROTO=%s", tls ? "SSL" : proto);
	if (tls)
		add_ends(l, "SSL", local, peer);
	add_ends(l, proto, local, peer);
	add_variable(l, "NCAT_PROTO=%s", proto);
	add_variable(l, "NCAT_LOCAL_ADDR=%s", local_text);
	add_variable(l, "NCAT_LOCAL_PORT=%u", sockname_port(local));
	add_variable(l, "NCAT_REMOTE_ADDR=%s", peer_text);
	add_variable(l, "NCAT_REMOTE_PORT=%u", sockname_port(peer));
}

static void
add_unix(struct env_list *l, const struct sockname *local, const struct sockname *peer, int fd)
{
	char local_text[SOCKNAME_TEXT_MAX], peer_text[SOCKNAME_TEXT_MAX];
	struct ucred cred;
	socklen_t len = sizeof cred;

	sockname_host(local, local_text, sizeof local_text);
	sockname_host(peer, peer_text, sizeof peer_text);
	add_variable(l, "USOCK_PROTO=unix");
	add_variable(l, "USOCK_LOCAL_ADDR=%s", local_text);
	add_variable(l, "USOCK_PEER_ADDR=%s", peer_text);
	add_variable(l, "PROTO=UNIX");
	add_variable(l, "UNIXLOCALPATH=%s", local_text);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return;
	add_variable(l, "UNIXREMOTEPID=%ld", (long)cred.pid);
	add_variable(l, "UNIXREMOTEEUID=%ld", (long)cred.uid);
	add_variable(l, "UNIXREMOTEEGID=%ld", (long)cred.gid);
}

/* Removes variables that another server set about its own client, and systemd about us. */
static void
unset_other_servers(struct env_list *l)
{
	static const char *const names[] = { "USOCK_LOCAL_PORT", "USOCK_PEER_PORT", "TCPLOCALIP",
		"TCPLOCALPORT", "TCPLOCALHOST", "TCPREMOTEIP", "TCPREMOTEPORT", "TCPREMOTEHOST",
		"TCPREMOTEINFO", "UDPLOCALIP", "UDPLOCALPORT", "UDPREMOTEIP", "UDPREMOTEPORT",
		"SSLLOCALIP", "SSLLOCALPORT", "SSLREMOTEIP", "SSLREMOTEPORT", "UNIXLOCALPATH",
		"UNIXLOCALUID", "UNIXLOCALGID", "UNIXLOCALPID", "UNIXREMOTEPATH", "UNIXREMOTEPID",
		"UNIXREMOTEEUID", "UNIXREMOTEEGID", "NCAT_PROTO", "NCAT_LOCAL_ADDR",
		"NCAT_LOCAL_PORT", "NCAT_REMOTE_ADDR", "NCAT_REMOTE_PORT", "LISTEN_PID",
		"LISTEN_FDS", "LISTEN_FDNAMES" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		add_variable(l, "%s", names[i]);
}

static bool
is_inet_name(const struct sockname *name)
{
	return name->sa.sa_family == AF_INET || name->sa.sa_family == AF_INET6;
}

int
program_env(void *arg, unsigned long id, struct sock *s, char **env, size_t n)
{
	const struct session_how *how = arg;
	struct env_list l = { .env = env, .n = n };
	struct sockname local, peer;

	env[0] = NULL;
	sock_local(s, &local);
	sock_peer(s, &peer);
	unset_other_servers(&l);
	add_variable(&l, "USOCK_ID=%lu", id);
	if (local.sa.sa_family == AF_UNIX)
		add_unix(&l, &local, &peer, sock_fileno(s));
	else if (!is_inet_name(&local))
		add_other(&l, &local, &peer);
	else
		add_inet(&l, sock_fileno(s), how->plan.tls.tls != NULL, &local, &peer);
	return l.failed;
}

int
program_env_dgram(unsigned long id, struct sock *s, const struct sockname *local,
    const struct sockname *peer, char **env, size_t n)
{
	struct env_list l = { .env = env, .n = n };
	char path[SOCKNAME_TEXT_MAX];

	env[0] = NULL;
	unset_other_servers(&l);
	add_variable(&l, "USOCK_ID=%lu", id);
	if (local->sa.sa_family == AF_UNIX) {
		add_unix(&l, local, peer, -1);
		add_variable(&l, "UNIXREMOTEPATH=%s", sockname_host(peer, path, sizeof path));
	} else if (!is_inet_name(local)) {
		add_other(&l, local, peer);
	} else {
		add_inet(&l, sock_fileno(s), false, local, peer);
	}
	return l.failed;
}

/* ---- a program beside the server ---- */

static bool
is_any_address(const struct sockname *name)
{
	const struct sockaddr_in6 *in6 = (const void *)&name->storage;
	const struct sockaddr_in *in = (const void *)&name->storage;

	if (name->sa.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);
	return name->sa.sa_family == AF_INET && in->sin_addr.s_addr == htonl(INADDR_ANY);
}

/* Returns true for an IPv6 socket that does not serve IPv4. */
static bool
is_v6only(int fd)
{
	int on = 0;
	socklen_t len = sizeof on;

	return sys_family(fd) == AF_INET6 &&
	    getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, &len) == 0 && on != 0;
}

int
program_env_listener(int fd, char **env, size_t n, struct error *e)
{
	struct env_list l = { .env = env, .n = n };
	char text[SOCKNAME_TEXT_MAX];
	const char *host = text;
	struct sockname local;

	env[0] = NULL;
	if (sys_local_name(fd, &local, e) < 0)
		return -1;
	sockname_host(&local, text, sizeof text);
	if (is_any_address(&local))
		host = is_v6only(fd) ? "::1" : "127.0.0.1";
	unset_other_servers(&l);
	add_variable(&l, "USOCK_ADDR=%s", host);
	if (local.sa.sa_family == AF_VSOCK)
		add_variable(&l, "USOCK_PORT=%u", (unsigned)sockname_vsock_port(&local));
	else if (is_inet_name(&local))
		add_variable(&l, "USOCK_PORT=%u", sockname_port(&local));
	else
		add_variable(&l, "USOCK_PORT");
	return l.failed == 0 ? 0 : error_set(e, ERROR_INTERNAL, "out of memory");
}

/* ---- where a program is ---- */

/* What execvp(3) searches without PATH. */
static const char usual_path[] = "/bin:/usr/bin";

/* Returns what execve(2) would say of the file; 0: it is executable. */
static int
errno_of_exec(const char *path)
{
	struct stat st;

	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == -1 || stat(path, &st) == -1)
		return errno;
	return S_ISREG(st.st_mode) ? 0 : EACCES;
}

/* Looks in each folder of the list; an empty one is the current folder. One that may not be executed is
 * no end of the search. */
static int
errno_of_search(const char *name, const char *list)
{
	char path[PATH_MAX];
	int found, result = ENOENT;
	size_t len;

	for (;; list += len + 1) {
		len = strcspn(list, ":");
		if (snprintf(path, sizeof(path), "%.*s%s%s", (int)len, list, len > 0 ? "/" : "",
			name) < (int)sizeof(path)) {
			found = errno_of_exec(path);
			if (found == 0)
				return 0;
			result = found == EACCES ? EACCES : result;
		}
		if (list[len] == '\0')
			return result;
	}
}

int
program_env_check_path(const char *name, struct error *e)
{
	const char *list = getenv("PATH");
	int number;

	if (name[0] == '\0')
		number = ENOENT;
	else if (strchr(name, '/') != NULL)
		number = errno_of_exec(name);
	else
		number = errno_of_search(name, list != NULL ? list : usual_path);
	if (number == 0)
		return 0;
	(void)process_exec_error(name, number, e);
	if (strpbrk(name, " |;&<>$") != NULL)
		return error_hint(e, "a line of the shell is given with --sh");
	return -1;
}

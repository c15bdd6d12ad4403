#include "cli/listen/listen_access.h"

#include <sys/socket.h>

#include "base/error.h"
#include "cli/core/command_context.h"
#include "cli/options/target.h"
#include "net/sys.h"
#include "sock/sock.h"

static const char *
reason_of(enum access_verdict verdict)
{
	return verdict == ACCESS_DENIED ? "--deny" : "not in --allow";
}

static void
report_denied(void *arg, const struct sock *conn, enum access_verdict verdict)
{
	const struct listen_access *la = arg;
	char local_text[SOCKNAME_TEXT_MAX], peer_text[SOCKNAME_TEXT_MAX];
	struct sockname local, peer;
	struct ucred cred = { .uid = 0 };
	socklen_t len = sizeof(cred);
	bool has_user;

	if (!report_wants(&la->rt->report))
		return;
	sock_local(conn, &local);
	sock_peer(conn, &peer);
	has_user = sock_family(conn) == AF_UNIX &&
	    getsockopt(sock_fileno(conn), SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0;
	const struct field values[] = {
		EVENT_TEXT(sockname_format_short(&local, local_text, sizeof(local_text))),
		EVENT_TEXT(sockname_format_short(&peer, peer_text, sizeof(peer_text))),
		EVENT_INT_IF(has_user, cred.uid),
		EVENT_INT_IF(has_user, cred.gid),
		EVENT_TEXT(reason_of(verdict)),
	};
	report_event(&la->rt->report, EVENT_DENIED, values);
}

int
listen_access_open(struct listen_access *la, struct error *e)
{
	const struct access_opts *o = la->opts;
	const struct access_how how = {
		.allow = { o->allow.items, o->allow.n, "--allow" },
		.deny = { o->deny.items, o->deny.n, "--deny" },
		.loop = la->rt->loop,
		.wait = &la->wait,
	};

	la->gate.denied = report_denied;
	la->gate.arg = la;
	la->wait = command_context_file_wait(la->rt);
	if (o->allow.n + o->deny.n == 0)
		return 0;
	if (access_open(&la->lists, &how, la->rt->until, e) < 0)
		return -1;
	la->gate.access = la->lists;
	return 0;
}

void
listen_access_close(struct listen_access *la)
{
	access_close(la->lists);
	la->lists = NULL;
	la->gate.access = NULL;
}

static const char *
given_option(const struct listen_access *la)
{
	return la->opts->allow.n > 0 ? "--allow" : "--deny";
}

static int
check_inet(const struct listen_access *la, struct error *e)
{
	if (!access_names_accounts(la->lists))
		return 0;
	return error_set(e, ERROR_USAGE, "%s: uid: and gid: are for unix sockets",
	    given_option(la));
}

static int
check_unix(const struct listen_access *la, int type, struct error *e)
{
	if (type == SOCK_DGRAM)
		return error_set(e, ERROR_USAGE, "%s: not with datagrams of a unix socket",
		    given_option(la));
	/* a PROXY header has addresses */
	if (!access_names_addresses(la->lists) || la->opts->proxy_protocol != NULL)
		return 0;
	return error_set(e, ERROR_USAGE,
	    "%s: clients of a unix socket have no address: uid: and gid: are for them",
	    given_option(la));
}

static int
listener_family(const struct endpoint *ep)
{
	switch (ep->kind) {
	case ENDPOINT_INET:
		return AF_INET;
	case ENDPOINT_UNIX:
		return AF_UNIX;
	case ENDPOINT_FD:
		return sys_family(ep->fd);
	case ENDPOINT_VSOCK:
	case ENDPOINT_SYSTEMD: /* fd:N by now */
	case ENDPOINT_CAN:
	case ENDPOINT_TTY:
	case ENDPOINT_PTY:
		break;
	}
	return AF_UNSPEC;
}

int
listen_access_check(const struct listen_access *la, const struct endpoint *ep, int type,
    struct error *e)
{
	if (la->lists == NULL)
		return 0;
	switch (listener_family(ep)) {
	case AF_INET:
	case AF_INET6:
		return check_inet(la, e);
	case AF_UNIX:
		return check_unix(la, endpoint_type(ep, type), e);
	default:
		return error_set(e, ERROR_USAGE, "%s: only for IP and unix sockets",
		    given_option(la));
	}
}

int
listen_access_reload(struct listen_access *la, struct error *e)
{
	return la->lists == NULL ? 0
				 : access_reload(la->lists, deadline_in(LISTEN_RELOAD_PATIENCE), e);
}

void
listen_access_report(const struct listen_access *la, const char *what)
{
	unsigned long n = la->gate.n_denied;

	/* another program's voice has said each */
	if (n > 0 && !report_has_voice(&la->rt->report))
		log_line(&la->rt->report.log, LOG_NOTE, "%lu %s%s denied (%s%s)", n, what,
		    n == 1 ? "" : "s", given_option(la),
		    la->opts->allow.n > 0 && la->opts->deny.n > 0 ? ", --deny" : "");
}

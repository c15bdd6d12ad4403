#include "cli/listen/listen_socket.h"

#include "base/error.h"
#include "cli/core/inherited.h"
#include "cli/output/ready_notify.h"
#include "net/access/account.h"

static int
parse_mode(const char *text, unsigned *ret_mode, struct error *e)
{
	const char *digit;
	unsigned mode = 0;

	for (digit = text; *digit >= '0' && *digit <= '7' && mode <= 0777; digit++)
		mode = mode * 8 + (unsigned)(*digit - '0');
	if (*digit != '\0' || mode == 0 || mode > 0777)
		return error_set(e, ERROR_USAGE, "--mode: '%s' is not an octal mode (1-777)", text);
	*ret_mode = mode;
	return 0;
}

#define GROUP_MODE 0660

/* A group is of use only if it may write. */
static int
find_owner(const struct listen_socket_how *how, struct listen_owner *owner, struct listen_how *lh,
    struct error *e)
{
	const struct listen_opts *o = how->opts;
	struct loop *l = how->rt->loop;

	if (o->user == NULL && o->group == NULL)
		return 0;
	*owner = (struct listen_owner){ .uid = UINT32_MAX, .gid = UINT32_MAX };
	if (o->user != NULL && account_id(l, ACCOUNT_USER, o->user, how->until, &owner->uid, e) < 0)
		return error_prefix(e, "--user");
	if (o->group != NULL &&
	    account_id(l, ACCOUNT_GROUP, o->group, how->until, &owner->gid, e) < 0)
		return error_prefix(e, "--group");
	if (o->mode == NULL && o->group != NULL)
		lh->mode = GROUP_MODE;
	lh->owner = owner;
	return 0;
}

int
listen_socket_open(const struct listen_socket_how *how, struct sock **ret_listener, struct error *e)
{
	const struct listen_opts *o = how->opts;
	struct listen_owner owner;
	struct listen_how lh = {
		.bind = *how->bind,
		.backlog = (int)o->backlog,
		.unlink_stale = o->unlink,
	};

	if ((o->mode != NULL && parse_mode(o->mode, &lh.mode, e) < 0) ||
	    find_owner(how, &owner, &lh, e) < 0)
		return -1;
	if (how->endpoint->kind == ENDPOINT_FD)
		return inherited_adopt(ret_listener, how->rt->loop, how->endpoint->fd, how->bind,
		    true, e);
	return sock_open_listening(ret_listener, how->rt->loop, how->endpoint, &lh, how->until,
	    &how->rt->report.log, e);
}

int
listen_socket_announce(struct command_context *rt, const struct listen_opts *o,
    const struct sock *listener, struct error *e)
{
	const struct suite_opts *suite = &o->suite;
	char address[SOCKNAME_TEXT_MAX];
	struct sockname local;

	sock_local(listener, &local);
	sockname_format(&local, address, sizeof address);
	const struct field values[] = {
		EVENT_TEXT(address),
		EVENT_INT(sockname_port(&local)),
	};
	report_event(&rt->report, EVENT_LISTENING, values);
	/* who reads the descriptor may look at the file then */
	if (suite->ready_file != NULL && ready_notify_file(suite->ready_file, address, e) < 0)
		return -1;
	return suite->ready_fd < 0
	    ? 0
	    : ready_notify_fd(suite->ready_fd, address, rt->loop, rt->until, e);
}

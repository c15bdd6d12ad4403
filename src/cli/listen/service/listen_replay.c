#include "cli/listen/service/listen_replay.h"

#include <sys/socket.h>

#include "base/error.h"
#include "cli/listen/listen_serve.h"
#include "cli/replay/replay.h"
#include "net/sys.h"

int
listen_replay_set_up(struct listen_server *sv, struct error *e)
{
	(void)e;
	sv->opts->replay->rt = &sv->rt;
	replay_session(sv->opts->replay, &sv->how);
	return 0;
}

int
listen_replay_check(const struct listen_server *sv, int type, struct error *e)
{
	const bool records = replay_has_records(sv->opts->replay);
	const int family = sv->listener != NULL ? sock_family(sv->listener) : AF_INET;

	if (replay_has_messages(sv->opts->replay) && type == SOCK_STREAM)
		return 0;
	if (records != (type != SOCK_STREAM))
		return error_set(e, ERROR_USAGE, "the recording is one of %s",
		    records ? "datagrams: udp:ADDRESS, or --udp" : "streams");
	if (type == SOCK_DGRAM && family != AF_INET && family != AF_INET6)
		return error_set(e, ERROR_USAGE, "datagrams are replayed over UDP only");
	return 0;
}

static int
open_player(void *arg, struct session *s, struct stream **ret_local, struct error *e)
{
	const struct listen_server *sv = arg;

	return replay_local(sv->opts->replay, s, NULL, ret_local, e);
}

int
listen_replay_open(struct listen_server *sv, struct error *e)
{
	if (replay_has_messages(sv->opts->replay) && sv->listener != NULL &&
	    sock_type(sv->listener) == SOCK_STREAM)
		replay_session_websocket(sv->opts->replay, NULL, &sv->websocket, &sv->how);
	sv->how.local_fn = open_player;
	sv->how.local_arg = sv;
	return replay_begin(sv->opts->replay, (size_t)sv->opts->suite.once, e);
}

int
listen_replay_ended(struct listen_server *sv, const struct session *s)
{
	return replay_ended(sv->opts->replay, s);
}

void
listen_replay_close(struct listen_server *sv)
{
	int status = replay_end(sv->opts->replay);

	if (status != 0)
		sv->once.status = status;
}

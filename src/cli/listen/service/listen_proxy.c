#include "cli/listen/service/listen_proxy.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "cli/listen/listen_serve.h"
#include "net/access/access.h"
#include "net/sys.h"
#include "relay/dial/proxy_server.h"
#include "stream/proxy_server/http_server.h"
#include "stream/proxy_server/http_server_auth.h"
#include "stream/proxy_server/proxy_client.h"
#include "stream/proxy_server/socks_server.h"

/* A longer file of users is refused. */
#define USERS_MAX (1 << 20)

struct listen_proxy {
	struct proxy_server server;
	struct session_dialler dialler;
	struct connect_how connect;
	struct proxy_users *users;
	struct http_server_auth auth;
	struct access *targets;
	struct file_wait wait; /* for targets */
};

static int
read_users(struct listen_server *sv, const char *path, struct proxy_users **ret_users,
    struct error *e)
{
	const struct file_wait wait = command_context_file_wait(&sv->rt);
	struct file_source source = { .path = path, .wait = &wait };
	struct buf text;
	int rc;

	source.fd = file_open(path, O_RDONLY, 0, e);
	if (source.fd < 0)
		return -1;
	buf_init(&text, USERS_MAX);
	rc = file_read_all(&source, &text, e);
	sys_close(source.fd);
	if (rc == 0)
		rc = proxy_users_parse(ret_users, path, text.len > 0 ? buf_head(&text) : "",
		    text.len, e);
	buf_fini(&text);
	return rc;
}

static int
open_targets(struct listen_server *sv, struct error *e)
{
	const struct forward_opts *o = &sv->opts->forward;
	struct listen_proxy *lp = sv->proxy;
	const struct access_how how = {
		.allow = { o->allow_target.items, o->allow_target.n, "--allow-target" },
		.deny = { o->deny_target.items, o->deny_target.n, "--deny-target" },
		.targets = true,
		.loop = sv->rt.loop,
		.wait = &lp->wait,
	};

	lp->wait = command_context_file_wait(&sv->rt);
	if (o->allow_target.n + o->deny_target.n == 0)
		return 0;
	return access_open(&lp->targets, &how, sv->until, e);
}

int
listen_proxy_set_up(struct listen_server *sv, struct error *e)
{
	const struct forward_opts *o = &sv->opts->forward;
	struct listen_proxy *lp = sv->proxy = calloc(1, sizeof(*lp));

	if (lp == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if (o->proxy_users != NULL && read_users(sv, o->proxy_users, &lp->users, e) < 0)
		return error_prefix(e, "--proxy-users");
	if (open_targets(sv, e) < 0)
		return -1;
	lp->connect.connect_timeout = o->connect >= 0 ? o->connect : FORWARD_CONNECT_TIMEOUT;
	lp->auth = (struct http_server_auth){ .users = lp->users,
		.basic = o->proxy_auth != PROXY_AUTH_DIGEST,
		.digest = lp->users != NULL && o->proxy_auth != PROXY_AUTH_BASIC };
	if (http_server_auth_open(&lp->auth, e) < 0)
		return -1;
	lp->server = (struct proxy_server){
		.loop = sv->rt.loop,
		.log = &sv->rt.report.log,
		.negotiation = o->proxy_server == PROXY_SERVER_SOCKS ? socks_server : http_server,
		.users = lp->users,
		.auth = lp->users != NULL ? &lp->auth : NULL,
		.plain_methods = o->plain_methods,
		.targets = lp->targets,
		.connect = &lp->connect,
		.patience = time_opts_handshake(&sv->opts->time, PROXY_SERVER_PATIENCE),
		.until = sv->until,
		.shortage = &sv->shortage,
	};
	lp->dialler = proxy_server_dialler(&lp->server);
	session_opts_connect(&sv->how, &lp->dialler);
	return 0;
}

void
listen_proxy_fini(struct listen_server *sv)
{
	struct listen_proxy *lp = sv->proxy;

	if (lp == NULL)
		return;
	http_server_auth_close(&lp->auth);
	proxy_users_free(lp->users);
	access_close(lp->targets);
	free(lp);
	sv->proxy = NULL;
}

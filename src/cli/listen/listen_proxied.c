#include "cli/listen/listen_proxied.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "cli/core/command_context.h"
#include "cli/options/target.h"
#include "net/sys.h"
#include "sock/sock.h"
#include "stream/negotiate/proxy_header/proxy_header.h"

/* ---- a client ---- */

static void
report_proxied(const struct listen_access *la, const struct session *s)
{
	char peer_text[SOCKNAME_TEXT_MAX], local_text[SOCKNAME_TEXT_MAX],
	    proxy_text[SOCKNAME_TEXT_MAX];
	struct sockname local, peer, proxy = { .len = 0 };

	if (!report_wants(&la->rt->report))
		return;
	sock_local(s->sock, &local);
	sock_peer(s->sock, &peer);
	sys_peer_name(sock_fileno(s->sock), &proxy, NULL);
	const struct field values[] = {
		EVENT_INT(s->id),
		EVENT_TEXT(sockname_format_short(&local, local_text, sizeof(local_text))),
		EVENT_TEXT(sockname_format_short(&peer, peer_text, sizeof(peer_text))),
		EVENT_TEXT(sockname_format_short(&proxy, proxy_text, sizeof(proxy_text))),
	};
	report_event(&la->rt->report, EVENT_PROXIED, values);
}

/* A connection of the proxy itself keeps its address. A client that is denied is reset when the
 * session closes it. */
static int
on_proxy_header(void *arg, const struct proxy_header *h, struct error *e)
{
	struct session *s = arg;
	struct listen_proxied *lp = s->how->plan_arg;

	if (!h->local) {
		sock_set_peer(s->sock, &h->source);
		report_proxied(lp->access, s);
	}
	if (access_gate_check(&lp->access->gate, s->sock) == ACCESS_ALLOWED)
		return 0;
	sock_reset_at_close(s->sock);
	error_errno(e, ERROR_NETWORK, EACCES, "the client is denied");
	/* not the kernel's EACCES, which a target may have */
	e->origin = ORIGIN_ACCESS;
	return -1;
}

static void
plan_header(void *arg, struct session *s, struct plan *plan)
{
	const struct listen_proxied *lp = arg;

	if (!access_gate_is_proxy(&lp->access->gate, s->sock))
		return;
	plan->header.on_header = on_proxy_header;
	plan->header.arg = s;
}

bool
listen_proxied_is_denied(const struct error *e)
{
	return e->origin == ORIGIN_ACCESS;
}

/* ---- the list ---- */

static const char *
option_text(const struct listen_proxied *lp)
{
	return lp->access->opts->proxy_protocol;
}

/* Cuts the list at its commas. */
static int
cut_list(struct listen_proxied *lp, struct access_list *list, struct error *e)
{
	char *next;

	lp->text = strdup(option_text(lp));
	lp->entries = lp->text != NULL ? calloc(strlen(lp->text) + 1, sizeof(*lp->entries)) : NULL;
	if (lp->entries == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (next = lp->text; next != NULL;) {
		lp->entries[list->n++] = next;
		next = strchr(next, ',');
		if (next != NULL)
			*next++ = '\0';
	}
	list->entries = lp->entries;
	return 0;
}

int
listen_proxied_open(struct listen_proxied *lp, struct session_how *how, struct error *e)
{
	struct listen_access *la = lp->access;
	struct access_how lists = { .allow.option = "--proxy-protocol", .loop = la->rt->loop };

	if (option_text(lp) == NULL)
		return 0;
	lists.wait = &la->wait;
	/* a list without entries allows everybody */
	if (option_text(lp)[0] != '\0' && cut_list(lp, &lists.allow, e) < 0)
		return -1;
	if (access_open(&lp->proxies, &lists, la->rt->until, e) < 0)
		return -1;
	la->gate.proxies = lp->proxies;
	how->plan_fn = plan_header;
	how->plan_arg = lp;
	return 0;
}

void
listen_proxied_close(struct listen_proxied *lp)
{
	access_close(lp->proxies);
	lp->proxies = NULL;
	lp->access->gate.proxies = NULL;
	free(lp->text);
	free(lp->entries);
	lp->text = NULL;
	lp->entries = NULL;
}

int
listen_proxied_reload(struct listen_proxied *lp, struct error *e)
{
	struct deadline until = deadline_in(LISTEN_RELOAD_PATIENCE);

	return lp->proxies == NULL ? 0 : access_reload(lp->proxies, until, e);
}

int
listen_proxied_check(const struct listen_proxied *lp, const struct endpoint *ep, int type,
    struct error *e)
{
	if (lp->proxies == NULL || endpoint_type(ep, type) == SOCK_STREAM)
		return 0;
	return error_set(e, ERROR_USAGE, "--proxy-protocol: only with streams");
}

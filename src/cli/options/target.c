#include "cli/options/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/options/socket_type.h"
#include "net/netns/netns.h"
#include "net/sockopt/sockopt.h"
#include "net/sys.h"

/* A directory where only this user can create the path of a socket. */
static const char *
private_dir(void)
{
	const char *const dirs[] = { getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp" };

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (dirs[i] != NULL && dirs[i][0] == '/' && access(dirs[i], W_OK | X_OK) == 0)
			return dirs[i];
	return NULL;
}

static int
parse_sockopts(const struct opt_list *list, struct sockopt_setting *settings, struct error *e)
{
	for (size_t i = 0; i < list->n; i++)
		if (sockopt_parse(list->items[i], &settings[i], e) < 0) {
			/* -o of ncat names a file */
			if (strchr(list->items[i], '=') == NULL && e->hint[0] == '\0')
				error_hint(e,
				    "usock help sockopt lists them; --hexdump=FILE keeps the bytes "
				    "that move");
			return error_prefix(e, "--sockopt");
		}
	return 0;
}

static int
parse_groups(const struct opt_list *list, struct sockopt_setting *settings, struct error *e)
{
	for (size_t i = 0; i < list->n; i++) {
		const char *group = list->items[i];
		bool sourced = strchr(group, '@') != NULL;
		char text[160];
		int n = snprintf(text, sizeof text, "MCAST_JOIN_%sGROUP=%s",
		    sourced ? "SOURCE_" : "", group);

		if (n < 0 || (size_t)n >= sizeof text)
			return error_set(e, ERROR_USAGE, "--join: '%.40s...' is too long", group);
		if (sockopt_parse(text, &settings[i], e) < 0)
			return error_prefix(e, "--join");
	}
	return 0;
}

int
target_bind(struct target *t, const struct bind_opts *o, struct error *e)
{
	struct sockopt_setting *settings;

	if (o->source != NULL && strlen(o->source) > ENDPOINT_HOST_MAX)
		return error_set(e, ERROR_USAGE, "--source: a name has at most %d bytes",
		    ENDPOINT_HOST_MAX);
	/* names of interfaces, too, are of the namespace */
	if (o->netns != NULL && netns_enter(o->netns, e) < 0)
		return -1;
	t->bind = (struct bind_how){
		.family = o->family,
		.source = o->source,
		.port_lo = o->source_port.lo,
		.port_hi = o->source_port.hi,
		.no_reuse_addr = !o->reuse_addr,
		.reuse_port = o->reuse_port,
		.interface = o->interface,
		.return_dir = t->ep.kind == ENDPOINT_UNIX ? private_dir() : NULL,
		.n_settings = o->sockopts.n + o->groups.n,
		.joins = o->groups.n > 0,
		.broadcast = o->broadcast,
		.ttl = (int)o->ttl,
	};
	if (socket_type_choose(o, &t->ep, &t->bind, e) < 0)
		return -1;
	settings = calloc(o->sockopts.n + o->groups.n + 1, sizeof *settings);
	if (settings == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if (parse_groups(&o->groups, settings, e) < 0 ||
	    parse_sockopts(&o->sockopts, settings + o->groups.n, e) < 0) {
		free(settings);
		return -1;
	}
	t->bind.settings = t->settings = settings;
	return 0;
}

void
target_fini(struct target *t)
{
	free(t->settings);
}

bool
endpoint_is_can(const struct endpoint *ep)
{
	return ep->kind == ENDPOINT_FD ? sys_family(ep->fd) == AF_CAN : ep->kind == ENDPOINT_CAN;
}

int
endpoint_type(const struct endpoint *ep, int type)
{
	if (ep->kind == ENDPOINT_FD)
		type = sys_type(ep->fd);
	return type == -1 ? 0 : type;
}

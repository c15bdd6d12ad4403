#include "cli/options/target.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "base/file.h"
#include "cli/options/socket_type.h"
#include "net/netns/netns.h"
#include "net/sockopt/ip_header.h"
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
			if (e->hint[0] == '\0')
				error_hint(e, "%s",
				    strchr(list->items[i], '=') != NULL
					? "usock help sockopt"
					: "usock help sockopt lists them; --hexdump=FILE keeps the "
					  "bytes that move");
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

/* The key is the first line. */
static int
parse_md5_key(char *text, size_t n, struct tcp_md5_key *key, struct error *e)
{
	size_t len = 0;

	while (len < n && text[len] != '\n')
		len++;
	if (len == 0 || len > sizeof(key->bytes))
		return error_set(e, ERROR_USAGE, "--md5-file: a key has 1 to %zu bytes",
		    sizeof(key->bytes));
	memcpy(key->bytes, text, len);
	key->len = (uint16_t)len;
	return 0;
}

static int
read_md5_key(const struct bind_opts *o, struct target *t, struct error *e)
{
	struct file_source source = { .path = o->md5_file };
	char text[512];
	size_t n = 0;
	int rc = -1;

	t->md5 = NULL;
	if (o->md5_file == NULL)
		return 0;
	source.fd = file_open(o->md5_file, O_RDONLY, 0, e);
	t->md5 = source.fd >= 0 ? calloc(1, sizeof(*t->md5)) : NULL;
	if (t->md5 != NULL && file_read(&source, text, sizeof(text), &n, e) == 0)
		rc = parse_md5_key(text, n, t->md5, e);
	else if (source.fd >= 0 && t->md5 == NULL)
		error_set(e, ERROR_INTERNAL, "out of memory");
	if (source.fd >= 0)
		close(source.fd);
	explicit_bzero(text, sizeof(text));
	t->bind.md5 = t->md5;
	if (rc < 0) {
		free(t->md5);
		t->md5 = NULL;
	}
	return rc;
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
		.min_ttl = (int)o->min_ttl,
	};
	if (socket_type_choose(o, &t->ep, &t->bind, e) < 0)
		return -1;
	if (o->tos != NULL && ip_header_parse_tos(o->tos, &t->bind.tos, e) < 0)
		return error_prefix(e, "--tos");
	settings = calloc(o->sockopts.n + o->groups.n + 1, sizeof *settings);
	if (settings == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if (parse_groups(&o->groups, settings, e) < 0 ||
	    parse_sockopts(&o->sockopts, settings + o->groups.n, e) < 0 ||
	    read_md5_key(o, t, e) < 0) {
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
	if (t->md5 != NULL)
		explicit_bzero(t->md5, sizeof(*t->md5));
	free(t->md5);
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

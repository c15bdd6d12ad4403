#include "net/sockname.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include <linux/can.h>
#include <linux/vm_sockets.h>

#include "base/error.h"
#include "base/parse.h"
#include "net/endpoint.h"

static const struct sockaddr_in *
as_in(const struct sockname *name)
{
	return (const struct sockaddr_in *)(const void *)&name->storage;
}

static const struct sockaddr_in6 *
as_in6(const struct sockname *name)
{
	return (const struct sockaddr_in6 *)(const void *)&name->storage;
}

static const struct sockaddr_un *
as_un(const struct sockname *name)
{
	return (const struct sockaddr_un *)(const void *)&name->storage;
}

static sa_family_t
family_of(const struct sockname *name)
{
	return name->len >= (socklen_t)sizeof(sa_family_t) ? name->storage.ss_family : AF_UNSPEC;
}

static void
in6_host(const struct sockaddr_in6 *in6, char *text, size_t size)
{
	char zone[IF_NAMESIZE];
	size_t n;

	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		inet_ntop(AF_INET, &in6->sin6_addr.s6_addr[12], text, (socklen_t)size);
		return;
	}
	inet_ntop(AF_INET6, &in6->sin6_addr, text, (socklen_t)size);
	if (in6->sin6_scope_id == 0)
		return;
	n = strlen(text);
	if (if_indextoname(in6->sin6_scope_id, zone) != NULL)
		snprintf(text + n, size - n, "%%%s", zone);
	else
		snprintf(text + n, size - n, "%%%" PRIu32, in6->sin6_scope_id);
}

/* Length of the path without its NUL, or of the abstract name with its leading NUL. */
static size_t
unix_len(const struct sockname *name)
{
	size_t n = (size_t)name->len - offsetof(struct sockaddr_un, sun_path);

	if ((size_t)name->len <= offsetof(struct sockaddr_un, sun_path))
		return 0;
	if (n > sizeof(as_un(name)->sun_path))
		n = sizeof(as_un(name)->sun_path);
	return as_un(name)->sun_path[0] == '\0' ? n : strnlen(as_un(name)->sun_path, n);
}

/* Other users choose these names, so control characters must not reach a terminal. NULs are
 * shown as '@', which also marks an abstract name. */
static void
unix_host(const struct sockname *name, char *text, size_t size)
{
	size_t n = unix_len(name);
	size_t i;

	for (i = 0; i < n && i + 1 < size; i++) {
		text[i] = as_un(name)->sun_path[i];
		if (text[i] == '\0')
			text[i] = '@';
		else if (iscntrl((unsigned char)text[i]))
			text[i] = '?';
	}
	text[i] = '\0';
}

static void
vsock_host(const struct sockname *name, char *text, size_t size)
{
	const struct sockaddr_vm *vm = (const struct sockaddr_vm *)(const void *)&name->storage;

	if (vm->svm_cid == VMADDR_CID_ANY)
		snprintf(text, size, "*");
	else
		snprintf(text, size, "%u", vm->svm_cid);
}

static void
can_host(const struct sockname *name, char *text, size_t size)
{
	const struct sockaddr_can *can = (const struct sockaddr_can *)(const void *)&name->storage;
	char interface[IF_NAMESIZE];

	if (can->can_ifindex == 0)
		snprintf(text, size, "*");
	else if (if_indextoname((unsigned)can->can_ifindex, interface) != NULL)
		snprintf(text, size, "%s", interface);
	else
		snprintf(text, size, "%d", can->can_ifindex);
}

static void
line_host(const struct sockname *name, char *text, size_t size)
{
	const char *colon = strchr(as_un(name)->sun_path, ':');

	snprintf(text, size, "%s", colon != NULL ? colon + 1 : "");
}

const char *
sockname_host(const struct sockname *name, char *text, size_t size)
{
	/* inet_ntop() writes nothing when the text is too small */
	text[0] = '\0';
	switch (family_of(name)) {
	case AF_INET:
		inet_ntop(AF_INET, &as_in(name)->sin_addr, text, (socklen_t)size);
		break;
	case AF_INET6:
		in6_host(as_in6(name), text, size);
		break;
	case AF_UNIX:
		unix_host(name, text, size);
		break;
	case AF_VSOCK:
		vsock_host(name, text, size);
		break;
	case AF_CAN:
		can_host(name, text, size);
		break;
	case SOCKNAME_LINE:
		line_host(name, text, size);
		break;
	default:
		snprintf(text, size, "family %d", family_of(name));
		break;
	}
	return text;
}

const char *
sockname_format(const struct sockname *name, char *text, size_t size)
{
	const struct sockaddr_vm *vm = (const struct sockaddr_vm *)(const void *)&name->storage;
	char host[SOCKNAME_TEXT_MAX];

	sockname_host(name, host, sizeof(host));
	switch (family_of(name)) {
	case AF_INET:
	case AF_INET6:
		snprintf(text, size, strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host,
		    (unsigned)sockname_port(name));
		break;
	case AF_UNIX:
		snprintf(text, size, "unix:%s", host);
		break;
	case AF_VSOCK:
		snprintf(text, size, "vsock:%s:%u", host, vm->svm_port);
		break;
	case AF_CAN:
		snprintf(text, size, "can:%s", host);
		break;
	case SOCKNAME_LINE:
		snprintf(text, size, "%.3s:%s", as_un(name)->sun_path, host);
		break;
	default:
		snprintf(text, size, "%s", host);
		break;
	}
	return text;
}

const char *
sockname_format_short(const struct sockname *name, char *text, size_t size)
{
	int family = family_of(name);

	if ((family == AF_INET || family == AF_INET6) && sockname_port(name) == 0)
		return sockname_host(name, text, size);
	return sockname_format(name, text, size);
}

uint16_t
sockname_port(const struct sockname *name)
{
	switch (family_of(name)) {
	case AF_INET:
		return ntohs(as_in(name)->sin_port);
	case AF_INET6:
		return ntohs(as_in6(name)->sin6_port);
	default:
		return 0;
	}
}

uint32_t
sockname_vsock_port(const struct sockname *name)
{
	const struct sockaddr_vm *vm = (const struct sockaddr_vm *)(const void *)&name->storage;

	return family_of(name) == AF_VSOCK ? vm->svm_port : 0;
}

void
sockname_set_port(struct sockname *name, uint16_t port)
{
	switch (family_of(name)) {
	case AF_INET:
		((struct sockaddr_in *)(void *)&name->storage)->sin_port = htons(port);
		break;
	case AF_INET6:
		((struct sockaddr_in6 *)(void *)&name->storage)->sin6_port = htons(port);
		break;
	default:
		break;
	}
}

struct sockname
sockname_unmapped(const struct sockname *name)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&name->storage;
	struct sockname v4 = { .len = 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&v4.storage;

	if (name->sa.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		return *name;
	in->sin_family = AF_INET;
	in->sin_port = in6->sin6_port;
	memcpy(&in->sin_addr, &in6->sin6_addr.s6_addr[12], sizeof(in->sin_addr));
	v4.len = sizeof(*in);
	return v4;
}

/* Compares members, because some structures have padding or a flow label. */
bool
sockname_equal(const struct sockname *a, const struct sockname *b)
{
	if (family_of(a) != family_of(b) || sockname_port(a) != sockname_port(b))
		return false;
	switch (family_of(a)) {
	case AF_INET:
		return as_in(a)->sin_addr.s_addr == as_in(b)->sin_addr.s_addr;
	case AF_INET6:
		return as_in6(a)->sin6_scope_id == as_in6(b)->sin6_scope_id &&
		    IN6_ARE_ADDR_EQUAL(&as_in6(a)->sin6_addr, &as_in6(b)->sin6_addr);
	case AF_UNIX:
		return unix_len(a) == unix_len(b) &&
		    memcmp(as_un(a)->sun_path, as_un(b)->sun_path, unix_len(a)) == 0;
	default:
		return a->len == b->len && memcmp(&a->storage, &b->storage, a->len) == 0;
	}
}

int
sockname_unix(const struct endpoint *ep, struct sockname *ret_name, struct error *e)
{
	struct sockname name = { .len = 0 };
	struct sockaddr_un *un = (struct sockaddr_un *)(void *)&name.storage;

	/* One byte is for the NUL: after a path, before an abstract name. */
	if (ep->path_len >= sizeof(un->sun_path))
		return error_set(e, ERROR_USAGE,
		    "'unix:%s': a path of %zu bytes is too long for a unix socket (at most %zu)",
		    ep->path, ep->path_len, sizeof(un->sun_path) - 1);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path + (ep->abstract ? 1 : 0), ep->path, ep->path_len);
	name.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + ep->path_len + 1);
	*ret_name = name;
	return 0;
}

void
sockname_vsock(const struct endpoint *ep, struct sockname *ret_name)
{
	struct sockname name = { .len = sizeof(struct sockaddr_vm) };
	struct sockaddr_vm *vm = (struct sockaddr_vm *)(void *)&name.storage;
	int64_t port = 0;

	(void)parse_int(ep->port, 0, UINT32_MAX, &port, NULL);
	vm->svm_family = AF_VSOCK;
	vm->svm_cid = ep->cid;
	vm->svm_port = (uint32_t)port;
	*ret_name = name;
}

int
sockname_can(const struct endpoint *ep, struct sockname *ret_name, struct error *e)
{
	struct sockname name = { .len = sizeof(struct sockaddr_can) };
	struct sockaddr_can *can = (struct sockaddr_can *)(void *)&name.storage;

	can->can_family = AF_CAN;
	if (ep->host[0] != '\0') {
		can->can_ifindex = (int)if_nametoindex(ep->host);
		if (can->can_ifindex == 0)
			return error_errno(e, ERROR_NETWORK, errno, "can:%s", ep->host);
	}
	*ret_name = name;
	return 0;
}

void
sockname_line(const struct endpoint *ep, struct sockname *ret_name)
{
	struct sockname name = { .len = sizeof(struct sockaddr_un) };
	struct sockaddr_un *un = (struct sockaddr_un *)(void *)&name.storage;

	un->sun_family = SOCKNAME_LINE;
	snprintf(un->sun_path, sizeof(un->sun_path), "%s:%.100s",
	    ep->kind == ENDPOINT_TTY ? "tty" : "pty", ep->path);
	*ret_name = name;
}

bool
sockname_is_path(const struct sockname *name)
{
	return family_of(name) == AF_UNIX && unix_len(name) > 0 && as_un(name)->sun_path[0] != '\0';
}

#include "net/access/access.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/file.h"
#include "net/access/access_set.h"
#include "net/access/account.h"
#include "net/resolve/resolve.h"
#include "net/sys.h"

#define FILE_MAX (256u << 20)
/* The most that Linux gives a process (NGROUPS_MAX). */
#define GROUPS_MAX 65536

struct access {
	struct access_how how;
	struct access_set allow, deny;
	bool accounts, addresses;
};

/* A list that is being loaded. */
struct loading {
	struct access *access;
	struct access_set *set;
	struct deadline until;
	bool in_file;
};

/* ---- loading ---- */

static int
load_host(struct loading *g, const char *name, struct error *e)
{
	const struct resolve_how how = { .type = SOCK_STREAM };
	struct access_range range;
	struct resolved *list;
	size_t n, i;
	int rc = 0;

	if (g->access->how.targets)
		return access_set_add_host(g->set, name, e);
	if (name[0] == '*')
		return error_set(e, ERROR_USAGE,
		    "'%s': clients have addresses, and names are not looked up for them", name);
	if (resolve(g->access->how.loop, name, "", &how, g->until, &list, &n, e) < 0)
		return -1;
	for (i = 0; rc == 0 && i < n; i++)
		if (access_range_of(&list[i].name, &range))
			rc = access_set_add_range(g->set, &range, e);
	free(list);
	return rc;
}

static int
load_account(struct loading *g, const struct access_entry *entry, struct error *e)
{
	enum account_kind kind = entry->kind == ACCESS_UID ? ACCOUNT_USER : ACCOUNT_GROUP;
	uint32_t id;

	if (account_id(g->access->how.loop, kind, entry->name, g->until, &id, e) < 0)
		return -1;
	return access_set_add_id(g->set, entry->kind, id, e);
}

static int
load_entry(struct loading *g, const char *text, struct error *e)
{
	struct access_entry entry;

	if (access_entry_parse(text, &entry, e) < 0)
		return -1;
	if (!g->in_file && (entry.kind == ACCESS_UID || entry.kind == ACCESS_GID))
		g->access->accounts = true;
	else if (!g->in_file)
		g->access->addresses = true;
	switch (entry.kind) {
	case ACCESS_RANGE:
		return access_set_add_range(g->set, &entry.range, e);
	case ACCESS_OCTETS:
		return access_set_add_octets(g->set, &entry.octets, e);
	case ACCESS_UID:
	case ACCESS_GID:
		return load_account(g, &entry, e);
	case ACCESS_HOST:
		break;
	}
	return load_host(g, entry.name, e);
}

/* Loads the entries of a line, up to its comment. */
static int
load_line(struct loading *g, char *line, struct error *e)
{
	char *entry, *next = line;

	line[strcspn(line, "#")] = '\0';
	while ((entry = strsep(&next, " \t\r")) != NULL)
		if (entry[0] != '\0' && load_entry(g, entry, e) < 0)
			return -1;
	return 0;
}

static int
load_lines(struct loading *g, const char *path, char *text, struct error *e)
{
	unsigned number = 1;
	char *line, *next;

	for (line = text; line != NULL; line = next, number++) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (load_line(g, line, e) < 0)
			return error_prefix(e, "%s:%u", path, number);
	}
	return 0;
}

static int
read_list(const struct loading *g, const char *path, struct buf *text, struct error *e)
{
	struct file_source source = { .path = path, .wait = g->access->how.wait };
	int rc;

	source.fd = file_open(path, O_RDONLY, 0, e);
	if (source.fd < 0)
		return -1;
	rc = file_read_all(&source, text, e);
	sys_close(source.fd);
	if (rc == 0 && text->len > 0 && memchr(buf_head(text), '\0', text->len) != NULL)
		return error_set(e, ERROR_USAGE, "%s: it has a NUL byte: this is no text", path);
	return rc;
}

static int
load_file(struct loading *g, const char *path, struct error *e)
{
	struct buf text;
	char *lines;
	int rc;

	if (path[0] == '\0')
		return error_set(e, ERROR_USAGE, "'@': the name of a file is missing");
	buf_init(&text, FILE_MAX);
	rc = read_list(g, path, &text, e);
	lines = rc == 0 ? buf_text(&text, e) : NULL;
	g->in_file = true;
	rc = lines != NULL ? load_lines(g, path, lines, e) : -1;
	g->in_file = false;
	buf_fini(&text);
	return rc;
}

static int
load_list(struct access *a, const struct access_list *list, struct access_set *set,
    struct deadline until, struct error *e)
{
	struct loading g = { .access = a, .set = set, .until = until };
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < list->n; i++) {
		const char *entry = list->entries[i];

		rc = entry[0] == '@' ? load_file(&g, entry + 1, e) : load_entry(&g, entry, e);
	}
	if (rc < 0)
		return error_prefix(e, "%s", list->option);
	access_set_seal(set);
	return 0;
}

int
access_reload(struct access *a, struct deadline until, struct error *e)
{
	struct access_set allow, deny;

	access_set_init(&allow);
	access_set_init(&deny);
	if (load_list(a, &a->how.allow, &allow, until, e) < 0 ||
	    load_list(a, &a->how.deny, &deny, until, e) < 0) {
		access_set_fini(&allow);
		access_set_fini(&deny);
		return -1;
	}
	access_set_fini(&a->allow);
	access_set_fini(&a->deny);
	a->allow = allow;
	a->deny = deny;
	return 0;
}

int
access_open(struct access **ret_access, const struct access_how *how, struct deadline until,
    struct error *e)
{
	struct access *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	a->how = *how;
	access_set_init(&a->allow);
	access_set_init(&a->deny);
	if (access_reload(a, until, e) < 0) {
		access_close(a);
		return -1;
	}
	*ret_access = a;
	return 0;
}

void
access_close(struct access *a)
{
	if (a == NULL)
		return;
	access_set_fini(&a->allow);
	access_set_fini(&a->deny);
	free(a);
}

bool
access_names_accounts(const struct access *a)
{
	return a != NULL && a->accounts;
}

bool
access_names_addresses(const struct access *a)
{
	return a != NULL && a->addresses;
}

/* ---- look-ups ---- */

static bool
has_group(const struct access_set *s, int fd)
{
	gid_t *groups = NULL, none = 0;
	socklen_t len = 0;
	bool found = false;
	size_t i;

	/* fails with the length that it needs */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, &none, &len) == 0 || errno != ERANGE ||
	    len > GROUPS_MAX * sizeof(gid_t))
		return false;
	groups = malloc(len);
	if (groups != NULL && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == 0)
		for (i = 0; !found && i < len / sizeof(gid_t); i++)
			found = access_set_has_id(s, ACCESS_GID, groups[i]);
	free(groups);
	return found;
}

static bool
has_account(const struct access_set *s, int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (s->uids.len + s->gids.len == 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return false;
	return access_set_has_id(s, ACCESS_UID, cred.uid) ||
	    access_set_has_id(s, ACCESS_GID, cred.gid) || (s->gids.len > 0 && has_group(s, fd));
}

static bool
has_subject(const struct access_set *s, const struct access_subject *subject)
{
	struct access_range address;

	if (subject->name != NULL && access_range_of(subject->name, &address) &&
	    access_set_has_address(s, &address))
		return true;
	if (subject->host != NULL && access_set_has_host(s, subject->host))
		return true;
	return subject->fd >= 0 && has_account(s, subject->fd);
}

enum access_verdict
access_check(const struct access *a, const struct access_subject *subject)
{
	if (a == NULL)
		return ACCESS_ALLOWED;
	if (has_subject(&a->deny, subject))
		return ACCESS_DENIED;
	/* an empty file allows nobody */
	if (a->how.allow.n > 0 && !has_subject(&a->allow, subject))
		return ACCESS_NOT_ALLOWED;
	return ACCESS_ALLOWED;
}

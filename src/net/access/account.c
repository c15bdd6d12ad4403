#include "net/access/account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/parse.h"
#include "loop/worker.h"

/* A group with many members needs much room. */
#define ROOM_MIN (4u << 10)
#define ROOM_MAX (4u << 20)
/* The last one means "unchanged" to chown(2). */
#define ID_MAX (UINT32_MAX - 1)
#define NAME_LENGTH 256

struct lookup {
	struct worker worker; /* must be first */
	enum account_kind kind;
	char name[NAME_LENGTH];
	bool found;
	uint32_t id;
	int errnum; /* 0: the directory has no such name */
};

static void
lookup_free(struct worker *w)
{
	free(CONTAINER_OF(w, struct lookup, worker));
}

static void
set_found(struct lookup *job, uint32_t id)
{
	job->found = true;
	job->id = id;
}

static int
find_user(struct lookup *job, char *room, size_t n)
{
	struct passwd entry, *user = NULL;
	int errnum = getpwnam_r(job->name, &entry, room, n, &user);

	if (user != NULL)
		set_found(job, (uint32_t)user->pw_uid);
	return errnum;
}

static int
find_group(struct lookup *job, char *room, size_t n)
{
	struct group entry, *group = NULL;
	int errnum = getgrnam_r(job->name, &entry, room, n, &group);

	if (group != NULL)
		set_found(job, (uint32_t)group->gr_gid);
	return errnum;
}

static void
lookup_main(struct worker *w)
{
	struct lookup *job = CONTAINER_OF(w, struct lookup, worker);
	size_t n;
	char *room;

	job->errnum = ERANGE;
	for (n = ROOM_MIN; n <= ROOM_MAX && job->errnum == ERANGE; n *= 2) {
		room = malloc(n);
		if (room == NULL) {
			job->errnum = ENOMEM;
			return;
		}
		job->errnum =
		    job->kind == ACCOUNT_USER ? find_user(job, room, n) : find_group(job, room, n);
		free(room);
	}
}

/* getpwnam(3) lists the errno values that stand for "not found" in one directory or another. */
static bool
is_absent(int errnum)
{
	return errnum == 0 || errnum == ENOENT || errnum == ESRCH || errnum == EBADF ||
	    errnum == EPERM;
}

static int
account_result(const struct lookup *job, uint32_t *ret_id, struct error *e)
{
	const char *what = job->kind == ACCOUNT_USER ? "user" : "group";

	if (job->found) {
		*ret_id = job->id;
		return 0;
	}
	if (is_absent(job->errnum))
		return error_set(e, ERROR_USAGE, "no %s '%s'", what, job->name);
	return error_errno(e, ERROR_USAGE, job->errnum, "%s '%s'", what, job->name);
}

static int
look_up(struct loop *l, struct lookup *job, struct deadline until, uint32_t *ret_id,
    struct error *e)
{
	int rc = worker_run(&job->worker, l, until, e);

	if (rc == 1)
		return account_result(job, ret_id, e);
	if (rc == 0)
		return error_set(e, ERROR_TIMEOUT, "timed out: the directory did not answer");
	return -1;
}

int
account_id(struct loop *l, enum account_kind kind, const char *text, struct deadline until,
    uint32_t *ret_id, struct error *e)
{
	struct lookup *job;
	int64_t number;
	int rc;

	if (parse_is_digit(text[0]) && parse_int(text, 0, ID_MAX, &number, NULL) == 0) {
		*ret_id = (uint32_t)number;
		return 0;
	}
	if (text[0] == '\0' || strlen(text) >= NAME_LENGTH)
		return error_set(e, ERROR_USAGE, "'%.60s' is no %s", text,
		    kind == ACCOUNT_USER ? "user" : "group");
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	worker_init(&job->worker, lookup_main, lookup_free);
	job->kind = kind;
	snprintf(job->name, sizeof(job->name), "%s", text);
	rc = look_up(l, job, until, ret_id, e);
	worker_release(&job->worker);
	return rc;
}

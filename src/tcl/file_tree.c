#include "tcl/file_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tcl/eval.h"
#include "tcl/path.h"
#include "tcl/posix.h"

/* What a change of one file to another is called when it fails. */
struct change {
	struct interp *in;
	const char *one, *two; /* with one name, with both */
	struct value *from, *to;
};

struct list *
file_tree_names(struct interp *in, const char *path)
{
	DIR *d = opendir(path);
	struct list *l;
	struct dirent *entry;

	if (d == NULL)
		return NULL;
	l = list_new(&in->heap, 16);
	/* cppcheck-suppress readdirCalled ; a stream of our own is safe (readdir(3)) */
	while ((entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			list_push(&in->heap, &l, value_string(&in->heap, entry->d_name));
	}
	closedir(d);
	return l;
}

static struct value *
child_of(struct value *path, struct value *name)
{
	struct value *v = value_copy(path);

	value_append_char(v, '/');
	value_append_value(v, name);
	return v;
}

/* ---- deleting ---- */

/* 0, or -1 with errno and in *culprit the name, owned. */
static int
delete_tree(struct interp *in, struct value *path, bool force, struct value **culprit)
{
	const char *name = value_bytes(path, NULL);
	struct list *names = NULL;
	struct stat st;
	int rc = lstat(name, &st);

	if (rc == -1 && errno == ENOENT)
		return 0;
	if (rc == 0 && S_ISDIR(st.st_mode) && force && !heap_too_deep(&in->heap))
		names = file_tree_names(in, name);
	for (size_t i = 0; names != NULL && rc == 0 && i < names->n; i++) {
		struct value *child = child_of(path, names->items[i]);

		rc = delete_tree(in, child, force, culprit);
		value_unref(child);
	}
	if (names != NULL)
		list_unref(&in->heap, names);
	if (rc == 0)
		rc = S_ISDIR(st.st_mode) ? rmdir(name) : unlink(name);
	if (rc == -1 && *culprit == NULL)
		*culprit = value_ref(path);
	return rc;
}

int
file_tree_delete(struct interp *in, struct value *path, bool force)
{
	struct value *culprit = NULL;
	int rc = delete_tree(in, path, force, &culprit), number = errno;

	if (rc == 0)
		return TCL_OK;
	/* Linux says either, and tclsh both */
	if (number == ENOTEMPTY || number == EEXIST)
		interp_fail(in, "POSIX EEXIST {file already exists}", NULL,
		    "error deleting \"%v\": directory not empty", culprit);
	else
		posix_fail(in, number, "error deleting \"%v\"", culprit, NULL);
	value_unref(culprit);
	return TCL_ERROR;
}

/* ---- copying ---- */

static int
copy_bytes(int from, int to)
{
	char block[32768];
	ssize_t got, put, done;

	for (;;) {
		got = read(from, block, sizeof(block));
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			return (int)got;
		for (done = 0; done < got; done += put) {
			put = write(to, block + done, (size_t)(got - done));
			if (put == -1 && errno != EINTR)
				return -1;
			put = put == -1 ? 0 : put;
		}
	}
}

static int
copy_file(const char *from, const char *to, mode_t mode)
{
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK), out, rc = -1, number;

	if (in == -1)
		return -1;
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode & 0777);
	if (out != -1) {
		rc = copy_bytes(in, out);
		number = errno;
		if (close(out) == -1 && rc == 0)
			rc = -1;
		else
			errno = number;
	}
	number = errno;
	close(in);
	errno = number;
	return rc;
}

static int copy_tree(struct interp *in, struct value *from, struct value *to);

static int
copy_directory(struct interp *in, struct value *from, struct value *to, mode_t mode)
{
	struct list *names = file_tree_names(in, value_bytes(from, NULL));
	int rc = names == NULL || heap_too_deep(&in->heap) ? -1 : 0;

	if (rc == 0 && mkdir(value_bytes(to, NULL), mode & 0777) == -1 && errno != EEXIST)
		rc = -1;
	for (size_t i = 0; rc == 0 && i < names->n; i++) {
		struct value *a = child_of(from, names->items[i]),
			     *b = child_of(to, names->items[i]);

		rc = copy_tree(in, a, b);
		value_unref(a);
		value_unref(b);
	}
	if (names != NULL)
		list_unref(&in->heap, names);
	return rc;
}

static int
copy_tree(struct interp *in, struct value *from, struct value *to)
{
	struct stat st;

	if (stat(value_bytes(from, NULL), &st) == -1)
		return -1;
	if (S_ISDIR(st.st_mode))
		return copy_directory(in, from, to, st.st_mode);
	if (S_ISREG(st.st_mode))
		return copy_file(value_bytes(from, NULL), value_bytes(to, NULL), st.st_mode);
	errno = EINVAL;
	return -1;
}

/* Whether the change makes sense; TCL_ERROR with the error set. */
static int
check_change(const struct change *c, bool force)
{
	struct stat from, to;

	if (lstat(value_bytes(c->from, NULL), &from) == -1)
		return posix_fail(c->in, errno, c->one, c->from, NULL);
	if (lstat(value_bytes(c->to, NULL), &to) == -1)
		return TCL_OK;
	if (!force)
		return posix_fail(c->in, EEXIST, c->two, c->from, c->to);
	if (S_ISDIR(from.st_mode) != S_ISDIR(to.st_mode))
		return posix_fail(c->in, S_ISDIR(to.st_mode) ? EISDIR : ENOTDIR, c->two, c->from,
		    c->to);
	return TCL_OK;
}

int
file_tree_copy(struct interp *in, struct value *from, struct value *to, bool force)
{
	const struct change c = { in, "error copying \"%v\"", "error copying \"%v\" to \"%v\"",
		from, to };

	if (check_change(&c, force) != TCL_OK)
		return TCL_ERROR;
	return copy_tree(in, from, to) == 0 ? TCL_OK : posix_fail(in, errno, c.two, from, to);
}

int
file_tree_rename(struct interp *in, struct value *from, struct value *to, bool force)
{
	const struct change c = { in, "error renaming \"%v\"", "error renaming \"%v\" to \"%v\"",
		from, to };

	if (check_change(&c, force) != TCL_OK)
		return TCL_ERROR;
	if (rename(value_bytes(from, NULL), value_bytes(to, NULL)) == 0)
		return TCL_OK;
	/* to another file system */
	if (errno == EXDEV && copy_tree(in, from, to) == 0)
		return file_tree_delete(in, from, true);
	return posix_fail(in, errno, c.two, from, to);
}

#include "cli/output/files/written_files.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/core/cmd.h"
#include "cli/output/files/overwrite.h"

/* More than any command has. */
enum { FILES_MAX = 40 };

struct named_file {
	const char *dashes, *name; /* "--", "record"; "", "standard output" */
	const char *path;          /* NULL: standard input, output or error */
	enum opt_writes how;       /* what an option writes */
	bool writes, appends;
	bool exists;
	struct stat st; /* where it exists */
};

struct named_files {
	const void *values;
	bool append;
	struct named_file list[FILES_MAX];
	size_t n;
};

static void
add_named_file(struct named_files *files, const struct named_file *f)
{
	if (files->n < FILES_MAX)
		files->list[files->n++] = *f;
}

/* ---- options ---- */

static void
note_append(struct named_files *files, const struct opt *opt, const void *value)
{
	if (opt->kind == OPT_FLAG && strcmp(opt->name, "append") == 0)
		files->append = *(const bool *)value;
}

static bool
may_name_file(const struct opt *opt)
{
	return (opt->kind == OPT_TEXT || opt->kind == OPT_OPTIONAL_TEXT) &&
	    (opt->reach == REACH_FILE || opt->reach == REACH_TRUST || opt->reach == REACH_FILE_FD);
}

static void
add_named_by(struct named_files *files, const struct opt *opt, const void *text)
{
	const char *const *value = text;
	struct named_file f = { .dashes = "--", .name = opt->name };

	if (!may_name_file(opt) || *value == NULL || (*value)[0] == '\0' ||
	    (opt->reach == REACH_FILE_FD && strncmp(*value, "fd:", 3) == 0))
		return;
	f.path = *value;
	f.exists = stat(f.path, &f.st) == 0;
	f.how = opt->writes;
	f.writes = opt->writes != WRITES_NOTHING;
	f.appends = opt->writes == WRITES_DUMP && files->append;
	add_named_file(files, &f);
}

/* --allow @FILE */
static void
add_lists(struct named_files *files, const struct opt *opt, const void *value)
{
	const struct opt_list *list = value;

	if (opt->kind != OPT_LIST)
		return;
	for (size_t i = 0; i < list->n; i++) {
		struct named_file f = { .dashes = "--", .name = opt->name };

		if (list->items[i][0] != '@')
			continue;
		f.path = list->items[i] + 1;
		f.exists = stat(f.path, &f.st) == 0;
		add_named_file(files, &f);
	}
}

/* ---- standard descriptors ---- */

static void
add_standard_files(struct named_files *files)
{
	static const char *const names[] = { "standard input", "standard output",
		"standard error" };

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		struct named_file f = { .dashes = "", .name = names[fd] };

		f.exists = fstat(fd, &f.st) == 0;
		f.writes = fd != STDIN_FILENO;
		f.appends = f.writes && (fcntl(fd, F_GETFL) & O_APPEND) != 0;
		add_named_file(files, &f);
	}
}

/* ---- pairs ---- */

static bool
is_one_file(const struct named_file *a, const struct named_file *b)
{
	if (a->exists != b->exists)
		return false;
	if (!a->exists)
		return a->path != NULL && b->path != NULL && strcmp(a->path, b->path) == 0;
	return S_ISREG(a->st.st_mode) && a->st.st_dev == b->st.st_dev &&
	    a->st.st_ino == b->st.st_ino;
}

static int
check_pair(const struct named_file *a, const struct named_file *b, struct error *e)
{
	const struct named_file *writer = a->writes ? a : b, *other = a->writes ? b : a;
	const char *path = a->path != NULL ? a->path : b->path;

	if (!writer->writes || path == NULL || (a->appends && b->appends) || !is_one_file(a, b))
		return 0;
	/* what the shell has opened for writing was overwritten by it */
	if (!other->writes && writer->path == NULL)
		return 0;
	if (other->writes)
		error_set(e, ERROR_USAGE, "%s%s and %s%s: both write %s", a->dashes, a->name,
		    b->dashes, b->name, path);
	else
		error_set(e, ERROR_USAGE, "%s%s: would overwrite %s, which is read (%s%s)",
		    writer->dashes, writer->name, writer->path, other->dashes, other->name);
	return error_hint(e, "each wants a file of its own");
}

static int
check_pairs(const struct named_files *files, struct error *e)
{
	for (size_t i = 0; i < files->n; i++)
		for (size_t k = i + 1; k < files->n; k++)
			if (check_pair(&files->list[i], &files->list[k], e) < 0)
				return -1;
	return 0;
}

static int
check_contents(const struct named_files *files, struct error *e)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct named_file *f = &files->list[i];

		if (f->how != WRITES_NOTHING && overwrite_check(f->path, f->how, e) == -1)
			return error_prefix(e, "--%s", f->name);
	}
	return 0;
}

static void
for_each_value(struct named_files *files, const struct cmd *cmd,
    void (*fn)(struct named_files *files, const struct opt *opt, const void *value))
{
	for (const struct opt_group *g = cmd->groups; g->opts != NULL; g++)
		for (size_t i = 0; i < g->n; i++)
			fn(files, &g->opts[i],
			    (const char *)files->values + g->base + g->opts[i].offset);
}

static void
collect(struct named_files *files, const struct cmd *cmd)
{
	for_each_value(files, cmd, note_append);
	for_each_value(files, cmd, add_named_by);
	for_each_value(files, cmd, add_lists);
}

int
written_files_check(const struct cmd *cmd, const void *values, struct error *e)
{
	struct named_files files = { .values = values };

	collect(&files, cmd);
	if (files.n > 0)
		add_standard_files(&files);
	return check_pairs(&files, e) == -1 ? -1 : check_contents(&files, e);
}

int
written_files_check_input(const struct cmd *cmd, const void *values, const char *what,
    const char *path, struct error *e)
{
	struct named_files files = { .values = values };
	struct named_file input = { .dashes = "", .name = what, .path = path };

	collect(&files, cmd);
	input.exists = stat(path, &input.st) == 0;
	add_named_file(&files, &input);
	return check_pairs(&files, e);
}
